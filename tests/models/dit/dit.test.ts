import { describe, expect, it } from 'vitest';
import { type Tensor, tf } from '../../../src/engine';
import { DiT, originalDiT, type StoredTensor, type TensorSource } from '../../../src/models';
import { Fixture, gradientNorms, relativeError } from '../fixture';

const TINY = {
  num_attention_heads: 2,
  attention_head_dim: 4,
  num_layers: 2,
  sample_size: 4,
  num_embeds_ada_norm: 3,
  out_channels: 8,
};
const int32 = (values: number[]): Tensor => tf.tensor1d(values, 'int32');
const asSource = (tensors: Map<string, StoredTensor>): TensorSource => ({
  keys: () => tensors.keys(),
  get: (name) => tensors.get(name),
});

describe.each([
  ['dit-learned-variance', false],
  ['dit-tied', true],
])('DiT on %s', (name, tied) => {
  const fixture = new Fixture(name);
  const dit = new DiT({ ...fixture.config, tie_embeddings: tied }).load(fixture.weights);
  const latents = fixture.tensor('latents');
  const timesteps = Int32Array.from(fixture.stored('timesteps').data);
  const labels = int32([...fixture.stored('labels').data]);

  it('predicts the noise (and variance) that diffusers predicts, null class included', () => {
    const { sample } = dit.forward(latents, timesteps, labels);
    // PyTorch takes sines of up to 999 rad whose frequencies are float32: two roundings of 1e-7 · 999.
    expect(fixture.error('sample', sample)).toBeLessThan(5e-5);
  });

  it('has the gradients that PyTorch has', () => {
    const norms = gradientNorms(dit, () => tf.mean(tf.square(dit.forward(latents, timesteps, labels).sample)));
    expect(norms).toHaveLength(fixture.stored('gradients').data.length);
    expect(relativeError(norms, fixture.stored('gradients').data)).toBeLessThan(1e-4);
  });

  it('keeps no tensor but its result', () => {
    const before = tf.memory().numTensors;
    dit.forward(latents, timesteps, labels).sample.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("the original's checkpoints", () => {
  const fixture = new Fixture('dit-learned-variance');
  /** The fixture's first block's embeddings for all blocks, under the original's names. */
  const original = (): Map<string, StoredTensor> => {
    const get = (name: string): StoredTensor => fixture.weights.get(name)!;
    const tensors = new Map<string, StoredTensor>();
    const both = (to: string, from: string): void => {
      for (const part of ['weight', 'bias']) tensors.set(`${to}.${part}`, get(`${from}.${part}`));
    };
    const joined = (parts: StoredTensor[]): StoredTensor => ({
      shape: [3 * parts[0]!.shape[0]!, ...parts[0]!.shape.slice(1)],
      data: Float32Array.from(parts.flatMap(({ data }) => [...data])),
    });
    both('x_embedder.proj', 'pos_embed.proj');
    both('t_embedder.mlp.0', 'transformer_blocks.0.norm1.emb.timestep_embedder.linear_1');
    both('t_embedder.mlp.2', 'transformer_blocks.0.norm1.emb.timestep_embedder.linear_2');
    const table = 'embedding_table.weight';
    tensors.set(`y_embedder.${table}`, get(`transformer_blocks.0.norm1.emb.class_embedder.${table}`));
    tensors.set('pos_embed', { shape: [1, 9, 12], data: new Float32Array(108) });
    for (const i of [0, 1]) {
      const [ours, theirs] = [`transformer_blocks.${i}`, `blocks.${i}`];
      both(`${theirs}.adaLN_modulation.1`, `${ours}.norm1.linear`);
      for (const part of ['weight', 'bias']) {
        const qkv = ['q', 'k', 'v'].map((which) => get(`${ours}.attn1.to_${which}.${part}`));
        tensors.set(`${theirs}.attn.qkv.${part}`, joined(qkv));
      }
      both(`${theirs}.attn.proj`, `${ours}.attn1.to_out.0`);
      both(`${theirs}.mlp.fc1`, `${ours}.ff.net.0.proj`);
      both(`${theirs}.mlp.fc2`, `${ours}.ff.net.2`);
    }
    both('final_layer.adaLN_modulation.1', 'proj_out_1');
    both('final_layer.linear', 'proj_out_2');
    return tensors;
  };

  it('give the same network as diffusers names with one embedding for all blocks', () => {
    const config = { ...fixture.config, tie_embeddings: true };
    const fromOriginal = new DiT(config).load(asSource(original()));
    const tied: TensorSource = {
      keys: () => fixture.weights.keys(),
      get: (name) => fixture.weights.get(name.replace(/\.\d+(\.norm1\.emb)/, '.0$1')),
    };
    const fromDiffusers = new DiT(config).load(tied);
    const run = (dit: DiT) => dit.forward(fixture.tensor('latents'), 5, int32([0, 1, 2])).sample.dataSync();
    expect(run(fromOriginal)).toEqual(run(fromDiffusers));
  });

  it('load strictly: what is missing or not known is named', () => {
    const tensors = original();
    tensors.delete('blocks.1.mlp.fc1.bias');
    tensors.set('wings', { shape: [1], data: new Float32Array(1) });
    expect(() => new DiT({ ...fixture.config, tie_embeddings: true }).load(asSource(tensors))).toThrow(
      "Missing: 1 ('transformer_blocks.1.ff.net.0.proj.bias'). Unexpected: 1 ('wings')",
    );
  });

  it('DiT-XL/2 has 675 M parameters', () => {
    // The published 675,129,632 count the fixed position embedding (256 · 1152) among them.
    expect(new DiT(originalDiT('XL', { patchSize: 2 })).parameterCount).toBe(675_129_632 - 256 * 1152);
  });
});

describe('DiT', () => {
  it('reads the published config of DiT-XL-2-256, whose class has another name', () => {
    const { config } = new DiT({
      _class_name: 'Transformer2DModel',
      _diffusers_version: '0.12.0.dev0',
      activation_fn: 'gelu-approximate',
      attention_bias: true,
      attention_head_dim: 72,
      cross_attention_dim: null,
      double_self_attention: false,
      dropout: 0,
      in_channels: 4,
      norm_elementwise_affine: false,
      norm_num_groups: 32,
      norm_type: 'ada_norm_zero',
      num_attention_heads: 16,
      num_embeds_ada_norm: 1000,
      num_layers: 28,
      num_vector_embeds: null,
      only_cross_attention: false,
      out_channels: 8,
      patch_size: 2,
      sample_size: 32,
      upcast_attention: false,
      use_linear_projection: false,
    });
    expect(config).toMatchObject({ num_layers: 28, norm_eps: 1e-5, freq_shift: 1, tie_embeddings: false });
  });

  it('starts as the paper does: each block the identity, an output of zeros, and from the seed alone', () => {
    const make = (seed: number) => new DiT(TINY, { seed });
    const { sample } = make(1).forward(tf.ones([1, 4, 4, 4]), 3, int32([0]));
    expect(Math.max(...sample.dataSync().map(Math.abs))).toBe(0);
    const first = (seed: number) => make(seed).transformer_blocks[0]!.attn1.to_q.weight.value.dataSync();
    expect(first(1)).toEqual(first(1));
    expect(first(1)).not.toEqual(first(2));
  });

  it('refuses tied embeddings for weights whose blocks differ', async () => {
    const weights = asSource(await new DiT(TINY, { seed: 1 }).stateDict());
    expect(() => new DiT({ ...TINY, tie_embeddings: true }).load(weights)).toThrow(
      'one embedding of timestep and class',
    );
    expect(() => new DiT(TINY).load(weights)).not.toThrow();
  });

  it('refuses settings that would change what it computes, by name', () => {
    expect(() => new DiT({ ...TINY, norm_type: 'layer_norm' } as never)).toThrow('\'norm_type\' is "layer_norm"');
    expect(() => new DiT({ ...TINY, patch_size: 3 })).toThrow("'sample_size' to be a multiple of 3");
    expect(() => new DiT({ ...TINY, out_channels: 5 })).toThrow("'out_channels' to be 4, or 8");
  });

  it('says which shape it expected', () => {
    const dit = new DiT(TINY, { seed: 1 });
    expect(() => dit.forward(tf.ones([1, 8, 8, 4]), 0, int32([0]))).toThrow('[N,4,4,4], got [1,8,8,4]');
    expect(() => dit.forward(tf.ones([1, 4, 4, 4]), 0, int32([0, 1]))).toThrow('labels int32 [1], got int32 [2]');
    expect(() => dit.forward(tf.ones([1, 4, 4, 4]), 0, tf.ones([1]))).toThrow('labels int32 [1], got float32 [1]');
  });
});
