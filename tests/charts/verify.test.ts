import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compareResults, resultsTable, verify } from '../../src/charts';
import type { Notebook } from '../../src/charts/share/notebook';
import { rows } from './sample';

const resultsOf = (shift: (method: string) => number, data = rows) =>
  resultsTable(
    data.map((row) => ({ ...row, accuracy: row.accuracy + shift(row.method) })),
    { rows: 'method', columns: 'ipc', value: 'accuracy', name: 'table-1', percent: true },
  ).toResults();

const notebook = (...results: unknown[]): Notebook => ({
  nbformat: 4,
  metadata: {},
  cells: results.map((result) => ({
    cell_type: 'code',
    source: 'x',
    outputs: [{ output_type: 'display_data', data: { 'application/vnd.stillhouse.results+json': result } }],
  })),
});

const before = resultsOf(() => 0);

describe('compareResults', () => {
  it('finds equal runs equal', () => {
    expect(new Set(compareResults([before], [resultsOf(() => 0)]).map(({ verdict }) => verdict))).toEqual(
      new Set(['same']),
    );
  });
  it('judges a move by the spread of the seeds', () => {
    // The seeds' standard deviation is 1.58 percentage points.
    const differences = compareResults(
      [before],
      [resultsOf((method) => (method === 'ours' ? 0.01 : method === 'RDED' ? 0.02 : 0))],
    );
    const verdicts = Object.fromEntries(differences.map(({ setting, verdict }) => [setting, verdict]));
    expect(verdicts).toMatchObject({ 'random, ipc 10': 'same', 'RDED, ipc 10': 'moved', 'ours, ipc 10': 'within' });
  });
  it('takes any move for one where a single seed gives no spread', () => {
    const one = (value: number) =>
      resultsTable([{ method: 'a', accuracy: value }], { rows: 'method', value: 'accuracy' }).toResults();
    expect(compareResults([one(1)], [one(1 + 1e-12)])[0]?.verdict).toBe('same');
    expect(compareResults([one(1)], [one(1.001)])[0]).toMatchObject({ verdict: 'moved', spread: null });
  });
  it('names settings and whole results that are on one side only', () => {
    const fewer = resultsOf(
      () => 0,
      rows.filter(({ method }) => method !== 'ours'),
    );
    expect(compareResults([before], [fewer]).filter(({ verdict }) => verdict === 'missing')).toHaveLength(2);
    expect(
      compareResults([fewer], [before, { ...before, name: 'table-2' }]).filter(({ verdict }) => verdict === 'new'),
    ).toHaveLength(8);
  });
  it('reports times without judging them, and leaves published figures out', () => {
    const times = (seconds: number) =>
      resultsTable([{ stage: 'maps', seconds }], {
        rows: 'stage',
        value: 'seconds',
        role: 'time',
        published: [{ at: { stage: 'maps' }, mean: 7 }],
      }).toResults();
    expect(compareResults([times(10)], [times(20)]).map(({ verdict }) => verdict)).toEqual(['time']);
  });
  it('tells rows with the same setting apart by their order', () => {
    const list = (...values: number[]) => ({
      name: 'list',
      keys: ['a'],
      values: [{ field: 'x' }],
      rows: values.map((x) => ({ a: 'same', x })),
    });
    expect(compareResults([list(1, 2)], [list(1, 3)]).map(({ verdict }) => verdict)).toEqual(['same', 'moved']);
  });
});

describe('verify', () => {
  it('runs the notebook again and reports what moved, most first', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'verify-'));
    try {
      const path = join(folder, 'table-1.ipynb');
      await writeFile(path, JSON.stringify(notebook(before)));
      const same = await verify(path, { execute: async () => notebook(resultsOf(() => 0)) });
      expect(same.holds).toBe(true);
      expect(same.text).toMatch(/6 numbers, run again in \d+ ms: 6 the same\.$/);
      const moved = await verify(path, {
        execute: async () => notebook(resultsOf((method) => (method === 'RDED' ? -0.05 : 0.01))),
      });
      expect(moved.holds).toBe(false);
      expect(moved.counts).toMatchObject({ moved: 2, within: 4, same: 0 });
      expect(moved.text.split('\n')[2]).toMatch(
        /^table-1 +RDED, ipc [15]0 +mean +[34][05][.0]* +[24][50][.0]* +-5[.0]* +3\.16 +moved by more$/,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
  it('says how to put results into a notebook that has none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'verify-'));
    try {
      await writeFile(join(folder, 'a.ipynb'), JSON.stringify(notebook()));
      await expect(verify(join(folder, 'a.ipynb'))).rejects.toThrow(/carry results, found none.*resultsTable/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
