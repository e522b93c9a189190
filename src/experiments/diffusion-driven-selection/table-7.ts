/** Table 7 of paper 001: what are the images worth with class labels in place of a teacher? */
import { above } from '../claims';
import { type Experiment, experiment } from '../experiment';
import { published } from '../published';

const ours = 'diffusion-driven selection';

export const table7: Experiment = experiment({
  name: 'table-7',
  paper: 'diffusion-driven selection',
  item: 'Table 7',
  title: 'hard labels',
  says: 'With one-hot labels the selected images stay representative and diverse: ours is best but for RDED at 10 images per class.',
  axes: { method: ['random', 'SRe2L', 'Minimax', 'D4M', 'RDED', ours], imagesPerClass: [1, 10, 50, 100] },
  cell: ({ method, imagesPerClass }) => ({ dataset: 'ImageNet-1K', method, imagesPerClass, protocol: 'hard' }),
  controls: 'method',
  published: published('diffusion-driven-selection', 'table-7'),
  claims: [
    above(
      { method: ours },
      { method: 'random' },
      { says: 'Ours is better than random images at every IPC.', onPublished: 'holds' },
    ),
    above(
      { method: ours },
      { method: 'RDED' },
      { says: 'Ours is better than RDED at every IPC.', onPublished: "doesn't hold" },
    ),
    above(
      { method: ours, imagesPerClass: 100 },
      { method: 'RDED', imagesPerClass: 100 },
      { says: 'At 100 images per class ours is better than RDED, which loses diversity.', onPublished: 'holds' },
    ),
    above(
      { method: ours },
      { method: 'SRe2L' },
      { says: 'Ours is better than SRe2L, whose images are made for soft labels, at every IPC.', onPublished: 'holds' },
    ),
    above({ method: ours }, { method: 'D4M' }, { says: 'Ours is better than D4M at every IPC.', onPublished: 'holds' }),
    above(
      { method: ours },
      { method: 'Minimax' },
      { says: 'Ours is better than Minimax at every IPC.', onPublished: 'open' },
    ),
  ],
  table: { rows: ['method'], columns: ['imagesPerClass'] },
  chart: { kind: 'dots', y: 'method', series: 'imagesPerClass' },
  labels: { imagesPerClass: 'images per class' },
});
