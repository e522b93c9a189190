/** Figure 13 of paper 001: a part of the set of ImageNette at 50 images per class. */
import type { Exhibit } from '../exhibit';
import { besideRandom, gallery, selectedHoldMore } from './gallery';

export const figure13: Exhibit = gallery({
  name: 'figure-13',
  item: 'Figure 13',
  title: 'a part of the set of ImageNette at 50 images per class',
  says: 'Above 10 images per class every patch is an image of its own.',
  dataset: 'ImageNette',
  sets: besideRandom(50),
  layout: 'row per class',
  perClass: 10,
  claims: [selectedHoldMore],
});
