/** What a run asked for and came to, kept in the store: what `gc` keeps, what `why` answers by, which points failed. */
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Json } from '../canonical';
import { moveInto, readIfThere, writeTemporary } from './files';
import { entries, type Store } from './store';

const key = z.string().regex(/^[0-9a-f]{64}$/);
const stageName = z.string().regex(/^[a-zA-Z0-9][\w.-]*$/);

export const runRecord = z.strictObject({
  /** Its file's name: a sweep's name, or a hash of what was asked for. */
  id: z.string().regex(/^[\w.-]+$/),
  /** What was asked for, in words: `10 student, 1 teacher`. Records of older versions don't say. */
  of: z.string().default(''),
  started: z.string(),
  /** When its record was last written. */
  finished: z.string(),
  pinned: z.boolean(),
  /** Every key that its outputs are made of, by stage; of one that failed or was cut short, what isn't made yet too. */
  keys: z.record(stageName, z.array(key)),
  /** A sweep's points: settings, seed and the keys of their results, by point. */
  points: z.record(
    z.string(),
    z.strictObject({
      settings: z.json() as z.ZodType<Json>,
      seed: z.number(),
      stage: z.string(),
      key: z.string().nullable(),
    }),
  ),
  /** What failed, by point. */
  failures: z.record(z.string(), z.strictObject({ error: z.string(), log: z.string().nullable() })),
});
export type RunRecord = z.infer<typeof runRecord>;

const DAMAGED = '.damaged';

/** Reads a run's record. A damaged one is put aside: it may have been pinned, so `gc` waits until somebody has seen to it. */
export function readRun(store: Store, id: string): RunRecord | undefined {
  const path = pathOf(store, id);
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return runRecord.parse(JSON.parse(text));
  } catch {
    putAside(path);
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
  const names = entries(join(store.root, 'runs')).filter((name) => name.endsWith('.json'));
  const found = names.map((name) => readRun(store, name.replace(/\.json$/, '')));
  return found.filter((run) => run !== undefined).sort((a, b) => (a.finished < b.finished ? 1 : -1));
}

/** Paths of the damaged records that were put aside: what they kept isn't known. */
export function damagedRuns(store: Store): string[] {
  const folder = join(store.root, 'runs');
  return entries(folder).flatMap((name) => (name.endsWith(DAMAGED) ? [join(folder, name)] : []));
}

/** Forgets a run: its artifacts may go unless another run needs them. */
export function forgetRun(store: Store, id: string): void {
  rmSync(pathOf(store, id), { force: true });
}

function pathOf(store: Store, id: string): string {
  return join(store.root, 'runs', `${id}.json`);
}

function putAside(path: string): void {
  try {
    renameSync(path, path + DAMAGED);
    console.error(`The run's record ${path} is damaged; it is now ${path}${DAMAGED}. \`store gc\` says what to do.`);
  } catch {
    // Another process was first, or the store is read-only, where nothing is collected.
  }
}
