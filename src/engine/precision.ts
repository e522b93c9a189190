/** In which numbers products are formed: the large convolutions and dense layers, forwards and backwards. */

/**
 * 'float32', or 'bfloat16': factors are rounded to sixteen bits (8 of them the mantissa's), sums stay float32. Processors with
 * tiles for such products (Intel's AMX) take a fraction of the time; elsewhere the same rounding costs a little instead.
 */
export type Precision = 'float32' | 'bfloat16';

export const precisions = ['float32', 'bfloat16'] as const satisfies readonly Precision[];

let current: Precision = 'float32';

/** The precision of the operations that are being called. */
export const precision = (): Precision => current;

/**
 * Runs `body` with its convolutions and dense layers in a precision; their gradients keep it. Normalisation, attention, losses
 * and weights stay float32, as with PyTorch's autocast. `body` is synchronous: the precision ends with its return.
 * @example withPrecision('bfloat16', () => unet.forward(latents, timesteps, states))
 */
export function withPrecision<Result>(wanted: Precision, body: () => Result): Result {
  const outer = current;
  current = wanted;
  try {
    return body();
  } finally {
    current = outer;
  }
}
