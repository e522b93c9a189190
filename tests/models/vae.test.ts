import { describe, expect, it } from 'vitest';
import { tf } from '../../src/engine';
import { AutoencoderKL, type TensorSource } from '../../src/models';
import { Fixture, gradientNorms, relativeError } from './fixture';

describe.each(['vae-two-levels', 'vae-four-levels'])('AutoencoderKL on %s', (name) => {
  const fixture = new Fixture(name);
  const vae = new AutoencoderKL(fixture.config).load(fixture.weights);
  const images = fixture.tensor('images');

  it('encodes to the distribution that diffusers encodes to', () => {
    const { mean, logVariance } = vae.encode(images);
    expect(fixture.error('mean', mean)).toBeLessThan(1e-5);
    expect(fixture.error('logVariance', logVariance)).toBeLessThan(1e-5);
  });

  it('decodes to the images that diffusers decodes to', () => {
    expect(fixture.error('decoded', vae.decode(fixture.tensor('mean')))).toBeLessThan(1e-5);
  });

  it('has the gradients that PyTorch has', () => {
    const norms = gradientNorms(vae, () => {
      const { mean, logVariance } = vae.encode(images);
      return tf.add(tf.mean(tf.square(vae.decode(mean))), tf.mean(tf.square(logVariance)));
    });
    expect(relativeError(norms, fixture.stored('gradients').data)).toBeLessThan(1e-4);
  });

  it('keeps no tensor but its results', () => {
    const before = tf.memory().numTensors;
    const { mean, logVariance } = vae.encode(images);
    tf.dispose([mean, logVariance, vae.decode(mean)]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('AutoencoderKL', () => {
  const tiny = { block_out_channels: [4], norm_num_groups: 2 };

  it('draws from the posterior with the noise it is given', () => {
    const vae = new AutoencoderKL(tiny, { seed: 1 });
    const posterior = { mean: tf.tensor1d([1, 2]), logVariance: tf.tensor1d([0, Math.log(4)]) };
    expect(Array.from(vae.sample(posterior, tf.tensor1d([3, -1])).dataSync())).toEqual([4, 0]);
  });

  it('scales and unscales latents, the shift first', () => {
    const vae = new AutoencoderKL({ ...tiny, scaling_factor: 0.5, shift_factor: 1 }, { seed: 1 });
    expect(Array.from(vae.scale(tf.tensor1d([5])).dataSync())).toEqual([2]);
    expect(Array.from(vae.unscale(tf.tensor1d([2])).dataSync())).toEqual([5]);
  });

  it("understands the attention's names from before diffusers 0.15, in which SD v1.5 was published", () => {
    const fixture = new Fixture('vae-four-levels');
    const old = (name: string): string =>
      name.includes('mid_block.attentions')
        ? name.replace('to_q', 'query').replace('to_k', 'key').replace('to_v', 'value').replace('to_out.0', 'proj_attn')
        : name;
    const byOldName = new Map([...fixture.weights.keys()].map((name) => [old(name), name]));
    const source: TensorSource = {
      keys: () => byOldName.keys(),
      get: (name) => fixture.weights.get(byOldName.get(name) ?? ''),
    };
    expect([...source.keys()]).toContain('encoder.mid_block.attentions.0.proj_attn.weight');
    const vae = new AutoencoderKL(fixture.config).load(source);
    expect(fixture.error('decoded', vae.decode(fixture.tensor('mean')))).toBeLessThan(1e-5);
  });

  it('refuses settings that would change what it computes, by name', () => {
    expect(() => new AutoencoderKL({ ...tiny, act_fn: 'relu' } as never)).toThrow(/'act_fn' is "relu"/);
    expect(() => new AutoencoderKL({ ...tiny, down_block_types: ['AttnDownEncoderBlock2D'] })).toThrow(
      "type 'DownEncoderBlock2D', got",
    );
  });
});
