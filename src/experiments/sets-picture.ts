/** A picture of several distilled sets, as in the papers' figures. */
import { type ImageGrid, imageGrid } from '../charts';
import type { DistilledSet } from '../methods';

/** A set, and the name shown beside its rows. */
export interface NamedSet {
  name: string;
  set: DistilledSet;
}

export interface SetsPictureOptions {
  /** Most images per class. @default 3 */
  perClass?: number;
  /** Side of an image on the page, pixels. @default 64 */
  size?: number;
  title?: string;
}

/**
 * Sets one below the other, with a column per class: the first `perClass` images of each class.
 * @throws RangeError without a set
 */
export function setsPicture(
  sets: readonly NamedSet[],
  { perClass = 3, size = 64, title }: SetsPictureOptions = {},
): Promise<ImageGrid> {
  const rows = sets.flatMap(({ name, set: { images, classes } }) => {
    const byClass = classes.map((_, label) => images.filter((image) => image.label === label));
    const shown = Math.min(perClass, ...byClass.map((some) => some.length));
    return Array.from({ length: shown }, (_, k) => ({
      title: k === 0 ? name : '',
      images: byClass.map((some) => some[k]!.pixels),
    }));
  });
  return imageGrid(
    rows.map((row) => row.images),
    {
      rowTitles: rows.map((row) => row.title),
      columnTitles: sets[0]?.set.classes ?? [],
      size,
      ...(title === undefined ? {} : { title }),
    },
  );
}
