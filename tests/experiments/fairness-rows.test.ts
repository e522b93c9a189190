import { describe, expect, it } from 'vitest';
import { labelRobustScore } from '../../src/evaluation';
import type { ExperimentRow } from '../../src/experiments/experiment-row';
import { fairnessRows, labelRobustRows } from '../../src/experiments/fairness-rows';

const row = (method: string, labels: 'soft' | 'hard', accuracy: number, studentSeed = 0): ExperimentRow => ({
  method,
  labels,
  accuracy,
  bestAccuracy: accuracy + 0.02,
  set: 0,
  studentSeed,
  seconds: 1,
  teacherAccuracy: labels === 'soft' ? 0.8 : null,
  imageBytes: 4000,
  labelBytes: labels === 'soft' ? 60_000 : 10,
  teacherBytes: labels === 'soft' ? 1_000_000 : 0,
});

const rows = [
  row('random', 'soft', 0.3),
  row('random', 'hard', 0.2),
  row('ours', 'soft', 0.4),
  row('ours', 'soft', 0.5, 1),
  row('ours', 'hard', 0.25),
];

describe('fairnessRows', () => {
  it('has last and best epoch, the family of labels and the bytes of each place', () => {
    const [, , soft, hard] = fairnessRows(rows, ['method']);
    expect(soft).toMatchObject({ method: 'ours', labels: 'soft', n: 2, 'images (kB)': 4, 'labels (kB)': 60 });
    expect(soft!['last epoch (%)']).toBeCloseTo(45);
    expect(soft!['best epoch (%)']).toBeCloseTo(47);
    expect(hard).toMatchObject({ method: 'ours', labels: 'hard', n: 1, 'last, sd': null, 'teacher (kB)': 0 });
  });
});

describe('labelRobustRows', () => {
  it('puts each method’s means into the score, with random images and the teacher', () => {
    const [random, ours] = labelRobustRows(rows);
    expect(ours).toMatchObject({ method: 'ours', hard: 0.25, random: 0.3, full: 0.8 });
    expect(ours!.soft).toBeCloseTo(0.45);
    const accuracies = { fullHard: 0.8, setHard: 0.25, setAny: 0.45, randomAny: 0.3 };
    expect(ours!.score).toBeCloseTo(labelRobustScore(accuracies).score, 12);
    expect(random!.improvementOverRandom).toBe(0);
  });

  it('has none of a method with one family of labels, nor any without random images', () => {
    const without = (method: string, labels: string) =>
      rows.filter((one) => !(one.method === method && one.labels === labels));
    expect(labelRobustRows(without('ours', 'hard')).map(({ method }) => method)).toEqual(['random']);
    expect(labelRobustRows(without('random', 'soft'))).toEqual([]);
  });
});
