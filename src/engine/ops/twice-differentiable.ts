/**
 * Operations whose gradients have gradients, as matching of gradients needs them: `twice.conv2d(x, kernel)`. Beside them
 * tf's add, sub, mul, div, mean, sum, square, sqrt, rsqrt, matMul, reshape and transpose may be used. Others don't do: the
 * hand-written gradients beside this file have none of their own, and where tfjs saves an output (exp, sigmoid, softmax),
 * its second derivative is wrong. `recordedGradients`, which takes the inner gradient, refuses both.
 */
import { type Attribute, attribute, differentiable, executeRaw, F32, int32 } from '../raw';
import { type Tensor, tf } from '../tensorflow';
import { watchOperations } from '../trace';
import { expectInteger, expectRank, expectSize } from './check';

/** What the names of these operations start with. */
const TWICE = 'twice.';

const SAME = [
  F32,
  attribute.int('strides', [1, 1, 1, 1]),
  attribute.int('dilations', [1, 1, 1, 1]),
  attribute.string('data_format', 'NHWC'),
  attribute.string('padding', 'SAME'),
];

/**
 * Convolution of step 1 that keeps the size. It is linear in each input, so its derivatives of any order are itself and
 * the two below.
 * @param x float32 [N, H, W, in]
 * @param kernel float32 [kh, kw, in, out]
 * @returns [N, H, W, out]
 */
export function conv2d(x: Tensor, kernel: Tensor): Tensor {
  expectRank('twice.conv2d', 'x', x, 4);
  expectRank('twice.conv2d', 'kernel', kernel, 4);
  expectSize('twice.conv2d', 'the last axis of `x`', x.shape[3]!, kernel.shape[2]!, 'the input channels of `kernel`');
  return differentiable({
    name: `${TWICE}conv2d`,
    inputs: { x, kernel },
    forward(save) {
      save(x, kernel);
      return executeRaw('Conv2D', SAME, [x, kernel]);
    },
    backward: (dy, [x, kernel]) => ({
      x: () => inputGradient(kernel!, dy, x!.shape),
      kernel: () => kernelGradient(x!, dy, kernel!.shape),
    }),
  });
}

function inputGradient(kernel: Tensor, dy: Tensor, shape: readonly number[]): Tensor {
  return differentiable({
    name: `${TWICE}conv2d input gradient`,
    inputs: { kernel, dy },
    forward(save) {
      save(kernel, dy);
      return executeRaw('Conv2DBackpropInput', SAME, [int32(shape), kernel, dy]);
    },
    backward: (outer, [kernel, dy]) => ({
      kernel: () => kernelGradient(outer, dy!, kernel!.shape),
      dy: () => conv2d(outer, kernel!),
    }),
  });
}

function kernelGradient(x: Tensor, dy: Tensor, shape: readonly number[]): Tensor {
  return differentiable({
    name: `${TWICE}conv2d kernel gradient`,
    inputs: { x, dy },
    forward(save) {
      save(x, dy);
      return executeRaw('Conv2DBackpropFilter', SAME, [x, int32(shape), dy]);
    },
    backward: (outer, [x, dy]) => ({
      x: () => inputGradient(outer, dy!, x!.shape),
      dy: () => conv2d(x!, outer),
    }),
  });
}

/** max(0, x). */
export function relu(x: Tensor): Tensor {
  return differentiable({
    name: `${TWICE}relu`,
    inputs: { x },
    forward(save) {
      save(x);
      return executeRaw('Relu', [F32], [x]);
    },
    backward: (dy, [x]) => ({ x: () => whereActive(dy, x!) }),
  });
}

/** dy where x > 0, else 0: linear in dy, and flat in x. */
function whereActive(dy: Tensor, x: Tensor): Tensor {
  return differentiable({
    name: `${TWICE}relu gradient`,
    inputs: { dy },
    forward(save) {
      save(x);
      return executeRaw('ReluGrad', [F32], [dy, x]);
    },
    backward: (outer, [x]) => ({ dy: () => whereActive(outer, x!) }),
  });
}

/** Mean of each window of `size` pixels, side by side; what is left over at the edge is dropped. [N, H, W, C]. */
export function avgPool2d(x: Tensor, { size }: { size: number }): Tensor {
  expectRank('twice.avgPool2d', 'x', x, 4);
  expectInteger('twice.avgPool2d', 'size', size, 1);
  const attributes = [
    F32,
    attribute.int('ksize', [1, size, size, 1]),
    attribute.int('strides', [1, size, size, 1]),
    attribute.string('padding', 'VALID'),
    attribute.string('data_format', 'NHWC'),
  ];
  return pooled(x, attributes);
}

function pooled(x: Tensor, attributes: Attribute[]): Tensor {
  const { shape } = x;
  return differentiable({
    name: `${TWICE}avgPool2d`,
    inputs: { x },
    forward: () => executeRaw('AvgPool', attributes, [x]),
    backward: (dy) => ({ x: () => spread(dy, shape, attributes) }),
  });
}

