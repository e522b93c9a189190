/** The kernel's server. It answers front-ends and never blocks: a thread compiles the cells, a process runs them. */
import { CellProcess } from './cell-process';
import type { FromCell } from './cell/messages';
import { CompilerClient } from './compiler/client';
import { Executions } from './executions';
import { History, historyFile, type HistoryQuery } from './history';
import { kernelInfo } from './kernel-info';
import type { KernelOptions } from './kernel-options';
import { Channels, type RequestChannel } from './protocol/channels';
import type { Connection } from './protocol/connection';
import type { Json, Message, Outgoing } from './protocol/message';
import { logProblem } from './log';
import { StreamGatherer } from './streams';
import { toPoints, toUnits } from './text';

const NO_PARENT: Json = {};
/** Cell processes that may end in a row before they are ready; then none is started until a request wants one. */
const EARLY_DEATHS = 3;

/** Optional parts of a message beside its content. */
type Extra = Pick<Outgoing, 'metadata' | 'buffers'>;

export class KernelServer {
  private readonly channels: Channels;
  private readonly compiler: CompilerClient;
  private readonly executions: Executions;
  private readonly history = new History(historyFile());
  private readonly streams: StreamGatherer;
  private readonly comms = new Map<string, string>();
  private cell: CellProcess | undefined;
  private cellReady: Promise<CellProcess> | undefined;
  private asking: Message | undefined;
  /** Cell processes in a row that ended before they were ready. */
  private earlyDeaths = 0;
  private closing = false;

  constructor(
    connection: Connection,
    private readonly options: KernelOptions,
    private readonly exit: (code: number) => void,
  ) {
    this.channels = new Channels(connection);
    this.compiler = new CompilerClient(options, (modules) => this.executions.load(modules));
    this.streams = new StreamGatherer((run, name, text) => this.output(run, 'stream', { name, text }));
    this.executions = new Executions({
      language: options.language,
      compiler: this.compiler,
      cells: () => this.cells(),
      status: (parent, state) => this.status(parent, state),
      publish: (parent, type, content) => this.publish(parent.header, type, content),
      reply: (parent, content) => this.reply('shell', parent, 'execute_reply', content),
      drain: (run) => this.drain(run),
      page: (code) => this.page(code),
      remember: (count, code, output) => this.history.add(count, code, output),
    });
  }

  /** Opens the channels and warms up what the first cell needs. */
  async start(): Promise<void> {
    await this.channels.open((channel, message) => void this.handle(channel, message).catch(logProblem));
    this.publish(NO_PARENT, 'status', { execution_state: 'starting' });
    this.warm();
    this.compiler.start();
  }

  /** Ends the cell process and the sockets. */
  async stop(): Promise<void> {
    this.closing = true;
    this.streams.flush();
    await Promise.all([this.cell?.stop(), this.channels.close()]);
  }

  /** Stops the running cell. */
  interrupt(): void {
    this.executions.interrupt((run) => this.cell?.tellWatchdog({ type: 'interrupt', run }));
  }

  private async handle(channel: RequestChannel, message: Message): Promise<void> {
    const { msg_type: type } = message.header;
    if (channel === 'stdin') {
      if (type === 'input_reply') this.cell?.tellWatchdog({ type: 'input', text: String(message.content.value ?? '') });
      return;
    }
    if (type === 'execute_request' && channel === 'shell') return this.executions.push(message);
    this.status(message, 'busy');
    try {
      const reply = await this.answer(type, message);
      if (reply) this.reply(channel, message, type.replace(/_request$/, '_reply'), { status: 'ok', ...reply });
    } catch (error) {
      const evalue = error instanceof Error ? error.message : String(error);
      this.reply(channel, message, type.replace(/_request$/, '_reply'), {
        status: 'error',
        ename: 'KernelError',
        evalue,
        traceback: [evalue],
      });
    }
    this.status(message, 'idle');
    // A front-end shows the latest status, so while a cell computes that must be busy.
    const running = this.executions.running();
    if (running) this.status(running, 'busy');
    if (type === 'shutdown_request') await this.shutdown();
  }

