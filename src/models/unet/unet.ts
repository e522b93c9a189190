/** The text-conditional noise predictor of latent diffusion (Rombach et al. 2022), diffusers' UNet2DConditionModel. */
import { RandomStream, silu, type Tensor, tf } from '../../engine';
import type { RawConfig } from '../config';
import { Conv2d, GroupNorm } from '../layers';
import type { Denoiser } from '../denoiser';
import { Module } from '../module';
import { sinusoids, TimestepEmbedding, type Timesteps, timestepTensor } from '../time-embedding';
import { type BlockOptions, DownBlock, MidBlock, UpBlock } from './blocks';
import { readUNetConfig, type UNetConfig, type UNetLevel } from './config';

export interface UNetOptions {
  /**
   * Indices of the up blocks whose outputs, after upsampling, are returned too; 0 is the coarsest (DIFT's up_ft_index).
   * Default: none.
   */
  features?: readonly number[];
}

export type UNetOutput = {
  /** Predicted noise [N,H,W,out_channels]. */
  sample: Tensor;
  /** Output of each requested up block [N,H',W',C], in the requested order. */
  features: Tensor[];
};

/** Built from diffusers' config.json; parameter names are its checkpoint's. */
export class UNet2DConditionModel extends Module implements Denoiser {
  readonly config: UNetConfig;
  readonly conv_in: Conv2d;
  readonly time_embedding: TimestepEmbedding;
  readonly down_blocks: DownBlock[];
  readonly up_blocks: UpBlock[];
  readonly mid_block: MidBlock;
  readonly conv_norm_out: GroupNorm;
  readonly conv_out: Conv2d;

  /**
   * @param given diffusers' config.json, or a part of it (absent keys take diffusers' defaults)
   * @param options `seed` initialises the weights as PyTorch does; without it they have no values until loaded
   * @throws naming a setting that is unknown or not supported
   */
  constructor(given: RawConfig | Partial<UNetConfig> = {}, { seed }: { seed?: number } = {}) {
    super();
    const init = seed === undefined ? undefined : new RandomStream(seed, 'UNet2DConditionModel');
    const { config, levels } = readUNetConfig(given as RawConfig);
    this.config = config;
    const { norm_num_groups: groups, norm_eps: epsilon } = config;
    const first = levels[0]!;
    const last = levels[levels.length - 1]!;
    const time = config.time_embedding_dim ?? 4 * first.channels;
    const block = (level: UNetLevel, input: number, layers: number, attends: boolean): BlockOptions => ({
      in: input,
      out: level.channels,
      layers,
      time,
      groups,
      epsilon,
      transformer: attends
        ? {
            heads: level.heads,
            context: level.context,
            depth: level.depth,
            linearProjection: config.use_linear_projection,
          }
        : undefined,
    });

    this.conv_in = new Conv2d({ in: config.in_channels, out: first.channels, kernel: 3 }, init);
    this.time_embedding = new TimestepEmbedding({ in: first.channels, out: time }, init);
    this.down_blocks = levels.map((level, i) => {
      const options = block(level, levels[i - 1]?.channels ?? first.channels, level.layers, level.attendsDown);
      const downsample = i < levels.length - 1;
      return new DownBlock({ ...options, downsample, padding: config.downsample_padding }, init);
    });
    const middle = block(last, last.channels, 1, true);
    this.mid_block = new MidBlock({ ...middle, outputScale: config.mid_block_scale_factor }, init);
    this.up_blocks = levels
      .map((level, i) => {
        const options = block(level, (levels[i - 1] ?? first).channels, level.layers + 1, level.attendsUp);
        return { ...options, previous: (levels[i + 1] ?? last).channels, upsample: i > 0 };
      })
      .toReversed()
      .map((options) => new UpBlock(options, init));
    this.conv_norm_out = new GroupNorm({ groups, channels: first.channels, epsilon, activation: 'silu' }, init);
    this.conv_out = new Conv2d({ in: first.channels, out: config.out_channels, kernel: 3 }, init);
  }

