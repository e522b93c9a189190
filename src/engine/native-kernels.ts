/**
 * Whether the binding holds our own kernels (native/kernels.cc). It does where the set-up compiled it; the package's prebuilt
 * binding does not, and on a GPU they are not wanted. STILLHOUSE_NATIVE=0 does without them.
 */
import { attribute, backend, executeRawMany } from './raw';
import { tf } from './tensorflow';

let native: boolean | undefined;

/** True where group normalisation and max pooling's gradient run in kernels of our own. */
export function hasNativeKernels(): boolean {
  native ??= process.env.STILLHOUSE_NATIVE !== '0' && !backend().isUsingGpuDevice && registered();
  return native;
}

/** For tests: forgets the answer, so that STILLHOUSE_NATIVE is read again. */
export function askAgain(): void {
  native = undefined;
}

function registered(): boolean {
  try {
    tf.tidy(() => {
      const [x, one] = [tf.ones([1, 1, 1]), tf.ones([1])];
      executeRawMany('StillhouseGroupNorm', groupNormAttributes(1, 1e-5, false), [x, one, one], 3);
    });
    return true;
  } catch {
    return false;
  }
}

/** Attributes of StillhouseGroupNorm and of its gradient. */
export const groupNormAttributes = (groups: number, epsilon: number, silu: boolean) => [
  attribute.int('groups', groups),
  attribute.float('epsilon', epsilon),
  attribute.bool('silu', silu),
];
