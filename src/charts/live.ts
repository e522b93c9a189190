/**
 * One output that changes while work goes on. Where the front-end draws Jupyter widgets (JupyterLab as `npm run lab` sets
 * it up, VS Code), it becomes one, and what changes goes there over a comm, without flicker; elsewhere the output is
 * replaced in place. In both cases an ordinary output stays, so that a saved notebook holds no widget that is dead.
 */
import { anywidgetState } from './anywidget';
import { displayChannel, type OpenChannel, type Widget } from './channel';
import { limitBundle, type ShowOptions, toBundle } from './display';
import { escapeHtml } from './escape';
import { MIME, type MimeBundle, metadataOf } from './mime';

/** An output that is replaced by what is shown next. */
export interface LiveOutput {
  /** Shows a value, as `show` would, in place of the one before. */
  show(value: unknown): Promise<void>;
  /** What was shown last stays, as an ordinary output. */
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

/** What lasts no longer than this is not worth a widget, ms. */
const PATIENCE = 300;

/** The same for bundles that are made already. */
export class ReplacedOutput {
  private readonly displayId = `stillhouse-live-${process.pid}-${++outputs}`;
  private bundle: MimeBundle | undefined;
  private began: number | undefined;
  private widget: Widget | undefined;
  /** The widget is there and drawn in place of the output. */
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

  /** It takes the output's place once its code runs in the front-end and says so: many have no anywidget. */
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

/** The widget's side in the front-end (anywidget.dev): it says that it is there, and draws what it is given. */
const FRONT_END = `export default {
  initialize({ model }) { model.send({ ready: true }); },
  render({ model, el }) {
    const draw = () => { el.innerHTML = model.get('html'); };
    model.on('change:html', draw);
    draw();
  },
};`;

/** The form of a bundle that a page can show as it is: HTML, a picture, text. */
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
