import { afterEach, describe, expect, it, vi } from 'vitest';
import type { WidgetEvents } from '../../src/charts/channel';
import { type DisplayOptions, liveOutput, MIME, type MimeBundle, showProgress } from '../../src/charts';
import { plain } from './sample';

type State = Record<string, unknown>;
const SYMBOL = Symbol.for('stillhouse.display');
const shared = globalThis as Record<symbol, unknown>;

/** A kernel's channel in front of a widget manager; `answers`: the front-end has the widget's module. */
function openChannel({ answers = true, manager = true } = {}) {
  const sent: { bundle: MimeBundle; options: DisplayOptions }[] = [];
  const widgets: { state: State; updates: State[]; closed: boolean; ready(): void }[] = [];
  shared[SYMBOL] = {
    display: (bundle: MimeBundle, options: DisplayOptions) => sent.push({ bundle, options }),
    clearOutput() {},
    openWidget: (state: State, { onMessage }: WidgetEvents) => {
      if (!manager) return undefined;
      const widget = { state, updates: [] as State[], closed: false, ready: () => onMessage({ ready: true }) };
      widgets.push(widget);
      if (answers) setImmediate(widget.ready);
      return {
        id: `w${widgets.length}`,
        update: (change: State) => widget.updates.push(change),
        close: () => {
          widget.closed = true;
        },
      };
    },
  };
  return { sent, widgets };
}
afterEach(() => {
  delete shared[SYMBOL];
  vi.useRealTimers();
});

const turn = () => new Promise((resolve) => setImmediate(resolve));
const VIEW = { model_id: 'w1', version_major: 2, version_minor: 0 };

describe('an output that changes', () => {
  it('becomes a widget after a while, is fed over its comm, and stays as an ordinary output', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { sent, widgets } = openChannel();
    const live = liveOutput();
    await live.show('first');
    expect(widgets).toEqual([]);
    vi.advanceTimersByTime(400);
    await live.show([{ step: 2 }]);
    await turn();
    await live.show('third <b>');
    expect(sent.map(({ options }) => options.update)).toEqual([false, true, true]);
    expect(sent[2]!.bundle[MIME.widget]).toEqual(VIEW);
    expect(widgets[0]!.state).toMatchObject({ _model_module: 'anywidget', _view_name: 'AnyView' });
    expect(widgets[0]!.updates.at(-1)).toEqual({ html: '<pre>third &lt;b&gt;</pre>' });
    live.end();
    expect(widgets[0]!.closed).toBe(true);
    expect(sent).toHaveLength(4);
    expect(sent[3]!.bundle).toEqual({ [MIME.text]: 'third <b>' });
    expect(new Set(sent.map(({ options }) => options.displayId)).size).toBe(1);
  });

  it.each([
    ['no widget manager', { manager: false }],
    ['a widget manager without the module', { answers: false }],
  ])('is replaced in place where there is %s', async (_, front) => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { sent } = openChannel(front);
    const live = liveOutput({ title: 'Runs' });
    for (const step of [1, 2, 3]) {
      await live.show([{ step }]);
      await turn();
      vi.advanceTimersByTime(400);
    }
    live.end();
    expect(sent.map(({ bundle }) => String(bundle[MIME.text]).split('\n')[3])).toEqual(['   1', '   2', '   3']);
    expect(sent.some(({ bundle }) => MIME.widget in bundle)).toBe(false);
  });

  it('keeps the size of a picture, in the widget too', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { sent, widgets } = openChannel();
    const live = liveOutput();
    for (const shade of [1, 2]) {
      await live.show(plain(4, 4, [shade, 2, 3]));
      vi.advanceTimersByTime(400);
    }
    await turn();
    const { width } = sent[0]!.options.metadata![MIME.png] as { width: number };
    expect(width).toBeGreaterThan(0);
    expect(widgets[0]!.updates[0]!.html).toContain(`<img alt="" width="${width}" src="data:image/png;base64,`);
  });

  it('is what progress is shown in', async () => {
    const { sent, widgets } = openChannel();
    let time = 0;
    const progress = showProgress('Maps', { now: () => time });
    for (const done of [0, 1, 2]) {
      progress({ label: 'Maps', done, total: 4 });
      time += 400;
      await turn();
    }
    progress({ label: 'Maps', done: 4, total: 4 });
    expect(widgets).toHaveLength(1);
    expect(widgets[0]!.updates.at(-1)!.html).toContain('<progress value="4" max="4">');
    expect(widgets[0]!.closed).toBe(true);
    expect(sent.at(-1)!.bundle[MIME.widget]).toBeUndefined();
    expect(sent.at(-1)!.bundle[MIME.text]).toContain('4/4');
  });
});
