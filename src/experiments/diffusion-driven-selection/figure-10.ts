/** Figure 10 of paper 001: the whole set of ImageWoof at 10 images per class. */
import type { Exhibit } from '../exhibit';
import { besideRandom, gallery, selectedHoldMore } from './gallery';

export const figure10: Exhibit = gallery({
  name: 'figure-10',
  item: 'Figure 10',
  title: 'the whole set of ImageWoof at 10 images per class',
  says: 'Four patches of different clusters share an image: each is typical of its class, and together they are diverse.',
  dataset: 'ImageWoof',
  sets: besideRandom(10),
  layout: 'row per class',
  claims: [selectedHoldMore],
});
