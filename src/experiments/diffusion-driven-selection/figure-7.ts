/** Figure 7 of paper 001: how many real images does it take? */
import { above, close } from '../claims';
import { type Experiment, experiment } from '../experiment';
import { published } from '../published';

export const figure7: Experiment = experiment({
  name: 'figure-7',
  paper: 'diffusion-driven selection',
  item: 'Figure 7',
  title: 'the number of real images',
  says: 'A random subset of 300 real images per class is nearly on par with the full dataset. The values of the figure are lost in the text: where it is measured is our choice, as few as a set of ten images per class can be made of: with 120, nearly every image must give a patch at scale mini.',
  axes: { method: ['diffusion-driven selection'], realImages: [120, 300, 600] },
  cell: ({ method, realImages }) => ({ dataset: 'ImageNet-1K', method, realImages, imagesPerClass: 10 }),
  controls: 'method',
  published: published('diffusion-driven-selection', 'figure-7'),
  claims: [
    above(
      { realImages: 300 },
      { realImages: 120 },
      { says: '300 real images are better than 120.', onPublished: 'not in the text' },
    ),
    close(
      { realImages: 300 },
      { realImages: 600 },
      { points: 1, says: '300 real images are within a point of 600.', onPublished: 'not in the text' },
    ),
  ],
  table: { rows: ['method'], columns: ['realImages'] },
  chart: { kind: 'lines', x: 'realImages', series: 'method', logX: true },
  labels: { realImages: "real images per class, of the paper's; log scale" },
});
