/** Arrays as the store keeps them: whole numbers of 8 or 16 bits and a scale per channel. */

export interface StoredArray {
  /** The last dimension is the channels'. */
  shape: number[];
  /** Value of a step, per channel. */
  scales: Float32Array;
  data: Int8Array | Int16Array;
}

/**
 * Rounds each channel to 2^bits steps between ± its largest magnitude: an error of at most 1/65,534 of it at 16 bits,
 * 1/254 at 8.
 */
export function quantise(values: Float32Array, shape: readonly number[], bits: 8 | 16): StoredArray {
  const channels = shape.at(-1)!;
  const steps = 2 ** (bits - 1) - 1;
  const scales = new Float32Array(channels);
  for (const [i, value] of values.entries()) {
    const channel = i % channels;
    scales[channel] = Math.max(scales[channel]!, Math.abs(value) / steps);
  }
  const data = bits === 8 ? new Int8Array(values.length) : new Int16Array(values.length);
  for (const [i, value] of values.entries()) {
    const scale = scales[i % channels]!;
    // The scale is rounded to single precision, so the largest value may come out a step too high.
    if (scale > 0) data[i] = Math.max(-steps, Math.min(steps, Math.round(value / scale)));
  }
  return { shape: [...shape], scales, data };
}

export function dequantise({ shape, scales, data }: StoredArray): Float32Array {
  const channels = shape.at(-1)!;
  return Float32Array.from(data, (step, i) => step * scales[i % channels]!);
}
