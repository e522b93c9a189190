/** Measured arithmetic: a matrix product and a convolution, as networks use them. */
import { conv2d, type Tensor, type Tensor2D, type Tensor4D, tf } from '../engine';

export interface Speed {
  name: string;
  /** 10⁹ float32 operations a second, the best of the repetitions. */
  gigaflops: number;
}

/**
 * Times one operation.
 * @param operations float32 operations of one call
 * @param milliseconds how long to go on; at least three calls
 */
function measure(name: string, operations: number, milliseconds: number, call: () => Tensor): Speed {
  const once = (): number => {
    const start = performance.now();
    const result = call();
    result.dataSync();
    result.dispose();
    return performance.now() - start;
  };
  once(); // TensorFlow chooses its kernels
  const end = performance.now() + milliseconds;
  let best = Number.POSITIVE_INFINITY;
  for (let calls = 0; calls < 3 || performance.now() < end; calls++) best = Math.min(best, once());
  return { name, gigaflops: operations / best / 1e6 };
}

/** GF/s of a 1024 × 1024 matrix product and of a 3 × 3 convolution of [8, 32, 32, 128] to 128 channels. */
export function measureSpeed({ milliseconds = 300 }: { milliseconds?: number } = {}): Speed[] {
  const n = 1024;
  const a = tf.randomNormal([n, n]) as Tensor2D;
  const x = tf.randomNormal([8, 32, 32, 128]) as Tensor4D;
  const kernel = tf.randomNormal([3, 3, 128, 128]) as Tensor4D;
  try {
    return [
      // The sum keeps the transfer of the result out of the time.
      measure('matrix product', 2 * n ** 3, milliseconds, () => tf.tidy(() => tf.sum(tf.matMul(a, a)))),
      measure('convolution', 2 * 8 * 32 * 32 * 9 * 128 * 128, milliseconds, () =>
        tf.tidy(() => tf.sum(conv2d(x, kernel))),
      ),
    ];
  } finally {
    tf.dispose([a, x, kernel]);
  }
}
