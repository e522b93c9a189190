/** The worst patches of a distilled set: by the ground truth if there is one, else by their score. */
import { distilledPicture, type ImageGrid } from '../charts';
import { annotated, type ImageDataset } from '../datasets';
import { localiseBox } from '../evaluation';
import type { DistilledSet } from '../methods';

/** A patch of a distilled set, by its place in it. */
export interface PlacedPatch {
  /** Position in the set's images. */
  image: number;
  /** Position in that image's sources. */
  source: number;
}

export interface WorstPatches {
  patches: PlacedPatch[];
  /** Why they are the worst, as text: '3 of 40 patches hold less than half of their object'. */
  says: string;
}

export interface JudgedPictureOptions {
  /** Side of an image on the page, pixels. Default: 96. */
  size?: number;
  title?: string;
}

/**
 * The patches that hold less than half of their object; if the dataset has no masks, the lowest score of each class; none
 * if the method gives no scores.
 * @param dataset the one that the set was made from
 */
export async function worstPatches(set: DistilledSet, dataset: ImageDataset): Promise<WorstPatches> {
  const all = set.images.flatMap(({ label, sources }, image) =>
    sources.map(({ image: from, box, score }, source) => ({ at: { image, source }, label, from, box, score })),
  );
  if ('mask' in dataset) {
    const truth = annotated(dataset);
    const shape = { height: truth.size, width: truth.size };
    const shares = await Promise.all(all.map(async ({ from, box }) => localiseBox(await truth.mask(from), box, shape)));
    const patches = all.filter((_, i) => shares[i]!.objectShare < 0.5).map(({ at }) => at);
    return { patches, says: `${patches.length} of ${all.length} patches hold less than half of their object` };
  }
  const scored = all.filter(({ score }) => score !== undefined);
  if (scored.length === 0) return { patches: [], says: `${set.method} gives no scores` };
  const lowest = set.classes.flatMap((_, label) => {
    const [first, ...others] = scored.filter((patch) => patch.label === label);
    return first ? others.reduce((low, patch) => (patch.score! < low.score! ? patch : low), first) : [];
  });
  return { patches: lowest.map(({ at }) => at), says: 'the lowest score of each class' };
}

/** A distilled set with its worst patches framed. @param dataset the one that the set was made from */
export async function judgedPicture(
  set: DistilledSet,
  dataset: ImageDataset,
  { title, size = 96 }: JudgedPictureOptions = {},
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
  const picture = await distilledPicture(set, { size });
  return picture.redraw({ boxes, note: `framed: ${says}`, ...(title !== undefined && { title }) });
}
