/** IGD (Chen et al., ICLR 2025): sampling guided to images that train a classifier as the real ones do. */
import { z } from 'zod';
import type { ImageDataset } from '../../../datasets';
import type { SampleOptions } from '../../../diffusion';
import { type LongTask, type Tensor, tf } from '../../../engine';
import type { ConvNet } from '../../../models';
import type { DistilledSet } from '../../distilled-set';
import { readSettings } from '../../read-settings';
import { type ConditionedPrior, type GenerativePrior, imageSizeOf, requireClassesOf } from '../conditioned-prior';
import { drawLatents } from '../draw-latents';
import { generateSet } from '../generate-set';
import { generativeSettings } from '../settings';
import { pulled } from './guidance';
import { type Checkpoint, meanWeightGradient } from './influence';
import {
  classBatches,
  openSurrogate,
  type RealImages,
  realImages,
  surrogateSettings,
  type SurrogateWeights,
  trainSurrogates,
} from './surrogates';

/** What determines IGD's set, apart from the prior. Defaults as in the released scripts, for DiT-XL/2. */
export const igdSettings = generativeSettings.omit({ batch: true }).extend({
  /** Strength of the influence, k. */
  influence: z.number().min(0).default(5),
  /** Strength of the deviation from earlier images, γ. */
  deviation: z.number().min(0).default(120),
  /** Both act while the number of steps left is in this range, from … to. */
  guidedSteps: z
    .tuple([z.int().min(0), z.int().min(0)])
    .readonly()
    .default([30, 45]),
  /** How many of the newest latents of a class are remembered. */
  memory: z.int().min(1).default(64),
  /** Classifier-free guidance. */
  guidance: z.number().min(0).default(4),
  /** DDPM steps, evenly spaced. */
  steps: z.int().min(1).default(50),
  surrogate: surrogateSettings.prefault({}),
});

export interface IgdOptions extends z.input<typeof igdSettings>, LongTask {
  prior: GenerativePrior;
  /** By igdSurrogates, with the same settings. Default: trained here. */
  surrogates?: readonly SurrogateWeights[];
}

/**
 * Trains a surrogate on the images and keeps a few checkpoints. Then samples the images of a class by DDPM, one after
 * the other. Guidance between steps turns an image's gradient in the surrogate towards the real images' mean gradient,
 * and moves the image away from the most similar earlier one.
 *
 * Second derivatives are central differences along the weights (see influenceOf); the surrogate's training is simplified as
 * trainSurrogates says.
 * @throws {UnknownClassError} when the prior doesn't know a class; an Error when a class has no images
 * @example const set = await igd(dataset, { prior, imagesPerClass: 10, surrogate: { depth: 4, width: 32 } });
 */
export async function igd(
  dataset: ImageDataset,
  { prior, surrogates: trained, signal, onProgress, ...given }: IgdOptions,
): Promise<DistilledSet> {
  const { imagesPerClass, size, ...settings } = readSettings(igdSettings, given, 'IGD');
  requireClassesOf(prior, dataset.classes);
  const surrogate = { ...settings.surrogate, size: imageSizeOf(prior) };
  const real = await realImages(dataset, surrogate.size, { signal });
  const classes = dataset.classes.length;
  const weights = trained ?? (await trainSurrogates(real, classes, { ...surrogate, signal, onProgress }));
  const surrogates: ConvNet[] = [];
  try {
    for (const one of weights) surrogates.push(openSurrogate(one, classes, surrogate));
    const task = { method: 'IGD', prior, imagesPerClass, size, batch: 16, needs: 1, settings, signal, onProgress };
    return await generateSet(dataset, task, async ({ prior: conditioned, className }) => {
      const label = dataset.classes.indexOf(className);
      const checkpoints = await checkpointsOf(surrogates, real, label, { most: surrogate.gradientImages, signal });
      try {
        return await drawInTurn(conditioned, {
          ...settings,
          className,
          label,
          checkpoints,
          count: imagesPerClass,
          signal,
        });
      } finally {
        tf.dispose(checkpoints.map(({ gradient }) => gradient));
      }
    });
  } finally {
    for (const one of surrogates) one.dispose();
  }
}

async function checkpointsOf(
  surrogates: readonly ConvNet[],
  real: RealImages,
  label: number,
  { most, signal }: { most: number } & Pick<LongTask, 'signal'>,
): Promise<Checkpoint[]> {
  const batches = classBatches(real, label, most);
  try {
    const checkpoints: Checkpoint[] = [];
    for (const surrogate of surrogates) {
      checkpoints.push({ surrogate, gradient: await meanWeightGradient(surrogate, batches, label, { signal }) });
    }
    return checkpoints;
  } finally {
    tf.dispose(batches);
  }
}

interface TurnOptions
  extends Pick<
    z.output<typeof igdSettings>,
    'influence' | 'deviation' | 'guidedSteps' | 'guidance' | 'steps' | 'seed'
  > {
  className: string;
  label: number;
  checkpoints: readonly Checkpoint[];
  count: number;
  /** Most latents remembered. */
  memory: number;
  signal: AbortSignal | undefined;
}

/** Latents [count,H,W,C] of a class, each guided by those before it. */
export async function drawInTurn(prior: ConditionedPrior, options: TurnOptions): Promise<Tensor> {
  const {
    className,
    label,
    checkpoints,
    count,
    influence,
    deviation,
    guidedSteps,
    memory: most,
    guidance,
    steps,
    seed,
    signal,
  } = options;
  const { denoiser, guidanceOn } = prior;
  const drawn: Tensor[] = [];
  const conditions = prior.conditionsOf(className, 1);
  const guided = { denoiser, guidance, guidanceOn, ...conditions };
  const [low, high] = guidedSteps;
  const guide = (memory: readonly Tensor[]): SampleOptions['onStep'] =>
    influence === 0 && deviation === 0
      ? undefined
      : (state) => {
          const left = steps - 1 - state.index;
          if (left < low || left > high) return undefined;
          return pulled(prior, state, { guided, checkpoints, label, memory, influence, deviation });
        };
  const ddpm = { sampler: 'ddpm', spacing: 'linspace', batch: 1 } as const;
  try {
    for (let k = 0; k < count; k++) {
      const onStep = guide(drawn.slice(-most));
      const drawing = { className, first: k, count: 1, seed, guidance, steps, signal, ...ddpm };
      drawn.push(await drawLatents(prior, drawing, () => ({ onStep })));
    }
    return tf.tidy(() => tf.concat(drawn, 0));
  } finally {
    tf.dispose([drawn, conditions]);
  }
}
