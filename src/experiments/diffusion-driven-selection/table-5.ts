/** Table 5 of paper 001: does clustering help, and by which features? */
import { above } from '../claims';
import { type Experiment, experiment } from '../experiment';
import { published } from '../published';

const along = 'in every dataset and at every IPC';

export const table5: Experiment = experiment({
  name: 'table-5',
  paper: 'diffusion-driven selection',
  item: 'Table 5',
  title: 'clustering by diffusion features, by CLIP, or not at all',
  says: 'Clustering makes the distilled set more representative, and diffusion features (DIFT) cluster better than CLIP does.',
  axes: {
    dataset: ['ImageWoof', 'ImageNet-1K'],
    features: ['none', 'clip', 'dift'],
    imagesPerClass: [10, 50, 100],
  },
  cell: ({ dataset, features, imagesPerClass }) => ({
    dataset,
    method: 'diffusion-driven selection',
    // What 'dift' means (up-block, timestep, draws) is the scale's.
    ...(features === 'none'
      ? { settings: { clusters: 0 } }
      : features === 'clip'
        ? { settings: { features: { kind: 'clip' } } }
        : {}),
    imagesPerClass,
  }),
  controls: 'features',
  published: published('diffusion-driven-selection', 'table-5'),
  claims: [
    above(
      { features: 'dift' },
      { features: 'none' },
      { says: `Clustering by DIFT is better than no clustering, ${along}.`, onPublished: 'holds' },
    ),
    above(
      { features: 'dift' },
      { features: 'clip' },
      { says: `DIFT clusters better than CLIP, ${along}.`, onPublished: 'holds' },
    ),
    above(
      { features: 'clip' },
      { features: 'none' },
      { says: `Clustering by CLIP is better than no clustering, ${along}.`, onPublished: "doesn't hold" },
    ),
  ],
  table: { facet: 'dataset', rows: ['features'], columns: ['imagesPerClass'] },
  chart: { kind: 'dots', y: 'features', series: 'imagesPerClass', facet: 'dataset' },
  labels: { imagesPerClass: 'images per class' },
});
