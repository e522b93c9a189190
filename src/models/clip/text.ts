/** CLIP's text encoder (Radford et al. 2021), transformers' CLIPTextModel and CLIPTextModelWithProjection. */
import { RandomStream, type Tensor, tf } from '../../engine';
import { type ConfigRules, type RawConfig, readConfig } from '../config';
import { Embedding, LayerNorm, type Linear } from '../layers';
import { Module } from '../module';
import { ClipEncoder, type ClipEncoderConfig, normalLinear, projectsByConfig } from './encoder';

/** The supported settings of config.json, with transformers' names and meaning. */
export interface ClipTextConfig extends ClipEncoderConfig {
  vocab_size: number;
  max_position_embeddings: number;
  bos_token_id: number;
  /** Id of the end token. In old configs it is 2, which stands for the highest id in the sequence. */
  eos_token_id: number;
  pad_token_id: number;
}

const RULES: ConfigRules<ClipTextConfig> = {
  name: 'ClipTextModel',
  defaults: {
    vocab_size: 49408,
    hidden_size: 512,
    intermediate_size: 2048,
    projection_dim: 512,
    num_hidden_layers: 12,
    num_attention_heads: 8,
    max_position_embeddings: 77,
    hidden_act: 'quick_gelu',
    layer_norm_eps: 1e-5,
    initializer_factor: 1,
    pad_token_id: 1,
    bos_token_id: 49406,
    eos_token_id: 49407,
  },
  fixed: { attention_dropout: [0], dropout: [0], is_decoder: [false], add_cross_attention: [false] },
  // Only the image encoder uses initializer_range. The others change what transformers returns, not what it computes.
  ignored: ['initializer_range', 'output_attentions', 'output_hidden_states', 'use_cache', 'tie_word_embeddings'],
};

export type ClipTextOutput = {
  /** States of every token after the last layer norm [N,L,hidden]: what conditions the denoiser. */
  lastHiddenState: Tensor;
  /** The state at the end token [N,hidden]. */
  pooled: Tensor;
  /** The projection into the space of images [N,projection_dim]; equals `pooled` in a model without projection. */
  textEmbeds: Tensor;
};

class ClipTextEmbeddings extends Module {
  readonly token_embedding: Embedding;
  readonly position_embedding: Embedding;

  constructor(config: ClipTextConfig, init?: RandomStream) {
    super();
    const { hidden_size: size, vocab_size: words, max_position_embeddings: positions } = config;
    const deviation = 0.02 * config.initializer_factor;
    this.token_embedding = new Embedding({ count: words, size, deviation }, init);
    this.position_embedding = new Embedding({ count: positions, size, deviation }, init);
  }

  forward(ids: Tensor): Tensor {
    const length = ids.shape[1]!;
    const positions = tf.slice(this.position_embedding.weight.value, [0, 0], [length, -1]);
    return tf.add(this.token_embedding.forward(ids), positions);
  }
}

class ClipTextTransformer extends Module {
  readonly embeddings: ClipTextEmbeddings;
  readonly encoder: ClipEncoder;
  readonly final_layer_norm: LayerNorm;

  constructor(config: ClipTextConfig, init?: RandomStream) {
    super();
    this.embeddings = new ClipTextEmbeddings(config, init);
    this.encoder = new ClipEncoder(config, init);
    this.final_layer_norm = new LayerNorm({ channels: config.hidden_size, epsilon: config.layer_norm_eps }, init);
  }

  forward(ids: Tensor): Tensor {
    return this.final_layer_norm.forward(this.encoder.forward(this.embeddings.forward(ids), { causal: true }));
  }
}

export interface ClipTextOptions {
  /** Initialises the weights as transformers does. Without it they have no values until loaded. */
  seed?: number;
  /** Whether there is a text_projection. Default: by the config's 'architectures', else by 'projection_dim'. */
  projection?: boolean;
}

/** Built from transformers' config.json; parameter names are its checkpoint's. */
export class ClipTextModel extends Module {
  readonly config: ClipTextConfig;
  readonly text_model: ClipTextTransformer;
  readonly text_projection: Linear | undefined;

  /** @throws naming a setting that is unknown or not supported */
  constructor(given: RawConfig | Partial<ClipTextConfig> = {}, { seed, projection }: ClipTextOptions = {}) {
    super();
    const raw = given as RawConfig;
    const init = seed === undefined ? undefined : new RandomStream(seed, 'ClipTextModel');
    const config = readConfig(raw, RULES);
    const projects = projection ?? projectsByConfig(raw, 'CLIPTextModelWithProjection');
    this.config = config;
    this.text_model = new ClipTextTransformer(config, init);
    const { hidden_size: size, projection_dim: out, initializer_factor: factor } = config;
    this.text_projection = projects
      ? normalLinear({ in: size, out, bias: false }, size ** -0.5 * factor, init)
      : undefined;
  }

  /**
   * @param ids token ids, int32 [N,L] with L ≤ max_position_embeddings
   * @throws if L is greater than max_position_embeddings
   */
  forward(ids: Tensor): ClipTextOutput {
    const { max_position_embeddings: longest } = this.config;
    if (ids.rank !== 2 || ids.shape[1]! > longest) {
      throw new Error(`Expected token ids of shape [N,L] with L ≤ ${longest}, got [${ids.shape}].`);
    }
    return tf.tidy(() => {
      const lastHiddenState = this.text_model.forward(ids);
      const pooled = this.pool(lastHiddenState, ids);
      return { lastHiddenState, pooled, textEmbeds: this.text_projection?.forward(pooled) ?? tf.clone(pooled) };
    });
  }

  /** The state at the first end token of each sentence. */
  private pool(states: Tensor, ids: Tensor): Tensor {
    const { eos_token_id: end } = this.config;
    const [, length] = ids.shape as [number, number];
    const at = tf.argMax(end === 2 ? ids : tf.cast(tf.equal(ids, end), 'int32'), 1);
    const here = tf.expandDims(tf.cast(tf.oneHot(at, length), 'float32'), 2); // [N,L,1]
    return tf.sum(tf.mul(states, here), 1);
  }
}
