import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { type executeNotebook, scatter } from '../../src/charts';
import type { Exhibit } from '../../src/experiments/exhibit';
import { experiment } from '../../src/experiments/experiment';
import { reproduce, resultsFolder } from '../../src/experiments/reproduce';
import { NotAtThisScale, seedPairs } from '../../src/experiments/scales';
import { InProcessExecutor, Store } from '../../src/sweeps';
import { temporaryFolder } from '../helpers/temporary';

const rows = [{ x: 1, y: 2 }];

const spread: Exhibit = {
  name: 'spread',
  paper: 'self-adaptive memory',
  item: 'Spread',
  title: 'one point',
  says: 'It is there.',
  methods: [],
  claims: [],
  make: async () => ({ picture: scatter(rows, { x: 'x', y: 'y' }), rows }),
};

const elsewhere: Exhibit = {
  ...spread,
  name: 'elsewhere',
  item: 'Elsewhere',
  make: async ({ name }) => {
    throw new NotAtThisScale(`Expected masks, scale '${name}' has none.`);
  },
};

/** One student of one epoch on an image a class. */
const comparison = experiment({
  name: 'comparison',
  paper: 'stillhouse',
  item: 'Comparison',
  title: 'a student',
  says: 'It learns.',
  axes: { method: ['random'] },
  cell: ({ method }) => ({ dataset: 'ImageWoof', method, imagesPerClass: 1, protocol: 'hard' }),
  changes: {
    realImages: 4,
    imageSize: 32,
    networkSize: 16,
    networks: { 'ResNet-18': 'conv3-w8' },
    recipe: { hard: { epochs: 1 } },
    pairs: seedPairs(1),
  },
  claims: [],
  table: { rows: ['method'], columns: [] },
  chart: { kind: 'bars', series: 'method' },
});

/** Reproduces these items into a folder of its own, with a kernel that computes nothing. */
async function reproduced(...names: string[]) {
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, 'README.md'),
    '<!-- The wall: written by npx stillhouse wall -->\n<!-- The end of the wall -->\n',
  );
  const [executed, said]: [Record<string, unknown>, string[]] = [{}, []];
  const execute: typeof executeNotebook = async (path, { out, parameters } = {}) => {
    executed[basename(path)] = parameters;
    const notebook = { cells: [], metadata: {}, nbformat: 4 };
    writeFileSync(out!, JSON.stringify(notebook));
    return notebook;
  };
  const store = new Store(join(folder, 'store'));
  const written = await reproduce(names, {
    folder,
    items: [spread, elsewhere, comparison],
    execute,
    store,
    executor: new InProcessExecutor(store),
    change: { controls: [] },
    say: (line) => said.push(line),
  });
  return { folder, written: written.map((path) => resolve(path)), executed, said };
}

it('leaves notebook, page, table and picture of each item, and the wall; says what the scale lacks', async () => {
  const { folder, written, executed, said } = await reproduced('all');
  const [memory, own] = [join(folder, 'self-adaptive-memory', 'spread'), join(folder, 'comparison')];
  expect(written).toEqual([
    ...['executed.ipynb', 'page.html', 'table.csv', 'chart.png'].map((name) => join(memory, name)),
    ...['executed.ipynb', 'page.html', 'table.csv', 'table.md', 'students.csv', 'chart.png'].map((name) =>
      join(own, name),
    ),
    join(folder, 'README.md'),
    join(folder, 'index.html'),
  ]);
  expect(written.filter((path) => !existsSync(path))).toEqual([]);
  expect(readFileSync(join(memory, 'table.csv'), 'utf8')).toBe('x,y\n1,2\n');
  expect(readFileSync(join(own, 'table.csv'), 'utf8')).toMatch(/^method,.*\nrandom,/);
  const [header, student, ...more] = readFileSync(join(own, 'students.csv'), 'utf8').trim().split('\n');
  expect(header).toBe('method,set,studentSeed,labels,accuracy,bestAccuracy,teacherAccuracy');
  expect(student).toMatch(/^random,0,0,hard,0\.\d+,0\.\d+,$/);
  expect(more).toEqual([]);
  const at = { scale: 'mini', change: { controls: [] } };
  expect(executed).toEqual({ 'spread.ipynb': at, 'comparison.ipynb': at });
  expect(said).toContain("Elsewhere is left out: Expected masks, scale 'mini' has none.");
  expect(existsSync(join(folder, 'self-adaptive-memory', 'elsewhere'))).toBe(false);
  expect(readFileSync(join(folder, 'README.md'), 'utf8')).toContain('Not run yet: Elsewhere (`elsewhere`).');
});

it('does what is named and nothing else, and throws where the scale lacks something for it', async () => {
  expect(Object.keys((await reproduced('spread')).executed)).toEqual(['spread.ipynb']);
  await expect(reproduced('elsewhere')).rejects.toThrow(NotAtThisScale);
  await expect(reproduced('spread', 'table-5')).rejects.toThrow(
    "Expected an experiment among spread, elsewhere, comparison, got 'table-5'.",
  );
});

it('without a name lists what there is', async () => {
  const { executed, said } = await reproduced();
  expect(executed).toEqual({});
  expect(said.at(-1)).toBe('Tables and figures: npx stillhouse reproduce spread | elsewhere | comparison | all');
});

it('leaves results of another scale or of changed settings beside those of the defaults', () => {
  const results = resolve('results');
  expect(resultsFolder({})).toBe(results);
  expect(resultsFolder({ scale: 'paper' })).toBe(join(results, 'paper'));
  expect(resultsFolder({ change: { imagesPerClass: [50] } })).toBe(join(results, 'changed'));
  expect(resultsFolder({ scale: 'cifar', change: { imagesPerClass: [50] } })).toBe(join(results, 'cifar', 'changed'));
});

it('writes no overview into a folder without one', async () => {
  const folder = temporaryFolder();
  const written = await reproduce([], { folder, items: [spread], say: () => undefined });
  expect(written).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});
