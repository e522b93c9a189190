/** Stage II of paper 001 for one class: patches clustered, ranked and cut to the wanted number. */
import { z } from 'zod';
import { type Candidates, patchFeatures, type Selection, selectPatches } from '../../methods';
import { input, inputList, stage } from '../../sweeps';
import { dequantise, type StoredArray } from './quantised';

export const selection = stage({
  name: 'patch-selection',
  version: 1,
  code: import.meta.url,
  uses: [
    './quantised',
    '../../methods/diffusion-driven-selection/select',
    '../../methods/diffusion-driven-selection/patch-features',
  ],
  parameters: z.object({
    /** Whether the features are grids of the images or one vector per candidate; 'none' takes patches by score. */
    features: z.enum(['none', 'grids', 'vectors']),
    clusters: z.int().min(0),
    topClusters: z.int().min(1),
    imagesPerClass: z.int().min(1),
    /** Patches along a side of a distilled image. */
    factor: z.int().min(1),
    clusteringSeed: z.int(),
  }),
  /** At most one list of features. */
  inputs: { candidates: input<Candidates>(), features: inputList<readonly StoredArray[]>() },
  resources: { threads: 1, memory: 1500 },
  run(_context, { features: kind, ...settings }, { candidates, features: [stored = []] }): Selection {
    if (kind === 'none') return selectPatches(candidates, undefined, settings);
    const features = kind === 'vectors' ? stored.map(dequantise) : patchFeatures(candidates, stored.map(gridOf));
    return selectPatches(candidates, features, settings);
  },
});

function gridOf(stored: StoredArray) {
  const [height, width, channels] = stored.shape as [number, number, number];
  return { values: dequantise(stored), height, width, channels };
}
