import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { priorFingerprint } from '../../../src/experiments/priors';
import { fineTunedPrior, type StoredFineTuning } from '../../../src/experiments/stages';
import type { BoundStage, Json } from '../../../src/sweeps';
import { Store } from '../../../src/sweeps';
import { temporaryFolder } from '../../helpers/temporary';
import { type StoppableContext, stoppableContext } from './stoppable-context';
import { fineTuning, savedPrior, world } from '../self-adaptive-memory/tiny-generation';

describe('a fine-tuning', () => {
  const folder = temporaryFolder();
  const store = new Store(join(folder, 'store'));

  const contextIn = (work: string, at?: number): StoppableContext =>
    stoppableContext({
      store,
      folder,
      work,
      ...(at === undefined ? {} : { stop: { label: 'Minimax fine-tuning', at } }),
    });

  it('that was stopped goes on from its checkpoint, comes to the same bits, and leaves nothing behind', async () => {
    const prior = await savedPrior(folder);
    const which = { name: prior, fingerprint: priorFingerprint(prior) };
    const { parameters } = fineTunedPrior.bind(
      { ...fineTuning, prior: which, dataset: world },
      { unkeyed: { work: folder } },
    ) as BoundStage<StoredFineTuning>;
    const perform = async (context: StoppableContext): Promise<StoredFineTuning> => {
      const output = await fineTunedPrior.call(context, parameters as Json, undefined, {});
      context.filed();
      return output as StoredFineTuning;
    };

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
