/** What a run asked for and came to, kept in the store: what `gc` keeps, what `why` answers by, which points failed. */
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Json } from '../canonical';
import { moveInto, readIfThere, writeTemporary } from './files';
import { entries, type Store } from './store';

export interface RunRecord {
  /** Its file's name: a sweep's name, or a hash of what was asked for. */
  id: string;
  /** What was asked for, in words: `10 student, 1 teacher`. */
  of: string;
  started: string;
  /** When its record was last written. */
  finished: string;
  pinned: boolean;
  /** Every key that its outputs are made of, by stage; of one that failed or was cut short, what isn't made yet too. */
  keys: Record<string, string[]>;
  /** A sweep's points: settings, seed and the keys of their results, by point. */
  points: Record<string, { settings: Json; seed: number; stage: string; key: string | null }>;
  /** What failed, by point. */
  failures: Record<string, { error: string; log: string | null }>;
}

/** Reads a run's record. */
export function readRun(store: Store, id: string): RunRecord | undefined {
  const text = readIfThere(pathOf(store, id));
  if (text === undefined) return undefined;
  try {
    // Records of older versions don't say what was asked for.
    return { of: '', ...(JSON.parse(text) as Omit<RunRecord, 'of'>) };
  } catch {
    // Damaged: it only said what to keep, so what it kept may go.
    rmSync(pathOf(store, id), { force: true });
    return undefined;
  }
}

/** Writes a run's record in place of what was there. */
export async function writeRun(store: Store, run: RunRecord): Promise<void> {
  mkdirSync(dirname(pathOf(store, run.id)), { recursive: true });
  await moveInto(store.root, await writeTemporary(store.root, JSON.stringify(run), 0o644), pathOf(store, run.id));
}

/** All runs, the latest first. */
export function runs(store: Store): RunRecord[] {
  const found = entries(join(store.root, 'runs')).map((name) => readRun(store, name.replace(/\.json$/, '')));
  return found.filter((run) => run !== undefined).sort((a, b) => (a.finished < b.finished ? 1 : -1));
}

/** Forgets a run: its artifacts may go unless another run needs them. */
export function forgetRun(store: Store, id: string): void {
  rmSync(pathOf(store, id), { force: true });
}

function pathOf(store: Store, id: string): string {
  return join(store.root, 'runs', `${id}.json`);
}
