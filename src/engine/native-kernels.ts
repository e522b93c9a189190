/**
 * Whether the binding has our own kernels (native/*.cc). It has them if the set-up compiled it; the package's prebuilt
 * binding does not. They are not used on a GPU, nor with STILLHOUSE_NATIVE=0.
 */
import { attribute, backend, executeRawMany } from './raw';
import { tf } from './tensorflow';

/**
 * Part of the key of every stored result that reaches this file, as its text is; the C++ sources are in no key. Raise it
 * when a change to them can change a result.
 */
export const KERNELS_VERSION = 1;

/** Kernels by group. They are looked up separately, because a binding compiled earlier lacks the newer ones. */
type Kernels = 'group norm' | 'batch norm' | 'attention' | 'bfloat16' | 'transformer' | 'rows';

const known = new Map<Kernels, boolean>();

/** Whether our own kernels of a group are used (the default group includes max pooling's gradient). */
export function hasNativeKernels(kernels: Kernels = 'group norm'): boolean {
  const answer =
    known.get(kernels) ?? (process.env.STILLHOUSE_NATIVE !== '0' && !backend().isUsingGpuDevice && registered(kernels));
  known.set(kernels, answer);
  return answer;
}

/** For tests: clears the cached answers, so that STILLHOUSE_NATIVE is read again. */
export function askAgain(): void {
  known.clear();
}

function registered(kernels: Kernels): boolean {
  try {
    tf.tidy(() => {
      const one = tf.ones([1]);
      if (kernels === 'group norm') {
        executeRawMany(
          'StillhouseGroupNorm',
          groupNormAttributes(1, 1e-5, undefined),
          [tf.ones([1, 1, 1]), one, one],
          3,
        );
      } else if (kernels === 'attention') {
        const x = tf.ones([1, 1, 1]);
        executeRawMany(
          'StillhouseAttention',
          attentionAttributes({ heads: 1, scale: 1, causal: false, rounded: false }),
          [x, x, x],
          2,
        );
      } else if (kernels === 'transformer') {
        executeRawMany('StillhouseGatedGelu', [], [tf.ones([1, 2]), tf.ones([2])], 1);
      } else if (kernels === 'rows') {
        executeRawMany('StillhouseSumRows', [], [tf.ones([1, 1])], 1);
      } else if (kernels === 'bfloat16') {
        const x = tf.ones([1, 1, 1, 1]);
        const geometry = convolutionGeometry({ stride: 1, top: 0, left: 0, height: 1, width: 1 });
        executeRawMany('StillhouseConv2D', geometry, [x, x, tf.zeros([0])], 1);
      } else {
        const inputs = [tf.ones([1, 1, 1, 1]), one, one, one];
        executeRawMany('StillhouseBatchNormRelu', batchNormAttributes(1e-5, 1), inputs, 3);
      }
    });
    return true;
  } catch (error) {
    // Anything else than an unknown operation is a fault, of which no one must think that there is no kernel.
    if (error instanceof Error && NOT_FOUND.test(error.message)) return false;
    throw error;
  }
}

/** How the binding names TensorFlow's status for an operation that isn't registered. */
const NOT_FOUND = /^Invalid TF_Status: 5\b/;

/** Attributes of StillhouseBatchNormRelu, of its version for evaluation and of its gradient. */
export const batchNormAttributes = (epsilon: number, pool: number) => [
  attribute.float('epsilon', epsilon),
  attribute.int('pool', pool),
];

/** Attributes of StillhouseConv2D and its gradients, which exist only on processors with bfloat16 tiles (AMX). */
export const convolutionGeometry = (geometry: Record<'stride' | 'top' | 'left' | 'height' | 'width', number>) =>
  Object.entries(geometry).map(([name, value]) => attribute.int(name, value));

/** Attributes of StillhouseLayerNorm and of its gradient. */
export const layerNormAttributes = (epsilon: number, offset: number) => [
  attribute.float('epsilon', epsilon),
  attribute.float('offset', offset),
];

/** Attributes of StillhouseGelu and of its gradient. */
export const geluAttributes = (approximate: boolean) => [attribute.bool('approximate', approximate)];

/** Attribute of StillhouseAddBias and StillhouseBiasGelu: rows that make one item of the result, 0 for the input's shape. */
export const itemAttributes = (rows: number) => [attribute.int('rows', rows)];

interface AttentionAttributes {
  heads: number;
  scale: number;
  causal: boolean;
  /** Factors are rounded to sixteen bits (forwards only). */
  rounded: boolean;
}

/** Attributes of StillhouseAttention and of its gradient. */
export const attentionAttributes = ({ heads, scale, causal, rounded }: AttentionAttributes) => [
  attribute.int('heads', heads),
  attribute.float('scale', scale),
  attribute.bool('causal', causal),
  attribute.bool('rounded', rounded),
];

const activationNumbers = { silu: 1, relu: 2 } as const;

/** Attributes of StillhouseGroupNorm and of its gradient. */
export const groupNormAttributes = (
  groups: number,
  epsilon: number,
  activation: keyof typeof activationNumbers | undefined,
) => [
  attribute.int('groups', groups),
  attribute.float('epsilon', epsilon),
  attribute.int('activation', activation ? activationNumbers[activation] : 0),
];
