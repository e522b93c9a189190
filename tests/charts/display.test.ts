import { createRequire } from 'node:module';
import { table as arquero } from 'arquero';
import { afterEach, describe, expect, it } from 'vitest';
import {
  barChart,
  type DisplayOptions,
  type FormOptions,
  imageGrid,
  MIME,
  type MimeBundle,
  resultsTable,
  show,
  showMarkdown,
  showProgress,
  toBundle,
} from '../../src/charts';
import { limitBundle } from '../../src/charts/display';
import { summarise, tensorPictures } from '../../src/charts/tensor-view';
import { plain, rows } from './sample';

const SYMBOL = Symbol.for('stillhouse.display');
const shared = globalThis as Record<symbol, unknown>;

/** A kernel's channel that remembers what was sent. */
function openChannel() {
  const sent: { bundle: MimeBundle; options: DisplayOptions | undefined }[] = [];
  shared[SYMBOL] = {
    display: (bundle: MimeBundle, options?: DisplayOptions) => sent.push({ bundle, options }),
    clearOutput() {},
  };
  return sent;
}
afterEach(() => {
  delete shared[SYMBOL];
});

describe('show', () => {
  it('sends one bundle through the kernel, under the display id that was asked for', async () => {
    const sent = openChannel();
    await show(rows, { title: 'Runs', displayId: 'runs', update: true });
    expect(sent).toHaveLength(1);
    expect(Object.keys(sent[0]!.bundle)).toEqual([MIME.html, MIME.text]);
    expect(sent[0]!.options).toEqual({ displayId: 'runs', update: true });
  });
  it('keeps the size of a picture on the page', async () => {
    const sent = openChannel();
    await show(plain(4, 4, [1, 2, 3]));
    expect(sent[0]!.options?.metadata).toEqual({ [MIME.png]: { width: expect.any(Number) } });
  });
  it('prints the plain form in a terminal', async () => {
    const write = process.stdout.write;
    let printed = '';
    process.stdout.write = ((text: string) => {
      printed += text;
      return true;
    }) as typeof write;
    try {
      await show(rows.slice(0, 2));
      await showMarkdown('**words**');
    } finally {
      process.stdout.write = write;
    }
    expect(printed).toBe(
      'method  ipc  seed  accuracy\n──────  ───  ────  ────────\nrandom   10     0    0.1800\nrandom   10     1    0.1900\n2 rows\n**words**\n',
    );
  });
});

describe('toBundle', () => {
  it('shows the first rows of a long list and says how many there are', async () => {
    const bundle = await toBundle(rows, { limit: 3 });
    expect(bundle[MIME.text]).toMatch(/3 of 30 rows$/);
    expect(String(bundle[MIME.html]).match(/<tr>/g)).toHaveLength(4);
  });
  it('shows an Arquero table', async () => {
    const bundle = await toBundle(arquero({ name: ['a', 'b'], loss: [0.123456, 12] }), { name: 'losses' });
    expect(bundle[MIME.text]).toBe('name    loss\n────  ──────\na     0.1235\nb         12\n2 rows');
    expect(bundle[MIME.results]).toEqual({
      name: 'losses',
      keys: ['name'],
      values: [{ field: 'loss' }],
      rows: [
        { name: 'a', loss: 0.123456 },
        { name: 'b', loss: 12 },
      ],
    });
  });
  it('escapes what rows hold', async () => {
    expect((await toBundle([{ a: '<img src=x onerror=alert(1)>' }]))[MIME.html]).not.toContain('<img');
  });
  it('shows any Vega-Lite spec as a chart', async () => {
    const spec = JSON.parse(JSON.stringify(barChart(rows, { series: 'method', value: 'accuracy' })));
    expect(Object.keys(await toBundle(spec))).toEqual([MIME.vegaLite, MIME.svg, MIME.png, MIME.text]);
  });
  it('asks a value for its own form first', async () => {
    class Own {
      [Symbol.for('Jupyter.display')]() {
        return { 'text/plain': 'mine' };
      }
    }
    expect(await toBundle(new Own())).toEqual({ 'text/plain': 'mine' });
  });
  it('passes a bundle on as it is', async () => {
    expect(await toBundle({ 'text/html': '<b>x</b>' })).toEqual({ 'text/html': '<b>x</b>' });
  });
  it('shows an error with its causes', async () => {
    const bundle = await toBundle(new RangeError('too large', { cause: new Error('disk <full>') }));
    expect(bundle[MIME.text]).toBe('RangeError: too large\n  because of Error: disk <full>');
    expect(bundle[MIME.html]).toContain('disk &lt;full&gt;');
  });
  it('waits for a promise, and lets its error through', async () => {
    expect(await toBundle(Promise.resolve('words'))).toEqual({ 'text/plain': 'words' });
    await expect(toBundle(Promise.reject(new Error('no images')))).rejects.toThrow('no images');
  });
  it('prints anything else as Node does', async () => {
    expect(await toBundle(new Map([[1, 2]]))).toEqual({ 'text/plain': 'Map(1) { 1 => 2 }' });
  });
});

