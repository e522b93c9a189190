/** Sampling: noise to latents, under a text, with classifier-free guidance (Ho & Salimans 2022). */
import { breathe, gaussianNoise, type LongTask, type Tensor, tf } from '../engine';
import type { UNet2DConditionModel } from '../models';
import { ddimStep, ddpmStep, type SamplerName, type SamplerStep, samplerSteps } from './samplers';
import type { NoiseSchedule } from './schedules';

/** Where the random numbers come from: an item's depend on the seed and its name, not on its neighbours. */
export interface ItemNoise {
  seed: number;
  /** One name an item. */
  items: readonly string[];
}

/** What a hook sees after each step. */
export interface StepState extends SamplerStep {
  /** 0 … steps - 1 */
  index: number;
  /** Latents after the step [N,H,W,C]. */
  latents: Tensor;
  /** The denoiser's guess of the clean latents [N,H,W,C]. */
  clean: Tensor;
}

export interface SampleOptions extends LongTask {
  unet: UNet2DConditionModel;
  schedule: NoiseSchedule;
  /** Text states [N,L,D]. */
  text: Tensor;
  /** Text states of the null prompt, [1,L,D] or [N,L,D]; needed when guidance is not 1. */
  nullText?: Tensor | undefined;
  /** ε = ε_null + guidance · (ε_text - ε_null). 1: the text alone. Default 1. */
  guidance?: number;
  /** Height and width of the latents. */
  size: readonly [number, number];
  noise: ItemNoise;
  /** Default 'ddim'. */
  sampler?: SamplerName;
  /** Default 50. */
  steps?: number;
  /** Share of the noise that DDIM puts back, 0 … 1. Default 0. */
  eta?: number;
  /**
   * Starts from these clean latents [N,H,W,C], noised to `strength` of the schedule (0 … 1], and not from pure noise
   * (SDEdit, Meng et al. 2022). Only that share of the steps is done.
   */
  from?: { latents: Tensor; strength: number } | undefined;
  /** Looks at each step's state; a tensor it returns replaces the latents (guidance towards a mode, say). */
  onStep?: ((state: StepState) => Tensor | undefined) | undefined;
}

/**
 * Samples latents [N,H,W,C] as the denoiser makes them (decode with LatentDiffusion.decodeLatents). The same seed and
 * item names give the same latents in any batch.
 * @throws on shapes that do not fit, and an AbortError when stopped
 */
export async function sample(options: SampleOptions): Promise<Tensor> {
  const { unet, schedule, text, sampler = 'ddim', eta = 0, onStep, signal, onProgress } = options;
  check(options);
  const count = options.noise.items.length;
  const shape = [count, ...options.size, unet.config.in_channels] as [number, number, number, number];
  const steps = remainingSteps(samplerSteps(schedule, options.steps ?? 50, sampler), options.from?.strength);
  const needsNoise = sampler === 'ddpm' || eta > 0;

  let latents = tf.tidy(() => {
    const first = itemNoise(options.noise, schedule.timesteps, shape);
    return options.from ? schedule.addNoise(options.from.latents, first, steps[0]!.timestep) : first;
  });
  try {
    for (const [index, { timestep, previous }] of steps.entries()) {
      await breathe(signal);
      const next = tf.tidy(() => {
        const output = guided(options, latents, timestep);
        const noise = needsNoise ? itemNoise(options.noise, timestep, shape) : undefined;
        const input = { sample: latents, output, timestep, previous };
        const step =
          sampler === 'ddim' ? ddimStep(schedule, input, { eta, noise }) : ddpmStep(schedule, input, { noise });
        return onStep?.({ index, timestep, previous, latents: step.sample, clean: step.clean }) ?? step.sample;
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

  /** The denoiser's output, both halves of the guidance in one pass. */
  function guided({ nullText, guidance = 1 }: SampleOptions, latents: Tensor, timestep: number): Tensor {
    if (guidance === 1) return unet.forward(latents, timestep, text).sample;
    const nulls = nullText!.shape[0] === count ? nullText! : tf.tile(nullText!, [count, 1, 1]);
    const both = unet.forward(tf.concat([latents, latents], 0), timestep, tf.concat([nulls, text], 0)).sample;
    const [without, under] = tf.split(both, 2, 0) as [Tensor, Tensor];
    return tf.add(without, tf.mul(tf.sub(under, without), guidance));
  }
}

/** The last steps, as many as the strength asks for: diffusers' rule for images to images. */
function remainingSteps(steps: SamplerStep[], strength = 1): SamplerStep[] {
  const done = Math.min(steps.length, Math.floor(steps.length * strength));
  if (done < 1) throw new Error(`Expected a strength of at least 1 of ${steps.length} steps, got ${strength}.`);
  return steps.slice(steps.length - done);
}

function itemNoise({ seed, items }: ItemNoise, timestep: number, shape: [number, number, number, number]): Tensor {
  const size = shape[1] * shape[2] * shape[3];
  const values = new Float32Array(items.length * size);
  for (const [i, item] of items.entries()) values.set(gaussianNoise({ seed, item, timestep, size }), i * size);
  return tf.tensor(values, shape);
}

function check({ text, nullText, guidance = 1, noise, from, eta = 0, sampler = 'ddim' }: SampleOptions): void {
  const count = noise.items.length;
  if (text.shape[0] !== count) throw new Error(`Expected text states for ${count} items, got ${text.shape[0]}.`);
  if (guidance !== 1 && !nullText) throw new Error(`Expected 'nullText' for guidance ${guidance}, got none.`);
  if (nullText && nullText.shape[0] !== 1 && nullText.shape[0] !== count) {
    throw new Error(`Expected null text states for 1 or ${count} items, got ${nullText.shape[0]}.`);
  }
  if (!(eta >= 0 && eta <= 1) || (eta > 0 && sampler === 'ddpm')) {
    throw new Error(`Expected 'eta' of 0 … 1 with 'ddim' and 0 with 'ddpm', got ${eta} with '${sampler}'.`);
  }
  if (from && !(from.strength > 0 && from.strength <= 1)) {
    throw new Error(`Expected 'strength' in (0, 1], got ${from.strength}.`);
  }
}
