/** Tasks as Slurm job arrays. The store on the shared file system decides what is done; the queue only says what still runs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asError, RunCancelledError, StageDefinitionError, WorkerLostError } from '../../errors';
import { PastCosts } from '../../plan/history';
import type { AttemptHooks, Executor } from '../../run/executor';
import { machineName, type Task } from '../../run/task';
import type { AnyStage } from '../../stage/stage';
import { readIfThere } from '../../store/files';
import { entries, type Store } from '../../store/store';
import { closedError, tsxLoader } from '../local';
import { receivedError } from '../messages';
import { type RawHashes, Sources } from '../sources';
import { type ArrayInfo, type Exit, logPath, newExits, packed, packPath, readInfo, writeInfo } from './array';
import { cancelJobs, cancelTask, queue, type QueuedTask, SlurmError, startNow, submit } from './commands';
import { checkedOptions, type SlurmExecutorOptions } from './options';

interface Job {
  task: Task;
  sources: RawHashes;
  hooks: AttemptHooks;
  started: boolean;
  resolve(value: { log?: string }): void;
  reject(error: Error): void;
}

interface LiveArray {
  folder: string;
  job: string;
  /** Jobs waiting for each task of each pack; several where an interrupted run's array was found again. */
  waiting: Map<string, Job>;
  seen: Set<string>;
  /** Looks in a row at which a pack was in no queue and had unsettled tasks. */
  gone: Map<number, number>;
  keys: string[][];
}

/** Jobs that are on their way into the queue; an abort of `stop` means that nobody wants them any more. */
interface Submission {
  jobs: Job[];
  stop: AbortController;
}

/** Looks at which a task must be in no queue before it counts as lost: its exit file may lag on a shared file system. */
const LOOKS = 3;
/** And for how long, in milliseconds: after its restart a controller takes a while to hear from its nodes. */
const LAG = 5000;
/** How long a record may be unseen after its task has ended, in milliseconds: NFS keeps what it knows of a folder for a minute. */
const UNSEEN = 90_000;

export class SlurmExecutor implements Executor {
  private readonly options: Required<SlurmExecutorOptions>;
  private readonly folder: string;
  private readonly sources = new Sources();
  private readonly arrays = new Set<LiveArray>();
  private readonly gathered: Job[] = [];
  private gathering: NodeJS.Timeout | undefined;
  /** Submissions that go on, with their ends. */
  private readonly submitting = new Map<Submission, Promise<void>>();
  private cancelling: Promise<void> | undefined;
  private polling: Promise<void> | undefined;
  private closed = false;
  private readonly adopted: Promise<void>;
  private readonly signals = new WeakSet<AbortSignal>();
  /** Text of the latest cancellation's note; a different text means a new cancellation. */
  private readonly noted: string | undefined;

  constructor(
    private readonly store: Store,
    options: SlurmExecutorOptions = {},
  ) {
    this.options = checkedOptions(options);
    this.folder = join(store.root, 'slurm');
    this.noted = readIfThere(this.cancelNote);
    this.adopted = this.adopt();
    // Whoever awaits it hears of it.
    this.adopted.catch(() => undefined);
  }

  async execute(task: Task, stage: AnyStage, hooks: AttemptHooks): Promise<{ log?: string }> {
    if (!task.module) {
      throw new StageDefinitionError(
        `Expected stage "${task.stage}" to name its module (\`code: import.meta.url\`), so that a node can load it; one of a notebook cell runs in the notebook alone.`,
      );
    }
    const sources = await this.sources.of(task, stage);
    await this.adopted;
    hooks.signal.throwIfAborted();
    if (this.closed) throw closedError();
    return new Promise((resolve, reject) => {
      const job: Job = { task, sources, hooks, started: false, resolve, reject };
      this.listen(hooks.signal);
      if (!this.attach(job)) this.gather(job);
      this.polling ??= this.poll();
    });
  }

