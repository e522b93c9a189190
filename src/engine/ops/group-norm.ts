/**
 * Group and instance normalisation. Variances are taken in two passes (mean first, then the mean squared distance from it),
 * so a large common offset costs no precision. For the gradient only the input and one mean and one reciprocal deviation a
 * group are kept; normalised values and activations are computed anew.
 */
import { hasNativeKernels } from '../native-kernels';
import type { Tensor } from '../tensorflow';
import { expectFloat, expectInteger, expectPositive, expectSize } from './check';
import { normaliseByElements, normaliseFused } from './group-norm-kernels';

export interface NormOptions {
  /** Added to the variance, > 0. @default 1e-5 */
  epsilon?: number;
}

export interface GroupNormOptions extends NormOptions {
  /** Number of groups; must divide the channels. */
  groups: number;
  /** Applied to the result in the same pass. @default none */
  activation?: 'silu' | 'relu' | undefined;
}

/**
 * Group normalisation (Wu & He 2018), with a fused activation on demand.
 * @param x float32 [N, ..., C]
 * @param gamma float32 [C]
 * @param beta float32 [C]
 * @throws on shapes that do not fit.
 */
export function groupNorm(x: Tensor, gamma: Tensor, beta: Tensor, options: GroupNormOptions): Tensor {
  return normaliseGroups('groupNorm', x, gamma, beta, options);
}

/**
 * Instance normalisation (Ulyanov et al. 2016): each channel of each image on its own. x [N, ..., C], gamma and beta [C].
 */
export function instanceNorm(
  x: Tensor,
  gamma: Tensor,
  beta: Tensor,
  options: Omit<GroupNormOptions, 'groups'> = {},
): Tensor {
  return normaliseGroups('instanceNorm', x, gamma, beta, { ...options, groups: x.shape.at(-1) ?? 0 });
}

function normaliseGroups(name: string, x: Tensor, gamma: Tensor, beta: Tensor, options: GroupNormOptions): Tensor {
  const { groups, epsilon = 1e-5, activation } = options;
  expectFloat(name, 'x', x);
  const channels = x.shape.at(-1) ?? 0;
  expectInteger(name, 'groups', groups, 1);
  expectPositive(name, 'epsilon', epsilon);
  if (channels % groups !== 0) {
    throw new Error(`${name}: expected \`groups\` to divide the ${channels} channels of \`x\`, got ${groups}.`);
  }
  expectSize(name, 'the size of `gamma`', gamma.size, channels, 'the channels of `x`');
  expectSize(name, 'the size of `beta`', beta.size, channels, 'the channels of `x`');
  const normalise = hasNativeKernels() ? normaliseFused : normaliseByElements;
  return normalise(x, gamma, beta, { name, groups, epsilon, activation });
}
