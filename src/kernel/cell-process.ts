/** The server's end of a cell process: starts it, sends messages, explains how it ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import type { FromCell, ToCell, ToWatchdog } from './cell/messages';
import { encodeFrame, FrameReader } from './frames';

export interface CellProcessOptions {
  /** The notebook's folder: working directory and base of imports. */
  folder: string;
  /** The project's folder. */
  root: string;
  /** Folder of the bundled kernel. */
  programs: string;
  onMessage(message: FromCell): void;
  /** Text that native code or a child process wrote directly to the file descriptors. */
  onRawOutput(name: 'stdout' | 'stderr', text: string): void;
  /**
   * The process ended on its own, or could not be started.
   * @param reason a sentence for the user
   * @param isEarly whether it had not come to say that it's ready: the next one will hardly fare better
   */
  onDeath(reason: string, isEarly: boolean): void;
}

const FLAGS = [
  '--disable-warning=ExperimentalWarning',
  '--no-force-async-hooks-checks',
  // Lets `require` in a cell find packages that only have an `import` condition.
  '--experimental-import-meta-resolve',
];

const NO_PIPES =
  'No cell process could be started: this kernel has as many files open as the system allows it. ' +
  'Raise the limit (`ulimit -n`) and restart the kernel.';

export class CellProcess {
  private readonly child: ChildProcess;
  private stopping = false;
  private exitCode: number | undefined;
  private isReady = false;
  /** The last text on stderr, where V8 and native libraries say why they abort. */
  private lastWords = '';

  constructor(private readonly options: CellProcessOptions) {
    const extra = (process.env.STILLHOUSE_NODE_OPTIONS ?? '').split(/\s+/).filter(Boolean);
    const { folder, root, programs } = options;
    this.child = spawn(
      process.execPath,
      [...FLAGS, ...extra, join(programs, 'cell', 'main.mjs'), folder, root, programs],
      {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
        // In its own process group, so that Ctrl-C in the terminal of `jupyter lab` doesn't reach the cells.
        detached: true,
        // Keeps TensorFlow from logging remarks on the processor at each start.
        env: { TF_CPP_MIN_LOG_LEVEL: '2', ...process.env, FORCE_COLOR: undefined },
      },
    );
    let failure: string | undefined;
    // First of all: an 'error' that nobody hears ends the kernel.
    this.child.on('error', ({ message }) => {
      failure = message;
    });
    const stdio: ChildProcess['stdio'] | undefined = this.child.stdio;
    // Node makes none where the process has too many files open (EMFILE).
    if (!stdio) throw new Error(NO_PIPES);
    const reader = new FrameReader();
    (stdio[3] as Readable).on('data', (chunk: Buffer) => {
      for (const message of reader.push(chunk) as FromCell[]) {
        if (message.type === 'ready') this.isReady = true;
        if (message.type === 'exit') this.exitCode = message.code;
        else options.onMessage(message);
      }
    });
    for (const stream of stdio.slice(3)) stream?.on('error', () => undefined);
    this.raw('stdout', this.child.stdout!);
    this.raw('stderr', this.child.stderr!);
    this.child.once('close', (code, signal) => {
      if (this.stopping) return;
      if (this.isReady) options.onDeath(this.reason(code, signal), false);
      else options.onDeath(this.earlyReason(failure ?? this.reason(code, signal)), true);
    });
  }

  /** Sends a message to the main thread, which runs the cells. */
  tell(message: ToCell): void {
    (this.child.stdio[4] as Duplex).write(encodeFrame(message));
  }

  /** Sends a message to the watchdog thread, which listens even while a cell computes. */
  tellWatchdog(message: ToWatchdog): void {
    (this.child.stdio as unknown as Duplex[])[5]!.write(encodeFrame(message));
  }

  /** Kills the process and waits until it has ended. */
  async stop(): Promise<void> {
    this.stopping = true;
    const { pid, exitCode, signalCode } = this.child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const closed = new Promise<void>((resolve) => this.child.once('exit', () => resolve()));
    this.child.kill('SIGKILL');
    await closed;
  }

  private raw(name: 'stdout' | 'stderr', stream: Readable): void {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      if (name === 'stderr') this.lastWords = (this.lastWords + text).slice(-8000);
      this.options.onRawOutput(name, text);
    });
  }

  private earlyReason(reason: string): string {
    const options = process.env.STILLHOUSE_NODE_OPTIONS;
    const cause = options ? ` See STILLHOUSE_NODE_OPTIONS, which is "${options}".` : '';
    const said = this.lastWords.trim().split('\n').slice(0, 20).join('\n');
    return `No cell process could be started: ${reason}${cause}${said && `\n${said}`}`;
  }

  private reason(code: number | null, signal: NodeJS.Signals | null): string {
    if (/heap out of memory|invalid array length Allocation failed/i.test(this.lastWords)) {
      return (
        'The cell process ran out of memory. Work on less at a time, dispose tensors, or give it more: ' +
        'STILLHOUSE_NODE_OPTIONS=--max-old-space-size=8192 (MiB) before the kernel starts.'
      );
    }
    if (this.exitCode !== undefined) return `The cell process ended by process.exit(${this.exitCode}).`;
    if (signal === 'SIGKILL') return 'The cell process was killed (SIGKILL): often the system was out of memory.';
    if (signal) return `The cell process was ended by ${signal}: native code crashed or aborted.`;
    return `The cell process ended with code ${code}.`;
  }
}
