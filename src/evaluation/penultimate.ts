/** What a classifier sees in an image: the input of its last layer. */
import { type LongTask, type Tensor, tf } from '../engine';
import { ConvNet, ResNet, ResNetAP } from '../models';
import type { LabelledImages } from './images';
import type { Classifier } from './networks';

export interface PenultimateOptions extends LongTask {
  /** Images per pass; changes no value. @default 250 */
  batch?: number;
}

/**
 * Features of each image, in order: of ResNets the pooled last maps (512 values at full width), of a ConvNet its last maps,
 * flattened. Leaves the network in evaluation mode.
 * @throws for a network that is neither, naming it
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

/** What reaches a layer [N,values] while `pass` runs, row by row: PyTorch's forward hook, for one pass. */
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
    // The class's own again.
    Reflect.deleteProperty(layer, 'forward');
  }
  return rows;
}
