/**
 * Names of columns in a chart's data. Vega reads a field 'top.1' as 1 inside top, and can't be told otherwise for every
 * name; and a field called 'mean' or 'n' would meet a figure of the chart. Such fields stand under another name there.
 */
import type { Scalar } from './results';

/** What charts write into their data beside the fields. */
const FIGURES = new Set(
  'at differs fields high href ink label low mean missing n point sd series spread text top value values'.split(' '),
);

/** The column of a field: its own name where that is plain. Two fields never share one. */
export function columnOf(field: string): string {
  if (FIGURES.has(field)) return `(${field})`;
  return field.replace(/[^\p{L}\p{M}\p{N}_ -]/gu, (character) => `(${character.codePointAt(0)!.toString(16)})`);
}

/** The fields of a row under their columns. */
export function inColumns<T extends Scalar | undefined>(fields: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(fields).map(([field, value]) => [columnOf(field), value]));
}
