/** An experiment opened at a scale: its claims, its cost and, once it has run, its results. */
import { DISPLAY, type Displayable, type ImageGrid, MIME, type MimeBundle, showProgress } from '../charts';
import type { EvaluationRow } from '../evaluation';
import type { DistilledSet } from '../methods';
import {
  type BoundStage,
  type Executor,
  type Json,
  type OnProgress,
  type Plan,
  plan as planOf,
  planText,
  type RunOptions,
  run,
  runSweep,
  type Settings,
  Store,
  type Sweep,
} from '../sweeps';
import { liveChart } from './ablations';
import type { BoundCell } from './bind-cell';
import { bindDistillation, type BoundDistillation } from './diffusion-driven-selection/bind';
import { openDataset } from './datasets';
import type { Cell, Experiment } from './experiment';
import { ExperimentResults } from './experiment-results';
import type { ExperimentRow } from './experiment-row';
import { claimsText } from './item';
import { type LeftOut, leftOutText, type MissingPlace } from './left-out';
import { generationOf, isGenerating, selectionSettings } from './method-settings';
import { besideThePaper, type Scale, type SettingBesideThePaper } from './scales';
import { bindGeneration } from './self-adaptive-memory/bind';
import type { StoredFineTuning } from './stages';
import { judgedPicture } from './worst-patches';

/** A bound cell with its place in the table. */
export interface PlacedCell extends BoundCell {
  place: Readonly<Record<string, Json>>;
}

/** The cells of a table that a scale can run. */
export interface FoundCells extends LeftOut {
  cells: readonly PlacedCell[];
}

/** A distilled set with its place in the table. */
export interface PlacedSet {
  place: Readonly<Record<string, Json>>;
  method: Cell['method'];
  set: DistilledSet;
}

export interface RunExperimentOptions {
  /** Default: the project's store. */
  store?: Store;
  /** Default: worker processes of this machine. */
  executor?: Executor;
  signal?: AbortSignal;
  /** Default: a bar with an estimate of the time left. */
  onProgress?: OnProgress;
  /** Draw the chart while rows come in. @default true */
  live?: boolean;
}

/** The fields of a student's row that a table keeps. */
const measured = (row: EvaluationRow) => {
  const { accuracy, bestAccuracy, seconds, labels, teacherAccuracy, imageBytes, labelBytes, teacherBytes } = row;
  return { accuracy, bestAccuracy, seconds, labels, teacherAccuracy, imageBytes, labelBytes, teacherBytes };
};

/** An experiment at a scale. */
export class OpenedExperiment implements Displayable {
  readonly sweep: Sweep<Settings, EvaluationRow>;

  constructor(
    readonly experiment: Experiment,
    readonly scale: Scale,
    private readonly found: FoundCells,
  ) {
    this.sweep = {
      name: `${experiment.name}-${scale.name}`,
      varied: Object.keys(experiment.axes),
      points: found.cells.map(({ place, seeds, student }) => ({
        id: JSON.stringify([place, seeds]),
        settings: { ...place, set: seeds.set },
        seed: seeds.student,
        target: student,
      })),
      measure: measured,
    };
  }

  /** Cells that the scale can't run. */
  get missing(): readonly MissingPlace[] {
    return this.found.missing;
  }

  /** The distilled sets of one seed with their places, including the controls'. */
  async sets({
    seed = this.scale.pairs[0]!.set,
    ...options
  }: { seed?: number } & RunOptions = {}): Promise<PlacedSet[]> {
    const cells = this.found.cells.filter(({ seeds }) => seeds.set === seed);
    const first = [...new Map(cells.map((one) => [JSON.stringify(one.place), one])).values()];
    const { output } = await run(
      first.map(({ distilled }) => distilled),
      options,
    );
    return first.map(({ place, cell: { method } }, i) => ({ place, method, set: output[i]! }));
  }