  /** The content of the reply; undefined for a message that gets none. */
  private async answer(type: string, message: Message): Promise<Json | undefined> {
    const { content } = message;
    const code = String(content.code ?? '');
    switch (type) {
      case 'kernel_info_request':
        return kernelInfo(this.options.language);
      case 'complete_request':
        return this.complete(code, Number(content.cursor_pos ?? code.length));
      case 'inspect_request':
        return this.inspect(code, Number(content.cursor_pos ?? 0));
      case 'is_complete_request':
        return { ...(await this.compiler.ask('isComplete', code)) };
      case 'history_request':
        return { history: this.history.query(content as HistoryQuery) };
      case 'comm_info_request': {
        const wanted = content.target_name;
        const open = [...this.comms].filter(([, target]) => wanted === undefined || target === wanted);
        return { comms: Object.fromEntries(open.map(([id, target]) => [id, { target_name: target }])) };
      }
      case 'comm_open':
      case 'comm_msg':
      case 'comm_close':
        this.forwardComm(type, message);
        return undefined;
      case 'interrupt_request':
        this.interrupt();
        return {};
      case 'shutdown_request':
        return { restart: content.restart === true };
      default:
        throw new Error(`Expected a request of protocol 5.4, got ${type}.`);
    }
  }

  private async complete(code: string, cursor: number): Promise<Json> {
    const { matches, start, end, types } = await this.compiler.ask('complete', code, toUnits(code, cursor));
    const range = { start: toPoints(code, start), end: toPoints(code, end) };
    return {
      matches,
      cursor_start: range.start,
      cursor_end: range.end,
      metadata: { _jupyter_types_experimental: types.map((entry) => ({ ...entry, ...range })) },
    };
  }

  private async inspect(code: string, cursor: number): Promise<Json> {
    const found = await this.compiler.ask('inspect', code, toUnits(code, cursor));
    if (!found) return { found: false, data: {}, metadata: {} };
    return { found: true, data: { 'text/plain': found.text, 'text/markdown': found.markdown }, metadata: {} };
  }

  /** Input that isn't code: `name?` or `?name` shows a name's documentation in the pager, `exit` ends a console. */
  private async page(code: string): Promise<Json[] | undefined> {
    if (/^\s*(?:exit|quit)\s*$/.test(code)) return [{ source: 'ask_exit', keepkernel: false }];
    const name = /^\s*(?:\?\s*([\w$.]+)|([\w$.]+)\s*\?)\s*$/.exec(code);
    const wanted = name?.[1] ?? name?.[2];
    if (!wanted) return undefined;
    const found = await this.compiler.ask('inspect', wanted, wanted.length);
    const data = found
      ? { 'text/plain': found.text, 'text/markdown': found.markdown }
      : { 'text/plain': `${wanted}: no such name.` };
    return [{ source: 'page', data, start: 0 }];
  }

  private forwardComm(type: string, { content, buffers }: Message): void {
    const id = String(content.comm_id);
    const event = type === 'comm_open' ? 'open' : type === 'comm_msg' ? 'message' : 'close';
    if (event === 'open') this.comms.set(id, String(content.target_name));
    if (event === 'close') this.comms.delete(id);
    const target = event === 'open' ? { target: String(content.target_name) } : {};
    this.cell?.tell({ type: 'comm', event, id, data: content.data ?? {}, buffers, ...target });
  }

