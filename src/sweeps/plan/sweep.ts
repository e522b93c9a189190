/** Sweeps, declared: a base, axes, seeds and constraints give points; each point is bound to the stage that measures it. */
import type * as arquero from 'arquero';
import { canonical, type Json, sha256, toJson } from '../canonical';
import { StageDefinitionError } from '../errors';
import type { BoundStage } from '../stage/stage';

/** A setting's value in a table: columns hold scalars, everything else is shown as JSON. */
export type Settings = Readonly<Record<string, Json>>;

/** Some settings to vary together: each entry replaces those fields of the base. */
export type Axis<S> = readonly Partial<S>[];

/** Every combination of the given values. `grid({ patch: [4, 8], clusters: [1, 5, 10] })` has six entries. */
export function grid<S>(values: { readonly [K in keyof S]: readonly S[K][] }): S[] {
  let entries: Record<string, unknown>[] = [{}];
  for (const [name, choices] of Object.entries(values) as [string, readonly unknown[]][]) {
    if (choices.length === 0) throw new StageDefinitionError(`Expected values for \`${name}\` of a grid, got none.`);
    entries = entries.flatMap((entry) => choices.map((choice) => ({ ...entry, [name]: choice })));
  }
  return entries as S[];
}

/** Values side by side: `zip({ ipc: [10, 50], epochs: [2000, 1500] })` has two entries. */
export function zip<S>(values: { readonly [K in keyof S]: readonly S[K][] }): S[] {
  const columns = Object.entries(values) as [string, readonly unknown[]][];
  const lengths = new Set(columns.map(([, column]) => column.length));
  if (lengths.size > 1) {
    const seen = columns.map(([name, column]) => `${name}: ${column.length}`).join(', ');
    throw new StageDefinitionError(`Expected lists of one length in \`zip\`, got ${seen}.`);
  }
  return Array.from({ length: [...lengths][0] ?? 0 }, (_, i) =>
    Object.fromEntries(columns.map(([name, column]) => [name, column[i]])),
  ) as S[];
}

export interface SweepDefinition<S extends Settings, O> {
  /** Names its run in the store. */
  name: string;
  /** The settings that nothing varies, and the defaults of those that something does. */
  base: S;
  /** Combined with each other in all ways: `[grid({…}), zip({…}), [{…}, {…}]]`. */
  axes?: readonly Axis<S>[];
  /** Each point runs once per seed. Default: `[0]`. */
  seeds?: readonly number[];
  /** Which combinations to take. Default: all. */
  where?(settings: S): boolean;
  /** The stage whose output is the point's result. */
  target(settings: S, seed: number): BoundStage<O>;
  /** Measures of an output, by column. Default: the output's own number, string and boolean fields; a lone scalar is `value`. */
  measure?(output: O): Readonly<Record<string, Measure>>;
}

export type Measure = number | string | boolean | null;

/** One run of a sweep. */
export interface Point<S extends Settings = Settings, O = unknown> {
  /** Hash of its settings and seed. */
  id: string;
  settings: S;
  seed: number;
  target: BoundStage<O>;
}

export interface Sweep<S extends Settings = Settings, O = unknown> {
  readonly name: string;
  /** Settings that differ between points. */
  readonly varied: readonly string[];
  readonly points: readonly Point<S, O>[];
  measure(output: O): Readonly<Record<string, Measure>>;
}

/**
 * Declares a sweep. Points that come out alike are taken once.
 * @throws StageDefinitionError for unknown settings, no points, or a target's parameters that its stage refuses
 */
export function sweep<S extends Settings, O>(definition: SweepDefinition<S, O>): Sweep<S, O> {
  const { name, base, axes = [], seeds = [0], where = () => true, target, measure = scalars } = definition;
  if (!/^[\w.-]+$/.test(name)) {
    throw new StageDefinitionError(
      `Expected a sweep's \`name\` to be letters, digits, ".", "_" and "-", got "${name}".`,
    );
  }
  let combinations: S[] = [base];
  for (const axis of axes) {
    for (const unknown of axis.flatMap((entry) => Object.keys(entry)).filter((key) => !(key in base))) {
      throw new StageDefinitionError(
        `Expected the axes of sweep "${name}" to vary settings of its base (${Object.keys(base).join(', ')}), got "${unknown}".`,
      );
    }
    combinations = combinations.flatMap((settings) => axis.map((entry) => ({ ...settings, ...entry })));
  }
  const points = new Map<string, Point<S, O>>();
  for (const settings of combinations.filter(where)) {
    for (const seed of seeds) {
      const id = sha256(canonical([toJson(settings, `settings of sweep "${name}"`), seed]));
      if (!points.has(id)) points.set(id, { id, settings, seed, target: target(settings, seed) });
    }
  }
  if (points.size === 0) {
    throw new StageDefinitionError(`Expected points in sweep "${name}", got none: see its axes, seeds and \`where\`.`);
  }
  const all = [...points.values()];
  const varied = Object.keys(base).filter(
    (key) => new Set(all.map(({ settings }) => canonical(settings[key]!))).size > 1,
  );
  return { name, varied, points: all, measure };
}

function scalars(output: unknown): Record<string, Measure> {
  if (output === null || typeof output !== 'object') return { value: (output ?? null) as Measure };
  const fields = Object.entries(output).filter(
    ([, value]) => value === null || /^(number|string|boolean)$/.test(typeof value),
  );
  return Object.fromEntries(fields) as Record<string, Measure>;
}

/** An Arquero table. */
export type Table = ReturnType<typeof arquero.from>;