  /**
   * The distilled set in a place with its worst patches framed, for a `control` with a heat map.
   * @param at fields of the place, { start: 0.1, end: 0.7 }; the first match counts
   * @throws if no place matches
   */
  async picture(
    at: Readonly<Record<string, Json>> = {},
    { seed = this.scale.pairs[0]!.set, ...options }: { seed?: number } & RunOptions = {},
  ): Promise<ImageGrid> {
    const wanted = Object.entries(at);
    const found = this.found.cells.find(
      ({ place, seeds }) => seeds.set === seed && wanted.every(([field, value]) => place[field] === value),
    );
    if (!found) {
      const known = JSON.stringify(this.found.cells[0]?.place);
      throw new Error(
        `Expected a place of ${this.experiment.item}, such as ${known}, with seed ${this.scale.pairs.map(({ set }) => set).join(' or ')}, got ${JSON.stringify(at)} with seed ${seed}.`,
      );
    }
    const {
      output: [set],
    } = await run([found.distilled], options);
    const title = Object.values(found.place).join(', ');
    return judgedPicture(set!, openDataset(found.context.pool), { size: 80, title });
  }

  /** The stages of diffusion-driven selection in its first cell, for maps and patches. @throws where no cell has it */
  get selection(): BoundDistillation {
    const found = this.found.cells.find(({ cell: { method } }) => method === 'diffusion-driven selection');
    if (found) return bindDistillation(selectionSettings(found.settings, found.context));
    throw new Error(`Expected ${this.experiment.item} to have a cell of diffusion-driven selection, it has none.`);
  }

  /** The fine-tunings of its cells under the first seed, each once. @throws where no cell fine-tunes a prior */
  get fineTunings(): { method: string; steps: number; fineTuned: BoundStage<StoredFineTuning> }[] {
    const first = this.scale.pairs[0]!.set;
    const found = this.found.cells.flatMap(({ cell: { method }, settings, context, seeds }) => {
      if (!isGenerating(method) || seeds.set !== first) return [];
      const { fineTuned, settings: chosen } = bindGeneration(generationOf(method, settings, context));
      return fineTuned.map((one) => ({ method, steps: chosen.fineTuning!.steps, fineTuned: one }));
    });
    if (found.length === 0)
      throw new Error(`Expected ${this.experiment.item} to have a fine-tuned prior, it has none.`);
    return [...new Map(found.map((one) => [one.fineTuned.id, one])).values()];
  }

  /** What the paper says, and its claims, before anything has run. */
  get claims(): Displayable {
    return claimsText(this.experiment);
  }

  /** The cells that the scale can't run, by reason. */
  get leftOut(): Displayable {
    return leftOutText(this.found);
  }

  /** Every setting that differs from the paper's, of the methods and protocols that its cells have. */
  get settings(): SettingBesideThePaper[] {
    const cells = this.found.cells.map(({ cell }) => cell);
    const methods = cells.map(({ method }) => method);
    const protocols = cells.map(({ protocol = 'rded', recipe = protocol }) => recipe);
    return besideThePaper(this.scale, this.experiment.paper, { methods, protocols });
  }

  /** What would run, what the store already holds, and an estimate of the time. */
  async plan(options: { store?: Store } = {}): Promise<Displayable & { plan: Plan }> {
    const { store = new Store() } = options;
    const plan = await planOf(this.sweep as unknown as Sweep, { store });
    const text = planText(plan, { name: this.sweep.name });
    return { plan, [DISPLAY]: (): MimeBundle => ({ [MIME.text]: text }) };
  }

  /** Computes what the store lacks; after a stop, the same call resumes. @throws Error naming a failed student's log */
  async run({ live = true, onProgress, ...options }: RunExperimentOptions = {}): Promise<ExperimentResults> {
    const chart = live ? liveChart((rows) => this.resultsOf(rows as unknown as ExperimentRow[]).chart) : undefined;
    const { results } = await runSweep(this.sweep, {
      ...options,
      onProgress: onProgress ?? showProgress(`${this.experiment.item} at scale ${this.scale.name}`),
      ...(chart ? { onResults: chart.onResults } : {}),
    });
    await chart?.close();
    const { failures, rows } = results;
    const [first] = failures;
    if (first) {
      const log = first.log ? ` Log: ${first.log}` : '';
      throw new Error(`${failures.length} of ${rows.length} students failed, the first: ${first.error}${log}`);
    }
    return this.resultsOf(
      rows.map(({ point, measures }) => ({
        ...(point.settings as { set: number }),
        studentSeed: point.seed,
        ...(measures as ReturnType<typeof measured>),
      })),
    );
  }

  private resultsOf(rows: readonly ExperimentRow[]): ExperimentResults {
    return new ExperimentResults(this.experiment, this.scale, rows, this.found);
  }

  [DISPLAY](): MimeBundle | Promise<MimeBundle> {
    return this.claims[DISPLAY]();
  }
}
