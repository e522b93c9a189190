/** Pictures of a run, as the notebooks show them. */
import { type ImageGrid, imageGrid } from '../charts';
import type { MapExample } from './diffusion-driven-selection/inspect';

export interface PictureOptions {
  /** Side of an image on the page, pixels. */
  size?: number;
}

/**
 * A row per class: images with their differential noise maps, the best patch framed if it isn't the whole image.
 * @param examples [classes][images]
 */
export function mapPicture(
  examples: readonly (readonly MapExample[])[],
  { size = 128 }: PictureOptions = {},
): Promise<ImageGrid> {
  const all = examples.flat();
  return imageGrid(
    examples.map((row) => row.map(({ pixels }) => pixels)),
    {
      rowTitles: examples.map((row) => row[0]?.className ?? ''),
      size,
      overlays: all.map(({ map: { values, height, width } }) => ({ map: values, height, width })),
      boxes: all.map(({ pixels, best: { box } }) =>
        box.size < Math.max(pixels.height, pixels.width)
          ? [{ x: box.left, y: box.top, width: box.size, height: box.size }]
          : [],
      ),
    },
  );
}
