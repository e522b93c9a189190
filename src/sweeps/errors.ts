/** What can go wrong in a sweep; each error says what was expected, what was seen and what to do. */

/** Base of this folder's errors. */
export class SweepError extends Error {
  override readonly name: string = 'SweepError';
}

/** A stage is wrongly defined, or its parameters or inputs don't match its declaration; or an executor's options are wrong. */
export class StageDefinitionError extends SweepError {
  override readonly name = 'StageDefinitionError';
}

/** A stage's own code threw, or the process that ran it ended. */
export class StageFailedError extends SweepError {
  override readonly name = 'StageFailedError';

  constructor(
    readonly stage: string,
    readonly key: string,
    /** The file that holds what the attempt printed, where one was kept. */
    readonly log: string | undefined,
    cause: unknown,
  ) {
    super(`Stage "${stage}" failed: ${asError(cause).message}${log ? `\nIts log: ${log}` : ''}`, { cause });
  }
}

/** A stage that wasn't run because one of its inputs failed. */
export class StageSkippedError extends SweepError {
  override readonly name = 'StageSkippedError';

  constructor(
    readonly stage: string,
    override readonly cause: StageFailedError | StageSkippedError,
  ) {
    super(`Stage "${stage}" was left out: its input "${cause.stage}" has no result. ${cause.message}`, { cause });
  }
}

/** Work that wasn't started because too much else had failed. */
export class RunStoppedError extends SweepError {
  override readonly name = 'RunStoppedError';

  constructor(override readonly cause: StageFailedError) {
    super(`Not begun: the run was stopped. ${cause.message}`, { cause });
  }
}

/** Somebody cancelled the run's work in the queue on purpose: nothing is tried again. */
export class RunCancelledError extends SweepError {
  override readonly name = 'RunCancelledError';
}

/** The process or node that ran a task ended before the task did. */
export class WorkerLostError extends SweepError {
  override readonly name = 'WorkerLostError';
}

/** A process has loaded other code than a task's key says: it may do nothing more, though the file be changed back. */
export class EditedCodeError extends SweepError {
  override readonly name = 'EditedCodeError';
}

/** Bytes in the store are missing or differ from those that were written. */
export class DamagedArtifactError extends SweepError {
  override readonly name = 'DamagedArtifactError';

  constructor(
    readonly hash: string,
    readonly path: string,
    readonly damage: string,
  ) {
    super(
      `The store's ${hash.slice(0, 12)} is damaged: ${damage} (${path}). Run again: it will be dropped and remade.`,
    );
  }
}

/** The disk (or the quota) that holds the store is full. */
export class StoreFullError extends SweepError {
  override readonly name = 'StoreFullError';

  constructor(
    readonly root: string,
    cause: unknown,
  ) {
    super(
      `No space left for the store at ${root}. Free some (\`stillhouse store gc\` shows what can go), then run again: finished stages are kept.`,
      { cause },
    );
  }
}

/** The thrown value as an Error with a message. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** The system's code of an error (ENOENT, ENOSPC, …), wherever in the chain of causes it is. */
export function systemCode(thrown: unknown): string | undefined {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    const { code } = error as NodeJS.ErrnoException;
    if (typeof code === 'string') return code;
  }
  return undefined;
}
