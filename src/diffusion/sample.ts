/** Sampling of latents, conditioned on a text or a label, with classifier-free guidance (Ho & Salimans 2022). */
import { breathe, gaussianNoise, type LongTask, type Tensor, tf } from '../engine';
import { type GuidedDenoiser, guidedOutput } from './guidance';
import { ddimStep, ddpmStep, type SamplerName, type SamplerStep, samplerSteps, type TimestepSpacing } from './samplers';
import type { NoiseSchedule } from './schedules';

/** Source of the random numbers: an item's depend only on the seed and its name, not on the rest of the batch. */
export interface ItemNoise {
  seed: number;
  /** One name per item. */
  items: readonly string[];
}

/** What a hook sees after each step. */
export interface StepState extends SamplerStep {
  /** 0 … steps - 1 */
  index: number;
  /** Latents before the step, z_t [N,H,W,C]. */
  noisy: Tensor;
  /** Latents after the step [N,H,W,C]. */
  latents: Tensor;
  /** The denoiser's guided output [N,H,W,C], or [N,H,W,2C] if it has learned the variance. */
  output: Tensor;
  /** The clean latents that it predicts [N,H,W,C]. */
  clean: Tensor;
  /** Standard deviation of the noise added by the step, σ_t; 0 if it adds none. */
  deviation: Tensor | number;
}

export interface SampleOptions extends LongTask, GuidedDenoiser {
  schedule: NoiseSchedule;
  /** Height and width of the latents. */
  size: readonly [number, number];
  noise: ItemNoise;
  /** Default 'ddim'. */
  sampler?: SamplerName;
  /** Default 50. */
  steps?: number;
  /** Which timesteps are visited. Default: the timestep_spacing of the schedule's config. */
  spacing?: TimestepSpacing;
  /** Scale of the noise that DDIM adds in each step, 0 … 1. Default 0. */
  eta?: number;
  /**
   * Starts from these clean latents [N,H,W,C] instead of pure noise: adds noise for the last `strength` (above 0, at
   * most 1) of the steps, and runs only those (SDEdit, Meng et al. 2022).
   */
  from?: { latents: Tensor; strength: number } | undefined;
  /** Starts from these noisy latents [N,H,W,C] as they are, and runs the last `steps` steps. */
  start?: { latents: Tensor; steps: number } | undefined;
  /** Called after each step. A tensor that it returns replaces the latents, for example to guide towards a mode. */
  onStep?: ((state: StepState) => Tensor | undefined) | undefined;
}

/**
 * Samples scaled latents [N,H,W,C] (LatentDiffusion.decodeLatents makes images of them). The same seed and item names
 * give the same latents in any batch.
 * @throws on options that don't fit together, and an AbortError when stopped
 */
export async function sample(options: SampleOptions): Promise<Tensor> {
  const { denoiser, schedule, sampler = 'ddim', eta = 0, onStep, signal, onProgress } = options;
  check(options);
  const count = options.noise.items.length;
  const channels = denoiser.config.in_channels;
  const shape = [count, ...options.size, channels] as [number, number, number, number];
  const planned = samplerSteps(schedule, options.steps ?? 50, sampler, options.spacing);
  const steps = options.start
    ? lastSteps(planned, options.start.steps)
    : remainingSteps(planned, options.from?.strength);
  const needsNoise = sampler === 'ddpm' || eta > 0;

  let latents = tf.tidy(() => {
    if (options.start) return tf.clone(options.start.latents);
    const first = itemNoise(options.noise, schedule.timesteps, shape);
    return options.from ? schedule.addNoise(options.from.latents, first, steps[0]!.timestep) : first;
  });
  try {
    for (const [index, { timestep, previous }] of steps.entries()) {
      await breathe(signal);
      const next = tf.tidy(() => {
        const output = guidedOutput(options, latents, timestep);
        const noise = needsNoise ? itemNoise(options.noise, timestep, shape) : undefined;
        const input = { sample: latents, output, timestep, previous };
        const step =
          sampler === 'ddim' ? ddimStep(schedule, input, { eta, noise }) : ddpmStep(schedule, input, { noise });
        const { sample: after, clean, deviation } = step;
        return (
          onStep?.({ index, timestep, previous, noisy: latents, output, latents: after, clean, deviation }) ?? after
        );
      });
      latents.dispose();
      latents = next;
      onProgress?.({ label: 'Sampling', done: index + 1, total: steps.length, detail: `timestep ${timestep}` });
    }
    return latents;
  } catch (error) {
    latents.dispose();
    throw error;
  }
}

/** The last steps, as many as `strength` asks for: diffusers' image-to-image rule. */
function remainingSteps(steps: SamplerStep[], strength = 1): SamplerStep[] {
  const done = Math.min(steps.length, Math.floor(steps.length * strength));
  if (done < 1) throw new Error(`Expected a strength of at least 1 of ${steps.length} steps, got ${strength}.`);
  return lastSteps(steps, done);
}

function lastSteps(steps: SamplerStep[], count: number): SamplerStep[] {
  if (!Number.isInteger(count) || count < 1 || count > steps.length) {
    throw new Error(`Expected to start 1 … ${steps.length} steps before the end, got ${count}.`);
  }
  return steps.slice(steps.length - count);
}

function itemNoise({ seed, items }: ItemNoise, timestep: number, shape: [number, number, number, number]): Tensor {
  const size = shape[1] * shape[2] * shape[3];
  const values = new Float32Array(items.length * size);
  for (const [i, item] of items.entries()) values.set(gaussianNoise({ seed, item, timestep, size }), i * size);
  return tf.tensor(values, shape);
}

function check(options: SampleOptions): void {
  const {
    denoiser,
    condition,
    nullCondition,
    guidance = 1,
    guidanceOn,
    noise,
    from,
    start,
    eta = 0,
    sampler = 'ddim',
  } = options;
  const count = noise.items.length;
  if (condition.shape[0] !== count) {
    throw new Error(`Expected a condition for each of ${count} items, got ${condition.shape[0]}.`);
  }
  if (guidance !== 1 && !nullCondition) {
    throw new Error(`Expected 'nullCondition' for guidance ${guidance}, got none.`);
  }
  if (nullCondition && nullCondition.shape[0] !== 1 && nullCondition.shape[0] !== count) {
    throw new Error(`Expected a null condition for 1 or ${count} items, got ${nullCondition.shape[0]}.`);
  }
  if (guidanceOn === 'three' && denoiser.config.in_channels < 3) {
    throw new Error(
      `Expected latents of 3 channels or more for guidance on three, got ${denoiser.config.in_channels}.`,
    );
  }
  if (!(eta >= 0 && eta <= 1) || (eta > 0 && sampler === 'ddpm')) {
    throw new Error(`Expected 'eta' of 0 … 1 with 'ddim' and 0 with 'ddpm', got ${eta} with '${sampler}'.`);
  }
  if (from && start) throw new Error("Expected 'from' (clean latents) or 'start' (noisy latents), got both.");
  if (from && !(from.strength > 0 && from.strength <= 1)) {
    throw new Error(`Expected 'strength' in (0, 1], got ${from.strength}.`);
  }
}
