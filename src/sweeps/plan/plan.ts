/** What a run would do, before any work: distinct stages, hits, time and disk, and why each would run. */
import { availableParallelism } from 'node:os';
import { describe, graphOf, inputNodes, type Known, known, type Node, type Resolved, resolve } from '../run/graph';
import { boundStages, type Targets } from '../run/run';
import { machineName } from '../run/task';
import type { Code } from '../stage/source';
import type { AnyStage } from '../stage/stage';
import { Store } from '../store/store';
import { type Change, changeText, Explainer, noteCode } from './explain';
import { type PastCost, pastCost } from './history';
import type { Sweep } from './sweep';

/** What a plan says of one node. */
export interface PlannedNode {
  /** Stage and parameters. */
  label: string;
  stage: string;
  /** `hit`: in the store. `run`: to do. `waits`: its key depends on what its inputs give, so it may yet be a hit. */
  state: 'hit' | 'run' | 'waits';
  /** Pieces of work (1 unless the stage is mapped), and how many of them are in the store. */
  pieces: number;
  hits: number;
  /** Why it runs, one reason a line. Only with `explain`, or in the nodes that don't run. */
  reasons: string[];
  /** The same field by field, against the most alike work of before. */
  changes: Change[];
}

/** One stage's line: over all of its nodes. */
export interface PlannedStage {
  stage: string;
  nodes: number;
  pieces: number;
  hits: number;
  /** At most so many pieces to do. */
  toRun: number;
  cost: PastCost | undefined;
}

export interface Range {
  low: number;
  median: number;
  high: number;
}

export interface Plan {
  /** Targets asked for. */
  runs: number;
  /** Targets whose result is in the store. */
  runsDone: number;
  /** Each distinct node, inputs first. */
  nodes: PlannedNode[];
  stages: PlannedStage[];
  hits: number;
  toRun: number;
  /** Seconds of work if one worker did everything. Stages that never ran aren't in it: see `unknown`. */
  seconds: Range;
  /** The same over the workers (no less than `seconds / workers`). */
  wall: Range;
  workers: number;
  /** Bytes that would be added. */
  bytes: number;
  /** Stages to run that never ran before: nobody knows their cost. */
  unknown: string[];
}

export interface PlanOptions {
  store?: Store;
  /** Say for each stage what changed since it last ran. Default: false. */
  explain?: boolean;
  /** Workers to reckon the time for. Default: the processor's threads. */
  workers?: number;
}

/** Plans a sweep or bound stages. Nothing runs, and of the store only records are read. */
export async function plan(what: Sweep | Targets, options: PlanOptions = {}): Promise<Plan> {
  const { store = new Store(), explain = false, workers = availableParallelism() } = options;
  const targets = isSweep(what) ? what.points.map(({ target }) => target) : boundStages(what);
  const nodes = graphOf(targets);
  const { found, states } = await survey(store, nodes);
  const explainer = explain ? new Explainer(store) : undefined;
  const planned = nodes.map((node) => plannedNode(node, found.get(node), states, explainer));

  const lines = new Map<string, PlannedStage>();
  for (const node of planned) {
    let line = lines.get(node.stage);
    if (!line) {
      line = { stage: node.stage, nodes: 0, pieces: 0, hits: 0, toRun: 0, cost: undefined };
      lines.set(node.stage, line);
    }
    line.nodes++;
    line.pieces += node.pieces;
    line.hits += node.hits;
    line.toRun += node.pieces - node.hits;
  }
  const machine = machineName();
  const stages = [...lines.values()];
  for (const line of stages) line.cost = pastCost(store, line.stage, machine);
  const seconds = { low: 0, median: 0, high: 0 };
  let bytes = 0;
  for (const { cost, toRun } of stages) {
    if (!cost) continue;
    seconds.low += cost.low * toRun;
    seconds.median += cost.median * toRun;
    seconds.high += cost.high * toRun;
    bytes += cost.bytes * toRun;
  }
  const index = new Map(nodes.map((node, i) => [node.bound.id, planned[i]!]));
  return {
    runs: targets.length,
    runsDone: targets.filter(({ id }) => index.get(id)?.state === 'hit').length,
    nodes: planned,
    stages,
    hits: stages.reduce((sum, { hits }) => sum + hits, 0),
    toRun: stages.reduce((sum, { toRun }) => sum + toRun, 0),
    seconds,
    wall: { low: seconds.low / workers, median: seconds.median / workers, high: seconds.high / workers },
    workers,
    bytes,
    unknown: stages.filter(({ cost, toRun }) => !cost && toRun > 0).map(({ stage }) => stage),
  };
}

