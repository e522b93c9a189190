/** Rows and counts as people read them. */

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
