/** Tasks in worker processes of this machine, within its threads and memory. */
import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { availableParallelism, totalmem } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { z } from 'zod';
import { EditedCodeError, SweepError, WorkerLostError } from '../errors';
import { parsed } from '../parsed';
import type { AttemptHooks, Executor } from '../run/executor';
import type { Task } from '../run/task';
import type { AnyStage } from '../stage/stage';
import type { Store } from '../store/store';
import { AttemptLog } from './attempt-log';
import { type FromWorker, receivedError, type ToWorker } from './messages';
import { type RawHashes, Sources } from './sources';

export interface LocalExecutorOptions {
  /** Most worker processes. Default: one per thread of the budget. */
  workers?: number;
  /** Threads of all tasks together. Default: the processor's. */
  threads?: number;
  /** Memory of all tasks together, in MiB. Default: 80 % of the machine's. */
  memory?: number;
}

const optionsSchema = z.strictObject({
  workers: z.int().min(1).optional(),
  threads: z.int().min(1).default(availableParallelism()),
  memory: z
    .number()
    .positive()
    .default((totalmem() / 2 ** 20) * 0.8),
});

interface Worker {
  process: ChildProcess;
  threads: number;
  /** Raw hashes of the files that it has loaded, or may have. */
  loaded: Map<string, string>;
  job: Job | undefined;
  ready: Promise<void>;
}

interface Job {
  task: Task;
  hooks: AttemptHooks;
  sources: RawHashes;
  threads: number;
  memory: number;
  log: AttemptLog;
  resolve(value: { log?: string }): void;
  reject(error: Error): void;
}

/** Milliseconds that an interrupted task has to end by itself. */
const PATIENCE = 1500;

/** Reuses its workers, so that TensorFlow and what stages `keep` are loaded once in each. */
export class LocalExecutor implements Executor {
  private readonly workers = new Set<Worker>();
  private readonly queue: Job[] = [];
  private readonly limits: Required<LocalExecutorOptions>;
  private readonly sources = new Sources();
  private readonly signals = new WeakSet<AbortSignal>();
  private threads = 0;
  private memory = 0;
  private closed = false;

  constructor(
    private readonly store: Store,
    options: LocalExecutorOptions = {},
  ) {
    const { threads, memory, workers = threads } = parsed(optionsSchema, options, 'options of a LocalExecutor');
    this.limits = { workers, threads, memory };
  }

  /** Process ids of the workers, for those who watch them (or test what their end does). */
  get pids(): number[] {
    return [...this.workers].flatMap((worker) => worker.process.pid ?? []);
  }

