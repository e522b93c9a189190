import { readdirSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { priorFingerprint } from '../../../src/experiments/priors';
import { fineTunedPrior, type StoredFineTuning } from '../../../src/experiments/stages';
import type { BoundStage, Json, StageContext } from '../../../src/sweeps';
import { Store, StoredFile } from '../../../src/sweeps';
import { temporaryFolder } from '../../helpers/temporary';
import { fineTuning, savedPrior, world } from '../self-adaptive-memory/tiny-generation';

describe('a fine-tuning', () => {
  const folder = temporaryFolder();
  const store = new Store(join(folder, 'store'));

  /** What the stage gets, in a work folder of its own; stopped when so many steps are done. */
  function contextIn(work: string, stopAt?: number): StageContext {
    const stop = new AbortController();
    const context = {
      signal: stop.signal,
      threads: 1,
      unkeyed: { work },
      onProgress: ({ label, done }: { label: string; done: number }) => {
        if (label === 'Minimax fine-tuning' && done === stopAt) stop.abort(new Error('stopped'));
      },
      log: () => undefined,
      scratch: () => mkdtemp(join(folder, 'scratch-')),
      file: async (path: string) => new StoredFile(store, await store.putFile(path), 'transformer.safetensors'),
      folder: () => Promise.reject(new Error('no folders here')),
      keep: async <T>(_name: string, make: () => T | Promise<T>) => make(),
    };
    return context;
  }

  it('that was stopped goes on from its checkpoint, comes to the same bits, and leaves nothing behind', async () => {
    const prior = await savedPrior(folder);
    const which = { name: prior, fingerprint: priorFingerprint(prior) };
    const { parameters } = fineTunedPrior.bind(
      { ...fineTuning, prior: which, dataset: world },
      { unkeyed: { work: folder } },
    ) as BoundStage<StoredFineTuning>;
    const perform = (context: StageContext) =>
      fineTunedPrior.call(context, parameters as Json, undefined, {}) as Promise<StoredFineTuning>;

    const work = join(folder, 'work');
    const straight = await perform(contextIn(work));
    await expect(perform(contextIn(work, 2))).rejects.toThrow('stopped');
    expect(readdirSync(work)).toEqual([expect.stringMatching(/^fine-tuned-prior-\w{16}\.safetensors$/)]);
    const resumed = await perform(contextIn(work));
    expect(readdirSync(work)).toEqual([]);
    expect(resumed.weights.hash).toBe(straight.weights.hash);
    expect(resumed.memories).toEqual(straight.memories);
  });
});
