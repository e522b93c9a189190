/** Figure 6 of paper 001: at which timestep should the diffusion features be taken? */
import { above } from '../claims';
import { type Experiment, experiment } from '../experiment';
import { published } from '../published';

export const figure6: Experiment = experiment({
  name: 'figure-6',
  paper: 'diffusion-driven selection',
  item: 'Figure 6',
  title: 'the timestep of the diffusion features',
  says: 'Earlier timesteps of DIFT do better, and 0.16 is chosen. The values of the figure are lost in the text.',
  axes: { method: ['diffusion-driven selection'], timestep: [0.01, 0.08, 0.16, 0.32, 0.5, 0.75] },
  cell: ({ method, timestep }) => ({
    dataset: 'ImageNet-1K',
    method,
    settings: { features: { kind: 'dift', timestep } },
    imagesPerClass: 50,
  }),
  controls: 'method',
  published: published('diffusion-driven-selection', 'figure-6'),
  claims: [
    above(
      { timestep: 0.16 },
      { timestep: 0.5 },
      { says: 'Features at 0.16 cluster better than features at 0.5.', onPublished: 'not in the text' },
    ),
    above(
      { timestep: 0.16 },
      { timestep: 0.75 },
      { says: 'Features at 0.16 cluster better than features at 0.75.', onPublished: 'not in the text' },
    ),
  ],
  table: { rows: ['method'], columns: ['timestep'] },
  chart: { kind: 'lines', x: 'timestep', series: 'method' },
  labels: { timestep: 'timestep of the features, share of the schedule' },
});
