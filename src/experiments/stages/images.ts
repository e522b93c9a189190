/** Images as items of a mapped stage: one piece per image, found again under the image's content fingerprint. */
import { z } from 'zod';
import type { ImageDataset } from '../../datasets';
import type { LatentDiffusion } from '../../diffusion';
import type { LongTask } from '../../engine';
import { type EncodedImages, type EncodeSettings, encodeClass } from '../../methods';

export const imageSchema = z.object({
  /** Content fingerprint: says what the image's pixels are, so that the code that reads them isn't in the key. */
  id: z.string(),
  /** The prompts hold it. */
  className: z.string(),
  /** Position in the dataset, which may move. */
  index: z.int(),
});
export type ImageItem = z.infer<typeof imageSchema>;

/** The part of an image that a piece depends on. */
export const imageIdentity = ({ id, className }: ImageItem): string => `${id}/${className}`;

/** Images of a dataset as items. @param positions which; default all */
export function imageItems(
  dataset: ImageDataset,
  positions: readonly number[] = [...dataset.labels.keys()],
): ImageItem[] {
  return positions.map((index) => ({
    id: dataset.id(index),
    className: dataset.classes[dataset.labels[index]!]!,
    index,
  }));
}

/** Asks the prior about images of one class with latents of one shape at a time; answers come back in the items' order. */
export async function askByClass<Answer>(
  prior: LatentDiffusion,
  dataset: ImageDataset,
  items: readonly ImageItem[],
  options: EncodeSettings & LongTask,
  ask: (group: EncodedImages, className: string) => Promise<readonly Answer[]>,
): Promise<Answer[]> {
  const answers: Answer[] = new Array(items.length);
  for (const className of new Set(items.map((item) => item.className))) {
    const members = items.flatMap((item, place) => (item.className === className ? [place] : []));
    const images = members.map((place) => items[place]!.index);
    for (const group of await encodeClass(prior, { dataset, images }, options)) {
      const found = await ask(group, className);
      for (const [i, member] of group.places.entries()) answers[members[member]!] = found[i]!;
    }
  }
  return answers;
}
