/** Pooling, NHWC, with PyTorch's explicit padding. */
import { hasNativeKernels } from '../native-kernels';
import { type Attribute, attribute, differentiable, executeRaw, F32, int32 } from '../raw';
import type { Tensor } from '../tensorflow';
import { expectInteger, expectRank } from './check';
import { broadcastTo, mean, pad, reshape, scale, slice } from './elementary';

export interface PoolOptions {
  /** Side of the window, pixels, >= 1. */
  size: number;
  /** Step between windows, >= 1. @default size */
  stride?: number;
  /** Pixels added on every side: zeros that count for the average, −∞ for the maximum. @default 0 */
  padding?: number;
}

interface Pool {
  attributes: Attribute[];
  padding: number;
  stride: number;
}

function pool(operation: string, x: Tensor, { size, stride = size, padding = 0 }: PoolOptions): Pool {
  expectRank(operation, 'x', x, 4);
  expectInteger(operation, 'size', size, 1);
  expectInteger(operation, 'stride', stride, 1);
  expectInteger(operation, 'padding', padding, 0);
  const smallest = Math.min(x.shape[1]!, x.shape[2]!) + 2 * padding;
  if (smallest < size) {
    throw new Error(
      `${operation}: expected \`size\` to be at most ${smallest} for an input [${x.shape}], got ${size}.`,
    );
  }
  if (2 * padding > size) {
    throw new Error(`${operation}: expected \`padding\` to be at most half of the window's ${size}, got ${padding}.`);
  }
  return {
    padding,
    stride,
    attributes: [
      F32,
      attribute.int('ksize', [1, size, size, 1]),
      attribute.int('strides', [1, stride, stride, 1]),
      attribute.string('padding', 'VALID'),
      attribute.string('data_format', 'NHWC'),
    ],
  };
}

const around = (x: Tensor, pixels: number, value: number): Tensor =>
  pixels === 0
    ? x
    : pad(
        x,
        [
          [0, 0],
          [pixels, pixels],
          [pixels, pixels],
          [0, 0],
        ],
        value,
      );
const inside = (padded: Tensor, pixels: number, shape: number[]): Tensor =>
  pixels === 0 ? padded : slice(padded, [0, pixels, pixels, 0], shape);
const grown = ([n, h, w, c]: number[], pixels: number): number[] => [n!, h! + 2 * pixels, w! + 2 * pixels, c!];

/** Mean of each window; as PyTorch's default, padding counts. x [N, H, W, C] → [N, H', W', C]. */
export function avgPool2d(x: Tensor, options: PoolOptions): Tensor {
  const { attributes, padding } = pool('avgPool2d', x, options);
  const shape = x.shape as number[];
  return differentiable({
    name: 'avgPool2d',
    inputs: { x },
    forward: () => executeRaw('AvgPool', attributes, [around(x, padding, 0)]),
    backward: (dy) => ({
      x: () => inside(executeRaw('AvgPoolGrad', attributes, [int32(grown(shape, padding)), dy]), padding, shape),
    }),
  });
}

/** Maximum of each window; among equals, the gradient goes to the first. x [N, H, W, C] → [N, H', W', C]. */
export function maxPool2d(x: Tensor, options: PoolOptions): Tensor {
  const { attributes, padding, stride } = pool('maxPool2d', x, options);
  const shape = x.shape as number[];
  const lowest = -3.4e38;
  const native = hasNativeKernels();
  const window = Object.entries({ size: options.size, stride, padding }).map(([name, n]) => attribute.int(name, n));
  return differentiable({
    name: 'maxPool2d',
    inputs: { x },
    forward(save) {
      const y = executeRaw('MaxPool', attributes, [around(x, padding, lowest)]);
      if (native) save(x);
      else save(x, y);
      return y;
    },
    backward: (dy, [x, y]) => ({
      // TensorFlow's own takes more than ten times as long.
      x: () =>
        native
          ? executeRaw('StillhouseMaxPoolGrad', window, [dy, x!])
          : inside(executeRaw('MaxPoolGrad', attributes, [around(x!, padding, lowest), y!, dy]), padding, shape),
    }),
  });
}

/** Mean over all pixels: x [N, H, W, C] → [N, C]. */
export function globalAveragePool(x: Tensor): Tensor {
  expectRank('globalAveragePool', 'x', x, 4);
  const [n, h, w, c] = x.shape as [number, number, number, number];
  return differentiable({
    name: 'globalAveragePool',
    inputs: { x },
    forward: () => mean(x, [1, 2]),
    backward: (dy) => ({ x: () => broadcastTo(reshape(scale(dy, 1 / (h * w)), [n, 1, 1, c]), [n, h, w, c]) }),
  });
}
