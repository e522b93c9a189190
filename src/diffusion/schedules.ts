/** Noise schedules (Ho et al. 2020): how much of the image is left at each timestep, from scheduler_config.json. */
import { type Tensor, tf } from '../engine';
import { type ConfigRules, type RawConfig, readConfig } from '../models/config';

/** The settings of scheduler_config.json that we honour, with diffusers' names and meaning. */
export interface ScheduleConfig {
  /** Timesteps the prior was trained with. */
  num_train_timesteps: number;
  beta_start: number;
  beta_end: number;
  /** 'scaled_linear' (linear in √β) is Stable Diffusion's, 'squaredcos_cap_v2' the cosine of Nichol & Dhariwal 2021. */
  beta_schedule: 'linear' | 'scaled_linear' | 'squaredcos_cap_v2';
  /** What the denoiser predicts: the noise, the velocity or the clean sample. */
  prediction_type: 'epsilon' | 'v_prediction' | 'sample';
  /** Which timesteps a sampler visits when it takes fewer steps. */
  timestep_spacing: 'leading' | 'trailing' | 'linspace';
  /** Added to every timestep with 'leading'. */
  steps_offset: number;
  /** Whether the last step ends at α̅ = 1, or at the first timestep's α̅. */
  set_alpha_to_one: boolean;
  /** Whether predicted images are clipped to ± clip_sample_range: for priors on pixels. */
  clip_sample: boolean;
  clip_sample_range: number;
  /** Variance of DDPM's steps: the posterior's, β, or a value between the two that the denoiser predicts. */
  variance_type: 'fixed_small' | 'fixed_large' | 'learned_range';
}

const RULES: ConfigRules<ScheduleConfig> = {
  name: 'noise schedule',
  defaults: {
    num_train_timesteps: 1000,
    beta_start: 0.0001,
    beta_end: 0.02,
    beta_schedule: 'linear',
    prediction_type: 'epsilon',
    timestep_spacing: 'leading',
    steps_offset: 0,
    set_alpha_to_one: true,
    clip_sample: true,
    clip_sample_range: 1,
    variance_type: 'fixed_small',
  },
  fixed: { trained_betas: [null], thresholding: [false], rescale_betas_zero_snr: [false] },
  // Settings of dynamic thresholding, which is off.
  ignored: ['dynamic_thresholding_ratio', 'sample_max_value'],
};

/** Samplers that we implement: each of their settings must be supported. */
const OURS = ['DDIMScheduler', 'DDPMScheduler'];

/** From another sampler's config (PNDM in SD v1.5) we take only settings that we know. Those samplers don't clip. */
function scheduleKeys(given: RawConfig): RawConfig {
  const { _class_name: sampler } = given;
  if (sampler === undefined || OURS.includes(String(sampler))) return given;
  const known = Object.entries(given).filter(([key]) => key in RULES.defaults || key in RULES.fixed!);
  return { clip_sample: false, set_alpha_to_one: false, ...Object.fromEntries(known) };
}

/** Stable Diffusion's schedule, which the embedded priors share. */
export const STABLE_DIFFUSION_SCHEDULE: Readonly<Partial<ScheduleConfig>> = {
  num_train_timesteps: 1000,
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  clip_sample: false,
  set_alpha_to_one: false,
  steps_offset: 1,
};

/** DiT's and ADM's schedule (Dhariwal & Nichol 2021), with a learned variance. */
export const LEARNED_VARIANCE_SCHEDULE: Readonly<Partial<ScheduleConfig>> = {
  num_train_timesteps: 1000,
  beta_start: 0.0001,
  beta_end: 0.02,
  beta_schedule: 'linear',
  clip_sample: false,
  variance_type: 'learned_range',
};

