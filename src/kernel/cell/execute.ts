/** Runs compiled cells, one at a time, and tells the server how each ended. */
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

/** A plain object without inherited names, so that a variable may be called `toString`. */
const scope = Object.create(null) as Record<string, unknown>;

/** The nice value of cells in an interactive session; threads that start later (TensorFlow's) have it too. */
const BEHIND_QUESTIONS = 3;

export class Executor {
  private running: Run | undefined;
  /** The run whose imports are being loaded while the cell is checked. */
  private coming: Run | undefined;
  private cancelled = 0;
  private yielding = false;

  /** @param folder The notebook's folder: what cells import is resolved from it. */
  constructor(
    private readonly folder: string,
    private readonly shared: Shared,
    private readonly modules: Modules,
  ) {}

  /** The run in progress. */
  current(): Run | undefined {
    return this.running;
  }

  /** Loads what the next cell imports, while it is checked. What fails here fails again, and is told, when the cell runs. */
  async load({ run, label, modules }: LoadCommand): Promise<void> {
    const coming = startRun({ run, label });
    this.coming = coming;
    // One after the other, as the cell will do it.
    for (const name of modules) await within(coming, () => this.modules.import(name).catch(() => undefined));
  }

  /** Runs a cell, after `prepare`. It resolves when the end has been reported, which for an interrupted cell may be before its code ends. */
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

  /** Somebody sits at the front-end: what they ask of the kernel goes before what a cell computes on every core. */
  private yieldToQuestions(): void {
    if (this.yielding) return;
    this.yielding = true;
    setPriority(BEHIND_QUESTIONS);
  }

  /** Ends a run now, as interrupted; what it still awaits is abandoned and stopped at its next step. */
  interrupt(wanted: number): void {
    this.cancelled = wanted; // It may be on its way to here.
    const run = this.running;
    if (run?.run !== wanted) return;
    stopRun(run);
    this.finish(run, { error: describeError(new Interrupted()), reached: run.reached });
  }

  /** Lets the signal of the running cell fire. */
  abort(): void {
    if (this.running) stopRun(this.running);
  }

  /** An error that no cell waited for. While its cell runs, that cell fails by it. */
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
      // The flag is for the cell that runs now; code that an earlier cell left behind has its own fate.
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

/** A promise as a cell's last value is waited for. The object around it keeps other values from being asked for `then`. */
async function settled(value: unknown): Promise<{ value: unknown }> {
  return { value: types.isPromise(value) ? await value : value };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
