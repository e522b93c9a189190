/** Training of a prior on one's own images: from a dataset to a folder in the diffusers layout. */
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { type ImageDataset, loadImages } from '../../datasets';
import type { LongTask } from '../../engine';
import { LatentDiffusion } from '../pipeline';
import type { ImageStack } from './images';
import { planTraining, type TrainingPlan } from './plan';
import { type PriorRecipe, priorRecipe, type PriorSize, priorSizes } from './recipes';
import { refuseOtherContent, savePrior } from './save-prior';
import { checkpointFolder, type PriorReport, trainingFingerprint, trainPrior } from './train-prior';

export interface TrainPriorOnOptions extends LongTask {
  /** Folder that the prior is written to: new, empty, or a prior trained before, which is replaced. */
  out: string;
  /** Mirrored copies count as new images: not for digits or text. Default: true. */
  mirror?: boolean;
  /** Seed of the initial weights and of every draw. Default: 0. */
  seed?: number;
  /** What is trained, and for how long. Default: priorRecipe for the dataset's size, 32 or 64 pixels. */
  recipe?: PriorRecipe;
  /** Folder for checkpoints until the prior is written. Default: `<out>.training`. */
  work?: string;
  /** Description of the images, for the prior's card. Default: the dataset's name. */
  data?: string;
  /** The command that trains it again, for the card. Default: `npx stillhouse train-prior FOLDER`. */
  command?: string;
  /** Called before the training with an estimate of its time, which costs a few steps. Default: no estimate is made. */
  onPlan?: ((plan: TrainingPlan) => void) | undefined;
}

export interface TrainedPrior {
  prior: LatentDiffusion;
  /** Absolute path of the prior. */
  folder: string;
  /** What was trained, with losses and times. */
  report: PriorReport;
}

/**
 * Trains a small class-conditional prior on all images of a dataset, by the recipe for its size: autoencoder, CLIP
 * pair, denoiser. The same call resumes a stopped training from its last checkpoint, and opens a finished prior. All
 * images are held in memory, 3 · size² bytes each.
 * @example
 * const photos = await imageFolder({ folder: 'photos', split: 'train', size: 64, keepRatio: false });
 * const { prior } = await trainPriorOn(photos, { out: 'priors/photos', onProgress: showProgress('Prior') });
 * @throws if there is no recipe for the dataset's size, `out` holds something else, or two classes have the same prompt
 */
export async function trainPriorOn(dataset: ImageDataset, options: TrainPriorOnOptions): Promise<TrainedPrior> {
  const { data = dataset.name, command = 'npx stillhouse train-prior FOLDER', onPlan, ...task } = options;
  const folder = resolve(options.out);
  const { work = `${folder}.training`, recipe = recipeFor(dataset, options) } = options;
  refuseOtherContent(folder);
  const { classes, size } = dataset;
  const wanted = recipe.vision.image_size;
  if (wanted !== size) throw new Error(`Expected images of the recipe's ${wanted} pixels, got ${size}.`);
  const images = await stackOf(dataset, task);
  const finished = await openFinished(folder, trainingFingerprint(recipe, images, classes));
  if (finished) return finished;
  const { signal, onProgress } = task;
  onPlan?.(await planTraining(recipe, images, { classes, work, signal }));
  const trained = await trainPrior(recipe, images, { classes, work, signal, onProgress });
  await savePrior(trained, { folder, data, command });
  rmSync(checkpointFolder(recipe, images, { classes, work }), { recursive: true, force: true });
  if (readdirSync(work).length === 0) rmdirSync(work);
  trained.prior.dispose();
  // Loaded from the saved half-precision weights, so that it is the same prior now and when it is opened later.
  return { prior: await LatentDiffusion.load(folder), folder, report: trained.report };
}

function recipeFor({ size }: ImageDataset, { out, mirror = true, seed = 0 }: TrainPriorOnOptions): PriorRecipe {
  if (!isPriorSize(size)) {
    throw new Error(
      `Expected images of ${priorSizes.join(' or ')} pixels, which there are recipes for, got ${size}. Open the images with size: ${size < 48 ? 32 : 64}, or give a recipe.`,
    );
  }
  return priorRecipe({ name: basename(resolve(out)), size, mirror, seed });
}

const isPriorSize = (size: number): size is PriorSize => (priorSizes as readonly number[]).includes(size);

async function stackOf(dataset: ImageDataset, { signal, onProgress }: LongTask): Promise<ImageStack> {
  const { pixels, labels, size } = await loadImages(dataset, { signal, onProgress });
  return { pixels, labels, count: labels.length, height: size, width: size };
}

/** The prior of an earlier call with the same images and recipe. */
async function openFinished(folder: string, fingerprint: string): Promise<TrainedPrior | undefined> {
  const path = join(folder, 'training.json');
  if (!existsSync(path)) return undefined;
  const report = JSON.parse(readFileSync(path, 'utf8')) as PriorReport;
  if (report.images?.fingerprint !== fingerprint) return undefined;
  return { prior: await LatentDiffusion.load(folder), folder, report };
}
