/** Figure 14 of paper 001: all images of one class at 100 images per class. */
import type { Exhibit } from '../exhibit';
import { besideRandom, gallery, selectedHoldMore } from './gallery';

export const figure14: Exhibit = gallery({
  name: 'figure-14',
  item: 'Figure 14',
  title: 'all images of one class at 100 images per class',
  says: 'Every image of the class “golden retriever”: here it is the first class of the dataset.',
  dataset: 'ImageWoof',
  sets: besideRandom(100),
  layout: 'one class',
  claims: [selectedHoldMore],
});
