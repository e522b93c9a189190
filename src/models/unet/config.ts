/** UNet2DConditionModel's config.json. */
import { type ConfigRules, perBlock, type RawConfig, readConfig } from '../config';

/** The supported settings, with diffusers' names and meaning. */
export interface UNetConfig {
  /** Side of the latents it was trained on; other sizes work too. */
  sample_size: number | readonly number[] | null;
  in_channels: number;
  out_channels: number;
  center_input_sample: boolean;
  flip_sin_to_cos: boolean;
  freq_shift: number;
  down_block_types: readonly string[];
  up_block_types: readonly string[];
  block_out_channels: readonly number[];
  layers_per_block: number | readonly number[];
  downsample_padding: number;
  mid_block_scale_factor: number;
  norm_num_groups: number;
  norm_eps: number;
  cross_attention_dim: number | readonly number[];
  transformer_layers_per_block: number | readonly number[];
  /** The number of heads, despite its name: a mistake in diffusers that every published config follows. */
  attention_head_dim: number | readonly number[];
  use_linear_projection: boolean;
  time_embedding_dim: number | null;
}

const RULES: ConfigRules<UNetConfig> = {
  name: 'UNet2DConditionModel',
  defaults: {
    sample_size: null,
    in_channels: 4,
    out_channels: 4,
    center_input_sample: false,
    flip_sin_to_cos: true,
    freq_shift: 0,
    down_block_types: ['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'DownBlock2D'],
    up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D'],
    block_out_channels: [320, 640, 1280, 1280],
    layers_per_block: 2,
    downsample_padding: 1,
    mid_block_scale_factor: 1,
    norm_num_groups: 32,
    norm_eps: 1e-5,
    cross_attention_dim: 1280,
    transformer_layers_per_block: 1,
    attention_head_dim: 8,
    use_linear_projection: false,
    time_embedding_dim: null,
  },
  fixed: {
    mid_block_type: ['UNetMidBlock2DCrossAttn'],
    act_fn: ['silu', 'swish'],
    only_cross_attention: [false],
    mid_block_only_cross_attention: [null, false],
    dual_cross_attention: [false],
    num_attention_heads: [null],
    reverse_transformer_layers_per_block: [null],
    encoder_hid_dim: [null],
    encoder_hid_dim_type: [null],
    class_embed_type: [null],
    num_class_embeds: [null],
    projection_class_embeddings_input_dim: [null],
    class_embeddings_concat: [false],
    addition_embed_type: [null],
    addition_time_embed_dim: [null],
    resnet_time_scale_shift: ['default'],
    resnet_skip_time_act: [false],
    resnet_out_scale_factor: [1],
    time_embedding_type: ['positional'],
    time_embedding_act_fn: [null],
    timestep_post_act: [null],
    time_cond_proj_dim: [null],
    conv_in_kernel: [3],
    conv_out_kernel: [3],
    attention_type: ['default'],
    cross_attention_norm: [null],
    dropout: [0],
  },
  // upcast_attention: we always compute in float32.
  ignored: ['upcast_attention', 'addition_embed_type_num_heads'],
};

/** The settings of the blocks at one resolution. */
export interface UNetLevel {
  channels: number;
  layers: number;
  heads: number;
  context: number;
  depth: number;
  /** Whether the down block and the up block at this resolution attend to the text. */
  attendsDown: boolean;
  attendsUp: boolean;
}

/**
 * The settings, and those of each resolution, from the largest to the smallest.
 * @throws naming keys that are unknown, not supported, or of the wrong length
 */
export function readUNetConfig(given: RawConfig): { config: UNetConfig; levels: UNetLevel[] } {
  const config = readConfig(given, RULES);
  const count = config.block_out_channels.length;
  const layers = perBlock(config.layers_per_block, count, 'layers_per_block');
  const heads = perBlock(config.attention_head_dim, count, 'attention_head_dim');
  const contexts = perBlock(config.cross_attention_dim, count, 'cross_attention_dim');
  const depths = perBlock(config.transformer_layers_per_block, count, 'transformer_layers_per_block');
  const down = perBlock(config.down_block_types, count, 'down_block_types');
  const up = perBlock(config.up_block_types, count, 'up_block_types').toReversed();
  const levels = config.block_out_channels.map((channels, i) => ({
    channels,
    layers: layers[i]!,
    heads: heads[i]!,
    context: contexts[i]!,
    depth: depths[i]!,
    attendsDown: attends(down[i]!, 'CrossAttnDownBlock2D', 'DownBlock2D'),
    attendsUp: attends(up[i]!, 'CrossAttnUpBlock2D', 'UpBlock2D'),
  }));
  return { config, levels };
}

function attends(type: string, withAttention: string, without: string): boolean {
  if (type !== withAttention && type !== without) {
    throw new Error(`Expected a UNet block type to be '${withAttention}' or '${without}', got '${type}'.`);
  }
  return type === withAttention;
}
