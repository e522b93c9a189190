/** Generated images of all classes as a distilled set, at the size that students see. */
import { z } from 'zod';
import type { Pixels } from '../../datasets';
import { type DistilledSet, generatedSet as setOf } from '../../methods';
import { inputList, stage } from '../../sweeps';
import { datasetSchema, openDataset } from '../datasets';

export const generatedSet = stage({
  name: 'generated-set',
  version: 1,
  code: import.meta.url,
  uses: ['../../methods/self-adaptive-memory/generated-set'],
  parameters: z.object({
    /** 'DiT', 'Minimax' … */
    method: z.string(),
    /** Whose classes it has, and what a fine-tuning saw. */
    dataset: datasetSchema,
    imagesPerClass: z.int().min(1),
    /** Side of an image, pixels. */
    size: z.int().min(1),
    /** What else determined the set, kept with it. */
    settings: z.record(z.string(), z.json()),
  }),
  /** Of groups of classes: all together in label order. */
  inputs: { images: inputList<readonly Pixels[]>() },
  resources: { threads: 1, memory: 2000 },
  run: (_context, { dataset, ...options }, { images }): Promise<DistilledSet> =>
    setOf(openDataset(dataset), images.flat(), options),
});
