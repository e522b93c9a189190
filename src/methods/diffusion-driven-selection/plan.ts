/** What a distillation will cost, before it begins. */
import type { ImageDataset } from '../../datasets';
import type { LatentDiffusion } from '../../diffusion';
import type { LongTask } from '../../engine';
import { requireEnoughImages } from '../enough-images';
import { type EncodedImages, encodeClass } from './encode';
import { imagesNeeded } from './images-needed';
import { passesPerImage } from './passes';
import { scoreImages } from './score';
import type { DiffusionDrivenSettings } from './settings';

export interface DistillationPlan {
  /** Source images, and their classes. */
  images: number;
  classes: number;
  /** Passes of single images through the denoiser. */
  passes: number;
  /** Measured on this machine with the first image. */
  secondsPerPass: number;
  /** Estimate for all passes. */
  seconds: number;
  settings: DiffusionDrivenSettings;
}

/** If the first draw takes less than PATIENCE (seconds), so many draws are timed instead. */
const DRAWS = 16;
const PATIENCE = 1;

/** Counts the passes and measures a few. @throws when the prior doesn't know a class, or a class has too few images */
export async function planDistillation(
  prior: LatentDiffusion,
  dataset: ImageDataset,
  settings: DiffusionDrivenSettings,
  { signal }: Pick<LongTask, 'signal'> = {},
): Promise<DistillationPlan> {
  prior.requireClasses(dataset.classes);
  const [first] = dataset.labels.keys();
  if (first === undefined) throw new Error(`Expected images to distil, '${dataset.name}' has none.`);
  requireEnoughImages(dataset, imagesNeeded(settings));
  const [encoded] = await encodeClass(prior, { dataset, images: [first] }, { ...settings, signal });
  const className = dataset.classes[dataset.labels[first]!]!;
  const time = (draws: number): Promise<number> => timed(prior, encoded!, className, { ...settings, draws, signal });
  let secondsPerPass = await time(1);
  if (secondsPerPass < PATIENCE) {
    await time(DRAWS);
    secondsPerPass = await time(DRAWS);
  }
  const images = dataset.labels.length;
  const passes = images * passesPerImage(settings);
  return {
    images,
    classes: dataset.classes.length,
    passes,
    secondsPerPass,
    seconds: passes * secondsPerPass,
    settings,
  };
}

/** Seconds per pass, measured by scoring one image with a few draws. */
async function timed(
  prior: LatentDiffusion,
  encoded: EncodedImages,
  className: string,
  { draws, timestepRange: range, ...settings }: DiffusionDrivenSettings & Pick<LongTask, 'signal'>,
): Promise<number> {
  const start = performance.now();
  await scoreImages(prior, encoded, className, { ...settings, range, first: 0, draws });
  return (performance.now() - start) / 1000 / passesPerImage({ ...settings, draws, clusters: 0 });
}
