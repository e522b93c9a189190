/** The queue of execute requests: compiled, run and answered one at a time. */
import type { CellError, FromCell } from './cell/messages';
import type { CellProcess } from './cell-process';
import type { CompiledCell } from './compiler/compiler';
import type { CompilerClient } from './compiler/client';
import type { CellLanguage } from './language';
import { type CheckedText, formatProblems, typeError } from './type-problems';
import { logProblem } from './log';
import type { Json, Message } from './protocol/message';

type Done = Extract<FromCell, { type: 'done' }>;

/** What an execute_request asks for. */
interface Request {
  message: Message;
  code: string;
  silent: boolean;
  storeHistory: boolean;
  stopOnError: boolean;
  allowInput: boolean;
  expressions: Record<string, string>;
  interrupted: boolean;
  /** The number reserved for its run while modules are loaded early. */
  run?: number | undefined;
  /** Called by an interrupt before the code runs: ends the wait for the compiler. */
  giveUp?: () => void;
}

/** What the queue needs from the server. */
export interface ExecutionContext {
  language: CellLanguage;
  compiler: CompilerClient;
  cells(): Promise<CellProcess>;
  status(parent: Message, state: 'busy' | 'idle'): void;
  publish(parent: Message, type: string, content: Json): void;
  reply(parent: Message, content: Json): void;
  /** Resolves when everything that the run printed has been published. */
  drain(run: number): Promise<void>;
  /** The payload for input that isn't code, such as `name?`; undefined for code. */
  page(code: string): Promise<Json[] | undefined>;
  remember(count: number, code: string, output?: string): void;
}

/** Requests that arrive within this time after a cell's failure were sent with it, and are aborted, ms. */
const ABORT_WINDOW = 15;

export class Executions {
  /** The request of each run; kept for output that comes after a cell's end. */
  readonly parents = new Map<number, Message>();
  private readonly queue: Request[] = [];
  private current: Request | undefined;
  private count = 0;
  private run = 0;
  private waiting: { run: number; resolve(done: Done): void } | undefined;

  constructor(private readonly context: ExecutionContext) {}

  /** Adds an execute_request. */
  push(message: Message): void {
    const { content } = message;
    const silent = content.silent === true;
    this.queue.push({
      message,
      code: typeof content.code === 'string' ? content.code : '',
      silent,
      storeHistory: !silent && content.store_history !== false,
      stopOnError: content.stop_on_error !== false,
      allowInput: content.allow_stdin === true,
      expressions: (content.user_expressions ?? {}) as Record<string, string>,
      interrupted: false,
    });
    void this.work();
  }

  /** Starts loading the modules that the cell being checked imports. */
  load(modules: string[]): void {
    const { current } = this;
    if (!current || this.waiting) return;
    const run = this.nextRun(current);
    current.run = run;
    const loading = this.context.cells().then((process) => {
      if (current.run === run) process.tell({ type: 'load', run, label: this.label(), modules });
    });
    loading.catch(() => undefined); // The cell that wants them says what is wrong with the process.
  }

  private nextRun({ message }: Request): number {
    const run = ++this.run;
    this.parents.set(run, message);
    this.parents.delete(run - 200);
    return run;
  }

  private place(label: string, source: string): CheckedText {
    return { label, source, language: this.context.language };
  }

  private label(): string {
    return `Cell [${this.count || ''}]`;
  }

  /** The request that is being executed. */
  running(): Message | undefined {
    return this.current?.message;
  }

  /** The number of the run in progress or the latest one. */
  latestRun(): number {
    return this.run;
  }

  /** Stops the current request. @param stop stops a run in the cell process; called with its number */
  interrupt(stop: (run: number) => void): void {
    if (this.current) this.current.interrupted = true;
    this.current?.giveUp?.();
    if (this.waiting) stop(this.waiting.run);
  }

  /** Handles the cell process' report that a run has ended. */
  done(done: Done): void {
    if (this.waiting?.run === done.run) this.waiting.resolve(done);
  }

  /** Handles the death of the cell process: the running cell fails. Returns whether there was one. */
  died(reason: string): boolean {
    const { waiting } = this;
    if (!waiting) return false;
    const error = cellProcessDied(`${reason} Its variables are lost; the kernel has started a new one.`);
    waiting.resolve({ type: 'done', run: waiting.run, error });
    return true;
  }

  private async work(): Promise<void> {
    if (this.current) return;
    for (let request = this.queue.shift(); request; request = this.queue.shift()) {
      this.current = request;
      try {
        await this.execute(request);
      } catch (error) {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        await this.fail(request, { ename: 'KernelError', evalue: text.split('\n')[0]!, traceback: text.split('\n') });
      }
      this.context.status(request.message, 'idle');
    }
    this.current = undefined;
  }

