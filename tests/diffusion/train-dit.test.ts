import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  ClassConditionalDiffusion,
  type DitRecipe,
  saveDitPrior,
  stillLifeDit,
  trainDitPrior,
} from '../../src/diffusion';
import { DiT } from '../../src/models';
import { stepsDone } from '../helpers/steps-done';
import { temporaryFolder } from '../helpers/temporary';
import { colourfulDataset } from './colourful-dataset';
import { tinyAutoencoder } from './tiny-class-prior';

const folder = temporaryFolder();
const recipe: DitRecipe = {
  name: 'tiny-dit',
  seed: 2,
  mirror: true,
  autoencoder: {
    config: tinyAutoencoder,
    training: { steps: 20, batch: 4, learningRate: 2e-3 },
  },
  transformer: {
    num_attention_heads: 2,
    attention_head_dim: 8,
    num_layers: 2,
    sample_size: 4,
    out_channels: 8,
    tie_embeddings: true,
  },
  training: { steps: 60, batch: 8, learningRate: 4e-3, emaDecay: 0.9, classDropout: 0.1 },
};

describe('trainDitPrior', () => {
  it('learns: the loss falls', async () => {
    const { report } = await trainDitPrior(recipe, colourfulDataset(), { work: join(folder, 'learns') });
    expect(report.transformer.losses.at(-1)!).toBeLessThan(0.8 * report.transformer.losses[0]!);
    expect(report.images).toMatchObject({ count: 9, size: 16 });
  });

  it('resumes after a stop with the same result as without', async () => {
    const short = { ...recipe, training: { ...recipe.training, steps: 8 } };
    const whole = await trainDitPrior(short, colourfulDataset(), { work: join(folder, 'whole') });
    const controller = new AbortController();
    const work = join(folder, 'stopped');
    const stopped = trainDitPrior(short, colourfulDataset(), {
      work,
      signal: controller.signal,
      onProgress: ({ label, done }) => label === 'DiT' && done === 3 && controller.abort(),
    });
    await expect(stopped).rejects.toThrow(/abort/i);
    const { steps, onProgress } = stepsDone(/^DiT$/);
    const resumed = await trainDitPrior(short, colourfulDataset(), { work, onProgress });
    expect(steps[0]).toBe(4); // done when the fourth was, of which three were done before
    expect(await resumed.prior.transformer.stateDict()).toEqual(await whole.prior.transformer.stateDict());
  });

  it('is saved whole, with a card that holds the report', async () => {
    const short = { ...recipe, training: { ...recipe.training, steps: 2 } };
    const trained = await trainDitPrior(short, colourfulDataset(), { work: join(folder, 'saved') });
    const target = join(folder, 'prior');
    await saveDitPrior(trained, { folder: target, data: 'three colours', command: 'npm run it' });
    const loaded = await ClassConditionalDiffusion.load(target);
    expect(loaded.classes).toEqual(['red', 'green', 'blue']);
    expect(loaded.transformer.config).toEqual(trained.prior.transformer.config);
    const card = readFileSync(join(target, 'README.md'), 'utf8');
    expect(card).toContain('three colours (9 images of 16×16)');
    const rows = card.split('\n').filter((line) => line.startsWith('| ') && line.includes('×'));
    const { vae, transformer } = trained.report.parameters;
    expect(rows.find((row) => row.startsWith('| autoencoder'))).toContain(`| ${vae.toLocaleString('en')} | 20 × 4 |`);
    expect(rows.find((row) => row.startsWith('| DiT'))).toContain(`| ${transformer.toLocaleString('en')} | 2 × 8 |`);
  });
});

describe('the recipe of the embedded world', () => {
  it('makes a prior that ships in a few megabytes', () => {
    const dit = new DiT({ ...stillLifeDit.transformer, num_embeds_ada_norm: 10 });
    const values = [...dit.parameters().values()].reduce((sum, { size }) => sum + size, 0);
    expect(2 * values).toBeLessThan(9e6); // in half precision, with a copy of the embeddings per block
  });
});
