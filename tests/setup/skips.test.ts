import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const tests = resolve(import.meta.dirname, '..');

it('a test that may be skipped says why in its title, which is all that the report has', () => {
  const files = readdirSync(tests, { recursive: true }).map(String);
  const titles = files
    .filter((file) => file.endsWith('.test.ts'))
    .flatMap((file) => [...readFileSync(join(tests, file), 'utf8').matchAll(/\.(?:runIf|skipIf)\(.*\)\(\s*(["'`].*)/g)])
    .map(([, title]) => title!);
  expect(titles.length).toBeGreaterThan(15);
  expect(titles.filter((title) => !/\((needs|slow|skipped)|\$\{(why|whySlow)\}/.test(title))).toEqual([]);
});
