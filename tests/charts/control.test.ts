import { afterEach, describe, expect, it, vi } from 'vitest';
import { breathe } from '../../src/engine/progress';
import { control, type DisplayOptions, heatMap, MIME, type MimeBundle } from '../../src/charts';
import type { WidgetEvents } from '../../src/charts/channel';
import { outputsHtml } from '../../src/charts/share/outputs';

interface FormState {
  values: Record<string, unknown>;
  count: number;
  status: string;
}

const SYMBOL = Symbol.for('stillhouse.display');
const shared = globalThis as Record<symbol, unknown>;
const soon = (assertion: () => void) => vi.waitFor(assertion, { timeout: 60_000, interval: 20 });

/** A kernel's channel; with a widget manager `set` plays the front-end. */
function openChannel({ manager = true } = {}) {
  const outputs = new Map<string, MimeBundle[]>();
  let events: WidgetEvents | undefined;
  let state: FormState | undefined;
  shared[SYMBOL] = {
    display: (bundle: MimeBundle, { displayId = '', update = false }: DisplayOptions) => {
      if (update !== outputs.has(displayId)) throw new Error(`update is ${update} for ${displayId}`);
      outputs.set(displayId, [...(outputs.get(displayId) ?? []), bundle]);
    },
    openWidget: (opened: Record<string, unknown>, given: WidgetEvents) => {
      if (!manager) return undefined;
      events = given;
      state = opened.state as FormState;
      const update = (change: { state: FormState }) => {
        state = change.state;
      };
      return { id: 'w', update, close() {} };
    },
  };
  const shown = (part: 'form' | 'result') =>
    [...outputs].filter(([id]) => id.endsWith('-result') === (part === 'result')).flatMap(([, bundles]) => bundles);
  let count = 0;
  return {
    ready: () => events!.onMessage({ ready: true }),
    set: (values: unknown) => events!.onMessage({ values, count: ++count }),
    state: () => state!,
    forms: () => shown('form'),
    results: () => shown('result').map((bundle) => bundle[MIME.text]),
  };
}
afterEach(() => {
  delete shared[SYMBOL];
});

const CHOICES = {
  patchSize: [16, 28, 48],
  label: ['a', 'b'],
  soft: true,
  weight: { min: 0, max: 1, step: 0.5 },
} as const;