  /** What is in the queue of this store's arrays. */
  async status(): Promise<QueuedTask[]> {
    return queue(this.knownJobs());
  }

  /** Cancels everything of this store that's in the queue; runs that wait for it end. */
  async cancel(): Promise<void> {
    mkdirSync(this.store.root, { recursive: true });
    writeFileSync(this.cancelNote, `${new Date().toISOString()} ${process.pid}`);
    await cancelJobs(this.knownJobs());
  }

  /** Rejects what waits; of that, what is in the queue already goes on, and the next run finds it there. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.gathering);
    this.endAll(closedError());
    await Promise.all([this.polling, this.cancelling, ...this.submitting.values()]);
  }

  /** Arrays of a run that was interrupted, where they are still in the queue: their tasks needn't be submitted again. */
  private async adopt(): Promise<void> {
    const infos = entries(this.folder).flatMap((name) => {
      const folder = join(this.folder, name);
      const info = readInfo(folder);
      return info ? [{ folder, info }] : [];
    });
    const live = new Set((await queue(infos.map(({ info }) => info.job)).catch(() => [])).map(({ job }) => job));
    for (const { folder, info } of infos) {
      if (!live.has(info.job)) continue;
      const array = liveArray(folder, info);
      newExits(folder, array.seen);
      this.arrays.add(array);
    }
  }

  /** Whether an array in the queue already has this very task, with nobody waiting for it. */
  private attach(job: Job): boolean {
    const key = taskKey(job.task);
    for (const array of this.arrays) {
      for (const [pack, keys] of array.keys.entries()) {
        const place = `${pack}-${keys.indexOf(key)}`;
        if (!keys.includes(key) || array.seen.has(`${place}.json`) || array.waiting.has(place)) continue;
        array.waiting.set(place, job);
        return true;
      }
    }
    return false;
  }

  private gather(job: Job): void {
    this.gathered.push(job);
    clearTimeout(this.gathering);
    this.gathering = setTimeout(() => this.submit(this.gathered.splice(0)), this.options.gather);
  }

  private submit(jobs: Job[]): void {
    const submission = { jobs, stop: new AbortController() };
    const ended = Promise.resolve(submission)
      .then((one) => this.submitAll(one))
      .catch((error: Error) => rejectAll(jobs, error))
      .finally(() => this.submitting.delete(submission));
    this.submitting.set(submission, ended);
  }

  private async submitAll({ jobs, stop: { signal } }: Submission): Promise<void> {
    const groups = new Map<string, Job[]>();
    for (const job of jobs) {
      const needs = JSON.stringify(job.task.resources);
      groups.set(needs, [...(groups.get(needs) ?? []), job]);
    }
    for (const group of groups.values()) {
      const costs = new PastCosts(this.store, machineName());
      const cost = ({ task }: Job) => {
        const one = costs.alike(task.stage, task.parameters, task.amount)?.median;
        return one === undefined ? undefined : one * (task.pieces?.length ?? 1);
      };
      const packs = packed(group, cost, this.options);
      for (let i = 0; i < packs.length; i += this.options.arraySize) {
        const part = packs.slice(i, i + this.options.arraySize);
        if (this.endIfCancelled() || signal.aborted) return;
        try {
          const array = await this.patiently(() => this.submitArray(part), signal);
          if (!this.endIfCancelled() && !signal.aborted) this.arrays.add(array);
          // Whoever ended the run in the meantime had no number to cancel it by.
          else await this.patiently(() => cancelJobs([array.job]));
        } catch (error) {
          rejectAll(part.flat(), error as Error);
        }
      }
    }
  }

