/** The best patches of each image of a class, from stored losses (paper 001, equation 7). */
import { z } from 'zod';
import { meanMap } from '../../diffusion';
import { type Candidates, candidatePatches, type ScoredImage } from '../../methods';
import { inputList, stage } from '../../sweeps';
import type { LossPiece } from './noise-losses';
import { dequantise } from './quantised';

/** The mean over all draws of each image of a class. @param losses one list per group of draws; @param draws how many in each */
export function scoredImages(losses: readonly (readonly LossPiece[])[], draws: readonly number[]): ScoredImage[] {
  return losses[0]!.map(({ id, height, width }, image) => {
    const maps = losses.map((pieces, group) => {
      const { map } = pieces[image]!;
      const [rows, columns] = map.shape as [number, number, number];
      return { map: { values: dequantise(map), height: rows, width: columns }, weight: draws[group]! };
    });
    return { id, map: meanMap(maps), height, width };
  });
}

export const candidates = stage({
  name: 'candidate-patches',
  version: 1,
  code: import.meta.url,
  uses: ['./quantised', '../../diffusion/noise-map', '../../methods/diffusion-driven-selection/candidates'],
  parameters: z.object({
    /** Number of draws behind each list of losses. */
    draws: z.array(z.int().min(1)).min(1),
    patchSize: z.union([z.int().min(1), z.literal('image')]),
    candidatesPerImage: z.int().min(1),
  }),
  inputs: { losses: inputList<readonly LossPiece[]>() },
  resources: { threads: 1, memory: 1000 },
  run: (_context, { draws, ...settings }, { losses }): Candidates =>
    candidatePatches(scoredImages(losses, draws), settings),
});
