/** An exhibit opened at a scale: its claims and, once it has run, its results. */
import {
  type Chart,
  DISPLAY,
  type Displayable,
  type ImageGrid,
  isImageGrid,
  type MimeBundle,
  renderPng,
  type ResultRow,
  rowsToCsv,
  showProgress,
  toBundle,
} from '../charts';
import { LocalExecutor, type RunOptions, Store } from '../sweeps';
import { type Judged, verdictLines } from './claims/verdicts';
import type { Exhibit, Made } from './exhibit';
import { claimsText, type ResultFiles } from './item';
import { markdown } from './markdown';
import { publishedJudgements } from './published-judgements';
import {
  besideThePaper,
  changedScale,
  type Scale,
  type AsWritten,
  type ScaleChanges,
  type SettingBesideThePaper,
  scaleOf,
} from './scales';

/** The results of an exhibit. */
export class ExhibitResults {
  constructor(
    readonly exhibit: Exhibit,
    readonly scale: Scale,
    private readonly made: Made,
  ) {}

  get picture(): Chart | ImageGrid {
    return this.made.picture;
  }

  get rows(): readonly ResultRow[] {
    return this.made.rows;
  }

  /** The rows, with the name by which `verify` finds them. */
  get table(): Displayable {
    const { name, item, title } = this.exhibit;
    return {
      [DISPLAY]: (): Promise<MimeBundle> =>
        toBundle(this.rows, { name, title: `${item}: ${title}, scale ${this.scale.name}`, limit: 200 }),
    };
  }

  /** Each claim, judged on our rows and on the paper's own. */
  get judged(): Judged[] {
    const published = publishedJudgements(this.exhibit);
    return this.exhibit.claims.map((claim) => ({
      says: claim.says,
      ours: claim.test(this.rows),
      published: published.get(claim.says),
    }));
  }

  get verdicts(): Displayable {
    return markdown(verdictLines(this.judged));
  }

  /** What the scale lacks, in sentences. */
  get leftOut(): Displayable {
    const { leftOut = [] } = this.made;
    return markdown(leftOut.length > 0 ? leftOut.map((line) => `- ${line}`).join('\n') : 'Nothing is left out.');
  }

  async files(): Promise<ResultFiles> {
    const { picture } = this;
    return {
      'table.csv': rowsToCsv(this.rows),
      ...(isImageGrid(picture) ? { 'chart.webp': await picture.webp() } : { 'chart.png': await renderPng(picture) }),
    };
  }
}

/** An exhibit at a scale. */
export class OpenedExhibit implements Displayable {
  constructor(
    readonly exhibit: Exhibit,
    readonly scale: Scale,
  ) {}

  /** What the paper says, and its claims, before anything has run. */
  get claims(): Displayable {
    return claimsText(this.exhibit);
  }

  /** Every setting that differs from the paper's, of the methods that it shows and its paper's protocol. */
  get settings(): SettingBesideThePaper[] {
    const { paper, methods } = this.exhibit;
    const protocols = [paper === 'self-adaptive memory' ? 'idc' : 'rded'] as const;
    return besideThePaper(this.scale, paper, { methods, protocols });
  }

  /** Computes what the store doesn't hold; if it was stopped, the same call resumes. @throws NotAtThisScale */
  async run({ onProgress, ...options }: RunOptions = {}): Promise<ExhibitResults> {
    const progress = onProgress ?? showProgress(`${this.exhibit.item} at scale ${this.scale.name}`);
    // In worker processes, like tables: with the same number of threads, a training gives the same bits.
    const { store = new Store() } = options;
    const executor = options.executor ?? new LocalExecutor(store);
    try {
      const made = await this.exhibit.make(this.scale, { ...options, store, executor, onProgress: progress });
      return new ExhibitResults(this.exhibit, this.scale, made);
    } finally {
      if (executor !== options.executor) await executor.close();
    }
  }

  [DISPLAY](): MimeBundle | Promise<MimeBundle> {
    return this.claims[DISPLAY]();
  }
}

/**
 * Opens an exhibit at a scale; nothing runs.
 * @example
 * const results = await openExhibit(experiments.figure9, { scale: 'mini' }).run();
 * await show(results.picture);
 */
export function openExhibit(
  exhibit: Exhibit,
  { scale = 'mini', change = {} }: { scale?: string | Scale; change?: AsWritten<ScaleChanges> } = {},
): OpenedExhibit {
  return new OpenedExhibit(
    exhibit,
    changedScale(typeof scale === 'string' ? scaleOf(scale, exhibit.paper) : scale, change),
  );
}
