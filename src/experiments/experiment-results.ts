/** The results of an experiment: its rows, and everything shown of them. Every sentence here is made from the rows. */
import { basename } from 'node:path';
import {
  barChart,
  dotChart,
  type Chart,
  DISPLAY,
  differencesTable,
  type DifferencesTable,
  type Displayable,
  type HeatMap,
  heatMap,
  lineChart,
  meanAndDeviation,
  type PublishedFigure,
  renderPng,
  type ResultRow,
  type ResultsTable,
  resultsTable,
  rowsToCsv,
  toBundle,
} from '../charts';
import { measuredEvidence, type MeasuredRow, type Place, type Verdict } from './claims';
import { type Judged, verdictLines } from './claims/verdicts';
import { type ControlAxis, controlReferences, mergedControls, withoutControls } from './controls';
import { chartFields, type Experiment } from './experiment';
import type { ExperimentRow } from './experiment-row';
import { fairnessRows } from './fairness-rows';
import type { ResultFiles } from './item';
import { type LeftOut, missingText } from './left-out';
import { markdown } from './markdown';
import { methodColours } from './method-colours';
import { publishedFigures } from './published';
import { publishedJudgements } from './published-judgements';
import type { Scale } from './scales';

/** A claim with the verdict on our rows, and what the paper's own figures say of it. */
export interface JudgedClaim extends Judged {
  ours: Verdict;
}

export class ExperimentResults {
  constructor(
    readonly experiment: Experiment,
    readonly scale: Scale,
    readonly rows: readonly ExperimentRow[],
    readonly leftOut: LeftOut,
  ) {}

  private get axes(): string[] {
    return Object.keys(this.experiment.axes);
  }

  private get control(): ControlAxis | undefined {
    const { axes, controls } = this.experiment;
    return controls === undefined ? undefined : { axis: controls, compared: axes[controls]!, axes: this.axes };
  }

  /** Names of axes in headings. */
  private get labels(): { labels?: Record<string, string> } {
    const { labels } = this.experiment;
    return labels ? { labels: labels as Record<string, string> } : {};
  }

  private get figures(): PublishedFigure[] {
    const { published } = this.experiment;
    const here = [this.scale.says, ...this.leftOut.substitutions].join(', ');
    const theirs = 'data, prior and networks of the paper, by the epoch that its code reports';
    return published ? publishedFigures(published, `${theirs}; ours, by the last epoch: ${here}`) : [];
  }

  /** On what it was run, where that isn't what its title says. */
  private get note(): string {
    const { name, world } = this.scale;
    const data = world === undefined ? [] : [`${world}, scale ${name}`];
    return [...data, ...this.leftOut.substitutions].join('; ').replace(/^./, (first) => `Here: ${first}`);
  }

  /** Mean ± sd per cell, with controls and published figures. */
  get table(): ResultsTable {
    const { item, name, table, published } = this.experiment;
    const along = [table.facet ?? [], table.rows].flat();
    const rows = this.control ? mergedControls(this.rows, this.control, along) : this.rows;
    return resultsTable([...rows, ...this.notRun], {
      ...table,
      value: 'accuracy',
      percent: true,
      best: 'highest',
      ...this.labels,
      missing: missingText(this.leftOut),
      name,
      title: `${item}, top-1 accuracy after the last epoch, ${this.families}, scale ${this.scale.name}`,
      published: this.figures,
      ...(published ? { source: published.source } : {}),
      metadata: this.metadata,
    });
  }

  /** Last and best epoch, the family of labels, bytes of images and labels: a line per place. */
  get fairness(): Displayable {
    const { name, item } = this.experiment;
    const title = `${item}, what stands behind each accuracy`;
    return {
      [DISPLAY]: () => toBundle(fairnessRows(this.rows, this.axes), { name: `${name}-fairness`, title, limit: 100 }),
    };
  }

  /** The kinds of labels in the table: 'soft labels', 'hard labels', or both. */
  private get families(): string {
    return [...new Set(this.rows.map(({ labels }) => `${labels} labels`))].sort().join(' and ');
  }

  get chart(): Chart {
    const { chart, item, title, controls } = this.experiment;
    const options = {
      value: 'accuracy',
      percent: true,
      title: `${item}: ${title}`,
      note: this.note,
      ...this.labels,
      colours: methodColours,
      published: this.figures,
    };
    const compared = controls === undefined ? [] : this.experiment.axes[controls]!;
    const neutral = this.scale.controls.filter((method) => !compared.includes(method));
    const { kind, ...look } = chart;
    if (kind === 'heat map') {
      const { x, y, facet } = chart;
      return heatMap([...this.compared, ...this.notRun], { ...options, x, y, ...(facet ? { facet } : {}) });
    }
    // If no axis of the chart distinguishes the controls, they are drawn as lines across it.
    const apart = this.control && !chartFields(chart).includes(this.control.axis);
    const rows = apart ? this.compared : this.rows;
    if (kind === 'dots') return dotChart(rows, { ...options, ...(look as { y: string }) });
    if (kind === 'bars') return barChart(rows, { ...options, ...(look as { series: string }), neutral });
    const { facet, x, series } = chart;
    const along = [x, series ?? []].flat();
    const references = apart ? controlReferences(this.rows, this.control!, { facet, along }) : [];
    return lineChart(rows, { ...options, ...(look as { x: string }), neutral, references });
  }

