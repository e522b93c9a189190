/** `run`: the outputs of bound stages, from the store where they are there. */
import { cellSignal } from '../../common';
import { sha256 } from '../canonical';
import { RunStoppedError } from '../errors';
import type { OnProgress } from '../stage/context';
import { BoundStage } from '../stage/stage';
import { Store } from '../store/store';
import { type Executor, InProcessExecutor } from './executor';
import { describe } from './graph';
import { keepRun, sayUnwritten } from './record-run';
import { Scheduler } from './scheduler';

/** Bound stages in the shape the caller likes: one, a list, or named. */
export type Targets = BoundStage | readonly BoundStage[] | Readonly<Record<string, BoundStage>>;
/** The outputs, in the same shape. */
export type Outputs<T extends Targets> =
  T extends BoundStage<infer O> ? O : { -readonly [K in keyof T]: T[K] extends BoundStage<infer O> ? O : never };

export interface RunOptions {
  /** Default: the project's store. */
  store?: Store;
  /** Default: this process, one task at a time. */
  executor?: Executor;
  /** Default: the notebook cell's signal, where there is one. */
  signal?: AbortSignal;
  onProgress?: OnProgress;
  /** Lines that stages log. Default: dropped. */
  onLog?: (line: string) => void;
}

/** What one node of a run came to. */
export interface StageReport {
  /** Stage and parameters. */
  label: string;
  stage: string;
  /** Pieces (1 unless the stage is mapped): found in the store, and worked out now. */
  hits: number;
  misses: number;
  /** Wall time of what was worked out now. */
  seconds: number;
  /** What was damaged in the store and has been remade. */
  remade: string[];
}

export interface RunReport<T extends Targets> {
  /** The targets' outputs, in the targets' shape. */
  output: Outputs<T>;
  /** Pieces of work found in the store. */
  hits: number;
  /** Pieces of work done now. */
  misses: number;
  /** Wall time of everything. */
  seconds: number;
  /** Each distinct node, inputs first. */
  stages: StageReport[];
}

/**
 * Runs what the store doesn't hold yet and reads the outputs. The first failure stops it; what was finished is kept.
 * @throws StageFailedError
 */
export async function run<const T extends Targets>(targets: T, options: RunOptions = {}): Promise<RunReport<T>> {
  const { store = new Store(), executor = new InProcessExecutor(store), onProgress, onLog } = options;
  const { signal = cellSignal() ?? new AbortController().signal } = options;
  const started = performance.now();
  const bound = boundStages(targets);
  const reports = new Map<string, StageReport>();
  /** Pieces of all nodes of a stage: done, and to do. */
  const work = new Map<string, { done: number; total: number }>();
  const toDo = (stage: string): { done: number; total: number } => {
    const bar = work.get(stage) ?? { done: 0, total: 0 };
    work.set(stage, bar);
    return bar;
  };
  let done = 0;
  const scheduler = new Scheduler(bound, {
    store,
    executor,
    signal,
    maxFailures: 0,
    retries: 2,
    log: onLog ?? (() => undefined),
    onEvent(event) {
      const { id } = event.node.bound;
      let report = reports.get(id);
      if (!report) {
        report = { label: describe(event.node), stage: event.stage, hits: 0, misses: 0, seconds: 0, remade: [] };
        reports.set(id, report);
      }
      if (event.type === 'hit') report.hits = event.pieces;
      if (event.type === 'queued') {
        Object.assign(report, { hits: event.hits, misses: event.pieces });
        toDo(event.stage).total += event.pieces;
      }
      if (event.type === 'done') report.seconds += event.seconds;
      if (event.type === 'remade') report.remade.push(event.damage);
      const total = scheduler.nodes.length;
      if (event.type === 'hit' || event.type === 'done') done = Math.min(done + 1, total);
      if (event.type === 'progress') onProgress?.(event.progress);
      else if (event.type === 'piece') {
        const bar = toDo(event.stage);
        bar.done += event.pieces;
        // What is made again, since it was damaged, comes on top.
        bar.total = Math.max(bar.total, bar.done);
        onProgress?.({ label: event.stage, ...bar });
      } else onProgress?.({ label: 'stages', done, total });
    },
  });
  scheduler.start();
  const keeper = keepRun(store, `run-${sha256(bound.map(({ id }) => id).join()).slice(0, 12)}`, scheduler);
  const outputs = await Promise.all(bound.map((target) => scheduler.value(target))).catch(async (error: unknown) => {
    // What was finished stays kept; that this can't be written is the lesser news.
    await keeper.close(false).catch(() => undefined);
    throw error instanceof RunStoppedError ? error.cause : error;
  });
  await keeper.close(true).catch((error: unknown) => sayUnwritten(error, onLog));
  const stages = scheduler.nodes.map(({ bound: { id } }) => reports.get(id)!);
  return {
    output: inShapeOf(targets, outputs),
    hits: sum(stages.map(({ hits }) => hits)),
    misses: sum(stages.map(({ misses }) => misses)),
    seconds: (performance.now() - started) / 1000,
    stages,
  };
}

/** The bound stages of targets of any shape. */
export function boundStages(targets: Targets): BoundStage[] {
  if (targets instanceof BoundStage) return [targets];
  return Array.isArray(targets) ? [...(targets as BoundStage[])] : Object.values(targets as Record<string, BoundStage>);
}

function inShapeOf<T extends Targets>(targets: T, outputs: unknown[]): Outputs<T> {
  if (targets instanceof BoundStage) return outputs[0] as Outputs<T>;
  if (Array.isArray(targets)) return outputs as Outputs<T>;
  return Object.fromEntries(Object.keys(targets).map((name, i) => [name, outputs[i]])) as Outputs<T>;
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
