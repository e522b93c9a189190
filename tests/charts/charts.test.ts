import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv from 'ajv';
import { describe, expect, it } from 'vitest';
import type { Chart } from '../../src/charts';
import {
  barChart,
  DISPLAY,
  heatMap,
  lineChart,
  MIME,
  renderPng,
  renderSvg,
  saveChart,
  scatter,
} from '../../src/charts';
import { published, rows } from './sample';

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
    reference: { value: 0.1, label: 'chance' },
  }),
  'one line': lineChart(rows.slice(0, 10), { x: 'ipc', value: 'accuracy' }),
  'heat map': heatMap(rows, { x: 'ipc', y: 'method', value: 'accuracy', percent: true }),
  scatter: scatter(rows, { x: 'ipc', y: 'accuracy', series: 'method', label: 'seed' }),
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
  it('draw the 95 % interval of the seeds', () => {
    const chart = barChart(rows, { series: 'method', x: 'ipc', value: 'accuracy' }) as unknown as {
      data: { values: Record<string, number>[] };
    };
    const [first] = chart.data.values;
    expect(first?.mean).toBeCloseTo(0.2, 12);
    expect(first!.high! - first!.mean!).toBeCloseTo((2.7764 * Math.sqrt(0.00025)) / Math.sqrt(5), 6);
  });
  it('refuse a value that is not a finite number', () => {
    expect(() => lineChart([{ x: 1, y: Number.NaN }], { x: 'x', value: 'y' })).toThrow(/field 'y'.*finite/);
  });
  it('come with the spec, an SVG, a PNG and words in one bundle', async () => {
    const bundle = await charts.lines![DISPLAY]();
    expect(Object.keys(bundle)).toEqual([MIME.vegaLite, MIME.svg, MIME.png, MIME.text]);
    expect(bundle[MIME.text]).toBe('[chart: Mean and 95 % interval (n = 5)]');
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

let validator: ReturnType<Ajv['compile']> | undefined;
async function schemaValidator(): Promise<ReturnType<Ajv['compile']>> {
  if (!validator) {
    const schema = JSON.parse(await readFile('node_modules/vega-lite/build/vega-lite-schema.json', 'utf8'));
    validator = new Ajv({ strict: false, validateFormats: false, allowUnionTypes: true }).compile(schema);
  }
  return validator;
}
