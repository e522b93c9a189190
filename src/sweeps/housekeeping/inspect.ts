/** What the store holds, and why. */
import { fromJson, type Json } from '../canonical';
import { SweepError } from '../errors';
import { bytesOf } from '../plan/cost';
import { readList } from '../store/lists';
import type { StageRecord } from '../store/record';
import { type RunRecord, readRun, runs, writeRun } from '../store/run-record';
import type { Store } from '../store/store';
import { keysOf } from './gc';

export interface StoreListing {
  stages: { stage: string; records: number; bytes: number; seconds: number; latest: string }[];
  runs: { id: string; of: string; pinned: boolean; finished: string; points: number; failures: number; keys: number }[];
}

/** Each stage's records and each run. */
export function list(store: Store): StoreListing {
  const stages = store.stages().map((stage) => {
    const line = { stage, records: 0, bytes: 0, seconds: 0, latest: '' };
    for (const record of store.records(stage)) {
      line.records++;
      line.bytes += bytesOf(record);
      line.seconds += record.seconds;
      if (record.finished > line.latest) line.latest = record.finished;
    }
    return line;
  });
  return {
    stages,
    runs: runs(store).map((run) => ({
      id: run.id,
      of: run.of,
      pinned: run.pinned,
      finished: run.finished,
      points: Object.keys(run.points).length,
      failures: Object.keys(run.failures).length,
      keys: keysOf(run).length,
    })),
  };
}

export interface Why {
  record: StageRecord;
  /** Parameters as they were given. */
  parameters: unknown;
  /** Records whose outputs were its inputs. */
  madeOf: { input: string; stage: string; key: string }[];
  /** Records that used its output as input. */
  usedBy: { stage: string; key: string }[];
  /** Runs that keep it. */
  keptBy: string[];
}

/**
 * Why an artifact is there: what it was made of, who used it, which runs keep it.
 * @param hash the beginning of a key, of an output's hash or of a blob's
 * @throws SweepError where nothing, or more than one record, begins so
 */
export function why(store: Store, hash: string): Why[] {
  const all = store.stages().flatMap((stage) => [...store.records(stage)]);
  const found = all.filter(
    ({ key, output, blobs }) =>
      [key, output].some((each) => each.startsWith(hash)) || blobs.some((blob) => blob.hash.startsWith(hash)),
  );
  if (found.length === 0) {
    throw new SweepError(
      `Expected the beginning of a key or hash in the store at ${store.root}, got "${hash}". \`stillhouse store ls\` lists what's there.`,
    );
  }
  const byOutput = new Map<string, StageRecord[]>();
  for (const record of all) byOutput.set(record.output, [...(byOutput.get(record.output) ?? []), record]);
  const lists = new Map<string, ReadonlySet<string>>();
  /** Outputs that an input stands for. */
  const outputsOf = (hash: string): ReadonlySet<string> => {
    const found = lists.get(hash) ?? new Set(readList(store, hash) ?? [hash]);
    lists.set(hash, found);
    return found;
  };
  const kept = runs(store);
  return found.map((record) => ({
    record,
    parameters: fromJson(record.material.parameters as Json),
    madeOf: Object.entries(record.material.inputs).flatMap(([input, hashes]) =>
      [hashes]
        .flat()
        .flatMap((hash) => [...outputsOf(hash)])
        .flatMap((output) =>
          (byOutput.get(output) ?? []).map(({ key, material }) => ({ input, stage: material.stage, key })),
        ),
    ),
    usedBy: all
      .filter(({ material }) =>
        Object.values(material.inputs)
          .flat()
          .some((each) => outputsOf(each).has(record.output)),
      )
      .map(({ key, material }) => ({ stage: material.stage, key })),
    keptBy: kept.filter((run) => keysOf(run).includes(record.key)).map(({ id }) => id),
  }));
}

/** Pins a run (its artifacts stay whatever `gc` is told), or lets it go. @throws SweepError where there's no such run */
export async function pin(store: Store, id: string, pinned = true): Promise<RunRecord> {
  const run = readRun(store, id);
  if (!run) {
    const names = runs(store).map((each) => each.id);
    throw new SweepError(`Expected the name of a run, got "${id}". The store's runs: ${names.join(', ') || 'none'}.`);
  }
  const changed = { ...run, pinned };
  await writeRun(store, changed);
  return changed;
}
