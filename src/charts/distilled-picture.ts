/** A distilled set as a picture with one row per class. */
import type { Pixels } from '../datasets';
import { type ImageGrid, imageGrid } from './gallery';

/** The part of a DistilledSet that is drawn. */
export interface PicturedSet {
  /** Name of the method. */
  readonly method: string;
  readonly classes: readonly string[];
  readonly images: readonly { readonly label: number; readonly pixels: Pixels }[];
}

export interface DistilledPictureOptions {
  /** Side of an image on the page, pixels. Default: 96. */
  size?: number;
  /** Images of each class that are drawn, 1 or more. Default: all, up to 400 images in the whole picture. */
  limit?: number;
  title?: string;
}

/** A set of labelled images with the names of their classes. */
export function isPicturedSet(value: unknown): value is PicturedSet {
  const set = value as Partial<PicturedSet> | null | undefined;
  return (
    typeof set?.method === 'string' &&
    Array.isArray(set.classes) &&
    Array.isArray(set.images) &&
    set.images.length > 0 &&
    set.images.every((image) => typeof image?.label === 'number' && image.pixels?.data instanceof Uint8Array)
  );
}

/**
 * The images of a distilled set, one row per class, titled with the class name. If the limit cuts classes, a note says
 * how many images there are.
 * @throws {RangeError} when the set has no images, a label has no class, or the limit is below 1
 */
export function distilledPicture(
  set: PicturedSet,
  { size = 96, limit = Number.POSITIVE_INFINITY, title }: DistilledPictureOptions = {},
): Promise<ImageGrid> {
  if (!(limit >= 1)) throw new RangeError(`Expected a limit of 1 image per class or more, got ${limit}.`);
  const stray = set.images.findIndex(({ label }) => set.classes[label] === undefined);
  if (stray >= 0) {
    throw new RangeError(
      `Expected labels of the set's ${set.classes.length} classes, 0 to ${set.classes.length - 1}, got ${set.images[stray]!.label} in image ${stray}.`,
    );
  }
  const rows = set.classes.map((_, label) => set.images.filter((image) => image.label === label));
  const cut = rows.some((row) => row.length > limit);
  return imageGrid(
    rows.map((row) => row.slice(0, limit).map(({ pixels }) => pixels)),
    {
      rowTitles: set.classes,
      size,
      ...(title !== undefined && { title }),
      ...(cut && { note: `${limit} images per class shown, ${set.images.length} in all` }),
    },
  );
}
