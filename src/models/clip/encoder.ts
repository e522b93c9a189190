/** The transformer that CLIP's text and image encoders share (Radford et al. 2021), transformers' CLIPEncoder. */
import { gelu, multiHeadAttention, quickGelu, type RandomStream, type Tensor, tf } from '../../engine';
import type { RawConfig } from '../config';
import { LayerNorm, Linear, normalFill } from '../layers';
import { Module } from '../module';

/** Settings common to both encoders' config.json. */
export interface ClipEncoderConfig {
  hidden_size: number;
  intermediate_size: number;
  num_hidden_layers: number;
  num_attention_heads: number;
  hidden_act: 'quick_gelu' | 'gelu';
  layer_norm_eps: number;
  /** Length of the joint embedding. */
  projection_dim: number;
  /** Factor of every initial weight. */
  initializer_factor: number;
}

/**
 * Whether a config is for a model with a projection: by its 'architectures' or, in a hand-written config without them,
 * by the presence of 'projection_dim'.
 */
export function projectsByConfig(given: RawConfig, withProjection: string): boolean {
  if (Array.isArray(given.architectures)) return given.architectures.includes(withProjection);
  return given.projection_dim !== undefined;
}

/** A dense layer with CLIP's initialisation: Normal(0, deviation) weights and zero biases. */
export function normalLinear(
  options: { in: number; out: number; bias?: boolean },
  deviation: number,
  init?: RandomStream,
): Linear {
  const layer = new Linear(options);
  if (init) {
    for (const parameter of [layer.weight, layer.bias]) {
      if (!parameter) continue;
      const data = new Float32Array(parameter.size);
      if (parameter === layer.weight) normalFill(init, deviation)!(data);
      parameter.assign({ shape: parameter.shape, data });
    }
  }
  return layer;
}

class ClipAttention extends Module {
  readonly q_proj: Linear;
  readonly k_proj: Linear;
  readonly v_proj: Linear;
  readonly out_proj: Linear;
  private readonly heads: number;

  constructor(config: ClipEncoderConfig, init?: RandomStream) {
    super();
    const { hidden_size: size, num_hidden_layers: layers, num_attention_heads: heads } = config;
    if (size % heads !== 0) {
      throw new Error(`Expected 'hidden_size' to be a multiple of 'num_attention_heads', got ${size} and ${heads}.`);
    }
    const outDeviation = size ** -0.5 * config.initializer_factor;
    const inDeviation = outDeviation * (2 * layers) ** -0.5;
    const square = { in: size, out: size };
    this.heads = heads;
    this.q_proj = normalLinear(square, inDeviation, init);
    this.k_proj = normalLinear(square, inDeviation, init);
    this.v_proj = normalLinear(square, inDeviation, init);
    this.out_proj = normalLinear(square, outDeviation, init);
  }

  forward(x: Tensor, causal: boolean): Tensor {
    const [q, k, v] = [this.q_proj, this.k_proj, this.v_proj].map((layer) => layer.forward(x));
    return this.out_proj.forward(multiHeadAttention(q!, k!, v!, { heads: this.heads, causal }));
  }
}

class ClipMlp extends Module {
  readonly fc1: Linear;
  readonly fc2: Linear;
  private readonly activation: (x: Tensor) => Tensor;

  constructor(config: ClipEncoderConfig, init?: RandomStream) {
    super();
    const { hidden_size: size, intermediate_size: inner, num_hidden_layers: layers, initializer_factor } = config;
    this.fc1 = normalLinear({ in: size, out: inner }, (2 * size) ** -0.5 * initializer_factor, init);
    this.fc2 = normalLinear({ in: inner, out: size }, (2 * layers * size) ** -0.5 * initializer_factor, init);
    if (config.hidden_act !== 'quick_gelu' && config.hidden_act !== 'gelu') {
      throw new Error(`Expected 'hidden_act' to be 'quick_gelu' or 'gelu', got '${config.hidden_act}'.`);
    }
    this.activation = config.hidden_act === 'gelu' ? (x) => gelu(x) : quickGelu;
  }

  forward(x: Tensor): Tensor {
    return this.fc2.forward(this.activation(this.fc1.forward(x)));
  }
}

class ClipEncoderLayer extends Module {
  readonly self_attn: ClipAttention;
  readonly layer_norm1: LayerNorm;
  readonly mlp: ClipMlp;
  readonly layer_norm2: LayerNorm;

  constructor(config: ClipEncoderConfig, init?: RandomStream) {
    super();
    const norm = { channels: config.hidden_size, epsilon: config.layer_norm_eps };
    this.self_attn = new ClipAttention(config, init);
    this.layer_norm1 = new LayerNorm(norm, init);
    this.mlp = new ClipMlp(config, init);
    this.layer_norm2 = new LayerNorm(norm, init);
  }

  forward(x: Tensor, causal: boolean): Tensor {
    return tf.tidy(() => {
      const attended = tf.add(x, this.self_attn.forward(this.layer_norm1.forward(x), causal));
      return tf.add(attended, this.mlp.forward(this.layer_norm2.forward(attended)));
    });
  }
}

export class ClipEncoder extends Module {
  readonly layers: ClipEncoderLayer[];

  constructor(config: ClipEncoderConfig, init?: RandomStream) {
    super();
    this.layers = Array.from({ length: config.num_hidden_layers }, () => new ClipEncoderLayer(config, init));
  }

  /** [N,L,hidden] → [N,L,hidden]. `causal`: a position attends to itself and those before it. */
  forward(x: Tensor, { causal }: { causal: boolean }): Tensor {
    return tf.tidy(() => this.layers.reduce((h, layer) => layer.forward(h, causal), x));
  }
}
