/**
 * Convolutions, NHWC. tfjs's own throw on explicit padding and on dilation in the backward pass (and TensorFlow's CPU
 * kernels throw on some dilations, and give a wrong depthwise gradient): here a dilated kernel is spread out with zeros.
 */
import { precision } from '../precision';
import { type Attribute, attribute, differentiable, executeRaw, F32, int32 } from '../raw';
import type { Tensor } from '../tensorflow';
import { bfloat16Products, type Geometry, type Products } from './bfloat16';
import { expectInteger, expectRank, expectSize } from './check';
import { addBias, biasGradient } from './bias';
import { freeing, pad, reshape, slice } from './elementary';

/** [[top, bottom], [left, right]], in pixels. */
export type ExplicitPadding = readonly [readonly [number, number], readonly [number, number]];

export interface Conv2dOptions {
  /** Added to each output channel, shape [out]. */
  bias?: Tensor | undefined;
  /** Step between output pixels, >= 1. @default 1 */
  stride?: number;
  /**
   * 'same' as TensorFlow has it (with a stride, the odd pixel of padding goes below and right); 'valid' for none; a number
   * for that many pixels on every side, which is PyTorch's padding; or [[top, bottom], [left, right]].
   * @default 'same'
   */
  padding?: 'same' | 'valid' | number | ExplicitPadding;
  /** Step between kernel taps, >= 1; costs its square in time. @default 1 */
  dilation?: number;
}

/**
 * 2-D convolution (cross-correlation, as in every deep learning library).
 * @param x float32 [N, H, W, in]
 * @param kernel float32 [kh, kw, in, out]
 * @returns [N, H', W', out]
 * @throws on shapes that do not fit.
 */
export function conv2d(x: Tensor, kernel: Tensor, options: Conv2dOptions = {}): Tensor {
  const { bias, stride = 1, padding = 'same', dilation = 1 } = options;
  expectRank('conv2d', 'x', x, 4);
  expectRank('conv2d', 'kernel', kernel, 4);
  expectInteger('conv2d', 'dilation', dilation, 1);
  if (dilation > 1) return conv2d(x, dilate(kernel, dilation), { ...options, dilation: 1 });
  expectSize('conv2d', 'the last axis of `x`', x.shape[3]!, kernel.shape[2]!, 'the input channels of `kernel`');
  if (bias) expectSize('conv2d', 'the size of `bias`', bias.size, kernel.shape[3]!, 'the output channels of `kernel`');
  const attributes = convolutionAttributes('conv2d', kernel, stride, padding);
  const { shape } = x;
  const geometry = geometryOf(shape, kernel.shape, stride, padding);
  const float32 = float32Products(attributes);
  const products = precision() === 'bfloat16' ? bfloat16Products(geometry, float32) : float32;
  // The kernel's gradient first: after it the input is not needed any more.
  const inputs: Record<string, Tensor> = bias ? { bias, kernel, x } : { kernel, x };
  return differentiable({
    name: 'conv2d',
    inputs,
    forward(save) {
      save(x, kernel);
      return products.convolve(x, kernel, bias);
    },
    backward: (dy, [x, kernel]) => ({
      x: () => products.inputGradient(shape, kernel!, dy),
      kernel: () => freeing(products.kernelGradient(x!, kernel!.shape, dy), x!),
      bias: () => biasGradient(dy),
    }),
  });
}

const float32Products = (attributes: Attribute[]): Products => ({
  convolve(x, kernel, bias) {
    const y = executeRaw('Conv2D', attributes, [x, kernel]);
    return bias ? freeing(addBias(y, bias), y) : y;
  },
  inputGradient: (shape, kernel, dy) => inputGradient(attributes, shape, kernel, dy),
  kernelGradient: (x, shape, dy) => kernelGradient(attributes, x, shape, dy),
});

