/** Past run times of stages, on this machine where known, and the bytes that they stored. */
import { groupBy } from '../../common';
import type { Json } from '../canonical';
import type { StageRecord } from '../store/record';
import type { Store } from '../store/store';
import { type Cost, costOf, type Fields, fieldsOf, share } from './cost';
import { type KnownCost, knownCosts } from './known-costs';

export interface PastCost extends Cost {
  /** Whether the records are of this machine. */
  here: boolean;
}

/** Records looked at: enough for quantiles, few enough for a plan of thousands. */
const SAMPLE = 500;

/** What past work cost: by the store, or by the costs that ship with the project for a stage that never ran here. */
export class PastCosts {
  private readonly samples = new Map<string, { of: StageRecord; fields: Fields }[]>();
  private readonly answers = new Map<string, PastCost | undefined>();
  private readonly shipped: Map<string, { of: KnownCost; fields: Fields }[]>;

  /** @param known costs measured elsewhere. Default: those that ship */
  constructor(
    private readonly store: Store,
    private readonly machine: string,
    known: readonly KnownCost[] = knownCosts(),
  ) {
    const entries = known.map((of) => ({ of, fields: new Map(Object.entries(of.fields)) }));
    this.shipped = groupBy(entries, ({ of }) => of.stage);
  }

  /**
   * Of a piece of a stage with these parameters: from the records of the most alike parameters, because a student of a
   * large network takes longer than one of a small network. Numbers that say how much (epochs, sides, steps) come before
   * names; seeds don't count. Seconds are those of the amount that is asked for, where both are known. Undefined where the stage
   * never ran and no cost ships.
   */
  alike(stage: string, parameters: Json, amount?: number): PastCost | undefined {
    const wanted = fieldsOf(parameters);
    const asked = `${stage} ${amount} ${[...wanted.values()].join()}`;
    if (!this.answers.has(asked)) this.answers.set(asked, this.found(stage, wanted, amount));
    return this.answers.get(asked);
  }

  /** Of pieces that are known by their records. */
  costOf(records: readonly StageRecord[], amount?: number): PastCost | undefined {
    if (records.length === 0) return undefined;
    const mine = records.filter((record) => record.machine === this.machine);
    return { ...costOf(mine.length > 0 ? mine : records, amount), here: mine.length > 0 };
  }

  private found(stage: string, wanted: Fields, amount: number | undefined): PastCost | undefined {
    const records = mostAlike(this.past(stage), wanted);
    if (records.length > 0) return this.costOf(records, amount);
    const known = mostAlike(this.shipped.get(stage) ?? [], wanted);
    return meanCost(
      known.map((one) => ({ cost: { ...scaled(one, share(amount, one.amount)), here: false }, pieces: 1 })),
    );
  }

  private past(stage: string) {
    let found = this.samples.get(stage);
    if (!found) {
      found = [];
      for (const of of this.store.records(stage)) {
        found.push({ of, fields: fieldsOf(of.material.parameters as Json) });
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

const scaled = ({ low, median, high, bytes, n }: Cost, by: number): Cost => ({
  low: low * by,
  median: median * by,
  high: high * by,
  bytes,
  n,
});

/** Those of the past whose fields equal the most of the wanted ones. */
function mostAlike<T>(past: readonly { of: T; fields: Fields }[], wanted: Fields): T[] {
  let best: { likeness: Likeness; found: T[] } | undefined;
  for (const { of, fields } of past) {
    const likeness = likenessOf(wanted, fields);
    const order = best ? compared(likeness, best.likeness) : 1;
    if (order > 0) best = { likeness, found: [of] };
    else if (order === 0) best!.found.push(of);
  }
  return best?.found ?? [];
}

/** Equal fields: those that hold numbers, and those that don't. */
type Likeness = readonly [numbers: number, names: number];

const compared = (a: Likeness, b: Likeness): number => a[0] - b[0] || a[1] - b[1];

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
