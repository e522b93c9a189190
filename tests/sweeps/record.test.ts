import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { planGc, run, sha256 } from '../../src/sweeps';
import { calls, numbers } from './example-stages';
import { temporaryStore } from './temporary-store';

beforeEach(() => {
  calls.length = 0;
});

test('a record of a format that is not known here is left as it is, and its reader says so', async () => {
  const store = temporaryStore();
  const bound = numbers.bind({ count: 3 });
  await run(bound, { store });
  const [record] = [...store.records('numbers')];
  const path = store.recordPath('numbers', record!.key);
  const body = JSON.stringify({ ...record, format: 2, later: true });
  chmodSync(path, 0o644);
  writeFileSync(path, `${sha256(body)}\n${body}\n`);
  await expect(run(bound, { store })).rejects.toThrow(/format 1.*format 2/);
  // Nothing may count its blobs as nobody's.
  expect(() => planGc(store)).toThrow('format 2');
  expect(existsSync(path)).toBe(true);
  expect(calls).toEqual(['numbers']);
});