describe('title and limit', () => {
  const pictures = Array.from({ length: 6 }, (_, i) => plain(4, 4, [i, i, i]));
  const set = {
    method: 'random',
    classes: ['cup', 'jug'],
    images: pictures.map((pixels, i) => ({ label: i % 2, pixels })),
  };
  const textOf = async (value: unknown, options: FormOptions) => (await toBundle(value, options))[MIME.text];
  const title = 'Mine';

  it.each<[string, unknown, string]>([
    ['a distilled set', set, '[image grid: Mine, 2 × 3 images of 4 pixels]'],
    ['images', pictures, '[image grid: Mine, 1 × 6 images of 4 pixels]'],
    ['rows of images', [pictures, pictures], '[image grid: Mine, 2 × 6 images of 4 pixels]'],
    ['words', 'words', 'Mine\nwords'],
    ['an error', new Error('disk full'), 'Mine\nError: disk full'],
    ['a chart', barChart(rows, { series: 'method', value: 'accuracy', title: 'Other' }), '[chart: Mine'],
  ])('of %s: the title stands over it', async (_, value, text) => {
    expect(await textOf(value, { title })).toContain(text);
  });
  it('go into a grid that is drawn already', async () => {
    const grid = await imageGrid(pictures, { columns: 2 });
    expect(await textOf(grid, { title })).toBe('[image grid: Mine, 3 × 2 images of 4 pixels]');
    expect(await textOf(grid, { limit: 4 })).toBe('[image grid: 2 × 2 images of 4 pixels, 4 of 6 images shown]');
  });
  it('of a table of results: in every form that a reader may see', async () => {
    const bundle = await toBundle(resultsTable(rows, { rows: 'method', value: 'accuracy' }), { title });
    for (const form of [MIME.html, MIME.markdown, MIME.text]) expect(bundle[form]).toContain(title);
  });
  it('of a distilled set: a row per class, so many images of each', async () => {
    expect(await textOf(Promise.resolve(set), { limit: 2 })).toBe(
      '[image grid: 2 × 2 images of 4 pixels, 2 images per class shown, 6 in all]',
    );
    await expect(toBundle(set, { limit: 0 })).rejects.toThrow(/limit of 1 image per class or more, got 0/);
  });
});

