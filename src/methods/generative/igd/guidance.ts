/** IGD's two guidance terms: towards influence, and away from earlier images. */
import { type GuidedDenoiser, guidedOutput, predictedNoise, readPrediction, type StepState } from '../../../diffusion';
import { lossAndGradients, type Tensor, tf } from '../../../engine';
import type { ConditionedPrior } from '../conditioned-prior';
import { type Checkpoint, influenceOf } from './influence';

/** Weight of influence at strength 1, relative to the predicted noise, as released. */
const SHARE = 0.0015;

/** ∇_{z_t} of the influence of the image predicted from z_t [1,H,W,C]: through surrogate, decoder and denoiser. */
export function influenceGradient(
  { vae, schedule }: Pick<ConditionedPrior, 'vae' | 'schedule'>,
  guided: GuidedDenoiser,
  { noisy, clean, timestep }: Pick<StepState, 'noisy' | 'clean' | 'timestep'>,
  { checkpoints, label }: { checkpoints: readonly Checkpoint[]; label: number },
): Tensor {
  const decoded = (latents: Tensor): Tensor => vae.decode(vae.unscale(latents));
  const promised = (z: Tensor): Tensor =>
    decoded(readPrediction(schedule, { sample: z, output: guidedOutput(guided, z, timestep), timestep }).clean);
  const image = tf.tidy(() => decoded(clean));
  const { gradient: slope } = influenceOf(checkpoints, image, label);
  const z = tf.variable(noisy);
  try {
    const { loss, gradients } = lossAndGradients({ z }, () => tf.sum(tf.mul(promised(z), slope)));
    loss.dispose();
    return gradients.z!;
  } finally {
    tf.dispose([image, slope, z]);
  }
}

/** ρ_t of the released code: √(1 - α̅_t) · 0.0015 · rms(ε) / rms(gradient), as a factor of the gradient. */
export function influenceScale(
  { schedule }: Pick<ConditionedPrior, 'schedule'>,
  { noise, gradient, timestep }: { noise: Tensor; gradient: Tensor; timestep: number },
): number {
  const rms = (x: Tensor): number => tf.tidy(() => Math.sqrt(tf.mean(tf.square(x)).dataSync()[0]!));
  const length = rms(gradient);
  return length === 0 ? 0 : (Math.sqrt(1 - schedule.alphaBar(timestep)) * SHARE * rms(noise)) / length;
}

/** ∇_{z_t} of the cosine of z_t [1,H,W,C] with the most similar latent in memory; undefined if the memory is empty. */
export function deviationGradient(noisy: Tensor, memory: readonly Tensor[]): Tensor | undefined {
  if (memory.length === 0) return undefined;
  return tf.tidy(() => {
    const length = tf.norm(noisy);
    const cosines = memory.map((other) => tf.div(tf.sum(tf.mul(noisy, other)), tf.mul(length, tf.norm(other))));
    const values = tf.stack(cosines).dataSync();
    const nearest = values.indexOf(Math.max(...values));
    const other = memory[nearest]!;
    const towards = tf.div(other, tf.mul(length, tf.norm(other)));
    return tf.sub(towards, tf.mul(noisy, tf.div(cosines[nearest]!, tf.square(length))));
  });
}

export interface StepGuidance {
  guided: GuidedDenoiser;
  checkpoints: readonly Checkpoint[];
  label: number;
  /** Latents generated earlier. */
  memory: readonly Tensor[];
  /** Strengths of influence, k, and of deviation, γ. */
  influence: number;
  deviation: number;
}

/** z_{t-1} - γ ∇ cos - k ρ_t ∇ L: latents [1,H,W,C] after a step, with both terms applied. */
export function pulled(prior: ConditionedPrior, state: StepState, options: StepGuidance): Tensor {
  const { guided, checkpoints, label, memory, influence, deviation } = options;
  const { noisy, timestep, output, latents } = state;
  return tf.tidy(() => {
    const away = deviation > 0 ? deviationGradient(noisy, memory) : undefined;
    const apart = away ? tf.sub(latents, tf.mul(away, deviation)) : latents;
    if (influence === 0) return tf.clone(apart);
    const gradient = influenceGradient(prior, guided, state, { checkpoints, label });
    const noise = predictedNoise(prior.schedule, { sample: noisy, output, timestep });
    return tf.sub(apart, tf.mul(gradient, influence * influenceScale(prior, { noise, gradient, timestep })));
  });
}