describe('a control', () => {
  it('gives the work what is chosen at first, and shows the form and the result', async () => {
    const front = openChannel({ manager: false });
    await control(
      CHOICES,
      ({ patchSize, label, soft, weight }) => {
        patchSize satisfies 16 | 28 | 48;
        return JSON.stringify({ patchSize, label, soft, weight });
      },
      { initial: { patchSize: 28, weight: 0.5 } },
    );
    expect(front.results()).toEqual(['{"patchSize":28,"label":"a","soft":true,"weight":0.5}']);
    expect(front.forms()).toHaveLength(1);
    expect(front.forms()[0]![MIME.text]).toBe('patchSize: 16 [28] 48\nlabel: [a] b\nsoft: [yes]\nweight: 0 [0.5] 1');
    expect(front.forms()[0]![MIME.html]).toContain('<b>28</b>');
  });

  it('draws lists of numbers as sliders, other lists as menus, and the rest as check boxes and ranges', async () => {
    const front = openChannel();
    const spy = vi.spyOn(
      shared[SYMBOL] as { openWidget: (state: { fields: { kind: string }[] }) => void },
      'openWidget',
    );
    await control({ ...CHOICES, two: [1, 2], unordered: [3, 1, 2] }, () => undefined);
    expect(spy.mock.calls[0]![0].fields.map(({ kind }) => kind)).toEqual([
      'slider',
      'menu',
      'check',
      'range',
      'menu',
      'menu',
    ]);
    expect(front.results()).toEqual([]);
  });

  it('does the work again when something is set, and the form that stays says what was set last', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const front = openChannel();
    await control({ patchSize: [16, 28, 48] }, ({ patchSize }) => `patches of ${patchSize}`);
    front.ready();
    expect(front.forms().at(-1)).toHaveProperty([MIME.widget]);
    front.set({ patchSize: 2 });
    await soon(() => expect(front.results()).toEqual(['patches of 16', 'patches of 48']));
    expect(front.state()).toMatchObject({ values: { patchSize: 2 }, count: 1, status: expect.stringMatching(/ s$/) });
    await vi.advanceTimersByTimeAsync(2000);
    expect(front.forms().at(-1)![MIME.text]).toBe('patchSize: 16 28 [48]');
    vi.useRealTimers();
  });

  it('stops what a newer setting makes stale, and shows only the newest', async () => {
    const front = openChannel();
    const stopped: number[] = [];
    const begun: number[] = [];
    await control({ n: [1, 2, 3, 4] }, async ({ n }, signal) => {
      begun.push(n);
      signal.addEventListener('abort', () => stopped.push(n));
      // The library's own long functions look at the same signal without being given it.
      for (let step = 0; step < (n === 1 || n === 4 ? 1 : 1e9); step++) await breathe();
      return n;
    });
    front.set({ n: 1 });
    await soon(() => expect(begun).toEqual([1, 2]));
    front.set({ n: 2 });
    front.set({ n: 3 });
    await soon(() => expect(front.results()).toEqual(['1', '4']));
    expect(begun).toEqual([1, 2, 4]);
    expect(stopped).toEqual([2]);
    expect(shared[Symbol.for('stillhouse.signal')]).toBeUndefined();
  });

  it('passes the first error on, and shows later ones in place of the result', async () => {
    const front = openChannel();
    const work = ({ n }: { n: number }) => {
      if (n === 2) throw new RangeError('not two');
      return n;
    };
    await expect(control({ n: [2, 1] }, work)).rejects.toThrow('not two');
    const other = openChannel();
    await control({ n: [1, 2] }, work);
    other.set({ n: 1 });
    await soon(() => expect(other.results()).toEqual(['1', 'RangeError: not two']));
    other.set({ n: 0 });
    await soon(() => expect(other.results().at(-1)).toBe('1'));
    expect(front.results()).toEqual([]);
  });

  it('gives the cell of a heat map that is clicked, and the form that stays shows the chart with that cell framed', async () => {
    const front = openChannel();
    const opened = vi.spyOn(
      shared[SYMBOL] as { openWidget: (state: { fields: { kind: string; svg?: string; max: number }[] }) => void },
      'openWidget',
    );
    const rows = [
      { start: 0.1, end: 0.7, accuracy: 0.4 },
      { start: 0.1, end: 0.9, accuracy: 0.5 },
      { start: 0.5, end: 0.9, accuracy: 0.3 },
      { start: 0.5, end: 0.7, accuracy: null },
    ];
    const cell = heatMap(rows, { x: 'end', y: 'start', value: 'accuracy' });
    expect(JSON.stringify(cell)).not.toMatch(/href|cells/);
    await control({ cell, soft: true }, ({ cell: { start, end }, soft }) => `${start} to ${end}, ${soft}`, {
      initial: { cell: { start: 0.1, end: 0.9 } },
    });
    const [field] = opened.mock.calls[0]![0].fields;
    expect(field).toMatchObject({ kind: 'chart', max: 2 });
    expect(field!.svg!.match(/xlink:href="#cell-\d"/g)).toEqual([0, 1, 2].map((i) => `xlink:href="#cell-${i}"`));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }); // not before: Vega waits by them
    front.set({ cell: 2, soft: true });
    await soon(() => expect(front.results()).toEqual(['0.1 to 0.9, true', '0.5 to 0.9, true']));
    await vi.advanceTimersByTimeAsync(2000);
    const form = front.forms().at(-1)!;
    expect(form[MIME.text]).toBe('cell: [start 0.5, end 0.9]\nsoft: [yes]');
    const svg = Buffer.from(/base64,([\w+/=]+)/.exec(String(form[MIME.html]))![1]!, 'base64').toString();
    expect(svg).toMatch(/<a class="sh-chosen" xlink:href="#cell-2">/);
    expect(svg.match(/sh-chosen"/g)).toHaveLength(1);
    const page = outputsHtml({ cell_type: 'code', source: '', outputs: [{ output_type: 'display_data', data: form }] });
    expect(page).toMatch(/<img alt="" src="data:image\/svg\+xml;base64,[\w+/=]+"><br><b>start 0.5, end 0.9<\/b>/);
    vi.useRealTimers();
    const elsewhere = control({ cell }, () => undefined, { initial: { cell: { start: 0.5, end: 0.7 } } });
    await expect(elsewhere).rejects.toThrow(/initial.cell to be a measured cell.*got {"start":0.5,"end":0.7}/);
  });

  it('takes only what can be set from a front-end', async () => {
    const front = openChannel();
    const work = vi.fn((_settings: unknown, _signal: AbortSignal) => 'done');
    await control({ n: [1, 2], soft: false }, work);
    for (const values of [
      undefined,
      null,
      {},
      { n: 2, soft: true },
      { n: 0.5, soft: true },
      { n: 1, soft: 1 },
      { n: '1', soft: true },
    ])
      front.set(values);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(work).toHaveBeenCalledTimes(1);
    front.set({ n: 1, soft: true });
    await soon(() => expect(work).toHaveBeenCalledTimes(2));
    expect(work).toHaveBeenLastCalledWith({ n: 2, soft: true }, expect.any(AbortSignal));
  });

  it('says what is wrong with what may be chosen', async () => {
    openChannel();
    await expect(control({ n: [] }, () => 0)).rejects.toThrow('Expected at least one choice for n, got none.');
    await expect(control({ n: { min: 1, max: 0 } }, () => 0)).rejects.toThrow('Expected a range for n with min < max');
    await expect(control({ n: [1, 2] }, () => 0, { initial: { n: 3 as 1 } })).rejects.toThrow(
      'Expected initial.n to be one of 1, 2, got 3.',
    );
  });
});
