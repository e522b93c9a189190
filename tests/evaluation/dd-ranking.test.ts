import { describe, expect, it } from 'vitest';
import { augmentationRobustScore, labelRobustScore } from '../../src/evaluation';

describe('labelRobustScore', () => {
  it('is 1 where class labels lose everything that can be won, and 0 where all is lost', () => {
    // α = 1: a perfect set where real images with class labels teach nothing, and random ones neither.
    expect(labelRobustScore({ fullHard: 0, setHard: 1, setAny: 1, randomAny: 0 }).score).toBeCloseTo(1, 12);
    expect(labelRobustScore({ fullHard: 1, setHard: 0, setAny: 0, randomAny: 1 }).score).toBeCloseTo(0, 12);
  });

  it('is what the formula gives, worked out by hand', () => {
    // HLR = 0.565 − 0.114 = 0.451, IOR = 0.42 − 0.4 = 0.02, α = 0.01 − 0.2255 = −0.2155,
    // (e^−0.2155 − e^−1) / (e − e^−1) = (0.806138 − 0.367879) / 2.350402
    const found = labelRobustScore({ fullHard: 0.565, setHard: 0.114, setAny: 0.42, randomAny: 0.4 });
    expect(found.hardLabelRecovery).toBeCloseTo(0.451, 12);
    expect(found.improvementOverRandom).toBeCloseTo(0.02, 12);
    expect(found.score).toBeCloseTo(0.186461, 5);
  });

  it('counts one side alone at a weight of 0 or 1', () => {
    const accuracies = { fullHard: 0.5, setHard: 0.5, setAny: 0.9, randomAny: 0.4 };
    const even = (1 - Math.exp(-1)) / (Math.E - Math.exp(-1));
    expect(labelRobustScore({ ...accuracies, weight: 0 }).score).toBeCloseTo(even, 12);
    expect(labelRobustScore({ ...accuracies, weight: 1 }).score).toBeGreaterThan(even);
  });

  it('refuses percentages', () => {
    expect(() => labelRobustScore({ fullHard: 56.5, setHard: 0.1, setAny: 0.1, randomAny: 0.1 })).toThrow(
      /'fullHard' to be a share/,
    );
  });
});

describe('augmentationRobustScore', () => {
  it('is even where the set is worth what random images are', () => {
    const even = (1 - Math.exp(-1)) / (Math.E - Math.exp(-1));
    const alike = { setWith: 0.4, randomWith: 0.4, setWithout: 0.2, randomWithout: 0.2 };
    expect(augmentationRobustScore(alike)).toBeCloseTo(even, 12);
    expect(augmentationRobustScore({ ...alike, setWithout: 0.1 })).toBeLessThan(even);
  });
});
