/** Progress bars with an estimate of the time left: updated in place in a notebook, one line in a terminal. */
import { duration, type OnProgress, type Progress, statusLine } from '../common';
import { displayChannel, type OpenChannel } from './channel';
import { escapeHtml } from './escape';
import { ReplacedOutput } from './live';
import { MIME, type MimeBundle } from './mime';
import { styledHtml, titleHtml } from './style';

export interface ShowProgressOptions {
  /** Minimum time between two updates, in milliseconds. Default: 100. */
  interval?: number;
  /** Clock, in milliseconds. */
  now?: () => number;
  /** Where to draw. Default: the notebook or terminal of this process. */
  channel?: OpenChannel;
  /** The terminal's stream. Default: stderr, so that results on stdout stay clean. */
  stream?: { write(text: string): unknown; isTTY?: boolean; columns?: number };
}

/** A progress display: itself the callback to pass as `onProgress`. */
export interface ProgressDisplay {
  (progress: Progress): void;
  /** A display nested under this one: its bars are drawn below, indented. */
  child(title: string): OnProgress;
  /** Draws the last state now, for work that ends early. Work that completes needs no call. */
  finish(): void;
}

interface Bar extends Progress {
  depth: number;
  started: number;
  ended?: number;
}

/**
 * Shows the progress of a long function.
 * @example
 * const progress = showProgress('Noise maps');
 * await noiseMaps(prior, images, { onProgress: progress });
 */
export function showProgress(title: string, options: ShowProgressOptions = {}): ProgressDisplay {
  const { interval = 100, now = Date.now, channel = displayChannel(), stream = process.stderr } = options;
  const bars = new Map<string, Bar>();
  const draw = channel.kind === 'terminal' ? terminalDrawer(stream, now) : notebookDrawer(channel, now);
  let drawn = Number.NEGATIVE_INFINITY;

  const report = (depth: number, parent: string, progress: Progress) => {
    const key = depth === 0 ? progress.label : `${parent}/${progress.label}`;
    const before = bars.get(key);
    // A label that restarts (the batches of the next epoch) is a new bar in the same place.
    const restarted = before !== undefined && progress.done < before.done;
    const bar: Bar = { ...progress, depth, started: before && !restarted ? before.started : now() };
    if (progress.done >= progress.total) bar.ended = now();
    bars.set(key, bar);
    const all = [...bars.values()];
    const done = all.every(({ ended }) => ended !== undefined);
    if (done || before === undefined || now() - drawn >= interval) {
      drawn = now();
      draw(title, all, done);
    }
  };
  return Object.assign((progress: Progress) => report(0, '', progress), {
    child:
      (name: string): OnProgress =>
      (progress) =>
        report(1, name, { ...progress, label: progress.label === name ? name : `${name}: ${progress.label}` }),
    finish: () => {
      const all = [...bars.values()];
      if (all.some(({ ended }) => ended === undefined)) draw(title, all, true);
    },
  });
}

type Drawer = (title: string, bars: Bar[], done: boolean) => void;

function notebookDrawer(channel: OpenChannel, now: () => number): Drawer {
  const output = new ReplacedOutput(channel, now);
  return (title, bars, done) => {
    output.put(progressBundle(title, bars, now()));
    if (done) output.end();
  };
}

/** Rewrites one line; if the output is not a terminal (a log file), writes a line now and then and at the end. */
function terminalDrawer(stream: NonNullable<ShowProgressOptions['stream']>, now: () => number): Drawer {
  const line = statusLine((text) => stream.write(text), {
    isTerminal: stream.isTTY === true,
    columns: (stream.columns ?? 100) - 1,
    now,
  });
  return (title, bars, done) => {
    const current = bars.filter(({ ended }) => ended === undefined);
    const text = (current.length ? current : bars.slice(-1)).map((bar) => barText(bar, now())).join(' › ');
    line.show(bars[0]?.label === title ? text : `${title}: ${text}`);
    if (done) line.end();
  };
}

function progressBundle(title: string, bars: readonly Bar[], time: number): MimeBundle {
  const rows = bars.map((bar) => {
    const label = `<span class="sh-label${bar.depth ? ' sh-deep' : ''}">${bar.depth ? '· ' : ''}${escapeHtml(bar.label)}</span>`;
    const share = `<progress value="${bar.done}" max="${bar.total}"></progress>`;
    return `<div class="sh-progress">${label} ${share} <span class="sh-quiet">${escapeHtml(stateText(bar, time))}</span></div>`;
  });
  const heading = bars.length === 1 && bars[0]?.label === title ? '' : titleHtml(title);
  const text = bars.map((bar) => `${'  '.repeat(bar.depth)}${barText(bar, time)}`).join('\n');
  return {
    [MIME.html]: styledHtml(`${heading}<div class="sh-bars">${rows.join('')}</div>`),
    [MIME.text]: heading ? `${title}\n${text}` : text,
  };
}

/** 'Noise maps ━━━━━━━━╌╌╌╌ 12/18 · 41 s left · loss 0.12' */
function barText(bar: Bar, time: number): string {
  const filled = bar.total > 0 ? Math.round(Math.min(1, bar.done / bar.total) * 16) : 0;
  return `${bar.label} ${'━'.repeat(filled)}${'╌'.repeat(16 - filled)} ${stateText(bar, time)}`;
}

function stateText({ done, total, detail, secondsLeft, started, ended }: Bar, time: number): string {
  const elapsed = ((ended ?? time) - started) / 1000;
  const left = secondsLeft ?? (done > 0 && done < total ? (elapsed / done) * (total - done) : undefined);
  const clock =
    ended !== undefined ? duration(elapsed) : left !== undefined && elapsed >= 1 ? `${duration(left)} left` : '';
  return [`${formatCount(done)}/${formatCount(total)}`, clock, detail ?? ''].filter(Boolean).join(' · ');
}

const formatCount = (count: number) => (Number.isInteger(count) ? count.toLocaleString('en') : count.toFixed(1));
