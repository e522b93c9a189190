/** Runs a sweep: keep going past failures, rows as they come, the same call again to resume. */
import { cellSignal } from '../../common';
import { asError, RunCancelledError, RunStoppedError, StageFailedError, StageSkippedError } from '../errors';
import { LocalExecutor } from '../executors/local';
import { plan, survey } from '../plan/plan';
import { SweepResults } from '../plan/results';
import type { Row } from '../plan/row';
import type { Point, Settings, Sweep } from '../plan/sweep';
import type { OnProgress } from '../stage/context';
import { Store } from '../store/store';
import { readRun, type RunRecord } from '../store/run-record';
import type { Executor } from './executor';
import { graphOf, referenceTo } from './graph';
import { measuresOf } from './measures';
import { keepRun, sayUnwritten } from './record-run';
import { type RunEvent, Scheduler } from './scheduler';
import { Tally } from './tally';
import { readValue } from './task';

export interface RunSweepOptions {
  /** Default: the project's store. */
  store?: Store;
  /** Default: worker processes of this machine, one per thread. One that's passed in isn't closed. */
  executor?: Executor;
  /** Default: the notebook cell's signal, where there is one. */
  signal?: AbortSignal;
  /** Failures after which nothing new starts. Default: Infinity (keep going); 0 stops at the first. */
  maxFailures?: number;
  /** Times a task is tried again after its process was lost. Default: 5. */
  retries?: number;
  /** Overall (`runs`, with an estimate of the time left) and for each stage. */
  onProgress?: OnProgress;
  /** Called with all rows whenever one comes in: draw a chart with it. */
  onResults?: (results: SweepResults, row: Row) => void;
  /** Everything that happens. */
  onEvent?: (event: RunEvent) => void;
  /** Lines that stages print. */
  onLog?: (line: string) => void;
}

export interface SweepRun {
  results: SweepResults;
  /** Pieces of work found in the store, and worked out now. */
  hits: number;
  misses: number;
  /** Attempts lost and repeated, artifacts remade. */
  retries: number;
  remade: number;
  seconds: number;
}

/**
 * Works out every point of a sweep that the store doesn't hold. A failure leaves out what depends on it and nothing
 * else; the same call again tries failed and missing points again, and only these.
 */
export async function runSweep<S extends Settings, O>(
  sweep: Sweep<S, O>,
  options: RunSweepOptions = {},
): Promise<SweepRun> {
  const { store = new Store(), maxFailures = Number.POSITIVE_INFINITY, retries = 5 } = options;
  // A listener that throws ends the run too.
  const stop = new AbortController();
  const given = options.signal ?? cellSignal();
  const signal = given ? AbortSignal.any([given, stop.signal]) : stop.signal;
  const executor = options.executor ?? new LocalExecutor(store);
  const started = performance.now();
  const tally = new Tally(await plan(sweep as unknown as Sweep, { store }), sweep.points.length, options.onProgress);
  const rows: Row[] = sweep.points.map((point) => ({
    point: point as unknown as Point,
    status: 'missing',
    measures: {},
  }));
  const results = new SweepResults(sweep, rows);
  const scheduler = new Scheduler(
    sweep.points.map(({ target }) => target),
    {
      store,
      executor,
      signal,
      maxFailures,
      retries,
      log: options.onLog ?? (() => undefined),
      onEvent(event) {
        tally.event(event);
        options.onEvent?.(event);
      },
    },
  );
  const keeper = keepRun(store, sweep.name, scheduler, () => recordOf(rows, scheduler));
  try {
    scheduler.start();
    await Promise.all(
      sweep.points.map(async ({ target }, i) => {
        const row = rows[i]!;
        try {
          row.measures = measuresOf(sweep, (await scheduler.value(target)) as O);
          row.status = 'done';
        } catch (error) {
          const failure = signal.aborted ? undefined : failureOf(error);
          if (!failure) return;
          row.status = 'failed';
          row.error = failure.error;
          row.log = failure.log;
        }
        if (stop.signal.aborted) return; // a listener threw in the same turn: it hears nothing more
        try {
          tally.run();
          options.onResults?.(results, row);
        } catch (error) {
          stop.abort(error);
          throw error;
        }
      }),
    );
  } catch (error) {
    stop.abort(error);
    throw error;
  } finally {
    if (!options.executor) await executor.close();
    const hasEnded = rows.every(({ status }) => status !== 'missing');
    await keeper.close(hasEnded).catch((error: unknown) => sayUnwritten(error, options.onLog));
  }
  signal.throwIfAborted();
  const { hits, misses, retried, remade } = tally;
  return { results, hits, misses, retries: retried, remade, seconds: (performance.now() - started) / 1000 };
}

/** The rows that the store holds now, without any work; points that failed last time say so. */
export async function resultsOf<S extends Settings, O>(sweep: Sweep<S, O>, store = new Store()): Promise<SweepResults> {
  const nodes = graphOf(sweep.points.map(({ target }) => target));
  const { done } = await survey(store, nodes);
  const byId = new Map(nodes.map((node) => [node.bound.id, node]));
  const last = readRun(store, sweep.name);
  const rows = await Promise.all(
    sweep.points.map(async (point): Promise<Row> => {
      const node = byId.get(point.target.id)!;
      const whole = done.get(node);
      const row = { point: point as unknown as Point, measures: {} };
      if (whole?.records.every((record) => store.available(record))) {
        const output = (await readValue(store, referenceTo(node, whole))) as O;
        try {
          return { ...row, status: 'done', measures: measuresOf(sweep, output) };
        } catch (error) {
          return { ...row, status: 'failed', error: asError(error).message };
        }
      }
      const failure = last?.failures[point.id];
      return failure
        ? { ...row, status: 'failed', error: failure.error, log: failure.log ?? undefined }
        : { ...row, status: 'missing' };
    }),
  );
  return new SweepResults(sweep, rows);
}

/** A sweep's points for its record, as they stand. */
function recordOf(rows: readonly Row[], scheduler: Scheduler): Pick<RunRecord, 'points' | 'failures'> {
  const keyOfTarget = new Map<string, string>();
  for (const [node, { key, pieces }] of scheduler.finished) if (!pieces) keyOfTarget.set(node.bound.id, key);
  return {
    points: Object.fromEntries(
      rows.map(({ point: { id, settings, seed, target } }) => [
        id,
        { settings, seed, stage: target.stage.name, key: keyOfTarget.get(target.id) ?? null },
      ]),
    ),
    failures: Object.fromEntries(
      rows.flatMap(({ point, status, error = '', log = null }) =>
        status === 'failed' ? [[point.id, { error, log }]] : [],
      ),
    ),
  };
}

/**
 * What a point's row says of its error. Nothing of what never began, after a cancellation or too many failures: that is
 * missing, and not failed.
 */
function failureOf(error: unknown): Pick<Row, 'error' | 'log'> | undefined {
  if (error instanceof RunStoppedError) return undefined;
  if (!(error instanceof StageFailedError || error instanceof StageSkippedError))
    return { error: asError(error).message };
  const { stage, log, cause } = rootOf(error);
  if (cause instanceof RunCancelledError) return undefined;
  return { error: `Stage "${stage}" failed: ${asError(cause).message}`, log };
}

function rootOf(error: StageFailedError | StageSkippedError): StageFailedError {
  return error instanceof StageFailedError ? error : rootOf(error.cause);
}
