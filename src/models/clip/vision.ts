/** CLIP's image encoder, a vision transformer (Dosovitskiy et al. 2021), transformers' CLIPVisionModel(WithProjection). */
import { RandomStream, type Tensor, tf } from '../../engine';
import { type ConfigRules, type RawConfig, readConfig } from '../config';
import { Conv2d, Embedding, LayerNorm, type Linear, normalFill } from '../layers';
import { Module, Parameter } from '../module';
import { ClipEncoder, type ClipEncoderConfig, normalLinear, projectsByConfig } from './encoder';

/** The supported settings of config.json, with transformers' names and meaning. */
export interface ClipVisionConfig extends ClipEncoderConfig {
  num_channels: number;
  /** Side of the image, pixels. */
  image_size: number;
  /** Side of a patch, pixels. */
  patch_size: number;
  initializer_range: number;
}

const RULES: ConfigRules<ClipVisionConfig> = {
  name: 'ClipVisionModel',
  defaults: {
    hidden_size: 768,
    intermediate_size: 3072,
    projection_dim: 512,
    num_hidden_layers: 12,
    num_attention_heads: 12,
    num_channels: 3,
    image_size: 224,
    patch_size: 32,
    hidden_act: 'quick_gelu',
    layer_norm_eps: 1e-5,
    initializer_factor: 1,
    initializer_range: 0.02,
  },
  fixed: { attention_dropout: [0], dropout: [0] },
  ignored: ['output_attentions', 'output_hidden_states', 'use_cache'],
};

export type ClipVisionOutput = {
  /** States of the class token and every patch [N,1+patches,hidden]. */
  lastHiddenState: Tensor;
  /** The class token's state after the last layer norm [N,hidden]. */
  pooled: Tensor;
  /** The projection into the space of texts [N,projection_dim]; equals `pooled` in a model without projection. */
  imageEmbeds: Tensor;
};

class ClipVisionEmbeddings extends Module {
  readonly class_embedding: Parameter;
  readonly patch_embedding: Conv2d;
  readonly position_embedding: Embedding;

  constructor(config: ClipVisionConfig, init?: RandomStream) {
    super();
    const { hidden_size: size, patch_size: patch, image_size: side, num_channels: channels } = config;
    const deviation = config.initializer_range * config.initializer_factor;
    this.class_embedding = new Parameter([size], {
      fill: normalFill(init, size ** -0.5 * config.initializer_factor),
    });
    this.patch_embedding = new Conv2d({
      in: channels,
      out: size,
      kernel: patch,
      stride: patch,
      padding: 0,
      bias: false,
    });
    if (init) {
      const data = new Float32Array(this.patch_embedding.weight.size);
      normalFill(init, deviation)!(data);
      this.patch_embedding.weight.assign({ shape: this.patch_embedding.weight.shape, data });
    }
    this.position_embedding = new Embedding({ count: Math.floor(side / patch) ** 2 + 1, size, deviation }, init);
  }

  forward(images: Tensor): Tensor {
    const grid = this.patch_embedding.forward(images);
    const [batch, height, width, size] = grid.shape as [number, number, number, number];
    const patches = tf.reshape(grid, [batch, height * width, size]);
    const token = tf.tile(tf.reshape(this.class_embedding.value, [1, 1, size]), [batch, 1, 1]);
    return tf.add(tf.concat([token, patches], 1), this.position_embedding.weight.value);
  }
}

class ClipVisionTransformer extends Module {
  readonly embeddings: ClipVisionEmbeddings;
  /** transformers' spelling, which every checkpoint follows. */
  readonly pre_layrnorm: LayerNorm;
  readonly encoder: ClipEncoder;
  readonly post_layernorm: LayerNorm;

  constructor(config: ClipVisionConfig, init?: RandomStream) {
    super();
    const norm = { channels: config.hidden_size, epsilon: config.layer_norm_eps };
    this.embeddings = new ClipVisionEmbeddings(config, init);
    this.pre_layrnorm = new LayerNorm(norm, init);
    this.encoder = new ClipEncoder(config, init);
    this.post_layernorm = new LayerNorm(norm, init);
  }

  /** The states, and the class token's after the last norm. */
  forward(images: Tensor): { states: Tensor; pooled: Tensor } {
    const embedded = this.pre_layrnorm.forward(this.embeddings.forward(images));
    const states = this.encoder.forward(embedded, { causal: false });
    const [batch, , size] = states.shape as [number, number, number];
    const token = tf.reshape(tf.slice(states, [0, 0, 0], [-1, 1, -1]), [batch, size]);
    return { states, pooled: this.post_layernorm.forward(token) };
  }
}

export interface ClipVisionOptions {
  /** Initialises the weights as transformers does. Without it they have no values until loaded. */
  seed?: number;
  /** Whether there is a visual_projection. Default: by the config's 'architectures', else by 'projection_dim'. */
  projection?: boolean;
}

/** Built from transformers' config.json; parameter names are its checkpoint's. */
export class ClipVisionModel extends Module {
  readonly config: ClipVisionConfig;
  readonly vision_model: ClipVisionTransformer;
  readonly visual_projection: Linear | undefined;

  /** @throws naming a setting that is unknown or not supported */
  constructor(given: RawConfig | Partial<ClipVisionConfig> = {}, { seed, projection }: ClipVisionOptions = {}) {
    super();
    const raw = given as RawConfig;
    const init = seed === undefined ? undefined : new RandomStream(seed, 'ClipVisionModel');
    const config = readConfig(raw, RULES);
    const projects = projection ?? projectsByConfig(raw, 'CLIPVisionModelWithProjection');
    this.config = config;
    this.vision_model = new ClipVisionTransformer(config, init);
    const { hidden_size: size, projection_dim: out, initializer_factor: factor } = config;
    this.visual_projection = projects
      ? normalLinear({ in: size, out, bias: false }, size ** -0.5 * factor, init)
      : undefined;
  }

  /**
   * @param images [N,image_size,image_size,channels], normalised as the preprocessor says
   * @throws when the images have another size
   */
  forward(images: Tensor): ClipVisionOutput {
    const { image_size: side, num_channels: channels } = this.config;
    const [, height, width, depth] = images.shape;
    if (images.rank !== 4 || height !== side || width !== side || depth !== channels) {
      throw new Error(`Expected images of shape [N,${side},${side},${channels}], got [${images.shape}]. Resize first.`);
    }
    return tf.tidy(() => {
      const { states, pooled } = this.vision_model.forward(images);
      return {
        lastHiddenState: states,
        pooled,
        imageEmbeds: this.visual_projection?.forward(pooled) ?? tf.clone(pooled),
      };
    });
  }
}
