import { describe, expect, it } from 'vitest';
import { DenoisingLoss, LEARNED_VARIANCE_SCHEDULE, NoiseSchedule, VariationalBound } from '../../src/diffusion';
import { lossAndGradients, type Tensor, tf, type Variable } from '../../src/engine';
import type { Denoiser } from '../../src/models';
import { relativeError } from '../models/fixture';
import { learnedVariance } from './learned-variance-fixture';

const { loss: reference } = learnedVariance;
const schedule = new NoiseSchedule(LEARNED_VARIANCE_SCHEDULE);
const { shape, timesteps } = reference;
const double = [...shape.slice(0, 3), 2 * shape[3]];
const tensor = (name: 'clean' | 'noise' | 'predicted'): Tensor => tf.tensor(reference[name], shape);
const condition = tf.zeros([shape[0]], 'int32');

/** A denoiser that says the same whatever it is shown. */
const saying = (output: Tensor): Denoiser => ({
  config: { in_channels: shape[3], out_channels: output.shape[3]! },
  forward: () => ({ sample: tf.clone(output) }),
});
const batch = { clean: tensor('clean'), noise: tensor('noise'), timesteps, condition };

describe('DenoisingLoss', () => {
  const output = tf.variable(tf.tensor(reference.output, double)) as Variable;
  const denoiser = saying(output);
  const losses = new DenoisingLoss(schedule);

  it("is DiT's: squared error plus bound, with x̂_0 unclipped", () => {
    const { loss, predicted } = losses.terms(denoiser, batch);
    expect(loss.dataSync()[0]! / reference.loss).toBeCloseTo(1, 4);
    expect(relativeError(predicted.dataSync(), reference.predicted)).toBeLessThan(1e-5);
  });

  it('has the gradient of the reference: the bound reaches only the variance', () => {
    const { gradients } = lossAndGradients({ output }, () => losses.terms(denoiser, batch).loss);
    // 1 - α̅ near the first timestep is known to 3e-4 in the schedule's float32, as in diffusers.
    expect(relativeError(gradients.output!.dataSync(), reference.gradient)).toBeLessThan(1e-3);
    const withoutBound = tf.tidy(() => {
      const [found] = tf.split(tf.tensor(reference.output, double), 2, 3) as [Tensor, Tensor];
      return tf.mul(tf.sub(found, batch.noise), 2 / batch.noise.size);
    });
    const [onNoise] = tf.split(gradients.output!, 2, 3) as [Tensor, Tensor];
    expect(relativeError(onNoise.dataSync(), withoutBound.dataSync())).toBeLessThan(1e-5);
  });

  it('is the squared error alone for a denoiser that learns no variance', () => {
    const [found] = tf.split(tf.tensor(reference.output, double), 2, 3) as [Tensor, Tensor];
    const { loss } = losses.terms(saying(found), batch);
    const mean = reference.squared.reduce((sum, value) => sum + value, 0) / reference.squared.length;
    expect(loss.dataSync()[0]! / mean).toBeCloseTo(1, 5);
  });

  it('weighs the squared error by min(1, γ/SNR) of each timestep, and the bound not at all', () => {
    const minSnr = 5;
    const { loss } = losses.terms(denoiser, batch);
    const weighted = new DenoisingLoss(schedule, { minSnr }).terms(denoiser, batch).loss;
    const less = timesteps.map((t, i) => {
      const snr = schedule.alphaBar(t) / (1 - schedule.alphaBar(t));
      return (1 - Math.min(1, minSnr / snr)) * reference.squared[i]!;
    });
    const expected = loss.dataSync()[0]! - less.reduce((sum, value) => sum + value, 0) / less.length;
    expect(less.some((value) => value > 0) && less.some((value) => value === 0)).toBe(true);
    expect(weighted.dataSync()[0]! / expected).toBeCloseTo(1, 4);
    expect(() => new DenoisingLoss(schedule, { minSnr: 0 })).toThrow("Expected 'minSnr' above 0, got 0.");
  });

  it('leaks no tensor beyond its terms', () => {
    const before = tf.memory().numTensors;
    tf.dispose(losses.terms(denoiser, batch));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses a schedule whose denoiser predicts something else', () => {
    expect(() => new DenoisingLoss(new NoiseSchedule({ prediction_type: 'v_prediction' }))).toThrow(
      "got 'v_prediction'",
    );
  });
});

describe('VariationalBound', () => {
  it('equals the reference per item, at the first timestep and later', () => {
    const [, variance] = tf.split(tf.tensor(reference.output, double), 2, 3) as [Tensor, Tensor];
    const terms = new VariationalBound(schedule)
      .terms({ clean: batch.clean, predicted: tensor('predicted'), variance, timesteps })
      .dataSync();
    for (const [i, bound] of reference.bound.entries()) {
      expect(terms[i]! / bound, `timestep ${timesteps[i]}`).toBeCloseTo(1, 3);
    }
  });

  it('is zero where the denoiser is right and takes the smallest variance', () => {
    const clean = batch.clean;
    const later = timesteps.map((t) => Math.max(t, 1));
    const terms = new VariationalBound(schedule).terms({
      clean,
      predicted: clean,
      variance: tf.fill(shape, -1),
      timesteps: later,
    });
    expect(Math.max(...terms.dataSync().map(Math.abs))).toBeLessThan(1e-5);
  });
});
