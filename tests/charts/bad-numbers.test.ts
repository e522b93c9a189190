import { describe, expect, it } from 'vitest';
import {
  barChart,
  control,
  differencesTable,
  distilledPicture,
  drawBox,
  enlarge,
  heatImage,
  heatMap,
  heatOverlay,
  imageGrid,
  lineChart,
  renderPng,
  type ResultRow,
  resultsTable,
  rowsToCsv,
  scatter,
  toBundle,
} from '../../src/charts';

const row = (changes: object = {}): ResultRow => ({ method: 'ours', ipc: 1, accuracy: 0.5, ...changes });
const from: Record<string, (rows: readonly ResultRow[]) => unknown> = {
  resultsTable: (rows) => resultsTable(rows, { rows: 'method', columns: 'ipc', value: 'accuracy' }).toText(),
  barChart: (rows) => barChart(rows, { x: 'ipc', series: 'method', value: 'accuracy' }),
  lineChart: (rows) => lineChart(rows, { x: 'ipc', series: 'method', value: 'accuracy' }),
  heatMap: (rows) => heatMap(rows, { x: 'ipc', y: 'method', value: 'accuracy' }),
  scatter: (rows) => scatter(rows, { x: 'ipc', y: 'accuracy' }),
};
const pixels = (width: number, height = width, bytes = width * height * 3) => ({
  width,
  height,
  data: new Uint8Array(bytes),
});

describe.each(Object.entries(from))('%s', (_, draw) => {
  it("names a value that isn't a number, and the row that has it", () => {
    expect(() => draw([row(), row({ accuracy: Number.NaN })])).toThrow(
      /field 'accuracy' of every row to be a finite number, got NaN in {"method":"ours","ipc":1,"accuracy":"NaN"}/,
    );
    expect(() => draw([row({ accuracy: Number.POSITIVE_INFINITY })])).toThrow(/got Infinity in/);
    expect(() => draw([row({ accuracy: '0.5' })])).toThrow(/got "0.5" in/);
  });

  it("names what isn't a row", () => {
    expect(() => draw([row(), undefined as unknown as ResultRow])).toThrow(
      /every row to be an object.*got undefined at index 1/,
    );
    expect(() => draw(3 as unknown as ResultRow[])).toThrow('Expected a list of rows, got 3.');
  });

  it('takes one row, and the same row twice', () => {
    expect(() => draw([row()])).not.toThrow();
    expect(() => draw([row(), row()])).not.toThrow();
  });
});

describe('groups', () => {
  it.each(Object.entries(from).filter(([name]) => name !== 'scatter'))('%s groups by scalars alone', (_, draw) => {
    expect(() => draw([row({ ipc: Number.NaN })])).toThrow(/field 'ipc' .* as rows are grouped by it, got NaN/);
    expect(() => draw([row({ method: { name: 'ours' } })])).toThrow(/field 'method' .* got {"name":"ours"}/);
  });

  it('a chart without a row says so, a table without a row is empty', () => {
    for (const name of ['barChart', 'lineChart', 'heatMap', 'scatter']) {
      expect(() => from[name]!([])).toThrow('Expected at least one row to draw, got none.');
    }
    expect(from.resultsTable!([])).toContain('method');
  });

  it('a line goes along numbers, over 0 where x is logarithmic', () => {
    const options = { x: 'ipc', value: 'accuracy' };
    expect(() => lineChart([row({ ipc: 'ten' })], options)).toThrow(
      /'ipc' along x to be a number, got "ten". .*barChart/,
    );
    expect(() => lineChart([row({ ipc: 0 })], { ...options, logX: true })).toThrow(/over 0 on a logarithmic x, got 0/);
  });

  it('CSV writes what is no scalar as JSON', () => {
    expect(rowsToCsv([row({ method: { a: 1 } })])).toBe('method,ipc,accuracy\n"{""a"":1}",1,0.5\n');
  });
});

