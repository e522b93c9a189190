import { describe, expect, it } from 'vitest';
import {
  Adam,
  AdamW,
  clipByGlobalNorm,
  constantRate,
  cosineRate,
  halfCosineRate,
  multiStepRate,
  type NamedGradients,
  Sgd,
  type SgdOptions,
  tf,
  type Variable,
  withWarmUp,
} from '../../src/engine';
import { expectClose, type Packed, readFixture, unpack } from './fixtures';

type Values = Record<string, Packed>;
const fixture = readFixture<{
  start: Values;
  rates: number[];
  gradients: Values[];
  rules: { rule: 'Sgd' | 'Adam' | 'AdamW'; options: Partial<SgdOptions>; after: Values[] }[];
  clip: { limit: number; norm: number; after: Values }[];
}>('optimisers.json');
const rules = { Sgd, Adam, AdamW };
const tensors = (values: Values): NamedGradients =>
  Object.fromEntries(Object.entries(values).map(([name, packed]) => [name, unpack(packed)]));
const variables = (): Record<string, Variable> =>
  Object.fromEntries(Object.entries(fixture.start).map(([name, v]) => [name, tf.variable(unpack(v)) as Variable]));

describe('weights after each of five steps equal those of PyTorch for', () => {
  for (const { rule, options, after } of fixture.rules) {
    const settings = Object.entries(options).map(([name, value]) => `${name} ${value}`);
    it(`${rule} with ${settings.join(', ') || 'its defaults'}`, () => {
      const weights = variables();
      const optimiser = new rules[rule](weights, { learningRate: 0.1, ...options });
      for (const [i, gradient] of fixture.gradients.entries()) {
        optimiser.apply(tensors(gradient), fixture.rates[i]!);
        for (const [name, weight] of Object.entries(weights)) {
          expectClose(weight, after[i]![name]!, `${name} after step ${i + 1}`, 2e-6);
        }
      }
      expect(optimiser.step).toBe(5);
      optimiser.dispose();
      expectClose(weights.w!, after.at(-1)!.w!, 'w after the optimiser is gone', 2e-6);
    });
  }
});

describe('gradients', () => {
  for (const { limit, norm, after } of fixture.clip) {
    it(`clipped to a norm of ${limit} equal those of PyTorch`, () => {
      const clipped = clipByGlobalNorm(tensors(fixture.gradients[0]!), limit);
      expect(clipped.norm.dataSync()[0]).toBeCloseTo(norm, 4);
      for (const [name, gradient] of Object.entries(clipped.gradients)) expectClose(gradient, after[name]!, name);
    });
  }
});

describe('an optimiser', () => {
  it('lets only those variables decay that it is told to', () => {
    const weights = variables();
    const before = weights.b!.dataSync().slice();
    const zero = Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name, tf.zerosLike(weight)]));
    new AdamW(weights, { learningRate: 0.5, weightDecay: 1, decay: (name) => name === 'w' }).apply(zero);
    expect([...weights.b!.dataSync()]).toEqual([...before]);
    expect(weights.w!.dataSync()[0]).toBeCloseTo(unpack(fixture.start.w!).dataSync()[0]! / 2, 6);
  });

  it('refuses settings out of range and gradients of strangers, saying which', () => {
    const weights = variables();
    expect(() => new Sgd(weights, { learningRate: -1 })).toThrow('`learningRate` to be a finite number >= 0, got -1');
    expect(() => new Sgd(weights, { learningRate: 1, nesterov: true })).toThrow('`momentum` > 0');
    expect(() => new AdamW(weights, { learningRate: 1, beta2: 1 })).toThrow('`beta2` to be in [0, 1), got 1');
    const sgd = new Sgd(weights, { learningRate: 1 });
    expect(() => sgd.apply({ stranger: tf.scalar(1) })).toThrow("'stranger'");
    expect(() => sgd.apply({}, Number.NaN)).toThrow('got NaN');
    expect(() => clipByGlobalNorm({}, 0)).toThrow('`maxNorm`');
  });
});

describe('learning rates', () => {
  it('stay, fall by a cosine, by half of one, and in steps', () => {
    expect([0, 7].map(constantRate(0.3))).toEqual([0.3, 0.3]);
    expect([0, 50, 100, 200].map(cosineRate(1, 100, 0.1))).toEqual([1, expect.closeTo(0.55, 9), 0.1, 0.1]);
    expect([0, 150, 300].map((epoch) => halfCosineRate(1e-3, 300)(epoch))).toEqual([
      1e-3,
      expect.closeTo(1e-3 * 0.5 * (1 + Math.SQRT1_2), 12),
      expect.closeTo(0.5e-3, 12),
    ]);
    expect([0, 2, 3, 5].map(multiStepRate(1, [3, 5], 0.2))).toEqual([1, 1, 0.2, expect.closeTo(0.04, 12)]);
  });

  it('grow to the schedule over a warm-up', () => {
    expect([0, 1, 3, 9].map(withWarmUp(constantRate(1), 4))).toEqual([0.25, 0.5, 1, 1]);
  });

  it('refuse a schedule of no steps', () =>
    expect(() => cosineRate(1, 0)).toThrow('`steps` to be a number > 0, got 0'));
});
