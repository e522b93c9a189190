import { describe, expect, it } from 'vitest';
import {
  type CostedGeneration,
  generationCost,
  generationCostText,
} from '../../../src/experiments/self-adaptive-memory/cost';

const of = (changes: Partial<CostedGeneration> = {}): CostedGeneration => ({
  fineTuning: { steps: 100, batch: 8 },
  sampling: { steps: 50 },
  imagesPerClass: 10,
  ...changes,
});

describe('generationCost', () => {
  it('counts a training step thrice per image, and each drawn image twice per step', () => {
    expect(generationCost([of()], { classes: 10, secondsPerPass: 3.6 })).toEqual({
      fineTunings: 1,
      steps: 100,
      images: 100,
      passes: 3 * 100 * 8 + 100 * 50 * 2,
      hours: 12.4,
    });
  });

  it('counts what configurations share once: the fine-tuning, and the images that a larger set begins with', () => {
    const one = generationCost([of({ imagesPerClass: 50 })], { classes: 10 });
    expect(generationCost([of(), of({ imagesPerClass: 50 }), of()], { classes: 10 })).toEqual(one);
    const two = generationCost([of(), of({ fineTuning: { steps: 100, batch: 8, policy: 'fifo' } })], { classes: 10 });
    expect(two).toMatchObject({ fineTunings: 2, steps: 200, images: 200 });
  });

  it('counts a fine-tuning of all steps for every ten classes, as it is done', () => {
    expect(generationCost([of()], { classes: 100 })).toMatchObject({ fineTunings: 10, steps: 1000, images: 1000 });
    expect(generationCost([of({ classesAtOnce: 30 })], { classes: 100 })).toMatchObject({ fineTunings: 4, steps: 400 });
    expect(generationCost([{ imagesPerClass: 1 }], { classes: 100 }).fineTunings).toBe(0);
  });

  it('knows the released code’s values as defaults, and sampling without guidance or fine-tuning', () => {
    const plain = generationCost([{ imagesPerClass: 1, sampling: { guidance: 1 } }], { classes: 10 });
    expect(plain).toMatchObject({ fineTunings: 0, images: 10, passes: 500, hours: undefined });
    expect(generationCost([{ imagesPerClass: 1, fineTuning: {} }], { classes: 10 }).steps).toBe(12_000);
    expect(() => generationCost([of({ sampling: { steps: 0 } })], { classes: 10 })).toThrow('steps');
  });
});

describe('generationCostText', () => {
  it('is one line', () => {
    const cost = generationCost([of()], { classes: 10, secondsPerPass: 3.6 });
    expect(generationCostText(cost)).toBe(
      '1 fine-tuning of 100 steps in all, 100 images, 12,400 passes through the denoiser, 12 h',
    );
    expect(generationCostText({ ...cost, hours: undefined })).toContain('hours not known');
  });
});
