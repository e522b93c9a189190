/** Figure 8 of paper 001: how many clusters, and how many of them are drawn from first? */
import { highest } from '../claims';
import { type Experiment, experiment } from '../experiment';
import { published } from '../published';

const method = 'diffusion-driven selection';

export const figure8: Experiment = experiment({
  name: 'figure-8',
  paper: 'diffusion-driven selection',
  item: 'Figure 8',
  title: 'clusters, and how many of them are drawn from first',
  says: 'Too few or too many clusters fail to balance diversity and representativeness, with N fixed, and the same holds for N with the clusters fixed; 32 and 10 are chosen. The values of the figure are lost in the text.',
  axes: { method: [method], clusters: [8, 16, 32, 64], topClusters: [5, 10, 20] },
  where: ({ clusters, topClusters }) => topClusters <= clusters,
  cell: ({ method, clusters, topClusters }) => ({
    dataset: 'ImageWoof',
    method,
    settings: { clusters, topClusters },
    imagesPerClass: 10,
  }),
  controls: 'method',
  published: published('diffusion-driven-selection', 'figure-8'),
  claims: [
    highest(
      { clusters: 32 },
      {
        among: { method, topClusters: 10 },
        says: 'With 10 of the clusters drawn from first, 32 clusters are the best number.',
        onPublished: 'not in the text',
      },
    ),
    highest(
      { topClusters: 10 },
      {
        among: { method, clusters: 32 },
        says: 'Of 32 clusters, 10 is the best number to draw from first.',
        onPublished: 'not in the text',
      },
    ),
  ],
  table: { rows: ['method', 'clusters'], columns: ['topClusters'] },
  chart: { kind: 'lines', x: 'clusters', series: 'topClusters' },
  labels: { topClusters: 'drawn from first' },
});
