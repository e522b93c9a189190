/** The small convolutional network of dataset distillation (Gidaris & Komodakis 2018; width 128). */
import { avgPool2d, RandomStream, relu, type Tensor, tf } from '../engine';
import { BatchNorm2d, Conv2d, InstanceNorm2d, Linear } from './layers';
import { Module } from './module';

export interface ConvNetOptions {
  classes: number;
  /** Side of the images, pixels; each block halves it. */
  size: number;
  /** Blocks, 3 to 6: 3 for 32 pixels, 4 for 64, 5 for 128, 6 for 256. */
  depth: number;
  width?: number;
  /** 'batch' in RDED's protocol, 'instance' in IDC's. */
  norm?: 'batch' | 'instance';
}

/** A block's ReLU and pooling have no weights; as modules they keep the numbering of torch's Sequential. */
class Activation extends Module {
  forward(x: Tensor): Tensor {
    return relu(x);
  }
}
class HalvingPool extends Module {
  forward(x: Tensor): Tensor {
    return avgPool2d(x, { size: 2, stride: 2 });
  }
}

/** depth × [3×3 convolution, normalisation, ReLU, 2×2 average pool], then a linear classifier. */
export class ConvNet extends Module {
  readonly features: (Conv2d | BatchNorm2d | InstanceNorm2d | Activation | HalvingPool)[] = [];
  readonly classifier: Linear;

  /** @param seed fills the weights as PyTorch would; without it they wait to be loaded */
  constructor({ classes, size, depth, width = 128, norm = 'batch' }: ConvNetOptions, { seed }: { seed?: number } = {}) {
    super();
    if (!Number.isInteger(depth) || depth < 1 || size % 2 ** depth !== 0) {
      throw new Error(`Expected a depth whose ${'2^depth'} divides the image side ${size}, got ${depth}.`);
    }
    const init = seed === undefined ? undefined : new RandomStream(seed, 'ConvNet');
    for (let block = 0; block < depth; block++) {
      this.features.push(
        new Conv2d({ in: block === 0 ? 3 : width, out: width, kernel: 3 }, init),
        norm === 'batch' ? new BatchNorm2d({ channels: width }, init) : new InstanceNorm2d({ channels: width }, init),
        new Activation(),
        new HalvingPool(),
      );
    }
    const side = size / 2 ** depth;
    this.classifier = new Linear({ in: width * side * side, out: classes }, init);
  }

  /** Normalised images [N,size,size,3] → logits [N,classes] */
  forward(images: Tensor): Tensor {
    return tf.tidy(() => {
      let x = images;
      for (const layer of this.features) x = layer.forward(x);
      // torch flattens channels first.
      return this.classifier.forward(tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [images.shape[0]!, -1]));
    });
  }
}
