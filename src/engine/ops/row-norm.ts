/**
 * Normalisation of rows, each over its channels, with a scale and shift per group of rows: in one kernel of our own, or in
 * TensorFlow's elementary operations. Variances are taken in two passes and little is kept for the gradient.
 */
import { hasNativeKernels, layerNormAttributes } from '../native-kernels';
import { executeRawMany } from '../raw';
import type { Tensor } from '../tensorflow';
import {
  add,
  freeing,
  mean,
  mul,
  reshape,
  rsqrt,
  shift as plus,
  squaredDifference,
  sub,
  sumMiddle,
} from './elementary';

export interface RowNormSettings {
  /** Added to the variance. */
  epsilon: number;
  /** Added to the scale: 1 where a scale of zero leaves rows as they are (adaLN), else 0. */
  offset: 0 | 1;
}

/** Forward and backward pass. x [..., C] in G groups of R rows; scale, shift [G, C], or [C] for one group; mean, rstd [G, R, 1]. */
export interface RowNorm {
  /** → y as x, mean, rstd = 1 / √(variance + ε) */
  forward(x: Tensor, scale: Tensor, shift: Tensor): [y: Tensor, mean: Tensor, rstd: Tensor];
  /** → dx, dscale, dshift */
  gradient(dy: Tensor, saved: { x: Tensor; scale: Tensor; mean: Tensor; rstd: Tensor }): [Tensor, Tensor, Tensor];
}

/** Our own kernel if the binding has it, else TensorFlow's operations. */
export function rowNorm({ epsilon, offset }: RowNormSettings): RowNorm {
  if (!hasNativeKernels('transformer')) return elementary({ epsilon, offset });
  const attributes = layerNormAttributes(epsilon, offset);
  return {
    forward: (x, scale, shift) =>
      executeRawMany('StillhouseLayerNorm', attributes, [x, scale, shift], 3) as [Tensor, Tensor, Tensor],
    gradient: (dy, { x, scale, mean, rstd }) =>
      executeRawMany('StillhouseLayerNormGrad', attributes, [dy, x, scale, mean, rstd], 3) as [Tensor, Tensor, Tensor],
  };
}

function elementary({ epsilon, offset }: RowNormSettings): RowNorm {
  const normalise = (x: Tensor, average: Tensor, rstd: Tensor): Tensor => {
    const centred = sub(x, average);
    return freeing(mul(centred, rstd), centred);
  };
  /** [..., C] → [G, R, C] */
  const grouped = (x: Tensor, scale: Tensor): Tensor => reshape(x, [scale.size / x.shape.at(-1)!, -1, x.shape.at(-1)!]);
  /** [G, C] or [C] → [G, 1, C] */
  const perRow = (values: Tensor, channels: number): Tensor => reshape(values, [values.size / channels, 1, channels]);
  const factor = (scale: Tensor, channels: number): Tensor => {
    const rows = perRow(scale, channels);
    return offset === 0 ? rows : plus(rows, offset);
  };
  return {
    forward(given, scale, shift) {
      const x = grouped(given, scale);
      const channels = x.shape[2]!;
      const average = mean(x, [2], true);
      const distances = squaredDifference(x, average);
      const rstd = rsqrt(plus(mean(distances, [2], true), epsilon));
      distances.dispose();
      const normal = normalise(x, average, rstd);
      const scaled = freeing(mul(normal, factor(scale, channels)), normal);
      const y = freeing(add(scaled, perRow(shift, channels)), scaled);
      return [reshape(y, given.shape), average, rstd];
    },
    gradient(given, { x: input, scale, mean: average, rstd }) {
      const [dy, x] = [grouped(given, scale), grouped(input, scale)];
      const channels = x.shape[2]!;
      const normal = normalise(x, average, rstd);
      const product = mul(dy, normal);
      const [dscale, dshift] = [product, dy].map((rows) => reshape(sumMiddle(rows), scale.shape)) as [Tensor, Tensor];
      product.dispose();
      const weighted = mul(dy, factor(scale, channels));
      const along = mul(weighted, normal);
      const correlation = freeing(mean(along, [2], true), along);
      const centred = freeing(sub(weighted, mean(weighted, [2], true)), weighted);
      const bent = freeing(mul(normal, correlation), normal);
      const straight = freeing(sub(centred, bent), centred, bent);
      return [reshape(freeing(mul(straight, rstd), straight), input.shape), dscale, dshift];
    },
  };
}
