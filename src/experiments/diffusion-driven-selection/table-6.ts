/** Table 6 of paper 001: from which timesteps should the noise losses come? */
import { above, highest } from '../claims';
import { type Experiment, experiment } from '../experiment';
import { published } from '../published';

const edges = [0.1, 0.3, 0.5, 0.7, 0.9] as const;

export const table6: Experiment = experiment({
  name: 'table-6',
  paper: 'diffusion-driven selection',
  item: 'Table 6',
  title: 'the range of timesteps of the noise losses',
  says: 'Intermediate timesteps do best, and small ones are essential; [0.1, 0.7] is the best range. Every range has the same number of noise draws here.',
  axes: {
    method: ['diffusion-driven selection'],
    start: [0.1, 0.3, 0.5, 0.7],
    end: edges.slice(1),
  },
  // The paper prints one cell with start = end: 0.5.
  where: ({ start, end }) => start < end || (start === 0.5 && end === 0.5),
  cell: ({ method, start, end }) => ({
    dataset: 'ImageNet-1K',
    method,
    settings: { timestepRange: [start, end] },
    imagesPerClass: 50,
  }),
  controls: 'method',
  published: published('diffusion-driven-selection', 'table-6'),
  claims: [
    highest(
      { start: 0.1, end: 0.7 },
      {
        among: { method: 'diffusion-driven selection' },
        says: 'The range [0.1, 0.7] is better than every other range.',
        onPublished: 'holds',
      },
    ),
    above(
      { start: 0.1 },
      { start: 0.5 },
      {
        says: 'Ranges that start at 0.1 are better than those that start at 0.5: small timesteps are essential.',
        onPublished: 'holds',
      },
    ),
  ],
  table: { rows: ['method', 'start'], columns: ['end'] },
  chart: { kind: 'heat map', x: 'end', y: 'start' },
});
