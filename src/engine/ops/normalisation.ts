/**
 * Group, instance, layer and batch normalisation. Variances are taken in two passes (mean first, then the mean squared
 * distance from it), so a large common offset costs no precision. For the gradient only the input and one mean and one
 * reciprocal deviation a group are kept; normalised values and activations are computed anew.
 */
import { consume, differentiable, float32 } from '../raw';
import type { Tensor } from '../tensorflow';
import { gatedGradient } from './activations';
import { expectFloat, expectInteger, expectSize } from './check';
import {
  add,
  broadcastTo,
  freeing,
  mean,
  mul,
  reshape,
  rsqrt,
  scale,
  sigmoid,
  squaredDifference,
  sub,
  sum,
  sumMiddle,
} from './elementary';

export interface NormOptions {
  /** Added to the variance, > 0. @default 1e-5 */
  epsilon?: number;
}

export interface GroupNormOptions extends NormOptions {
  /** Number of groups; must divide the channels. */
  groups: number;
  /** Applied to the result in the same pass. @default none */
  activation?: 'silu' | undefined;
}

/**
 * Group normalisation (Wu & He 2018), with a fused SiLU on demand.
 * @param x float32 [N, ..., C]
 * @param gamma float32 [C]
 * @param beta float32 [C]
 * @throws on shapes that do not fit.
 */
export function groupNorm(x: Tensor, gamma: Tensor, beta: Tensor, options: GroupNormOptions): Tensor {
  return normaliseGroups('groupNorm', x, gamma, beta, options);
}

/** Instance normalisation (Ulyanov et al. 2016): each channel of each image on its own. x [N, ..., C], gamma and beta [C]. */
export function instanceNorm(x: Tensor, gamma: Tensor, beta: Tensor, options: NormOptions = {}): Tensor {
  return normaliseGroups('instanceNorm', x, gamma, beta, { ...options, groups: x.shape.at(-1) ?? 0 });
}

function normaliseGroups(name: string, x: Tensor, gamma: Tensor, beta: Tensor, options: GroupNormOptions): Tensor {
  const { groups, epsilon = 1e-5, activation } = options;
  expectFloat(name, 'x', x);
  const channels = x.shape.at(-1) ?? 0;
  expectInteger(name, 'groups', groups, 1);
  if (channels % groups !== 0) {
    throw new Error(`${name}: expected \`groups\` to divide the ${channels} channels of \`x\`, got ${groups}.`);
  }
  expectSize(name, 'the size of `gamma`', gamma.size, channels, 'the channels of `x`');
  expectSize(name, 'the size of `beta`', beta.size, channels, 'the channels of `x`');
  const { shape } = x;
  const images = shape[0]!;
  const pixels = x.size / images / channels;
  const width = channels / groups;
  const count = pixels * width;
  const grouped = [images, groups, width];
  // Per-group [N, G, 1] and per-channel [C] or [N, G, C/G] values, as a factor of the pixels [N, HW, C].
  const perChannel = (value: Tensor) => reshape(broadcastTo(value, grouped), [images, 1, channels]);
  const affine = (moments: Tensor, rstd: Tensor, gamma: Tensor, beta: Tensor) => {
    const slope = mul(rstd, reshape(gamma, [1, groups, width])); // [N, G, C/G]
    const offset = sub(reshape(beta, [1, groups, width]), mul(moments, slope));
    return { slope: reshape(slope, [images, 1, channels]), offset: reshape(offset, [images, 1, channels]) };
  };
  const apply = (pixelsOf: Tensor, slope: Tensor, offset: Tensor) => {
    const scaled = mul(pixelsOf, slope);
    return freeing(add(scaled, offset), scaled);
  };

  return differentiable({
    name,
    inputs: { x, gamma, beta },
    forward(save) {
      const flat = reshape(x, [images, pixels, channels]);
      const average = scale(sum(reshape(sumMiddle(flat), grouped), [2], true), 1 / count); // [N, G, 1]
      const distances = squaredDifference(flat, perChannel(average));
      const variance = scale(sum(reshape(sumMiddle(distances), grouped), [2], true), 1 / count);
      distances.dispose();
      const rstd = rsqrt(add(variance, float32(epsilon)));
      save(x, gamma, beta, average, rstd);
      const { slope, offset } = affine(average, rstd, gamma, beta);
      let y = apply(flat, slope, offset);
      if (activation === 'silu') {
        const plain = y;
        const gate = sigmoid(plain);
        y = freeing(mul(plain, gate), plain, gate);
      }
      return reshape(y, shape);
    },
    backward(dy, saved) {
      const [x, gamma, beta, average, rstd] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor];
      const flat = reshape(x, [images, pixels, channels]);
      const { slope, offset } = affine(average, rstd, gamma, beta);
      let d = reshape(dy, [images, pixels, channels]);
      if (activation === 'silu') {
        d = gatedGradient(d, apply(flat, slope, offset));
        consume(dy);
      }
      const sums = reshape(sumMiddle(d), grouped); // Σ d per image and channel
      const products = mul(d, flat);
      const moments = reshape(sumMiddle(products), grouped); // Σ d x
      products.dispose();
      // Σ d x̂ = (Σ d x − μ Σ d) / σ
      const correlations = mul(sub(moments, mul(sums, average)), rstd);
      return {
        gamma: () => reshape(sum(correlations, [0]), [channels]),
        beta: () => reshape(sum(sums, [0]), [channels]),
        // dx = (γ d − mean(γ d) − x̂ mean(γ d x̂)) / σ, gathered as slope · d + a x + b
        x: () => {
          const weights = reshape(gamma, [1, groups, width]);
          const meanD = scale(sum(mul(sums, weights), [2], true), 1 / count); // [N, G, 1]
          const meanDx = scale(sum(mul(correlations, weights), [2], true), 1 / count);
          const a = scale(mul(mul(meanDx, rstd), rstd), -1);
          const b = sub(scale(mul(a, average), -1), mul(meanD, rstd));
          const direct = mul(d, slope);
          if (activation) d.dispose();
          else consume(d, dy);
          const linear = freeing(mul(flat, perChannel(a)), flat, x);
          const both = freeing(add(direct, linear), direct, linear);
          return reshape(freeing(add(both, perChannel(b)), both), shape);
        },
      };
    },
  });
}

