import { describe, expect, it } from 'vitest';
import { startRange } from '../../../src/methods/trajectories/datm';

describe('the epochs from which students of DATM may start', () => {
  const rangeAt = startRange({ minStart: 2, firstMaxStart: 5, maxStart: 9, expansionSteps: 100 });

  it('end before firstMaxStart at first, and before maxStart after the expansion and for ever', () => {
    expect(rangeAt(0)).toEqual([2, 5]);
    for (const step of [100, 101, 150, 10_000]) expect(rangeAt(step), `${step}`).toEqual([2, 9]);
  });

  it('grow by one at even distances, and never shrink', () => {
    const ends = Array.from({ length: 121 }, (_, step) => rangeAt(step)[1]);
    const grows = ends.flatMap((end, step) => (step > 0 && end !== ends[step - 1] ? [[step, end]] : []));
    expect(grows).toEqual([
      [25, 6],
      [50, 7],
      [75, 8],
      [100, 9],
    ]);
  });

  it.each([
    [5, 5, 9],
    [2, 9, 5],
  ])('are refused by the names of the settings where none is left: %i, %i, %i', (minStart, firstMaxStart, maxStart) => {
    expect(() => startRange({ minStart, firstMaxStart, maxStart, expansionSteps: 10 })).toThrow(
      `Expected minStart < firstMaxStart ≤ maxStart, the epochs from which students may start, got ${minStart}, ${firstMaxStart} and ${maxStart}.`,
    );
  });

  it('are the same at all steps where both limits are one', () => {
    const fixed = startRange({ minStart: 0, firstMaxStart: 3, maxStart: 3, expansionSteps: 7 });
    for (const step of [0, 3, 7, 8]) expect(fixed(step)).toEqual([0, 3]);
  });
});
