/** A report of failures: each cause once, the runs without a result because of it, and the end of its log. */
import { canonical } from '../canonical';
import { readIfThere } from '../store/files';
import type { Row } from './row';

/** Runs named one by one before the rest is counted. */
const SHOWN = 4;

/** @param options.lines of each log; default 12 */
export function failuresText(
  rows: readonly Row[],
  { varied, lines = 12 }: { varied: readonly string[]; lines?: number },
): string {
  const causes = new Map<string, Row[]>();
  for (const row of rows) {
    if (row.status !== 'failed') continue;
    const cause = `${row.error}\n${row.log}`;
    causes.set(cause, [...(causes.get(cause) ?? []), row]);
  }
  return [...causes.values()].map((failed) => causeText(failed, varied, lines)).join('');
}

function causeText(failed: readonly Row[], varied: readonly string[], lines: number): string {
  const { error = '', log } = failed[0]!;
  const runs = failed
    .slice(0, SHOWN)
    .map(({ point: { settings, seed } }) =>
      [...varied.map((name) => `${name}=${canonical(settings[name])}`), `seed=${seed}`].join(' '),
    );
  if (failed.length > SHOWN) runs.push(`and ${failed.length - SHOWN} more`);
  const end = (log && readIfThere(log))?.trimEnd().split('\n').slice(-lines) ?? [];
  const said = [
    `${failed.length === 1 ? '1 run has' : `${failed.length} runs have`} no result. ${error}`,
    `  of ${runs.join(', ')}`,
  ];
  if (log) said.push(`  ${log}`, ...end.map((line) => `  | ${line}`));
  return `${said.join('\n')}\n`;
}
