/** Results as tidy tables: one row per run, and the mean ± standard deviation over seeds. */
import * as arquero from 'arquero';
import { meanAndDeviation } from '../../common';
import { canonical, type Json } from '../canonical';
import { tableText } from '../words';
import { failuresText } from './failures';
import type { Row, RowStatus } from './row';
import type { Measure, Settings, Sweep, Table } from './sweep';

export interface SummaryOptions {
  /** Settings that make the groups. Default: those that vary between the sweep's points. */
  by?: readonly string[];
}

/** The rows of a sweep, in the order of its points; more come in while it runs. */
export class SweepResults {
  constructor(
    readonly sweep: Pick<Sweep, 'name' | 'varied'>,
    readonly rows: readonly Row[],
  ) {}

  /** One row per run: settings, `seed`, `status`, measures (null where there are none), `error`. */
  get table(): Table {
    const measures = this.measures();
    return arquero.from(
      this.rows.map(({ point, status, measures: seen, error }) => ({
        ...cells(point.settings),
        seed: point.seed,
        status,
        ...Object.fromEntries(measures.map((name) => [name, seen[name] ?? null])),
        error: error ?? null,
      })),
    );
  }

  /**
   * One row per setting: for each numeric measure its mean, `<measure>_sd` (sample standard deviation over seeds; null for
   * one run) and `n`; `missing` and `failed` count the runs without a result.
   */
  summary({ by = this.sweep.varied }: SummaryOptions = {}): Table {
    const groups = new Map<string, Row[]>();
    for (const row of this.rows) {
      const key = canonical(by.map((name) => row.point.settings[name] ?? null));
      groups.set(key, [...(groups.get(key) ?? []), row]);
    }
    const numeric = this.measures().filter((name) =>
      this.rows.some(({ measures }) => typeof measures[name] === 'number'),
    );
    const rows = [...groups.values()].map((group) => {
      const settings = cells(group[0]!.point.settings);
      const line: Record<string, Measure> = Object.fromEntries(by.map((name) => [name, settings[name] ?? null]));
      for (const name of numeric) {
        const values = group.map(({ measures }) => measures[name]).filter((value) => typeof value === 'number');
        const { mean, sd } = values.length > 0 ? meanAndDeviation(values) : { mean: null, sd: null };
        line[name] = mean;
        line[`${name}_sd`] = Number.isNaN(sd) ? null : sd;
      }
      line.n = count(group, 'done');
      line.missing = count(group, 'missing');
      line.failed = count(group, 'failed');
      return line;
    });
    return arquero.from(rows);
  }

  /** Rows whose run failed. */
  get failures(): Row[] {
    return this.rows.filter(({ status }) => status === 'failed');
  }

  /** The summary and what failed, for a terminal. */
  text(): string {
    return tableText(this.summary().objects()) + failuresText(this.rows, this.sweep);
  }

  /** As the last value of a cell. */
  [Symbol.for('Jupyter.display')](): Record<string, string> {
    return { 'text/plain': this.text() };
  }

  private measures(): string[] {
    return [...new Set(this.rows.flatMap(({ measures }) => Object.keys(measures)))];
  }
}

function cells(settings: Settings): Record<string, Measure> {
  const cell = (value: Json): Measure => (value !== null && typeof value === 'object' ? canonical(value) : value);
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, cell(value)]));
}

function count(rows: readonly Row[], status: RowStatus): number {
  return rows.filter((row) => row.status === status).length;
}
