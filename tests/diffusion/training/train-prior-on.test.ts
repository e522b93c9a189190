import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LatentDiffusion, priorRecipe, type TrainingPlan, trainPriorOn } from '../../../src/diffusion';
import type { Progress } from '../../../src/engine';
import { temporaryFolder } from '../../helpers/temporary';
import { smallDataset } from '../../methods/small-dataset';
import { tinyRecipe as recipe } from './tiny-recipe';

const home = temporaryFolder();
const dataset = smallDataset({ classes: ['kettle', 'copper kettle with a long name'] });
const weights = (folder: string) => readFileSync(join(folder, 'unet', 'diffusion_pytorch_model.safetensors'));

describe('trainPriorOn', () => {
  const out = join(home, 'whole');

  it('trains a prior on a dataset, and leaves a folder that opens, with classes and card', async () => {
    const plans: TrainingPlan[] = [];
    const labels = new Set<string>();
    const { prior, folder } = await trainPriorOn(dataset, {
      out,
      recipe,
      onPlan: (plan) => plans.push(plan),
      onProgress: ({ label }) => labels.add(label),
    });
    expect(plans[0]!.parts.map(({ part, steps, done }) => [part, steps, done])).toEqual([
      ['autoencoder', 4, 0],
      ['clip', 4, 0],
      ['denoiser', 6, 0],
    ]);
    const estimate = plans[0]!.parts.reduce((sum, { steps, secondsPerStep }) => sum + steps * secondsPerStep, 0);
    expect(plans[0]!.seconds).toBeCloseTo(estimate);
    expect([...labels]).toEqual(['Reading small', 'Autoencoder', 'CLIP pair', 'Denoiser']);
    expect(prior.classes).toEqual(dataset.classes);
    expect((await LatentDiffusion.load(folder)).classes).toEqual(dataset.classes);
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toContain('Classes: kettle, copper kettle with');
    expect(readdirSync(home)).toEqual(['whole']);
  });

  it('opens what it finished before', async () => {
    const labels = new Set<string>();
    const { report } = await trainPriorOn(dataset, { out, recipe, onProgress: ({ label }) => labels.add(label) });
    expect([...labels]).toEqual(['Reading small']);
    expect(report.denoiser.steps).toBe(6);
  });

  it('goes on where it was stopped, to the same weights', async () => {
    const other = join(home, 'stopped');
    const stop = new AbortController();
    const stopAt = ({ label, done }: Progress) => label === 'Denoiser' && done === 3 && stop.abort();
    const stopped = trainPriorOn(dataset, { out: other, recipe, signal: stop.signal, onProgress: stopAt });
    await expect(stopped).rejects.toThrow(/abort/i);
    expect(existsSync(other)).toBe(false);
    const plans: TrainingPlan[] = [];
    await trainPriorOn(dataset, { out: other, recipe, onPlan: (plan) => plans.push(plan) });
    expect(plans[0]!.parts.map(({ done }) => done)).toEqual([4, 4, 3]);
    expect(weights(other).equals(weights(out))).toBe(true);
  });

  it('trains anew when the same images are of other classes', async () => {
    const moved = { ...dataset, labels: dataset.labels.map((label) => 1 - label) };
    const before = weights(out);
    const parts = new Set<string>();
    await trainPriorOn(moved, { out, recipe, onProgress: ({ label }) => parts.add(label) });
    expect([...parts]).toContain('Denoiser');
    expect(weights(out).equals(before)).toBe(false);
  });

  it('does not cut long class names to the same prompt', async () => {
    const classes = [
      'a very long name of a class of kettles made of copper',
      'a very long name of a class of kettles made of tin',
    ];
    const { prior } = await trainPriorOn(smallDataset({ classes }), { out: join(home, 'long'), recipe });
    const [one, other] = classes.map((name) => prior.tokenizer.encode(recipe.prompt.replace('{}', name)));
    expect(one).not.toEqual(other);
  });

  it('names classes that are one text to the tokenizer', async () => {
    const training = trainPriorOn(smallDataset({ classes: ['Cup', 'cup'] }), { out: join(home, 'same'), recipe });
    await expect(training).rejects.toThrow(/prompts that differ, got 'An image of Cup' and 'An image of cup'/);
  });

  it('names the sizes that there are recipes for', async () => {
    const training = trainPriorOn(smallDataset({ size: 28 }), { out: join(home, 'size') });
    await expect(training).rejects.toThrow(/32 or 64 pixels.* got 28\. .*size: 32/);
  });

  it('names the size that a given recipe is for', async () => {
    const training = trainPriorOn(smallDataset({ size: 16 }), { out: join(home, 'other size'), recipe });
    await expect(training).rejects.toThrow(/recipe's 8 pixels, got 16/);
  });

  it('never replaces what it did not write', async () => {
    const photos = join(home, 'photos');
    mkdirSync(photos);
    writeFileSync(join(photos, 'holiday.jpg'), 'a photo');
    await expect(trainPriorOn(dataset, { out: photos, recipe })).rejects.toThrow(/found 'holiday\.jpg' in it/);
    mkdirSync(join(home, 'stable'));
    writeFileSync(join(home, 'stable', 'model_index.json'), '{}');
    await expect(trainPriorOn(dataset, { out: join(home, 'stable'), recipe })).rejects.toThrow(/model_index\.json/);
  });
});

describe('priorRecipe', () => {
  it.each([32, 64] as const)('of %d pixels has latents of a quarter', (size) => {
    const { vae, unet, vision, mirror } = priorRecipe({ name: 'digits', size, mirror: false });
    expect([vae.sample_size, unet.sample_size, vision.image_size, mirror]).toEqual([size, size / 4, size, false]);
  });
});
