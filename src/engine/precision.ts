/** Precision of the products in convolutions and dense layers, forwards and backwards, and of attention's where no gradient is wanted. */
import { hasNativeKernels } from './native-kernels';

/**
 * 'bfloat16' rounds the factors to sixteen bits (8 of significand) and sums in float32. Processors with tiles for such
 * products (Intel's AMX) take a fraction of the time; on others the same rounding costs a little instead.
 */
export type Precision = 'float32' | 'bfloat16';

export const precisions = ['float32', 'bfloat16'] as const satisfies readonly Precision[];

/** 'bfloat16' on a processor with tiles for it, else 'float32'. */
export const quickestPrecision = (): Precision => (hasNativeKernels('bfloat16') ? 'bfloat16' : 'float32');

let current: Precision = 'float32';

/** The current precision. */
export const precision = (): Precision => current;

/**
 * Runs `body` with its convolutions and dense layers, and their gradients, in the given precision, and attention where no
 * gradient is wanted. Normalisation, losses and weights stay float32. `body` must be synchronous.
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
