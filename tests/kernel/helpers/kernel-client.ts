/** A front-end for tests: starts a kernel as Jupyter does and speaks to it over zeromq. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as zmq from 'zeromq';
import type { CellLanguage } from '../../../src/kernel/language';
import type { Connection } from '../../../src/kernel/protocol/connection';
import { type Json, type Message, type Outgoing, Wire } from '../../../src/kernel/protocol/message';

export const ROOT = join(import.meta.dirname, '..', '..', '..');

/** A message on iopub that belongs to a request. */
export interface Output {
  type: string;
  content: Json;
  metadata: Json;
}

export interface Execution {
  reply: Json;
  outputs: Output[];
  /** Text of stdout, joined. */
  stdout: string;
  stderr: string;
  /** text/plain of the execute_result. */
  text: string | undefined;
}

export interface ExecuteOptions {
  silent?: boolean;
  store_history?: boolean;
  user_expressions?: Record<string, string>;
  allow_stdin?: boolean;
  stop_on_error?: boolean;
  /** Answers input_request. */
  answer?: (prompt: string) => string;
}

interface Pending {
  outputs: Output[];
  reply?: Json;
  idle: boolean;
  settle(): void;
}

export class KernelClient {
  readonly session = randomUUID();
  readonly connection: Connection;
  readonly shell: zmq.Dealer;
  readonly wire: Wire;
  /** Everything on iopub, in order. */
  readonly published: (Output & { parent: string })[] = [];
  /** What the kernel itself has written to its log. */
  log = '';
  private readonly control: zmq.Dealer;
  private readonly stdin: zmq.Dealer;
  private readonly heartbeat = new zmq.Request({ linger: 0 });
  private readonly iopub = new zmq.Subscriber({ receiveHighWaterMark: 0 });
  private readonly pending = new Map<string, Pending>();
  private answer: ((prompt: string) => string) | undefined;
  private constructor(
    private readonly folder: string,
    readonly process: ChildProcess,
    connection: Connection,
  ) {
    this.connection = connection;
    const routingId = this.session;
    this.shell = new zmq.Dealer({ routingId, linger: 0 });
    this.control = new zmq.Dealer({ routingId, linger: 0 });
    this.stdin = new zmq.Dealer({ routingId, linger: 0 });
    this.wire = new Wire(connection.key, this.session, 'tester');
    process.stderr?.on('data', (text) => {
      this.log += String(text);
      if (!String(text).startsWith('stillhouse kernel:')) console.warn(String(text));
    });
  }

