/** The vision transformer (Dosovitskiy et al. 2021) with torchvision's names, without dropout as in its ViT-B/16. */
import { dense, multiHeadAttention, type RandomStream, type Tensor, tf } from '../engine';
import { initialStream, type InitialWeights } from './initial';
import { Conv2d, LayerNorm, Linear, normalFill, uniformFill } from './layers';
import { type LoadOptions, Module, Parameter, type TensorSource } from './module';
import { Sequential } from './sequential';
import { transformerMlp } from './transformer-mlp';

export interface VisionTransformerOptions {
  classes: number;
  /** Side of the images, pixels: a multiple of `patch`. */
  size: number;
  /** Side of a patch, pixels. @default 16 */
  patch?: number;
  /** Channels of a token: a multiple of `heads`. @default 768 */
  width?: number;
  /** Blocks. @default 12 */
  depth?: number;
  /** @default 12 */
  heads?: number;
}

const EPSILON = 1e-6;
const zeros = (init: RandomStream | undefined) => init && (() => {});

/** torch.nn.MultiheadAttention as self-attention. */
class SelfAttention extends Module {
  readonly in_proj_weight: Parameter;
  readonly in_proj_bias: Parameter;
  readonly out_proj: Linear;

  constructor(
    width: number,
    private readonly heads: number,
    init: RandomStream | undefined,
  ) {
    super();
    const xavier = uniformFill(init, (4 * width) / 6);
    this.in_proj_weight = new Parameter([3 * width, width], { layout: 'linear', fill: xavier });
    this.in_proj_bias = new Parameter([3 * width], { fill: zeros(init) });
    this.out_proj = new Linear({ in: width, out: width }, init);
  }

  /** [N,L,width] → [N,L,width] */
  forward(x: Tensor): Tensor {
    const projected = dense(x, this.in_proj_weight.value, this.in_proj_bias.value);
    const [q, k, v] = tf.split(projected, 3, 2);
    return this.out_proj.forward(multiHeadAttention(q!, k!, v!, { heads: this.heads }));
  }
}

class EncoderBlock extends Module {
  readonly ln_1: LayerNorm;
  readonly self_attention: SelfAttention;
  readonly ln_2: LayerNorm;
  readonly mlp: Sequential;

  constructor({ width, heads }: { width: number; heads: number }, init: RandomStream | undefined) {
    super();
    const norm = { channels: width, epsilon: EPSILON };
    this.ln_1 = new LayerNorm(norm, init);
    this.self_attention = new SelfAttention(width, heads, init);
    this.ln_2 = new LayerNorm(norm, init);
    this.mlp = transformerMlp({ channels: width, initial: 'xavier' }, init);
  }

  forward(x: Tensor): Tensor {
    return tf.tidy(() => {
      const attended = tf.add(x, this.self_attention.forward(this.ln_1.forward(x)));
      return tf.add(attended, this.mlp.forward(this.ln_2.forward(attended)));
    });
  }
}

class Encoder extends Module {
  readonly pos_embedding: Parameter;
  readonly layers: Sequential;
  readonly ln: LayerNorm;

  constructor(
    { tokens, depth, ...block }: { tokens: number; depth: number; width: number; heads: number },
    init: RandomStream | undefined,
  ) {
    super();
    this.pos_embedding = new Parameter([1, tokens, block.width], { fill: normalFill(init, 0.02) });
    const blocks = Array.from({ length: depth }, () => new EncoderBlock(block, init));
    this.layers = new Sequential(blocks, (place) => `encoder_layer_${place}`);
    this.ln = new LayerNorm({ channels: block.width, epsilon: EPSILON }, init);
  }

  forward(tokens: Tensor): Tensor {
    return this.ln.forward(this.layers.forward(tf.add(tokens, this.pos_embedding.value)));
  }
}

/** ViT-B/16 by default. */
export class VisionTransformer extends Module {
  readonly class_token: Parameter;
  readonly conv_proj: Conv2d;
  readonly encoder: Encoder;
  readonly heads: Sequential;
  private readonly size: number;

  /** @throws if `size` isn't a multiple of `patch`, or `width` of `heads` */
  constructor(
    { classes, size, patch = 16, width = 768, depth = 12, heads = 12 }: VisionTransformerOptions,
    initial: InitialWeights = {},
  ) {
    super();
    if (size % patch !== 0) {
      throw new Error(`Expected images whose side is a multiple of the patch's ${patch} pixels, got ${size}.`);
    }
    if (width % heads !== 0) throw new Error(`Expected a width that ${heads} heads divide, got ${width}.`);
    const init = initialStream('VisionTransformer', initial);
    this.size = size;
    this.class_token = new Parameter([1, 1, width], { fill: zeros(init) });
    this.conv_proj = new Conv2d({ in: 3, out: width, kernel: patch, stride: patch, padding: 0 });
    if (init) startPatches(this.conv_proj, init);
    this.encoder = new Encoder({ tokens: (size / patch) ** 2 + 1, width, depth, heads }, init);
    this.heads = new Sequential([new Linear({ in: width, out: classes, initial: 'zeros' }, init)], () => 'head');
  }

  /** Published files have older names for the dense layers of a block. They are renamed, as in torchvision. */
  override load(source: TensorSource, options?: LoadOptions): this {
    const older = (name: string) =>
      name.replace(/\.mlp\.0\.(\w+)$/, '.mlp.linear_1.$1').replace(/\.mlp\.3\.(\w+)$/, '.mlp.linear_2.$1');
    const newer = (name: string) => name.replace(/\.linear_1\.(\w+)$/, '.0.$1').replace(/\.linear_2\.(\w+)$/, '.3.$1');
    const renamed: TensorSource = {
      keys: () => Array.from(source.keys(), newer),
      get: (name) => source.get(name) ?? source.get(older(name)),
    };
    return super.load(renamed, options);
  }

  /**
   * Normalised images [N,size,size,3] → logits [N,classes]
   * @throws if the images have another size: there is one position embedding per patch
   */
  forward(images: Tensor): Tensor {
    const [n, height, side] = images.shape as [number, number, number];
    if (height !== this.size || side !== this.size) {
      throw new Error(`Expected images of ${this.size} × ${this.size} pixels, got ${height} × ${side}. Resize first.`);
    }
    return tf.tidy(() => {
      const grid = this.conv_proj.forward(images);
      const width = grid.shape[3]!;
      const token = tf.tile(this.class_token.value, [n, 1, 1]);
      const states = this.encoder.forward(tf.concat([token, tf.reshape(grid, [n, -1, width])], 1));
      return this.heads.forward(tf.reshape(tf.slice(states, [0, 0, 0], [-1, 1, -1]), [n, width]));
    });
  }
}

/** Initial weights: normal with variance 1 / fan-in; zero biases. */
function startPatches({ weight, bias }: Conv2d, init: RandomStream): void {
  const data = new Float32Array(weight.size);
  normalFill(init, Math.sqrt(weight.shape[0]! / weight.size))!(data);
  weight.assign({ shape: weight.shape, data });
  bias!.assign({ shape: bias!.shape, data: new Float32Array(bias!.size) });
}
