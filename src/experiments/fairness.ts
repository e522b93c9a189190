/** How much of an accuracy comes from the images, how much from the teacher: hard and soft labels, one recipe. */
import { above } from './claims';
import { type Experiment, experiment } from './experiment';

const ours = 'diffusion-driven selection';

export const fairness: Experiment = experiment({
  name: 'fairness',
  paper: 'stillhouse',
  item: 'Fairness',
  title: 'soft and hard labels under one recipe',
  says: 'Soft labels carry the teacher’s knowledge into any images, random ones included. So each set is judged with class labels too, by the same recipe, and beside random images: what is left is the images’ own.',
  axes: { labels: ['soft', 'hard'], method: ['random', 'RDED', ours], imagesPerClass: [10] },
  cell: ({ labels, method, imagesPerClass }) => ({
    dataset: 'ImageWoof',
    method,
    imagesPerClass,
    protocol: labels === 'soft' ? 'rded' : 'hard',
    recipe: 'rded',
  }),
  claims: [
    above(
      { labels: 'soft' },
      { labels: 'hard' },
      { says: 'Soft labels are worth more than class labels for every set.', onPublished: 'not in the text' },
    ),
    above(
      { method: ours, labels: 'hard' },
      { method: 'random', labels: 'hard' },
      { says: 'With class labels too, ours is better than random images.', onPublished: 'not in the text' },
    ),
    above(
      { method: ours, labels: 'hard' },
      { method: 'RDED', labels: 'hard' },
      { says: 'With class labels, ours is better than RDED.', onPublished: 'not in the text' },
    ),
  ],
  table: { rows: ['method'], columns: ['labels'] },
  chart: { kind: 'bars', x: 'labels', series: 'method' },
});
