/** Other forward passes of a ConvNet: up to its classifier, and with operations that can be differentiated twice. */
import { type Tensor, tf, twice } from '../engine';
import type { ConvNet } from './convnet';
import { BatchNorm2d, type Conv2d, convNormRelu, type InstanceNorm2d } from './layers';

/** Normalised images [N,size,size,3] → the classifier's input [N,features], flattened channels first as in torch. */
export function convNetFeatures(network: ConvNet, images: Tensor): Tensor {
  return tf.tidy(() => {
    let x = images;
    for (const [conv, norm] of blocksOf(network)) x = convNormRelu(x, conv, norm, { pool: 2 });
    return flattened(x);
  });
}

/**
 * Normalised images [N,size,size,3] → logits [N,classes]: the same as `network.forward`, but slower. Its gradient can
 * itself be differentiated with respect to weights and images.
 * @throws for batch normalisation, whose gradient can't be differentiated
 */
export function twiceDifferentiableConvNet(network: ConvNet, images: Tensor): Tensor {
  return tf.tidy(() => {
    let x = images;
    for (const [conv, norm] of blocksOf(network)) {
      if (norm instanceof BatchNorm2d) {
        throw new Error(
          "Expected a ConvNet with instance norm for second derivatives, got batch norm. Use 'instance'.",
        );
      }
      const mapped = tf.add(twice.conv2d(x, conv.weight.value), conv.bias!.value);
      const normal = twice.instanceNorm(mapped, norm.weight.value, norm.bias.value);
      x = twice.avgPool2d(twice.relu(normal), { size: 2 });
    }
    const { weight, bias } = network.classifier;
    return twice.dense(flattened(x), weight.value, bias!.value);
  });
}

/** The layers with weights, block by block. */
function blocksOf({ features }: ConvNet): [Conv2d, BatchNorm2d | InstanceNorm2d][] {
  return Array.from({ length: features.length / 4 }, (_, block) => {
    const [conv, norm] = features.slice(4 * block) as [Conv2d, BatchNorm2d | InstanceNorm2d];
    return [conv, norm];
  });
}

const flattened = (x: Tensor): Tensor => tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [x.shape[0]!, -1]);
