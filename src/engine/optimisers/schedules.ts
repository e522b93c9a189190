/** Learning rates as pure functions of the step (or of the epoch, where a protocol counts those). */

/** Step, from 0 → learning rate. */
export type Schedule = (step: number) => number;

/** The same rate throughout. */
export const constantRate =
  (rate: number): Schedule =>
  () =>
    rate;

/** Half a cosine from `rate` at step 0 to `floor` at `steps` (Loshchilov & Hutter 2017, one cycle). */
export function cosineRate(rate: number, steps: number, floor = 0): Schedule {
  expectSteps(steps);
  return (step) => floor + (rate - floor) * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, step / steps)));
}

/**
 * RDED's "smoothing" schedule: ½ (1 + cos(π step / (zeta · steps))), zeta = 2 in its protocol, so that it ends at half
 * of the rate. Sun et al. 2024, `validation/utils.py`.
 */
export function halfCosineRate(rate: number, steps: number, zeta = 2): Schedule {
  expectSteps(steps);
  return (step) => rate * 0.5 * (1 + Math.cos((Math.PI * step) / (zeta * steps)));
}

/** `rate`, multiplied by `factor` at each milestone passed (PyTorch's MultiStepLR). */
export const multiStepRate =
  (rate: number, milestones: readonly number[], factor = 0.1): Schedule =>
  (step) =>
    rate * factor ** milestones.filter((milestone) => step >= milestone).length;

/** Grows linearly to `schedule` over the first `steps` steps: step 0 has 1/steps of it. */
export function withWarmUp(schedule: Schedule, steps: number): Schedule {
  expectSteps(steps);
  return (step) => schedule(step) * Math.min(1, (step + 1) / steps);
}

function expectSteps(steps: number): void {
  if (!(steps > 0)) throw new Error(`Expected \`steps\` to be a number > 0, got ${steps}.`);
}
