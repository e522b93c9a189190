/**
 * A published MobileNet-V2 (TensorFlow's, 8-bit, batch norms folded into biases) as a state dict of torchvision's names. It
 * takes images turned by 180°: with a stride, TensorFlow pads below and right and torchvision on both sides, which on even
 * sides is the same network turned around.
 */
import { readFileSync } from 'node:fs';
import type { ImageDataset, Pixels } from '../../src/datasets';
import type { Normalisation } from '../../src/evaluation';
import type { StoredTensor } from '../../src/models';
import { ZipFile } from '../../src/models/checkpoint/zip';

/** x / 127.5 − 1 */
export const mobilenetNormalisation: Normalisation = { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] };

interface Kernel {
  kernel: number;
  scale: number;
  zero: number;
}

const EPSILON = 1e-5;
/** Row 0 of the classifier is the background's. */
const BACKGROUND = 1;

/** @param path of mobilenet_v2_imagenet_q8.npz */
export function mobilenetWeights(path: string): Map<string, StoredTensor> {
  const file = readFileSync(path);
  const zip = new ZipFile((position, length) => file.subarray(position, position + length), file.length);
  const graph = JSON.parse(new TextDecoder().decode(array(zip, 'graph_json').bytes)) as { ops: Partial<Kernel>[] };
  const state = new Map<string, StoredTensor>();
  for (const { kernel, scale, zero } of graph.ops.filter((op) => op.kernel !== undefined) as Kernel[]) {
    const key = `k${String(kernel).padStart(2, '0')}`;
    const { bytes, shape } = array(zip, `${key}_q`);
    const bias = floats(array(zip, `${key}_b`).bytes);
    const weight = {
      shape,
      data: turned(
        Float32Array.from(bytes, (q) => scale * (q - zero)),
        shape,
      ),
    };
    if (kernel === 52) addClassifier(state, weight, bias);
    else addConvolution(state, kernel, weight, bias);
  }
  return state;
}

/** All images of a dataset turned by 180°. */
export const turnedDataset = (dataset: ImageDataset): ImageDataset => ({
  name: dataset.name,
  classes: dataset.classes,
  size: dataset.size,
  labels: dataset.labels,
  fingerprint: `${dataset.fingerprint} turned`,
  id: (i) => `${dataset.id(i)} turned`,
  async image(i): Promise<Pixels> {
    const { data, height, width } = await dataset.image(i);
    const count = height * width;
    return { height, width, data: data.map((_, at) => data[3 * (count - 1 - Math.floor(at / 3)) + (at % 3)]!) };
  },
  subset: (indices, name) => turnedDataset(dataset.subset(indices, name)),
});

/** The 52 convolutions in the order of the graph: the stem, one block of two, sixteen of three, the last. */
function addConvolution(
  state: Map<string, StoredTensor>,
  place: number,
  weight: StoredTensor,
  bias: Float32Array,
): void {
  const [block, part] = [Math.floor(place / 3) + 1, place % 3];
  const [conv, norm] =
    place === 0 || place === 51
      ? [`features.${place === 0 ? 0 : 18}.0`, `features.${place === 0 ? 0 : 18}.1`]
      : place < 3
        ? layersOf('features.1', place - 1, 1)
        : layersOf(`features.${block}`, part, 2);
  const constant = (value: number): StoredTensor => ({
    shape: [bias.length],
    data: new Float32Array(bias.length).fill(value),
  });
  state.set(`${conv}.weight`, weight);
  state.set(`${norm}.weight`, constant(Math.sqrt(1 + EPSILON)));
  state.set(`${norm}.bias`, { shape: [bias.length], data: bias });
  state.set(`${norm}.running_mean`, constant(0));
  state.set(`${norm}.running_var`, constant(1));
}

/** Names of a block's `part`-th convolution and norm, of which the first `wide` have an activation. */
const layersOf = (block: string, part: number, wide: number): [string, string] =>
  part < wide
    ? [`${block}.conv.${part}.0`, `${block}.conv.${part}.1`]
    : [`${block}.conv.${part}`, `${block}.conv.${part + 1}`];

function addClassifier(state: Map<string, StoredTensor>, { shape, data }: StoredTensor, bias: Float32Array): void {
  const [rows, inputs] = shape as [number, number];
  const classes = rows - BACKGROUND;
  state.set('classifier.1.weight', { shape: [classes, inputs], data: data.slice(BACKGROUND * inputs) });
  state.set('classifier.1.bias', { shape: [classes], data: bias.slice(BACKGROUND) });
}

/** Kernels [out, in, h, w] turned by 180°. */
function turned(data: Float32Array, shape: readonly number[]): Float32Array {
  const taps = shape[2]! * shape[3]!;
  return data.map((_, at) => data[at - (at % taps) + taps - 1 - (at % taps)]!);
}

const floats = (bytes: Uint8Array): Float32Array => new Float32Array(bytes.slice().buffer);

/** An entry in NumPy's format: a line of text with the shape, then the values. */
function array(zip: ZipFile, name: string): { bytes: Uint8Array; shape: number[] } {
  const entry = zip.get(`${name}.npy`);
  const header = 10 + entry[8]! + 256 * entry[9]!;
  const text = new TextDecoder().decode(entry.subarray(10, header));
  const shape = /'shape': \(([^)]*)\)/
    .exec(text)![1]!
    .split(',')
    .map((part) => part.trim());
  return { bytes: entry.subarray(header), shape: shape.filter((part) => part !== '').map(Number) };
}
