import { readRun, type RunRecord, writeRun } from '../store/run-record';
import type { Store } from '../store/store';
import type { Known, Node } from './graph';

/** Writes down what a run's outputs were made of, so that `gc` keeps it; in place of the run's earlier record, whose pin stays. */
export async function recordRun(
  store: Store,
  id: string,
  started: string,
  finished: ReadonlyMap<Node, Known>,
  points: Pick<RunRecord, 'points' | 'failures'> = { points: {}, failures: {} },
): Promise<void> {
  const keys: Record<string, Set<string>> = {};
  for (const [node, { records }] of finished) {
    keys[node.stage.name] ??= new Set();
    for (const { key } of records) keys[node.stage.name]!.add(key);
  }
  await writeRun(store, {
    id,
    started,
    finished: new Date().toISOString(),
    pinned: readRun(store, id)?.pinned ?? false,
    keys: Object.fromEntries(Object.entries(keys).map(([stage, set]) => [stage, [...set]])),
    ...points,
  });
}
