/** A class-conditional prior of the embedded world with random weights, on disk, and images of 16 pixels for it. */
import { join } from 'node:path';
import { stillLife } from '../../../src/datasets';
import { tinyClassPrior } from '../../diffusion/tiny-class-prior';

export const world = { kind: 'still-life', split: 'train', perClass: 2, size: 16, seed: 0 } as const;

export const fineTuning = { steps: 4, batch: 3, realCapacity: 2, generatedCapacity: 2, learningRate: 0.05 };
export const sampling = { steps: 2 };

/** Writes the prior below `folder`. @returns its own folder */
export async function savedPrior(folder: string): Promise<string> {
  const place = join(folder, 'tiny-dit');
  const prior = tinyClassPrior({ classes: stillLife(world).classes });
  await prior.save(place);
  prior.dispose();
  return place;
}
