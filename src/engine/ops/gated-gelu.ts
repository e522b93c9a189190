/** The gate of GEGLU on rows of values and gates beside each other: one kernel of our own, or TensorFlow's elementary operations. */
import { hasNativeKernels } from '../native-kernels';
import { executeRawMany } from '../raw';
import type { Tensor } from '../tensorflow';
import { geluShare, geluSlope } from './activations';
import { biasAdd, concat, freeing, mul, slice } from './elementary';

/** Forward and backward pass. Inputs are not freed. */
export interface Gate {
  /** product [R, 2H] before its bias [2H] → (value + b) · GELU(gate + c) [R, H] */
  open(product: Tensor, bias: Tensor): Tensor;
  /** → dproduct [R, 2H] */
  gradient(dy: Tensor, product: Tensor, bias: Tensor): Tensor;
}

const native: Gate = {
  open: (product, bias) => executeRawMany('StillhouseGatedGelu', [], [product, bias], 1)[0]!,
  gradient: (dy, product, bias) => executeRawMany('StillhouseGatedGeluGrad', [], [dy, product, bias], 1)[0]!,
};

/** Values and gates with their bias. */
function halves(product: Tensor, bias: Tensor): [value: Tensor, gate: Tensor] {
  const [rows, both] = product.shape as [number, number];
  const whole = biasAdd(product, bias);
  const half = (place: 0 | 1) => slice(whole, [0, (place * both) / 2], [rows, both / 2]);
  const [value, gate] = [half(0), half(1)];
  whole.dispose();
  return [value, gate];
}

const elementary: Gate = {
  open(product, bias) {
    const [value, gate] = halves(product, bias);
    const share = geluShare(gate);
    const open = freeing(mul(gate, share), gate, share);
    return freeing(mul(value, open), value, open);
  },
  gradient(dy, product, bias) {
    const [value, gate] = halves(product, bias);
    const share = geluShare(gate);
    const open = freeing(mul(gate, share), share);
    const slope = geluSlope(gate);
    const steep = freeing(mul(slope, value), slope, value, gate);
    const parts = [freeing(mul(dy, open), open), freeing(mul(dy, steep), steep)];
    return freeing(concat(parts, 1), ...parts);
  },
};

/** Our own kernel if the binding has it, else TensorFlow's operations. */
export const gatedGelu = (): Gate => (hasNativeKernels('transformer') ? native : elementary);
