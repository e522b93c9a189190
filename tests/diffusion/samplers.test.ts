import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  ddimStep,
  ddpmStep,
  LEARNED_VARIANCE_SCHEDULE,
  NoiseSchedule,
  type ScheduleConfig,
  samplerSteps,
} from '../../src/diffusion';
import { tf } from '../../src/engine';
import { relativeError } from '../models/fixture';
import { learnedVariance } from './learned-variance-fixture';

interface Trajectory {
  kind: 'ddim' | 'ddpm';
  config: Partial<ScheduleConfig>;
  steps: number;
  eta: number;
  shape: number[];
  start: number[];
  visits: { timestep: number; output: number[]; noise: number[]; sample: number[]; clean: number[] }[];
}
const fixture = new URL('../fixtures/diffusion/schedulers.json.gz', import.meta.url);
const { spacings, trajectories } = JSON.parse(gunzipSync(readFileSync(fixture)).toString()) as {
  spacings: { spacing: ScheduleConfig['timestep_spacing']; offset: number; steps: number; timesteps: number[] }[];
  trajectories: Trajectory[];
};

/** 'DDIM of 10 steps with eta 0 and beta_schedule scaled_linear' and so on. */
function nameOf({ kind, steps, eta, config }: Trajectory): string {
  const settings = Object.entries(config).map(([name, value]) => `${name} ${value}`);
  return `${kind.toUpperCase()} of ${steps} steps with ${[`eta ${eta}`, ...settings].join(', ')}`;
}

describe('samplerSteps', () => {
  it.each(spacings)(
    'visits the timesteps of diffusers: $spacing, $steps steps',
    ({ spacing, offset, steps, timesteps }) => {
      const schedule = new NoiseSchedule({ timestep_spacing: spacing, steps_offset: offset });
      expect(samplerSteps(schedule, steps).map(({ timestep }) => timestep)).toEqual(timesteps);
    },
  );

  it('refuses more steps than there are timesteps', () => {
    expect(() => samplerSteps(new NoiseSchedule(), 1001)).toThrow('Expected 1 … 1000 steps');
    expect(() => samplerSteps(new NoiseSchedule(), 1000)).toThrow("with 'steps_offset' 1, 1000 steps are too many");
  });
});

describe.each(trajectories.map((one) => [nameOf(one), one] as const))(
  '%s',
  (_, { kind, config, steps, eta, shape, start, visits }) => {
    const schedule = new NoiseSchedule(config);

    it("takes the same steps as diffusers' scheduler", () => {
      let sample = tf.tensor(start, shape);
      const planned = samplerSteps(schedule, steps, kind);
      expect(planned.map(({ timestep }) => timestep)).toEqual(visits.map(({ timestep }) => timestep));
      for (const [i, visit] of visits.entries()) {
        const input = { sample, output: tf.tensor(visit.output, shape), ...planned[i]! };
        const noise = tf.tensor(visit.noise, shape);
        const step = kind === 'ddim' ? ddimStep(schedule, input, { eta, noise }) : ddpmStep(schedule, input, { noise });
        expect(relativeError(step.sample.dataSync(), visit.sample), `step ${i}`).toBeLessThan(1e-4);
        expect(relativeError(step.clean.dataSync(), visit.clean), `step ${i}`).toBeLessThan(1e-4);
        sample = step.sample;
      }
    });
  },
);

describe('DDPM with a learned variance, respaced', () => {
  const schedule = new NoiseSchedule(LEARNED_VARIANCE_SCHEDULE);
  const { trajectory, respaced } = learnedVariance;
  const { shape } = trajectory;
  const double = [...shape.slice(0, -1), 8];

  it.each(Object.entries(respaced))("visits the timesteps of OpenAI's respacing to %s", (steps, timesteps) => {
    const planned = samplerSteps(schedule, Number(steps), 'ddpm', 'linspace');
    expect(planned.map(({ timestep }) => timestep)).toEqual(timesteps);
  });

  it('takes the same steps as the formulas in float64', () => {
    let sample = tf.tensor(trajectory.start, shape);
    const planned = samplerSteps(schedule, trajectory.steps, 'ddpm', 'linspace');
    for (const [i, visit] of trajectory.visits.entries()) {
      const input = { sample, output: tf.tensor(visit.output, double), ...planned[i]! };
      const step = ddpmStep(schedule, input, { noise: tf.tensor(visit.noise, shape) });
      expect(relativeError(step.sample.dataSync(), visit.sample), `step ${i}`).toBeLessThan(1e-4);
      expect(relativeError(step.clean.dataSync(), visit.clean), `step ${i}`).toBeLessThan(1e-4);
      sample = tf.tensor(visit.sample, shape);
    }
  });

  it('is left out by DDIM, which has no use for it', () => {
    const [first] = trajectory.visits;
    const [sample, output] = [tf.tensor(trajectory.start, shape), tf.tensor(first!.output, double)];
    const step = { timestep: 999, previous: 856 };
    const [noise] = tf.split(output, 2, -1);
    const whole = ddimStep(schedule, { sample, output, ...step }).sample.dataSync();
    expect(whole).toEqual(ddimStep(schedule, { sample, output: noise!, ...step }).sample.dataSync());
  });

  it('says when the denoiser gives none, or neither', () => {
    const x = tf.zeros([1, 1, 1, 4]);
    const step = { sample: x, timestep: 500, previous: 480 };
    expect(() => ddpmStep(schedule, { ...step, output: x }, { noise: x })).toThrow('learned its variance');
    const odd = tf.zeros([1, 1, 1, 6]);
    expect(() => ddimStep(schedule, { ...step, output: odd })).toThrow('output of 4 or 8 channels, got 6');
  });
});

describe('steps', () => {
  it('ask for the noise they need', () => {
    const schedule = new NoiseSchedule();
    const x = tf.zeros([1, 1, 1, 1]);
    const input = { sample: x, output: x, timestep: 500, previous: 480 };
    expect(() => ddimStep(schedule, input, { eta: 0.5 })).toThrow("Expected 'noise' for DDIM with eta 0.5");
    expect(() => ddpmStep(schedule, input)).toThrow("Expected 'noise' for the DDPM step at 500");
  });
});