  /** The cell process, started if there is none. Rejects with the reason where it ends before it's ready. */
  private cells(): Promise<CellProcess> {
    if (this.cellReady) return this.cellReady;
    const ready = new Promise<CellProcess>((resolve, reject) => {
      const cell = new CellProcess({
        ...this.options,
        onMessage: (message) => {
          if (message.type !== 'ready') return this.fromCell(message);
          this.earlyDeaths = 0;
          resolve(cell);
        },
        onRawOutput: (name, text) => this.streams.push(this.executions.latestRun(), name, text),
        onDeath: (reason, isEarly) => {
          if (isEarly) this.earlyDeaths++;
          reject(new Error(reason));
          this.cellDied(reason, isEarly).catch(logProblem);
        },
      });
      this.cell = cell;
    });
    // One for which the system has no process at all throws, and has no death of its own.
    ready.catch(() => {
      if (this.cellReady === ready) this.cellReady = undefined;
    });
    this.cellReady = ready;
    return ready;
  }

  /** Starts a cell process before a request wants it; what's wrong with it is told to the request that does. */
  private warm(): void {
    this.cells().catch(() => undefined);
  }

  private async cellDied(reason: string, isEarly: boolean): Promise<void> {
    this.cell = undefined;
    this.cellReady = undefined;
    if (this.closing) return;
    if (isEarly) {
      // Each would end as the last one has: the next request tries again.
      if (this.earlyDeaths < EARLY_DEATHS) this.warm();
      return;
    }
    for (const id of this.comms.keys())
      this.output(this.executions.latestRun(), 'comm_close', { comm_id: id, data: {} });
    this.comms.clear();
    // Before the answer, so that the next cell is not checked against names that are gone. A compiler that ended itself
    // knows none.
    await this.compiler.ask('reset').catch(logProblem);
    if (!this.executions.died(reason)) {
      this.streams.push(
        this.executions.latestRun(),
        'stderr',
        `${reason} Its variables are lost; the next cell starts in a new one.\n`,
      );
    }
    this.warm();
  }

  private fromCell(message: FromCell): void {
    if (message.type === 'stream') {
      this.streams.push(message.run, message.name, message.text);
      return;
    }
    this.streams.flush();
    switch (message.type) {
      case 'display': {
        const transient = message.displayId === undefined ? {} : { display_id: message.displayId };
        const type = message.update ? 'update_display_data' : 'display_data';
        this.output(message.run, type, { data: message.data, metadata: message.metadata, transient });
        return;
      }
      case 'clear':
        this.output(message.run, 'clear_output', { wait: message.wait });
        return;
      case 'input':
        this.asking = this.executions.parents.get(message.run);
        if (this.asking) {
          const content = { prompt: message.prompt, password: message.password };
          this.channels.send('stdin', {
            identities: this.asking.identities,
            type: 'input_request',
            parent: this.asking.header,
            content,
          });
        }
        return;
      case 'comm': {
        const content: Json = { comm_id: message.id, data: message.data };
        if (message.event === 'open') {
          this.comms.set(message.id, message.target ?? '');
          content.target_name = message.target;
        }
        if (message.event === 'close') this.comms.delete(message.id);
        const type = message.event === 'message' ? 'comm_msg' : `comm_${message.event}`;
        this.output(message.run, type, content, message);
        return;
      }
      case 'done':
        this.executions.done(message);
    }
  }

  /** Waits two turns of the event loop, to read what native code wrote to its pipe just before the end of a cell. */
  private async drain(run: number): Promise<void> {
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
    this.streams.end(run);
  }

  private output(run: number, type: string, content: Json, extra: Extra = {}): void {
    this.publish(this.executions.parents.get(run)?.header ?? NO_PARENT, type, content, extra);
  }

  private status(parent: Message, state: 'busy' | 'idle'): void {
    this.publish(parent.header, 'status', { execution_state: state });
  }

  private publish(parent: Json, type: string, content: Json, { metadata = {}, buffers = [] }: Extra = {}): void {
    this.channels.send('iopub', { identities: [`kernel.${type}`], type, content, parent, metadata, buffers });
  }

  private reply(channel: RequestChannel, to: Message, type: string, content: Json): void {
    this.channels.send(channel, { identities: to.identities, type, content, parent: to.header });
  }

  private async shutdown(): Promise<void> {
    await this.stop();
    this.exit(0);
  }
}
