import { describe, it } from 'vitest';
import {
  attention,
  avgPool2d,
  batchNorm,
  conv2d,
  dense,
  denseGelu,
  depthwiseConv2d,
  distillationLoss,
  geglu,
  gelu,
  globalAveragePool,
  groupNorm,
  instanceNorm,
  layerNorm,
  maxPool2d,
  meanSquaredError,
  quickGelu,
  relu,
  relu6,
  resizeBilinear,
  resizeNearest,
  silu,
  softmaxCrossEntropy,
  softTargetCrossEntropy,
  type Tensor,
  tf,
} from '../../../src/engine';
import { expectGradients, values } from '../gradient-check';

const image = (channels = 3, side = 6) => values([2, side, side, channels], 1);
/** Values at least 0.1 apart, in no order: no tie and no kink within a finite difference's reach. */
const apart = (shape: number[]): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Array.from({ length: size }, (_, i) => (((i * 37) % size) - size / 2 + 0.5) / 10),
    shape,
  );
};

describe('the gradient agrees with finite differences for', () => {
  const bias = values([4], 3);
  const kernel = values([3, 3, 3, 4], 2);
  for (const [name, options] of [
    ['same padding', {}],
    ['same padding and stride 2', { stride: 2 }],
    ['no padding', { padding: 'valid' }],
    ['a pixel of padding and stride 2', { padding: 1, stride: 2 }],
    [
      'uneven explicit padding',
      {
        padding: [
          [0, 1],
          [2, 0],
        ],
        stride: 2,
      },
    ],
    ['dilation 2', { dilation: 2 }],
    ['dilation 2 and explicit padding', { dilation: 2, padding: 2 }],
    ['dilation 2, stride 2 and no padding', { dilation: 2, padding: 'valid', stride: 2 }],
  ] as const) {
    it(`conv2d with ${name}`, () =>
      expectGradients((x, kernel, bias) => conv2d(x, kernel, { bias: bias!, ...options }), [image(), kernel, bias]));
    it(`depthwise conv2d with ${name}`, () =>
      expectGradients(
        (x, kernel, bias) => depthwiseConv2d(x, kernel, { bias: bias!, ...options }),
        [image(), values([3, 3, 3, 2], 2), values([6], 3)],
      ));
  }
  it('a 1×1 conv2d without bias', () => expectGradients((x, k) => conv2d(x!, k!), [image(), values([1, 1, 3, 4], 2)]));
  it('dense over the last of three axes', () =>
    expectGradients((x, k, b) => dense(x!, k!, b), [values([2, 5, 3], 1), values([3, 4], 2), bias]));

  const channels = [values([6], 2, 0.5, 1.5), values([6], 3)];
  it('group norm', () => expectGradients((x, g, b) => groupNorm(x!, g!, b!, { groups: 2 }), [image(6), ...channels]));
  it('group norm with SiLU', () =>
    expectGradients((x, g, b) => groupNorm(x!, g!, b!, { groups: 3, activation: 'silu' }), [image(6), ...channels]));
  it('group norm of a sequence', () =>
    expectGradients((x, g, b) => groupNorm(x!, g!, b!, { groups: 3 }), [values([2, 5, 6], 1), ...channels]));
  it('instance norm', () => expectGradients((x, g, b) => instanceNorm(x!, g!, b!), [image(6), ...channels]));
  it('instance norm with ReLU, away from its kink', () => {
    const apart = tf.tidy(() => tf.add(image(6), tf.mul(tf.sign(image(6)), 3)));
    expectGradients(
      (x, g, b) => instanceNorm(x!, g!, b!, { activation: 'relu' }),
      [apart, channels[0]!, tf.zeros([6])],
    );
  });
  it('layer norm', () => expectGradients((x, g, b) => layerNorm(x!, g!, b!), [values([2, 5, 6], 1), ...channels]));
  for (const training of [true, false]) {
    it(`batch norm in ${training ? 'training' : 'evaluation'}`, () => {
      const running = { mean: tf.variable(values([6], 4)), variance: tf.variable(values([6], 5, 0.5, 1.5)) };
      expectGradients((x, g, b) => batchNorm(x!, g!, b!, { running, training }), [image(6), ...channels]);
      running.mean.dispose();
      running.variance.dispose();
    });
  }
  it('batch norm of a matrix', () => {
    const running = { mean: tf.variable(values([6], 4)), variance: tf.variable(values([6], 5, 0.5, 1.5)) };
    expectGradients((x, g, b) => batchNorm(x!, g!, b!, { running, training: true }), [values([9, 6], 1), ...channels]);
  });

  const qkv = [values([2, 2, 5, 4], 1), values([2, 2, 7, 4], 2), values([2, 2, 7, 3], 3)];
  it('attention', () => expectGradients((q, k, v) => attention(q!, k!, v!), qkv));
  it('attention in chunks of two queries', () =>
    expectGradients((q, k, v) => attention(q!, k!, v!, { queryChunk: 2 }), qkv));
  it('causal, masked attention in chunks', () =>
    expectGradients(
      (q, k, v) => attention(q!, k!, v!, { queryChunk: 3, causal: true, mask: values([1, 7], 8), scale: 0.7 }),
      qkv,
    ));

  it('relu', () => expectGradients((x) => relu(x!), [apart([4, 5])]));
  it('relu6', () => expectGradients((x) => relu6(x!), [apart([4, 5]).mul(4) as Tensor]));
  it('silu', () => expectGradients((x) => silu(x!), [values([4, 5], 1, -3, 3)]));
  it('quick gelu', () => expectGradients((x) => quickGelu(x!), [values([4, 5], 1, -3, 3)]));
  it('a dense layer with gelu', () =>
    expectGradients((x, k, b) => denseGelu(x!, k!, b!), [values([2, 5, 3], 1, -2, 2), values([3, 4], 2), bias]));
  it('a dense layer with approximate gelu', () =>
    expectGradients(
      (x, k, b) => denseGelu(x!, k!, b!, { approximate: true }),
      [values([6, 3], 1, -2, 2), values([3, 4], 2), bias],
    ));
  it('gelu', () => expectGradients((x) => gelu(x!), [values([4, 5], 1, -3, 3)]));
  it('approximate gelu', () => expectGradients((x) => gelu(x!, { approximate: true }), [values([4, 5], 1, -3, 3)]));

  for (const rowChunk of [undefined, 4]) {
    it(`gated gelu ${rowChunk ? `in chunks of ${rowChunk} rows` : 'at once'}`, () =>
      expectGradients(
        (x, k, b) => geglu(x!, k!, b!, rowChunk ? { rowChunk } : {}),
        [values([2, 5, 3], 1), values([3, 8], 2), values([8], 3)],
      ));
  }

  it('average pooling', () => expectGradients((x) => avgPool2d(x!, { size: 2 }), [image()]));
  it('padded average pooling', () =>
    expectGradients((x) => avgPool2d(x!, { size: 3, stride: 2, padding: 1 }), [image()]));
  it('max pooling', () => expectGradients((x) => maxPool2d(x!, { size: 2 }), [apart([2, 6, 6, 3])]));
  it('padded max pooling', () =>
    expectGradients((x) => maxPool2d(x!, { size: 3, stride: 2, padding: 1 }), [apart([2, 6, 6, 3])]));
  it('global average pooling', () => expectGradients((x) => globalAveragePool(x!), [image()]));
  for (const size of [
    [12, 12],
    [12, 18],
    [9, 7],
    [3, 4],
  ] as const) {
    it(`nearest resize from 6×6 to ${size.join('×')}`, () =>
      expectGradients((x) => resizeNearest(x!, size), [image()]));
    it(`bilinear resize from 6×6 to ${size.join('×')}`, () =>
      expectGradients((x) => resizeBilinear(x!, size), [image()]));
  }

  const labels = tf.tensor1d([0, 3, 1, 2], 'int32');
  const logits = values([4, 5], 1, -2, 2);
  it('mean squared error', () => expectGradients((a, b) => meanSquaredError(a!, b!), [logits, values([4, 5], 2)]));
  it('hard-label cross entropy', () => expectGradients((x) => softmaxCrossEntropy(x!, labels), [logits]));
  it('soft-label cross entropy', () =>
    expectGradients((x) => softTargetCrossEntropy(x!, tf.softmax(values([4, 5], 2))), [logits]));
  it('distillation loss', () =>
    expectGradients((s, t) => distillationLoss(s!, t!, { temperature: 3 }), [logits, values([4, 5], 2, -2, 2)]));
});
