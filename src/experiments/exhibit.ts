/** Items of a paper that aren't tables of accuracies: pictures, an embedding, times, a count. Nothing here runs. */
import type { Chart, ImageGrid, ResultRow } from '../charts';
import type { RunOptions } from '../sweeps';
import type { Claim } from './claims';
import type { Judgement } from './claims/verdicts';
import type { Experiment, Paper } from './experiment';
import type { MethodName } from './method-names';
import type { Scale } from './scales';

/** A claim on rows of any kind. */
export interface RowClaim {
  /** The claim in one plain sentence. */
  says: string;
  /** The verdict on the paper's own rows, which a test checks. */
  onPublished: Claim['onPublished'];
  test(rows: readonly ResultRow[]): Judgement;
}

/** The result of an exhibit at a scale. */
export interface Made {
  /** The figure itself. */
  picture: Chart | ImageGrid;
  /** The numbers behind it, on which its claims are judged. */
  rows: readonly ResultRow[];
  /** What the scale lacks, one sentence each. */
  leftOut?: readonly string[];
}

/** A figure or table with its own code to make it. */
export interface Exhibit {
  /** Also the name of its notebook and of its folder in results/: 'figure-4'. */
  name: string;
  paper: Paper;
  /** Where it stands in the paper: 'Figure 4'. */
  item: string;
  title: string;
  /** What the paper says of it, in one or two sentences. */
  says: string;
  /** Methods that it shows. */
  methods: readonly MethodName[];
  claims: readonly RowClaim[];
  /** The paper's own rows, where it prints some. */
  published?: { source: string; rows: readonly ResultRow[] };
  /**
   * Computes the result; stages whose results are in the store aren't run again.
   * @throws NotAtThisScale if the scale lacks what it needs
   */
  make(scale: Scale, options: RunOptions): Promise<Made>;
}

/** An item of the catalogue: a table of accuracies, or anything else. */
export type CatalogueItem = Experiment | Exhibit;

export const isExhibit = (item: CatalogueItem): item is Exhibit => 'make' in item;
