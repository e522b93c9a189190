/**
 * From a denoiser's output to noise and clean latents: z_t = √α̅ z_0 + √(1-α̅) ε, solved for what it didn't predict
 * (v-prediction: Salimans & Ho 2022).
 */
import { type Tensor, tf } from '../engine';
import type { NoiseSchedule } from './schedules';

export interface DenoiserOutput {
  /** Noisy latents z_t [N,H,W,C]. */
  sample: Tensor;
  /** The denoiser's output: noise, velocity or image, by the schedule's prediction_type; [N,H,W,C], or [N,H,W,2C]. */
  output: Tensor;
  /** One for all, or one per item. */
  timestep: number | ArrayLike<number>;
}

/** The clean latents and the noise that a denoiser's output implies, [N,H,W,C] each. */
export type Prediction = { clean: Tensor; noise: Tensor };

/**
 * Splits a denoiser's output into the prediction and, if it is learned, the variance.
 * @throws on another channel count
 */
export function splitOutput({ sample, output }: Pick<DenoiserOutput, 'sample' | 'output'>): {
  predicted: Tensor;
  variance?: Tensor;
} {
  const [channels, given] = [sample.shape.at(-1)!, output.shape.at(-1)!];
  if (given === channels) return { predicted: output };
  if (given === 2 * channels) {
    const [predicted, variance] = tf.split(output, 2, -1) as [Tensor, Tensor];
    return { predicted, variance };
  }
  throw new Error(`Expected a denoiser's output of ${channels} or ${2 * channels} channels, got ${given}.`);
}

/** The noise ε that the denoiser predicts, for any prediction_type. [N,H,W,C] */
export function predictedNoise(schedule: NoiseSchedule, { sample, output: whole, timestep }: DenoiserOutput): Tensor {
  return tf.tidy(() => {
    const output = splitOutput({ sample, output: whole }).predicted;
    const type = predictionType(schedule);
    if (type === 'epsilon') return tf.clone(output);
    const [keep, add] = schedule.factors(sample, timestep);
    if (type === 'sample') return tf.div(tf.sub(sample, tf.mul(output, keep)), add);
    return tf.add(tf.mul(output, keep), tf.mul(sample, add));
  });
}

/** The clean latents z_0 that the denoiser predicts, clipped if the schedule clips. [N,H,W,C] */
function predictedClean(schedule: NoiseSchedule, { sample, output: whole, timestep }: DenoiserOutput): Tensor {
  const { clip_sample: clips, clip_sample_range: range } = schedule.config;
  return tf.tidy(() => {
    const output = splitOutput({ sample, output: whole }).predicted;
    const type = predictionType(schedule);
    const [keep, add] = schedule.factors(sample, timestep);
    let clean = tf.clone(output);
    if (type === 'epsilon') clean = tf.div(tf.sub(sample, tf.mul(output, add)), keep);
    if (type === 'v_prediction') clean = tf.sub(tf.mul(sample, keep), tf.mul(output, add));
    return clips ? tf.clipByValue(clean, -range, range) : clean;
  });
}

/** The clean latents and the noise that a denoiser's output implies. */
export function readPrediction(schedule: NoiseSchedule, made: DenoiserOutput): Prediction {
  return { clean: predictedClean(schedule, made), noise: predictedNoise(schedule, made) };
}

function predictionType({ config: { prediction_type: type } }: NoiseSchedule): 'epsilon' | 'v_prediction' | 'sample' {
  if (type === 'epsilon' || type === 'v_prediction' || type === 'sample') return type;
  throw new Error(`Expected 'prediction_type' to be epsilon, v_prediction or sample, got '${String(type)}'.`);
}
