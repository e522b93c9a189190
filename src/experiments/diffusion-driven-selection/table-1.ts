/** Table 1 of paper 001: high resolution, against every method that the paper compares with. */
import { above } from '../claims';
import { type Experiment, experiment } from '../experiment';
import { published } from '../published';

const ours = 'diffusion-driven selection';

/** Each with what the paper's own spreads leave open: 'holds' only where every comparison is beyond them. */
const others = [
  ['SRe2L', 'holds'],
  ['RDED', 'open'],
  ['Minimax', 'holds'],
  ['IGD', 'open'],
  ['D3HR', 'open'],
  ['D4M', 'holds'],
  ['MGD3', 'open'],
] as const;

/** What the paper's table lacks: whether selection is better than none. */
const controls = [
  ['random', 'random images'],
  ['random patches', 'random patches in mosaics like its own'],
] as const;

export const table1: Experiment = experiment({
  name: 'table-1',
  paper: 'diffusion-driven selection',
  item: 'Table 1',
  title: 'high resolution, all methods',
  says: 'Selection by the prior is better than every other method, at every number of images per class and on every dataset. All are judged with soft labels of one teacher.',
  axes: {
    dataset: ['ImageNette', 'ImageWoof', 'ImageNet-100', 'ImageNet-1K'],
    method: [...others.map(([name]) => name), ours],
    imagesPerClass: [10, 50, 100],
  },
  cell: ({ dataset, method, imagesPerClass }) => ({ dataset, method, imagesPerClass }),
  controls: 'method',
  published: published('diffusion-driven-selection', 'table-1'),
  claims: [
    ...others.map(([method, onPublished]) =>
      above({ method: ours }, { method }, { says: `Ours is better than ${method} wherever both stand.`, onPublished }),
    ),
    ...controls.map(([method, name]) =>
      above({ method: ours }, { method }, { says: `Ours is better than ${name}.`, onPublished: 'not compared' }),
    ),
  ],
  table: { facet: 'dataset', rows: ['method'], columns: ['imagesPerClass'] },
  chart: { kind: 'dots', y: 'method', series: 'imagesPerClass', facet: 'dataset' },
  labels: { imagesPerClass: 'images per class' },
});
