import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/engine';
import { nearestReal, type PrecisionRecall, precisionRecall } from '../../src/evaluation';

interface Case {
  real: number[][];
  generated: number[][];
  /** Of Naeem et al.'s own code. */
  byK: Record<string, PrecisionRecall>;
  /** Of scikit-learn. */
  nearest: number[];
  distances: number[];
  usual: number;
}
const file = join(import.meta.dirname, '../fixtures/evaluation/precision-recall.json');
const cases = JSON.parse(readFileSync(file, 'utf8')) as Case[];

const cloud = (count: number, ...path: (string | number)[]): number[][] =>
  Array.from({ length: count }, (_, i) => Array.from(new RandomStream(0, ...path, i).fillNormal(new Float32Array(3))));

describe('precisionRecall', () => {
  it.each(cases.map((one, i) => [i, one] as const))("gives the numbers of the authors' code, case %i", (_, one) => {
    for (const [k, theirs] of Object.entries(one.byK)) {
      const ours = precisionRecall(one.real, one.generated, { k: Number(k) });
      for (const name of Object.keys(theirs) as (keyof PrecisionRecall)[]) {
        expect(ours[name], `${name} at k ${k}`).toBeCloseTo(theirs[name]!, 12);
      }
    }
  });

  it('finds real ones themselves wholly faithful and wholly diverse', () => {
    const real = cloud(30, 'real');
    expect(precisionRecall(real, real)).toMatchObject({ precision: 1, recall: 1, coverage: 1 });
  });

  it('exchanges precision and recall when the two sides are exchanged', () => {
    const [a, b] = [cloud(30, 'a'), cloud(20, 'b').map(([x, y, z]) => [x! + 1, y!, z!])];
    const [forth, back] = [precisionRecall(a, b, { k: 3 }), precisionRecall(b, a, { k: 3 })];
    expect(forth.precision).toBe(back.recall);
    expect(forth.recall).toBe(back.precision);
    expect(forth.precision).toBeLessThan(1);
  });

  it('changes neither with the order, nor with the scale, nor with the origin of the space', () => {
    const [real, generated] = [cloud(30, 'real'), cloud(12, 'generated')];
    // Powers of two and small whole numbers: no distance is rounded differently.
    const moved = (vectors: number[][]) => vectors.toReversed().map((vector) => vector.map((value) => 4 * value));
    expect(precisionRecall(moved(real), moved(generated))).toEqual(precisionRecall(real, generated));
  });

  it('never falls in precision, recall or coverage as k grows', () => {
    const [real, generated] = [cloud(30, 'real'), cloud(12, 'generated')];
    const all = [1, 2, 4, 8, 11].map((k) => precisionRecall(real, generated, { k }));
    for (const name of ['precision', 'recall', 'coverage'] as const) {
      const values = all.map((one) => one[name]!);
      expect(values).toEqual(values.toSorted((a, b) => a - b));
      expect(values.at(-1)).toBeGreaterThan(values[0]!);
    }
  });

  it('tells samples of one mode from samples of both, which precision does not', () => {
    const far = (vectors: number[][]) => vectors.map(([x, y, z]) => [x! + 40, y!, z!]);
    const real = [...cloud(20, 'real'), ...far(cloud(20, 'other'))];
    const one = precisionRecall(real, cloud(20, 'sample'));
    const both = precisionRecall(real, [...cloud(10, 'sample'), ...far(cloud(10, 'sample'))]);
    expect(one.precision).toBeGreaterThan(0.8);
    expect(one.recall).toBeLessThanOrEqual(0.5);
    expect(one.coverage).toBeLessThanOrEqual(0.5);
    expect(both.recall).toBeGreaterThan(0.8);
  });

  it('takes duplicates: a ball of radius 0 holds its copies alone', () => {
    const real = [[0], [0], [5], [5]];
    expect(precisionRecall(real, [[0], [1]], { k: 1 })).toEqual({
      precision: 0.5,
      recall: 0.5,
      density: 1,
      coverage: 0.5,
    });
  });

  it('has no recall where so few samples have no balls', () => {
    expect(precisionRecall(cloud(8, 'real'), cloud(5, 'generated'), { k: 5 }).recall).toBeNull();
    expect(precisionRecall(cloud(8, 'real'), cloud(6, 'generated'), { k: 5 }).recall).not.toBeNull();
  });

  it('refuses what has no answer, and says where', () => {
    const real = cloud(6, 'real');
    expect(() => precisionRecall(real, [])).toThrow(/'generated' to hold at least one vector/);
    expect(() => precisionRecall([], real)).toThrow(/'real' to hold at least one vector/);
    expect(() => precisionRecall(real, [[1, 2]])).toThrow(/vectors of 3 values, got 2 in 'generated', vector 0/);
    expect(() => precisionRecall(real, [[1, Number.NaN, 2]])).toThrow(/finite.*NaN in 'generated', vector 0, value 1/);
    for (const k of [0, 6, 1.5]) expect(() => precisionRecall(real, real, { k })).toThrow(/'k' .* 1 … 5 .*got/);
  });
});

describe('nearestReal', () => {
  it.each(cases.map((one, i) => [i, one] as const))(
    'finds the neighbours that scikit-learn finds, case %i',
    (_, one) => {
      const { samples, usual } = nearestReal(one.real, one.generated);
      expect(samples.map(({ real }) => real)).toEqual(one.nearest);
      for (const [i, { distance }] of samples.entries()) expect(distance).toBeCloseTo(one.distances[i]!, 12);
      expect(usual).toBeCloseTo(one.usual, 12);
    },
  );

  it('reports copies, and near copies within the share', () => {
    const real = [[0], [1], [2], [3]];
    const { samples, copies, usual } = nearestReal(real, [[0], [1.4], [2.75]], { copyShare: 0.3 });
    expect(usual).toBe(1);
    expect(samples.map(({ real, copy }) => [real, copy])).toEqual([
      [0, true],
      [1, false],
      [3, true],
    ]);
    expect(copies).toBe(2);
    expect(nearestReal(real, [[0], [2.75]], { copyShare: 0 }).copies).toBe(1);
  });

  it('refuses a single real vector and a negative share', () => {
    expect(() => nearestReal([[0]], [[1]])).toThrow(/at least two real vectors/);
    expect(() => nearestReal([[0], [1]], [[1]], { copyShare: -1 })).toThrow(/'copyShare' of 0 or more, got -1/);
  });
});
