/** Herding (Welling, ICML 2009; Rebuffi et al., iCaRL, CVPR 2017): images whose mean stays close to the class's. */
import { z } from 'zod';
import type { ImageDataset } from '../../datasets';
import type { LongTask } from '../../engine';
import type { DistilledSet } from '../distilled-set';
import type { Observer } from '../rded';
import { readSettings } from '../read-settings';
import { coresetByFeatures, squaredDistance } from './by-features';

/** What determines the set, apart from the observer. Nothing is random. */
export const herdingSettings = z.object({
  imagesPerClass: z.int().min(1),
  /** Side of a distilled image and of the observer's input, pixels. Default the dataset's. */
  size: z.int().min(1).optional(),
});

export type HerdingOptions = z.input<typeof herdingSettings> & { observer: Observer } & LongTask;

/**
 * Repeatedly adds, for each class, the image that brings the mean feature of the chosen closest to the mean of all
 * (iCaRL, algorithm 4, but features aren't scaled to length 1). Features are those of a trained classifier.
 * @example const set = await herdingSelection(dataset, { observer: teacher, imagesPerClass: 10 });
 * @throws when a class has too few images
 */
export function herdingSelection(
  dataset: ImageDataset,
  { observer, signal, onProgress, ...options }: HerdingOptions,
): Promise<DistilledSet> {
  const { imagesPerClass, size = dataset.size } = readSettings(herdingSettings, options, 'herding');
  return coresetByFeatures(dataset, {
    method: 'herding',
    observer,
    imagesPerClass,
    size,
    settings: {},
    signal,
    onProgress,
    order: (features) => closestMeans(features, imagesPerClass),
  });
}

/** Positions in the order of the choice: argmin ‖(k + 1) μ − Σ chosen − x‖ at step k; the first one wins a tie. */
export function closestMeans(features: readonly Float32Array[], count: number): number[] {
  const mean = new Float64Array(features[0]!.length);
  for (const vector of features) for (let i = 0; i < mean.length; i++) mean[i]! += vector[i]! / features.length;
  // The remainder (k + 1) μ − Σ chosen.
  const wanted = mean.slice();
  const chosen: number[] = [];
  while (chosen.length < Math.min(count, features.length)) {
    const distances = features.map((vector, k) =>
      chosen.includes(k) ? Number.POSITIVE_INFINITY : squaredDistance(wanted, vector),
    );
    const next = distances.indexOf(Math.min(...distances));
    chosen.push(next);
    for (let i = 0; i < mean.length; i++) wanted[i]! += mean[i]! - features[next]![i]!;
  }
  return chosen;
}
