import { execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { run, stage, Store, StoredFolder, StoreFullError } from '../../src/sweeps';
import { tsxLoader } from '../../src/sweeps/executors/local';
import { linkOrCopy, projectRoot } from '../../src/sweeps/store/files';
import { numbers } from './example-stages';
import { pinnedKeys } from './pinned-keys';
import { temporaryStore } from './temporary-store';
import { temporaryFolder } from '../helpers/temporary';

test('four processes that write the same results into one store at once leave it whole', async () => {
  const store = temporaryStore();
  const writer = join(import.meta.dirname, 'store-writer.ts');
  const codes = await Promise.all(
    Array.from({ length: 4 }, () => {
      const child = spawn(process.execPath, ['--import', tsxLoader(), writer, store.root], { stdio: 'inherit' });
      return new Promise((resolve) => child.on('exit', resolve));
    }),
  );
  expect(codes).toEqual([0, 0, 0, 0]);
  const records = [...store.records('numbers')];
  expect(records).toHaveLength(30);
  for (const record of records) expect(await store.dropDamaged(record)).toEqual([]);
  expect(readdirSync(join(store.root, 'tmp'))).toEqual([]);
});

test('what is in the store is read-only, and stands once however many results have it', async () => {
  const store = temporaryStore();
  const same = stage({
    name: 'same',
    version: 1,
    parameters: z.object({ n: z.int() }),
    run: () => new Float64Array(1000).fill(7),
  });
  await run([same.bind({ n: 1 }), same.bind({ n: 2 })], { store });
  const [a, b] = [...store.records('same')];
  expect(a!.blobs).toEqual(b!.blobs);
  for (const { hash } of a!.blobs) expect(statSync(store.blobPath(hash)).mode & 0o777).toBe(0o444);
  expect(statSync(store.recordPath('same', a!.key)).mode & 0o777).toBe(0o444);
});

test('files come out as hard links, which take no room', async () => {
  const store = temporaryStore();
  const target = join(temporaryFolder(), 'weights.bin');
  const model = stage({
    name: 'weights',
    version: 1,
    parameters: z.object({}),
    async run(context) {
      const file = join(await context.scratch(), 'weights.bin');
      writeFileSync(file, Buffer.alloc(100_000, 3));
      return { file: await context.file(file) };
    },
  });
  const { output } = await run(model.bind({}), { store });
  await output.file.linkTo(target);
  expect(statSync(target).ino).toBe(statSync(store.blobPath(output.file.hash)).ino);
});

test.each(['../../out', 'a/../../out', '/out', ''])(
  'a stored folder with the path "%s" is not opened',
  async (path) => {
    const store = temporaryStore();
    const file = await store.put('x');
    const tree = (name: string) => store.put(JSON.stringify({ files: [{ path: name, ...file }] }));
    expect((await StoredFolder.open(store, (await tree('a/..b')).hash)).files).toHaveLength(1);
    const { hash } = await tree(path);
    await expect(StoredFolder.open(store, hash)).rejects.toThrow(`to lie inside it, got "${path}"`);
  },
);

test('a key is the same in every process, in every folder and on every day', async () => {
  // Others mean that no result of before is found again: what makes keys has changed, or TypeScript's numbers for syntax.
  const pinned = [
    '3fcf2308ade6d313e6e8f729c509f89797c56993e6149a8c8ec63a8833ff5967',
    '9b0a0cf3f88675f02e1422b05a33fc91cfadbce4f39d2966820e205935356e92',
    '4ae27d00a0cb8e8383fc71122b1a8e8b0b5e209bc94de84582d9821e5944398d',
  ];
  expect(await pinnedKeys(temporaryFolder())).toEqual(pinned);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 400 * 24 * 3600e3 });
  try {
    expect(await pinnedKeys(temporaryFolder())).toEqual(pinned);
  } finally {
    vi.useRealTimers();
  }
  const elsewhere = temporaryFolder();
  const program = [
    '--import',
    tsxLoader(),
    join(import.meta.dirname, 'pinned-keys.ts'),
    join(elsewhere, 'deeper', 'down'),
  ];
  const env = { ...process.env, TZ: 'Pacific/Apia', LC_ALL: 'tr_TR.UTF-8' };
  const { stdout } = await promisify(execFile)(process.execPath, program, { cwd: elsewhere, env });
  expect(JSON.parse(stdout)).toEqual(pinned);
});

test('on a file system without hard links files are renamed and copied, and everything is as ever', async () => {
  const refused = vi.spyOn(promises, 'link').mockRejectedValue(Object.assign(new Error('no'), { code: 'EPERM' }));
  syncBuiltinESMExports();
  try {
    const store = temporaryStore();
    const first = await run(numbers.bind({ count: 5000 }), { store });
    const again = await run(numbers.bind({ count: 5000 }), { store });
    expect([first.misses, again.misses]).toEqual([1, 0]);
    expect(again.output).toEqual(first.output);
    const [{ blobs } = { blobs: [] }] = [...store.records('numbers')];
    const target = join(temporaryFolder(), 'copy');
    await linkOrCopy(store.blobPath(blobs[0]!.hash), target);
    expect(readFileSync(target)).toEqual(readFileSync(store.blobPath(blobs[0]!.hash)));
    expect(refused).toHaveBeenCalledTimes(2);
  } finally {
    refused.mockRestore();
    syncBuiltinESMExports();
  }
});

test.each([undefined, ''])('a store whose folder is given as %o, with an empty variable, is the project’s', (root) => {
  vi.stubEnv('STILLHOUSE_STORE', '');
  expect(new Store(root).root).toBe(join(projectRoot(), '.stillhouse', 'store'));
  vi.stubEnv('STILLHOUSE_STORE', '/data/store');
  expect(new Store(root).root).toBe('/data/store');
  vi.unstubAllEnvs();
});

test('a full disk is an error with a remedy', () => {
  expect(new StoreFullError('/data/store', new Error('ENOSPC')).message).toMatch(/stillhouse store gc.*run again/);
});
