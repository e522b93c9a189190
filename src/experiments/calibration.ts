/** Whether a scale tells methods apart: the best possible selection, random images, and the worst selection. */
import { above } from './claims';
import { type Experiment, experiment } from './experiment';

export const calibration: Experiment = experiment({
  name: 'calibration',
  paper: 'stillhouse',
  item: 'Calibration',
  title: 'what the ground truth can and cannot reach',
  says: 'A scale can carry a table where the oracle (crops of the object by its mask, modes in turn) beats random whole images, and these beat crops that miss the object, each by five standard errors of the paired difference.',
  axes: { method: ['oracle', 'random', 'random patches', 'object missed'], imagesPerClass: [10] },
  cell: ({ method, imagesPerClass }) => ({ dataset: 'ImageWoof', method, imagesPerClass }),
  controls: 'method',
  claims: [
    above(
      { method: 'oracle' },
      { method: 'random' },
      { says: 'The oracle is better than random images.', onPublished: 'not in the text' },
    ),
    above(
      { method: 'random' },
      { method: 'object missed' },
      { says: 'Random images are better than crops that miss the object.', onPublished: 'not in the text' },
    ),
  ],
  table: { rows: ['method'], columns: ['imagesPerClass'] },
  chart: { kind: 'bars', series: 'method' },
});