  /** Waits for a controller that is down; anything else that's wrong is thrown. */
  private async patiently<T>(ask: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const until = performance.now() + this.options.patience * 1000;
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        const isDown = error instanceof SlurmError && error.isUnreachable;
        if (!isDown || this.closed || performance.now() > until) throw error;
        await new Promise((done) => setTimeout(done, this.options.poll));
        signal?.throwIfAborted();
      }
    }
  }

  private async submitArray(packs: Job[][]): Promise<LiveArray> {
    const { task } = packs[0]![0]!;
    const { threads, memory, gpus, minutes } = task.resources;
    const time = new Date().toISOString().replaceAll(':', '-');
    const folder = join(this.folder, `${time}-${task.stage}-${task.key.slice(0, 8)}`);
    mkdirSync(folder, { recursive: true });
    for (const [i, pack] of packs.entries()) {
      const tasks = pack.map((job) => ({ task: job.task, sources: job.sources }));
      writeFileSync(packPath(folder, i), JSON.stringify({ store: this.store.root, threads, tasks }));
    }
    const worker = fileURLToPath(new URL('./pack-worker.ts', import.meta.url));
    const command = [process.execPath, '--import', tsxLoader(), worker, folder].map((word) => `'${word}'`).join(' ');
    const job = await submit({
      name: `stillhouse-${task.stage}`,
      size: packs.length,
      threads,
      memory,
      gpus,
      minutes,
      log: logPath(folder, '%a'),
      script: `#!/bin/sh\nexec ${command} "$SLURM_ARRAY_TASK_ID"\n`,
      extra: this.options.sbatch,
    });
    const keys = packs.map((pack) => pack.map((each) => taskKey(each.task)));
    const info = { job, packs: keys };
    writeInfo(folder, info);
    return liveArray(folder, info, new Map(packs.flatMap((pack, i) => pack.map((each, k) => [`${i}-${k}`, each]))));
  }

  private async poll(): Promise<void> {
    /** When the first failure in a row was. */
    let failing: number | undefined;
    while (!this.closed) {
      await new Promise((done) => setTimeout(done, this.options.poll));
      try {
        await this.look();
        failing = undefined;
      } catch (error) {
        // A controller that is down may be back in a while, as a shared disk that can't be read may.
        failing ??= performance.now();
        const isHopeless = error instanceof SlurmError && !error.isUnreachable;
        if (isHopeless || performance.now() - failing > this.options.patience * 1000) this.endAll(asLast(error));
      }
    }
  }

  private async look(): Promise<void> {
    for (const array of this.arrays) this.settleExits(array);
    if (this.endIfCancelled()) return;
    const open = [...this.arrays].filter(({ waiting }) => waiting.size > 0);
    // With the controller down nothing is known of the queue; exits have come in all the same.
    const queued = await queue(open.map(({ job }) => job));
    for (const entry of queued) {
      if (entry.state !== 'PENDING') continue;
      if (entry.reason === 'BeginTime') await startNow(entry).catch(() => undefined);
      // Its node went away as it was to start it, and Slurm holds it for an administrator: it's submitted anew.
      if (/launch.failed/i.test(entry.reason)) await cancelTask(entry).catch(() => undefined);
    }
    for (const array of open) this.lookForLost(array, queued);
  }

  private settleExits(array: LiveArray): void {
    for (const { pack, task, exit } of newExits(array.folder, array.seen)) {
      const job = array.waiting.get(`${pack}-${task}`);
      array.waiting.delete(`${pack}-${task}`);
      if (job) this.settle(job, exit, logPath(array.folder, pack)).catch(job.reject);
    }
  }

  private async settle(job: Job, exit: Exit, log: string): Promise<void> {
    start(job);
    if (exit.status === 'done') {
      await this.untilSeen(job);
      job.resolve({ log });
    } else if (exit.status === 'failed') job.reject(Object.assign(receivedError(exit.error), { log }));
    else job.reject(new WorkerLostError(`Stage "${job.task.stage}" was left undone: ${exit.reason}.`));
  }

  /** A shared file system may go on saying that a record isn't there, as it was when we looked before it was made. */
  private async untilSeen({ task, hooks }: Job): Promise<void> {
    const keys = task.pieces?.map(({ key }) => key) ?? [task.key];
    const until = performance.now() + UNSEEN;
    const isSeen = () => keys.every((key) => this.store.record(task.stage, key));
    while (!isSeen() && performance.now() < until && !hooks.signal.aborted) {
      await new Promise((done) => setTimeout(done, this.options.poll));
    }
  }

  private lookForLost(array: LiveArray, queued: readonly QueuedTask[]): void {
    const mine = queued.filter(({ job }) => job === array.job);
    const there = new Set(mine.map(({ index }) => index));
    const running = new Set(mine.filter(({ state }) => state === 'RUNNING').map(({ index }) => index));
    for (const [place, job] of array.waiting) {
      const pack = Number(place.split('-')[0]);
      if (running.has(pack)) start(job);
      if (there.has(pack)) array.gone.delete(pack);
    }
    for (const pack of new Set([...array.waiting.keys()].map((place) => Number(place.split('-')[0])))) {
      if (there.has(pack)) continue;
      const looks = (array.gone.get(pack) ?? 0) + 1;
      array.gone.set(pack, looks);
      if (looks < LOOKS || looks * this.options.poll < LAG) continue;
      for (const [place, job] of [...array.waiting].filter(([name]) => name.startsWith(`${pack}-`))) {
        array.waiting.delete(place);
        // Don't wait for it here again: the next try is a new submission.
        array.seen.add(`${place}.json`);
        const log = logPath(array.folder, pack);
        const error = new WorkerLostError(
          `Job ${array.job}_${pack} left the queue before stage "${job.task.stage}" was done.`,
        );
        job.reject(Object.assign(error, { log }));
      }
    }
  }

  private listen(signal: AbortSignal): void {
    if (this.signals.has(signal)) return;
    this.signals.add(signal);
    signal.addEventListener('abort', () => {
      this.endAll(signal.reason as Error);
      this.cancelling = cancelJobs([...this.arrays].map(({ job }) => job)).catch(() => undefined);
    });
  }

  /** Ends everything that waits if somebody has called `slurm cancel` since this began; says whether so. */
  private endIfCancelled(): boolean {
    if (readIfThere(this.cancelNote) === this.noted) return false;
    this.endAll(new RunCancelledError('Cancelled by `slurm cancel`. Run again to go on.'));
    return true;
  }

  private endAll(reason: Error): void {
    rejectAll(this.gathered.splice(0), reason);
    for (const { jobs, stop } of this.submitting.keys()) {
      stop.abort(reason);
      rejectAll(jobs, reason);
    }
    for (const { waiting } of this.arrays) {
      rejectAll(waiting.values(), reason);
      waiting.clear();
    }
  }

  private get cancelNote(): string {
    return join(this.store.root, 'slurm-cancelled');
  }

  private knownJobs(): string[] {
    return entries(this.folder).flatMap((name) => readInfo(join(this.folder, name))?.job ?? []);
  }
}

function liveArray(folder: string, { job, packs }: ArrayInfo, waiting = new Map<string, Job>()): LiveArray {
  return { folder, job, waiting, seen: new Set(), gone: new Map(), keys: packs };
}

/** What a run says of the error that it ends with. */
function asLast(error: unknown): Error {
  if (!(error instanceof SlurmError)) return asError(error);
  return new SlurmError(
    `${error.message}\nWhat was submitted goes on: run again to wait for it, or take it back by \`slurm cancel\`.`,
  );
}

function rejectAll(jobs: Iterable<Job>, reason: Error): void {
  for (const job of jobs) job.reject(reason);
}

function start(job: Job): void {
  if (job.started) return;
  job.started = true;
  job.hooks.onStart();
}

/** A task by all that it makes: a mapped stage's batch is another task with other items in it. */
function taskKey(task: Task): string {
  return task.pieces ? task.pieces.map(({ key }) => key.slice(0, 16)).join('+') : task.key;
}
