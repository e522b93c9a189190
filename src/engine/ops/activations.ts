/** Activations. Each keeps one tensor for its gradient (its input, or for ReLU its output) and computes the rest anew. */
import { geluAttributes, hasNativeKernels } from '../native-kernels';
import { consume, differentiable, executeRaw, executeRawMany, F32 } from '../raw';
import type { Tensor } from '../tensorflow';
import { expectFloat } from './check';
import { add, chain, erf, exp, freeing, mul, scale, shift, sigmoid, sigmoidGradient, square } from './elementary';

/** max(x, 0). */
export function relu(x: Tensor): Tensor {
  expectFloat('relu', 'x', x);
  return differentiable({
    name: 'relu',
    inputs: { x },
    forward(save) {
      const y = executeRaw('Relu', [F32], [x]);
      save(y);
      return y;
    },
    backward: (dy, [y]) => ({ x: () => executeRaw('ReluGrad', [F32], [dy, y!]) }),
  });
}

/** x σ(x), also called swish. */
export function silu(x: Tensor): Tensor {
  return gated('silu', x, 1);
}

/** x σ(1.702 x): the GELU of OpenAI's CLIP. */
export function quickGelu(x: Tensor): Tensor {
  return gated('quickGelu', x, 1.702);
}

function gated(name: string, x: Tensor, slope: number): Tensor {
  expectFloat(name, 'x', x);
  return differentiable({
    name,
    inputs: { x },
    forward(save) {
      save(x);
      const s = gate(x, slope);
      return freeing(mul(x, s), s);
    },
    backward: (dy, [x]) => ({ x: () => gatedGradient(dy, x!, slope) }),
  });
}

const gate = (x: Tensor, slope: number): Tensor => chain(x, (x) => (slope === 1 ? x : scale(x, slope)), sigmoid);

/** d/dx [x σ(kx)] · dy = dy σ + k x dy σ (1 − σ). Frees x, and dy where it may. */
export function gatedGradient(dy: Tensor, x: Tensor, slope = 1): Tensor {
  const s = gate(x, slope);
  const weighted = mul(dy, x);
  x.dispose();
  const steep = slope === 1 ? weighted : freeing(scale(weighted, slope), weighted);
  const through = freeing(sigmoidGradient(s, steep), steep);
  const direct = freeing(mul(dy, s), s);
  consume(dy);
  return freeing(add(direct, through), direct, through);
}

export interface GeluOptions {
  /** The tanh approximation of GPT-2 in place of the exact one with erf. @default false */
  approximate?: boolean;
}

/** x Φ(x), Φ the normal distribution function. */
export function gelu(x: Tensor, options: GeluOptions = {}): Tensor {
  expectFloat('gelu', 'x', x);
  const { approximate = false } = options;
  const native = hasNativeKernels('transformer');
  const attributes = geluAttributes(approximate);
  return differentiable({
    name: 'gelu',
    inputs: { x },
    forward(save) {
      save(x);
      if (native) return executeRawMany('StillhouseGelu', attributes, [x], 1)[0]!;
      const share = approximate ? approximateNormal(x) : geluShare(x);
      return freeing(mul(x, share), share);
    },
    backward: (dy, [x]) => ({
      x() {
        if (native) return executeRawMany('StillhouseGeluGrad', attributes, [dy, x!], 1)[0]!;
        return geluGradient(dy, x!, approximate);
      },
    }),
  });
}

/** dy · d/dx GELU, in TensorFlow's operations. Frees x, and dy where it may. */
export function geluGradient(dy: Tensor, x: Tensor, approximate: boolean): Tensor {
  if (approximate) return approximateGradient(dy, x);
  const slope = freeing(geluSlope(x), x);
  const dx = freeing(mul(dy, slope), slope);
  consume(dy);
  return dx;
}

/** Φ(x) = ½ (1 + erf(x / √2)). */
export const geluShare = (x: Tensor): Tensor =>
  chain(
    x,
    (x) => scale(x, Math.SQRT1_2),
    erf,
    (e) => shift(e, 1),
    (e) => scale(e, 0.5),
  );
/** Φ(x) + x φ(x), φ the normal density. */
export function geluSlope(x: Tensor): Tensor {
  const density = chain(
    x,
    square,
    (s) => scale(s, -0.5),
    exp,
    (e) => scale(e, 1 / Math.sqrt(2 * Math.PI)),
    (e) => mul(x, e),
  );
  const share = geluShare(x);
  return freeing(add(share, density), share, density);
}

// ½ (1 + tanh u) is σ(2u): for 2u = x (LINEAR + CUBIC x²) that is fewer passes over x than by tanh.
const LINEAR = 2 * Math.sqrt(2 / Math.PI);
const CUBIC = LINEAR * 0.044715;
/** x (LINEAR + CUBIC x²) */
const bent = (x: Tensor, squares: Tensor): Tensor =>
  chain(
    squares,
    (s) => scale(s, CUBIC),
    (s) => shift(s, LINEAR),
    (s) => mul(x, s),
  );
/** Φ(x) as σ(2u), u = √(2/π) (x + 0.044715 x³). */
export const approximateNormal = (x: Tensor): Tensor => {
  const squares = square(x);
  const argument = freeing(bent(x, squares), squares);
  return freeing(sigmoid(argument), argument);
};
/** d/dx [x σ(2u)] · dy = dy σ + x dy σ (1 − σ) (LINEAR + 3 CUBIC x²). Frees x, and dy where it may. */
function approximateGradient(dy: Tensor, x: Tensor): Tensor {
  const squares = square(x);
  const argument = bent(x, squares);
  const s = freeing(sigmoid(argument), argument);
  const steep = chain(
    squares,
    (q) => scale(q, 3 * CUBIC),
    (q) => shift(q, LINEAR),
    (q) => mul(q, x),
    (q) => mul(q, dy),
  );
  squares.dispose();
  x.dispose();
  const through = freeing(sigmoidGradient(s, steep), steep);
  const direct = freeing(mul(dy, s), s);
  consume(dy);
  return freeing(add(direct, through), direct, through);
}
