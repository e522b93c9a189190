/** Datasets by description, so that a stage's key names what they are, not where they lie, and a worker can open them. */
import { z } from 'zod';
import {
  cifar10,
  cifar10Places,
  type ImageDataset,
  localCifar10,
  LruCache,
  MissingDataError,
  stillLife,
} from '../datasets';

const split = z.enum(['train', 'test']);

/** The embedded world, or CIFAR-10 wherever on this machine it lies. */
export const datasetSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('still-life'),
    split,
    perClass: z.int().min(1),
    size: z.int().min(16).default(64),
    seed: z.int().default(0),
  }),
  z.object({
    kind: z.literal('cifar10'),
    split,
    /** The first images of each class. Default all. */
    perClass: z.int().min(1).optional(),
  }),
]);
export type DatasetDescription = z.input<typeof datasetSchema>;

/** Datasets hold bytes, not tensors: a few stay open, since every stage of a plan names one. */
const open = new LruCache<ImageDataset>(8);

/**
 * Opens what a description names; images are made or read when asked for.
 * @throws {MissingDataError} naming the places searched
 */
export function openDataset(description: DatasetDescription): ImageDataset {
  const chosen = datasetSchema.parse(description);
  const key = JSON.stringify(chosen);
  const known = open.get(key);
  if (known) return known;
  const dataset = chosen.kind === 'still-life' ? stillLife(chosen) : openCifar10(chosen);
  open.set(key, dataset);
  return dataset;
}

function openCifar10({ split, perClass }: { split: 'train' | 'test'; perClass?: number | undefined }): ImageDataset {
  const folder = localCifar10();
  if (!folder) {
    throw new MissingDataError(
      `Expected CIFAR-10's binary files in one of ${cifar10Places().join(', ')}. Fetch them: npx stillhouse download cifar10`,
      cifar10Places(),
    );
  }
  const whole = cifar10({ folder, split });
  if (perClass === undefined) return whole;
  const taken = new Map<number, number>();
  const indices = Array.from(whole.labels.keys()).filter((i) => {
    const label = whole.labels[i]!;
    taken.set(label, (taken.get(label) ?? 0) + 1);
    return taken.get(label)! <= perClass;
  });
  return whole.subset(indices, `${whole.name}, ${perClass} of each class`);
}
