/** Past run times of stages, on this machine where known, and the bytes that they stored. */
import { canonical, type Json } from '../canonical';
import type { StageRecord } from '../store/record';
import type { Store } from '../store/store';
import { leavesOf } from './leaves';

/** Of one piece of a stage's work: seconds as 10 %, 50 % and 90 % quantile, and bytes kept (median). */
export interface PastCost {
  low: number;
  median: number;
  high: number;
  bytes: number;
  /** Number of records behind the estimate. */
  n: number;
  /** Whether they're of this machine. */
  here: boolean;
}

/** Records looked at: enough for quantiles, few enough for a plan of thousands. */
const SAMPLE = 500;

/** What past work cost. Reads the records of a stage once. */
export class PastCosts {
  private readonly samples = new Map<string, { record: StageRecord; fields: Fields }[]>();
  private readonly answers = new Map<string, PastCost | undefined>();

  constructor(
    private readonly store: Store,
    private readonly machine: string,
  ) {}

  /**
   * Of a piece of a stage with these parameters: from the records of the most alike parameters, because a student of a
   * large network takes longer than one of a small network. Numbers that say how much (epochs, sides, steps) come before
   * names; seeds don't count. Undefined where the stage never ran.
   */
  alike(stage: string, parameters: Json): PastCost | undefined {
    const wanted = fieldsOf(parameters);
    const asked = `${stage} ${[...wanted.values()].join()}`;
    if (!this.answers.has(asked)) this.answers.set(asked, this.costOf(this.mostAlike(stage, wanted)));
    return this.answers.get(asked);
  }

  /** Of pieces that are known by their records. */
  costOf(records: readonly StageRecord[]): PastCost | undefined {
    if (records.length === 0) return undefined;
    const mine = records.filter((record) => record.machine === this.machine);
    const drawn = mine.length > 0 ? mine : records;
    const seconds = drawn.map((record) => record.seconds).sort((a, b) => a - b);
    const bytes = drawn.map(bytesOf).sort((a, b) => a - b);
    return {
      low: quantile(seconds, 0.1),
      median: quantile(seconds, 0.5),
      high: quantile(seconds, 0.9),
      bytes: quantile(bytes, 0.5),
      n: drawn.length,
      here: mine.length > 0,
    };
  }

  private mostAlike(stage: string, wanted: Fields): StageRecord[] {
    let best: { likeness: Likeness; records: StageRecord[] } | undefined;
    for (const { record, fields } of this.past(stage)) {
      const likeness = likenessOf(wanted, fields);
      const order = best ? compared(likeness, best.likeness) : 1;
      if (order > 0) best = { likeness, records: [record] };
      else if (order === 0) best!.records.push(record);
    }
    return best?.records ?? [];
  }

  private past(stage: string) {
    let found = this.samples.get(stage);
    if (!found) {
      found = [];
      for (const record of this.store.records(stage)) {
        found.push({ record, fields: fieldsOf(record.material.parameters as Json) });
        if (found.length >= SAMPLE) break;
      }
      this.samples.set(stage, found);
    }
    return found;
  }
}

/** Costs of several kinds of pieces as one: the mean of each, by the number of pieces. Undefined without any piece. */
export function meanCost(parts: readonly { cost: PastCost; pieces: number }[]): PastCost | undefined {
  const total = parts.reduce((sum, { pieces }) => sum + pieces, 0);
  if (total === 0) return undefined;
  const mean = (of: (cost: PastCost) => number) =>
    parts.reduce((sum, { cost, pieces }) => sum + of(cost) * pieces, 0) / total;
  return {
    low: mean(({ low }) => low),
    median: mean(({ median }) => median),
    high: mean(({ high }) => high),
    bytes: mean(({ bytes }) => bytes),
    n: parts.reduce((sum, { cost }) => sum + cost.n, 0),
    here: parts.every(({ cost }) => cost.here),
  };
}

/** Bytes that a record keeps in the store. */
export function bytesOf(record: StageRecord): number {
  return record.blobs.reduce((sum, { size }) => sum + size, record.document?.length ?? 0);
}

/** Equal fields: those that hold numbers, and those that don't. */
type Likeness = readonly [numbers: number, names: number];

const compared = (a: Likeness, b: Likeness): number => a[0] - b[0] || a[1] - b[1];

/** Parameters as text by their path, without seeds. */
type Fields = ReadonlyMap<string, string>;

function fieldsOf(parameters: Json): Fields {
  const leaves = [...leavesOf(parameters, '')].filter(([path]) => !/seed$/i.test(path));
  return new Map(leaves.map(([path, value]) => [path, canonical(value)]));
}

function likenessOf(wanted: Fields, past: Fields): Likeness {
  let numbers = 0;
  let names = 0;
  for (const [path, value] of wanted) {
    if (past.get(path) !== value) continue;
    if (/^[-\d[]/.test(value)) numbers++;
    else names++;
  }
  return [numbers, names];
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
}
