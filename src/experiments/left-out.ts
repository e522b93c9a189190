/** Texts on what a table lacks at a scale, so that no cell is empty without a reason. */
import type { Displayable, Scalar } from '../charts';
import { markdown } from './markdown';

/** A place of a table that the scale can't run, and why. */
export interface MissingPlace {
  place: Readonly<Record<string, Scalar>>;
  reason: string;
}

/** Where a scale differs from the table itself. */
export interface LeftOut {
  missing: readonly MissingPlace[];
  /** What the scale uses in place of the paper's settings that the table doesn't vary. */
  substitutions: readonly string[];
}

/** What a dash in a table means: 'not at this scale', and each reason once. */
export function missingText({ missing }: Pick<LeftOut, 'missing'>): string {
  const reasons = [...new Set(missing.map(({ reason }) => reason.replace(/\.$/, '')))];
  return ['not at this scale', reasons.join('; ')].filter(Boolean).join(': ');
}

/** The reasons, each with the number of cells that it leaves out. */
export function leftOutText({ missing, substitutions }: LeftOut): Displayable {
  const counts = new Map<string, number>();
  for (const { reason } of missing) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const lines = [...counts].map(
    ([reason, count]) => `- ${count} ${count === 1 ? 'cell' : 'cells'} left out. ${reason}`,
  );
  const all = [...lines, ...substitutions.map((text) => `- Here ${text}.`)];
  return markdown(all.length > 0 ? all.join('\n') : 'No cell of the table is left out at this scale.');
}
