/** What tests/fixtures/diffusion/make-learned-variance.py made. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

interface Visit {
  timestep: number;
  output: number[];
  noise: number[];
  sample: number[];
  clean: number[];
}

const file = new URL('../fixtures/diffusion/learned-variance.json.gz', import.meta.url);
export const learnedVariance = JSON.parse(gunzipSync(readFileSync(file)).toString()) as {
  loss: { shape: [number, number, number, number]; timesteps: number[]; loss: number } & Record<
    'clean' | 'noise' | 'output' | 'squared' | 'bound' | 'predicted' | 'gradient',
    number[]
  >;
  /** Visited timesteps by number of steps. */
  respaced: Record<string, number[]>;
  trajectory: { shape: number[]; steps: number; start: number[]; visits: Visit[] };
};