  /**
   * Our accuracies over two axes, whatever the experiment's own chart. In a `control` its cells can be clicked.
   * @example await control({ cell: results.heatMap({ x: 'end', y: 'start' }) }, ({ cell }) => opened.picture(cell));
   */
  heatMap({ x, y, facet }: { x: string; y: string; facet?: string }): HeatMap {
    const { item, title, labels } = this.experiment;
    return heatMap(this.compared, {
      x,
      y,
      ...(facet !== undefined && { facet }),
      value: 'accuracy',
      percent: true,
      title: `${item}: ${title}`,
      note: this.note,
      ...(labels ? { labels: labels as Record<string, string> } : {}),
    });
  }

  /** Ours − published for each figure of the paper, or a sentence that there are none. */
  get differences(): DifferencesTable | Displayable {
    const { item, published } = this.experiment;
    if (!published) return markdown('No paper has this item.');
    if (this.figures.length === 0) return markdown(`The text at hand has lost ${published.lost ?? 'the figures'}.`);
    return differencesTable(this.compared, {
      fields: this.axes,
      ...this.labels,
      value: 'accuracy',
      percent: true,
      published: this.figures,
      source: published.source,
      title: `${item}, ours beside the published figures`,
      missing: missingText(this.leftOut),
    });
  }

  /** Each claim, judged on our rows and on the paper's own. */
  get judged(): JudgedClaim[] {
    const published = publishedJudgements(this.experiment);
    const ours = measuredEvidence(
      this.rows.map((row) => this.measured(row)),
      this.control,
    );
    return this.experiment.claims.map((claim) => ({
      says: claim.says,
      ours: claim.test(ours),
      published: published.get(claim.says),
    }));
  }

  get verdicts(): Displayable {
    return markdown(verdictLines(this.judged));
  }

  /**
   * Where each compared mean lies between random whole images (0 %) and the oracle (100 %), or a sentence that there is
   * no oracle.
   */
  get wayToOracle(): ResultsTable | Displayable {
    const { controls, item, table } = this.experiment;
    const of = (method: string) => this.rows.filter((row) => controls !== undefined && row[controls] === method);
    const [floor, ceiling] = [of('random'), of('oracle')];
    if (floor.length === 0 || ceiling.length === 0) {
      const isKnown = this.scale.controls.includes('oracle');
      return markdown(
        isKnown
          ? 'The share of the way from random images to the oracle is left out: the table has not both.'
          : 'There is no oracle here: the truth is not known.',
      );
    }
    const others = this.axes.filter((axis) => axis !== controls);
    const alike = (rows: readonly ExperimentRow[], row: ExperimentRow) =>
      meanAndDeviation(
        rows.filter((other) => others.every((axis) => other[axis] === row[axis])).map(({ accuracy }) => accuracy),
      ).mean;
    const rows = this.compared.map((row) => {
      const [low, high] = [alike(floor, row), alike(ceiling, row)];
      const share = (row.accuracy - low) / (high - low);
      return { ...row, share: Number.isFinite(share) ? share : null };
    });
    return resultsTable(rows, {
      ...table,
      value: 'share',
      percent: true,
      digits: 0,
      ...this.labels,
      name: `${this.experiment.name}-way`,
      title: `${item}, share of the way from random images to the oracle`,
      missing: 'the oracle is no better than random images',
    });
  }

  async files(): Promise<ResultFiles> {
    return {
      'table.csv': this.table.toCsv(),
      'table.md': `${this.table.toMarkdown()}\n`,
      'students.csv': this.students,
      'chart.png': await renderPng(this.chart),
    };
  }

  /** A line per student: its place, seeds and everything measured. */
  private get students(): string {
    return rowsToCsv(this.rows, [
      ...this.axes,
      'set',
      'studentSeed',
      'labels',
      'accuracy',
      'bestAccuracy',
      'teacherAccuracy',
    ]);
  }

  /** Rows of the table's own cells, without the controls. */
  private get compared(): ExperimentRow[] {
    return this.control ? withoutControls(this.rows, this.control) : [...this.rows];
  }

  /** The cells that the scale can't run, as rows without a figure. */
  private get notRun(): ResultRow[] {
    return this.leftOut.missing.map(({ place }) => ({ ...place, accuracy: null }));
  }

  private measured(row: ExperimentRow): MeasuredRow {
    const at = Object.fromEntries(this.axes.map((axis) => [axis, row[axis] ?? null])) as Place;
    return { at, pair: `${row.set}/${row.studentSeed}`, accuracy: row.accuracy, best: row.bestAccuracy };
  }

  /** What a reader needs to reproduce it. */
  private get metadata(): Record<string, unknown> {
    const { datasets: _, teachers, prior, generation, ...scale } = this.scale;
    // File names only: the folders are specific to this machine.
    const labelling = Object.entries(teachers).map(([name, chosen]) => [
      name,
      'checkpoint' in chosen ? { ...chosen, checkpoint: basename(chosen.checkpoint) } : chosen,
    ]);
    return {
      scale: {
        ...scale,
        prior: basename(prior),
        teachers: Object.fromEntries(labelling),
        ...(generation && { generation: { ...generation, prior: basename(generation.prior) } }),
      },
    };
  }
}
