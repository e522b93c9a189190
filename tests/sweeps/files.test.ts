import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, test, expect } from 'vitest';
import { Store } from '../../src/sweeps';

/** Any user but root, for whom permissions say nothing. */
const NOBODY = 65_534;

test('a read-only file goes into the store, for whoever may read it', async () => {
  const isRoot = process.geteuid?.() === 0;
  // Not in the suite's own folder, which is root's alone.
  const folder = mkdtempSync('/tmp/stillhouse-nobody-');
  onTestFinished(() => {
    if (isRoot) process.seteuid!(0);
    rmSync(folder, { recursive: true, force: true });
  });
  const file = join(folder, 'weights.bin');
  writeFileSync(file, 'read-only');
  chmodSync(file, 0o444);
  if (isRoot) {
    chownSync(folder, NOBODY, NOBODY);
    process.seteuid!(NOBODY);
  }
  const store = new Store(join(folder, 'store'));
  const { hash } = await store.putFile(file);
  expect(Buffer.from(await store.read(hash)).toString()).toBe('read-only');
});
