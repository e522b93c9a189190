/** Single steps of DDIM (Song et al. 2021) and DDPM (Ho et al. 2020), as in diffusers' schedulers. */
import { type Tensor, tf } from '../engine';
import { readPrediction, splitOutput } from './prediction';
import type { NoiseSchedule, ScheduleConfig } from './schedules';

export type SamplerName = 'ddim' | 'ddpm';

/** A step from one timestep to an earlier one; `previous` below 0 is the clean image. */
export interface SamplerStep {
  timestep: number;
  previous: number;
}

/** Which timesteps are visited: see ScheduleConfig.timestep_spacing. 'linspace' is OpenAI's and DiT's respacing. */
export type TimestepSpacing = ScheduleConfig['timestep_spacing'];

/**
 * The steps of a sampler, the noisiest first. There may be fewer steps than the schedule has timesteps.
 * @param spacing default: the timestep_spacing of the schedule's config
 * @throws if there are more steps than timesteps
 */
export function samplerSteps(
  schedule: NoiseSchedule,
  steps: number,
  sampler: SamplerName = 'ddim',
  spacing: TimestepSpacing = schedule.config.timestep_spacing,
): SamplerStep[] {
  const { timesteps: total } = schedule;
  if (!Number.isInteger(steps) || steps < 1 || steps > total) {
    throw new Error(`Expected 1 … ${total} steps (the schedule's timesteps), got ${steps}.`);
  }
  const visited = spacedTimesteps(schedule, steps, spacing);
  const outside = visited.find((t) => t < 0 || t >= total);
  if (outside !== undefined) {
    throw new Error(
      `Expected timesteps of 0 … ${total - 1}, got ${outside}: with 'steps_offset' ${schedule.config.steps_offset}, ${steps} steps are too many.`,
    );
  }
  // DDIM steps back by a fixed stride, DDPM to the next visited timestep. They differ if the spacing is uneven.
  const stride = Math.floor(total / steps);
  return visited.map((timestep, i) => ({
    timestep,
    previous: sampler === 'ddim' ? Math.max(-1, timestep - stride) : (visited[i + 1] ?? -1),
  }));
}

function spacedTimesteps(
  { timesteps: total, config }: NoiseSchedule,
  steps: number,
  spacing: TimestepSpacing,
): number[] {
  const indices = Array.from({ length: steps }, (_, i) => i);
  switch (spacing) {
    case 'leading': {
      const stride = Math.floor(total / steps);
      return indices.map((i) => (steps - 1 - i) * stride + config.steps_offset);
    }
    case 'trailing':
      return indices.map((i) => roundHalfEven(total - (i * total) / steps) - 1);
    case 'linspace':
      return indices.map((i) => roundHalfEven(steps === 1 ? 0 : ((steps - 1 - i) * (total - 1)) / (steps - 1)));
    default:
      throw new Error(`Expected 'timestep_spacing' to be leading, trailing or linspace, got '${spacing}'.`);
  }
}

/** Rounds as numpy does: a half goes to the nearest even integer. */
function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

export interface StepInput extends SamplerStep {
  /** Noisy latents z_t [N,H,W,C]. */
  sample: Tensor;
  /**
   * The denoiser's output: noise, velocity or image, by the schedule's prediction_type [N,H,W,C]; with a learned
   * variance [N,H,W,2C].
   */
  output: Tensor;
}

/** Result of a step. */
export type StepOutput = {
  /** Latents of the earlier timestep. */
  sample: Tensor;
  /** The denoiser's estimate of the clean latents, clipped if the schedule clips. */
  clean: Tensor;
  /** Standard deviation of the added noise, σ_t; 0 if none was added. */
  deviation: Tensor | number;
};

/** Variance of q(z_s | z_t, z_0) for s before t (Ho et al. 2020, equation 7). */
function posteriorVariance(schedule: NoiseSchedule, { timestep, previous }: SamplerStep, final: number): number {
  const left = schedule.alphaBar(timestep);
  const leftBefore = previous < 0 ? final : schedule.alphaBar(previous);
  return ((1 - leftBefore) / (1 - left)) * (1 - left / leftBefore);
}

/**
 * One step of DDIM (Song et al. 2021, equation 12).
 * @param options `eta`: scale of the added noise, 0 (deterministic) … 1 (DDPM's); `noise`: standard normal, for eta > 0
 * @throws if eta > 0 and `noise` is missing
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
    return { sample, clean: predicted.clean, deviation };
  });
}

/**
 * log of a learned variance: the denoiser's v interpolates, in the logarithm, between the posterior's variance (-1) and
 * β (1) (Nichol & Dhariwal 2021, equation 15).
 */
export function learnedLogVariance(
  v: Tensor,
  { smallest, largest }: { smallest: Tensor | number; largest: Tensor | number },
): Tensor {
  return tf.tidy(() => {
    const share = tf.mul(tf.add(v, 1), 0.5);
    return tf.add(tf.mul(share, largest), tf.mul(tf.sub(1, share), smallest));
  });
}

/**
 * One step of DDPM, respaced (Ho et al. 2020, equation 7; Nichol & Dhariwal 2021).
 * @param options `noise`: standard normal, needed unless the timestep is 0
 * @throws if noise is needed and missing
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
    if (timestep === 0) return { sample: mean, clean, deviation: 0 };
    const deviation = ddpmDeviation(schedule, input, 1 - alpha);
    return { sample: tf.add(mean, tf.mul(noise!, deviation)), clean, deviation };
  });
}

/** Standard deviation of a DDPM step whose β is `beta`, by the schedule's variance_type. */
function ddpmDeviation(schedule: NoiseSchedule, input: StepInput, beta: number): Tensor | number {
  const { variance_type: type } = schedule.config;
  const posterior = Math.max(posteriorVariance(schedule, input, 1), 1e-20);
  if (type !== 'learned_range') return Math.sqrt(type === 'fixed_large' ? beta : posterior);
  const { variance } = splitOutput(input);
  if (!variance) {
    throw new Error(
      "Expected a denoiser that learned its variance ('variance_type' is learned_range): twice the channels.",
    );
  }
  const log = learnedLogVariance(variance, { smallest: Math.log(posterior), largest: Math.log(beta) });
  return tf.exp(tf.mul(log, 0.5));
}
