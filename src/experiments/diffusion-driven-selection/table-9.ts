/** Table 9 of paper 001: how large should images and patches be? */
import { above, highest } from '../claims';
import { type Experiment, experiment } from '../experiment';
import { published } from '../published';

/** Short side of the image → sides of patches, pixels of the paper (inferred: the text has lost them). */
const sizes: Readonly<Record<number, readonly number[]>> = { 128: [112], 256: [112, 224], 512: [112, 224, 448] };

export const table9: Experiment = experiment({
  name: 'table-9',
  paper: 'diffusion-driven selection',
  item: 'Table 9',
  title: 'sizes of images and patches',
  says: 'Patches nearly as large as their image hold complete objects and do better; so do images near the size that the prior was made for.',
  axes: {
    method: ['diffusion-driven selection'],
    imageSize: [128, 256, 512],
    patchSize: [112, 224, 448],
    imagesPerClass: [10, 50, 100],
  },
  where: ({ imageSize, patchSize }) => sizes[imageSize]!.includes(patchSize),
  cell: ({ method, imageSize, patchSize, imagesPerClass }) => ({
    dataset: 'ImageWoof',
    method,
    settings: { imageSize, patchSize },
    imagesPerClass,
  }),
  controls: 'method',
  published: published('diffusion-driven-selection', 'table-9'),
  claims: [
    above(
      { imageSize: 256, patchSize: 224 },
      { imageSize: 256, patchSize: 112 },
      { says: 'In images of 256 pixels, patches of 224 are better than patches of 112.', onPublished: 'holds' },
    ),
    highest(
      { patchSize: 448 },
      {
        among: { method: 'diffusion-driven selection', imageSize: 512 },
        says: 'In images of 512 pixels, patches of 448 are the best.',
        onPublished: 'holds',
      },
    ),
    above(
      { imageSize: 512, patchSize: 448 },
      { imageSize: 256, patchSize: 224 },
      { says: 'Images of 512 pixels are better than images of 256 at the same share.', onPublished: 'open' },
    ),
  ],
  table: { rows: ['method', 'imageSize', 'patchSize'], columns: ['imagesPerClass'] },
  chart: { kind: 'lines', x: 'patchSize', series: 'imageSize', facet: 'imagesPerClass', logX: true },
  labels: {
    imageSize: 'side of the image, pixels of the paper',
    patchSize: 'side of the patch, pixels of the paper',
    imagesPerClass: 'images per class',
  },
});
