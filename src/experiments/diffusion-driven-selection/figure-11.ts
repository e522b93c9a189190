/** Figure 11 of paper 001: the whole set of ImageNette at 10 images per class. */
import type { Exhibit } from '../exhibit';
import { besideRandom, gallery, selectedHoldMore } from './gallery';

export const figure11: Exhibit = gallery({
  name: 'figure-11',
  item: 'Figure 11',
  title: 'the whole set of ImageNette at 10 images per class',
  says: 'Four patches of different clusters share an image: each is typical of its class, and together they are diverse.',
  dataset: 'ImageNette',
  sets: besideRandom(10),
  layout: 'row per class',
  claims: [selectedHoldMore],
});
