/** Images drawn from a class-conditional prior, one piece per image: more images per class cost only themselves. */
import { z } from 'zod';
import type { Pixels } from '../../datasets';
import { ditSamplingSettings, generateImages } from '../../methods';
import { inputList, mapStage } from '../../sweeps';
import { classPriorSchema, keptClassPrior, withWeights } from './class-prior';
import type { StoredFineTuning } from './fine-tuned-prior';
import { memoryOfPrior } from './prior';

export const generatedImages = mapStage({
  name: 'generated-images',
  version: 1,
  code: import.meta.url,
  uses: ['./class-prior', '../../methods/self-adaptive-memory/generate'],
  parameters: ditSamplingSettings.extend({ prior: classPriorSchema }),
  item: z.object({
    className: z.string(),
    /** Which of the class's images, from 0. */
    k: z.int().min(0),
  }),
  /** At most one: without it, images are drawn from the prior as it is. */
  inputs: { fineTuned: inputList<StoredFineTuning>() },
  batch: 20,
  resources: { threads: 1, minutes: 120 },
  resourcesFor: ({ prior }) => ({ memory: 4000 + memoryOfPrior(prior) }),
  /** At the prior's size. */
  async run(context, { prior: which, ...settings }, items, { fineTuned: [tuned] }): Promise<Pixels[]> {
    const original = await keptClassPrior(context, which);
    const numbers = original.classesOf(items.map(({ className }) => className));
    const wanted = items.map(({ k }, i) => ({ classNumber: numbers[i]!, k }));
    return withWeights(context, original, tuned?.weights, (prior) =>
      generateImages(prior, wanted, { ...settings, signal: context.signal }),
    );
  },
});
