/** Tracks which cell running code belongs to, even after an await or in a timer, and how that cell is stopped. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { inspect } from 'node:util';

/** One execution of one cell. */
export interface Run {
  readonly run: number;
  readonly label: string;
  readonly abort: AbortController;
  allowInput: boolean;
  /** Statements that ran, by index. */
  readonly reached: number[];
  /** Clean-up callbacks for when the cell fails or is interrupted. */
  readonly abandoned: Set<() => void>;
  /** An error that the cell didn't await: an unhandled rejection, or one thrown in a timer. */
  stray?: { error: unknown };
  interrupted: boolean;
  finished: boolean;
}

/** Creates a run. */
export function startRun({ run, label }: Pick<Run, 'run' | 'label'>): Run {
  const abort = new AbortController();
  const state = { allowInput: false, interrupted: false, finished: false };
  // Node attaches the run to sockets and the like; when those are printed, the run appears as its label.
  const shown = { [inspect.custom]: () => label };
  return { run, label, abort, reached: [], abandoned: new Set(), ...state, ...shown };
}

/** Thrown inside an interrupted cell. */
export class Interrupted extends Error {
  override name = 'Interrupted';
  constructor() {
    super('The cell was interrupted.');
  }
}

const storage = new AsyncLocalStorage<Run>();
let latest: Run | undefined;

/** Runs `body`, and everything that it starts, as part of `run`. */
export function within<T>(run: Run, body: () => T): T {
  latest = run;
  return storage.run(run, body);
}

/** Runs `body` as part of a run that may have ended. */
export function rejoin<T>(run: Run | undefined, body: () => T): T {
  return run ? storage.run(run, body) : body();
}

/** The run that the current code belongs to; the latest one if it belongs to none. */
export function currentRun(): Run | undefined {
  return storage.getStore() ?? latest;
}

/** @throws Interrupted if the current code's cell was interrupted. */
export function throwIfInterrupted(): void {
  if (storage.getStore()?.interrupted) throw new Interrupted();
}
