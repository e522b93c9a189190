/** Figure 12 of paper 001: a part of the set of ImageWoof at 50 images per class. */
import type { Exhibit } from '../exhibit';
import { besideRandom, gallery, selectedHoldMore } from './gallery';

export const figure12: Exhibit = gallery({
  name: 'figure-12',
  item: 'Figure 12',
  title: 'a part of the set of ImageWoof at 50 images per class',
  says: 'Above 10 images per class every patch is an image of its own.',
  dataset: 'ImageWoof',
  sets: besideRandom(50),
  layout: 'row per class',
  perClass: 10,
  claims: [selectedHoldMore],
});
