/** Our own kernels on and off: what tests share that compare them with TensorFlow's operations. */
import { afterEach } from 'vitest';
import { askAgain, hasNativeKernels } from '../../src/engine/native-kernels';

const wanted = process.env.STILLHOUSE_NATIVE;

afterEach(() => {
  if (wanted === undefined) delete process.env.STILLHOUSE_NATIVE;
  else process.env.STILLHOUSE_NATIVE = wanted;
  askAgain();
});

/** Our own kernels are used, or not, until the test ends. */
export function useNative(native: boolean): void {
  process.env.STILLHOUSE_NATIVE = native ? '1' : '0';
  askAgain();
}

/** Runs `body` with our own kernels, or without. */
export function using<Result>(native: boolean, body: () => Result): Result {
  useNative(native);
  return body();
}

/** Whether the binding has the kernels of a group, used or not. */
export function isThere(...group: Parameters<typeof hasNativeKernels>): boolean {
  const before = process.env.STILLHOUSE_NATIVE;
  try {
    return using(true, () => hasNativeKernels(...group));
  } finally {
    if (before === undefined) delete process.env.STILLHOUSE_NATIVE;
    else process.env.STILLHOUSE_NATIVE = before;
    askAgain();
  }
}
