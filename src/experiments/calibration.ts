/** Whether a scale tells methods apart: crops of the object by its mask, random images, and crops that miss the object. */
import { above } from './claims';
import { type Experiment, experiment } from './experiment';
import { seedPairs } from './scales';

/** The bar for a scale that is to carry tables. */
const apart = { standardErrors: 5, onPublished: 'not in the text' } as const;

export const calibration: Experiment = experiment({
  name: 'calibration',
  paper: 'stillhouse',
  item: 'Calibration',
  title: 'what the ground truth can and cannot reach',
  says: 'A scale can carry a table where the oracle (crops of the object by its mask, modes in turn) beats random whole images, and these beat crops that miss the object, each by five standard errors of the paired difference.',
  axes: { method: ['oracle', 'random', 'random patches', 'object missed'], imagesPerClass: [10] },
  cell: ({ method, imagesPerClass }) => ({ dataset: 'ImageWoof', method, imagesPerClass }),
  controls: 'method',
  // Twice the pairs of a table: five leave the standard error itself too uncertain.
  changes: { pairs: seedPairs(10) },
  claims: [
    above(
      { method: 'oracle' },
      { method: 'random' },
      { ...apart, says: 'The oracle is better than random images, by five standard errors of the difference.' },
    ),
    above(
      { method: 'random' },
      { method: 'object missed' },
      { ...apart, says: 'Random images are better than crops that miss the object, by five standard errors.' },
    ),
    above(
      { method: 'oracle' },
      { method: 'random patches' },
      {
        onPublished: 'not in the text',
        says: 'The oracle is better than random patches in mosaics like its own: to know the object helps beyond the format.',
      },
    ),
  ],
  table: { rows: ['method'], columns: ['imagesPerClass'] },
  chart: { kind: 'dots', y: 'method' },
  labels: { imagesPerClass: 'images per class' },
});
