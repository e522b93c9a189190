/** How many real images of a class a selection needs at least, known before any is scored. */
import { imagesForPatches, type NeededImages } from '../enough-images';
import { factorOf } from './select';
import type { DiffusionDrivenSettings } from './settings';

/** An image gives one candidate where it is taken whole, else `candidatesPerImage` at most. */
export function imagesNeeded(
  settings: Pick<DiffusionDrivenSettings, 'imagesPerClass' | 'factor' | 'patchSize' | 'candidatesPerImage'>,
): Omit<NeededImages, 'labels'> {
  const perImage = settings.patchSize === 'image' ? 1 : settings.candidatesPerImage;
  return imagesForPatches({ imagesPerClass: settings.imagesPerClass, factor: factorOf(settings) }, { perImage });
}
