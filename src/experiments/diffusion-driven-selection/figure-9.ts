/** Figure 9 of paper 001: what patches of different sizes show. */
import type { Exhibit } from '../exhibit';
import { gallery, holdsMore } from './gallery';

const method = 'diffusion-driven selection';

export const figure9: Exhibit = gallery({
  name: 'figure-9',
  item: 'Figure 9',
  title: 'patches of half the image and of nearly all of it',
  says: 'Where patches are much smaller than their image, the set keeps parts of objects (noses of dogs) and loses the whole.',
  dataset: 'ImageWoof',
  sets: [112, 224].map((patchSize) => ({
    label: `${patchSize} of 256 pixels`,
    // One patch fills an image at both sizes, so that the sizes can be compared by eye.
    cell: { method, imagesPerClass: 10, settings: { patchSize, factor: 1 } },
  })),
  layout: 'row per set',
  claims: [
    holdsMore(
      '224 of 256 pixels',
      '112 of 256 pixels',
      'Larger patches hold more of their object than smaller ones do.',
    ),
  ],
});