  private async execute(request: Request): Promise<void> {
    const { context } = this;
    const { message, code, silent } = request;
    const empty = code.trim() === '' && Object.keys(request.expressions).length === 0;
    // Start compiling before the messages to the front-end, so that both happen at once.
    const compiling = empty ? undefined : context.compiler.ask('compile', code);
    compiling?.catch(() => undefined); // `name?` below returns without awaiting it.
    context.status(message, 'busy');
    if (request.storeHistory) this.count++;
    const label = this.label();
    if (!silent) context.publish(message, 'execute_input', { code, execution_count: this.count });
    const payload = await context.page(code);
    if (payload) return this.succeed(request, {}, payload);
    const compilation = compiling && (await Promise.race([compiling, interruption(request)]));
    if (compilation === 'interrupted') return this.fail(request, INTERRUPTED);
    if (!compilation) return this.succeed(request, {}, []);
    if (!compilation.ok) return this.fail(request, typeError(compilation.problems, this.place(label, code)));
    if (compilation.warnings.length > 0) {
      const text = `${formatProblems(compilation.warnings, this.place(label, code)).join('\n')}\n`;
      context.publish(message, 'stream', { name: 'stderr', text });
    }
    const done = await this.runCell(request, compilation.cell, label, code);
    // Not awaited, because the compiler handles requests in order.
    context.compiler.ask('commit', compilation.cell, done.error ? (done.reached ?? []) : undefined).catch(logProblem);
    if (done.error) return this.fail(request, done.error);
    if (done.result && !silent) {
      context.publish(message, 'execute_result', { execution_count: this.count, ...done.result });
    }
    const expressions: Record<string, Json> = {};
    for (const [name, expression] of Object.entries(request.expressions)) {
      expressions[name] = await this.evaluate(request, String(expression));
    }
    // Before the reply: clients wait only a moment between a reply and `idle`, and the history is on the disk.
    const output = done.result?.data['text/plain'];
    if (request.storeHistory) context.remember(this.count, code, typeof output === 'string' ? output : undefined);
    this.succeed(request, expressions, []);
  }

  /** Evaluates one of `user_expressions` as a separate cell, whose failure doesn't fail the request. */
  private async evaluate(request: Request, expression: string): Promise<Json> {
    const compilation = await this.context.compiler.ask('compile', expression);
    if (!compilation.ok)
      return { status: 'error', ...typeError(compilation.problems, this.place('Expression', expression)) };
    const { error, result } = await this.runCell(request, compilation.cell, 'Expression', expression);
    return error ? { status: 'error', ...error } : { status: 'ok', ...(result ?? { data: {}, metadata: {} }) };
  }

  /** Runs compiled code in the cell process; resolves after everything that it printed has been published. */
  private async runCell(request: Request, cell: CompiledCell, label: string, source: string): Promise<Done> {
    const run = request.run ?? this.nextRun(request);
    const { javascript, map } = cell;
    // Racing, since a process may take long to start, and an interrupt ends the wait.
    const process = await Promise.race([this.context.cells(), interruption(request)]).catch(asError);
    if (process instanceof Error) return { type: 'done', run, error: cellProcessDied(process.message), reached: [] };
    if (process === 'interrupted' || request.interrupted) return { type: 'done', run, error: INTERRUPTED, reached: [] };
    const done = await new Promise<Done>((resolve) => {
      this.waiting = { run, resolve };
      process.tell({ type: 'run', run, label, source, javascript, map, allowInput: request.allowInput });
    });
    this.waiting = undefined;
    request.run = undefined;
    await this.context.drain(run);
    return done;
  }

  private succeed(request: Request, expressions: Record<string, Json>, payload: Json[]): void {
    this.context.reply(request.message, {
      status: 'ok',
      execution_count: this.count,
      user_expressions: expressions,
      payload,
    });
  }

  private async fail(request: Request, error: CellError): Promise<void> {
    const { context } = this;
    if (request.storeHistory) context.remember(this.count, request.code);
    if (!request.silent) context.publish(request.message, 'error', { ...error });
    // Cells sent together with this one are queued or arrive within a moment; they are reported as aborted.
    if (request.stopOnError) {
      await new Promise((resolve) => setTimeout(resolve, ABORT_WINDOW));
      for (const { message } of this.queue.splice(0)) {
        context.status(message, 'busy');
        context.reply(message, { status: 'aborted', execution_count: this.count });
        context.status(message, 'idle');
      }
    }
    context.reply(request.message, {
      status: 'error',
      execution_count: this.count,
      ...error,
      user_expressions: {},
      payload: [],
    });
  }
}

function cellProcessDied(evalue: string): CellError {
  return { ename: 'CellProcessDied', evalue, traceback: [`CellProcessDied: ${evalue}`] };
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** Resolves when the request is interrupted. */
function interruption(request: Request): Promise<'interrupted'> {
  return new Promise((resolve) => {
    request.giveUp = () => resolve('interrupted');
    if (request.interrupted) request.giveUp();
  });
}

const INTERRUPTED: CellError = {
  ename: 'Interrupted',
  evalue: 'The cell was interrupted.',
  traceback: ['Interrupted: The cell was interrupted before it ran.'],
};
