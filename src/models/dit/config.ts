/** DiTTransformer2DModel's config.json, and the four sizes of the paper (Peebles & Xie 2023, table 1). */
import { type ConfigRules, type RawConfig, readConfig } from '../config';

/** The supported settings, with diffusers' names and meaning; the last two are ours. */
export interface DiTConfig {
  num_attention_heads: number;
  /** Channels of a head; the width is heads · channels. */
  attention_head_dim: number;
  in_channels: number;
  /** Twice in_channels: the variance is learned. null: as many as in_channels. */
  out_channels: number | null;
  num_layers: number;
  /** Side of the latents, in latent pixels. */
  sample_size: number;
  /** Side of a token, in latent pixels. */
  patch_size: number;
  /** Classes; the null class comes after the last. */
  num_embeds_ada_norm: number;
  attention_bias: boolean;
  /** Epsilon of the norm before the feed-forward; the others have 1e-6. */
  norm_eps: number;
  /**
   * Subtracted from the number of frequencies in the timestep embedding's denominator: 1 in diffusers, 0 in the
   * original code. diffusers has no such key: it always uses 1, even for weights that were trained with 0.
   */
  freq_shift: number;
  /**
   * Whether all blocks share one embedding of timestep and class, as in the original code. diffusers' files hold a copy
   * per block, and its blocks would train their copies separately. Default false.
   */
  tie_embeddings: boolean;
}

const RULES: ConfigRules<DiTConfig> = {
  name: 'DiTTransformer2DModel',
  defaults: {
    num_attention_heads: 16,
    attention_head_dim: 72,
    in_channels: 4,
    out_channels: null,
    num_layers: 28,
    sample_size: 32,
    patch_size: 2,
    num_embeds_ada_norm: 1000,
    attention_bias: true,
    norm_eps: 1e-5,
    freq_shift: 1,
    tie_embeddings: false,
  },
  fixed: {
    activation_fn: ['gelu-approximate'],
    norm_type: ['ada_norm_zero'],
    norm_elementwise_affine: [false],
    dropout: [0],
    // Keys of Transformer2DModel, the class named by DiT's published config.
    cross_attention_dim: [null],
    double_self_attention: [false],
    only_cross_attention: [false],
    num_vector_embeds: [null],
    use_linear_projection: [false],
    caption_channels: [null],
    attention_type: ['default'],
  },
  // There is no group norm, and we always compute in float32.
  ignored: ['norm_num_groups', 'upcast_attention', 'interpolation_scale', 'use_additional_conditions'],
};

/**
 * The settings, with defaults for absent keys.
 * @throws naming keys that are unknown, not supported, or don't fit together
 */
export function readDiTConfig(given: RawConfig): DiTConfig {
  const config = readConfig(given, RULES);
  const { sample_size: side, patch_size: patch, in_channels: channels, out_channels: out } = config;
  if (side % patch !== 0)
    throw new Error(`Expected 'sample_size' to be a multiple of ${patch} (patch_size), got ${side}.`);
  const width = config.num_attention_heads * config.attention_head_dim;
  if (width % 4 !== 0)
    throw new Error(`Expected heads · head_dim to be a multiple of 4 (position embedding), got ${width}.`);
  if (out !== null && out !== channels && out !== 2 * channels) {
    throw new Error(
      `Expected 'out_channels' to be ${channels}, or ${2 * channels} with a learned variance, got ${out}.`,
    );
  }
  return config;
}

/** Sizes in the paper. The published checkpoints are 'XL' (DiT-XL/2 on ImageNet). */
export type DiTSize = 'S' | 'B' | 'L' | 'XL';

const SIZES: Readonly<Record<DiTSize, Pick<DiTConfig, 'num_layers' | 'num_attention_heads' | 'attention_head_dim'>>> = {
  S: { num_layers: 12, num_attention_heads: 6, attention_head_dim: 64 },
  B: { num_layers: 12, num_attention_heads: 12, attention_head_dim: 64 },
  L: { num_layers: 24, num_attention_heads: 16, attention_head_dim: 64 },
  XL: { num_layers: 28, num_attention_heads: 16, attention_head_dim: 72 },
};

/**
 * Settings of the original code's DiT, which differ from diffusers' in freq_shift, norm_eps and one embedding for all
 * blocks.
 * @example new DiT(originalDiT('XL', { patchSize: 2 })).load(new TorchFile('DiT-XL-2-256x256.pt'))
 */
export function originalDiT(
  size: DiTSize,
  { patchSize, sampleSize = 32, classes = 1000 }: { patchSize: number; sampleSize?: number; classes?: number },
): DiTConfig {
  return {
    ...RULES.defaults,
    ...SIZES[size],
    out_channels: 8,
    sample_size: sampleSize,
    patch_size: patchSize,
    num_embeds_ada_norm: classes,
    norm_eps: 1e-6,
    freq_shift: 0,
    tie_embeddings: true,
  };
}
