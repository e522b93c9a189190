/** Whether this laboratory measures what the papers' code measures: real CIFAR-10 under the published protocol. */
import { above, meets } from './claims';
import { type Experiment, experiment } from './experiment';
import { type Published, published } from './published';
import { seedPairs } from './scales';

const ours = 'diffusion-driven selection';

/** The rows of paper 001's Table 2 for CIFAR-10 with a ConvNet. RDED's figures are from its own paper. */
function publishedHere(): Published {
  const { source, n, rows } = published('diffusion-driven-selection', 'table-2');
  const here = rows.filter(({ at }) => at.setting === 'CIFAR10, ConvNet' && ['RDED', ours].includes(`${at.method}`));
  return {
    source: `${source}, CIFAR10, ConvNet`,
    ...(n && { n }),
    rows: here.map(({ at: { setting: _, ...at }, ...figures }) => ({ at, ...figures })),
  };
}

/** RDED's format without its selection: one random crop from each of as many random images as the set has. */
const randomCrops = 'random crops';

const POINTS = 1.5;
const figures = publishedHere();

const metAt = (imagesPerClass: number) => {
  const { mean } = figures.rows.find(({ at }) => at.method === 'RDED' && at.imagesPerClass === imagesPerClass)!;
  return meets({ method: 'RDED', imagesPerClass }, mean, {
    points: POINTS,
    says: `RDED at ${imagesPerClass} images per class is within ${POINTS} points of the published ${mean} %.`,
    onPublished: 'holds',
  });
};

const aboveRandom = (method: string, name: string) =>
  above(
    { method },
    { method: 'random' },
    { says: `${name} is better than random images.`, onPublished: 'not compared' },
  );

export const yardstick: Experiment = experiment({
  name: 'yardstick',
  paper: 'stillhouse',
  item: 'Yardstick',
  title: 'RDED on CIFAR-10, beside the published figures',
  says: 'On CIFAR-10 with ConvNet-3 the images, the network and the protocol are as published; the teacher is trained here (its accuracy stands beside each row, RDED’s own has 82.24 %). A laboratory that is elsewhere than RDED’s published figures has a fault, and its other rows say nothing. RDED’s code reports the best epoch, so its claims are put to the best here. Ours differs in its prior: 3.3 million parameters, where the paper has Stable Diffusion.',
  axes: { method: ['random', randomCrops, 'RDED', ours], imagesPerClass: [10, 50] },
  cell: ({ method, imagesPerClass }) => ({
    dataset: 'CIFAR10',
    ...(method === randomCrops ? { method: 'RDED', settings: { candidates: imagesPerClass, crops: 1 } } : { method }),
    imagesPerClass,
    teacher: 'ConvNet',
    student: 'ConvNet',
  }),
  scale: 'cifar',
  changes: { pairs: seedPairs(3) },
  published: figures,
  claims: [metAt(10), metAt(50), aboveRandom('RDED', 'RDED'), aboveRandom(ours, 'Ours')],
  table: { rows: ['method'], columns: ['imagesPerClass'] },
  chart: { kind: 'bars', x: 'imagesPerClass', series: 'method' },
  labels: { imagesPerClass: 'images per class' },
});
