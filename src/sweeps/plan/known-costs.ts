/** Costs measured on another machine that ship with the project, so that a plan has figures before anything ran. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { groupBy, writeWhole } from '../../common';
import type { Json } from '../canonical';
import { StageDefinitionError } from '../errors';
import type { Store } from '../store/store';
import { type Cost, costOf, fieldsOf } from './cost';

/** What a piece of a stage took with some parameters. */
export interface KnownCost extends Cost {
  stage: string;
  /** The parameters without seeds, as text by their path. */
  fields: Readonly<Record<string, string>>;
  /** Of the work, in the stage's own unit, where it is known. */
  amount?: number;
}

/** Where they lie: written by `npx stillhouse store costs`. */
const shippedCosts: string = fileURLToPath(new URL('../../../data/costs.json', import.meta.url));

/** Kinds of parameters kept of a stage: those with the most records. */
const KINDS = 8;

let shipped: readonly KnownCost[] | undefined;

/** The costs that ship, read once. None where the file is missing. */
export function knownCosts(): readonly KnownCost[] {
  shipped ??= existsSync(shippedCosts) ? readCosts(shippedCosts) : [];
  return shipped;
}

/** @throws StageDefinitionError where the file isn't one that writeCosts wrote */
export function readCosts(file: string): readonly KnownCost[] {
  try {
    const { costs } = JSON.parse(readFileSync(file, 'utf8')) as { costs?: readonly KnownCost[] };
    if (Array.isArray(costs)) return costs;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new StageDefinitionError(
    `Expected ${file} to hold costs of stages. Write it anew: npx stillhouse store costs ${file}`,
  );
}

/** Costs by stage and parameters over all records of a store. */
export function gatherCosts(store: Store): KnownCost[] {
  return store.stages().flatMap((stage) => {
    const records = [...store.records(stage)].map(({ material, amount, seconds, blobs, document }) => ({
      fields: fieldsOf(material.parameters as Json),
      amount,
      done: { seconds, blobs, ...(document === undefined ? {} : { document }) },
    }));
    const kinds = groupBy(records, ({ fields, amount }) => JSON.stringify([amount, ...fields]));
    const most = [...kinds.values()].sort((a, b) => b.length - a.length).slice(0, KINDS);
    return most.map((kind) => ({
      stage,
      fields: Object.fromEntries(kind[0]!.fields),
      ...(kind[0]!.amount === undefined ? {} : { amount: kind[0]!.amount }),
      ...rounded(costOf(kind.map(({ done }) => done))),
    }));
  });
}

/** Three figures of each are enough. */
function rounded({ low, median, high, bytes, n }: Cost): Cost {
  const short = (value: number) => Number(value.toPrecision(3));
  return { low: short(low), median: short(median), high: short(high), bytes: short(bytes), n };
}

/** Writes costs to a file, one per line. What the file has of other parameters stays. */
export function writeCosts(file: string, costs: readonly KnownCost[]): void {
  const kindOf = ({ stage, fields, amount }: KnownCost) => JSON.stringify([stage, fields, amount]);
  const replaced = new Set(costs.map(kindOf));
  const kept = existsSync(file) ? readCosts(file).filter((cost) => !replaced.has(kindOf(cost))) : [];
  const all = [...kept, ...costs].sort((a, b) => (a.stage < b.stage ? -1 : a.stage > b.stage ? 1 : 0));
  writeWhole(file, `{"costs":[\n${all.map((cost) => JSON.stringify(cost)).join(',\n')}\n]}\n`);
}
