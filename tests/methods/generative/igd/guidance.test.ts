import { describe, expect, it } from 'vitest';
import { tf } from '../../../../src/engine';
import { deviationGradient, influenceGradient, pulled } from '../../../../src/methods/generative/igd/guidance';
import { influenceOf } from '../../../../src/methods/generative/igd/influence';
import { relativeError } from '../../../models/fixture';
import { checkpoints, given, guided, label, memory, prior, state } from './fixture';

const off = (actual: { dataSync(): ArrayLike<number> }, name: string, shape: number[]) =>
  relativeError(actual.dataSync(), given(name, shape).dataSync());

describe('IGD’s influence', () => {
  it('and its slope are those of PyTorch’s double backward, and the weights stay as they are', () => {
    const weights = () =>
      checkpoints.flatMap(({ surrogate }) => Object.values(surrogate.variables()).map((one) => [...one.dataSync()]));
    const before = weights();
    const { loss, gradient } = influenceOf(checkpoints, given('image', [1, 2, 2, 3]), label);
    expect(loss).toBeCloseTo(given('loss', []).dataSync()[0]!, 5);
    expect(off(gradient, 'imageSlope', [1, 2, 2, 3])).toBeLessThan(2e-3);
    expect(weights()).toEqual(before);
  });

  it('is led through decoder and denoiser as in PyTorch', () => {
    expect(off(influenceGradient(prior, guided, state, { checkpoints, label }), 'slope', [1, 2, 2, 4])).toBeLessThan(
      2e-3,
    );
  });
});

describe('IGD’s deviation', () => {
  it('leads away from the nearest latent of the memory alone', () => {
    expect(off(deviationGradient(state.noisy, memory)!, 'away', [1, 2, 2, 4])).toBeLessThan(1e-4);
    expect(deviationGradient(state.noisy, [])).toBeUndefined();
  });
});

describe('IGD’s step', () => {
  const pull = (influence: number, deviation: number) =>
    pulled(prior, state, { guided, checkpoints, label, memory, influence, deviation });

  it('is both pulls, scaled as released', () => {
    const moved = tf.sub(pull(5, 120), state.latents);
    const expected = tf.sub(given('moved', [1, 2, 2, 4]), state.latents);
    expect(relativeError(moved.dataSync(), expected.dataSync())).toBeLessThan(1e-3);
  });

  it('weighs influence by the predicted noise, whatever the length of its slope', () => {
    const one = tf.sub(pull(1, 0), state.latents).dataSync();
    const five = tf.sub(pull(5, 0), state.latents).dataSync();
    expect(
      relativeError(
        five,
        one.map((value) => 5 * value),
      ),
    ).toBeLessThan(1e-3);
    expect(pull(0, 0).dataSync()).toEqual(state.latents.dataSync());
  });

  it('keeps no tensor but its result', () => {
    const before = tf.memory().numTensors;
    pull(5, 120).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
