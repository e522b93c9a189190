import { describe, expect, it } from 'vitest';
import {
  above,
  close,
  highest,
  largerLead,
  meets,
  type MeasuredRow,
  measuredEvidence,
  publishedEvidence,
} from '../../../src/experiments/claims';

const text = { says: 'It is so.', onPublished: 'not in the text' } as const;

/** Rows of `method` with the given accuracies in per cent, one per pair of seeds. */
const rows = (method: string, accuracies: readonly number[], at: Record<string, number> = {}): MeasuredRow[] =>
  accuracies.map((accuracy, seed) => ({ at: { method, ...at }, pair: `${seed}/${seed}`, accuracy: accuracy / 100 }));

describe('above', () => {
  const claim = above({ method: 'ours' }, { method: 'random' }, text);

  it('holds where the interval of the paired differences lies above zero', () => {
    const verdict = claim.test(measuredEvidence([...rows('ours', [30, 41, 52]), ...rows('random', [28, 39, 50.5])]));
    expect(verdict).toMatchObject({ holds: 'holds', for: 1, against: 0, open: 0 });
    expect(verdict.comparisons[0]!.difference).toBeCloseTo(1.8333, 3);
  });

  it('pairs by seeds, so that spread which both share does not count', () => {
    const shared = [10, 30, 50, 70];
    const ours = rows(
      'ours',
      shared.map((value, i) => value + 2 + 0.1 * i),
    );
    expect(claim.test(measuredEvidence([...ours, ...rows('random', shared)])).holds).toBe('holds');
  });

  it("doesn't hold where one interval lies below zero, and is open where it holds zero", () => {
    const better = [...rows('ours', [30, 31, 32], { ipc: 1 }), ...rows('random', [20, 21, 22.5], { ipc: 1 })];
    const worse = [...rows('ours', [10, 11, 12], { ipc: 10 }), ...rows('random', [20, 21, 22.5], { ipc: 10 })];
    expect(claim.test(measuredEvidence([...better, ...worse]))).toMatchObject({
      holds: "doesn't hold",
      for: 1,
      against: 1,
    });
    const unclear = [...rows('ours', [10, 30, 12]), ...rows('random', [20, 11, 22])];
    expect(claim.test(measuredEvidence(unclear)).holds).toBe('open');
  });

  it('is open from a single pair, and not compared where a side is missing', () => {
    expect(claim.test(measuredEvidence([...rows('ours', [40]), ...rows('random', [20])])).holds).toBe('open');
    expect(claim.test(measuredEvidence(rows('ours', [40, 41])))).toMatchObject({
      holds: 'not compared',
      comparisons: [],
    });
  });
});

describe('a claim with many comparisons', () => {
  const claim = above({ method: 'ours' }, { method: 'random' }, text);
  /** A difference whose 95 % interval lies a little below zero: −2 ± 1.85, where twelve comparisons ask for ± 3.3. */
  const against = [-0.5, -1.5, -2, -2.5, -3.5];
  const places = (count: number) =>
    Array.from({ length: count }, (_, ipc) => [
      ...rows(
        'ours',
        against.map((value) => 30 + (ipc === 0 ? value : 5 + value / 10)),
        { ipc },
      ),
      ...rows(
        'random',
        against.map(() => 30),
        { ipc },
      ),
    ]).flat();

  it('is not refuted by one that is against it by chance', () => {
    expect(claim.test(measuredEvidence(places(1)))).toMatchObject({ holds: "doesn't hold", against: 1 });
    expect(claim.test(measuredEvidence(places(12)))).toMatchObject({ holds: 'open', for: 11, against: 0, open: 1 });
  });
});