  /**
   * Predicts the noise in noisy latents.
   * @param latents [N,H,W,in_channels]
   * @param timesteps schedule indices
   * @param encoderHiddenStates text states [N,L,cross_attention_dim], or [1,L,cross_attention_dim] for all
   * @returns the noise and the requested features; the caller disposes both
   */
  forward(
    latents: Tensor,
    timesteps: Timesteps,
    encoderHiddenStates: Tensor,
    { features: wanted = [] }: UNetOptions = {},
  ): UNetOutput {
    this.check(latents, encoderHiddenStates, wanted);
    return tf.tidy(() => {
      const outputs = this.run(latents, timesteps, encoderHiddenStates, this.up_blocks.length);
      const last = outputs[outputs.length - 1]!;
      const sample = this.conv_out.forward(this.conv_norm_out.forward(last));
      return { sample, features: wanted.map((i) => outputs[i]!) };
    });
  }

  /** Only the features: like forward, but without the blocks after the last requested one. */
  features(latents: Tensor, timesteps: Timesteps, encoderHiddenStates: Tensor, wanted: readonly number[]): Tensor[] {
    this.check(latents, encoderHiddenStates, wanted);
    return tf.tidy(() => {
      const outputs = this.run(latents, timesteps, encoderHiddenStates, Math.max(...wanted) + 1);
      return wanted.map((i) => outputs[i]!);
    });
  }

  /** Outputs of the first `blocks` up blocks. */
  private run(latents: Tensor, timesteps: Timesteps, text: Tensor, blocks: number): Tensor[] {
    const time = this.embedTime(timesteps, latents.shape[0]!);
    const input = this.config.center_input_sample ? tf.sub(tf.mul(latents, 2), 1) : latents;
    const skips = [this.conv_in.forward(input)];
    for (const block of this.down_blocks) skips.push(...block.forward(skips[skips.length - 1]!, time, text));
    let h = this.mid_block.forward(skips[skips.length - 1]!, time, text);
    const outputs: Tensor[] = [];
    for (const block of this.up_blocks.slice(0, blocks)) {
      const below = skips[skips.length - 1 - block.resnets.length];
      const size = below && ([below.shape[1], below.shape[2]] as [number, number]);
      h = block.forward(h, skips, time, text, size);
      outputs.push(h);
    }
    return outputs;
  }

  /** SiLU of the time embedding [N,time], an input of every residual block. */
  private embedTime(timesteps: Timesteps, batch: number): Tensor {
    return tf.tidy(() => {
      const { flip_sin_to_cos: flipSinToCos, freq_shift: frequencyShift } = this.config;
      const waves = sinusoids(timestepTensor(timesteps, batch), {
        size: this.config.block_out_channels[0]!,
        flipSinToCos,
        frequencyShift,
      });
      return silu(this.time_embedding.forward(waves));
    });
  }

  private check(latents: Tensor, text: Tensor, features: readonly number[]): void {
    const { in_channels: channels, cross_attention_dim: context } = this.config;
    if (latents.rank !== 4 || latents.shape[3] !== channels) {
      throw new Error(`Expected latents of shape [N,H,W,${channels}], got [${latents.shape}].`);
    }
    const wanted = Array.isArray(context) ? (context as number[])[0] : context;
    if (text.rank !== 3 || ![1, latents.shape[0]].includes(text.shape[0]!) || text.shape[2] !== wanted) {
      throw new Error(`Expected text states [n,L,${wanted}] with n = 1 or ${latents.shape[0]}, got [${text.shape}].`);
    }
    const missing = features.find((i) => !this.up_blocks[i]);
    if (missing !== undefined) {
      throw new Error(`Expected up block indices 0 … ${this.up_blocks.length - 1} in 'features', got ${missing}.`);
    }
  }
}
