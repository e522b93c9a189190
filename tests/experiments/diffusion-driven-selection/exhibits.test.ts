import { describe, expect, it } from 'vitest';
import { figure4 } from '../../../src/experiments/diffusion-driven-selection/figure-4';
import { figure5 } from '../../../src/experiments/diffusion-driven-selection/figure-5';
import { table4 } from '../../../src/experiments/diffusion-driven-selection/table-4';

const ours = 'diffusion-driven selection';
const holds = (exhibit: typeof figure4, rows: Parameters<(typeof figure4)['claims'][number]['test']>[0]) =>
  exhibit.claims.map((claim) => claim.test(rows).holds);

describe('the claims of Figure 4', () => {
  const far = { images: 200, sd: 0.4 };
  /** Three seeds, each shifted alike for all sets, so that only paired differences count. */
  const rows = (rded: { fromMiddle: number }, d4m: { outliers: number }, jitter = 0.002) =>
    [0, 1, 2].flatMap((seed) => [
      { ...far, seed, set: ours, fromMiddle: 1 + 0.1 * seed, outliers: 0.25 + 0.1 * seed },
      { ...far, seed, set: 'RDED', outliers: 0, fromMiddle: rded.fromMiddle + 0.1 * seed + (seed - 1) * jitter },
      { ...far, seed, set: 'D4M', fromMiddle: 1.2, outliers: d4m.outliers + 0.1 * seed + (seed - 1) * jitter },
    ]);

  it('compare distances from the middles, and outliers, of sets that are there', () => {
    expect(holds(figure4, rows({ fromMiddle: 0.8 }, { outliers: 0.1 }))).toEqual([
      'holds',
      'not compared',
      "doesn't hold",
    ]);
    expect(holds(figure4, rows({ fromMiddle: 1.2 }, { outliers: 0.4 }))).toEqual([
      "doesn't hold",
      'not compared',
      'holds',
    ]);
  });

  it('stay open where the interval over the seeds holds zero, and with a single seed', () => {
    const close = rows({ fromMiddle: 0.95 }, { outliers: 0.29 }, 0.05);
    expect(holds(figure4, close)).toEqual(['open', 'not compared', 'open']);
    const [middles, , outliers] = figure4.claims.map((claim) => claim.test(close).sentence);
    // A standard deviation of 5 over three seeds: 4.303 × 5 / √3 to each side.
    expect(middles).toBe('Difference +5.0 points, 95 % interval −7.4 to +17.4, standard error 2.9; one comparison.');
    expect(outliers).toBe('Difference +4.0 points, 95 % interval −8.4 to +16.4, standard error 2.9; one comparison.');
    const single = close.filter(({ seed }) => seed === 0);
    expect(holds(figure4, single)).toEqual(['open', 'not compared', 'open']);
  });
});

describe('the claims of Figure 5', () => {
  it('compare later tasks with the first, and whole times', () => {
    const rows = [
      { method: ours, imagesPerClass: 1, seconds: 100 },
      { method: ours, imagesPerClass: 10, seconds: 5 },
      { method: 'RDED', imagesPerClass: 1, seconds: 40 },
      { method: 'RDED', imagesPerClass: 10, seconds: 80 },
    ];
    expect(holds(figure5, rows)).toEqual(['holds', 'holds', 'not compared', 'not compared', 'not compared']);
    const slower = rows.map((row) =>
      row.imagesPerClass === 10 && row.method === ours ? { ...row, seconds: 60 } : row,
    );
    expect(holds(figure5, slower).slice(0, 2)).toEqual(["doesn't hold", "doesn't hold"]);
  });
});

describe('the claims of Table 4', () => {
  it('say what is lacking', () => {
    const rows = [
      { method: ours, capability: 'class', has: true },
      { method: 'RDED', capability: 'class', has: true },
      { method: 'RDED', capability: 'IPC', has: false },
    ];
    const judged = table4.claims.map((claim) => claim.test(rows));
    expect(judged[0]!.holds).toBe('holds');
    expect(judged.at(-1)).toEqual({ holds: 'holds', sentence: 'It lacks IPC.' });
    expect(table4.claims[0]!.test(rows.map((row) => ({ ...row, has: false }))).holds).toBe("doesn't hold");
  });

  it('stay open where the scale cannot tell a capability', () => {
    const untold = [
      { method: ours, capability: 'zero-shot', has: null },
      { method: ours, capability: 'class', has: true },
    ];
    expect(table4.claims[0]!.test(untold)).toEqual({
      holds: 'open',
      sentence: "It has class; this scale can't tell zero-shot.",
    });
  });
});
