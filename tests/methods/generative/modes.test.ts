import { describe, expect, it } from 'vitest';
import { type Tensor, tf } from '../../../src/engine';
import { latentModes } from '../../../src/methods/generative/modes';
import { relativeError } from '../../models/fixture';
import { expected, latents } from './fixture';

const rows = (modes: Tensor) =>
  (tf.reshape(modes, [modes.shape[0]!, -1]).arraySync() as number[][]).sort((a, b) => a[0]! - b[0]!);

describe('latentModes', () => {
  it('finds the means of the best partition', () => {
    const found = rows(latentModes(latents, { count: 3, seed: 1 })).flat();
    expect(relativeError(Float32Array.from(found), Float32Array.from(expected.modes!))).toBeLessThan(1e-5);
  });

  it('takes latents that there are where asked, one of each group', () => {
    const found = rows(latentModes(latents, { count: 3, seed: 1, nearest: true }));
    const places = found.map((row) =>
      latents.vectors.findIndex((vector) => vector.every((value, i) => value === row[i])),
    );
    expect(new Set(places.map((place) => place % 3))).toEqual(new Set([0, 1, 2]));
  });

  it('is every latent itself when there are as many modes', () => {
    const found = rows(latentModes(latents, { count: 8, seed: 0 }));
    const given = latents.vectors.map((vector) => Array.from(vector)).sort((a, b) => a[0]! - b[0]!);
    expect(found).toEqual(given);
  });

  it('refuses fewer latents than modes', () => {
    expect(() => latentModes(latents, { count: 9, seed: 0 })).toThrow('at least 9 latents');
  });
});