  /** Starts a kernel whose notebook lies in `cwd` and waits until it answers. */
  static async start({
    cwd = ROOT,
    env = {},
    language = 'typescript',
  }: {
    cwd?: string;
    env?: Record<string, string>;
    language?: CellLanguage;
  } = {}): Promise<KernelClient> {
    const folder = mkdtempSync(join(tmpdir(), 'stillhouse-kernel-test-'));
    const [shell_port, control_port, stdin_port, iopub_port, hb_port] = await freePorts(5);
    const connection = {
      transport: 'tcp',
      ip: '127.0.0.1',
      shell_port,
      control_port,
      stdin_port,
      iopub_port,
      hb_port,
      key: randomUUID(),
    } as Connection;
    const file = join(folder, 'connection.json');
    writeFileSync(file, JSON.stringify({ ...connection, signature_scheme: 'hmac-sha256' }), { mode: 0o600 });
    const child = spawn(process.execPath, [join(ROOT, 'src', 'kernel', 'launch.mjs'), file, language], {
      cwd,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, STILLHOUSE_HISTORY: join(folder, 'history.jsonl'), ...env },
    });
    const client = new KernelClient(folder, child, connection);
    await client.connect();
    return client;
  }

  /** Executes a cell and collects what it gives until the kernel is idle again. */
  async execute(code: string, { answer, ...options }: ExecuteOptions = {}): Promise<Execution> {
    this.answer = answer;
    const content = {
      code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: answer !== undefined,
      stop_on_error: true,
      ...options,
    };
    return summarise(await this.ask(this.shell, 'execute_request', content));
  }

  /** Sends a request and gives the content of its reply. */
  async request(type: string, content: Json = {}, channel: 'shell' | 'control' = 'shell'): Promise<Json> {
    return (await this.ask(channel === 'shell' ? this.shell : this.control, type, content)).reply!;
  }

  /** Sends a message that has no reply and waits until the kernel has dealt with it. */
  async notify(type: string, content: Json): Promise<Output[]> {
    return (await this.ask(this.shell, type, content, false)).outputs;
  }

  /** Sends bytes to the heartbeat channel; true if they come back. */
  async beats(): Promise<boolean> {
    const ping = randomUUID();
    await this.heartbeat.send(ping);
    return String((await this.heartbeat.receive())[0]) === ping;
  }

  async interrupt(): Promise<void> {
    await this.request('interrupt_request', {}, 'control');
  }

  /** Resolves when iopub has carried a message for which `test` holds. */
  async until(test: (output: Output) => boolean): Promise<Output> {
    for (;;) {
      const found = this.published.find(test);
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Shuts the kernel down as a front-end does; gives the exit code of its process. */
  async close(): Promise<number | null> {
    const { exitCode, signalCode } = this.process;
    const ended = exitCode !== null || signalCode !== null;
    const gone = new Promise<number | null>((resolve) => this.process.once('exit', resolve));
    if (!ended) await this.control.send(this.frames('shutdown_request', { restart: false }).frames);
    const code = ended ? exitCode : await gone;
    for (const socket of [this.shell, this.control, this.stdin, this.heartbeat, this.iopub]) socket.close();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    return code;
  }

  private async connect(): Promise<void> {
    const to = (port: number) => `tcp://127.0.0.1:${port}`;
    this.shell.connect(to(this.connection.shell_port));
    this.control.connect(to(this.connection.control_port));
    this.stdin.connect(to(this.connection.stdin_port));
    this.heartbeat.connect(to(this.connection.hb_port));
    this.iopub.connect(to(this.connection.iopub_port));
    this.iopub.subscribe();
    void this.listen(this.shell, (message) => this.replied(message));
    void this.listen(this.control, (message) => this.replied(message));
    void this.listen(this.stdin, (message) => this.asked(message));
    void this.listen(this.iopub, (message) => this.broadcast(message));
    await this.until(({ type }) => type === 'iopub_welcome');
    await this.request('kernel_info_request');
  }

  private frames(type: string, content: Json): { id: string; frames: ReturnType<Wire['write']> } {
    const message: Outgoing = { type, content };
    const frames = this.wire.write(message);
    const id = (JSON.parse(String(frames[2])) as { msg_id: string }).msg_id;
    return { id, frames };
  }

  private ask(socket: zmq.Dealer, type: string, content: Json, replies = true): Promise<Pending> {
    const { id, frames } = this.frames(type, content);
    return new Promise((resolve, reject) => {
      const pending: Pending = {
        outputs: [],
        idle: false,
        ...(replies ? {} : { reply: {} }),
        settle: () => {
          if (!pending.idle || !pending.reply) return;
          this.pending.delete(id);
          resolve(pending);
        },
      };
      this.pending.set(id, pending);
      socket.send(frames).catch(reject);
    });
  }

  private replied({ parent, content }: Message): void {
    const pending = this.pending.get(String(parent.msg_id));
    if (pending) pending.reply = content;
    pending?.settle();
  }

  private asked({ header, content }: Message): void {
    if (header.msg_type !== 'input_request') return;
    const value = this.answer?.(String(content.prompt)) ?? '';
    void this.stdin.send(this.frames('input_reply', { status: 'ok', value }).frames);
  }

  private broadcast({ header, parent, content, metadata }: Message): void {
    const output = { type: header.msg_type, content, metadata };
    this.published.push({ ...output, parent: String(parent.msg_id ?? '') });
    const pending = this.pending.get(String(parent.msg_id));
    if (!pending) return;
    pending.outputs.push(output);
    if (output.type === 'status' && content.execution_state === 'idle') pending.idle = true;
    pending.settle();
  }

  private async listen(socket: zmq.Dealer | zmq.Subscriber, handle: (message: Message) => void): Promise<void> {
    for await (const frames of socket) handle(this.wire.read(frames));
  }
}

function summarise({ outputs, reply }: Pending): Execution {
  const stream = (name: string) =>
    outputs
      .filter(({ type, content }) => type === 'stream' && content.name === name)
      .map(({ content }) => content.text)
      .join('');
  const result = outputs.find(({ type }) => type === 'execute_result')?.content.data as Json | undefined;
  return {
    reply: reply!,
    outputs,
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    text: result?.['text/plain'] as string | undefined,
  };
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
