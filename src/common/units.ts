/** Durations and sizes as people read them. */

/** Seconds as text: '12 ms', '2.1 s', '45 s', '2.5 min', '12 min', '3.5 h', '4.2 days'; '–' for an unknown time. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 0.1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 89.5) return `${Math.round(seconds)} s`;
  const [minutes, hours] = [seconds / 60, seconds / 3600];
  if (minutes < 89.5) return `${minutes.toFixed(minutes < 9.95 ? 1 : 0)} min`;
  return hours < 47.95 ? `${hours.toFixed(1)} h` : `${(hours / 24).toFixed(1)} days`;
}

/** Bytes in powers of a thousand: '12.3 MB'. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${power === 0 ? bytes : (bytes / 1000 ** power).toFixed(1)} ${units[power]}`;
}

/** `value` with `digits` decimals, without the sign of a zero: '0', where toFixed has '-0' for −0.3. */
export function fixed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text;
}
