/** What PyTorch made of the small case of tests/fixtures/methods/generative. */
import { readFileSync } from 'node:fs';
import type { ClassLatents } from '../../../src/methods/generative/class-latents';
import type { AnalyticWeights } from './analytic-prior';

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../fixtures/methods/generative/${name}.json`, import.meta.url), 'utf8'));

export const inputs = read('inputs') as {
  className: string;
  seed: number;
  count: number;
  latents: number[][];
  weights: AnalyticWeights;
};

/** Flat, row by row. */
export const expected = read('expected') as Record<string, number[]>;

export const latents: ClassLatents = {
  vectors: inputs.latents.map((values) => Float32Array.from(values)),
  shape: [2, 2, 4],
};

/** What every draw of the fixture has. */
export const drawing = { className: inputs.className, count: inputs.count, seed: inputs.seed, batch: 2 };