/** The variance added at each timestep, β_0 … β_{T-1}, rounded to float32 as in diffusers. */
export function betas(config: ScheduleConfig): Float32Array {
  const { num_train_timesteps: count, beta_start: start, beta_end: end, beta_schedule: kind } = config;
  const spaced = (from: number, to: number, i: number): number => from + ((to - from) * i) / Math.max(1, count - 1);
  if (kind === 'linear') return Float32Array.from({ length: count }, (_, i) => spaced(start, end, i));
  if (kind === 'scaled_linear') {
    return Float32Array.from({ length: count }, (_, i) => spaced(Math.sqrt(start), Math.sqrt(end), i) ** 2);
  }
  if (kind === 'squaredcos_cap_v2') {
    const left = (t: number): number => Math.cos((((t + 0.008) / 1.008) * Math.PI) / 2) ** 2;
    return Float32Array.from({ length: count }, (_, i) => Math.min(1 - left((i + 1) / count) / left(i / count), 0.999));
  }
  throw new Error(`Expected 'beta_schedule' to be linear, scaled_linear or squaredcos_cap_v2, got '${kind}'.`);
}

/** A noise schedule: its settings, β_t and α̅_t, and adding noise by it. */
export class NoiseSchedule {
  readonly config: ScheduleConfig;
  /** β_t */
  readonly betas: Float32Array;
  /** α̅_t = ∏_{s≤t} (1 - β_s): the share of the image's variance that is left at timestep t. */
  readonly alphasCumprod: Float32Array;

  /**
   * @param given scheduler_config.json, or a part of it (absent keys take diffusers' defaults)
   * @throws naming any setting that is unknown or not supported
   */
  constructor(given: RawConfig | Partial<ScheduleConfig> = STABLE_DIFFUSION_SCHEDULE) {
    this.config = readConfig(scheduleKeys(given as RawConfig), RULES);
    this.betas = betas(this.config);
    let product = 1;
    this.alphasCumprod = this.betas.map((beta) => {
      product *= Math.fround(1 - beta);
      return product;
    });
  }

  /** Number of timesteps, T. */
  get timesteps(): number {
    return this.betas.length;
  }

  /** α̅_t; for t < 0 it is 1 or α̅_0 (see set_alpha_to_one). @throws if t is past the schedule or not an integer */
  alphaBar(t: number): number {
    if (t < 0) return this.config.set_alpha_to_one ? 1 : this.alphasCumprod[0]!;
    const value = this.alphasCumprod[t];
    if (value === undefined) {
      throw new Error(`Expected a timestep of 0 … ${this.timesteps - 1}, an integer, got ${t}.`);
    }
    return value;
  }

  /**
   * z_t = √α̅_t · z_0 + √(1 - α̅_t) · ε (Ho et al. 2020, equation 4).
   * @param clean [N,H,W,C]
   * @param noise standard normal, of the same shape
   * @param timesteps one for all, or one per item
   */
  addNoise(clean: Tensor, noise: Tensor, timesteps: number | ArrayLike<number>): Tensor {
    return tf.tidy(() => {
      const [keep, add] = this.factors(clean, timesteps);
      return tf.add(tf.mul(clean, keep), tf.mul(noise, add));
    });
  }

  /** The inverse of addNoise for a known noise: z_0 = (z_t - √(1 - α̅_t) · ε) / √α̅_t. */
  removeNoise(noisy: Tensor, noise: Tensor, timesteps: number | ArrayLike<number>): Tensor {
    return tf.tidy(() => {
      const [keep, add] = this.factors(noisy, timesteps);
      return tf.div(tf.sub(noisy, tf.mul(noise, add)), keep);
    });
  }

  /** √α̅_t and √(1 - α̅_t), shaped to multiply x [N,…]. @param timesteps one for all, or one per item */
  factors(x: Tensor, timesteps: number | ArrayLike<number>): [Tensor, Tensor] {
    const at = typeof timesteps === 'number' ? [timesteps] : Array.from(timesteps);
    if (at.length !== 1 && at.length !== x.shape[0]) {
      throw new Error(`Expected one timestep, or ${x.shape[0]} (one per item), got ${at.length}.`);
    }
    if (at.some((t) => t < 0)) throw new Error(`Expected timesteps of 0 or more, got ${at.find((t) => t < 0)}.`);
    const shape = [at.length, ...x.shape.slice(1).fill(1)];
    const left = at.map((t) => this.alphaBar(t));
    return [
      tf.tensor(left.map(Math.sqrt), shape, 'float32'),
      tf.tensor(
        left.map((share) => Math.sqrt(1 - share)),
        shape,
        'float32',
      ),
    ];
  }
}
