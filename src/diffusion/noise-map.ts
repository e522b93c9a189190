/** Differential noise maps: mean losses, upsampled from the latent's size to the image's (paper 001, equations 6–7). */
import { resizeBilinear, tf } from '../engine';

/** One map over the positions of a latent, or the pixels of an image, row-major. */
export interface NoiseMap {
  values: Float32Array;
  height: number;
  width: number;
}

/**
 * The weighted mean of maps of one size. Maps of bands or groups of draws are weighted by their numbers of draws.
 * @throws if there is no map, or their sizes differ
 */
export function meanMap(maps: readonly { map: NoiseMap; weight: number }[]): NoiseMap {
  const [first] = maps;
  if (!first) throw new Error('Expected at least one map to average, got none.');
  const { height, width } = first.map;
  const total = maps.reduce((sum, { weight }) => sum + weight, 0);
  const values = new Float64Array(height * width);
  for (const { map, weight } of maps) {
    if (map.height !== height || map.width !== width) {
      throw new Error(`Expected maps of ${height} × ${width}, got one of ${map.height} × ${map.width}.`);
    }
    for (let i = 0; i < values.length; i++) values[i]! += (map.values[i]! * weight) / total;
  }
  return { values: Float32Array.from(values), height, width };
}

/** The map M of equation 7, upsampled (bilinear, half-pixel centres) to the image's height and width, pixels. */
export function upsampledMap(map: NoiseMap, { height, width }: { height: number; width: number }): NoiseMap {
  const values = tf.tidy(
    () =>
      resizeBilinear(tf.tensor(map.values, [1, map.height, map.width, 1]), [height, width]).dataSync() as Float32Array,
  );
  return { values, height, width };
}
