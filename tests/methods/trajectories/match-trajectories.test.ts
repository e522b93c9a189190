import { describe, expect, it } from 'vitest';
import type { Trajectory } from '../../../src/methods';
import { partOf } from '../../../src/methods/trajectories/match-trajectories';
import type { TensorSource } from '../../../src/models';

/** An expert whose weights are their names alone: `expert 1, epoch 5`. */
const named = (expert: number): Trajectory => ({
  epochs: 9,
  at: (epoch) => ({ keys: () => [`expert ${expert}, epoch ${epoch}`], get: () => undefined }),
});
const nameOf = (weights: TensorSource): { expert: number; epoch: number } => {
  const [, expert, epoch] = /expert (\d+), epoch (\d+)/.exec([...weights.keys()][0]!)!;
  return { expert: Number(expert), epoch: Number(epoch) };
};

describe('the part of a trajectory that a step follows', () => {
  const options = { method: 'test', experts: [named(0), named(1), named(2)], expertEpochs: 4, seed: 3 };
  const parts = (startFrom: (step: number) => readonly [number, number], steps = 400) =>
    Array.from({ length: steps }, (_, step) => {
      const { start, target } = partOf({ ...options, startFrom }, step);
      return { start: nameOf(start), target: nameOf(target) };
    });

  it('starts at each epoch from the first to the one before the end, and at no other, of each expert', () => {
    const seen = parts(() => [2, 5]);
    expect([...new Set(seen.map(({ start }) => start.epoch))].sort()).toEqual([2, 3, 4]);
    expect(new Set(seen.map(({ start }) => `${start.expert} ${start.epoch}`)).size).toBe(9);
  });

  it('ends `expertEpochs` later on the way of the same expert', () => {
    for (const { start, target } of parts(() => [0, 6])) {
      expect(target).toEqual({ expert: start.expert, epoch: start.epoch + 4 });
    }
  });

  it('keeps to the range of its step', () => {
    const seen = parts((step) => [step < 200 ? 0 : 3, step < 200 ? 1 : 5]).map(({ start }) => start.epoch);
    expect(new Set(seen.slice(0, 200))).toEqual(new Set([0]));
    expect(new Set(seen.slice(200))).toEqual(new Set([3, 4]));
  });

  it('is the same from the same seed, and another from another', () => {
    const drawn = (seed: number) =>
      Array.from({ length: 20 }, (_, step) =>
        nameOf(partOf({ ...options, seed, startFrom: () => [0, 6] }, step).start),
      );
    expect(drawn(1)).toEqual(drawn(1));
    expect(drawn(1)).not.toEqual(drawn(2));
  });
});
