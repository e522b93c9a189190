/** Lines around a place with an arrow and a caret. */
export function excerpt(label: string, source: string, line: number, column: number, length = 1): string[] {
  const lines = source.split('\n');
  const from = Math.max(1, line - 2);
  const to = Math.min(lines.length, line + 2);
  const width = String(to).length;
  const shown = [`${label}, line ${line}`];
  for (let n = from; n <= to; n++) {
    shown.push(`${n === line ? '>' : ' '} ${String(n).padStart(width)} | ${lines[n - 1]}`);
    if (n === line) shown.push(`  ${' '.repeat(width)} | ${' '.repeat(Math.max(0, column - 1))}${'^'.repeat(length)}`);
  }
  return shown;
}
