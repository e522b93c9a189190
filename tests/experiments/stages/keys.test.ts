/** What the keys of costly stages depend on: a change elsewhere throws nothing away. */
import { describe, expect, it } from 'vitest';
import { clipFeatures, imageFeatures, noiseLosses } from '../../../src/experiments/stages';
import type { AnyStage } from '../../../src/sweeps';

const filesOf = async (stage: AnyStage) => Object.keys((await stage.code()).files);
/** Apart from the operations and the networks of a prior, which are what a pass through it is. */
const own = (files: string[]) => files.filter((file) => !/^src\/(engine|models)\//.test(file));

const common = [
  'src/common/cell-signal.ts',
  'src/common/group-by.ts',
  'src/common/whole-file.ts', // a prior can save itself
  'src/datasets/resize.ts',
  'src/datasets/tensor.ts',
  'src/diffusion/clip-images.ts',
  'src/diffusion/known-classes.ts',
  'src/diffusion/pipeline.ts',
  'src/diffusion/schedules.ts',
  'src/experiments/file-hash.ts',
  'src/experiments/priors.ts',
  'src/experiments/stages/images.ts',
  'src/experiments/stages/prior.ts',
  'src/experiments/stages/quantised.ts',
  'src/methods/diffusion-driven-selection/encode.ts',
  'src/methods/diffusion-driven-selection/prompts.ts',
];

describe('the key of noise losses', () => {
  it('depends on the loss, the draws and the prior', async () => {
    expect(own(await filesOf(noiseLosses))).toEqual(
      [
        ...common,
        'src/diffusion/noise-loss.ts',
        'src/diffusion/prediction.ts',
        'src/diffusion/timesteps.ts',
        'src/experiments/stages/noise-losses.ts',
        'src/methods/diffusion-driven-selection/score.ts',
      ].sort(),
    );
  });
});

describe('the key of diffusion features', () => {
  it('depends on the features, their grid and the prior', async () => {
    expect(own(await filesOf(imageFeatures))).toEqual(
      [
        ...common,
        'src/diffusion/feature-grid.ts',
        'src/diffusion/features.ts',
        'src/experiments/stages/diffusion-features.ts',
        'src/methods/diffusion-driven-selection/image-features.ts',
      ].sort(),
    );
  });
});

describe.each([
  ['noise losses', noiseLosses],
  ['diffusion features', imageFeatures],
  ['CLIP features', clipFeatures],
])('the key of %s', (_name, stage) => {
  it('knows the prior’s networks and no others: no classifier, clustering, training or download', async () => {
    const models = (await filesOf(stage)).filter((file) => file.startsWith('src/models/'));
    const others = models.filter((file) => !/^src\/models\/(unet|clip|checkpoint)\//.test(file));
    const shared = ['config.ts', 'layers.ts', 'module.ts', 'time-embedding.ts', 'vae.ts'];
    expect(others).toEqual(shared.map((file) => `src/models/${file}`));
    const all = (await filesOf(stage)).join('\n');
    expect(all).not.toMatch(/optimisers|gradients|cluster|allocate|download|still-life|subsets|evaluation/);
  });
});
