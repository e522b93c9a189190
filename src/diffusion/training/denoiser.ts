/** Training of the text-conditional denoiser on latents (paper 001, equation 3). */
import { type LongTask, meanSquaredError, RandomStream, tf } from '../../engine';
import { type TrainingReport, type TrainModuleOptions, trainModule, type UNet2DConditionModel } from '../../models';
import type { NoiseSchedule } from '../schedules';
import { drawIndices } from './images';

/** Posteriors of the training images, encoded once. */
export interface LatentStack {
  /** Mean and standard deviation of each latent value, [count, height, width, channels], scaled for the denoiser. */
  mean: Float32Array;
  deviation: Float32Array;
  shape: readonly [count: number, height: number, width: number, channels: number];
  labels: Int32Array;
}

export interface DenoiserTraining
  extends LongTask,
    Pick<TrainModuleOptions, 'steps' | 'learningRate' | 'checkpoint' | 'emaDecay'> {
  seed: number;
  batch: number;
  schedule: NoiseSchedule;
  /** Text states [classes + 1, tokens, width]: one entry per class prompt, then the null prompt's. */
  contexts: { values: Float32Array; shape: readonly [prompts: number, tokens: number, width: number] };
  /** Share of the batch that sees the null prompt, for classifier-free guidance: usually 0.1 … 0.2. Default: 0.15. */
  nullShare?: number;
}

/** Minimises ‖ε − ε_θ(z_t, t, c)‖². Each step draws t uniformly over the schedule, and samples the posteriors. */
export async function trainDenoiser(
  unet: UNet2DConditionModel,
  latents: LatentStack,
  { seed, batch, schedule, contexts, nullShare = 0.15, ...options }: DenoiserTraining,
): Promise<TrainingReport> {
  const [count, height, width, channels] = latents.shape;
  const size = height * width * channels;
  const shape = [batch, height, width, channels];
  const [prompts, tokens, textWidth] = contexts.shape;
  const table = tf.tensor(contexts.values, [prompts, tokens, textWidth]);
  try {
    return await trainModule(unet, {
      label: 'Denoiser',
      clipNorm: 1,
      ...options,
      loss(step) {
        const stream = new RandomStream(seed, 'denoiser', step);
        const indices = drawIndices(stream, count, batch);
        const timesteps = drawIndices(stream, schedule.timesteps, batch);
        const prompt = indices.map((index) => (stream.uniform() < nullShare ? prompts - 1 : latents.labels[index]!));
        const clean = stream.fillNormal(new Float32Array(batch * size));
        for (const [i, index] of indices.entries()) {
          for (let j = 0; j < size; j++) {
            const at = index * size + j;
            clean[i * size + j] = latents.mean[at]! + latents.deviation[at]! * clean[i * size + j]!;
          }
        }
        const noise = tf.tensor(stream.fillNormal(new Float32Array(batch * size)), shape);
        const noisy = schedule.addNoise(tf.tensor(clean, shape), noise, timesteps);
        const text = tf.gather(table, tf.tensor1d(prompt, 'int32'));
        return meanSquaredError(unet.forward(noisy, timesteps, text).sample, noise);
      },
    });
  } finally {
    table.dispose();
  }
}
