/**
 * Settings that are changed by slider, menu or click, and work that is run again after each change. Where the front-end
 * draws Jupyter widgets the form is one; elsewhere, and in a saved notebook, it is static and shows the last values.
 * The result is an ordinary output, which is replaced.
 */
import { anywidgetState } from './anywidget';
import { type DisplayChannel, displayChannel, type Widget } from './channel';
import { type Choice, type Field, type FieldValue, fieldOf, isList, staticForm } from './control-form';
import { CONTROL_FRONT_END } from './control-front-end';
import { errorBundle, limitBundle, toBundle } from './display';
import { type HeatMap, type HeatMapPlace, isHeatMap } from './heatmap';
import { MIME, type MimeBundle, metadataOf } from './mime';

/** What may be chosen, by name of the setting. */
export type Choices = Record<string, Choice>;

/** The chosen value of each setting. */
export type Settings<C extends Choices> = {
  -readonly [Name in keyof C]: C[Name] extends readonly (infer Value)[]
    ? Value
    : C[Name] extends HeatMap
      ? HeatMapPlace
      : C[Name] extends boolean
        ? boolean
        : number;
};

export interface ControlOptions<C extends Choices> {
  /** Initial values. Default: the first item of a list or heat map, a check box as given, a range's `value`. */
  initial?: Partial<Settings<C>>;
}

/** Does the work. Its result is shown as by `show`; `signal` fires when a newer setting makes the work stale. */
export type ControlledWork<C extends Choices> = (settings: Settings<C>, signal: AbortSignal) => unknown;

/**
 * Shows a form, and below it the result of `work` for the chosen settings; runs it again whenever one changes. Work that
 * a newer setting makes stale is told to stop, as by an interrupt, and its result is not shown.
 * @throws what `work` throws the first time; later errors are shown in place of the result
 * @throws Error if there is no setting, one has nothing to choose from, or `initial` holds something that can't be chosen
 * @example
 * await control({ patchSize: [16, 28, 48], clusters: [8, 16, 32] }, (settings) =>
 *   diffusionDrivenSelection(dataset, { prior, imagesPerClass: 10, ...settings }));
 * await control({ cell: heatMap(rows, { x: 'end', y: 'start', value: 'accuracy' }) }, ({ cell }) => table.picture(cell));
 */
export async function control<const C extends Choices>(
  choices: C,
  work: ControlledWork<C>,
  { initial = {} }: ControlOptions<C> = {},
): Promise<void> {
  const names = Object.keys(choices);
  if (names.length === 0)
    throw new Error('Expected at least one setting to choose, got none: { clusters: [8, 16, 32] }.');
  const unknown = Object.keys(initial).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new Error(`Expected initial to name settings (${names.join(', ')}), got ${unknown}.`);
  const fields = await Promise.all(Object.entries(choices).map(([name, choice]) => fieldOf(name, choice)));
  const values = Object.fromEntries(
    fields.map(({ name }) => [name, initialValue(name, choices[name]!, initial[name])]),
  );
  const settingsOf = (set: Record<string, FieldValue>) =>
    Object.fromEntries(fields.map(({ name }) => [name, chosen(choices[name]!, set[name]!)])) as Settings<C>;
  await new ControlledOutput(fields, values, (set, signal) => work(settingsOf(set), signal)).begin();
}

let controls = 0;

/** Time without a change after which the static form of a saved notebook is updated, ms. */
const QUIET = 1500;

type Work = (values: Record<string, FieldValue>, signal: AbortSignal) => unknown;

class ControlledOutput {
  private readonly channel: DisplayChannel = displayChannel();
  private readonly id = `stillhouse-control-${process.pid}-${++controls}`;
  private widget: Widget | undefined;
  /** Whether the widget's code runs in the front-end. */
  private drawn = false;
  private status = '';
  private count = 0;
  private running: AbortController | undefined;
  private stale = false;
  private resultShown = false;
  private quiet: NodeJS.Timeout | undefined;

  constructor(
    private readonly fields: readonly Field[],
    private values: Record<string, FieldValue>,
    private readonly work: Work,
  ) {}

  async begin(): Promise<void> {
    this.showForm(false);
    const state = { ...anywidgetState('control', CONTROL_FRONT_END), fields: this.fields, state: this.state() };
    this.widget = this.channel.openWidget?.(state, {
      onMessage: (content) => this.receive(content as { ready?: true; values?: unknown; count?: unknown }),
      onAbandoned: () => this.widget?.close(),
    });
    await this.run();
    // A setting changed during the first run.
    if (this.stale) await this.runAgain();
  }

  private receive({ ready, values, count }: { ready?: true; values?: unknown; count?: unknown }): void {
    if (ready) {
      this.drawn = true;
      this.showForm(true);
      return;
    }
    const set = accepted(this.fields, values);
    if (set === undefined) return;
    this.values = set;
    this.count = Number(count);
    this.stale = true;
    if (this.running) this.running.abort(new DOMException('A newer setting has replaced this one.', 'AbortError'));
    else void this.runAgain();
    this.tell();
  }

