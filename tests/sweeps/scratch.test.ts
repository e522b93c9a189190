import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { planGc, run, stage } from '../../src/sweeps';
import { temporaryStore } from './temporary-store';

test('gc leaves the scratch folder of a task that runs for hours, and takes what one left behind', async () => {
  const store = temporaryStore();
  const long = stage({
    name: 'long',
    version: 1,
    parameters: z.object({}),
    async run(context) {
      const scratch = await context.scratch();
      // Hours later: what is written into files of the folder doesn't change the folder's own time.
      utimesSync(scratch, 1, 1);
      vi.advanceTimersByTime(120_000);
      await vi.waitUntil(() => statSync(scratch).mtimeMs > 1000, { timeout: 60_000 });
      planGc(store).go();
      return existsSync(scratch);
    },
  });
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    expect((await run(long.bind({}), { store })).output).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
  expect(readdirSync(join(store.root, 'tmp'))).toEqual([]);
});

test('what a stage wants done afterwards is done once its output is in the store, and not where it can’t be put there', async () => {
  const store = temporaryStore();
  const done: string[] = [];
  const working = (name: string, output: unknown) =>
    stage({
      name,
      version: 1,
      parameters: z.object({}),
      async run(context) {
        context.afterFiled(() =>
          done.push(
            `${name}, records: ${readdirSync(store.root, { recursive: true }).some((path) => String(path).includes(name))}`,
          ),
        );
        return output;
      },
    });
  await run(working('fine', 1).bind({}), { store });
  await expect(run(working('odd', () => undefined).bind({}), { store })).rejects.toThrow();
  expect(done).toEqual(['fine, records: true']);
});
