import { describe, expect, it } from 'vitest';
import { tf } from '../../src/engine';
import { UNet2DConditionModel } from '../../src/models';
import { Fixture, gradientNorms, relativeError } from './fixture';

const TINY = {
  block_out_channels: [8, 16],
  layers_per_block: 1,
  cross_attention_dim: 12,
  attention_head_dim: 2,
  norm_num_groups: 4,
  down_block_types: ['CrossAttnDownBlock2D', 'DownBlock2D'],
  up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D'],
};

describe.each(['unet-as-sd1', 'unet-as-sd2-odd-size', 'unet-rare-settings'])('UNet2DConditionModel on %s', (name) => {
  const fixture = new Fixture(name);
  const unet = new UNet2DConditionModel(fixture.config).load(fixture.weights);
  const [latents, text] = [fixture.tensor('latents'), fixture.tensor('text')];
  const timesteps = Int32Array.from(fixture.stored('timesteps').data);
  const blocks = unet.up_blocks.map((_, i) => i);

  it('predicts the noise that diffusers predicts', () => {
    const { sample } = unet.forward(latents, timesteps, text);
    expect(fixture.error('sample', sample)).toBeLessThan(1e-5);
  });

  it('gives the features of every up block that diffusers gives', () => {
    const { features } = unet.forward(latents, timesteps, text, { features: blocks });
    for (const i of blocks) expect(fixture.error(`up${i}`, features[i]!)).toBeLessThan(1e-5);
  });

  it('gives the same features without running the blocks above', () => {
    for (const i of blocks) {
      const [feature] = unet.features(latents, timesteps, text, [i]);
      expect(fixture.error(`up${i}`, feature!)).toBeLessThan(1e-5);
    }
  });

  it('has the gradients that PyTorch has', () => {
    const norms = gradientNorms(unet, () => tf.mean(tf.square(unet.forward(latents, timesteps, text).sample)));
    expect(relativeError(norms, fixture.stored('gradients').data)).toBeLessThan(1e-4);
  });

  it('keeps no tensor but its results', () => {
    const before = tf.memory().numTensors;
    tf.dispose(unet.forward(latents, timesteps, text, { features: blocks }));
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('UNet2DConditionModel', () => {
  it('takes one timestep for all, a list, and a tensor alike', () => {
    const unet = new UNet2DConditionModel(TINY, { seed: 3 });
    const [x, text] = [tf.ones([2, 4, 4, 4]), tf.ones([2, 3, 12])];
    const run = (t: Parameters<typeof unet.forward>[1]) => unet.forward(x, t, text).sample.dataSync();
    expect(run([40, 40])).toEqual(run(40));
    expect(run(tf.tensor1d([40, 40], 'int32'))).toEqual(run(40));
    expect(() => run([1, 2, 3])).toThrow('Expected one timestep, or 2 (one per item), got shape [3]');
  });

  it('starts from the seed alone', () => {
    const first = (seed: number) => new UNet2DConditionModel(TINY, { seed }).conv_in.weight.value.dataSync();
    expect(first(1)).toEqual(first(1));
    expect(first(1)).not.toEqual(first(2));
  });

  it('refuses settings that would change what it computes, by name', () => {
    expect(() => new UNet2DConditionModel({ ...TINY, class_embed_type: 'timestep', wings: 2 } as never)).toThrow(
      /'class_embed_type' is "timestep", supported: null; 'wings' \(2\) is not known/,
    );
    expect(() => new UNet2DConditionModel({ ...TINY, attention_head_dim: [1, 2, 3] })).toThrow(
      "Expected 'attention_head_dim' to have one value, or 2",
    );
    expect(() => new UNet2DConditionModel({ ...TINY, down_block_types: ['DownBlock2D', 'KDownBlock2D'] })).toThrow(
      "'DownBlock2D', got 'KDownBlock2D'",
    );
    expect(() => new UNet2DConditionModel({ ...TINY, attention_head_dim: 3 })).toThrow('multiple of the attention');
  });

  it('says which shape it expected', () => {
    const unet = new UNet2DConditionModel(TINY, { seed: 3 });
    expect(() => unet.forward(tf.ones([1, 4, 4, 3]), 0, tf.ones([1, 3, 12]))).toThrow('[N,H,W,4], got [1,4,4,3]');
    expect(() => unet.forward(tf.ones([1, 4, 4, 4]), 0, tf.ones([2, 3, 12]))).toThrow(
      '[n,L,12] with n = 1 or 1, got [2,3,12]',
    );
    expect(() => unet.forward(tf.ones([1, 4, 4, 4]), 0, tf.ones([1, 3, 12]), { features: [2] })).toThrow('0 … 1');
  });
});
