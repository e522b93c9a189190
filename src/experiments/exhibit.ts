/** An item of a paper that is no table of accuracies: pictures, an embedding, times, a count. Nothing here runs. */
import type { Chart, ImageGrid, ResultRow } from '../charts';
import type { RunOptions } from '../sweeps';
import type { Claim } from './claims';
import type { Judgement } from './claims/verdicts';
import type { Experiment, Paper } from './experiment';
import type { Scale } from './scales';

/** A claim on rows of any kind. */
export interface RowClaim {
  /** One sentence, the paper's meaning in plain words. */
  says: string;
  /** What the paper's own rows say of it; a test holds this. */
  onPublished: Claim['onPublished'];
  test(rows: readonly ResultRow[]): Judgement;
}

/** What an exhibit came to at a scale. */
export interface Made {
  /** What is looked at. */
  picture: Chart | ImageGrid;
  /** The numbers behind it, which its claims are put to. */
  rows: readonly ResultRow[];
  /** Sentences on what the scale lacks. */
  leftOut?: readonly string[];
}

/** A figure or table that says itself how it is made. */
export interface Exhibit {
  /** Also the name of its notebook and of its folder in results/: 'figure-4'. */
  name: string;
  paper: Paper;
  /** Where it stands in the paper: 'Figure 4'. */
  item: string;
  title: string;
  /** What the paper says of it, in one or two sentences. */
  says: string;
  claims: readonly RowClaim[];
  /** The paper's own rows, where it prints some. */
  published?: { source: string; rows: readonly ResultRow[] };
  /**
   * Works it out; what the store holds is read.
   * @throws NotAtThisScale where the scale lacks what it needs
   */
  make(scale: Scale, options: RunOptions): Promise<Made>;
}

/** What a catalogue holds: tables of accuracies, and all else. */
export type CatalogueItem = Experiment | Exhibit;

export const isExhibit = (item: CatalogueItem): item is Exhibit => 'make' in item;
