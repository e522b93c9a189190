import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv from 'ajv';
import { describe, expect, it } from 'vitest';
import type { Chart } from '../../src/charts';
import {
  barChart,
  DISPLAY,
  dotChart,
  heatMap,
  lineChart,
  MIME,
  renderPng,
  renderSvg,
  saveChart,
  scatter,
  vectorField,
} from '../../src/charts';
import { published, rows } from './sample';

const inDataset = (dataset: string) => (row: (typeof rows)[number]) => ({ dataset, ...row });
const twoDatasets = [...rows.map(inDataset('ImageWoof')), ...rows.map(inDataset('ImageNette'))];
const twoPublished = ['ImageWoof', 'ImageNet-1K'].flatMap((dataset) =>
  published.map((figure) => ({ ...figure, at: { dataset, ...figure.at } })),
);

const charts: Record<string, Chart> = {
  'grouped bars': barChart(rows, {
    title: 'Accuracy',
    series: 'method',
    x: 'ipc',
    value: 'accuracy',
    percent: true,
    neutral: ['random'],
    published,
  }),
  'bars of one group': barChart(rows.slice(0, 5), { series: 'method', value: 'accuracy' }),
  lines: lineChart(rows, {
    x: 'ipc',
    value: 'accuracy',
    series: 'method',
    logX: true,
    references: [{ value: 0.1, label: 'chance' }],
  }),
  'one line': lineChart(rows.slice(0, 10), { x: 'ipc', value: 'accuracy' }),
  'lines beside published ones': lineChart(rows, {
    x: 'ipc',
    value: 'accuracy',
    series: 'method',
    percent: true,
    published,
  }),
  dots: dotChart(rows, { y: 'method', value: 'accuracy', series: 'ipc' }),
  'dots in panels': dotChart(twoDatasets, {
    y: 'method',
    value: 'accuracy',
    series: 'ipc',
    facet: 'dataset',
    percent: true,
    published: twoPublished,
  }),
  'dots of one colour': dotChart(
    rows.filter(({ ipc }) => ipc === 10),
    { y: 'method', value: 'accuracy', series: 'ipc', percent: true, note: 'Here: on paper' },
  ),
  'heat map': heatMap(rows, { x: 'ipc', y: 'method', value: 'accuracy', percent: true }),
  'heat map beside a published one': heatMap(rows, {
    x: 'ipc',
    y: 'method',
    value: 'accuracy',
    percent: true,
    published,
  }),
  'points in panels, on a plane': scatter(rows, {
    x: 'seed',
    y: 'accuracy',
    series: 'method',
    facet: 'ipc',
    context: rows,
    plane: true,
  }),
  'bars in panels': barChart(twoDatasets, {
    series: 'method',
    x: 'ipc',
    facet: 'dataset',
    value: 'accuracy',
    percent: true,
    published: twoPublished,
  }),
  'lines in panels': lineChart(twoDatasets, {
    series: 'method',
    x: 'ipc',
    facet: 'dataset',
    value: 'accuracy',
    percent: true,
    published: twoPublished,
  }),
  'lines in panels of their own x, with ranges and adopted values': lineChart(
    (['λ', 'N'] as const).flatMap((setting) =>
      rows.map((row) => ({ ...row, setting, ipc: setting === 'λ' ? Number(row.ipc) / 1000 : Number(row.ipc) })),
    ),
    {
      series: 'method',
      x: 'ipc',
      facet: 'setting',
      value: 'accuracy',
      interval: 'range',
      ownX: true,
      adopted: { λ: 0.01, N: 10 },
    },
  ),
  'heat maps of two datasets': heatMap(twoDatasets, { x: 'ipc', y: 'method', facet: 'dataset', value: 'accuracy' }),
  scatter: scatter(rows, { x: 'ipc', y: 'accuracy', series: 'method', label: 'seed' }),
  'a vector field': vectorField(
    [
      {
        title: 'all',
        cloud: [
          [0, 0],
          [9, 9],
        ],
        arrows: [{ from: [0, 0], direction: [0, 1] }],
        paths: [
          [
            [0, 0],
            [1, 1],
          ],
        ],
        dots: [[1, 0]],
      },
      { title: 'nothing' },
    ],
    { x: [-1, 2], y: [-1, 2], title: 'Field' },
  ),
};

describe.each(Object.entries(charts))('%s', (_, chart) => {
  it('is plain JSON', () => {
    expect(JSON.parse(JSON.stringify(chart))).toEqual({ ...chart });
  });
  it('is drawn in every look without a word of warning', async () => {
    const errors: unknown[] = [];
    const { warn, error } = console;
    console.warn = console.error = (...words: unknown[]) => errors.push(words);
    try {
      for (const mode of ['either', 'light', 'dark'] as const) {
        const svg = await renderSvg(chart, { mode });
        expect(svg).toMatch(/^<svg [^>]*viewBox/);
        expect(svg).not.toMatch(/NaN|undefined/);
      }
    } finally {
      Object.assign(console, { warn, error });
    }
    expect(errors).toEqual([]);
  });
});

