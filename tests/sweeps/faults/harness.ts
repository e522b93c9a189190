/** Faults on purpose: processes killed at random moments, artifacts damaged, the disk filled; results compared bit for bit. */
import { fork } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InProcessExecutor, resultsOf, runSweep, type Store } from '../../../src/sweeps';
import { tsxLoader } from '../../../src/sweeps/executors/local';
import { ablation } from '../sweep-stages';

/** Mulberry32: the same moments and victims for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Everything that the sweep came to: each row, and the hash of each record's output by key. */
export async function outcome(store: Store): Promise<{ rows: object[]; outputs: Record<string, string> }> {
  const results = await resultsOf(ablation(), store);
  const outputs: [string, string][] = [];
  for (const stage of store.stages())
    for (const record of store.records(stage)) outputs.push([record.key, record.output]);
  outputs.sort(([a], [b]) => (a < b ? -1 : 1));
  return { rows: results.table.objects(), outputs: Object.fromEntries(outputs) };
}

/** The sweep, undisturbed, in this process. */
export async function undisturbed(store: Store) {
  await runSweep(ablation(), { store, executor: new InProcessExecutor(store) });
  return outcome(store);
}

export interface KillOptions {
  /** Processes to kill in this round, at most: it may be done before. */
  kills: number;
  /** Chance that it's the scheduler, and not one of its workers. */
  scheduler: number;
  random(): number;
  /** Longest wait before a kill, in milliseconds from the start of the run. */
  within: number;
}

/**
 * Runs the sweep in a child process over and over, killing by SIGKILL, until it ends by itself.
 * @returns how many were killed of each, and how many runs it took
 */
export async function runUnderKills(root: string, options: KillOptions) {
  const killed = { scheduler: 0, worker: 0 };
  for (let runs = 1; ; runs++) {
    const left = options.kills - killed.scheduler - killed.worker;
    const code = await oneRun(root, left, options, killed);
    if (code === 0) return { ...killed, runs };
    if (runs > options.kills * 2 + 5) throw new Error(`Expected the sweep to end, but ${runs} runs have not ended it.`);
  }
}

function oneRun(root: string, left: number, options: KillOptions, killed: { scheduler: number; worker: number }) {
  const { random, within } = options;
  return new Promise<number | null>((resolve) => {
    const child = fork(fileURLToPath(new URL('./child.ts', import.meta.url)), [root, '2', '10'], {
      execArgv: ['--import', tsxLoader()],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    let pids: number[] = [];
    let timer: NodeJS.Timeout | undefined;
    let kills = left;
    const kill = () => {
      if (kills-- <= 0) return;
      const isScheduler = random() < options.scheduler;
      const victim = isScheduler ? child.pid : pids[Math.floor(random() * pids.length)];
      try {
        if (victim !== undefined) {
          process.kill(victim, 'SIGKILL');
          killed[isScheduler ? 'scheduler' : 'worker']++;
        }
      } catch {
        // It ended a moment ago.
      }
      timer = setTimeout(kill, random() * within);
    };
    child.on('message', (message: { pids: number[] }) => {
      pids = message.pids;
      // From the first event on, so that the moments fall into the work and not into the loading of modules.
      timer ??= setTimeout(kill, random() * within);
    });
    child.on('exit', (code) => {
      clearTimeout(timer);
      resolve(code);
    });
  });
}

/** Damages a random file of the store: its bytes, its length, or its being there. Says what it did. */
export function damage(store: Store, random: () => number): string {
  const files = ['blobs', 'records'].flatMap((folder) => filesUnder(join(store.root, folder)));
  const file = files[Math.floor(random() * files.length)]!;
  chmodSync(file, 0o644);
  const how = ['corrupt', 'truncate', 'delete'][Math.floor(random() * 3)]!;
  const bytes = readFileSync(file);
  const at = Math.floor(random() * bytes.length);
  if (how === 'corrupt') {
    bytes[at] = bytes[at]! ^ 0xff;
    writeFileSync(file, bytes);
  }
  if (how === 'truncate') truncateSync(file, at);
  if (how === 'delete') rmSync(file);
  return `${how} ${file}`;
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Reads every output of the sweep's targets and inputs, so that damage shows, and repairs what it finds. */
export async function repair(store: Store): Promise<void> {
  for (const stage of store.stages()) {
    for (const record of store.records(stage)) {
      const dropped = await store.dropDamaged(record);
      if (dropped.length > 0) store.forget(record);
    }
  }
  await runSweep(ablation(), { store, executor: new InProcessExecutor(store) });
}
