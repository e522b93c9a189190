/** DiT's blocks: a transformer whose layers are shifted, scaled and gated by timestep and class (adaLN-Zero). */
import {
  gatedAdd,
  modulatedLayerNorm,
  multiHeadAttention,
  type RandomStream,
  silu,
  type Tensor,
  tf,
} from '../../engine';
import { Embedding, GeluLinear, Linear } from '../layers';
import { Module, type Parameter } from '../module';
import { sinusoids, TimestepEmbedding } from '../time-embedding';

/** Epsilon of the modulated norms. */
export const EPSILON = 1e-6;
/** Number of sines and cosines per timestep. */
const FREQUENCIES = 256;

export interface DiTBlockOptions {
  /** Channels of a token. */
  width: number;
  heads: number;
  /** Classes, without the null class. */
  classes: number;
  bias: boolean;
  /** Epsilon of the norm before the feed-forward. */
  epsilon: number;
  frequencyShift: number;
}

/** One embedding per class; the last row is the null class. */
class LabelEmbedding extends Module {
  readonly embedding_table: Embedding;

  constructor(classes: number, width: number, init?: RandomStream) {
    super();
    this.embedding_table = new Embedding({ count: classes + 1, size: width, deviation: 0.02 }, init);
  }
}

/** diffusers' CombinedTimestepLabelEmbeddings: timestep and class as one vector. */
export class ConditionEmbedding extends Module {
  readonly timestep_embedder: TimestepEmbedding;
  readonly class_embedder: LabelEmbedding;
  private readonly frequencyShift: number;

  constructor({ width, classes, frequencyShift }: DiTBlockOptions, init?: RandomStream) {
    super();
    this.timestep_embedder = new TimestepEmbedding({ in: FREQUENCIES, out: width, initial: 0.02 }, init);
    this.class_embedder = new LabelEmbedding(classes, width, init);
    this.frequencyShift = frequencyShift;
  }

  /** timesteps float32 [N], labels int32 [N] → SiLU of the embedding [N,width], the input of every modulation. */
  forward(timesteps: Tensor, labels: Tensor): Tensor {
    return tf.tidy(() => {
      const waves = sinusoids(timesteps, {
        size: FREQUENCIES,
        flipSinToCos: true,
        frequencyShift: this.frequencyShift,
      });
      const time = this.timestep_embedder.forward(waves);
      return silu(tf.add(time, this.class_embedder.embedding_table.forward(labels)));
    });
  }
}

/**
 * diffusers' AdaLayerNormZero without its norm: the six vectors that condition a block. They are initialised to zero,
 * which makes the block the identity.
 */
class Modulation extends Module {
  readonly emb: ConditionEmbedding;
  readonly linear: Linear;

  constructor(width: number, emb: ConditionEmbedding, init?: RandomStream) {
    super();
    this.emb = emb;
    this.linear = new Linear({ in: width, out: 6 * width, initial: 'zeros' }, init);
  }
}

/** Self-attention, with DiffFit's two scales (Xie et al. 2023) if they were added. */
class DiTAttention extends Module {
  readonly to_q: Linear;
  readonly to_k: Linear;
  readonly to_v: Linear;
  readonly to_out: Linear[];
  /** Scales of queries, keys and values [3·width], and of the output [width]; set by addGammas. */
  gamma1: Parameter | undefined;
  gamma2: Parameter | undefined;
  private readonly heads: number;

  constructor({ width, heads, bias }: DiTBlockOptions, init?: RandomStream) {
    super();
    const square = { in: width, out: width, initial: 'xavier' } as const;
    this.heads = heads;
    this.to_q = new Linear({ ...square, bias }, init);
    this.to_k = new Linear({ ...square, bias }, init);
    this.to_v = new Linear({ ...square, bias }, init);
    this.to_out = [new Linear(square, init)];
  }

  /** [N,L,width] → [N,L,width] */
  forward(x: Tensor): Tensor {
    const gammas = this.gamma1 && (tf.split(this.gamma1.value, 3) as [Tensor, Tensor, Tensor]);
    const [q, k, v] = [this.to_q, this.to_k, this.to_v].map((projection, i) => {
      const projected = projection.forward(x);
      return gammas ? tf.mul(projected, gammas[i]!) : projected;
    }) as [Tensor, Tensor, Tensor];
    const out = this.to_out[0]!.forward(multiHeadAttention(q, k, v, { heads: this.heads }));
    return this.gamma2 ? tf.mul(out, this.gamma2.value) : out;
  }
}

/** diffusers' GELU, tanh approximation: `proj` and activation. */
class GeluProjection extends Module {
  readonly proj: GeluLinear;

  constructor(width: number, inner: number, init?: RandomStream) {
    super();
    this.proj = new GeluLinear({ in: width, out: inner, initial: 'xavier', approximate: true }, init);
  }

  forward(x: Tensor): Tensor {
    return this.proj.forward(x);
  }
}

/** Feed-forward, 4 · width inside. `net.1` is a dropout, which has no weights. */
class FeedForward extends Module {
  readonly net: readonly [GeluProjection, undefined, Linear];

  constructor(width: number, init?: RandomStream) {
    super();
    const inner = 4 * width;
    this.net = [
      new GeluProjection(width, inner, init),
      undefined,
      new Linear({ in: inner, out: width, initial: 'xavier' }, init),
    ];
  }

  forward(x: Tensor): Tensor {
    return this.net[2].forward(this.net[0].forward(x));
  }
}

/** diffusers' BasicTransformerBlock with ada_norm_zero: attention and feed-forward, each modulated and gated. */
export class DiTBlock extends Module {
  readonly norm1: Modulation;
  readonly attn1: DiTAttention;
  readonly ff: FeedForward;
  /** DiffFit's scales of the two gates [width]; set by addGammas. */
  gamma1: Parameter | undefined;
  gamma2: Parameter | undefined;
  private readonly epsilon: number;

  constructor(options: DiTBlockOptions, emb: ConditionEmbedding, init?: RandomStream) {
    super();
    this.norm1 = new Modulation(options.width, emb, init);
    this.attn1 = new DiTAttention(options, init);
    this.ff = new FeedForward(options.width, init);
    this.epsilon = options.epsilon;
  }

  /** x [N,L,width], SiLU of the condition's embedding [N,width] → [N,L,width] */
  forward(x: Tensor, condition: Tensor): Tensor {
    return tf.tidy(() => {
      const [shift1, scale1, gate1, shift2, scale2, gate2] = tf.split(this.norm1.linear.forward(condition), 6, 1) as [
        Tensor,
        Tensor,
        Tensor,
        Tensor,
        Tensor,
        Tensor,
      ];
      const attended = tf.tidy(() =>
        gatedAdd(
          x,
          scaled(gate1, this.gamma1),
          this.attn1.forward(modulatedLayerNorm(x, shift1, scale1, { epsilon: EPSILON })),
        ),
      );
      return gatedAdd(
        attended,
        scaled(gate2, this.gamma2),
        this.ff.forward(modulatedLayerNorm(attended, shift2, scale2, { epsilon: this.epsilon })),
      );
    });
  }
}

const scaled = (gate: Tensor, gamma: Parameter | undefined): Tensor => (gamma ? tf.mul(gate, gamma.value) : gate);
