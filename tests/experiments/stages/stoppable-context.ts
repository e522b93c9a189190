/** What a stage gets when it is called without a sweep: checkpoints in a folder of the test's own, and a stop. */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { type StageContext, type Store, StoredFile } from '../../../src/sweeps';

export interface StoppableOptions {
  store: Store;
  /** Where scratch folders go. */
  folder: string;
  /** Where checkpoints lie. */
  work: string;
  /** Stops with the error 'stopped' after so many steps of this label. Default: never. */
  stop?: { label: string; at: number };
}

export interface StoppableContext extends StageContext {
  /** Does what a sweep does once the output is in the store. */
  filed(): void;
}

export function stoppableContext({ store, folder, work, stop }: StoppableOptions): StoppableContext {
  const controller = new AbortController();
  const actions: (() => void)[] = [];
  return {
    signal: controller.signal,
    threads: 1,
    unkeyed: { work },
    onProgress: ({ label, done }: { label: string; done: number }) => {
      if (stop && label.startsWith(stop.label) && done === stop.at) controller.abort(new Error('stopped'));
    },
    log: () => undefined,
    afterFiled: (action) => void actions.push(action),
    filed: () => {
      for (const action of actions) action();
    },
    scratch: () => mkdtemp(join(folder, 'scratch-')),
    file: async (path: string) => new StoredFile(store, await store.putFile(path), 'weights.safetensors'),
    folder: () => Promise.reject(new Error('no folders here')),
    keep: async <T>(_name: string, make: () => T | Promise<T>) => make(),
  };
}
