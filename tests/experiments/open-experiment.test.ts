import { afterEach, describe, expect, it, vi } from 'vitest';
import { DISPLAY, type Displayable } from '../../src/charts';
import { above } from '../../src/experiments/claims';
import { experiment } from '../../src/experiments/experiment';
import { ExperimentResults } from '../../src/experiments/experiment-results';
import type { ExperimentRow } from '../../src/experiments/experiment-row';
import { openExperiment, openWhereThere } from '../../src/experiments/open-experiment';
import { type Scale, type ScaleDataset, scaleOf, seedPairs, standIn } from '../../src/experiments/scales';
import { type BoundStage, InProcessExecutor, Store } from '../../src/sweeps';
import { temporaryFolder } from '../helpers/temporary';

const world = { kind: 'still-life', size: 32, objectArea: [0.05, 0.12] } as const;

const few: ScaleDataset = {
  is: 'a few still lifes',
  pool: ({ perClass, size }) => ({ ...world, split: 'train', perClass, size }),
  train: { ...world, split: 'train', perClass: 20, seed: 5 },
  test: { ...world, split: 'test', perClass: 3 },
};

/** As small as a training can be: what is tested is what is asked for, not how well it learns. */
const tiny: Scale = {
  ...scaleOf('mini'),
  datasets: async (names) => standIn(few, names),
  imagesPerClass: [1],
  realImages: 6,
  imageSize: 32,
  networkSize: 16,
  networks: { 'ResNet-18': 'conv3-w8' },
  selection: { patchSize: 16 },
  teachers: { 'ResNet-18': { network: 'conv3-w8', epochs: 12, seed: 0, learningRate: 0.01 } },
  recipe: { rded: { epochs: 1 }, hard: { epochs: 1 } },
  controls: ['oracle'],
  pairs: seedPairs(2),
};

const comparison = experiment({
  name: 'comparison',
  paper: 'stillhouse',
  item: 'Comparison',
  title: 'two ways to take images at random',
  says: 'Whole images are as good as patches.',
  axes: { dataset: ['here', 'elsewhere'], method: ['random', 'random patches'], imagesPerClass: [1, 50] },
  cell: ({ dataset, method, imagesPerClass }) => ({ dataset, method, imagesPerClass, protocol: 'hard' }),
  controls: 'method',
  published: {
    source: 'nowhere',
    rows: [{ at: { dataset: 'here', method: 'random', imagesPerClass: 1 }, mean: 12 }],
  },
  claims: [
    above(
      { method: 'random' },
      { method: 'random patches' },
      { says: 'Whole is better.', onPublished: 'not compared' },
    ),
  ],
  table: { facet: 'dataset', rows: ['method'], columns: ['imagesPerClass'] },
  chart: { kind: 'bars', x: 'imagesPerClass', series: 'method', facet: 'dataset' },
});

