/** The class-conditional diffusion transformer (Peebles & Xie 2023), diffusers' DiTTransformer2DModel. */
import { modulatedLayerNorm, RandomStream, type Tensor, tf } from '../../engine';
import type { RawConfig } from '../config';
import type { Denoiser } from '../denoiser';
import { Conv2d, Linear } from '../layers';
import { type LoadOptions, Module, type TensorSource } from '../module';
import { type Timesteps, timestepTensor } from '../time-embedding';
import { ConditionEmbedding, DiTBlock, type DiTBlockOptions, EPSILON } from './blocks';
import { type DiTConfig, readDiTConfig } from './config';
import { embeddingsAgree, hasOriginalNames, underDiffusersNames } from './names';
import { gridEmbedding } from './position';

/** Projects patches of patch_size² latent positions to tokens. */
class PatchEmbed extends Module {
  readonly proj: Conv2d;

  constructor({ in_channels: channels, patch_size: patch }: DiTConfig, width: number, init?: RandomStream) {
    super();
    this.proj = new Conv2d({ in: channels, out: width, kernel: patch, stride: patch, padding: 0 }, init);
  }
}

/** Built from diffusers' config.json; parameter names are its checkpoint's. */
export class DiT extends Module implements Denoiser {
  readonly config: DiTConfig;
  readonly pos_embed: PatchEmbed;
  readonly transformer_blocks: DiTBlock[];
  readonly proj_out_1: Linear;
  readonly proj_out_2: Linear;
  private readonly positions: Float32Array;

  /**
   * @param given diffusers' config.json, or a part of it (absent keys take diffusers' defaults)
   * @param options `seed` initialises the weights as in the paper (adaLN-Zero); without it they have no values until
   *   loaded
   * @throws naming a setting that is unknown or not supported
   */
  constructor(given: RawConfig | Partial<DiTConfig> = {}, { seed }: { seed?: number } = {}) {
    super();
    const init = seed === undefined ? undefined : new RandomStream(seed, 'DiT');
    this.config = readDiTConfig(given as RawConfig);
    const { config } = this;
    const width = config.num_attention_heads * config.attention_head_dim;
    const options: DiTBlockOptions = {
      width,
      heads: config.num_attention_heads,
      classes: config.num_embeds_ada_norm,
      bias: config.attention_bias,
      epsilon: config.norm_eps,
      frequencyShift: config.freq_shift,
    };
    const shared = config.tie_embeddings ? new ConditionEmbedding(options, init) : undefined;
    this.pos_embed = new PatchEmbed(config, width, init);
    this.transformer_blocks = Array.from(
      { length: config.num_layers },
      () => new DiTBlock(options, shared ?? new ConditionEmbedding(options, init), init),
    );
    const { patch_size: patch, sample_size: side } = config;
    this.proj_out_1 = new Linear({ in: width, out: 2 * width, initial: 'zeros' }, init);
    this.proj_out_2 = new Linear({ in: width, out: patch ** 2 * this.outChannels, initial: 'zeros' }, init);
    this.positions = gridEmbedding(side / patch, width);
  }

  /** Channels of the output: noise, and twice as many with a learned variance. */
  get outChannels(): number {
    return this.config.out_channels ?? this.config.in_channels;
  }

  /** Index of the null class, which stands for 'no label' in classifier-free guidance. */
  get nullClass(): number {
    return this.config.num_embeds_ada_norm;
  }

  /**
   * Predicts the noise, and the variance if it is learned. For class dropout, the caller passes the null class.
   * @param latents [N,sample_size,sample_size,in_channels]
   * @param timesteps schedule indices
   * @param labels int32 [N], 0 … classes - 1, or the null class
   * @returns [N,sample_size,sample_size,out_channels]; the caller disposes it
   * @throws if a shape or dtype differs
   */
  forward(latents: Tensor, timesteps: Timesteps, labels: Tensor): { sample: Tensor } {
    this.check(latents, labels);
    return tf.tidy(() => {
      const { config, transformer_blocks: blocks } = this;
      const [batch, times] = [latents.shape[0]!, timestepTensor(timesteps, latents.shape[0]!)];
      const grid = config.sample_size / config.patch_size;
      const patches = tf.reshape(this.pos_embed.proj.forward(latents), [batch, grid * grid, -1]);
      let tokens: Tensor = tf.add(patches, tf.tensor(this.positions, [1, grid * grid, patches.shape[2]!]));
      const first = blocks[0]!.norm1.emb.forward(times, labels);
      for (const block of blocks) {
        const condition = block.norm1.emb === blocks[0]!.norm1.emb ? first : block.norm1.emb.forward(times, labels);
        const next = block.forward(tokens, condition);
        tokens.dispose();
        tokens = next;
      }
      const [shift, scale] = tf.split(this.proj_out_1.forward(first), 2, 1) as [Tensor, Tensor];
      const out = this.proj_out_2.forward(modulatedLayerNorm(tokens, shift, scale, { epsilon: EPSILON }));
      return { sample: this.joinPatches(out, grid) };
    });
  }

  /** Loads weights under diffusers' names or the original's. @throws also if tied embeddings differ between blocks */
  override load(source: TensorSource, options?: LoadOptions): this {
    return super.load(this.weightsFrom(source), options);
  }

  /** The source's tensors under this network's names. @throws if embeddings that are tied here differ in the source */
  weightsFrom(source: TensorSource): TensorSource {
    if (hasOriginalNames(source)) return underDiffusersNames(source, this.parameters().keys());
    if (this.config.tie_embeddings && !embeddingsAgree(source)) {
      throw new Error(
        "Expected one embedding of timestep and class for all blocks, but the weights' blocks differ. Build the DiT with tie_embeddings false.",
      );
    }
    return source;
  }

  /** [N,tokens,patch²·channels] → [N,H,W,channels] */
  private joinPatches(tokens: Tensor, grid: number): Tensor {
    const { patch_size: patch, sample_size: side } = this.config;
    const [batch, channels] = [tokens.shape[0]!, this.outChannels];
    const cells = tf.reshape(tokens, [batch, grid, grid, patch, patch * channels]);
    return tf.reshape(tf.transpose(cells, [0, 1, 3, 2, 4]), [batch, side, side, channels]);
  }

  private check(latents: Tensor, labels: Tensor): void {
    const { in_channels: channels, sample_size: side } = this.config;
    if (latents.rank !== 4 || latents.shape.slice(1).join() !== [side, side, channels].join()) {
      throw new Error(`Expected latents of shape [N,${side},${side},${channels}], got [${latents.shape}].`);
    }
    if (labels.dtype !== 'int32' || labels.rank !== 1 || labels.shape[0] !== latents.shape[0]) {
      throw new Error(`Expected labels int32 [${latents.shape[0]}], got ${labels.dtype} [${labels.shape}].`);
    }
  }
}
