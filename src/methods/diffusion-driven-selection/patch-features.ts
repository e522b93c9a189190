/** A candidate's diffusion feature: the mean of its image's grid under the patch. */
import { type FeatureGrid, pooledFeature } from '../../diffusion';
import type { Candidates } from './candidates';

/** The mean feature under each candidate, of unit length. @param grids one per image of the class, in its order */
export function patchFeatures({ images, patches }: Candidates, grids: readonly FeatureGrid[]): Float32Array[] {
  return patches.map(({ image, box: { top, left, size } }) => {
    const { height, width } = images[image]!;
    const region = {
      top: top / height,
      left: left / width,
      bottom: (top + size) / height,
      right: (left + size) / width,
    };
    return pooledFeature(grids[image]!, region);
  });
}
