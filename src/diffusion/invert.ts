/** DDIM inversion (Song et al. 2021, section 4.3; Mokady et al. 2023): clean latents to the noise that gives them. */
import { breathe, type LongTask, type Tensor, tf } from '../engine';
import { type GuidedDenoiser, guidedOutput } from './guidance';
import { predictedNoise } from './prediction';
import { samplerSteps, type TimestepSpacing } from './samplers';
import type { NoiseSchedule } from './schedules';

export interface InvertOptions extends LongTask, GuidedDenoiser {
  schedule: NoiseSchedule;
  /** Clean latents [N,H,W,C]. The caller keeps and disposes them. */
  latents: Tensor;
  /** Steps of the sampler that is to reverse the inversion. Default 50. */
  steps?: number;
  /** How many of these steps are inverted, 1 … steps. Default all. */
  back?: number;
  spacing?: TimestepSpacing;
}

/**
 * Noisy latents from which DDIM's last `back` steps lead to the given ones: `sample` with `start: { latents, steps:
 * back }` restores them. The restoration is approximate: a step uses the noise predicted for its less noisy latents at
 * its noisier timestep, which assumes that the prediction changes little within a step.
 */
export async function invert(options: InvertOptions): Promise<Tensor> {
  const { schedule, steps = 50, back = steps, signal, onProgress } = options;
  if (!Number.isInteger(back) || back < 1 || back > steps) {
    throw new Error(`Expected to go back 1 … ${steps} steps, got ${back}.`);
  }
  const path = samplerSteps(schedule, steps, 'ddim', options.spacing).reverse().slice(0, back);
  let latents = tf.clone(options.latents);
  try {
    for (const [i, { timestep, previous }] of path.entries()) {
      await breathe(signal);
      const next = tf.tidy(() => {
        const output = guidedOutput(options, latents, timestep);
        const noise = predictedNoise(schedule, { sample: latents, output, timestep });
        const [from, to] = [schedule.alphaBar(previous), schedule.alphaBar(timestep)];
        const clean = tf.div(tf.sub(latents, tf.mul(noise, Math.sqrt(1 - from))), Math.sqrt(from));
        return tf.add(tf.mul(clean, Math.sqrt(to)), tf.mul(noise, Math.sqrt(1 - to)));
      });
      latents.dispose();
      latents = next;
      onProgress?.({ label: 'Inverting', done: i + 1, total: path.length, detail: `timestep ${timestep}` });
    }
    return latents;
  } catch (error) {
    latents.dispose();
    throw error;
  }
}
