import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { UnknownClassError } from '../../../src/diffusion';
import { distilCommand } from '../../../src/experiments';
import { distillationPlanText } from '../../../src/experiments/commands/distil';
import { loadDistilledSet, settingsFor } from '../../../src/methods';
import { Store } from '../../../src/sweeps';
import { tinyPrior } from '../../diffusion/tiny-prior';
import { temporaryFolder } from '../../helpers/temporary';
import { folderOfImages } from './folder-of-images';

const home = temporaryFolder();
const prior = join(home, 'prior');
const store = new Store(join(home, 'store'));
let photos = '';
beforeAll(async () => {
  photos = await folderOfImages(home);
  await tinyPrior({ classes: ['kettle', 'pan'] }).save(prior);
});

/** With few draws, and what was said. */
async function distil(options: { out: string; prior?: string; planOnly?: boolean; folder?: string; ipc?: number }) {
  const said: string[] = [];
  const { folder = photos, ipc = 2, ...rest } = options;
  const written = await distilCommand(folder, {
    ...{ draws: 3, clusters: 2, store, say: (line: string) => said.push(line) },
    ...{ prior, ipc },
    ...rest,
  });
  return { said, written };
}

describe('distil', () => {
  it('says the plan, and does no more where that is all that is asked for', async () => {
    const out = join(home, 'planned');
    const { said, written } = await distil({ out, planOnly: true });
    expect(said.join('\n')).toMatch(
      /^12 images of 2 classes → 4 distilled images in .*planned\n {2}prior prior, 3 noise draws, whole images, 2 clusters\n {2}120 passes through the prior\n {2}about .* per pass, measured here/,
    );
    expect(written).toBeUndefined();
    expect(existsSync(out)).toBe(false);
  });

  it('writes the set; the second time its passes are in the store', async () => {
    const out = join(home, 'distilled');
    const { said } = await distil({ out });
    expect(said.at(-1)).toBe(`4 images in ${out}/train, their sources in ${out}/manifest.json`);
    const set = await loadDistilledSet(out);
    expect(set).toMatchObject({ method: 'diffusion-driven selection', imagesPerClass: 2, classes: ['kettle', 'pan'] });
    const again = await distil({ out: join(home, 'again'), ipc: 1 });
    expect(again.said[0]).toContain('120 passes through the prior, 100 % of them in the store');
  });

  it('without a prior says how to train one', async () => {
    const command = distilCommand('photos', { ipc: 1, out: join(home, 'none') });
    await expect(command).rejects.toThrow(/Expected --prior, .* npx stillhouse train-prior photos --out prior/);
  });

  it('asks a prior about no class that it does not know', async () => {
    const folder = await folderOfImages(home, { classes: ['kettle', 'spoon'], name: 'others' });
    await expect(distil({ folder, out: join(home, 'unknown') })).rejects.toThrow(UnknownClassError);
  });

  it('refuses more images per class than a class can fill, before it says a plan', async () => {
    const { said } = await distil({ out: join(home, 'enough'), ipc: 6, planOnly: true });
    expect(said[0]).toContain('12 distilled images');
    const news: string[] = [];
    const options = { prior, ipc: 7, out: join(home, 'too-many'), store, say: (line: string) => news.push(line) };
    await expect(distilCommand(photos, options)).rejects.toThrow(
      /at least 7 images of 'kettle' in .*, for 7 images per class, got 6: add images .* or ask for fewer images per class\.$/,
    );
    expect(news).toEqual([]);
  });

  it('refuses a folder that it must not replace, before any work', async () => {
    const out = join(home, 'mine');
    mkdirSync(out);
    writeFileSync(join(out, 'notes.txt'), 'mine');
    await expect(distil({ out })).rejects.toThrow(/found notes\.txt in it/);
  });
});

it('reckons the time of what is not in the store', () => {
  const settings = settingsFor({ classes: undefined }, { size: 256 }, { imagesPerClass: 10 });
  const plan = { images: 13_000, classes: 10, passes: 2_600_000, secondsPerPass: 1, seconds: 2_600_000, settings };
  const text = distillationPlanText(plan, { prior: { name: 'sd' }, imagesPerClass: 10, out: 'out', kept: 0.5 });
  expect(text).toContain('13,000 images of 10 classes → 100 distilled images in out');
  expect(text).toContain('2,600,000 passes through the prior, 50 % of them in the store');
  expect(text).toContain('about 15.0 days at 1.0 s per pass');
});