  async execute(task: Task, stage: AnyStage, hooks: AttemptHooks): Promise<{ log?: string }> {
    const sources = await this.sources.of(task, stage);
    hooks.signal.throwIfAborted();
    if (this.closed) throw closedError();
    return new Promise((resolve, reject) => {
      const { threads, memory } = task.resources;
      const job: Job = {
        task,
        hooks,
        sources,
        // A task that asks for more than there is runs alone.
        threads: Math.min(threads, this.limits.threads),
        memory: Math.min(memory, this.limits.memory),
        log: new AttemptLog(this.store, task, hooks.attempt),
        resolve,
        reject,
      };
      this.queue.push(job);
      this.listen(hooks.signal);
      this.dispatch();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const job of this.queue.splice(0)) job.reject(closedError());
    await Promise.all([...this.workers].map((worker) => this.end(worker)));
  }

  /** Starts what fits, the oldest first: one that needs more than is free doesn't hold up smaller ones behind it. */
  private dispatch(): void {
    const { limits } = this;
    while (this.threads < limits.threads) {
      const place = this.queue.findIndex(
        ({ threads, memory }) => this.threads + threads <= limits.threads && this.memory + memory <= limits.memory,
      );
      const job = this.queue[place];
      const worker = job && this.freeWorker(job);
      if (!worker) return;
      this.queue.splice(place, 1);
      this.threads += job.threads;
      this.memory += job.memory;
      this.assign(worker, job);
    }
  }

  private freeWorker({ threads, sources }: Job): Worker | undefined {
    const idle = [...this.workers].filter((worker) => !worker.job);
    const fitting = idle.find((worker) => worker.threads === threads && isCurrent(worker, sources));
    if (fitting) return fitting;
    if (this.workers.size >= this.limits.workers) {
      // TensorFlow's threads are fixed when it's loaded, and so are modules: another count or edit needs another process.
      if (!idle[0]) return undefined;
      void this.end(idle[0]);
    }
    return this.spawn(threads);
  }

  private spawn(threads: number): Worker {
    const child = fork(fileURLToPath(new URL('./worker.ts', import.meta.url)), [], {
      execArgv: ['--import', tsxLoader(), '--enable-source-maps'],
      env: { ...process.env, STILLHOUSE_THREADS: String(threads), OMP_NUM_THREADS: String(threads) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    let isReady = () => {};
    const ready = new Promise<void>((resolve) => {
      isReady = resolve;
    });
    const worker: Worker = { process: child, threads, loaded: new Map(), job: undefined, ready };
    this.workers.add(worker);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        worker.job?.log.write(text);
        for (const line of text.trimEnd().split('\n')) worker.job?.hooks.log(line);
      });
    }
    child.on('message', (message: FromWorker) => {
      if (message.type === 'ready') isReady();
      else this.receive(worker, message);
    });
    const lost = (how: string) => {
      this.workers.delete(worker);
      isReady();
      const { job } = worker;
      if (job) this.finish(worker, new WorkerLostError(`The worker process of stage "${job.task.stage}" ${how}.`));
      this.dispatch();
    };
    child.on('exit', (code, signal) => lost(signal ? `ended by ${signal}` : `ended with exit code ${code}`));
    // A process that could not be started has no exit event; the error of one that was is a message after its end.
    child.on('error', ({ message }) => child.pid === undefined && lost(`could not be started: ${message}`));
    return worker;
  }

  private assign(worker: Worker, job: Job): void {
    worker.job = job;
    job.hooks.onStart();
    const { task } = job;
    const files = Object.entries(job.sources);
    // It looks at what it loads for the first time alone.
    const sources = files.every(([path]) => worker.loaded.has(path)) ? undefined : job.sources;
    for (const [path, hash] of files) worker.loaded.set(path, hash);
    void worker.ready.then(() => {
      if (worker.job !== job) return;
      if (job.hooks.signal.aborted) this.finish(worker, job.hooks.signal.reason as Error);
      else this.send(worker, { type: 'task', task, store: this.store.root, sources });
    });
  }

  private receive(worker: Worker, message: Exclude<FromWorker, { type: 'ready' }>): void {
    const { job } = worker;
    if (!job) return;
    if (message.type === 'progress') job.hooks.onProgress(message.progress);
    if (message.type === 'log') {
      job.log.write(`${message.line}\n`);
      job.hooks.log(message.line);
    }
    if (message.type === 'done') this.finish(worker);
    if (message.type === 'error') {
      job.log.write(`${message.error.stack}\n`);
      const error = receivedError(message.error);
      // It counts as having loaded what the key says: with the file changed back, later tasks would run the edited code.
      if (error instanceof EditedCodeError) void this.end(worker);
      this.finish(worker, error);
    }
  }

  private finish(worker: Worker, error?: Error): void {
    const job = worker.job!;
    worker.job = undefined;
    this.threads -= job.threads;
    this.memory -= job.memory;
    const { kept } = job.log;
    if (error) {
      if (error instanceof WorkerLostError) job.log.write(`${error.message}\n`);
      job.reject(Object.assign(error, { log: job.log.kept }));
    } else job.resolve(kept ? { log: kept } : {});
    this.dispatch();
  }

  /** One listener per run, however many tasks it has. */
  private listen(signal: AbortSignal): void {
    if (this.signals.has(signal)) return;
    this.signals.add(signal);
    signal.addEventListener('abort', () => {
      for (const job of this.queue.filter(({ hooks }) => hooks.signal === signal)) {
        this.queue.splice(this.queue.indexOf(job), 1);
        job.reject(signal.reason as Error);
      }
      for (const worker of this.workers) {
        const { job } = worker;
        if (job?.hooks.signal !== signal) continue;
        this.send(worker, { type: 'abort' });
        // One that doesn't listen (a long loop, a module that still loads) is ended.
        setTimeout(() => worker.job === job && worker.process.kill('SIGKILL'), PATIENCE).unref();
      }
    });
  }

  private send(worker: Worker, message: ToWorker): void {
    worker.process.send(message, () => undefined);
  }

  private async end(worker: Worker): Promise<void> {
    this.workers.delete(worker);
    const { pid, exitCode, signalCode } = worker.process;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const exited = new Promise<void>((resolve) => worker.process.once('exit', () => resolve()));
    worker.process.kill('SIGKILL');
    await exited;
  }
}

/** What waits for an executor that's closed, and what comes after that, hears. */
export function closedError(): SweepError {
  return new SweepError('The executor was closed before the run had ended. Make a new one and run again.');
}

/** Whether what a worker has loaded of these files is what they are now: an executor may outlive an edit. */
function isCurrent({ loaded }: Worker, sources: RawHashes): boolean {
  return Object.entries(sources).every(([path, hash]) => (loaded.get(path) ?? hash) === hash);
}

/** Address of the TypeScript loader, for `node --import`. */
export function tsxLoader(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
}
