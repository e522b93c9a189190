/** The autoencoder between images and latents (Kingma & Welling 2014; Rombach et al. 2022), diffusers' AutoencoderKL. */
import { attention, RandomStream, type Tensor, tf } from '../engine';
import { type ConfigRules, type RawConfig, readConfig } from './config';
import { Conv2d, GroupNorm, Linear } from './layers';
import { Module, type TensorSource } from './module';
import { Downsample2D, ResnetBlock2D, Upsample2D } from './unet';

/** The supported settings of config.json, with diffusers' names and meaning. */
export interface AutoencoderConfig {
  in_channels: number;
  out_channels: number;
  down_block_types: readonly string[];
  up_block_types: readonly string[];
  block_out_channels: readonly number[];
  layers_per_block: number;
  latent_channels: number;
  norm_num_groups: number;
  /** Side of the training images, pixels; other sizes work too. */
  sample_size: number | readonly number[];
  /** Latents are multiplied by this before the denoiser sees them: 1 / their standard deviation. */
  scaling_factor: number;
  /** Subtracted from latents before scaling; null in SD. */
  shift_factor: number | null;
  use_quant_conv: boolean;
  use_post_quant_conv: boolean;
  mid_block_add_attention: boolean;
}

const RULES: ConfigRules<AutoencoderConfig> = {
  name: 'AutoencoderKL',
  defaults: {
    in_channels: 3,
    out_channels: 3,
    down_block_types: ['DownEncoderBlock2D'],
    up_block_types: ['UpDecoderBlock2D'],
    block_out_channels: [64],
    layers_per_block: 1,
    latent_channels: 4,
    norm_num_groups: 32,
    sample_size: 32,
    scaling_factor: 0.18215,
    shift_factor: null,
    use_quant_conv: true,
    use_post_quant_conv: true,
    mid_block_add_attention: true,
  },
  fixed: { act_fn: ['silu', 'swish'], latents_mean: [null], latents_std: [null] },
  // force_upcast: we always compute in float32.
  ignored: ['force_upcast'],
};

const EPSILON = 1e-6;

/** Mean and log variance of each latent value's Gaussian, [N,h,w,latent_channels] each, not scaled. */
export type Posterior = {
  mean: Tensor;
  logVariance: Tensor;
};

/** Built from diffusers' config.json; parameter names are its checkpoint's. Images are [N,H,W,3] in -1 … 1. */
export class AutoencoderKL extends Module {
  readonly config: AutoencoderConfig;
  readonly encoder: Encoder;
  readonly decoder: Decoder;
  readonly quant_conv: Conv2d | undefined;
  readonly post_quant_conv: Conv2d | undefined;

  /**
   * @param given diffusers' config.json, or a part of it (absent keys take diffusers' defaults)
   * @param options `seed` initialises the weights as PyTorch does; without it they have no values until loaded
   * @throws naming a setting that is unknown or not supported
   */
  constructor(given: RawConfig | Partial<AutoencoderConfig> = {}, { seed }: { seed?: number } = {}) {
    super();
    const init = seed === undefined ? undefined : new RandomStream(seed, 'AutoencoderKL');
    const config = readConfig(given as RawConfig, RULES);
    const { latent_channels: latent, down_block_types: down, up_block_types: up } = config;
    expectTypes(down, 'DownEncoderBlock2D', config.block_out_channels.length);
    expectTypes(up, 'UpDecoderBlock2D', config.block_out_channels.length);
    this.config = config;
    this.encoder = new Encoder(config, init);
    this.decoder = new Decoder(config, init);
    this.quant_conv = config.use_quant_conv
      ? new Conv2d({ in: 2 * latent, out: 2 * latent, kernel: 1 }, init)
      : undefined;
    this.post_quant_conv = config.use_post_quant_conv
      ? new Conv2d({ in: latent, out: latent, kernel: 1 }, init)
      : undefined;
  }

  /** Image pixels per latent position along each axis. */
  get downscale(): number {
    return 2 ** (this.config.block_out_channels.length - 1);
  }

  /** Images [N,H,W,in_channels] → the distribution of their latents [N,H/f,W/f,latent_channels]. */
  encode(images: Tensor): Posterior {
    return tf.tidy(() => {
      const encoded = this.encoder.forward(images);
      const moments = this.quant_conv ? this.quant_conv.forward(encoded) : encoded;
      const [mean, logVariance] = tf.split(moments, 2, -1) as [Tensor, Tensor];
      return { mean, logVariance: tf.clipByValue(logVariance, -30, 20) };
    });
  }