describe('pictures', () => {
  it("name the image without pixels, and the option that doesn't exist", async () => {
    await expect(imageGrid([pixels(4), pixels(0)])).rejects.toThrow(/got 0 × 0 with 0 bytes at place 1/);
    await expect(imageGrid([pixels(4, 4, 3)])).rejects.toThrow(/got 4 × 4 with 3 bytes at place 0/);
    await expect(imageGrid([undefined as never])).rejects.toThrow(/undefined × undefined with no bytes at place 0/);
    for (const [name, value] of [
      ['size', Number.NaN],
      ['size', -3],
      ['columns', 0],
      ['limit', 0],
    ] as const) {
      await expect(imageGrid([pixels(4)], { [name]: value })).rejects.toThrow(
        `Expected ${name} to be 1 or more, got ${value}.`,
      );
    }
  });

  it('a distilled set of one class, of one image and of images of two sizes is drawn; one of no class is named', async () => {
    const set = (classes: string[], images: { label: number; size: number }[]) => ({
      method: 'ours',
      classes,
      images: images.map(({ label, size }) => ({ label, pixels: pixels(size) })),
    });
    expect((await distilledPicture(set(['cup'], [{ label: 0, size: 4 }]))).text).toContain('1 × 1');
    expect(
      (
        await distilledPicture(
          set(
            ['cup', 'pot'],
            [
              { label: 0, size: 4 },
              { label: 0, size: 9 },
            ],
          ),
        )
      ).text,
    ).toContain('2 × 2');
    expect(() => distilledPicture(set(['cup'], [{ label: 5, size: 4 }]))).toThrow(
      /1 classes, 0 to 0, got 5 in image 0/,
    );
  });

  it('maps are grey where they are NaN, and have the length of their shape', () => {
    const shape = { height: 1, width: 2 };
    const white = { height: 1, width: 2, data: new Uint8Array(6).fill(255) };
    const over = heatOverlay(white, [Number.NaN, 1], { ...shape, opacity: 1 });
    expect([...over.data.slice(0, 3)]).toEqual([128, 128, 128]);
    expect(() => heatImage([1], shape)).toThrow(/map of 1 × 2 = 2 values, got 1/);
    expect(() => heatImage([], { height: 0, width: 0 })).toThrow(/at least one value, got none/);
  });

  it('boxes and factors are numbers', () => {
    const box = { x: Number.NaN, y: 0, width: 2, height: 2 };
    expect(() => drawBox(pixels(4), box)).toThrow(/finite x, y, width and height, got {"x":"NaN"/);
    for (const factor of [0, 1.5, Number.NaN]) expect(() => enlarge(pixels(2), factor)).toThrow(`got ${factor}`);
  });
});

describe('options that nothing can be drawn with', () => {
  const rows = [row(), row({ ipc: 10 })];
  const bars = { series: 'method', x: 'ipc', value: 'accuracy' };
  const heat = { y: 'method', x: 'ipc', value: 'accuracy' };
  const table = { rows: 'method', columns: 'ipc', value: 'accuracy' };
  const broken = [{ at: { method: 'ours', ipc: 1 }, mean: Number.NaN }];

  it.each<[said: string, draw: () => unknown]>([
    ['width to be 1 or more, got NaN', () => barChart(rows, { ...bars, width: Number.NaN })],
    ['height to be 1 or more, got 0', () => lineChart(rows, { ...bars, height: 0 })],
    ['interval to be one of sd, confidence, range, got ci', () => barChart(rows, { ...bars, interval: 'ci' as 'sd' })],
    ['digits to be a whole number from 0 to 20, got -1', () => barChart(rows, { ...bars, digits: -1 })],
    ['digits to be a whole number from 0 to 20, got NaN', () => heatMap(rows, { ...heat, digits: Number.NaN })],
    ['domain to be two numbers, from and to, got [1, 0]', () => heatMap(rows, { ...heat, domain: [1, 0] })],
    ['domain to be two numbers, from and to, got [NaN, 1]', () => heatMap(rows, { ...heat, domain: [Number.NaN, 1] })],
    [
      "the reference 'chance' to be a finite number, got NaN",
      () => lineChart(rows, { ...bars, references: [{ value: Number.NaN, label: 'chance' }] }),
    ],
    ['adopted.ours to be a finite number', () => lineChart(rows, { ...bars, adopted: { ours: Number.NaN } })],
    ["every row to have field 'name'", () => scatter(rows, { x: 'ipc', y: 'accuracy', label: 'name' })],
    ["every row to have field 'name'", () => scatter(rows, { x: 'ipc', y: 'accuracy', series: 'name' })],
    ['digits to be a whole number from 0 to 20, got 2.5', () => resultsTable(rows, { ...table, digits: 2.5 })],
    ['a field whose values are the rows, got none', () => resultsTable(rows, { ...table, rows: [] })],
    ['published figure to be finite, got NaN', () => resultsTable(rows, { ...table, published: broken })],
    [
      'published figure to be finite, got NaN',
      () => differencesTable(rows, { fields: ['method', 'ipc'], value: 'accuracy', published: broken }),
    ],
  ])('are named: %s', (said, draw) => {
    expect(draw).toThrow(said);
  });

  it.each<[said: string, draw: () => Promise<unknown>]>([
    ['limit to be 1 or more, got NaN', () => toBundle(rows, { limit: Number.NaN })],
    ['digits to be a whole number from 1 to 20, got 0', () => toBundle(rows, { digits: 0 })],
    ['columns to name at least one, got none', () => toBundle(rows, { columns: [] })],
    ["columns of the rows (method, ipc, accuracy), got 'acc'", () => toBundle(rows, { columns: ['ipc', 'acc'] })],
    ["columns of the rows (method, ipc, accuracy), got 'seed'", () => toBundle(rows, { name: 'runs', keys: ['seed'] })],
    ['gap to be 0 or more, got NaN', () => imageGrid([pixels(2)], { gap: Number.NaN })],
    ['scale to be over 0, got 0', () => renderPng(barChart(rows, bars), { scale: 0 })],
    ['at least one setting to choose, got none', () => control({}, () => 1)],
    ['initial to name settings (a), got b', () => control({ a: [1] }, () => 1, { initial: { b: 1 } as object })],
    ['the initial a to be from 0 to 1, got 7', () => control({ a: { min: 0, max: 1, value: 7 } }, () => 1)],
    [
      'the initial a to be from 0 to 1, got NaN',
      () => control({ a: { min: 0, max: 1 } }, () => 1, { initial: { a: Number.NaN } }),
    ],
    [
      'initial.a to be true or false, got 1',
      () => control({ a: true }, () => 1, { initial: { a: 1 as unknown as boolean } }),
    ],
  ])('are named by what is shown: %s', async (said, draw) => {
    await expect(draw()).rejects.toThrow(said);
  });
});

it('a setting that is called as a figure of a table keeps its column in the results', () => {
  const rows = [1, 10].map((n) => ({ n, mean: 'ours', accuracy: n / 10 }));
  const {
    keys,
    values,
    rows: data,
  } = resultsTable(rows, { rows: 'mean', columns: 'n', value: 'accuracy' }).toResults();
  expect(keys).toEqual(['mean', 'n']);
  expect(values[0]).toMatchObject({ field: 'accuracy_mean', spread: 'sd', count: 'accuracy_n' });
  expect(data[1]).toEqual({ mean: 'ours', n: 10, accuracy_mean: 1, sd: null, accuracy_n: 1 });
});
