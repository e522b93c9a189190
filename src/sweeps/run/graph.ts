/** The distinct nodes of what was asked for, inputs before their users. */
import type { Json } from '../canonical';
import { keyOf, pieceMaterial } from '../stage/key';
import type { Code } from '../stage/source';
import { type AnyStage, BoundStage } from '../stage/stage';
import { listHash } from '../store/lists';
import type { KeyMaterial, StageRecord } from '../store/record';
import type { Store } from '../store/store';
import type { Piece, ValueReference } from './task';

export interface Node {
  bound: BoundStage;
  stage: AnyStage;
  inputs: Record<string, Node | Node[]>;
}

/** What the store holds of a node whose inputs are known. */
export interface Resolved {
  material: KeyMaterial;
  key: string;
  pieces: Piece[] | undefined;
  /** One for the node, or one per piece; undefined where the work isn't done. */
  records: (StageRecord | undefined)[];
}

/** A node whose records are all there. */
export interface Known extends Resolved {
  records: StageRecord[];
  /** Hash of its output: what its users' keys are made of. */
  output: string;
}

/** All nodes that the targets need, once each, inputs first. */
export function graphOf(targets: readonly BoundStage[]): Node[] {
  const nodes = new Map<string, Node>();
  const order: Node[] = [];
  // By a stack of its own: a chain may be longer than the call stack.
  const stack: { bound: BoundStage; entered: boolean }[] = [...targets]
    .reverse()
    .map((bound) => ({ bound, entered: false }));
  while (stack.length > 0) {
    const top = stack.at(-1)!;
    const { bound } = top;
    if (nodes.has(bound.id)) {
      stack.pop();
      continue;
    }
    if (!top.entered) {
      top.entered = true;
      for (const dependency of dependenciesOf(bound).reverse()) {
        if (!nodes.has(dependency.id)) stack.push({ bound: dependency, entered: false });
      }
      continue;
    }
    stack.pop();
    const inputs: Node['inputs'] = {};
    for (const [name, value] of Object.entries(bound.inputs)) {
      inputs[name] = value instanceof BoundStage ? nodes.get(value.id)! : value.map(({ id }) => nodes.get(id)!);
    }
    const node = { bound, stage: bound.stage, inputs };
    nodes.set(bound.id, node);
    order.push(node);
  }
  return order;
}

function dependenciesOf(bound: BoundStage): BoundStage[] {
  return Object.values(bound.inputs).flatMap((value) => (value instanceof BoundStage ? [value] : [...value]));
}

/** The nodes that a node takes. */
export function inputNodes(node: Node): Node[] {
  return Object.values(node.inputs).flat();
}

/** Makes a node's keys, its inputs' outputs being known, and looks them up. */
export function resolve(store: Store, node: Node, code: Code, outputOf: (input: Node) => string): Resolved {
  const { bound } = node;
  const { name: stage } = node.stage;
  const inputs: KeyMaterial['inputs'] = {};
  for (const [name, value] of Object.entries(node.inputs)) {
    inputs[name] = Array.isArray(value) ? value.map(outputOf) : outputOf(value);
  }
  const material = materialOf(node, code, inputs);
  if (!bound.items) {
    const key = keyOf(material);
    return { material, key, pieces: undefined, records: [store.record(stage, key)] };
  }
  const pieces = bound.items.map(({ item, identity }) => ({
    item,
    identity,
    key: keyOf(pieceMaterial(material, identity)),
  }));
  const known = new Map<string, StageRecord | undefined>();
  for (const { key } of pieces) if (!known.has(key)) known.set(key, store.record(stage, key));
  const records = pieces.map(({ key }) => known.get(key));
  return { material, key: keyOf({ ...material, item: null }), pieces, records };
}

/** What a node's key is made of. */
export function materialOf({ bound, stage }: Node, code: Code, inputs: KeyMaterial['inputs']): KeyMaterial {
  const parameters = bound.parameters as KeyMaterial['parameters'];
  return { stage: stage.name, version: stage.version, code: code.hash, parameters, inputs };
}

/** The node with its output's hash, if all of its records are there. */
export function known(resolved: Resolved): Known | undefined {
  const records = resolved.records.filter((record) => record !== undefined);
  if (records.length < resolved.records.length) return undefined;
  const output = resolved.pieces ? listHash(records.map((record) => record.output)) : records[0]!.output;
  return { ...resolved, records, output };
}

/** Where a node's output is, for a task that takes it. */
export function referenceTo(node: Node, { key, pieces }: Resolved): ValueReference {
  const stage = node.stage.name;
  return pieces ? { stage, pieces: pieces.map((piece) => piece.key) } : { stage, key };
}

/** A node in words: its stage and what tells it apart. */
export function describe(node: Node): string {
  const { parameters, items } = node.bound;
  const short = (value: Json) => (typeof value === 'object' ? JSON.stringify(value) : String(value));
  const fields = Object.entries((parameters ?? {}) as Record<string, Json>).map(
    ([name, value]) => `${name}=${short(value)}`,
  );
  const text = fields.join(' ');
  return `${node.stage.name}(${text.length > 80 ? `${text.slice(0, 79)}…` : text})${items ? ` × ${items.length}` : ''}`;
}
