import { existsSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import timers from 'node:timers';
import { pathToFileURL } from 'node:url';
import { expect, it, vi } from 'vitest';
import { buildLibrary } from '../../src/kernel/build.mjs';
import { temporaryFolder } from '../helpers/temporary';
import { ROOT } from './helpers/kernel-client';

/** A project with a small library. */
function project(): { root: string; write(file: string, text: string): void } {
  const root = temporaryFolder();
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  write('package.json', '{"type":"module"}');
  write('src/kernel/build.mjs', '');
  write('src/index.ts', "export * from './part';\nexport const place: string = import.meta.url;");
  write(
    'src/part/index.ts',
    "import { z } from 'zod';\nexport { count } from '../plain.mjs';\nexport const name = z.string().parse('part');",
  );
  write('src/plain.mjs', 'export const count = 3;');
  write('src/kernel/main.ts', 'throw new Error("no part of the library");');
  return { root, write };
}

const load = (folder: string, file: string) => import(pathToFileURL(join(folder, file)).href) as Promise<object>;

it('the library is built file by file, and each module goes on to say where its source lies', async () => {
  const { root } = project();
  const folder = await buildLibrary(root);
  expect(
    readdirSync(folder, { recursive: true })
      .map(String)
      .filter((file) => file.endsWith('.mjs'))
      .sort(),
  ).toEqual(['index.mjs', 'part/index.mjs']);
  const library = await load(folder, 'index.mjs');
  expect({ ...library }).toEqual({ name: 'part', count: 3, place: pathToFileURL(join(root, 'src', 'index.ts')).href });
  // One module, whichever way it is reached.
  expect((library as { name: unknown }).name).toBe(((await load(folder, 'part/index.mjs')) as { name: unknown }).name);
});

it('a build is used again until a source changes, and one that is in nobody’s use is deleted after a week', async () => {
  const { root, write } = project();
  const first = await buildLibrary(root);
  expect(await buildLibrary(root)).toBe(first);
  const old = new Date(Date.now() - 8 * 86_400_000);
  utimesSync(first, old, old);
  expect(await buildLibrary(root)).toBe(first);
  write('src/part/index.ts', "export const name = 'edited', count = 4;");
  const second = await buildLibrary(root);
  expect(second).not.toBe(first);
  expect(await load(second, 'index.mjs')).toMatchObject({ name: 'edited', count: 4 });
  expect(existsSync(first)).toBe(true); // It was used a moment ago.
  utimesSync(first, old, old);
  write('src/part/index.ts', "export const name = 'edited again', count = 5;");
  await buildLibrary(root);
  expect(existsSync(first)).toBe(false);
});

it('a build stays in use for as long as its process runs', async () => {
  const { root, write } = project();
  const daily = vi.fn((..._: [mark: (folder: string) => void, every: number, folder: string]) => ({ unref() {} }));
  vi.spyOn(timers, 'setInterval').mockImplementation(daily as unknown as typeof setInterval);
  const first = await buildLibrary(root);
  expect(await buildLibrary(root)).toBe(first);
  expect(daily.mock.calls).toEqual([[expect.any(Function), 86_400_000, first]]);
  const old = new Date(Date.now() - 8 * 86_400_000);
  utimesSync(first, old, old);
  const [mark, , folder] = daily.mock.calls[0]!;
  mark(folder);
  write('src/part/index.ts', 'export const count = 4;');
  await buildLibrary(root);
  expect(existsSync(first)).toBe(true);
  vi.restoreAllMocks();
});

it('two kernels that start at once share one build, and what can’t be built leaves nothing behind', async () => {
  const { root, write } = project();
  const [one, other] = await Promise.all([buildLibrary(root), buildLibrary(root)]);
  expect(one).toBe(other);
  write('src/part/index.ts', 'export const = 1;');
  await expect(buildLibrary(root)).rejects.toThrow(/part\/index\.ts:1:13/);
  expect(readdirSync(dirname(one))).toHaveLength(1);
});
