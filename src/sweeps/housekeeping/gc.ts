/** Garbage collection: what can be removed, which runs keep the rest, and the time to recompute what is removed. */
import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SweepError } from '../errors';
import { bytesOf } from '../plan/cost';
import { MARKER } from '../store/files';
import type { StageRecord } from '../store/record';
import { damagedRuns, forgetRun, type RunRecord, runs as allRuns } from '../store/run-record';
import { entries, type Store } from '../store/store';

export interface GcOptions {
  /** Keep this many of the latest runs, besides the pinned ones. Default: all. */
  keepRuns?: number;
  /** Also remove the oldest unpinned runs until at most this many bytes are left. Default: no limit. */
  maxBytes?: number;
  /** Keep what was written in the last so many minutes, because a run may be about to refer to it. Default: 60. */
  graceMinutes?: number;
}

/** One stage's share of what is removed. */
export interface GcStage {
  stage: string;
  records: number;
  bytes: number;
  /** Seconds to make it all again. */
  seconds: number;
}

export interface GcReport {
  /** Runs that are forgotten, and those that keep what stays, each with the bytes that only it keeps. */
  runsGone: string[];
  runsKept: { id: string; of: string; pinned: boolean; finished: string; onlyBytes: number }[];
  stages: GcStage[];
  /** Blobs that go, and their bytes. */
  blobs: number;
  bytes: number;
  /** How many entries go from each folder of what is only passing: `{ tmp: 2, checkouts: 0, lists: 5 }`. */
  passing: Record<Passing, number>;
  /** Seconds to recompute what is removed. */
  seconds: number;
  /** Bytes that stay. */
  keptBytes: number;
  /** What stays only because it was written within the grace time. */
  young: number;
}

/** Folders of what can be had again for nothing, or that something left behind. */
const PASSING = ['tmp', 'checkouts', 'lists'] as const;
type Passing = (typeof PASSING)[number];

/**
 * What a collection would do; nothing is touched until `go` is called.
 * @throws SweepError where the folder is no store, or where the record of a run is damaged, so that what it keeps isn't known
 */
export function planGc(store: Store, options: GcOptions = {}): { report: GcReport; go: () => void } {
  const { keepRuns = Number.POSITIVE_INFINITY, maxBytes = Number.POSITIVE_INFINITY, graceMinutes = 60 } = options;
  const since = Date.now() - graceMinutes * 60_000;
  if (!isStore(store.root)) {
    throw new SweepError(
      `Expected a store to collect in, but ${store.root} is none: it has no file "${MARKER}" and no results in a store's order. Nothing was touched. Check --store and STILLHOUSE_STORE.`,
    );
  }
  const records = new Map<string, StageRecord>();
  for (const stage of store.stages()) for (const record of store.records(stage)) records.set(record.key, record);

  const runs = allRuns(store);
  const damaged = damagedRuns(store);
  if (damaged.length > 0) {
    throw new SweepError(
      `Expected the record of every run to be whole, but what these have kept is not known: ${damaged.join(', ')}. Run those again (what's finished is found) and pin those that were pinned; then delete the damaged files, and collect.`,
    );
  }
  const unpinned = runs.filter(({ pinned }) => !pinned);
  const gone = new Set(unpinned.slice(keepRuns));
  const kept = () => runs.filter((run) => !gone.has(run));
  // Oldest first, until what's left fits.
  for (const run of [...unpinned].reverse()) {
    if (bytesOfRuns(kept(), records) <= maxBytes) break;
    gone.add(run);
  }

  const keptKeys = new Set(kept().flatMap(keysOf));
  const young = (record: StageRecord) => Date.parse(record.finished) >= since;
  const all = [...records.values()];
  const going = all.filter((record) => !keptKeys.has(record.key) && !young(record));
  const leaving = new Set(going);
  const staying = all.filter((record) => !leaving.has(record));
  const needed = new Set(staying.flatMap(({ blobs }) => blobs.map(({ hash }) => hash)));
  const lists = new Set(
    staying.flatMap(({ material }) =>
      Object.values(material.inputs)
        .flat()
        .map((hash) => `${hash}.json`),
    ),
  );
  const files = blobFiles(store);
  const goingFiles = files.filter(({ hash, modified }) => !needed.has(hash) && modified < since);
  const goingPassing = PASSING.flatMap((folder) =>
    entries(join(store.root, folder)).flatMap((name) => {
      const path = join(store.root, folder, name);
      const stat = statSync(path, { throwIfNoEntry: false });
      const isWanted = (folder === 'checkouts' && needed.has(name)) || (folder === 'lists' && lists.has(name));
      return stat && !isWanted && stat.mtimeMs < since ? [{ folder, path }] : [];
    }),
  );
  const passing = (which: Passing) => goingPassing.filter(({ folder }) => folder === which).length;

  const stages = new Map<string, GcStage>();
  for (const record of going) {
    const { stage } = record.material;
    const line = stages.get(stage) ?? { stage, records: 0, bytes: 0, seconds: 0 };
    line.records++;
    line.bytes += bytesOf(record);
    line.seconds += record.seconds;
    stages.set(stage, line);
  }
  const sizes = new Map(files.map(({ hash, size }) => [hash, size]));
  const bytes = goingFiles.reduce((sum, { size }) => sum + size, 0);
  const report: GcReport = {
    runsGone: [...gone].map(({ id }) => id),
    runsKept: kept().map((run) => ({ ...onlyOf(run, kept(), records, sizes) })),
    stages: [...stages.values()].sort((a, b) => b.bytes - a.bytes),
    blobs: goingFiles.length,
    bytes,
    passing: { tmp: passing('tmp'), checkouts: passing('checkouts'), lists: passing('lists') },
    seconds: going.reduce((sum, { seconds }) => sum + seconds, 0),
    keptBytes: files.reduce((sum, { size }) => sum + size, 0) - bytes,
    young: all.filter((record) => !keptKeys.has(record.key) && young(record)).length,
  };
  const go = () => {
    for (const run of gone) forgetRun(store, run.id);
    // Records before blobs: a record without its blobs would only cost a look, but the order costs nothing.
    for (const record of going) store.forget(record);
    for (const { path } of goingFiles) rmSync(path, { force: true });
    for (const { path } of goingPassing) rmSync(path, { recursive: true, force: true });
  };
  return { report, go };
}