  /** Latents (not scaled) → images [N,H,W,out_channels], about -1 … 1. */
  decode(latents: Tensor): Tensor {
    return tf.tidy(() => this.decoder.forward(this.post_quant_conv ? this.post_quant_conv.forward(latents) : latents));
  }

  /** Draws from the posterior: mean + noise · standard deviation. @param noise standard normal, of the mean's shape */
  sample({ mean, logVariance }: Posterior, noise: Tensor): Tensor {
    return tf.tidy(() => tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), noise)));
  }

  /** Scales latents for the denoiser: (z - shift) · scaling factor. */
  scale(latents: Tensor): Tensor {
    const { scaling_factor: factor, shift_factor: shift } = this.config;
    return tf.tidy(() => tf.mul(shift ? tf.sub(latents, shift) : latents, factor));
  }

  /** The inverse of scale. */
  unscale(latents: Tensor): Tensor {
    const { scaling_factor: factor, shift_factor: shift } = this.config;
    return tf.tidy(() => {
      const z = tf.div(latents, factor);
      return shift ? tf.add(z, shift) : z;
    });
  }

  /** Loads weights by name. Names of attention layers from before diffusers 0.15 are accepted too. */
  override load(source: TensorSource, options?: Parameters<Module['load']>[1]): this {
    return super.load(modernNames(source), options);
  }
}

/** diffusers' Encoder. */
class Encoder extends Module {
  readonly conv_in: Conv2d;
  readonly down_blocks: EncoderBlock[];
  readonly mid_block: AutoencoderMidBlock;
  readonly conv_norm_out: GroupNorm;
  readonly conv_out: Conv2d;

  constructor(config: AutoencoderConfig, init?: RandomStream) {
    super();
    const { block_out_channels: channels, norm_num_groups: groups, latent_channels: latent } = config;
    const last = channels[channels.length - 1]!;
    this.conv_in = new Conv2d({ in: config.in_channels, out: channels[0]!, kernel: 3 }, init);
    this.down_blocks = channels.map((out, i) => {
      const sizes = { in: channels[i - 1] ?? out, out, layers: config.layers_per_block, groups };
      return new EncoderBlock({ ...sizes, downsample: i < channels.length - 1 }, init);
    });
    this.mid_block = new AutoencoderMidBlock(last, groups, config.mid_block_add_attention, init);
    this.conv_norm_out = new GroupNorm({ groups, channels: last, epsilon: EPSILON, activation: 'silu' }, init);
    this.conv_out = new Conv2d({ in: last, out: 2 * latent, kernel: 3 }, init);
  }

  forward(x: Tensor): Tensor {
    let h = this.conv_in.forward(x);
    for (const block of this.down_blocks) h = block.forward(h);
    h = this.mid_block.forward(h);
    return this.conv_out.forward(this.conv_norm_out.forward(h));
  }
}

/** diffusers' Decoder. */
class Decoder extends Module {
  readonly conv_in: Conv2d;
  readonly up_blocks: DecoderBlock[];
  readonly mid_block: AutoencoderMidBlock;
  readonly conv_norm_out: GroupNorm;
  readonly conv_out: Conv2d;

  constructor(config: AutoencoderConfig, init?: RandomStream) {
    super();
    const { norm_num_groups: groups } = config;
    const channels = config.block_out_channels.toReversed();
    const [first, last] = [channels[0]!, channels[channels.length - 1]!];
    this.conv_in = new Conv2d({ in: config.latent_channels, out: first, kernel: 3 }, init);
    this.mid_block = new AutoencoderMidBlock(first, groups, config.mid_block_add_attention, init);
    this.up_blocks = channels.map((out, i) => {
      const sizes = { in: channels[i - 1] ?? out, out, layers: config.layers_per_block + 1, groups };
      return new DecoderBlock({ ...sizes, upsample: i < channels.length - 1 }, init);
    });
    this.conv_norm_out = new GroupNorm({ groups, channels: last, epsilon: EPSILON, activation: 'silu' }, init);
    this.conv_out = new Conv2d({ in: last, out: config.out_channels, kernel: 3 }, init);
  }

  forward(z: Tensor): Tensor {
    let h = this.mid_block.forward(this.conv_in.forward(z));
    for (const block of this.up_blocks) h = block.forward(h);
    return this.conv_out.forward(this.conv_norm_out.forward(h));
  }
}

interface StageOptions {
  in: number;
  out: number;
  layers: number;
  groups: number;
}

