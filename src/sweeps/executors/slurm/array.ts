/** A submitted array as files on the shared file system: its tasks, and what became of each. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from '../../../common';
import type { Task } from '../../run/task';
import { readIfThere } from '../../store/files';
import { entries } from '../../store/store';
import type { SentError } from '../messages';
import type { RawHashes } from '../sources';

/** The tasks that one member of the array does, one after the other, and where they keep what they make. */
export interface Pack {
  store: string;
  threads: number;
  tasks: { task: Task; sources: RawHashes }[];
}

/** How a task of a pack ended, filed by the process that ran it. */
export type Exit = { status: 'done' } | { status: 'failed'; error: SentError } | { status: 'left'; reason: string };

/** Metadata in the array's folder. */
export interface ArrayInfo {
  job: string;
  /** Keys of each pack's tasks. */
  packs: string[][];
}

export function packPath(folder: string, index: number): string {
  return join(folder, `pack-${index}.json`);
}

export function logPath(folder: string, index: number | '%a'): string {
  return join(folder, `log-${index}.txt`);
}

export function writeInfo(folder: string, info: ArrayInfo): void {
  writeWhole(join(folder, 'array.json'), JSON.stringify(info));
}

/** What was submitted; undefined where that can't be read (now). */
export function readInfo(folder: string): ArrayInfo | undefined {
  return parsed(join(folder, 'array.json')) as ArrayInfo | undefined;
}

export function writeExit(folder: string, pack: number, task: number, exit: Exit): void {
  mkdirSync(join(folder, 'exits'), { recursive: true });
  writeWhole(join(folder, 'exits', `${pack}-${task}.json`), JSON.stringify(exit), { inManyFiles: true });
}

/** Exits that aren't in `seen` yet, by pack and task; adds them to `seen`. What can't be read is left for the next time. */
export function newExits(folder: string, seen: Set<string>): { pack: number; task: number; exit: Exit }[] {
  const names = entries(join(folder, 'exits')).filter((name) => /^\d+-\d+\.json$/.test(name) && !seen.has(name));
  return names.flatMap((name) => {
    const exit = parsed(join(folder, 'exits', name)) as Exit | undefined;
    if (!exit) return [];
    seen.add(name);
    const [pack = 0, task = 0] = name.split(/[-.]/).map(Number);
    return [{ pack, task, exit }];
  });
}

/** Tasks shared out so that each pack is worth starting a process, and all slots have something to do. */
export function packed<T>(
  tasks: readonly T[],
  secondsOf: (task: T) => number | undefined,
  options: PackOptions,
): T[][] {
  const { slots, shortest } = options;
  const seconds = tasks.map((task) => secondsOf(task) ?? shortest);
  const total = seconds.reduce((sum, value) => sum + value, 0);
  const worthwhile = Math.max(1, Math.ceil(total / shortest));
  const count = Math.min(tasks.length, Math.max(Math.min(slots, worthwhile), Math.ceil(total / options.longest)));
  const packs = Array.from({ length: count }, () => ({ seconds: 0, tasks: [] as T[] }));
  // Longest first, each to the least loaded pack: the LPT rule, within 4/3 of the optimum.
  const order = tasks.map((task, i) => ({ task, seconds: seconds[i]! })).sort((a, b) => b.seconds - a.seconds);
  for (const entry of order) {
    const least = packs.reduce((best, pack) => (pack.seconds < best.seconds ? pack : best));
    least.seconds += entry.seconds;
    least.tasks.push(entry.task);
  }
  return packs.map((pack) => pack.tasks);
}

export interface PackOptions {
  /** Packs that may run at once. */
  slots: number;
  /** Seconds below which a process isn't worth starting. */
  shortest: number;
  /** Seconds above which a pack is split, whatever the slots. */
  longest: number;
}

/** A file's content; undefined where it can't be read: one file of a shared disk must not end a run. */
function parsed(path: string): unknown {
  try {
    return JSON.parse(readIfThere(path) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}
