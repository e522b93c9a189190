import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { NoiseSchedule, type ScheduleConfig } from '../../src/diffusion';
import { tf } from '../../src/engine';
import { relativeError } from '../models/fixture';

const fixture = new URL('../fixtures/diffusion/schedulers.json.gz', import.meta.url);
const { schedules, noised } = JSON.parse(gunzipSync(readFileSync(fixture)).toString()) as {
  schedules: { config: Partial<ScheduleConfig>; at: number[]; betas: number[]; alphasCumprod: number[] }[];
  noised: { shape: number[]; clean: number[]; noise: number[]; timesteps: number[]; noisy: number[] };
};

describe('NoiseSchedule', () => {
  it.each(schedules)('has the betas and α̅ of diffusers for $config', ({ config, at, betas, alphasCumprod }) => {
    const schedule = new NoiseSchedule(config);
    const pick = (values: Float32Array) => at.map((t) => values[t]!);
    // Each value by itself: the last α̅ are small.
    for (const i of at.keys()) {
      expect(pick(schedule.betas)[i]! / betas[i]!).toBeCloseTo(1, 6);
      expect(pick(schedule.alphasCumprod)[i]! / alphasCumprod[i]!).toBeCloseTo(1, 5);
    }
  });

  it('adds noise as diffusers does, and removes it again', () => {
    const schedule = new NoiseSchedule();
    const [clean, noise] = [tf.tensor(noised.clean, noised.shape), tf.tensor(noised.noise, noised.shape)];
    const noisy = schedule.addNoise(clean, noise, noised.timesteps);
    expect(relativeError(noisy.dataSync(), noised.noisy)).toBeLessThan(1e-6);
    const back = schedule.removeNoise(noisy, noise, Int32Array.from(noised.timesteps));
    expect(relativeError(back.dataSync(), noised.clean)).toBeLessThan(1e-5);
    expect(() => schedule.addNoise(clean, noise, [1, 2, 3])).toThrow('Expected one timestep, or 2');
    expect(() => schedule.addNoise(clean, noise, 1000)).toThrow('0 … 999, an integer, got 1000');
    expect(() => schedule.addNoise(clean, noise, -1)).toThrow('0 or more, got -1');
  });

  it("reads Stable Diffusion v1.5's scheduler_config.json, whose sampler is another", () => {
    const schedule = new NoiseSchedule({
      _class_name: 'PNDMScheduler',
      _diffusers_version: '0.6.0',
      beta_end: 0.012,
      beta_schedule: 'scaled_linear',
      beta_start: 0.00085,
      num_train_timesteps: 1000,
      set_alpha_to_one: false,
      skip_prk_steps: true,
      steps_offset: 1,
      trained_betas: null,
      clip_sample: false,
    });
    expect(schedule.config).toEqual(new NoiseSchedule().config);
  });

  it('refuses settings that would change what it computes, by name', () => {
    expect(() => new NoiseSchedule({ trained_betas: [0.1] } as never)).toThrow(/'trained_betas' is \[0.1\]/);
    expect(() => new NoiseSchedule({ _class_name: 'DDIMScheduler', speed: 1 } as never)).toThrow("'speed' (1)");
    expect(() => new NoiseSchedule({ beta_schedule: 'sigmoid' as never })).toThrow("got 'sigmoid'");
  });
});
