/** Stages whose code is a file of fixed content, so that their keys are known. As a program it prints them: `pinned-keys.ts FOLDER`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { input, mapStage, run, stage, Store } from '../../src/sweeps';

/** Runs a mapped stage of two items and one that takes its output, with its store and code in `folder`; their keys in order. */
export async function pinnedKeys(folder: string): Promise<string[]> {
  const project = join(folder, 'project');
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, 'package.json'), '{}');
  writeFileSync(join(project, 'needed.ts'), 'export const factor = 2;\n');
  writeFileSync(
    join(project, 'code.ts'),
    "import { factor } from './needed';\nexport const twice = (x: number) => factor * x;\n",
  );
  const code = pathToFileURL(join(project, 'code.ts')).href;
  const parameters = z.object({
    text: z.string(),
    rate: z.number(),
    sizes: z.array(z.int()),
    on: z.boolean().default(true),
  });
  const doubled = mapStage({
    name: 'doubled',
    version: 1,
    code,
    parameters,
    item: z.int(),
    run: (_context, { rate }, items) =>
      items.map((item) => ({ values: Float32Array.of(item * rate), name: `${item}` })),
  });
  const summed = stage({
    name: 'summed',
    version: 'b',
    code,
    parameters: z.object({ scale: z.number() }),
    inputs: { doubled: input<readonly { values: Float32Array }[]>() },
    run: (_context, { scale }, { doubled }) => doubled.reduce((sum, { values }) => sum + scale * values[0]!, 0),
  });
  const settings = { text: 'ε “quoted”\n', rate: 0.1, sizes: [3, 1, 2] };
  const store = new Store(join(folder, 'store'));
  await run(summed.bind({ scale: 1e-7 }, { inputs: { doubled: doubled.bind(settings, { items: [1, 2] }) } }), {
    store,
  });
  return ['doubled', 'summed'].flatMap((name) => [...store.records(name)].map(({ key }) => key).sort());
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(JSON.stringify(await pinnedKeys(process.argv[2]!)));
}