function resnets({ in: input, out, layers, groups }: StageOptions, init?: RandomStream): ResnetBlock2D[] {
  return Array.from(
    { length: layers },
    (_, i) => new ResnetBlock2D({ in: i === 0 ? input : out, out, groups, epsilon: EPSILON }, init),
  );
}

/** DownEncoderBlock2D */
class EncoderBlock extends Module {
  readonly resnets: ResnetBlock2D[];
  readonly downsamplers: Downsample2D[];

  constructor(options: StageOptions & { downsample: boolean }, init?: RandomStream) {
    super();
    this.resnets = resnets(options, init);
    this.downsamplers = options.downsample ? [new Downsample2D({ channels: options.out, padding: 0 }, init)] : [];
  }

  forward(x: Tensor): Tensor {
    return tf.tidy(() => [...this.resnets, ...this.downsamplers].reduce((h, layer) => layer.forward(h), x));
  }
}

/** UpDecoderBlock2D */
class DecoderBlock extends Module {
  readonly resnets: ResnetBlock2D[];
  readonly upsamplers: Upsample2D[];

  constructor(options: StageOptions & { upsample: boolean }, init?: RandomStream) {
    super();
    this.resnets = resnets(options, init);
    this.upsamplers = options.upsample ? [new Upsample2D({ channels: options.out }, init)] : [];
  }

  forward(x: Tensor): Tensor {
    return tf.tidy(() => {
      const h = this.resnets.reduce((h, layer) => layer.forward(h), x);
      return this.upsamplers.reduce((h, layer) => layer.forward(h), h);
    });
  }
}

/** UNetMidBlock2D: residual block, optional self-attention, residual block. */
class AutoencoderMidBlock extends Module {
  readonly attentions: SpatialAttention[];
  readonly resnets: ResnetBlock2D[];

  constructor(channels: number, groups: number, attends: boolean, init?: RandomStream) {
    super();
    this.attentions = attends ? [new SpatialAttention(channels, groups, init)] : [];
    this.resnets = resnets({ in: channels, out: channels, layers: 2, groups }, init);
  }

  forward(x: Tensor): Tensor {
    return tf.tidy(() => {
      const h = this.resnets[0]!.forward(x);
      return this.resnets[1]!.forward(this.attentions[0]?.forward(h) ?? h);
    });
  }
}

/** Self-attention with one head over all positions, a group norm before and a residual around. */
class SpatialAttention extends Module {
  readonly group_norm: GroupNorm;
  readonly to_q: Linear;
  readonly to_k: Linear;
  readonly to_v: Linear;
  readonly to_out: Linear[];

  constructor(channels: number, groups: number, init?: RandomStream) {
    super();
    const projection = (): Linear => new Linear({ in: channels, out: channels }, init);
    this.group_norm = new GroupNorm({ groups, channels, epsilon: EPSILON }, init);
    this.to_q = projection();
    this.to_k = projection();
    this.to_v = projection();
    this.to_out = [projection()];
  }

  forward(x: Tensor): Tensor {
    return tf.tidy(() => {
      const [batch, height, width, channels] = x.shape as [number, number, number, number];
      const tokens = [batch, 1, height * width, channels];
      const normed = tf.reshape(this.group_norm.forward(x), tokens);
      const attended = attention(this.to_q.forward(normed), this.to_k.forward(normed), this.to_v.forward(normed));
      return tf.add(tf.reshape(this.to_out[0]!.forward(attended), x.shape), x);
    });
  }
}

function expectTypes(types: readonly string[], expected: string, count: number): void {
  if (types.length !== count || types.some((type) => type !== expected)) {
    throw new Error(`Expected ${count} autoencoder blocks of type '${expected}', got ${JSON.stringify(types)}.`);
  }
}

const OLD_NAMES: readonly [RegExp, string][] = [
  [/(attentions\.\d+)\.query\./, '$1.to_q.'],
  [/(attentions\.\d+)\.key\./, '$1.to_k.'],
  [/(attentions\.\d+)\.value\./, '$1.to_v.'],
  [/(attentions\.\d+)\.proj_attn\./, '$1.to_out.0.'],
];

/** The same tensors under diffusers' current names. SD v1.5's autoencoder was published with the old ones. */
function modernNames(source: TensorSource): TensorSource {
  const original = new Map<string, string>();
  for (const name of source.keys()) {
    original.set(
      OLD_NAMES.reduce((renamed, [old, modern]) => renamed.replace(old, modern), name),
      name,
    );
  }
  return {
    keys: () => original.keys(),
    get: (name) => {
      const stored = original.get(name);
      return stored === undefined ? undefined : source.get(stored);
    },
  };
}