/** Whether `gc` may delete here: a store's marker is there, or the order of one that is older than markers, or nothing at all. */
function isStore(root: string): boolean {
  if (existsSync(join(root, MARKER)) || entries(root).length === 0) return true;
  const namesIn = (folder: string) =>
    statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? entries(folder) : [];
  const stages = namesIn(join(root, 'records')).map((stage) => join(root, 'records', stage));
  return [join(root, 'blobs'), ...stages].some((folder) => namesIn(folder).some((name) => /^[0-9a-f]{2}$/.test(name)));
}

/** Every key that a run keeps. */
export function keysOf(run: RunRecord): string[] {
  return Object.values(run.keys).flat();
}

function blobFiles(store: Store): { hash: string; path: string; size: number; modified: number }[] {
  const root = join(store.root, 'blobs');
  return entries(root).flatMap((prefix) =>
    entries(join(root, prefix)).flatMap((hash) => {
      const path = join(root, prefix, hash);
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat ? [{ hash, path, size: stat.size, modified: stat.mtimeMs }] : [];
    }),
  );
}

function blobsOf(runs: readonly RunRecord[], records: ReadonlyMap<string, StageRecord>): Map<string, number> {
  const found = new Map<string, number>();
  for (const key of runs.flatMap(keysOf))
    for (const { hash, size } of records.get(key)?.blobs ?? []) found.set(hash, size);
  return found;
}

function bytesOfRuns(runs: readonly RunRecord[], records: ReadonlyMap<string, StageRecord>): number {
  return [...blobsOf(runs, records).values()].reduce((sum, size) => sum + size, 0);
}

function onlyOf(
  run: RunRecord,
  kept: readonly RunRecord[],
  records: ReadonlyMap<string, StageRecord>,
  sizes: ReadonlyMap<string, number>,
) {
  const others = blobsOf(
    kept.filter((other) => other !== run),
    records,
  );
  const only = [...blobsOf([run], records).keys()].filter((hash) => !others.has(hash));
  const { id, of, pinned, finished } = run;
  return { id, of, pinned, finished, onlyBytes: only.reduce((sum, hash) => sum + (sizes.get(hash) ?? 0), 0) };
}
