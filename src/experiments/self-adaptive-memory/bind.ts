/** Paper 000 on a dataset, from one object of settings: a prior, fine-tuned or as it is, and the images drawn from it. */
import { z } from 'zod';
import { type ClassRange, classRange, type Pixels } from '../../datasets';
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
  /**
   * Classes that a prior is fine-tuned on together; more are done in groups, each by all steps on a copy of its own. [K] 10
   * (vimar-gu/MinimaxDiffusion: --nclass 10 --phase k): of 100 at once users got no sound images (issues 5, 9 and 14).
   */
  classesAtOnce: z.int().min(1).default(10),
  sampling: z.strictObject(ditSamplingSettings.shape).prefault({}),
});
export type GenerationSettings = z.input<typeof generationSettings>;

/** The bound stages of one configuration. */
export interface BoundGeneration {
  settings: z.output<typeof generationSettings>;
  /** One per group of classes. Shared by every number of images per class, and by every setting of the sampling. */
  fineTuned: readonly BoundStage<StoredFineTuning>[];
  /** Of the same groups, in label order. A larger set begins with them. */
  images: readonly BoundStage<readonly Pixels[]>[];
  distilled: BoundStage<DistilledSet>;
}

/** All classes in one group without a fine-tuning, else `classesAtOnce` in each but the last. */
export function classGroups(
  classes: number,
  { fineTuning, classesAtOnce }: Pick<z.output<typeof generationSettings>, 'fineTuning' | 'classesAtOnce'>,
): ClassRange[] {
  const most = fineTuning ? classesAtOnce : classes;
  return Array.from({ length: Math.ceil(classes / most) }, (_, group) => {
    const first = group * most;
    return { first, count: Math.min(most, classes - first) };
  });
}

/**
 * Binds the stages of a configuration; nothing runs.
 * @throws where a setting is none of the method's or out of range, there is no such prior, or a class has no images to
 *   fine-tune it on
 */
export function bindGeneration(given: GenerationSettings): BoundGeneration {
  const settings = readSettings(generationSettings, given, given.method);
  const { method, dataset, prior: name, imagesPerClass, size, fineTuning, sampling, classesAtOnce } = settings;
  const opened = openDataset(dataset);
  const prior = { name, fingerprint: priorFingerprint(priorFolder(name)) };
  const groups = classGroups(opened.classes.length, settings);
  const inGroups = groups.length > 1;
  const parts = groups.map((range) => {
    if (fineTuning) requireImagesToTuneOn(inGroups ? classRange(opened, range) : opened, fineTuning);
    const fineTuned = fineTuning && fineTunedPrior.bind({ ...fineTuning, prior, dataset, ...(inGroups && { range }) });
    const items = opened.classes
      .slice(range.first, range.first + range.count)
      .flatMap((className) => Array.from({ length: imagesPerClass }, (_, k) => ({ className, k })));
    const images = generatedImages.bind(
      { ...sampling, prior },
      { items, inputs: { fineTuned: fineTuned ? [fineTuned] : [] } },
    );
    return { fineTuned, images };
  });
  const fineTuned = parts.flatMap((part) => part.fineTuned ?? []);
  const images = parts.map((part) => part.images);
  const recorded = z.record(z.string(), z.json()).parse({
    prior,
    ...(fineTuning && { fineTuning }),
    ...(inGroups && { classesAtOnce }),
    sampling,
  });
  const distilled = generatedSet.bind(
    { method, dataset, imagesPerClass, size, settings: recorded },
    { inputs: { images } },
  );
  return { settings, fineTuned, images, distilled };
}
