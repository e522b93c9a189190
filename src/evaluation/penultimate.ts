/** A classifier's penultimate features: the input of its last layer. */
import { type LongTask, type Tensor, tf } from '../engine';
import { ConvNet, ResNet, ResNetAP } from '../models';
import type { LabelledImages } from './images';
import type { Classifier } from './networks';

export interface PenultimateOptions extends LongTask {
  /** Images per pass; doesn't affect the values. @default 250 */
  batch?: number;
}

/**
 * Features of each image, in order: the pooled last maps of a ResNet (512 values at full width), or the flattened last
 * maps of a ConvNet. Leaves the network in evaluation mode.
 * @throws for other networks, naming them
 */
export async function penultimateFeatures(
  network: Classifier,
  images: LabelledImages,
  { batch = 250, signal, onProgress }: PenultimateOptions = {},
): Promise<Float32Array[]> {
  network.eval();
  const features: Float32Array[] = [];
  for await (const { images: some } of images.batches(batch, { signal })) {
    const rows = inputOf(headOf(network), () => network.forward(some));
    features.push(...rows);
    onProgress?.({ label: `Features of ${images.name}`, done: features.length, total: images.labels.length });
  }
  return features;
}

/** A linear layer. */
type Head = ConvNet['classifier'];

function headOf(network: Classifier): Head {
  if (network instanceof ConvNet) return network.classifier;
  if (network instanceof ResNet || network instanceof ResNetAP) return network.fc;
  throw new Error(
    `Expected a ConvNet, ResNet or ResNetAP, whose last layer is known, got ${network.constructor.name}.`,
  );
}

/** Rows of a layer's input [N,values] while `pass` runs, like PyTorch's forward hook. */
function inputOf(layer: Head, pass: () => Tensor): Float32Array[] {
  const rows: Float32Array[] = [];
  const { forward } = layer;
  layer.forward = (input) => {
    const [count, width] = input.shape as [number, number];
    const values = input.dataSync<'float32'>();
    for (let i = 0; i < count; i++) rows.push(values.slice(i * width, (i + 1) * width));
    return forward.call(layer, input);
  };
  try {
    tf.dispose(pass());
  } finally {
    // Uncovers the class's own method again.
    Reflect.deleteProperty(layer, 'forward');
  }
  return rows;
}