describe('above by standard errors', () => {
  const claim = above({ method: 'ours' }, { method: 'random' }, { ...text, standardErrors: 5 });
  const judged = (differences: readonly number[]) =>
    claim.test(
      measuredEvidence([
        ...rows('ours', differences),
        ...rows(
          'random',
          differences.map(() => 0),
        ),
      ]),
    );

  it('holds from so many on, below them it is open though the interval lies above zero', () => {
    // Both have a standard error of 1 / √3.
    expect(judged([2, 3, 4])).toMatchObject({ holds: 'holds' });
    const open = judged([1.6, 2.6, 3.6]);
    expect(open).toMatchObject({ holds: 'open', sentence: expect.stringContaining('standard error 0.6') });
    expect(open.comparisons[0]!.low).toBeGreaterThan(0);
  });

  it("doesn't hold where the interval lies below zero, and is open from a single pair", () => {
    expect(judged([-2, -3, -4]).holds).toBe("doesn't hold");
    expect(judged([40]).holds).toBe('open');
  });
});

describe('a claim beside controls', () => {
  const controls = { axis: 'method', compared: ['ours'] };
  const evidence = measuredEvidence(
    [
      ...rows('ours', [30, 31, 32.5], { images: 300 }),
      ...rows('ours', [20, 21, 22], { images: 60 }),
      ...rows('random', [10, 11, 12], { images: 300 }),
      ...rows('random', [15, 16, 17.5], { images: 60 }),
    ],
    controls,
  );
  const places = (claim: ReturnType<typeof above>) => claim.test(evidence).comparisons.length;

  it('that names no method speaks of the compared ones alone', () => {
    const more = above({ images: 300 }, { images: 60 }, text);
    expect(more.test(evidence)).toMatchObject({ holds: 'holds', for: 1, against: 0, open: 0 });
    expect(highest({ images: 300 }, text).test(evidence)).toMatchObject({ holds: 'holds', for: 1, against: 0 });
    expect(places(close({ images: 300 }, { images: 60 }, { ...text, points: 1 }))).toBe(1);
    expect(places(meets({ images: 60 }, 21, { ...text, points: 1 }))).toBe(1);
  });

  it('that names one is put to it, control or not', () => {
    expect(places(above({ method: 'ours' }, { method: 'random' }, text))).toBe(2);
    expect(places(highest({ method: 'ours' }, text))).toBe(2);
    expect(places(meets({ method: 'random' }, 21, { ...text, points: 1 }))).toBe(2);
    const lead = { here: { images: 60 }, there: { images: 300 } };
    expect(places(largerLead({ method: 'ours' }, { method: 'random' }, { ...text, ...lead }))).toBe(1);
  });
});

describe('highest', () => {
  const evidence = measuredEvidence([
    ...rows('ours', [30, 31, 32], { clusters: 32 }),
    ...rows('ours', [20, 21, 22.5], { clusters: 8 }),
    ...rows('random', [60, 61, 62.5], { clusters: 8 }),
  ]);

  it('compares with every other place, but for those that are left out', () => {
    expect(highest({ clusters: 32 }, { ...text, among: { method: 'ours' } }).test(evidence)).toMatchObject({
      holds: 'holds',
      for: 1,
    });
    expect(highest({ clusters: 8 }, { ...text, among: { method: 'ours' } }).test(evidence).holds).toBe("doesn't hold");
  });
});

describe('meets', () => {
  const claim = meets({ method: 'RDED' }, 50, { ...text, points: 1.5 });

  it.each([
    ['holds', [50.1, 50.4, 50.2]],
    ["doesn't hold", [47, 47.2, 47.1]],
    ['open', [48, 50, 52]],
    ['open', [50]],
  ] as const)('%s for %s beside a figure of 50 and points of 1.5', (holds, accuracies) => {
    expect(claim.test(measuredEvidence(rows('RDED', accuracies))).holds).toBe(holds);
  });

  it('takes the best epoch, as published figures do', () => {
    const late = rows('RDED', [47, 47.2, 47.1]).map((row) => ({ ...row, best: row.accuracy + 0.03 }));
    expect(claim.test(measuredEvidence(late)).holds).toBe('holds');
  });

  it('takes the interval of a printed figure from its deviation', () => {
    const at = { method: 'RDED' };
    const printed = (sd: number) => publishedEvidence({ source: 'here', n: 4, rows: [{ at, mean: 51, sd }] });
    expect(claim.test(printed(0.3)).holds).toBe('holds');
    expect(claim.test(printed(3)).holds).toBe('open');
    expect(claim.test(printed(0.3)).sentence).toContain('+1.0 points');
  });

  it('is not compared where no place has a figure', () => {
    expect(claim.test(measuredEvidence(rows('ours', [50, 50])))).toMatchObject({
      holds: 'not compared',
      comparisons: [],
    });
  });
});