describe('charts', () => {
  it('draw mean ± sd of the seeds, as tables print it', () => {
    const [first] = barsOf(barChart(rows, { series: 'method', x: 'ipc', value: 'accuracy' }));
    expect(first?.mean).toBeCloseTo(0.2, 12);
    expect(first!.high! - first!.mean!).toBeCloseTo(Math.sqrt(0.00025), 12);
  });
  it('draw the 95 % interval of the mean where asked to', () => {
    const chart = barChart(rows, { series: 'method', x: 'ipc', value: 'accuracy', interval: 'confidence' });
    const [first] = barsOf(chart);
    expect(first!.high! - first!.mean!).toBeCloseTo((2.7764 * Math.sqrt(0.00025)) / Math.sqrt(5), 6);
    expect(JSON.stringify(chart.title)).toContain('95 % interval, n = 5');
  });
  it('refuse a value that is not a finite number', () => {
    expect(() => lineChart([{ x: 1, y: Number.NaN }], { x: 'x', value: 'y' })).toThrow(/field 'y'.*finite/);
  });
  it("refuse a published figure that doesn't say where it belongs, and one that isn't a number", () => {
    const options = { x: 'ipc', series: 'method', value: 'accuracy' };
    const at = { method: 'RDED' };
    expect(() => lineChart(rows, { ...options, published: [{ at, mean: 50 }] })).toThrow(/field 'ipc'/);
    const nowhere = { at: { ...at, ipc: 10 }, mean: Number.NaN };
    expect(() => barChart(rows, { ...options, published: [nowhere] })).toThrow(/mean of every published figure/);
  });
  it('refuse to draw nothing', () => {
    expect(() => barChart([], { series: 'method', value: 'accuracy' })).toThrow(RangeError);
    expect(() => lineChart([], { x: 'ipc', value: 'accuracy' })).toThrow(RangeError);
    expect(() => heatMap([], { x: 'ipc', y: 'method', value: 'accuracy' })).toThrow(RangeError);
  });
  it('say of a dataset that has published figures alone that it was not run', () => {
    for (const chart of [charts['bars in panels']!, charts['lines in panels']!]) {
      const panels = chart.concat as { title: { text: string } }[];
      expect(panels.map(({ title }) => title.text)).toEqual([
        'ImageWoof',
        'ImageNette',
        'ImageNet-1K (not at this scale)',
      ]);
    }
  });
  it('give panels one scale, so that heights compare', () => {
    const panels = charts['lines in panels']!.concat as object[];
    const domains = panels.map(
      (panel) => /"domain":\[[\d.]+,[\d.]+\],"zero":false,"nice":false\}/.exec(JSON.stringify(panel))?.[0],
    );
    expect(domains[0]).toBeDefined();
    expect(new Set(domains).size).toBe(1);
  });
  it('draw the range of the seeds where asked to', () => {
    const [first] = barsOf(barChart(rows, { series: 'method', x: 'ipc', value: 'accuracy', interval: 'range' }));
    expect([first!.low, first!.high]).toEqual([expect.closeTo(0.18, 12), expect.closeTo(0.22, 12)]);
  });
  it('give panels of different settings their own values of x, and mark the adopted one', () => {
    const panels = charts['lines in panels of their own x, with ranges and adopted values']!.concat as {
      encoding: { x: { scale: { domain: number[] } } };
      layer: { mark: { type: string }; data?: { values: object[] } }[];
    }[];
    expect(panels.map(({ encoding }) => encoding.x.scale.domain)).toEqual([
      [0.01, 0.05],
      [10, 50],
    ]);
    const rules = panels.map(({ layer }) => layer.find(({ mark }) => mark.type === 'rule')!.data!.values);
    // As JSON: a chart that was drawn has marks of Vega's on its data.
    expect(JSON.stringify(rules)).toBe('[[{"ipc":0.01}],[{"ipc":10}]]');
  });
  it('write the values along x as they are, and what lines counted by numbers count', async () => {
    const points = [0.01, 0.16, 0.75].flatMap((t) => [0, 1].map((seed) => ({ t, N: 5, seed, score: t + seed })));
    const chart = lineChart(points, { x: 't', value: 'score', series: 'N', labels: { N: 'drawn first' } });
    const svg = await renderSvg(chart);
    for (const t of ['0.01', '0.16', '0.75']) expect(svg).toContain(`>${t}<`);
    expect(JSON.stringify(chart.title)).toContain('lines: drawn first');
  });
  it('write every figure of a heat map, and mark what was not run', async () => {
    const cells = [
      { a: 1, b: 1, seed: 0, score: 1.25 },
      { a: 1, b: 1, seed: 1, score: 1.75 },
      { a: 2, b: 1, seed: 0, score: null },
    ];
    const chart = heatMap(cells, { x: 'a', y: 'b', value: 'score', published: [{ at: { a: 3, b: 1 }, mean: 7 }] });
    const svg = await renderSvg(chart);
    expect(svg).toContain('>1.5<');
    expect(svg).toContain('>± 0.4<');
    expect(svg).toContain('>7.0<');
    expect(svg.match(/>–</g)).toHaveLength(2);
    expect(JSON.stringify(chart.title)).toContain('dashed: not at this scale');
  });
  it('leave the facets of a heat map out in which nothing was run, and their rows, and say so', async () => {
    const cells = [
      { set: 'CIFAR10, a network with a long name', method: 'ours', ipc: 10, seed: 0, score: 0.31 },
      { set: 'CIFAR100', method: 'others', ipc: 10, seed: 0, score: null },
    ];
    const published = cells.map(({ score: _, seed: __, ...at }) => ({ at, mean: 47.5 }));
    const options = { x: 'ipc', y: 'method', facet: 'set', value: 'score', published };
    const chart = heatMap(cells, options);
    const svg = await renderSvg(chart);
    expect(svg).toContain('>CIFAR10, a network with a long name, published<');
    expect(svg).not.toMatch(/CIFAR100|others/);
    const { text } = chart.title as { text: string[] };
    expect(text.join(' ')).toContain('1 grid without a figure of ours left out');
    // A title is never wider than its grid: it would be cut off at the edge.
    const widths = (chart as unknown as { concat: { width: number }[] }).concat.map(({ width }) => width);
    expect(Math.min(...widths)).toBeGreaterThan(300);
    expect(await renderSvg(heatMap([cells[1]!], { ...options, published: published.slice(1) }))).toContain('CIFAR100');
  });
  it('leave rows and columns out that have dashes alone, where most of a heat map was not run', async () => {
    const names = ['w', 'x', 'y', 'z'];
    const cells = names.flatMap((a) =>
      names.map((b) => ({ a, b, score: (a === 'w' && b !== 'z') || (a === 'x' && b === 'y') ? 1 : null })),
    );
    const all = { x: 'a', y: 'b', value: 'score' };
    // Four of sixteen cells, three quarters lacking, are few but not too few.
    expect((await renderSvg(heatMap(cells, all))).match(/>–</g)).toHaveLength(12);
    const fewer = cells.map((cell) => (cell.a === 'w' && cell.b === 'x' ? { ...cell, score: null } : cell));
    const chart = heatMap(fewer, all);
    expect((await renderSvg(chart)).match(/>–</g)).toHaveLength(1);
    const { text } = chart.title as { text: string[] };
    expect(text.join(' ')).toContain('rows and columns without a figure of ours left out');
  });
  it('break what is longer than the plot is wide', () => {
    const title = 'A title that goes on for longer than any plot of this width could ever have room for in one line';
    const { title: drawn } = lineChart(rows, { x: 'ipc', value: 'accuracy', title }) as { title?: unknown };
    const { text } = drawn as { text: string[] };
    expect(text.length).toBeGreaterThan(1);
    expect(text.join(' ')).toBe(title);
  });
  it('have rows of dots for what a panel has, the paper’s first, and diamonds of the same colours', async () => {
    const { concat } = charts['dots in panels'] as unknown as {
      concat: { title: { text: string }; height: number; encoding: { y: { scale: { domain: string[] } } } }[];
    };
    expect(concat.map(({ title, encoding, height }) => [title.text, encoding.y.scale.domain, height])).toEqual([
      ['ImageWoof', ['RDED', 'full dataset', 'random', 'ours'], 4 * 26],
      ['ImageNet-1K (not at this scale)', ['RDED', 'full dataset'], 2 * 26],
      ['ImageNette', ['random', 'RDED', 'ours'], 3 * 26],
    ]);
    const svg = await renderSvg(charts['dots in panels']!);
    expect(svg).toContain('role-legend');
  });
  it('write the means beside dots of one colour, whose value stands in the subtitle in place of a legend', async () => {
    const chart = charts['dots of one colour']!;
    const svg = await renderSvg(chart);
    for (const mean of ['20.0', '30.0', '40.0']) expect(svg).toContain(`>${mean}<`);
    expect(svg).not.toContain('role-legend');
    const { text } = chart.title as { text: string[] };
    expect(text).toEqual(['Dots: mean ± sd, n = 5; ipc: 10', 'Here: on paper']);
    expect(await renderSvg(charts.dots!)).not.toContain('>30.0<');
  });
  it('give what is noise nearly one colour: a heat map spans four standard deviations at least', () => {
    const cells = (step: number) =>
      [0, 1, 2].flatMap((a) => [0, 2].map((seed) => ({ a, b: 0, seed, score: step * a + seed })));
    // Two seeds at 0 and 2 have a standard deviation of √2.
    const domain = (step: number) =>
      (
        heatMap(cells(step), { x: 'a', y: 'b', value: 'score' }) as unknown as {
          layer: { encoding: { color: { scale: { domain: [number, number] } } } }[];
        }
      ).layer[0]!.encoding.color.scale.domain;
    expect(domain(0.1)[0]).toBeCloseTo(1.1 - 2 * Math.SQRT2);
    expect(domain(0.1)[1]).toBeCloseTo(1.1 + 2 * Math.SQRT2);
    expect(domain(10)).toEqual([1, 21]);
  });
  it('draw a reference line in the panel that it names, or in every one', async () => {
    const references = [
      { value: 0.1, label: 'chance' },
      { value: 0.2, label: 'control', panel: 'ImageWoof' },
    ];
    const chart = lineChart(twoDatasets, { x: 'ipc', value: 'accuracy', facet: 'dataset', references });
    const svg = await renderSvg(chart);
    const count = (text: string): number => svg.split(`>${text}<`).length - 1;
    expect(count('chance')).toBe(new Set(twoDatasets.map(({ dataset }) => dataset)).size);
    expect(count('control')).toBe(1);
  });
  it('name references among the lines at the right, and lines that end early above their ends', async () => {
    const rows = [
      ...[1, 10, 100].map((ipc) => ({ method: 'long', ipc, accuracy: 0.3 })),
      ...[1, 10].map((ipc) => ({ method: 'short', ipc, accuracy: 0.3 })),
    ];
    const references = [{ value: 0.3, label: 'control' }];
    const svg = await renderSvg(
      lineChart(rows, { x: 'ipc', value: 'accuracy', series: 'method', logX: true, references }),
    );
    const placeOf = (text: string): [x: number, y: number] => {
      const [, x, y] = new RegExp(`translate\\(([\\d.]+),([\\d.]+)\\)[^>]*>${text}<`).exec(svg)!;
      return [Number(x), Number(y)];
    };
    const [long, short, control] = ['long', 'short', 'control'].map(placeOf);
    // All three end at one height: the two at the right are pushed apart, the third stands at its own end.
    expect(Math.abs(long![1] - control![1])).toBeGreaterThanOrEqual(13);
    expect(Math.abs(long![0] - control![0])).toBeLessThan(10);
    expect(short![0]).toBeLessThan(long![0] - 50);
  });
  it('come with the spec, an SVG, a PNG and words in one bundle', async () => {
    const bundle = await charts.lines![DISPLAY]();
    expect(Object.keys(bundle)).toEqual([MIME.vegaLite, MIME.svg, MIME.png, MIME.text]);
    expect(bundle[MIME.text]).toBe('[chart: Mean ± sd, n = 5]');
  });
  it('are saved by the ending of the file name', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'charts-'));
    try {
      await saveChart(charts.lines!, join(folder, 'deep/a.svg'));
      await saveChart(charts.lines!, join(folder, 'a.png'));
      expect(await readFile(join(folder, 'deep/a.svg'), 'utf8')).toContain('</svg>');
      expect((await readFile(join(folder, 'a.png'))).subarray(1, 4).toString()).toBe('PNG');
      await expect(saveChart(charts.lines!, join(folder, 'a.gif'))).rejects.toThrow(/'\.gif'/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
  it('become a PNG of twice the size', async () => {
    const { default: sharp } = await import('sharp');
    const svg = await renderSvg(charts.lines!);
    const width = Number(/width="([\d.]+)"/.exec(svg)?.[1]);
    const { width: pixels } = await sharp(await renderPng(charts.lines!)).metadata();
    expect(Math.abs(pixels - 2 * width)).toBeLessThanOrEqual(2);
  });
  it.each(Object.keys(charts))('are valid Vega-Lite: %s', async (name) => {
    const validate = await schemaValidator();
    const valid = validate(JSON.parse(JSON.stringify(charts[name])));
    expect(validate.errors?.slice(0, 3) ?? []).toEqual([]);
    expect(valid).toBe(true);
  });
});

function barsOf(chart: Chart): Record<string, number>[] {
  return (chart as unknown as { data: { values: Record<string, number>[] } }).data.values;
}

let validator: ReturnType<Ajv['compile']> | undefined;
async function schemaValidator(): Promise<ReturnType<Ajv['compile']>> {
  if (!validator) {
    const schema = JSON.parse(await readFile('node_modules/vega-lite/build/vega-lite-schema.json', 'utf8'));
    validator = new Ajv({ strict: false, validateFormats: false, allowUnionTypes: true }).compile(schema);
  }
  return validator;
}
