import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { input, mapStage, plan, run, stage, type Targets } from '../../src/sweeps';
import { changeText } from '../../src/sweeps/plan/explain';
import { temporaryStore } from './temporary-store';
import { temporaryFolder } from '../helpers/temporary';

const folder = (): string => {
  const path = temporaryFolder();
  writeFileSync(join(path, 'helper.ts'), 'export const half = (x: number) => x / 2;');
  writeFileSync(join(path, 'stages.ts'), "import { half } from './helper';\nexport const f = half;");
  return path;
};

/** Two stages, the second of the first, as if they stood in `path/stages.ts`. */
function stages(path: string, { version = 1, scale = 1, seed = 0 } = {}) {
  const code = pathToFileURL(join(path, 'stages.ts')).href;
  const first = stage({ name: 'first', version, code, parameters: z.object({ seed: z.int() }), run: (_, p) => p.seed });
  const second = stage({
    name: 'second',
    version: 1,
    code,
    parameters: z.object({ sizes: z.object({ scale: z.number(), other: z.string() }) }),
    inputs: { of: input<number>() },
    run: (_, { sizes }, { of }) => of * sizes.scale,
  });
  return second.bind({ sizes: { scale, other: 'x' } }, { inputs: { of: first.bind({ seed }) } });
}

const reasons = async (targets: Targets, store: ReturnType<typeof temporaryStore>) =>
  Object.fromEntries(
    (await plan(targets, { store, explain: true })).nodes.map((node) => [
      node.stage,
      node.state === 'hit' ? 'hit' : node.reasons,
    ]),
  );

test('a plan names the field that changed: of parameters, the version, an input, a source file', async () => {
  const [path, store] = [folder(), temporaryStore()];
  expect(await reasons(stages(path), store)).toEqual({
    first: ['it never ran'],
    second: ['it never ran', 'waits for first'],
  });
  await run(stages(path), { store });
  expect(await reasons(stages(path), store)).toEqual({ first: 'hit', second: 'hit' });
  expect(await reasons(stages(path, { scale: 2 }), store)).toEqual({
    first: 'hit',
    second: ['parameters.sizes.scale: 1 → 2'],
  });
  expect(await reasons(stages(path, { version: 2 }), store)).toEqual({
    first: ['version: 1 → 2'],
    second: ['waits for first; a hit if they give what they gave before'],
  });
  // Its input may yet give the same; itself it has changed.
  expect(await reasons(stages(path, { version: 2, scale: 3 }), store)).toMatchObject({
    second: ['parameters.sizes.scale: 1 → 3', 'waits for first'],
  });
  await run((stages(path, { seed: 3 }).inputs as { of: Targets }).of, { store });
  expect(await reasons(stages(path, { seed: 3 }), store)).toEqual({
    first: 'hit',
    second: ['inputs.of: another output than before'],
  });
});

test('of a changed source file it names the file, and a comment is no change', async () => {
  const [path, store] = [folder(), temporaryStore()];
  await run(stages(path), { store });
  writeFileSync(join(path, 'helper.ts'), '// by two\nexport const half = (x: number) =>\n  x / 2;');
  expect(await reasons(stages(path), store)).toEqual({ first: 'hit', second: 'hit' });
  writeFileSync(join(path, 'helper.ts'), 'export const half = (x: number) => x * 0.5;');
  const { first } = await reasons(stages(path), store);
  expect(first).toHaveLength(1);
  expect(first![0]).toMatch(/^code .*helper\.ts: changed$/);
});

test('of long values it shows where they begin to differ', () => {
  const list = Array.from({ length: 60 }, (_, i) => i);
  const text = changeText({ field: 'parameters.bands', before: list, now: [...list.slice(0, 50), 7, 8] });
  expect(text).toBe('parameters.bands: …46,47,48,49,50,51,52,53,54,55,56,57,58,59] → …46,47,48,49,7,8]');
  expect(changeText({ field: 'parameters.x', before: [1, 2], now: undefined })).toBe('parameters.x: [1,2] → nothing');
});

test('of a mapped stage it counts the new items, and names what changed for all of them', async () => {
  const store = temporaryStore();
  const lengths = mapStage({
    name: 'lengths',
    version: 1,
    parameters: z.object({ scale: z.number() }),
    item: z.string(),
    run: (_, { scale }, items) => items.map((item) => item.length * scale),
  });
  await run(lengths.bind({ scale: 1 }, { items: ['a', 'bb'] }), { store });
  expect(await reasons(lengths.bind({ scale: 1 }, { items: ['a', 'bb', 'ccc'] }), store)).toEqual({
    lengths: ['1 of 3 items are new'],
  });
  expect(await reasons(lengths.bind({ scale: 2 }, { items: ['a', 'bb'] }), store)).toEqual({
    lengths: ['parameters.scale: 1 → 2'],
  });
});
