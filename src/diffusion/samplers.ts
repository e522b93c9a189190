/** From noise to images: one step of DDIM (Song et al. 2021) and DDPM (Ho et al. 2020), as diffusers' schedulers do it. */
import { type Tensor, tf } from '../engine';
import type { NoiseSchedule } from './schedules';

export type SamplerName = 'ddim' | 'ddpm';

/** A step from one timestep to an earlier one; `previous` below 0 is the clean image. */
export interface SamplerStep {
  timestep: number;
  previous: number;
}

/**
 * The steps of a sampler with fewer steps than the schedule has timesteps, the noisiest first, spaced as the
 * schedule's config says (leading, trailing or linspace).
 * @throws when there are more steps than timesteps
 */
export function samplerSteps(schedule: NoiseSchedule, steps: number, sampler: SamplerName = 'ddim'): SamplerStep[] {
  const { timesteps: total } = schedule;
  if (!Number.isInteger(steps) || steps < 1 || steps > total) {
    throw new Error(`Expected 1 … ${total} steps (the schedule's timesteps), got ${steps}.`);
  }
  const visited = spacedTimesteps(schedule, steps);
  const outside = visited.find((t) => t < 0 || t >= total);
  if (outside !== undefined) {
    throw new Error(
      `Expected timesteps of 0 … ${total - 1}, got ${outside}: with 'steps_offset' ${schedule.config.steps_offset}, ${steps} steps are too many.`,
    );
  }
  // DDIM goes back by the spacing, DDPM to the next timestep that is visited; they differ where the spacing is uneven.
  const stride = Math.floor(total / steps);
  return visited.map((timestep, i) => ({
    timestep,
    previous: sampler === 'ddim' ? Math.max(-1, timestep - stride) : (visited[i + 1] ?? -1),
  }));
}

function spacedTimesteps({ timesteps: total, config }: NoiseSchedule, steps: number): number[] {
  const indices = Array.from({ length: steps }, (_, i) => i);
  switch (config.timestep_spacing) {
    case 'leading': {
      const stride = Math.floor(total / steps);
      return indices.map((i) => (steps - 1 - i) * stride + config.steps_offset);
    }
    case 'trailing':
      return indices.map((i) => roundHalfEven(total - (i * total) / steps) - 1);
    case 'linspace':
      return indices.map((i) => roundHalfEven(steps === 1 ? 0 : ((steps - 1 - i) * (total - 1)) / (steps - 1)));
    default:
      throw new Error(
        `Expected 'timestep_spacing' to be leading, trailing or linspace, got '${config.timestep_spacing}'.`,
      );
  }
}

/** numpy's rounding. */
function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

export interface StepInput extends SamplerStep {
  /** Noisy latents z_t [N,H,W,C]. */
  sample: Tensor;
  /** What the denoiser made of them: noise, velocity or image, as the schedule's prediction_type says. */
  output: Tensor;
}

/** Result of a step. */
export type StepOutput = {
  /** Latents of the earlier timestep. */
  sample: Tensor;
  /** The denoiser's guess of the clean latents, clipped where the schedule clips. */
  clean: Tensor;
};

/** Clean latents and noise that a denoiser's output stands for. */
export type Prediction = { clean: Tensor; noise: Tensor };

/** Reads a denoiser's output: z_t = √α̅ z_0 + √(1-α̅) ε, solved for what it didn't give (v: Salimans & Ho 2022). */
export function readPrediction(
  schedule: NoiseSchedule,
  { sample, output, timestep }: Omit<StepInput, 'previous'>,
): Prediction {
  const left = schedule.alphaBar(timestep);
  const [keep, add] = [Math.sqrt(left), Math.sqrt(1 - left)];
  const { prediction_type: type, clip_sample: clips, clip_sample_range: range } = schedule.config;
  return tf.tidy(() => {
    let [clean, noise] = [output, output];
    if (type === 'epsilon') clean = tf.div(tf.sub(sample, tf.mul(output, add)), keep);
    else if (type === 'sample') noise = tf.div(tf.sub(sample, tf.mul(output, keep)), add);
    else if (type === 'v_prediction') {
      clean = tf.sub(tf.mul(sample, keep), tf.mul(output, add));
      noise = tf.add(tf.mul(output, keep), tf.mul(sample, add));
    } else {
      throw new Error(`Expected 'prediction_type' to be epsilon, v_prediction or sample, got '${type}'.`);
    }
    return { clean: clips ? tf.clipByValue(clean, -range, range) : tf.clone(clean), noise: tf.clone(noise) };
  });
}

/** Variance of q(z_s | z_t, z_0) for s before t (Ho et al. 2020, equation 7). */
function posteriorVariance(schedule: NoiseSchedule, { timestep, previous }: SamplerStep, final: number): number {
  const left = schedule.alphaBar(timestep);
  const leftBefore = previous < 0 ? final : schedule.alphaBar(previous);
  return ((1 - leftBefore) / (1 - left)) * (1 - left / leftBefore);
}

/**
 * One step of DDIM (Song et al. 2021, equation 12).
 * @param options `eta`: share of the noise put back, 0 (deterministic) … 1; `noise`: standard normal, needed for eta > 0
 * @throws when eta > 0 and there is no noise
 */
export function ddimStep(
  schedule: NoiseSchedule,
  input: StepInput,
  { eta = 0, noise }: { eta?: number; noise?: Tensor | undefined } = {},
): StepOutput {
  if (eta > 0 && !noise) throw new Error(`Expected 'noise' for DDIM with eta ${eta}, got none.`);
  return tf.tidy(() => {
    const predicted = readPrediction(schedule, input);
    const leftBefore = schedule.alphaBar(input.previous);
    const deviation = eta * Math.sqrt(posteriorVariance(schedule, input, leftBefore));
    const direction = Math.sqrt(Math.max(0, 1 - leftBefore - deviation ** 2));
    const mean = tf.add(tf.mul(predicted.clean, Math.sqrt(leftBefore)), tf.mul(predicted.noise, direction));
    const sample = eta > 0 ? tf.add(mean, tf.mul(noise!, deviation)) : mean;
    return { sample, clean: predicted.clean };
  });
}

/**
 * One step of DDPM, respaced (Ho et al. 2020, equation 7; Nichol & Dhariwal 2021).
 * @param options `noise`: standard normal, needed but in the step to the clean image
 * @throws when noise is needed and there is none
 */
export function ddpmStep(
  schedule: NoiseSchedule,
  input: StepInput,
  { noise }: { noise?: Tensor | undefined } = {},
): StepOutput {
  const { timestep, previous } = input;
  if (timestep > 0 && !noise) throw new Error(`Expected 'noise' for the DDPM step at ${timestep}, got none.`);
  return tf.tidy(() => {
    const { clean } = readPrediction(schedule, input);
    const left = schedule.alphaBar(timestep);
    const leftBefore = previous < 0 ? 1 : schedule.alphaBar(previous);
    const alpha = left / leftBefore;
    const fromClean = (Math.sqrt(leftBefore) * (1 - alpha)) / (1 - left);
    const fromSample = (Math.sqrt(alpha) * (1 - leftBefore)) / (1 - left);
    const mean = tf.add(tf.mul(clean, fromClean), tf.mul(input.sample, fromSample));
    if (timestep === 0) return { sample: mean, clean };
    const variance =
      schedule.config.variance_type === 'fixed_large' ? 1 - alpha : posteriorVariance(schedule, input, 1);
    return { sample: tf.add(mean, tf.mul(noise!, Math.sqrt(Math.max(variance, 1e-20)))), clean };
  });
}
