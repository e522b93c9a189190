/** Pictures of a run, as the notebooks show them. */
import { distilledPicture, type ImageGrid, imageGrid } from '../charts';
import type { ImageDataset } from '../datasets';
import type { DistilledSet } from '../methods';
import type { MapExample } from './diffusion-driven-selection/inspect';
import { worstPatches } from './worst-patches';

export interface PictureOptions {
  /** Side of an image on the page, pixels. */
  size?: number;
}

/** A row per class: images under their differential noise maps, the best patch framed where it is a part of the image. @param examples [classes][images] */
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
        box.size < pixels.width ? [{ x: box.left, y: box.top, width: box.size, height: box.size }] : [],
      ),
    },
  );
}

/** A distilled set with its worst patches framed. @param dataset the one that the set was made from */
export async function judgedPicture(
  set: DistilledSet,
  dataset: ImageDataset,
  { title, ...options }: PictureOptions & { title?: string } = {},
): Promise<ImageGrid> {
  const { patches, says } = await worstPatches(set, dataset);
  const side = set.size / set.factor;
  const inOrder = set.classes.flatMap((_, label) =>
    [...set.images.keys()].filter((i) => set.images[i]!.label === label),
  );
  const boxes = inOrder.map((image) =>
    patches
      .filter((patch) => patch.image === image)
      .map(({ source }) => {
        const [row, column] = [Math.floor(source / set.factor), source % set.factor];
        return { x: column * side, y: row * side, width: side, height: side };
      }),
  );
  const picture = await distilledPicture(set, options);
  return picture.redraw({ boxes, note: `framed: ${says}`, ...(title !== undefined && { title }) });
}
