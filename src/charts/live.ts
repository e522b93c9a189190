/**
 * An output that changes while work goes on. Where the front-end draws Jupyter widgets (JupyterLab as `npm run lab` sets
 * it up, VS Code), it becomes a widget that is updated over a comm, without flicker; elsewhere the output is replaced.
 * At the end it is an ordinary output again, so that a saved notebook holds no dead widget.
 */
import { anywidgetState } from './anywidget';
import { displayChannel, type OpenChannel, type Widget } from './channel';
import { limitBundle, type ShowOptions, toBundle } from './display';
import { escapeHtml } from './escape';
import { MIME, type MimeBundle, metadataOf } from './mime';

/** An output whose content can be replaced. */
export interface LiveOutput {
  /** Shows a value, as `show` would, in place of the previous one. */
  show(value: unknown): Promise<void>;
  /** Ends the updates; the last value stays, as an ordinary output. */
  end(): void;
}

/**
 * Opens an output for something that is under way: a chart that fills in, a table that grows.
 * @example
 * const live = liveOutput();
 * for (const rows of batches) await live.show(lineChart(rows, { x: 'epoch', value: 'loss' }));
 * live.end();
 */
export function liveOutput(options: Omit<ShowOptions, 'displayId' | 'update'> = {}): LiveOutput {
  const output = new ReplacedOutput(displayChannel());
  return {
    show: async (value) => output.put(limitBundle(await toBundle(value, options))),
    end: () => output.end(),
  };
}

let outputs = 0;

/** Shorter work gets no widget, ms. */
const PATIENCE = 300;

/** The same for values that are MIME bundles already. */
export class ReplacedOutput {
  private readonly displayId = `stillhouse-live-${process.pid}-${++outputs}`;
  private bundle: MimeBundle | undefined;
  private began: number | undefined;
  private widget: Widget | undefined;
  /** Whether the widget has taken the output's place. */
  private drawn = false;

  constructor(
    private readonly channel: OpenChannel,
    private readonly now: () => number = Date.now,
  ) {}

  put(bundle: MimeBundle): void {
    const first = this.bundle === undefined;
    this.bundle = bundle;
    this.began ??= this.now();
    if (this.drawn) {
      this.widget?.update({ html: htmlOf(bundle) });
      return;
    }
    this.display(bundle, !first);
    if (!this.widget && this.now() - this.began >= PATIENCE) this.openWidget(bundle);
  }

  end(): void {
    if (this.drawn && this.bundle) this.display(this.bundle, true);
    this.widget?.close();
    this.widget = undefined;
    this.drawn = false;
    this.began = undefined;
  }

  private display(bundle: MimeBundle, update: boolean): void {
    const metadata = metadataOf(bundle);
    this.channel.display(bundle, { displayId: this.displayId, update, ...(metadata && { metadata }) });
  }

  /** The widget takes the output's place only once its code reports: many front-ends have no anywidget. */
  private openWidget(bundle: MimeBundle): void {
    const onMessage = (): void => {
      if (this.widget !== widget || this.drawn || !widget) return;
      this.drawn = true;
      const view = { model_id: widget.id, version_major: 2, version_minor: 0 };
      this.display({ ...this.bundle, [MIME.widget]: view }, true);
      widget.update({ html: htmlOf(this.bundle ?? {}) });
    };
    const state = { ...anywidgetState('live', FRONT_END), html: htmlOf(bundle) };
    const widget = this.channel.openWidget?.(state, { onMessage, onAbandoned: () => this.end() });
    this.widget = widget;
  }
}

/** The widget's front-end code (anywidget.dev): it reports that it runs, and draws the HTML that it is sent. */
const FRONT_END = `export default {
  initialize({ model }) { model.send({ ready: true }); },
  render({ model, el }) {
    const draw = () => { el.innerHTML = model.get('html'); };
    model.on('change:html', draw);
    draw();
  },
};`;

/** A bundle as HTML: its own, or a picture, or text. */
function htmlOf(bundle: MimeBundle): string {
  const { [MIME.html]: html, [MIME.svg]: svg, [MIME.png]: png, [MIME.text]: text } = bundle;
  if (typeof html === 'string') return html;
  const width = (metadataOf(bundle)?.[MIME.png] as { width?: number } | undefined)?.width;
  if (typeof svg === 'string')
    return `<img alt="" src="data:${MIME.svg};base64,${Buffer.from(svg).toString('base64')}">`;
  if (typeof png === 'string')
    return `<img alt=""${width ? ` width="${width}"` : ''} src="data:${MIME.png};base64,${png}">`;
  return `<pre>${escapeHtml(String(text ?? ''))}</pre>`;
}