function spread(dy: Tensor, shape: readonly number[], attributes: Attribute[]): Tensor {
  return differentiable({
    name: `${TWICE}avgPool2d gradient`,
    inputs: { dy },
    forward: () => executeRaw('AvgPoolGrad', attributes, [int32(shape), dy]),
    backward: (outer) => ({ dy: () => pooled(outer, attributes) }),
  });
}

/** (x − mean) / √(variance + epsilon) · gamma + beta, each channel of each image by itself. x [N, H, W, C] → the same. */
export function instanceNorm(x: Tensor, gamma: Tensor, beta: Tensor, { epsilon = 1e-5 } = {}): Tensor {
  expectRank('twice.instanceNorm', 'x', x, 4);
  return tf.tidy(() => {
    const deviations = tf.sub(x, tf.mean(x, [1, 2], true));
    const variance = tf.mean(tf.square(deviations), [1, 2], true);
    const normal = tf.mul(deviations, tf.rsqrt(tf.add(variance, epsilon)));
    return tf.add(tf.mul(normal, gamma), beta);
  });
}

/** x W + b. x [N, in], kernel [in, out], bias [out] → [N, out]. */
export function dense(x: Tensor, kernel: Tensor, bias: Tensor): Tensor {
  return tf.tidy(() => tf.add(tf.matMul(x, kernel), bias));
}

/**
 * Cross entropy: mean of −Σ p log softmax(logits).
 * @param logits float32 [N, classes]
 * @param probabilities float32 [N, classes], rows that sum to 1; constants
 */
export function softmaxCrossEntropy(logits: Tensor, probabilities: Tensor): Tensor {
  return tf.tidy(() => {
    const right = tf.sum(tf.mul(logits, probabilities), 1);
    return tf.mean(tf.sub(logSumExp(logits), right));
  });
}

/** log Σ exp over the last axis. */
function logSumExp(logits: Tensor): Tensor {
  return differentiable({
    name: `${TWICE}logSumExp`,
    inputs: { logits },
    forward(save) {
      save(logits);
      return tf.logSumExp(logits, -1);
    },
    backward: (dy, [logits]) => ({ logits: () => tf.mul(softmax(logits!), tf.expandDims(dy, -1)) }),
  });
}

/** Over the last axis. It is worked out again from its input: a saved output is no part of the tape. */
function softmax(logits: Tensor): Tensor {
  return differentiable({
    name: `${TWICE}softmax`,
    inputs: { logits },
    forward(save) {
      save(logits);
      return executeRaw('Softmax', [F32], [logits]);
    },
    backward: (dy, [logits]) => ({
      logits: () => {
        const p = softmax(logits!);
        return tf.mul(p, tf.sub(dy, tf.sum(tf.mul(dy, p), -1, true)));
      },
    }),
  });
}

/**
 * Gradients that are themselves part of what is being differentiated: call it in the loss of `lossAndGradients`, or of a
 * tf.grad.
 * @throws where the inner loss is made of an operation whose gradient can't be differentiated, naming it
 * @example lossAndGradients({ images }, () => {
 *   const { weight } = recordedGradients({ weight }, () => twice.softmaxCrossEntropy(logitsOf(images, weight), labels));
 *   return distance(weight, wanted);
 * });
 */
export function recordedGradients<Name extends string>(
  parameters: Record<Name, Tensor>,
  loss: () => Tensor,
): Record<Name, Tensor> {
  const names = Object.keys(parameters) as Name[];
  const gradients = tf.grads(() => refusing(loss))(names.map((name) => parameters[name]));
  return Object.fromEntries(names.map((name, k) => [name, gradients[k]!])) as Record<Name, Tensor>;
}

/** Runs `loss`, and throws on what was put on the tape meanwhile and has no gradient of its gradient. */
function refusing(loss: () => Tensor): Tensor {
  const { state } = tf.engine() as unknown as { state: { activeTape: { kernelName: string; inputs: object }[] } };
  const start = state.activeTape.length;
  const once = new Set<string>();
  const result = watchOperations(({ operation }) => {
    if (!operation.startsWith(TWICE)) once.add(operation);
  }, loss);
  for (const { kernelName, inputs } of state.activeTape.slice(start)) {
    const registered = tf.getGradient(kernelName);
    if (registered?.outputsToSave?.some(Boolean)) once.add(`tf's ${kernelName}`);
    // What tfjs defines by tf.customGrad (logSoftmax) has numbers for names.
    if (!registered && '0' in inputs) once.add('one of tf.customGrad');
  }
  if (once.size === 0) return result;
  throw new Error(
    `recordedGradients: expected operations that can be differentiated twice, got ${[...once].join(', ')}. Use those of \`twice\`, and work out beforehand what needs no inner gradient.`,
  );
}
