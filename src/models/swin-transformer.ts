/** The Swin transformer (Liu et al. 2021) with torchvision's names, without stochastic depth. */
import { globalAveragePool, type RandomStream, type Tensor, tf } from '../engine';
import { initialStream, type InitialWeights } from './initial';
import { Conv2d, LayerNorm, Linear } from './layers';
import { type LoadOptions, Module, type TensorSource } from './module';
import { Identity, type Layer, Sequential } from './sequential';
import { ShiftedWindowAttention, type WindowAttentionOptions } from './shifted-window-attention';
import { transformerMlp } from './transformer-mlp';

export interface SwinTransformerOptions {
  classes: number;
  /** Side of a patch, pixels. @default 4 */
  patch?: number;
  /** Channels of the first stage. Each further stage doubles them and halves the image's side. @default 96 */
  width?: number;
  /** Blocks of each stage. @default [2, 2, 6, 2] */
  depths?: readonly number[];
  /** Heads of each stage, which divide its channels. @default [3, 6, 12, 24] */
  heads?: readonly number[];
  /** Side of a window, in patches. @default 7 */
  window?: number;
}

class SwinBlock extends Module {
  readonly norm1: LayerNorm;
  readonly attn: ShiftedWindowAttention;
  readonly norm2: LayerNorm;
  readonly mlp: Sequential;

  constructor(options: WindowAttentionOptions, init: RandomStream | undefined) {
    super();
    const { channels } = options;
    this.norm1 = new LayerNorm({ channels }, init);
    this.attn = new ShiftedWindowAttention(options, init);
    this.norm2 = new LayerNorm({ channels }, init);
    this.mlp = transformerMlp({ channels, initial: 0.02 }, init);
  }

  forward(x: Tensor): Tensor {
    return tf.tidy(() => {
      const attended = tf.add(x, this.attn.forward(this.norm1.forward(x)));
      return tf.add(attended, this.mlp.forward(this.norm2.forward(attended)));
    });
  }
}

/** Merges each 2 × 2 pixels into one with twice the channels: [N,H,W,C] → [N,⌈H/2⌉,⌈W/2⌉,2C]. */
class PatchMerging extends Module {
  readonly reduction: Linear;
  readonly norm: LayerNorm;

  constructor(channels: number, init: RandomStream | undefined) {
    super();
    this.reduction = new Linear({ in: 4 * channels, out: 2 * channels, bias: false, initial: 0.02 }, init);
    this.norm = new LayerNorm({ channels: 4 * channels }, init);
  }

  forward(x: Tensor): Tensor {
    return tf.tidy(() => {
      const [n, height, width, channels] = x.shape as [number, number, number, number];
      const [rows, columns] = [Math.ceil(height / 2), Math.ceil(width / 2)];
      const padded = tf.pad(x, [
        [0, 0],
        [0, 2 * rows - height],
        [0, 2 * columns - width],
        [0, 0],
      ]);
      const pairs = tf.reshape(padded, [n, rows, 2, columns, 2, channels]);
      // Top left, bottom left, top right, bottom right.
      const joined = tf.reshape(tf.transpose(pairs, [0, 1, 3, 4, 2, 5]), [n, rows, columns, 4 * channels]);
      return this.reduction.forward(this.norm.forward(joined));
    });
  }
}

/** Swin-T by default. */
export class SwinTransformer extends Module {
  readonly features: Sequential;
  readonly norm: LayerNorm;
  readonly head: Linear;

  /** @throws if `heads` and `depths` differ in length, or the heads don't divide the channels */
  constructor(
    {
      classes,
      patch = 4,
      width = 96,
      depths = [2, 2, 6, 2],
      heads = [3, 6, 12, 24],
      window = 7,
    }: SwinTransformerOptions,
    initial: InitialWeights = {},
  ) {
    super();
    if (depths.length !== heads.length) {
      throw new Error(`Expected heads for each of ${depths.length} stages, got ${heads.length}.`);
    }
    const init = initialStream('SwinTransformer', initial);
    const patches = new Conv2d({ in: 3, out: width, kernel: patch, stride: patch, padding: 0 }, init);
    const layers: Layer[] = [new Sequential([patches, new Identity(), new LayerNorm({ channels: width }, init)])];
    for (const [stage, depth] of depths.entries()) {
      const channels = width * 2 ** stage;
      if (stage > 0) layers.push(new PatchMerging(channels / 2, init));
      const shape = { channels, heads: heads[stage]!, window };
      const blocks = Array.from({ length: depth }, (_, block) => {
        const shift = block % 2 === 0 ? 0 : Math.floor(window / 2);
        return new SwinBlock({ ...shape, shift }, init);
      });
      layers.push(new Sequential(blocks));
    }
    const last = width * 2 ** (depths.length - 1);
    this.features = new Sequential(layers);
    this.norm = new LayerNorm({ channels: last }, init);
    this.head = new Linear({ in: last, out: classes, initial: 0.02 }, init);
  }

  /** Ignores the relative position indices that torchvision stores: they are computed here. */
  override load(source: TensorSource, options?: LoadOptions): this {
    return super.load(source, { ignore: /relative_position_index$/, ...options });
  }

  /** Normalised images [N,H,W,3] → logits [N,classes] */
  forward(images: Tensor): Tensor {
    return tf.tidy(() => this.head.forward(globalAveragePool(this.norm.forward(this.features.forward(images)))));
  }
}