  /** Runs the work until no newer setting is waiting. */
  private async runAgain(): Promise<void> {
    while (this.stale) {
      this.stale = false;
      try {
        await this.run();
      } catch (error) {
        const shown = error instanceof Error ? error : new Error(String(error));
        if (!this.stale) this.showResult(errorBundle(shown));
      }
    }
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => this.showForm(true), QUIET);
  }

  /** Runs the work once, and shows the result unless it is stale. Never two at a time: they share the cell's signal. */
  private async run(): Promise<void> {
    const abort = new AbortController();
    this.running = abort;
    this.tell('running …');
    const begin = performance.now();
    try {
      const value = await withCellSignal(abort.signal, (signal) => this.work(this.values, signal));
      const bundle = value === undefined ? undefined : limitBundle(await toBundle(value));
      if (bundle && !this.stale) this.showResult(bundle);
    } catch (error) {
      if (!abort.signal.aborted) throw error;
    } finally {
      this.running = undefined;
      this.tell(`${((performance.now() - begin) / 1000).toFixed(1)} s`);
    }
  }

  private tell(status = this.status): void {
    this.status = status;
    this.widget?.update({ state: this.state() });
  }

  private state(): Record<string, unknown> {
    return { values: this.values, count: this.count, status: this.status };
  }

  private showForm(update: boolean): void {
    const view = { model_id: this.widget?.id, version_major: 2, version_minor: 0 };
    const widget = this.drawn ? { [MIME.widget]: view } : {};
    this.channel.display({ ...widget, ...staticForm(this.fields, this.values) }, { displayId: this.id, update });
  }

  private showResult(bundle: MimeBundle): void {
    const metadata = metadataOf(bundle);
    const displayId = `${this.id}-result`;
    this.channel.display(bundle, { displayId, update: this.resultShown, ...(metadata && { metadata }) });
    this.resultShown = true;
  }
}

function initialValue(name: string, choice: Choice, wanted: unknown): FieldValue {
  if (typeof choice === 'boolean') {
    if (wanted === undefined || typeof wanted === 'boolean') return wanted ?? choice;
    throw new Error(`Expected initial.${name} to be true or false, got ${String(wanted)}.`);
  }
  if (isHeatMap(choice)) return cellAt(name, choice, wanted);
  if (!isList(choice)) {
    const { min, max, value = min } = choice;
    const first = Number(wanted ?? value);
    if (first >= min && first <= max) return first;
    throw new Error(`Expected the initial ${name} to be from ${min} to ${max}, got ${String(wanted ?? value)}.`);
  }
  const at = wanted === undefined ? 0 : choice.indexOf(wanted as number | string);
  if (at < 0) throw new Error(`Expected initial.${name} to be one of ${choice.join(', ')}, got ${String(wanted)}.`);
  return at;
}

/** Index of the cell with the wanted fields; the first cell if none are given. */
function cellAt(name: string, { cells }: HeatMap, wanted: unknown): number {
  const fields = Object.entries((wanted ?? {}) as HeatMapPlace);
  const at = cells.findIndex((cell) => fields.every(([field, value]) => cell[field] === value));
  if (at >= 0) return at;
  throw new Error(
    `Expected initial.${name} to be a measured cell of its heat map, such as ${JSON.stringify(cells[0])}, got ${JSON.stringify(wanted)}.`,
  );
}

function chosen(choice: Choice, value: FieldValue): unknown {
  if (isHeatMap(choice)) return choice.cells[Number(value)];
  return isList(choice) ? choice[Number(value)] : value;
}

/** The values that a front-end has sent, if they are valid for the fields; else undefined. */
function accepted(fields: readonly Field[], values: unknown): Record<string, FieldValue> | undefined {
  if (typeof values !== 'object' || values === null) return undefined;
  const set = values as Record<string, unknown>;
  const fits = ({ name, kind, min, max }: Field): boolean => {
    const value = set[name];
    if (kind === 'check') return typeof value === 'boolean';
    if (typeof value !== 'number' || !(value >= min && value <= max)) return false;
    return kind === 'range' || Number.isInteger(value);
  };
  return fields.every(fits) ? (set as Record<string, FieldValue>) : undefined;
}

const SIGNAL = Symbol.for('stillhouse.signal');

/** Runs `work` with a signal in place of the cell's, which fires when the cell's fires or `own` does. */
async function withCellSignal<T>(own: AbortSignal, work: (signal: AbortSignal) => T): Promise<Awaited<T>> {
  const place = globalThis as Record<symbol, unknown>;
  const before = place[SIGNAL];
  const live = before instanceof AbortSignal && !before.aborted;
  const signal = live ? AbortSignal.any([before, own]) : own;
  const put = (value: unknown) => Object.defineProperty(globalThis, SIGNAL, { value, configurable: true });
  put(signal);
  try {
    return await work(signal);
  } finally {
    if (place[SIGNAL] === signal) put(before);
  }
}