/** What the store holds of each node: its keys where they can be known, and which nodes have to run. */
export async function survey(store: Store, nodes: readonly Node[]) {
  const codes = new Map<AnyStage, Code>();
  for (const stage of new Set(nodes.map((node) => node.stage))) {
    const code = await stage.code();
    codes.set(stage, code);
    await noteCode(store, code);
  }
  const found = new Map<Node, Resolved>();
  const done = new Map<Node, Known>();
  for (const node of nodes) {
    if (!inputNodes(node).every((input) => done.has(input))) continue;
    const resolved = resolve(store, node, codes.get(node.stage)!, (input) => done.get(input)!.output);
    found.set(node, resolved);
    const whole = known(resolved);
    if (whole) done.set(node, whole);
  }
  // A record whose bytes are gone matters only where somebody has to read them: from the users back to the inputs.
  const states = new Map<Node, 'hit' | 'run' | 'waits'>();
  const wanted = new Set<Node>();
  const users = new Set(nodes.flatMap(inputNodes));
  for (const node of [...nodes].reverse()) {
    const whole = done.get(node);
    const read = wanted.has(node) || !users.has(node);
    const there = whole && (!read || whole.records.every((record) => store.available(record)));
    const state = there ? 'hit' : found.has(node) ? 'run' : 'waits';
    states.set(node, state);
    if (state !== 'hit') for (const input of inputNodes(node)) wanted.add(input);
  }
  return { found, done, states };
}

function plannedNode(
  node: Node,
  resolved: Resolved | undefined,
  states: ReadonlyMap<Node, 'hit' | 'run' | 'waits'>,
  explainer: Explainer | undefined,
): PlannedNode {
  const state = states.get(node)!;
  const pieces = node.bound.items?.length ?? 1;
  const hits = state === 'hit' ? pieces : (resolved?.pieces && resolved.records.filter(Boolean).length) || 0;
  const planned = { label: describe(node), stage: node.stage.name, state, pieces, hits, changes: [] as Change[] };
  if (state === 'hit' || !explainer) return { ...planned, reasons: [] };
  if (!resolved) {
    const waiting = inputNodes(node).filter((input) => states.get(input) !== 'hit');
    return {
      ...planned,
      reasons: [
        `waits for ${[...new Set(waiting.map((input) => input.stage.name))].join(', ')}; a hit if they give what they gave before`,
      ],
    };
  }
  if (resolved.records.every(Boolean)) return { ...planned, reasons: ['its output is no longer in the store'] };
  const firstMissing = resolved.records.findIndex((record) => !record);
  const item = resolved.pieces?.[firstMissing]?.identity;
  const changes = explainer.changes(
    item === undefined ? resolved.material : { ...resolved.material, item: item as never },
  );
  if (!changes) return { ...planned, reasons: ['it never ran'] };
  const reasons = changes.filter(({ field }) => field !== 'item').map(changeText);
  const missing = resolved.records.filter((record) => !record).length;
  if (resolved.pieces && reasons.length === 0) reasons.push(`${missing} of ${pieces} items are new`);
  return { ...planned, changes, reasons };
}

/** Whether it's a declared sweep, and not bound stages by name or something else. */
export function isSweep(what: unknown): what is Sweep {
  const { points, measure } = (what ?? {}) as Partial<Sweep>;
  return Array.isArray(points) && typeof measure === 'function';
}
