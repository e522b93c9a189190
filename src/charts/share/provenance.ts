/** The footer of a shared page: how its numbers were made. */
import { basename } from 'node:path';
import { duration } from '../../common';
import { escapeHtml, shorten } from '../escape';
import { type Notebook, resultsOf } from './notebook';

// Shown first, in this order, with these labels; other facts of the run follow under their own names.
const LABELS: Record<string, string> = {
  commit: 'Commit',
  engine: 'Engine',
  device: 'Device',
  threads: 'Threads',
  seeds: 'Seeds',
  datasets: 'Data',
  fingerprints: 'Data fingerprints',
  started: 'Started',
  time: 'Time',
  seconds: 'Time taken',
  node: 'Node',
  versions: 'Versions',
  settings: 'Settings',
};

/** Facts of the run from `metadata.stillhouse` and the results' metadata, or a note that there are none. */
export function provenanceHtml(notebook: Notebook, path: string): string {
  // The notebook's own record overrides the metadata of its results.
  const said = resultsOf(notebook).map(({ metadata = {} }) =>
    Object.fromEntries(Object.entries(metadata).filter(([key]) => key in LABELS)),
  );
  const recorded: Record<string, unknown> = { ...Object.assign({}, ...said), ...notebook.metadata.stillhouse };
  const keys = [...new Set([...Object.keys(LABELS), ...Object.keys(recorded)])].filter(
    (key) => recorded[key] !== undefined && recorded[key] !== null,
  );
  const items = keys.map(
    (key) => `<dt>${escapeHtml(LABELS[key] ?? key)}</dt><dd>${escapeHtml(factText(key, recorded[key]))}</dd>`,
  );
  const body = items.length
    ? `<dl>${items.join('')}</dl>`
    : '<p>This notebook carries no record of its run (metadata.stillhouse).</p>';
  return `<footer><b>How this was made</b>${body}<p>Made from ${escapeHtml(basename(path))} by Stillhouse. Everything on this page is inside this file.</p></footer>`;
}

function factText(key: string, value: unknown): string {
  if (key === 'seconds' && typeof value === 'number') return duration(value);
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value))
    return value.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
  if (Array.isArray(value)) return shorten(value.map((item) => factText('', item)).join(', '), 1000);
  if (typeof value === 'object' && value !== null)
    return shorten(
      Object.entries(value)
        .map(([name, item]) => `${name}: ${factText('', item)}`)
        .join('; '),
      2000,
    );
  return String(value);
}
