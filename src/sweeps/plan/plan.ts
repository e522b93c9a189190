/** What a run would do, before any work: distinct stages, hits, time and disk, and why each would run. */
import { availableParallelism } from 'node:os';
import { groupBy } from '../../common';
import {
  describe,
  graphOf,
  inputNodes,
  type Known,
  known,
  materialOf,
  type Node,
  type Resolved,
  resolve,
} from '../run/graph';
import { boundStages, type Targets } from '../run/run';
import { machineName } from '../run/task';
import { pieceMaterial } from '../stage/key';
import type { Code } from '../stage/source';
import type { AnyStage, BoundStage } from '../stage/stage';
import { Store } from '../store/store';
import { type Change, changeText, Explainer, noteCode } from './explain';
import { meanCost, type PastCost, PastCosts } from './history';
import type { Sweep } from './sweep';

/** What a plan says of one node. */
export interface PlannedNode {
  /** Of the bound stage. */
  id: string;
  /** Stage and parameters. */
  label: string;
  stage: string;
  /** `hit`: in the store. `run`: to do. `waits`: its key depends on what its inputs give, so it may yet be a hit. */
  state: 'hit' | 'run' | 'waits';
  /** Pieces of work (1 unless the stage is mapped), and how many of them are in the store. */
  pieces: number;
  hits: number;
  /** Why it runs, one reason per line. Only with `explain`, or in the nodes that don't run. */
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
  /** Threads of one task. */
  threads: number;
  /** Of a piece to do (of any piece where none is): the mean over the nodes. Undefined where the stage never ran. */
  cost: PastCost | undefined;
}

type States = Map<Node, PlannedNode['state']>;

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
  /** Seconds of work for a single worker, without stages that never ran: see `unknown`. */
  seconds: Range;
  /** The same over the workers, as many at once as a stage's threads allow. */
  wall: Range;
  workers: number;
  /** Bytes that would be added. */
  bytes: number;
  /** Stages to run that never ran before, so that their cost is unknown. */
  unknown: string[];
}

export interface PlanOptions {
  store?: Store;
  /** Say for each stage what changed since it last ran. Default: false. */
  explain?: boolean;
  /** Worker processes assumed for the time estimate. Default: one per thread. */
  workers?: number;
  /** Threads of all workers together. Default: the processor's. */
  threads?: number;
}

/** Plans a sweep or bound stages. Nothing runs, and of the store only records are read. */
export async function plan(what: Sweep | Targets, options: PlanOptions = {}): Promise<Plan> {
  const targets = isSweep(what) ? what.points.map(({ target }) => target) : boundStages(what);
  return planOf(targets, await reckoned(targets, options), options);
}

/** Several sweeps one after the other: what they share counts once, for the first that needs it. */
export interface JointPlan {
  /** Of each sweep, what those before it leave to do. */
  sweeps: { name: string; plan: Plan }[];
  whole: Plan;
}

/** Plans sweeps that are run one after the other. */
export async function planTogether(sweeps: readonly Sweep[], options: PlanOptions = {}): Promise<JointPlan> {
  const targetsOf = ({ points }: Sweep) => points.map(({ target }) => target);
  const all = sweeps.flatMap(targetsOf);
  const nodes = await reckoned(all, options);
  const byId = new Map(nodes.map((node) => [node.planned.id, node]));
  const counted = new Set<string>();
  return {
    sweeps: sweeps.map((sweep) => {
      const targets = targetsOf(sweep);
      const own = graphOf(targets)
        .map(({ bound }) => bound.id)
        .filter((id) => !counted.has(id));
      for (const id of own) counted.add(id);
      const left = own.map((id) => byId.get(id)!);
      return { name: sweep.name, plan: planOf(targets, left, options, byId) };
    }),
    whole: planOf(all, nodes, options),
  };
}

/** A node with what its pieces cost. */
interface ReckonedNode {
  planned: PlannedNode;
  threads: number;
  cost: PastCost | undefined;
}

/** Every node of the targets, inputs first, as it stands in the store. */
async function reckoned(
  targets: readonly BoundStage[],
  { store = new Store(), explain = false }: PlanOptions,
): Promise<ReckonedNode[]> {
  const nodes = graphOf(targets);
  const { codes, found, states } = await survey(store, nodes);
  const planned = nodes.map((node) => plannedNode(node, found.get(node), states));
  if (explain) {
    const explainer = new Explainer(store);
    for (const [i, node] of nodes.entries()) {
      if (planned[i]!.state === 'hit') continue;
      const code = codes.get(node.stage)!;
      Object.assign(planned[i]!, reasonsOf(node, { code, resolved: found.get(node), states, explainer }));
    }
  }
  const costs = new PastCosts(store, machineName());
  return nodes.map((node, i) => {
    // What this very node has done already says the most about its rest.
    const own = found.get(node)?.records.filter((record) => record !== undefined) ?? [];
    const { stage, bound } = node;
    const amount = stage.amount(bound.parameters, bound.unkeyed);
    const cost = costs.costOf(own) ?? costs.alike(stage.name, bound.parameters, amount);
    return { planned: planned[i]!, threads: stage.resources(bound.parameters).threads, cost };
  });
}

