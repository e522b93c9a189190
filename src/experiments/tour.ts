/** The tour: diffusion-driven selection end to end, in the fewest cells that show what it does. */
import { above } from './claims';
import { type Experiment, experiment } from './experiment';
import { cifar, mini, type Scale, seedPairs, standIn } from './scales';

const ours = 'diffusion-driven selection';

export const tour: Experiment = experiment({
  name: '00-tour',
  paper: 'stillhouse',
  item: 'Tour',
  title: 'ten images per class',
  says: 'Patches that a diffusion prior finds typical of their class make a better small training set than random images.',
  axes: { method: [ours], imagesPerClass: [10] as readonly number[] },
  cell: ({ method, imagesPerClass }) => ({ dataset: 'ImageWoof', method, imagesPerClass }),
  controls: 'method',
  claims: [
    above(
      { method: ours },
      { method: 'random' },
      { says: 'The selected patches are better than random images.', onPublished: 'not in the text' },
    ),
  ],
  table: { rows: ['method'], columns: ['imagesPerClass'] },
  chart: { kind: 'bars', series: 'method' },
  labels: { imagesPerClass: 'images per class' },
});

/** Scale mini for a first look, with fewer students. Too few rows to decide a claim. */
export const tourScale: Scale = { ...mini, pairs: seedPairs(2) };

/** Scale cifar for a first look: a pool, a teacher and trainings that take minutes, far below the published setting. */
export const tourPhotos: Scale = {
  ...cifar,
  datasets: async (names) => {
    const [found] = (await cifar.datasets(names)).values();
    if (!found || 'missing' in found) return cifar.datasets(names);
    const fewer = { kind: 'cifar10', perClass: 250 } as const;
    return standIn(
      { ...found, train: { ...fewer, split: 'train' }, test: { ...fewer, split: 'test', perClass: 100 } },
      names,
    );
  },
  imagesPerClass: [10],
  realImages: 30,
  selection: { ...cifar.selection, draws: 36 },
  teachers: { 'ResNet-18': { network: 'conv3', epochs: 12, seed: 0 } },
  precision: 'quickest',
  recipe: { rded: { epochs: 40 } },
  pairs: seedPairs(2),
};
