/** What runs tasks: this process, worker processes, a cluster. The store says what is done, never the executor. */
import { SweepError } from '../errors';
import { editedSince } from '../stage/source';
import type { AnyStage } from '../stage/stage';
import type { Store } from '../store/store';
import { executeTask, type Task, type TaskHooks } from './task';

/** Hooks of one attempt, and which attempt it is. */
export interface AttemptHooks extends TaskHooks {
  /** 1 for the first. */
  attempt: number;
  /** Called when the task begins to run: it may have waited for its turn. */
  onStart(): void;
}

export interface Executor {
  /**
   * Runs a task whenever there is room for it; its records are in the store when this resolves.
   * @returns where the attempt's log is, if one was kept
   * @throws WorkerLostError where the process that ran it ended (the task may be tried again); else what the stage threw
   */
  execute(task: Task, stage: AnyStage, hooks: AttemptHooks): Promise<{ log?: string }>;
  /** Ends what it started. */
  close(): Promise<void>;
}

/** The code hash of each stage as this process loaded it: a comment added later doesn't change it. */
const loaded = new WeakMap<AnyStage, string>();

/** Runs tasks one after the other in this process, as in a notebook's cell. */
export class InProcessExecutor implements Executor {
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly store: Store) {}

  execute(task: Task, stage: AnyStage, hooks: AttemptHooks): Promise<{ log?: string }> {
    const turn = this.last.then(async () => {
      // Lets the event loop turn: a notebook's interrupt and its display come through it.
      await new Promise<void>((done) => setImmediate(done));
      hooks.signal.throwIfAborted();
      await this.checkLoaded(stage);
      hooks.onStart();
      await executeTask(this.store, stage, task, hooks);
      return {};
    });
    this.last = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    await this.last;
  }

  /** The key is made of the files as they are now; what this process has loaded must be the same. */
  private async checkLoaded(stage: AnyStage): Promise<void> {
    const code = await stage.code();
    if (loaded.get(stage) === code.hash) return;
    const edited = editedSince(code, stage.defined);
    if (edited) {
      throw new SweepError(
        `Stage "${stage.name}": ${edited} was edited after this process loaded it. Restart the kernel (what's finished is kept), or run in worker processes, which load it anew: \`executor: new LocalExecutor(store)\`.`,
      );
    }
    loaded.set(stage, code.hash);
  }
}
