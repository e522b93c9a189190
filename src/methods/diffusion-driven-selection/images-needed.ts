/** The fewest real images per class that a selection needs, known before any is scored. */
import { imagesForPatches, type NeededImages } from '../enough-images';
import { factorOf } from './select';
import type { DiffusionDrivenSettings } from './settings';

/** An image taken whole gives one candidate; otherwise it gives at most `candidatesPerImage`. */
export function imagesNeeded(
  settings: Pick<DiffusionDrivenSettings, 'imagesPerClass' | 'factor' | 'patchSize' | 'candidatesPerImage'>,
): Omit<NeededImages, 'labels'> {
  const perImage = settings.patchSize === 'image' ? 1 : settings.candidatesPerImage;
  return imagesForPatches({ imagesPerClass: settings.imagesPerClass, factor: factorOf(settings) }, { perImage });
}
