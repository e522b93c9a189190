/** What came back of each submitted pack: how its tasks ended, and what it printed. */
import { join } from 'node:path';
import { readIfThere } from '../../store/files';
import { entries, type Store } from '../../store/store';
import { logPath, newExits, readInfo } from './array';

/** One member of an array. */
export interface PackLog {
  /** Id of the array's job, as Slurm knows it. */
  job: string;
  /** Folder of the array: when it was submitted, and its first stage. */
  array: string;
  /** Index in the array. */
  pack: number;
  tasks: number;
  done: number;
  failed: number;
  /** Not ended: in the queue, running, or lost. */
  open: number;
  /** Messages of those that failed. */
  errors: string[];
  /** The log on the shared file system, and what it holds; empty where it hasn't begun. */
  path: string;
  text: string;
}

/** The packs of every array submitted from this store, in the order of their submission. */
export function arrayLogs(store: Store): PackLog[] {
  const root = join(store.root, 'slurm');
  return entries(root)
    .sort()
    .flatMap((array) => {
      const folder = join(root, array);
      const info = readInfo(folder);
      if (!info) return [];
      const exits = newExits(folder, new Set());
      return info.packs.map((tasks, pack): PackLog => {
        const ended = exits.filter((exit) => exit.pack === pack).map(({ exit }) => exit);
        const failed = ended.flatMap((exit) => (exit.status === 'failed' ? [exit.error.message] : []));
        const done = ended.filter(({ status }) => status === 'done').length;
        const path = logPath(folder, pack);
        return {
          ...{ job: info.job, array, pack, tasks: tasks.length, done, failed: failed.length },
          open: tasks.length - done - failed.length,
          errors: failed,
          path,
          text: readIfThere(path) ?? '',
        };
      });
    });
}
