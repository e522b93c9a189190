/** Runs compiled cells, one at a time, and reports to the server how each ended. */
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { types } from 'node:util';
import { constants, Script } from 'node:vm';
import { send } from './channel';
import { represent } from './display';
import { describeError, registerCell } from './errors';
import type { FromCell, ToCell } from './messages';
import type { Modules } from './modules';
import { flushOutput } from './output';
import { Interrupted, type Run, startRun, throwIfInterrupted, within } from './runs';
import { FLAG, type Shared } from './shared';
import { stopRun } from './timers';
import { isInterrupted } from './values';

type RunCommand = Extract<ToCell, { type: 'run' }>;
type LoadCommand = Extract<ToCell, { type: 'load' }>;
type Ending = Omit<Extract<FromCell, { type: 'done' }>, 'type' | 'run'>;
type CellFunction = (...runtime: unknown[]) => Promise<{ value: unknown } | undefined>;

/** Holds the notebook's variables. It inherits nothing, so that a variable may be called `toString`. */
const scope = Object.create(null) as Record<string, unknown>;

/** The nice value of cells in an interactive session; threads that start later (TensorFlow's) inherit it. */
const BEHIND_QUESTIONS = 3;

export class Executor {
  private running: Run | undefined;
  /** The next run, whose imports are being loaded while its cell is type-checked. */
  private coming: Run | undefined;
  private cancelled = 0;
  private yielding = false;

  /** @param folder The notebook's folder, from which cells' imports are resolved. */
  constructor(
    private readonly folder: string,
    private readonly shared: Shared,
    private readonly modules: Modules,
  ) {}

  /** Loads the next cell's imports while it is checked. An import that fails here fails again when the cell runs. */
  async load({ run, label, modules }: LoadCommand): Promise<void> {
    const coming = startRun({ run, label });
    this.coming = coming;
    // One after the other, as in the cell.
    for (const name of modules) await within(coming, () => this.modules.import(name).catch(() => undefined));
  }

  /**
   * Runs a cell, after `prepare`. Resolves when its end has been reported; the code of an interrupted cell may still be
   * running then.
   */
  async run(command: RunCommand, prepare: () => Promise<void>): Promise<void> {
    const run = this.coming?.run === command.run ? this.coming : startRun(command);
    run.allowInput = command.allowInput;
    if (command.allowInput) this.yieldToQuestions();
    this.coming = undefined;
    Atomics.store(this.shared.flags, FLAG.stop, 0);
    Object.defineProperty(globalThis, Symbol.for('stillhouse.signal'), { value: run.abort.signal, configurable: true });
    this.running = run;
    if (this.cancelled >= run.run) return this.interrupt(run.run);
    let ending: Ending;
    try {
      await prepare();
      const outcome = await within(run, () => this.call(command, run));
      const { value } = await within(run, () => settled(outcome?.value));
      await turn(); // A rejection that nobody handles is reported after the promise jobs.
      const result = value === undefined ? undefined : await within(run, () => represent(value));
      if (run.stray) ending = { error: describeError(run.stray.error) };
      else ending = result ? { result } : {};
    } catch (error) {
      ending = { error: describeError(error), reached: run.reached };
    }
    this.finish(run, ending);
  }

  /** Lowers the priority of this process, so that the kernel answers a user while a cell computes on every core. */
  private yieldToQuestions(): void {
    if (this.yielding) return;
    this.yielding = true;
    setPriority(BEHIND_QUESTIONS);
  }

  /** Ends a run as interrupted, without waiting for its promises; its code stops at its next step. */
  interrupt(wanted: number): void {
    this.cancelled = wanted; // The run may not have arrived yet.
    const run = this.running;
    if (run?.run !== wanted) return;
    stopRun(run);
    this.finish(run, { error: describeError(new Interrupted()), reached: run.reached });
  }

  /** Fires the abort signal of the running cell. */
  abort(): void {
    if (this.running) stopRun(this.running);
  }

  /** Handles an error that nothing awaits: its cell fails if it still runs; otherwise the error goes to stderr. */
  stray(error: unknown, run: Run | undefined): void {
    if (isInterrupted(error) || run?.interrupted) return;
    if (run && !run.finished) run.stray ??= { error };
    else
      process.stderr.write(
        `${run ? `${run.label}, after its end: ` : ''}${describeError(error).traceback.join('\n')}\n`,
      );
  }

  private call(command: RunCommand, run: Run): Promise<{ value: unknown } | undefined> {
    const filename = join(this.folder, `.cell-${command.run}.ts`);
    registerCell(filename, command.label, command.source, command.map);
    const script = new Script(command.javascript, {
      filename,
      lineOffset: -1,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    const cell = script.runInThisContext() as CellFunction;
    const meta = {
      url: pathToFileURL(filename).href,
      filename,
      dirname: this.folder,
      resolve: (name: string) => pathToFileURL(this.modules.require.resolve(name)).href,
    };
    const resumed = (value?: unknown): unknown => {
      throwIfInterrupted();
      return value;
    };
    const interrupt = (): void => {
      // The flag is set for the running cell; code left over from an earlier cell only ends itself.
      if (this.running) stopRun(this.running);
      throw new Interrupted();
    };
    const reached = (statement: number): void => {
      run.reached.push(statement);
    };
    const { flags } = this.shared;
    const { modules, folder } = this;
    return cell(scope, flags, interrupt, resumed, reached, meta, modules.import, modules.require, filename, folder);
  }

  private finish(run: Run, ending: Ending): void {
    if (run.finished) return;
    for (const putInOrder of ending.error ? run.abandoned : []) {
      try {
        within(run, putInOrder);
      } catch (error) {
        process.stderr.write(`${describeError(error).traceback.join('\n')}\n`);
      }
    }
    flushOutput(run.run);
    run.finished = true;
    this.running = undefined;
    send({ type: 'done', run: run.run, ...ending });
  }
}

/** Awaits a promise as a last value. The object around the result keeps `await` from calling `then` of other values. */
async function settled(value: unknown): Promise<{ value: unknown }> {
  return { value: types.isPromise(value) ? await value : value };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