/** The padding in numbers, and the output's size. @throws where a kernel is larger than the padded image */
function geometryOf(
  [, height, width]: readonly number[],
  [kh, kw]: readonly number[],
  stride: number,
  padding: NonNullable<Conv2dOptions['padding']>,
): Geometry {
  const along = (extent: number, kernel: number, side: 0 | 1): { before: number; count: number } => {
    if (padding === 'same') {
      const count = Math.ceil(extent / stride);
      return { before: Math.floor(Math.max(0, (count - 1) * stride + kernel - extent) / 2), count };
    }
    const [before, after] =
      padding === 'valid' ? [0, 0] : typeof padding === 'number' ? [padding, padding] : padding[side];
    return { before, count: Math.floor((extent + before + after - kernel) / stride) + 1 };
  };
  const [down, across] = [along(height!, kh!, 0), along(width!, kw!, 1)];
  if (down.count < 1 || across.count < 1) {
    const around = typeof padding === 'object' ? JSON.stringify(padding) : padding;
    throw new Error(
      `conv2d: expected a kernel [${kh}, ${kw}] to be no larger than the padded image, got an image of ${height} × ${width} pixels with padding ${around}.`,
    );
  }
  return { stride, top: down.before, left: across.before, height: down.count, width: across.count };
}

/** Explicit [top, bottom], [left, right] of a convolution's attributes, when it has a step. */
function steppedPadding(attributes: Attribute[]): ExplicitPadding | undefined {
  const explicit = attributes.find(({ name }) => name === 'explicit_paddings')?.value as number[] | undefined;
  const [, step] = attributes.find(({ name }) => name === 'strides')!.value as number[];
  if (!explicit || step === 1) return undefined;
  return [
    [explicit[2]!, explicit[3]!],
    [explicit[4]!, explicit[5]!],
  ];
}
const unpadded = (attributes: Attribute[]): Attribute[] => [
  ...attributes.filter(({ name }) => name !== 'padding' && name !== 'explicit_paddings'),
  attribute.string('padding', 'VALID'),
];

function inputGradient(attributes: Attribute[], shape: readonly number[], kernel: Tensor, dy: Tensor): Tensor {
  const padding = steppedPadding(attributes);
  if (!padding) return executeRaw('Conv2DBackpropInput', attributes, [int32(shape), kernel, dy]);
  // oneDNN takes up to twenty times as long for a step with explicit padding as for the padded input, cut afterwards.
  const [[top, bottom], [left, right]] = padding;
  const [n, h, w, c] = shape as [number, number, number, number];
  const padded = [n, h + top + bottom, w + left + right, c];
  const gradient = executeRaw('Conv2DBackpropInput', unpadded(attributes), [int32(padded), kernel, dy]);
  return freeing(slice(gradient, [0, top, left, 0], shape), gradient);
}

function kernelGradient(attributes: Attribute[], x: Tensor, shape: readonly number[], dy: Tensor): Tensor {
  const padding = steppedPadding(attributes);
  // With few channels (a network's first layer) padding before is faster, with many it is not.
  if (!padding || x.shape[3]! > 4) return executeRaw('Conv2DBackpropFilter', attributes, [x, int32(shape), dy]);
  const padded = pad(x, [[0, 0], ...padding, [0, 0]]);
  return executeRaw('Conv2DBackpropFilter', unpadded(attributes), [padded, int32(shape), dy]);
}

/**
 * Depthwise 2-D convolution: each input channel has `multiplier` kernels of its own.
 * @param x float32 [N, H, W, C]
 * @param kernel float32 [kh, kw, C, multiplier]
 * @returns [N, H', W', C · multiplier]
 * @throws on shapes that do not fit.
 */
