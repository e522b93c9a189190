/** README.md stays true: its snippets run on a folder of images, its table has every name of the top level. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePng, type Pixels } from '../src/datasets';
import { MIME, type MimeBundle } from '../src/charts';
import * as stillhouse from '../src/index';
import { tinyRecipe } from './diffusion/training/tiny-recipe';
import { temporaryFolder } from './helpers/temporary';
import { smallDataset } from './methods/small-dataset';

const text = readFileSync(resolve(import.meta.dirname, '..', 'README.md'), 'utf8');
const snippets = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code!);

/** The first class in red, the second in blue: a teacher learns them in a moment. */
function coloured({ data, ...size }: Pixels, label: number): Pixels {
  return { ...size, data: data.map((value, k) => (k % 3 === 2 * label ? 255 : value >> 2)) };
}

describe('the README’s table of names', () => {
  it('has every name of the top level, and no other', () => {
    const table = text.slice(text.indexOf("| by name from `'stillhouse'` |"));
    const rows = table.slice(0, table.indexOf('\n\n')).split('\n').slice(2);
    const named = rows.flatMap((row) => [...row.split('|')[2]!.matchAll(/`(\w+)`/g)].map(([, name]) => name!));
    expect(named.sort()).toEqual(Object.keys(stillhouse).sort());
  });
});

describe('the README’s snippets', () => {
  const home = temporaryFolder();
  const before = process.cwd();
  const shown: MimeBundle[] = [];
  const vision = { ...tinyRecipe.vision, image_size: 16 };
  const recipe = { ...tinyRecipe, vision, vae: { ...tinyRecipe.vae, sample_size: 16 } };
  const shared = globalThis as Record<symbol, unknown>;
  const channel = Symbol.for('stillhouse.display');

  beforeAll(async () => {
    process.chdir(home);
    shared[channel] = { display: (bundle: MimeBundle) => shown.push(bundle), clearOutput() {} };
    for (const [split, perClass] of [
      ['train', 24],
      ['test', 3],
    ] as const) {
      const images = smallDataset({ perClass, size: 8 });
      for (const [i, label] of images.labels.entries()) {
        const folder = join('photos', split, images.classes[label]!);
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, `${i}.png`), await encodePng(coloured(await images.image(i), label)));
      }
    }
  });
  afterAll(() => {
    process.chdir(before);
    delete shared[channel];
  });

  it('run one after the other, with a tiny prior and students of one epoch', async () => {
    const code = snippets
      .join('\n')
      .replaceAll(/^import \{(.*)\} from 'stillhouse';$/gm, 'const {$1} = stillhouse;')
      .replace('epochs: 300', 'epochs: 1')
      .replaceAll('size: 64', 'size: 16')
      .replace("out: 'priors/photos'", "out: 'priors/photos', recipe");
    const body = ts.transpile(`return (async () => { ${code} })();`, { target: ts.ScriptTarget.ES2023 });
    await new Function('stillhouse', 'recipe', body)(stillhouse, recipe);
    const set = await stillhouse.load('distilled');
    expect(set.images).toHaveLength(20);
    const [picture, table] = shown.filter((bundle) => MIME.png in bundle || MIME.results in bundle);
    expect(picture![MIME.text]).toContain('Ten images of each class');
    expect(String(table![MIME.text])).toMatch(/diffusion-driven selection[\s\S]*random/);
  });
});
