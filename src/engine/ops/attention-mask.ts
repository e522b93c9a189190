/** Attention masks, as a term added to the scores. */
import { type Tensor, tf } from '../tensorflow';
import { slice } from './elementary';

export interface MaskOptions {
  /** A query sees only the keys at or before its own position. @default false */
  causal?: boolean;
  /**
   * bool (true: may be seen) or float32 (added to the scores), shape [L or 1, S], or [B or 1, H or 1, L or 1, S].
   * No gradient goes to it. @default none
   */
  mask?: Tensor | undefined;
}

/** Stands for −∞: its exp is 0, but a fully masked row gives no NaN. */
const UNSEEN = -1e9;

/**
 * The masks of `options` as one term to add to the scores of the queries start … start + length − 1.
 * The tensor `mask` is handed in at the call, as the one of `options` may be gone by the time of the backward pass.
 * @returns undefined when every key is seen.
 * @throws when the mask's shape does not fit L queries and S keys.
 */
export function attentionMask(
  options: MaskOptions,
  queries: number,
  keys: number,
): ((mask: Tensor | undefined, start: number, length: number) => Tensor) | undefined {
  const { causal = false, mask } = options;
  if (!causal && !mask) return undefined;
  if (mask) {
    const [rows, columns] = mask.shape.slice(-2);
    if ((mask.rank !== 2 && mask.rank !== 4) || columns !== keys || (rows !== queries && rows !== 1)) {
      throw new Error(
        `attention: expected \`mask\` to be [${queries} or 1, ${keys}] or [B, H, ${queries} or 1, ${keys}], got [${mask.shape}].`,
      );
    }
  }
  return (mask, start, length) =>
    tf.tidy(() => {
      const terms: Tensor[] = [];
      if (mask) terms.push(cut(additive(mask), start, length));
      if (causal) terms.push(triangle(start, length, keys));
      return terms.length === 2 ? tf.add(terms[0]!, terms[1]!) : terms[0]!;
    });
}

const additive = (mask: Tensor): Tensor =>
  mask.dtype === 'bool' ? tf.mul(tf.sub(1, tf.cast(mask, 'float32')), UNSEEN) : mask;

function cut(mask: Tensor, start: number, length: number): Tensor {
  const { shape } = mask;
  const rows = shape.length - 2;
  if (shape[rows] === 1 || shape[rows] === length) return mask.clone();
  const begin = shape.map((_, axis) => (axis === rows ? start : 0));
  const size = shape.map((extent, axis) => (axis === rows ? length : extent));
  return slice(mask, begin, size);
}

function triangle(start: number, length: number, keys: number): Tensor {
  const values = new Float32Array(length * keys);
  for (let row = 0; row < length; row++)
    values.fill(UNSEEN, row * keys + Math.min(keys, start + row + 1), (row + 1) * keys);
  return tf.tensor2d(values, [length, keys]);
}
