/** The small convolutional network of dataset distillation (Gidaris & Komodakis 2018; width 128). */
import { type Tensor, tf } from '../engine';
import { initialStream, type InitialWeights } from './initial';
import {
  AvgPool2d,
  type BatchNorm2d,
  Conv2d,
  convNormRelu,
  type InstanceNorm2d,
  Linear,
  type NormKind,
  normOf,
  ReLU,
} from './layers';
import { Module } from './module';

export interface ConvNetOptions {
  classes: number;
  /** Side of the images, pixels. Each block halves it, rounding down. */
  size: number;
  /** Blocks: 3 for 32 pixels, 4 for 64, 5 for 128, 6 for 256. */
  depth: number;
  /** Channels of every block. @default 128 */
  width?: number;
  /** 'batch' in RDED's protocol, 'instance' in IDC's. @default 'batch' */
  norm?: NormKind;
}

/** depth × [3×3 convolution, normalisation, ReLU, 2×2 average pool], then a linear classifier. */
export class ConvNet extends Module {
  readonly features: (Conv2d | BatchNorm2d | InstanceNorm2d | ReLU | AvgPool2d)[] = [];
  readonly classifier: Linear;

  /** @throws if the images are too small for the depth */
  constructor({ classes, size, depth, width = 128, norm = 'batch' }: ConvNetOptions, initial: InitialWeights = {}) {
    super();
    const side = Math.floor(size / 2 ** depth);
    if (!Number.isInteger(depth) || depth < 1 || side < 1) {
      throw new Error(
        `Expected a depth whose 2^depth is at most the image side, ${size} pixels, got ${depth}. Use larger images or fewer blocks.`,
      );
    }
    const init = initialStream('ConvNet', initial);
    for (let block = 0; block < depth; block++) {
      this.features.push(
        new Conv2d({ in: block === 0 ? 3 : width, out: width, kernel: 3 }, init),
        normOf(norm, width, init),
        new ReLU(),
        new AvgPool2d(2),
      );
    }
    this.classifier = new Linear({ in: width * side * side, out: classes }, init);
  }

  /** Normalised images [N,size,size,3] → logits [N,classes] */
  forward(images: Tensor): Tensor {
    return tf.tidy(() => {
      let x = images;
      for (let block = 0; block < this.features.length; block += 4) {
        const [conv, norm] = this.features.slice(block) as [Conv2d, BatchNorm2d | InstanceNorm2d];
        x = convNormRelu(x, conv, norm, { pool: 2 });
      }
      // Flattened channels first, as in torch.
      return this.classifier.forward(tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [images.shape[0]!, -1]));
    });
  }
}
