/** Training of a whole text-conditional prior: tokenizer, autoencoder, CLIP pair, denoiser; resumable. */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type LongTask, tf } from '../../engine';
import type { ClipTextModel, TrainingReport } from '../../models';
import { LatentDiffusion } from '../pipeline';
import { trainAutoencoder } from './autoencoder';
import { ClipPair, trainClipPair } from './clip-pair';
import { type DenoiserTraining, trainDenoiser } from './denoiser';
import type { ImageStack } from './images';
import { encodeLatents } from './latents';
import { untrainedParts } from './parts';
import type { PriorPart, PriorRecipe } from './recipes';

export interface TrainPriorOptions extends LongTask {
  /** Class names, in label order. */
  classes: readonly string[];
  /** Folder for the checkpoints of an unfinished training. */
  work: string;
}

/** Report of a training, for the prior's card. */
export interface PriorReport {
  recipe: PriorRecipe;
  images: { count: number; height: number; width: number; fingerprint: string };
  parameters: { vae: number; text: number; vision: number; unet: number };
  autoencoder: TrainingReport;
  clip: TrainingReport;
  denoiser: TrainingReport;
}

/** Trains all parts of `recipe` on `images`, and returns the prior and its report. */
export async function trainPrior(
  recipe: PriorRecipe,
  images: ImageStack,
  { classes, work, signal, onProgress }: TrainPriorOptions,
): Promise<{ prior: LatentDiffusion; report: PriorReport }> {
  const folder = checkpointFolder(recipe, images, { classes, work });
  mkdirSync(folder, { recursive: true });
  const { seed, mirror, training } = recipe;
  const part = (name: PriorPart) => ({
    ...training[name],
    seed,
    checkpoint: { file: join(folder, `${name}.safetensors`) },
    signal,
    onProgress,
  });
  const { tokenizer, tokens, vae, text, vision, unet, schedule } = untrainedParts(recipe, classes);

  const autoencoder = await trainAutoencoder(vae, images, { ...part('autoencoder'), mirror });
  const latents = await encodeLatents(vae, images, signal);
  vae.config.scaling_factor = latents.scale;

  const pair = new ClipPair(text, vision);
  const clip = await trainClipPair(pair, images, { ...part('clip'), captions: tokens.slice(0, -1), mirror });

  const contexts = await textStates(text, tokens);
  const denoiser = await trainDenoiser(unet, latents, { ...part('denoiser'), schedule, contexts });

  return {
    prior: new LatentDiffusion({ vae, text, vision, unet, tokenizer, schedule, classes }),
    report: {
      recipe,
      images: {
        count: images.count,
        height: images.height,
        width: images.width,
        fingerprint: trainingFingerprint(recipe, images, classes),
      },
      parameters: {
        vae: vae.parameterCount,
        text: text.parameterCount,
        vision: vision.parameterCount,
        unet: unet.parameterCount,
      },
      autoencoder,
      clip,
      denoiser,
    },
  };
}

/** Hash of everything that determines a prior: images and their classes, recipe, class names. */
export function trainingFingerprint(recipe: PriorRecipe, images: ImageStack, classes: readonly string[]): string {
  return createHash('sha256')
    .update(images.pixels)
    .update(images.labels)
    .update(JSON.stringify([recipe, classes]))
    .digest('hex');
}

/** Folder for the checkpoints of a training; other images or another recipe have another folder. */
export function checkpointFolder(
  recipe: PriorRecipe,
  images: ImageStack,
  { classes, work }: Pick<TrainPriorOptions, 'classes' | 'work'>,
): string {
  return join(work, `${recipe.name}-${trainingFingerprint(recipe, images, classes).slice(0, 12)}`);
}

/** Token states of prompts, [prompts, tokens, width], from the text encoder in its current state. */
export async function textStates(
  text: ClipTextModel,
  tokens: readonly (readonly number[])[],
): Promise<DenoiserTraining['contexts']> {
  const states = tf.tidy(() => text.forward(tf.tensor2d(tokens as number[][], undefined, 'int32')).lastHiddenState);
  const values = await states.data<'float32'>();
  states.dispose();
  return { values, shape: states.shape as [number, number, number] };
}