export function depthwiseConv2d(x: Tensor, kernel: Tensor, options: Conv2dOptions = {}): Tensor {
  const { bias, stride = 1, padding = 'same', dilation = 1 } = options;
  expectRank('depthwiseConv2d', 'x', x, 4);
  expectRank('depthwiseConv2d', 'kernel', kernel, 4);
  expectInteger('depthwiseConv2d', 'dilation', dilation, 1);
  if (dilation > 1) return depthwiseConv2d(x, dilate(kernel, dilation), { ...options, dilation: 1 });
  expectSize('depthwiseConv2d', 'the last axis of `x`', x.shape[3]!, kernel.shape[2]!, 'the channels of `kernel`');
  const outputs = kernel.shape[2]! * kernel.shape[3]!;
  if (bias) expectSize('depthwiseConv2d', 'the size of `bias`', bias.size, outputs, 'channels × multiplier');
  const attributes = convolutionAttributes('depthwiseConv2d', kernel, stride, padding);
  const inputs: Record<string, Tensor> = bias ? { bias, kernel, x } : { kernel, x };
  return differentiable({
    name: 'depthwiseConv2d',
    inputs,
    forward(save) {
      save(x, kernel);
      const y = executeRaw('DepthwiseConv2dNative', attributes, [x, kernel]);
      return bias ? addBias(y, bias) : y;
    },
    backward: (dy, [x, kernel]) => ({
      x: () => executeRaw('DepthwiseConv2dNativeBackpropInput', attributes, [int32(x!.shape), kernel!, dy]),
      kernel: () => executeRaw('DepthwiseConv2dNativeBackpropFilter', attributes, [x!, int32(kernel!.shape), dy]),
      bias: () => biasGradient(dy),
    }),
  });
}

function convolutionAttributes(
  operation: string,
  kernel: Tensor,
  stride: number,
  padding: NonNullable<Conv2dOptions['padding']>,
): Attribute[] {
  expectInteger(operation, 'stride', stride, 1);
  const [kh, kw] = kernel.shape as [number, number];
  const attributes = [
    F32,
    attribute.int('strides', [1, stride, stride, 1]),
    attribute.int('dilations', [1, 1, 1, 1]),
    attribute.string('data_format', 'NHWC'),
  ];
  const valid = [...attributes, attribute.string('padding', 'VALID')];
  const same = [...attributes, attribute.string('padding', 'SAME')];
  if (padding === 'valid') return valid;
  if (padding === 'same') return kh === 1 && kw === 1 ? valid : same;
  const [[top, bottom], [left, right]] =
    typeof padding === 'number'
      ? [
          [padding, padding],
          [padding, padding],
        ]
      : padding;
  const sides = [top!, bottom!, left!, right!];
  for (const pixels of sides) expectInteger(operation, 'padding', pixels, 0);
  // Explicit padding leaves oneDNN's fast path: say the same by name where it has one.
  if (sides.every((pixels) => pixels === 0)) return valid;
  const around = [kh, kh, kw, kw].every((extent, side) => sides[side] === (extent - 1) / 2);
  if (around && stride === 1) return same;
  return [
    ...attributes,
    attribute.string('padding', 'EXPLICIT'),
    attribute.int('explicit_paddings', [0, 0, ...sides, 0, 0]),
  ];
}

/** The kernel with dilation − 1 zeros between its taps: [kh, kw, in, out] → [(kh − 1) dilation + 1, ..., in, out]. */
function dilate(kernel: Tensor, dilation: number): Tensor {
  const [kh, kw, ...channels] = kernel.shape as [number, number, number, number];
  const spread = [(kh - 1) * dilation + 1, (kw - 1) * dilation + 1, ...channels];
  const none = [0, 0] as const;
  const after = [0, dilation - 1] as const;
  return differentiable({
    name: 'dilate',
    inputs: { kernel },
    forward() {
      const wide = pad(reshape(kernel, [kh, 1, kw, 1, ...channels]), [none, after, none, after, none, none]);
      return slice(reshape(wide, [kh * dilation, kw * dilation, ...channels]), [0, 0, 0, 0], spread);
    },
    backward: (dy) => ({
      kernel: () => {
        const wide = reshape(pad(dy, [after, after, none, none]), [kh, dilation, kw, dilation, ...channels]);
        return reshape(slice(wide, [0, 0, 0, 0, 0, 0], [kh, 1, kw, 1, ...channels]), [kh, kw, ...channels]);
      },
    }),
  });
}
