/** Scale mini with a few small images: what is tested is what is asked for, not what comes out. */
import { mini, type Scale, type ScaleDataset, seedPairs, standIn } from '../../src/experiments/scales';

const world = { kind: 'still-life', size: 48, objectArea: [0.05, 0.12] } as const;

const few: ScaleDataset = {
  is: 'a few still lifes',
  pool: ({ perClass, size }) => ({ ...world, split: 'train', perClass, size }),
  train: { ...world, split: 'train', perClass: 20, seed: 5 },
  test: { ...world, split: 'test', perClass: 3 },
};

export const tinyScale: Scale = {
  ...mini,
  datasets: async (names) => standIn(few, names),
  realImages: 8,
  imageSize: 48,
  selection: { ...mini.selection, patchSize: 24 },
  pairs: seedPairs(1),
};
