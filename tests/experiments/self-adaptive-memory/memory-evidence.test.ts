import { beforeAll, describe, expect, it } from 'vitest';
import { DISPLAY, MIME } from '../../../src/charts';
import { type Scale, type ScaleDataset, scaleOf } from '../../../src/experiments/scales';
import {
  evidenceByMethod,
  evidenceBySetting,
  evidenceCells,
  evidenceRows,
  type EvidenceRow,
  memoryEvidence,
} from '../../../src/experiments/self-adaptive-memory/memory-evidence';
import { adoptedValues } from '../../../src/experiments/self-adaptive-memory/varied-settings';
import { InProcessExecutor, Store } from '../../../src/sweeps';
import { temporaryFolder } from '../../helpers/temporary';
import { tinyScale } from '../tiny-scale';
import { fineTuning, sampling, savedPrior, world } from './tiny-generation';

const ours = 'self-adaptive memory';
const names = ['precision', 'density', 'recall', 'coverage', 'copies'];

describe('the measures of generated images', () => {
  const folder = temporaryFolder();
  let tiny: Scale;
  beforeAll(async () => {
    // The teacher that ships, tested on images of its own kind.
    const shipped = (await tinyScale.datasets(['ImageWoof'])).get('ImageWoof') as ScaleDataset;
    const few: ScaleDataset = { ...shipped, pool: () => ({ ...world, perClass: 3 }) };
    tiny = {
      ...tinyScale,
      datasets: async (wanted) => new Map(wanted.map((name) => [name, few])),
      realImages: 3,
      generation: { prior: await savedPrior(folder), fineTuning, sampling },
      networks: { 'ResNet-18': 'conv3-in-w8' },
    };
  });

  it('are those of each cell’s sets against the images that they were made from', async () => {
    const store = new Store(`${folder}/store`);
    const running = { store, executor: new InProcessExecutor(store), onProgress: () => undefined };
    const cells = [{ method: 'random' }, { method: ours, setting: 'λ_g', level: 0 }] as const;
    const rows = await evidenceRows(tiny, cells, { ...running, imagesPerClass: 3, neighbours: 1 });
    expect(rows.map(({ measure }) => measure)).toEqual([...names, ...names]);
    expect(rows.slice(5)).toEqual(
      names.map((measure) => ({ method: ours, setting: 'λ_g', level: 0, measure, seed: 0, value: expect.any(Number) })),
    );
    // All real images of a class, as a set, are its copies, and cover it.
    const real = Object.fromEntries(rows.slice(0, 5).map(({ measure, value }) => [measure, value]));
    expect(real).toMatchObject({ precision: 1, recall: 1, coverage: 1, copies: 1 });
    const drawn = Object.fromEntries(rows.slice(5).map(({ measure, value }) => [measure, value]));
    expect(drawn.copies).toBeLessThan(1);
  });

  it('say why a scale has none', async () => {
    const cifar = scaleOf('cifar', 'self-adaptive memory');
    await expect(evidenceRows(cifar, evidenceCells, { imagesPerClass: 10 })).rejects.toThrow(
      'No class-conditional prior',
    );
  });
});

/** Coverage as given, all else equal, for three seeds. */
const made = (coverage: (cell: (typeof evidenceCells)[number]) => number): EvidenceRow[] =>
  evidenceCells.flatMap((cell) =>
    [0, 1, 2].flatMap((seed) =>
      names.map((measure): EvidenceRow => {
        const { method, setting = 'as adopted', level = null } = cell;
        const value = measure === 'coverage' ? coverage(cell) + seed / 1000 : 0.5;
        return { method, setting, level, measure, seed, value };
      }),
    ),
  );
const verdicts = (rows: EvidenceRow[]) => memoryEvidence.claims.map((claim) => claim.test(rows).holds);

describe('the claims on diversity', () => {
  it('hold where ours covers more, and more with every weight and size; what is equal stays open or is close', () => {
    const rows = made(({ method, level }) => (method === ours ? 0.6 + Math.log1p(level ?? 0) / 10 : 0.4));
    const [minimax, dit, recall, precision, copies, ...settings] = verdicts(rows);
    expect([minimax, dit, precision, copies]).toEqual(['holds', 'holds', 'holds', 'holds']);
    expect(recall).not.toBe('holds');
    expect(settings).toEqual(['holds', 'holds', 'holds', 'holds']);
  });

  it('don’t hold where it covers less', () => {
    const rows = made(({ method }) => (method === ours ? 0.3 : 0.4));
    expect(verdicts(rows).slice(0, 2)).toEqual(["doesn't hold", "doesn't hold"]);
  });
});

describe('the charts of diversity', () => {
  const rows = made(() => 0.4);

  it('have the adopted settings by method, and each setting in a panel of its own', async () => {
    const bars = await evidenceByMethod(rows)[DISPLAY]();
    expect(String(bars[MIME.svg])).toContain('Minimax');
    const lines = evidenceBySetting(rows) as unknown as { concat: { title: { text: string } }[] };
    expect(lines.concat.map(({ title }) => title.text)).toEqual(Object.keys(adoptedValues));
  });
});
