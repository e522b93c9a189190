/** Training of a whole prior: tokenizer, autoencoder, CLIP pair, denoiser; resumable at any point. */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { breathe, type LongTask, tf } from '../../engine';
import {
  AutoencoderKL,
  ClipTextModel,
  ClipTokenizer,
  ClipVisionModel,
  type TrainingReport,
  trainBpe,
  UNet2DConditionModel,
} from '../../models';
import { LatentDiffusion } from '../pipeline';
import { NoiseSchedule } from '../schedules';
import { trainAutoencoder } from './autoencoder';
import { ClipPair, trainClipPair } from './clip-pair';
import { type LatentStack, trainDenoiser } from './denoiser';
import { type ImageStack, imageBatch } from './images';
import type { PriorRecipe } from './recipes';

export interface TrainPriorOptions extends LongTask {
  /** Class names, in label order. */
  classes: readonly string[];
  /** Where the checkpoints of unfinished work lie. */
  work: string;
}

/** What a training did, for the prior's card. */
export interface PriorReport {
  recipe: PriorRecipe;
  images: { count: number; height: number; width: number; fingerprint: string };
  parameters: { vae: number; text: number; vision: number; unet: number };
  autoencoder: TrainingReport;
  clip: TrainingReport;
  denoiser: TrainingReport;
}

/** Trains all parts of `recipe` on `images` and returns the joined prior. */
export async function trainPrior(
  recipe: PriorRecipe,
  images: ImageStack,
  { classes, work, signal, onProgress }: TrainPriorOptions,
): Promise<{ prior: LatentDiffusion; report: PriorReport }> {
  const fingerprint = createHash('sha256')
    .update(images.pixels)
    .update(JSON.stringify([recipe, classes]))
    .digest('hex');
  const folder = join(work, `${recipe.name}-${fingerprint.slice(0, 12)}`);
  mkdirSync(folder, { recursive: true });
  const { seed, mirror, training } = recipe;
  const part = (name: keyof PriorRecipe['training']) => ({
    ...training[name],
    seed,
    checkpoint: { file: join(folder, `${name}.safetensors`) },
    signal,
    onProgress,
  });

  const prompts = [...classes.map((label) => recipe.prompt.replace('{}', label)), recipe.nullPrompt];
  const tokenizer = new ClipTokenizer({ ...trainBpe(prompts, 1024), maxLength: recipe.promptLength });
  const tokens = prompts.map((prompt) => tokenizer.encode(prompt));

  const vae = new AutoencoderKL(recipe.vae, { seed });
  const autoencoder = await trainAutoencoder(vae, images, { ...part('autoencoder'), mirror });
  const latents = await encodeAll(vae, images, signal);
  vae.config.scaling_factor = latents.scale;

  const text = new ClipTextModel(
    {
      ...recipe.text,
      vocab_size: tokenizer.size,
      max_position_embeddings: recipe.promptLength,
      eos_token_id: tokenizer.end,
    },
    { seed },
  );
  const vision = new ClipVisionModel(recipe.vision, { seed });
  const pair = new ClipPair(text, vision);
  const clip = await trainClipPair(pair, images, { ...part('clip'), captions: tokens.slice(0, -1), mirror });

  const states = tf.tidy(() => text.forward(tf.tensor2d(tokens, undefined, 'int32')).lastHiddenState);
  const contexts = { values: await states.data<'float32'>(), shape: states.shape as [number, number, number] };
  states.dispose();

  const schedule = new NoiseSchedule();
  const unet = new UNet2DConditionModel(recipe.unet, { seed });
  const denoiser = await trainDenoiser(unet, latents, { ...part('denoiser'), schedule, contexts });

  return {
    prior: new LatentDiffusion({ vae, text, vision, unet, tokenizer, schedule }),
    report: {
      recipe,
      images: { count: images.count, height: images.height, width: images.width, fingerprint },
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

/** Latents of all images, divided by their standard deviation: the scale that the denoiser's schedule expects. */
async function encodeAll(
  vae: AutoencoderKL,
  images: ImageStack,
  signal: AbortSignal | undefined,
): Promise<LatentStack & { scale: number }> {
  const batch = 64;
  let [mean, deviation] = [new Float32Array(0), new Float32Array(0)];
  let shape: LatentStack['shape'] = [images.count, 0, 0, 0];
  for (let start = 0; start < images.count; start += batch) {
    await breathe(signal);
    const indices = Int32Array.from({ length: Math.min(batch, images.count - start) }, (_, i) => start + i);
    const encoded = tf.tidy(() => {
      const { mean, logVariance } = vae.encode(imageBatch(images, indices));
      return { mean, deviation: tf.exp(tf.mul(logVariance, 0.5)) };
    });
    const [, height, width, channels] = encoded.mean.shape as [number, number, number, number];
    const size = height * width * channels;
    if (start === 0) {
      [mean, deviation] = [new Float32Array(images.count * size), new Float32Array(images.count * size)];
      shape = [images.count, height, width, channels];
    }
    mean.set(await encoded.mean.data<'float32'>(), start * size);
    deviation.set(await encoded.deviation.data<'float32'>(), start * size);
    tf.dispose(encoded);
  }
  const average = mean.reduce((sum, value) => sum + value, 0) / mean.length;
  const variance = mean.reduce((sum, value) => sum + (value - average) ** 2, 0) / mean.length;
  const scale = 1 / Math.sqrt(variance);
  return {
    mean: mean.map((v) => v * scale),
    deviation: deviation.map((v) => v * scale),
    shape,
    labels: images.labels,
    scale,
  };
}
