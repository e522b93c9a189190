/** The distilled set of diffusion-driven selection: the chosen patches of all classes, cut out and joined. */
import { z } from 'zod';
import { composeSelections, type DistilledSet, type Selection } from '../../methods';
import { inputList, stage } from '../../sweeps';
import { datasetSchema, openDataset } from '../datasets';

export const distilledSet = stage({
  name: 'diffusion-driven-selection',
  version: 2,
  code: import.meta.url,
  uses: ['../../methods/diffusion-driven-selection/compose'],
  parameters: z.object({
    dataset: datasetSchema,
    imagesPerClass: z.int().min(1),
    /** Patches along a side of an image. */
    factor: z.int().min(1),
    /** Side of an image, pixels. */
    size: z.int().min(1),
    /** What else determined the set, kept with it. */
    settings: z.record(z.string(), z.json()),
  }),
  /** One per class, in label order. */
  inputs: { selections: inputList<Selection>() },
  // The set itself: 0.15 MB per image at 224 pixels.
  resources: { threads: 1, memory: 2000 },
  run: ({ signal, onProgress }, { dataset, ...options }, { selections }): Promise<DistilledSet> =>
    composeSelections(openDataset(dataset), selections, { ...options, signal, onProgress }),
});