describe('openExperiment', () => {
  it('binds every cell once per pair of seeds, the controls beside, and says what is left out and why', async () => {
    const { sweep, missing } = await openExperiment(comparison, { scale: tiny });
    const places = sweep.points.map(({ settings: { dataset, method, imagesPerClass, set }, seed }) =>
      [dataset, method, imagesPerClass, set, seed].join(' '),
    );
    expect(places).toEqual([
      'here random 1 0 0',
      'here random 1 1 1',
      'here random patches 1 0 0',
      'here random patches 1 1 1',
      'here oracle 1 0 0',
      'here oracle 1 1 1',
    ]);
    expect(missing).toEqual([
      ...['random', 'random patches'].map((method) => ({
        place: { dataset: 'here', method, imagesPerClass: 50 },
        reason: "Scale 'mini' runs 1 images per class, not 50.",
      })),
      ...['random', 'random patches'].flatMap((method) =>
        [1, 50].map((imagesPerClass) => ({
          place: { dataset: 'elsewhere', method, imagesPerClass },
          reason: expect.any(String),
        })),
      ),
    ]);
  });

  it('leaves a control out where the images are too few for it, and keeps the cell beside', async () => {
    const amount = experiment({
      ...comparison,
      axes: { method: ['random', 'herding'], realImages: [100, 300] },
      cell: ({ method, realImages }) => ({
        dataset: 'here',
        method: method === 'random' ? 'random' : 'herding',
        realImages: Number(realImages),
        imagesPerClass: 1,
      }),
      published: { source: 'nowhere', rows: [] },
      table: { rows: ['method'], columns: ['realImages'] },
      chart: { kind: 'lines', x: 'realImages', series: 'method' },
    });
    const { sweep, missing } = await openExperiment(amount, { scale: { ...tiny, controls: ['random patches'] } });
    const cells = new Set(sweep.points.map(({ settings: { method, realImages } }) => `${method} ${realImages}`));
    expect([...cells].sort()).toEqual(['herding 100', 'herding 300', 'random 100', 'random 300', 'random patches 300']);
    expect(missing).toEqual([
      {
        place: { method: 'random patches', realImages: 100 },
        reason: expect.stringMatching(/at least 4 images of 'cup' .* got 2: add images/),
      },
    ]);
  });

  it('cuts random patches as the cell beside them does, and leaves out those that are whole images', async () => {
    const sizes = experiment({
      ...comparison,
      axes: { method: ['diffusion-driven selection'], patchSize: [64, 128, 'image'] },
      cell: ({ patchSize }) => ({
        dataset: 'here',
        method: 'diffusion-driven selection',
        settings: { patchSize: patchSize! },
        imagesPerClass: 1,
      }),
      published: { source: 'nowhere', rows: [] },
      table: { rows: ['method'], columns: ['patchSize'] },
      chart: { kind: 'bars', x: 'patchSize', series: 'method' },
    });
    const { sweep } = await openExperiment(sizes, { scale: { ...tiny, controls: ['random', 'random patches'] } });
    const patches = sweep.points
      .filter(({ settings: { method, set } }) => method === 'random patches' && set === 0)
      .map(({ target }) => (target.inputs.distilled as BoundStage).parameters);
    // Images of the paper's 256 pixels have 32 here.
    expect(patches).toMatchObject([{ patchSize: 8 }, { patchSize: 16 }]);
  });

  it('says on a chart on what it was run, and with which other prior', async () => {
    const row = { set: 0, studentSeed: 0, dataset: 'here', method: 'random', imagesPerClass: 1, accuracy: 0.5 };
    const rows = [row] as unknown as ExperimentRow[];
    const prior = { missing: [], substitutions: ['prior mine in place of still-life'] };
    const { title } = new ExperimentResults(comparison, tiny, rows, prior).chart as { title?: { subtitle: string[] } };
    expect(title!.subtitle.join(' ')).toMatch(
      /^One run each.*Here: the embedded world, scale mini; prior mine in place of still-life$/,
    );
    const changed = await openExperiment(comparison, { scale: tiny, change: { prior: 'mine' } });
    expect((await changed.leftOut[DISPLAY]())['text/markdown']).toContain('- Here prior mine in place of still-life.');
  });

  it('runs, keeps what it ran, and shows table, chart, differences and verdicts of the rows', async () => {
    const opened = await openExperiment(comparison, { scale: tiny });
    const store = new Store(temporaryFolder());
    const executor = new InProcessExecutor(store);
    const quiet = { store, executor, live: false, onProgress: () => undefined };
    const results = await opened.run(quiet);
    expect(results.rows).toHaveLength(6);
    // A section per dataset, the controls in the one that was run.
    expect(results.table.toText()).toMatch(/^here\b.*oracle.*^elsewhere\b/ms);
    expect(results.judged[0]!.ours.comparisons).toHaveLength(1);
    expect(results.judged[0]!.published).toMatchObject({ holds: 'not compared' });
    for (const shown of [results.chart, results.differences, results.verdicts, results.wayToOracle, results.fairness]) {
      expect(Object.keys(await shown[DISPLAY]()).length).toBeGreaterThan(0);
    }
    const map = results.heatMap({ x: 'method', y: 'imagesPerClass' });
    expect(map.cells).toEqual(['random', 'random patches'].map((method) => ({ imagesPerClass: 1, method })));
    expect((await opened.picture(map.cells[1], { store, executor })).text).toMatch(
      /here, random patches, 1.*framed: \d+ of \d+ patches hold less/,
    );
    await expect(opened.picture({ imagesPerClass: 50 }, { store, executor })).rejects.toThrow(
      /a place of Comparison, such as {"dataset":"here".*got {"imagesPerClass":50} with seed 0/,
    );
    const { plan } = await opened.plan({ store });
    expect(plan.toRun).toBe(0);
    expect((await opened.run(quiet)).rows).toEqual(results.rows);
  });

  it('says why there is no share of the way to the oracle: no oracle in the table, or no truth', () => {
    const textOf = (controls: Scale['controls']): string => {
      const results = new ExperimentResults(comparison, { ...tiny, controls }, [], { missing: [], substitutions: [] });
      return JSON.stringify((results.wayToOracle as Displayable)[DISPLAY]());
    };
    expect(textOf(['random', 'oracle'])).toContain('is left out: the table has not both');
    expect(textOf(['random'])).toContain('There is no oracle here: the truth is not known.');
  });

  it('lays changes over the scale for all cells', async () => {
    const { scale, sweep } = await openExperiment(comparison, { scale: tiny, change: { pairs: seedPairs(1) } });
    expect(scale.pairs).toHaveLength(1);
    expect(sweep.points).toHaveLength(3);
  });

  it('takes changes from a variable, where names are any text and pairs any list, and checks them', async () => {
    // Its types are as wide as a notebook's: this compiles.
    const change = { networks: { 'ResNet-18': 'conv3-w2' }, recipe: { rded: { crop: [0.5, 1] } } };
    const { scale } = await openExperiment(comparison, { scale: tiny, change });
    expect(scale).toMatchObject(change);
    change.networks['ResNet-18'] = 'resnet1';
    await expect(openExperiment(comparison, { scale: tiny, change })).rejects.toThrow(
      /^Expected a network among conv3,/,
    );
    const short = { recipe: { hard: { crop: [0.5] } } };
    await expect(openExperiment(comparison, { scale: tiny, change: short })).rejects.toThrow(/crop: Too small/);
  });

  it('refuses an axis with the name of a field that every row has', () => {
    const axes = { ...comparison.axes, set: [1, 2] };
    expect(() => experiment({ ...comparison, axes })).toThrow(/got 'set'/);
  });

  it('refuses a chart that leaves out an axis of several values, over which it would take means', () => {
    const chart = { kind: 'bars', series: 'method', facet: 'dataset' } as const;
    expect(() => experiment({ ...comparison, chart })).toThrow('got none for imagesPerClass');
  });

  it('refuses soft and hard labels side by side without an axis that says which', () => {
    const mixed = ({ method }: { method: string }) =>
      ({
        dataset: 'here',
        method: 'random',
        imagesPerClass: 1,
        protocol: method === 'random' ? 'rded' : 'hard',
      }) as const;
    expect(() => experiment({ ...comparison, cell: mixed })).toThrow(/to have an axis 'labels'/);
  });

  it("changes a scale as the experiment says, and over it as its reader does, at the scale that it's about", async () => {
    const own = experiment({ ...comparison, scale: 'cifar', changes: { pairs: seedPairs(3), controls: [] } });
    const scale = { ...tiny, name: 'cifar' } as const;
    const studentsOf = async (change = {}) =>
      (await openExperiment(own, { scale, change })).sweep.points.map(({ settings, seed }) => [settings.method, seed]);
    const seeds = ['random', 'random patches'].flatMap((method) => [0, 1, 2].map((seed) => [method, seed]));
    expect(await studentsOf()).toEqual(seeds);
    expect(await studentsOf({ pairs: seedPairs(1) })).toEqual(seeds.filter(([, seed]) => seed === 0));
    await expect(openExperiment(own, { scale: 'mini' })).rejects.toThrow(
      "Comparison is about scale 'cifar' alone, not 'mini'.",
    );
  });

  it('refuses a table of which nothing is at the scale, with the reason', async () => {
    const elsewhere = {
      ...comparison,
      where: ({ imagesPerClass }: { imagesPerClass: number }) => imagesPerClass === 50,
    };
    await expect(openExperiment(elsewhere, { scale: tiny })).rejects.toThrow(/got none: Scale 'mini' runs 1/);
  });
});

describe('openWhereThere', () => {
  afterEach(() => void vi.restoreAllMocks());

  it('opens what the scale can run, as openExperiment does', async () => {
    const opened = await openWhereThere(comparison, { scale: tiny });
    expect(opened?.scale).toEqual(tiny);
  });

  it('gives nothing where the scale lacks what it needs, and prints the reason', async () => {
    const said = vi.spyOn(console, 'log').mockReturnValue();
    const elsewhere = { ...comparison, scale: 'paper' } as const;
    expect(await openWhereThere(elsewhere, { scale: tiny })).toBeUndefined();
    expect(said.mock.calls).toEqual([["Comparison is about scale 'paper' alone, not 'mini'."]]);
  });

  it('throws anything else', async () => {
    await expect(openWhereThere(comparison, { scale: 'huge' })).rejects.toThrow(/Expected a scale among .* got 'huge'/);
  });
});