describe('close', () => {
  const evidence = measuredEvidence([
    ...rows('a', [30, 31, 32]),
    ...rows('b', [30.1, 30.9, 32]),
    ...rows('c', [20, 21, 22.5]),
  ]);

  it('holds where the whole interval is within the points, and not where it is beyond', () => {
    expect(close({ method: 'a' }, { method: 'b' }, { ...text, points: 1 }).test(evidence).holds).toBe('holds');
    expect(close({ method: 'a' }, { method: 'c' }, { ...text, points: 1 }).test(evidence).holds).toBe("doesn't hold");
  });
});

describe('largerLead', () => {
  const claim = largerLead({ method: 'ours' }, { method: 'random' }, { ...text, here: { ipc: 1 }, there: { ipc: 50 } });
  const lead = (at: Record<string, number>, by: readonly number[]) => [
    ...rows(
      'ours',
      by.map((points, i) => 30 + 5 * i + points),
      at,
    ),
    ...rows(
      'random',
      by.map((_, i) => 30 + 5 * i),
      at,
    ),
  ];

  it('compares two leads, and adds the squares of their margins', () => {
    const evidence = measuredEvidence([...lead({ ipc: 1 }, [9, 10, 11]), ...lead({ ipc: 50 }, [1, 2, 3])]);
    const { holds, comparisons } = claim.test(evidence);
    expect(holds).toBe('holds');
    const { difference, high } = comparisons[0]!;
    expect(difference).toBeCloseTo(8);
    // 4.303 / √3 for each lead, whose deviation is 1.
    expect(high - difference).toBeCloseTo(Math.SQRT2 * (4.3027 / Math.sqrt(3)), 3);
    expect(
      claim.test(measuredEvidence([...lead({ ipc: 1 }, [1, 2, 3]), ...lead({ ipc: 50 }, [9, 10, 11])])).holds,
    ).toBe("doesn't hold");
  });

  it('has nothing to compare where one of the places was not run', () => {
    expect(claim.test(measuredEvidence(lead({ ipc: 1 }, [9, 10, 11])))).toMatchObject({
      holds: 'not compared',
      comparisons: [],
    });
  });
});

describe('publishedEvidence', () => {
  const at = (method: string) => ({ method });

  it('takes the interval from the printed deviations', () => {
    const evidence = publishedEvidence({
      source: 'here',
      n: 4,
      rows: [
        { at: at('ours'), mean: 50, sd: 3 },
        { at: at('random'), mean: 40, sd: 4 },
      ],
    });
    const { low, high } = evidence.compare(at('ours'), at('random'))!;
    // Welch: 2.5⁴ / ((1.5⁴ + 2⁴) / 3) = 5.6 degrees of freedom, taken for 5.
    expect(low).toBeCloseTo(10 - 2.5706 * 2.5, 2);
    expect(high).toBeCloseTo(10 + 2.5706 * 2.5, 2);
  });

  it('counts half a point as noise where none is printed', () => {
    const rows = [
      { at: at('ours'), mean: 50.4 },
      { at: at('random'), mean: 50 },
    ];
    expect(above(at('ours'), at('random'), text).test(publishedEvidence({ source: 'here', rows })).holds).toBe('open');
  });
});
