import { readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportRun, InProcessExecutor, runSweep, type Store, storeExportCommand } from '../../src/sweeps';
import { ablation } from './sweep-stages';
import { temporaryFolder } from '../helpers/temporary';
import { temporaryStore } from './temporary-store';

const runIn = (store: Store) => runSweep(ablation({ seeds: [0] }), { store, executor: new InProcessExecutor(store) });

test('an export onto a full disk says which, and leaves nothing behind', async () => {
  const store = temporaryStore();
  await runIn(store);
  const folder = temporaryFolder();
  const file = join(folder, 'run.stillhouse');
  // Linux's device that is always full stands for the disk.
  symlinkSync('/dev/full', `${file}.${process.pid}.tmp`);
  await expect(exportRun(store, 'ablation', file)).rejects.toThrow(`No space left for ${file}`);
  expect(readdirSync(folder)).toEqual([]);
  // And one whose folder isn't there, which fails before anything is written.
  await expect(exportRun(store, 'ablation', join(folder, 'none', 'run'))).rejects.toThrow('ENOENT');
});

test('an export says how many of a run’s results are not in the store', async () => {
  const store = temporaryStore();
  await runIn(store);
  const file = join(temporaryFolder(), 'run.stillhouse');
  let text = '';
  const options = { store: store.root, write: (part: string) => (text += part) };
  await storeExportCommand('ablation', file, options);
  expect(text).toMatch(/: 12 results, \d+ blobs, .* before packing\.\n$/);
  const [one, two] = [...store.records('score')];
  for (const record of [one!, two!]) store.forget(record);
  text = '';
  await storeExportCommand('ablation', file, options);
  expect(text).toContain(': 10 results,');
  expect(text).toContain('2 more of the run are not in the store');
});
