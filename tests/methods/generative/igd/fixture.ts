/** The guided step of the Python fixture: a linear decoder, two networks with one hidden layer, three remembered latents. */
import { guidedOutput, readPrediction } from '../../../../src/diffusion';
import { type Tensor, tf } from '../../../../src/engine';
import type { ConditionedPrior } from '../../../../src/methods/generative/conditioned-prior';
import { type Checkpoint, weightGradient } from '../../../../src/methods/generative/igd/influence';
import { analyticPrior } from '../analytic-prior';
import { expected, inputs } from '../fixture';

export const given = (name: string, shape: number[]): Tensor => tf.tensor(expected[`igd/${name}`]!, shape);
const decoder = given('decoder', [4, 3]);

export const prior: ConditionedPrior = {
  ...analyticPrior(inputs.weights, { learned: true }),
  vae: {
    unscale: (z: Tensor) => tf.clone(z),
    decode: (z: Tensor) => tf.reshape(tf.tanh(tf.matMul(tf.reshape(z, [-1, 4]), decoder as never)), [-1, 2, 2, 3]),
  } as unknown as ConditionedPrior['vae'],
};
export const guided = {
  denoiser: prior.denoiser,
  guidance: 4,
  guidanceOn: 'three',
  ...prior.conditionsOf('', 1),
} as const;
export const label = 1;

/** Networks as checkpoints, with the gradients of the real images. */
export const checkpoints: Checkpoint[] = [
  ['w1', 'w2'],
  ['w3', 'w4'],
].map(([first, second]) => {
  const weights = { first: tf.variable(given(first!, [12, 5])), second: tf.variable(given(second!, [5, 3])) };
  const surrogate = {
    variables: () => weights,
    forward: (images: Tensor) =>
      tf.matMul(
        tf.tanh(tf.matMul(tf.reshape(images, [images.shape[0]!, -1]), weights.first as never)),
        weights.second as never,
      ),
  };
  return { surrogate, gradient: weightGradient(surrogate, given('real', [4, 2, 2, 3]), label) };
});

const [noisy, timestep] = [given('noisy', [1, 2, 2, 4]), 500];
const output = guidedOutput(guided, noisy, timestep);
export const state = {
  index: 0,
  timestep,
  previous: 480,
  noisy,
  output,
  latents: given('after', [1, 2, 2, 4]),
  clean: readPrediction(prior.schedule, { sample: noisy, output, timestep }).clean,
  deviation: 0,
};
export const memory = tf.unstack(given('memory', [3, 1, 2, 2, 4]));
