/**
 * Names of columns in a chart's data. Vega reads a field 'top.1' as field 1 of an object `top`, and not every such name
 * can be escaped; a field called 'mean' or 'n' would collide with what the chart computes. Such fields are renamed.
 */
import type { Scalar } from './results';

/** Columns that charts add to their data. */
const FIGURES = new Set(
  'at differs fields high href ink label low mean missing n point sd series spread text top value values'.split(' '),
);

/** The column of a field: the field's own name if it is safe. Two fields never share a column. */
export function columnOf(field: string): string {
  if (FIGURES.has(field)) return `(${field})`;
  return field.replace(/[^\p{L}\p{M}\p{N}_ -]/gu, (character) => `(${character.codePointAt(0)!.toString(16)})`);
}

/** A row with its fields renamed to their columns. */
export function inColumns<T extends Scalar | undefined>(fields: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(fields).map(([field, value]) => [columnOf(field), value]));
}
