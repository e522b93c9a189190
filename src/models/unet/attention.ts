/** Attention over latent positions and over text, and the transformer blocks built from it. */
import { geglu, multiHeadAttention, type RandomStream, type Tensor, tf } from '../../engine';
import { Conv2d, GroupNorm, LayerNorm, Linear } from '../layers';
import { Module } from '../module';

export interface AttentionOptions {
  /** Channels of the queries and of the result. */
  channels: number;
  heads: number;
  /** Channels of the keys' and values' input. Default: `channels` (self-attention). */
  context?: number;
  /** Biases in the query, key and value projections. Default false. */
  bias?: boolean;
}

/** diffusers' Attention: multi-head attention with to_q, to_k, to_v, to_out (Vaswani et al. 2017). */
export class Attention extends Module {
  readonly to_q: Linear;
  readonly to_k: Linear;
  readonly to_v: Linear;
  readonly to_out: Linear[];
  private readonly heads: number;

  constructor({ channels, heads, context = channels, bias = false }: AttentionOptions, init?: RandomStream) {
    super();
    if (channels % heads !== 0) {
      throw new Error(
        `Expected ${channels} channels to be a multiple of the attention heads, got ${heads}. In diffusers' configs 'attention_head_dim' is the number of heads.`,
      );
    }
    this.heads = heads;
    this.to_q = new Linear({ in: channels, out: channels, bias }, init);
    this.to_k = new Linear({ in: context, out: channels, bias }, init);
    this.to_v = new Linear({ in: context, out: channels, bias }, init);
    this.to_out = [new Linear({ in: channels, out: channels }, init)];
  }

  /** x [N,L,C], context [N or 1,M,D] (default x) → [N,L,C] */
  forward(x: Tensor, context: Tensor = x): Tensor {
    const [q, k, v] = [this.to_q.forward(x), this.to_k.forward(context), this.to_v.forward(context)];
    return this.to_out[0]!.forward(multiHeadAttention(q, k, v, { heads: this.heads }));
  }
}

/** Gated GELU, x₁·GELU(x₂) (Shazeer 2020). */
class Geglu extends Module {
  readonly proj: Linear;

  constructor(channels: number, inner: number, init?: RandomStream) {
    super();
    this.proj = new Linear({ in: channels, out: 2 * inner }, init);
  }

  forward(x: Tensor): Tensor {
    return geglu(x, this.proj.weight.value, this.proj.bias!.value);
  }
}

/** Feed-forward, 4 · channels inside. `net.1` is a dropout, which has no weights. */
class FeedForward extends Module {
  readonly net: readonly [Geglu, undefined, Linear];

  constructor(channels: number, init?: RandomStream) {
    super();
    const inner = 4 * channels;
    this.net = [new Geglu(channels, inner, init), undefined, new Linear({ in: inner, out: channels }, init)];
  }

  forward(x: Tensor): Tensor {
    return this.net[2].forward(this.net[0].forward(x));
  }
}

export interface TransformerOptions {
  channels: number;
  heads: number;
  /** Channels of the text states. */
  context: number;
}

/** diffusers' BasicTransformerBlock: self-attention, attention to the text, feed-forward, each after a layer norm. */
class BasicTransformerBlock extends Module {
  readonly norm1: LayerNorm;
  readonly attn1: Attention;
  readonly norm2: LayerNorm;
  readonly attn2: Attention;
  readonly norm3: LayerNorm;
  readonly ff: FeedForward;

  constructor({ channels, heads, context }: TransformerOptions, init?: RandomStream) {
    super();
    this.norm1 = new LayerNorm({ channels }, init);
    this.attn1 = new Attention({ channels, heads }, init);
    this.norm2 = new LayerNorm({ channels }, init);
    this.attn2 = new Attention({ channels, heads, context }, init);
    this.norm3 = new LayerNorm({ channels }, init);
    this.ff = new FeedForward(channels, init);
  }

  /** x [N,L,C], text [N or 1,M,D] → [N,L,C] */
  forward(x: Tensor, text: Tensor): Tensor {
    const self = tf.tidy(() => tf.add(this.attn1.forward(this.norm1.forward(x)), x));
    const crossed = tf.tidy(() => tf.add(this.attn2.forward(this.norm2.forward(self), text), self));
    return tf.tidy(() => tf.add(this.ff.forward(this.norm3.forward(crossed)), crossed));
  }
}

export interface SpatialTransformerOptions extends TransformerOptions {
  groups: number;
  /** Number of transformer blocks. */
  depth: number;
  /** Whether the projections are dense layers (SD 2) or 1×1 convolutions (SD 1). */
  linearProjection: boolean;
}

/** diffusers' Transformer2DModel for continuous input: positions are tokens, and a residual goes around all blocks. */
export class Transformer2DModel extends Module {
  readonly norm: GroupNorm;
  readonly proj_in: Conv2d | Linear;
  readonly transformer_blocks: BasicTransformerBlock[];
  readonly proj_out: Conv2d | Linear;

  constructor(options: SpatialTransformerOptions, init?: RandomStream) {
    super();
    const { channels, groups, depth, linearProjection } = options;
    const projection = (): Conv2d | Linear =>
      linearProjection
        ? new Linear({ in: channels, out: channels }, init)
        : new Conv2d({ in: channels, out: channels, kernel: 1 }, init);
    this.norm = new GroupNorm({ groups, channels, epsilon: 1e-6 }, init);
    this.proj_in = projection();
    this.transformer_blocks = Array.from({ length: depth }, () => new BasicTransformerBlock(options, init));
    this.proj_out = projection();
  }

  /** x [N,H,W,C], text [N or 1,L,D] → [N,H,W,C] */
  forward(x: Tensor, text: Tensor): Tensor {
    return tf.tidy(() => {
      const [batch, height, width, channels] = x.shape as [number, number, number, number];
      let tokens = tf.reshape(this.proj_in.forward(this.norm.forward(x)), [batch, height * width, channels]);
      for (const block of this.transformer_blocks) {
        const next = tf.tidy(() => block.forward(tokens, text));
        tokens.dispose();
        tokens = next;
      }
      const image = tf.reshape(tokens, [batch, height, width, channels]);
      return tf.add(this.proj_out.forward(image), x);
    });
  }
}
