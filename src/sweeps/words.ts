/** Figures and rows as people read them. */

/** Seconds in words: `45 s`, `12 min`, `3.5 h`. */
export function secondsText(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** Bytes in words: `12.3 MB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${power === 0 ? bytes : (bytes / 1000 ** power).toFixed(1)} ${units[power]}`;
}

/** Rows under their columns' names, aligned. */
export function tableText(rows: readonly object[]): string {
  if (rows.length === 0) return '';
  const columns = [
    ...new Set(
      rows.flatMap((row) => Object.entries(row).flatMap(([name, value]) => (value === undefined ? [] : [name]))),
    ),
  ];
  const cell = (value: unknown) =>
    typeof value === 'number' ? String(Number(value.toPrecision(6))) : String(value ?? '–');
  const lines = [columns, ...rows.map((row) => columns.map((name) => cell((row as Record<string, unknown>)[name])))];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  return `${lines
    .map((line) =>
      line
        .map((text, i) => text.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')}\n\n`;
}

/** What there is, and how many of each: `10 student, 1 teacher`. */
export function countText(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${count} ${name}`).join(', ');
}