/**
 * Layer normalisation (Ba et al. 2016) over the last axis.
 * @param x float32 [..., C]
 * @param gamma float32 [C]
 * @param beta float32 [C]
 * @throws on shapes that do not fit.
 */
export function layerNorm(x: Tensor, gamma: Tensor, beta: Tensor, options: NormOptions = {}): Tensor {
  const { epsilon = 1e-5 } = options;
  expectFloat('layerNorm', 'x', x);
  const { shape } = x;
  const channels = shape.at(-1) ?? 0;
  expectSize('layerNorm', 'the size of `gamma`', gamma.size, channels, 'the last axis of `x`');
  expectSize('layerNorm', 'the size of `beta`', beta.size, channels, 'the last axis of `x`');
  const rows = [x.size / channels, channels];
  const normalise = (flat: Tensor, average: Tensor, rstd: Tensor) => {
    const centred = sub(flat, average);
    return freeing(mul(centred, rstd), centred);
  };
  return differentiable({
    name: 'layerNorm',
    inputs: { x, gamma, beta },
    forward(save) {
      const flat = reshape(x, rows);
      const average = mean(flat, [1], true); // [R, 1]
      const distances = squaredDifference(flat, average);
      const rstd = rsqrt(add(mean(distances, [1], true), float32(epsilon)));
      distances.dispose();
      save(x, gamma, average, rstd);
      const normal = normalise(flat, average, rstd);
      const scaled = freeing(mul(normal, gamma), normal);
      return reshape(freeing(add(scaled, beta), scaled), shape);
    },
    backward(dy, saved) {
      const [x, gamma, average, rstd] = saved as [Tensor, Tensor, Tensor, Tensor];
      const normal = normalise(reshape(x, rows), average, rstd);
      const d = reshape(dy, rows);
      return {
        gamma: () => sum(mul(d, normal), [0]),
        beta: () => sum(d, [0]),
        x: () => {
          const weighted = mul(d, gamma);
          const correlation = mean(mul(weighted, normal), [1], true);
          const centred = sub(weighted, mean(weighted, [1], true));
          return reshape(mul(sub(centred, mul(normal, correlation)), rstd), shape);
        },
      };
    },
  });
}
