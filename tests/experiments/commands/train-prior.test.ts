import { join } from 'node:path';
import { expect, it } from 'vitest';
import { LatentDiffusion } from '../../../src/diffusion';
import { trainingPlanText, trainPriorCommand } from '../../../src/experiments/commands/train-prior';
import { tinyRecipe as recipe } from '../../diffusion/training/tiny-recipe';
import { temporaryFolder } from '../../helpers/temporary';
import { folderOfImages } from './folder-of-images';

it('trains a prior on a folder: plan first, then where it is and what comes next', async () => {
  const home = temporaryFolder();
  const photos = await folderOfImages(home);
  const out = join(home, 'prior');
  const said: string[] = [];
  const written = await trainPriorCommand(photos, { size: 8, out, recipe, say: (line) => said.push(line) });
  expect(said[0]).toBe(`12 images of 2 classes at 8 × 8 pixels → ${out}`);
  expect(said[1]).toMatch(/autoencoder\s+4 steps × [\d.e-]+ s = [\s\S]*in all about/);
  expect(said[2]).toMatch(/Next: npx stillhouse distil .*photos --prior .*prior --ipc 10/);
  expect((await LatentDiffusion.load(written)).classes).toEqual(['kettle', 'pan']);
});

it('names the split there is none of', async () => {
  const photos = await folderOfImages(temporaryFolder());
  await expect(trainPriorCommand(photos, { split: 'dev' })).rejects.toThrow(/among train, val and test, got 'dev'/);
});

it('says what is left of a training that was stopped', () => {
  const text = trainingPlanText({
    parts: [
      { part: 'autoencoder', steps: 1800, done: 1800, secondsPerStep: 0.13 },
      { part: 'denoiser', steps: 4000, done: 1000, secondsPerStep: 1.2 },
    ],
    seconds: 3600,
  });
  expect(text.split('\n')).toEqual([
    '  autoencoder  0 steps left of 1,800 × 0.13 s = 0 ms',
    '  denoiser     3,000 steps left of 4,000 × 1.2 s = 60 min',
    expect.stringMatching(/^ {2}in all about 60 min.*Ctrl-C/),
  ]);
});
