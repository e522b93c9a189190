/** Paper 000 on a dataset, from one object of settings: a prior, fine-tuned or as it is, and the images drawn from it. */
import { z } from 'zod';
import type { Pixels } from '../../datasets';
import {
  type DistilledSet,
  ditSamplingSettings,
  fineTuningSettings,
  readSettings,
  requireImagesToTuneOn,
} from '../../methods';
import type { BoundStage } from '../../sweeps';
import { datasetSchema, openDataset } from '../datasets';
import { priorFingerprint, priorFolder } from '../priors';
import { fineTunedPrior, generatedImages, generatedSet, type StoredFineTuning } from '../stages';

/** Everything that a table varies; the released code's values are the defaults (see fineTuningSettings). */
export const generationSettings = z.strictObject({
  /** What the set is called: 'DiT', 'Minimax' … */
  method: z.string(),
  dataset: datasetSchema,
  /** A class-conditional prior: name in data/priors, or a folder in the diffusers layout. */
  prior: z.string(),
  imagesPerClass: z.int().min(1),
  /** Side of a distilled image, pixels. */
  size: z.int().min(1),
  /** If left out, images are drawn from the prior without fine-tuning. */
  fineTuning: z.strictObject(fineTuningSettings.shape).optional(),
  sampling: z.strictObject(ditSamplingSettings.shape).prefault({}),
});
export type GenerationSettings = z.input<typeof generationSettings>;

/** The bound stages of one configuration. */
export interface BoundGeneration {
  settings: z.output<typeof generationSettings>;
  /** Shared by every number of images per class, and by every setting of the sampling. */
  fineTuned: BoundStage<StoredFineTuning> | undefined;
  /** Of all classes, in label order. A larger set begins with them. */
  images: BoundStage<readonly Pixels[]>;
  distilled: BoundStage<DistilledSet>;
}

/**
 * Binds the stages of a configuration; nothing runs.
 * @throws where a setting is none of the method's or out of range, there is no such prior, or a class has no images to
 *   fine-tune it on
 */
export function bindGeneration(given: GenerationSettings): BoundGeneration {
  const settings = readSettings(generationSettings, given, given.method);
  const { method, dataset, prior: name, imagesPerClass, size, fineTuning, sampling } = settings;
  const opened = openDataset(dataset);
  if (fineTuning) requireImagesToTuneOn(opened, fineTuning);
  const prior = { name, fingerprint: priorFingerprint(priorFolder(name)) };
  const fineTuned = fineTuning && fineTunedPrior.bind({ ...fineTuning, prior, dataset });
  const items = opened.classes.flatMap((className) =>
    Array.from({ length: imagesPerClass }, (_, k) => ({ className, k })),
  );
  const images = generatedImages.bind(
    { ...sampling, prior },
    { items, inputs: { fineTuned: fineTuned ? [fineTuned] : [] } },
  );
  const recorded = z.record(z.string(), z.json()).parse({ prior, ...(fineTuning && { fineTuning }), sampling });
  const distilled = generatedSet.bind(
    { method, dataset, imagesPerClass, size, settings: recorded },
    { inputs: { images } },
  );
  return { settings, fineTuned, images, distilled };
}
