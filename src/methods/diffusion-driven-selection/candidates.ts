/** Stage I's second half: the best patches of every image of a class (paper 001, equation 7). */
import { type NoiseMap, upsampledMap } from '../../diffusion';
import { type Box, bestPatches, patchScores } from './patch';
import type { CandidateSettings } from './settings';

/** An image's mean loss map at the latent's size, and the image's own size in pixels. */
export interface ScoredImage {
  /** Content fingerprint; identifies the image in errors. */
  id: string;
  map: NoiseMap;
  height: number;
  width: number;
}

/** A candidate for the distilled set. */
export interface ScoredPatch {
  /** Place of the source image in its class. */
  image: number;
  box: Box;
  /** Mean of the differential noise map inside the box; higher is more typical of the class. */
  score: number;
}

/** All candidates of a class, image by image, the best of each first. */
export interface Candidates {
  images: { id: string; height: number; width: number }[];
  patches: ScoredPatch[];
}

/**
 * The best non-overlapping patches of every image, or the largest centre square of each.
 * @throws naming the image whose map holds a value that isn't finite, or that is smaller than the patch
 */
export function candidatePatches(
  images: readonly ScoredImage[],
  { patchSize, candidatesPerImage: count }: CandidateSettings,
): Candidates {
  if (!Number.isInteger(count) || count < 1) {
    throw new Error(`Expected at least 1 candidate per image, got ${count}.`);
  }
  const patches = images.flatMap(({ id, map, height, width }, image) => {
    const broken = map.values.find((value) => !Number.isFinite(value));
    if (broken !== undefined) {
      throw new Error(`Expected finite noise losses, got ${broken} for image ${id}. Score it again, or leave it out.`);
    }
    if (patchSize !== 'image' && patchSize > Math.min(height, width)) {
      throw new Error(
        `Expected patches that fit every image, got patches of ${patchSize} pixels for image ${id} of ${height} × ${width}.`,
      );
    }
    const pixels = upsampledMap(map, { height, width });
    const best = patchSize === 'image' ? [wholeImage(pixels)] : bestPatches(pixels, { size: patchSize, count });
    return best.map(({ box, score }) => ({ image, box, score }));
  });
  return { images: images.map(({ id, height, width }) => ({ id, height, width })), patches };
}

/** The largest centre square, scored by the mean of the map inside it. */
function wholeImage(map: NoiseMap): { box: Box; score: number } {
  const size = Math.min(map.height, map.width);
  const [top, left] = [map.height - size, map.width - size].map((rest) => rest >> 1) as [number, number];
  const scores = patchScores(map, size);
  return { box: { top, left, size }, score: scores.values[top * scores.width + left]! };
}
