/** Attention within windows, which every second block shifts by half a window (Liu et al. 2021, section 3.2). */
import { type RandomStream, type Tensor, tf } from '../engine';
import { Linear, normalFill } from './layers';
import { Module, Parameter } from './module';

/** Added to the score of two pixels that only the cyclic shift brought into one window: torchvision's value. */
const APART = -100;

export interface WindowAttentionOptions {
  channels: number;
  heads: number;
  /** Side of a window, pixels. */
  window: number;
  /** Shift of the windows, right and down, pixels. Not applied along an axis with a single window. */
  shift: number;
}

/** torchvision's ShiftedWindowAttention. */
export class ShiftedWindowAttention extends Module {
  readonly qkv: Linear;
  readonly proj: Linear;
  readonly relative_position_bias_table: Parameter;

  constructor(
    private readonly options: WindowAttentionOptions,
    init: RandomStream | undefined,
  ) {
    super();
    const { channels, heads, window } = options;
    if (channels % heads !== 0) throw new Error(`Expected channels that ${heads} heads divide, got ${channels}.`);
    this.qkv = new Linear({ in: channels, out: 3 * channels, initial: 0.02 }, init);
    this.proj = new Linear({ in: channels, out: channels, initial: 0.02 }, init);
    const fill = normalFill(init, 0.02);
    this.relative_position_bias_table = new Parameter([(2 * window - 1) ** 2, heads], { fill });
  }

  /** [N,H,W,C] → [N,H,W,C] */
  forward(x: Tensor): Tensor {
    const { window } = this.options;
    const [n, height, width, channels] = x.shape as [number, number, number, number];
    const [rows, columns] = [height, width].map((side) => Math.ceil(side / window)) as [number, number];
    const [down, right] = [rows, columns].map((count) => (count === 1 ? 0 : this.options.shift)) as [number, number];
    return tf.tidy(() => {
      const padded = tf.pad(x, [
        [0, 0],
        [0, rows * window - height],
        [0, columns * window - width],
        [0, 0],
      ]);
      const shifted = roll(roll(padded, 1, down), 2, right);
      const tiles = tf.reshape(shifted, [n, rows, window, columns, window, channels]);
      const tokens = tf.reshape(swapped(tiles), [-1, window ** 2, channels]);
      const mixed = this.attend(tokens, down + right > 0 ? apart({ rows, columns, window, down, right }) : undefined);
      const back = swapped(tf.reshape(mixed, [n, rows, columns, window, window, channels]));
      const image = tf.reshape(back, [n, rows * window, columns * window, channels]);
      return tf.slice(roll(roll(image, 1, -down), 2, -right), [0, 0, 0, 0], [n, height, width, channels]);
    });
  }

  /** @param mask [1, windows of an image, 1, T²], added to the scores */
  private attend(tokens: Tensor, mask: Tensor | undefined): Tensor {
    const { heads, channels } = this.options;
    const [batch, length] = tokens.shape as [number, number, number];
    const [q, k, v] = tf
      .split(this.qkv.forward(tokens), 3, 2)
      .map((part) => tf.transpose(tf.reshape(part, [batch, length, heads, channels / heads]), [0, 2, 1, 3]));
    const scores = tf.matMul(tf.mul(q!, (channels / heads) ** -0.5), k!, false, true);
    const biased = tf.add(scores, this.positionBias());
    const masked = mask ? withMask(biased, mask) : biased;
    const weights = tf.softmax(tf.reshape(masked, [batch, heads, length, length]));
    const mixed = tf.transpose(tf.matMul(weights, v!), [0, 2, 1, 3]);
    return this.proj.forward(tf.reshape(mixed, [batch, length, channels]));
  }

  /** Bias of the score of two pixels by their relative position in the window, [1, heads, T, T]. */
  private positionBias(): Tensor {
    const { window, heads } = this.options;
    const length = window ** 2;
    const places = Int32Array.from({ length: length ** 2 }, (_, pair) => {
      const [a, b] = [Math.floor(pair / length), pair % length];
      const down = Math.floor(a / window) - Math.floor(b / window) + window - 1;
      return down * (2 * window - 1) + ((a % window) - (b % window) + window - 1);
    });
    const biases = tf.gather(this.relative_position_bias_table.value, tf.tensor1d(places, 'int32'));
    return tf.expandDims(tf.transpose(tf.reshape(biases, [length, length, heads]), [2, 0, 1]), 0);
  }
}

/** Swaps the rows within windows and the columns of windows: [N,a,b,c,d,C] → [N,a,c,b,d,C]. Its own inverse. */
const swapped = (x: Tensor): Tensor => tf.transpose(x, [0, 1, 3, 2, 4, 5]);

/** Rolls an axis by `steps` towards its start, cyclically. */
function roll(x: Tensor, axis: number, steps: number): Tensor {
  if (steps === 0) return x;
  const length = x.shape[axis]!;
  const first = ((steps % length) + length) % length;
  const [start, end] = tf.split(x, [first, length - first], axis);
  return tf.concat([end!, start!], axis);
}

/** Adds a mask [1, windows, 1, T²] to scores [N · windows, heads, T, T]. */
function withMask(scores: Tensor, mask: Tensor): Tensor {
  const [, heads, length] = scores.shape as [number, number, number, number];
  return tf.add(tf.reshape(scores, [-1, mask.shape[1]!, heads, length * length]), mask);
}

interface Windows {
  rows: number;
  columns: number;
  window: number;
  down: number;
  right: number;
}

/** Mask between pixels that the shift brought together from different regions: [1, windows, 1, T²]. */
function apart({ rows, columns, window, down, right }: Windows): Tensor {
  /** Index of the region along one axis that a pixel comes from, 0 … 2. */
  const band = (at: number, count: number, shift: number): number =>
    at < (count - 1) * window ? 0 : at < count * window - shift ? 1 : 2;
  const length = window ** 2;
  const values = new Float32Array(rows * columns * length ** 2);
  for (let tile = 0; tile < rows * columns; tile++) {
    const region = Array.from({ length }, (_, at) => {
      const y = Math.floor(tile / columns) * window + Math.floor(at / window);
      const x = (tile % columns) * window + (at % window);
      return 3 * band(y, rows, down) + band(x, columns, right);
    });
    for (let a = 0; a < length; a++) {
      for (let b = 0; b < length; b++) {
        if (region[a] !== region[b]) values[(tile * length + a) * length + b] = APART;
      }
    }
  }
  return tf.tensor4d(values, [1, rows * columns, 1, length ** 2]);
}