/** Sums over nodes. @param known where the targets are found, if they are more than the nodes */
function planOf(
  targets: readonly BoundStage[],
  nodes: readonly ReckonedNode[],
  { threads = availableParallelism(), workers = threads }: PlanOptions,
  known: ReadonlyMap<string, ReckonedNode> = new Map(nodes.map((node) => [node.planned.id, node])),
): Plan {
  const stages = [...groupBy(nodes, ({ planned }) => planned.stage).values()].map(stageLine);
  const seconds = { low: 0, median: 0, high: 0 };
  const wall = { low: 0, median: 0, high: 0 };
  let bytes = 0;
  for (const { cost, toRun, threads: each } of stages) {
    if (!cost) continue;
    const atOnce = Math.max(1, Math.min(workers, Math.floor(threads / each)));
    for (const which of ['low', 'median', 'high'] as const) {
      seconds[which] += cost[which] * toRun;
      wall[which] += (cost[which] * toRun) / atOnce;
    }
    bytes += cost.bytes * toRun;
  }
  return {
    runs: targets.length,
    runsDone: targets.filter(({ id }) => known.get(id)?.planned.state === 'hit').length,
    nodes: nodes.map(({ planned }) => planned),
    stages,
    hits: stages.reduce((sum, { hits }) => sum + hits, 0),
    toRun: stages.reduce((sum, { toRun }) => sum + toRun, 0),
    seconds,
    wall,
    workers,
    bytes,
    unknown: stages.filter(({ cost, toRun }) => !cost && toRun > 0).map(({ stage }) => stage),
  };
}

/** The line of a stage over its nodes, of which there is at least one. */
function stageLine(nodes: readonly ReckonedNode[]): PlannedStage {
  const [{ planned, threads }] = nodes as [ReckonedNode, ...ReckonedNode[]];
  const sum = (of: (node: PlannedNode) => number) => nodes.reduce((total, node) => total + of(node.planned), 0);
  const costed = nodes.flatMap(({ planned: { pieces, hits }, cost }) =>
    cost ? [{ cost, pieces: pieces - hits }] : [],
  );
  return {
    stage: planned.stage,
    nodes: nodes.length,
    pieces: sum(({ pieces }) => pieces),
    hits: sum(({ hits }) => hits),
    toRun: sum(({ pieces, hits }) => pieces - hits),
    threads,
    cost: meanCost(costed) ?? meanCost(costed.map(({ cost }) => ({ cost, pieces: 1 }))),
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
  const states: States = new Map();
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
  return { codes, found, done, states };
}

function plannedNode(node: Node, resolved: Resolved | undefined, states: States): PlannedNode {
  const state = states.get(node)!;
  const pieces = node.bound.items?.length ?? 1;
  const hits = state === 'hit' ? pieces : (resolved?.pieces && resolved.records.filter(Boolean).length) || 0;
  return {
    id: node.bound.id,
    label: describe(node),
    stage: node.stage.name,
    state,
    pieces,
    hits,
    changes: [],
    reasons: [],
  };
}

/** Why a node isn't a hit. */
function reasonsOf(
  node: Node,
  {
    code,
    resolved,
    states,
    explainer,
  }: { code: Code; resolved: Resolved | undefined; states: States; explainer: Explainer },
): Pick<PlannedNode, 'reasons' | 'changes'> {
  if (!resolved) {
    // What it will get isn't known yet; what it is itself may have changed too.
    const changes = explainer.changes(materialOf(node, code, {}), { inputs: false });
    const waiting = inputNodes(node).filter((input) => states.get(input) !== 'hit');
    const waits = `waits for ${[...new Set(waiting.map((input) => input.stage.name))].join(', ')}`;
    if (!changes) return { changes: [], reasons: ['it never ran', waits] };
    const own = changes.map(changeText);
    return {
      changes,
      reasons: own.length > 0 ? [...own, waits] : [`${waits}; a hit if they give what they gave before`],
    };
  }
  if (resolved.records.every(Boolean)) return { changes: [], reasons: ['its output is no longer in the store'] };
  const firstMissing = resolved.records.findIndex((record) => !record);
  const item = resolved.pieces?.[firstMissing]?.identity;
  const changes = explainer.changes(item === undefined ? resolved.material : pieceMaterial(resolved.material, item));
  if (!changes) return { changes: [], reasons: ['it never ran'] };
  const reasons = changes.filter(({ field }) => field !== 'item').map(changeText);
  const missing = resolved.records.filter((record) => !record).length;
  if (resolved.pieces && reasons.length === 0) reasons.push(`${missing} of ${resolved.pieces.length} items are new`);
  return { changes, reasons };
}

/** Whether it's a declared sweep, and not bound stages by name or something else. */
export function isSweep(what: unknown): what is Sweep {
  const { points, measure } = (what ?? {}) as Partial<Sweep>;
  return Array.isArray(points) && typeof measure === 'function';
}
