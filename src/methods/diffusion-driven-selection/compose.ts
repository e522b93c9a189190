/** Composes a distilled set from the patches chosen for each class. */
import type { ImageDataset } from '../../datasets';
import { breathe, type LongTask } from '../../engine';
import { composeImages, imagesByClass } from '../compose';
import type { DistilledSet } from '../distilled-set';
import type { Selection } from './select';

export interface ComposeSetOptions extends LongTask {
  imagesPerClass: number;
  /** Side of a distilled image, pixels. */
  size: number;
  /** Patches along a side of an image. */
  factor: number;
  /** Everything else that determined the set; stored with it. */
  settings: Record<string, unknown>;
  /** Label of each selection. Default all of the dataset's, in order. */
  labels?: readonly number[];
}

/**
 * Cuts the chosen patches out of their images, class by class, and brings each to its final size in one resize.
 * @param selections one per class; their image numbers count within the class
 * @throws when there is not one selection per label
 */
export async function composeSelections(
  dataset: ImageDataset,
  selections: readonly Pick<Selection, 'picks'>[],
  options: ComposeSetOptions,
): Promise<DistilledSet> {
  const { imagesPerClass, size, factor, settings, labels = [...dataset.classes.keys()], signal, onProgress } = options;
  if (selections.length !== labels.length) {
    throw new Error(`Expected one selection per class, got ${selections.length} for ${labels.length} classes.`);
  }
  const positions = imagesByClass(dataset);
  const images: DistilledSet['images'] = [];
  for (const [i, { picks }] of selections.entries()) {
    await breathe(signal);
    const label = labels[i]!;
    const sources = picks.map(({ image: place, box, score, cluster, rank }) => {
      const image = positions[label]![place]!;
      return { image, id: dataset.id(image), box, score, cluster, rank };
    });
    images.push(...(await composeImages(dataset, sources, { label, size, factor })));
    onProgress?.({ label: 'Composing', done: i + 1, total: selections.length });
  }
  return {
    method: 'diffusion-driven selection',
    classes: [...dataset.classes],
    imagesPerClass,
    size,
    factor,
    settings,
    dataset: { name: dataset.name, fingerprint: dataset.fingerprint },
    images,
  };
}