describe('limits', () => {
  it('cut a long text and say by how much', () => {
    const { [MIME.text]: text } = limitBundle({ [MIME.text]: 'x'.repeat(1_000_000) }) as Record<string, string>;
    expect(text!.length).toBeLessThan(100_100);
    expect(text).toMatch(/900,000 more characters$/);
  });
  it('leave out a form that would choke the browser, and name it', () => {
    const bundle = limitBundle({ [MIME.html]: 'x'.repeat(17_000_000), [MIME.text]: 'short' });
    expect(bundle[MIME.html]).toBeUndefined();
    expect(bundle[MIME.text]).toMatch(/short\n\[left out as too large.*text\/html \(17 MB\)/);
  });
});

describe('tensors', () => {
  it('are summarised with NaN and infinite values counted apart', () => {
    const summary = summarise([1, 2, 3, Number.NaN, Number.POSITIVE_INFINITY]);
    expect(summary).toMatchObject({ min: 1, mean: 2, max: 3, nan: 1, infinite: 1 });
    expect(summary.sd).toBeCloseTo(Math.sqrt(2 / 3), 12);
  });
  it('are pictures when they have the shape of images or of a map', () => {
    const values = new Float32Array(2 * 8 * 8 * 3).fill(-1);
    expect(tensorPictures(values, [2, 8, 8, 3], summarise(values))).toHaveLength(2);
    expect(tensorPictures(values, [384], summarise(values))).toBeUndefined();
    const map = Float32Array.from({ length: 12 }, (_, i) => i);
    expect(tensorPictures(map, [3, 4], summarise(map))?.[0]?.width).toBe(160);
  });
  it('are shown with shape, type and range', async () => {
    const values = Float32Array.from({ length: 20 }, (_, i) => i);
    const tensor = { shape: [20], dtype: 'float32', dataId: {}, isDisposed: false, data: async () => values };
    expect((await toBundle(tensor, { title: 'Losses' }))[MIME.text]).toBe(
      'Losses [20] float32: min 0, mean 9.500, max 19, sd 5.766',
    );
  });
});

describe('showProgress', () => {
  it("shows the work's own estimate of the time left where it makes one, not its pace's beside it", () => {
    let written = '';
    const stream = { write: (text: string) => (written += text) };
    let time = 0;
    const progress = showProgress('Sweep', { now: () => time, stream });
    progress({ label: 'runs', done: 0, total: 8 });
    time = 60_000;
    progress({ label: 'runs', done: 2, total: 8, secondsLeft: 600, detail: 'and what never ran before' });
    expect(written).toMatch(/runs ━+╌+ 2\/8 · 10 min left · and what never ran before/);
    expect(written).not.toMatch(/3\.0 min left/);
  });

  it('updates one display in place, with the time that is left, and nests', () => {
    const sent = openChannel();
    let time = 0;
    const progress = showProgress('Sweep', { now: () => time });
    progress({ label: 'configurations', done: 0, total: 4 });
    time = 2000;
    progress.child('student')({ label: 'epochs', done: 1, total: 2, detail: 'loss 0.1' });
    progress({ label: 'configurations', done: 1, total: 4 });
    time = 2150;
    progress({ label: 'configurations', done: 2, total: 4 });
    expect(new Set(sent.map(({ options }) => options?.displayId)).size).toBe(1);
    expect(sent.map(({ options }) => options?.update)).toEqual([false, true, true]);
    expect(sent.at(-1)!.bundle[MIME.text]).toBe(
      'Sweep\nconfigurations ━━━━━━━━╌╌╌╌╌╌╌╌ 2/4 · 2.1 s left\n  student: epochs ━━━━━━━━╌╌╌╌╌╌╌╌ 1/2 · loss 0.1',
    );
  });
  it('does not flood: at most one update per interval, and always the last', () => {
    const sent = openChannel();
    let time = 0;
    const progress = showProgress('Maps', { now: () => time });
    for (let done = 0; done <= 1000; done++) {
      time += 1;
      progress({ label: 'Maps', done, total: 1000 });
    }
    expect(sent.length).toBeLessThanOrEqual(12);
    expect(sent.at(-1)!.bundle[MIME.text]).toBe('Maps ━━━━━━━━━━━━━━━━ 1,000/1,000 · 1.0 s');
  });
  it('is one line in a terminal, and a line now and then in a log file', () => {
    const lines: string[] = [];
    const terminal = { write: (text: string) => lines.push(text), isTTY: true, columns: 80 };
    const progress = showProgress('Maps', { stream: terminal, now: () => 0 });
    progress({ label: 'Maps', done: 1, total: 2 });
    progress({ label: 'Maps', done: 2, total: 2 });
    expect(lines.join('')).toBe('\r\u001b[KMaps ━━━━━━━━╌╌╌╌╌╌╌╌ 1/2\r\u001b[KMaps ━━━━━━━━━━━━━━━━ 2/2 · 0 ms\n');
    const log: string[] = [];
    let time = 0;
    const quiet = showProgress('Maps', { stream: { write: (text) => log.push(text) }, now: () => time });
    for (const [done, seconds] of [1, 5, 12, 13].entries()) {
      time = seconds * 1000;
      quiet({ label: 'Maps', done: done + 1, total: 4 });
    }
    expect(log.map((line) => line.match(/\d\/4/)?.[0])).toEqual(['1/4', '3/4', '4/4']);
  });
});

describe('under stock tslab', () => {
  it('sends the whole bundle through the writer beneath its display functions', async () => {
    const { cache } = createRequire(import.meta.url);
    const path = '/anywhere/node_modules/tslab/dist/jupyter.js';
    const sent: unknown[] = [];
    const lastWriteDisplayData = (content: unknown, update: boolean) => sent.push([content, update]);
    cache[path] = { exports: { lastWriteDisplayData } } as never;
    try {
      await show({ 'text/html': '<b>x</b>', 'text/plain': 'x' }, { displayId: 'a', update: true });
    } finally {
      delete cache[path];
    }
    expect(sent).toEqual([
      [{ data: { 'text/html': '<b>x</b>', 'text/plain': 'x' }, metadata: {}, transient: { display_id: 'a' } }, true],
    ]);
  });
});
