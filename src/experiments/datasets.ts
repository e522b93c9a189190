/** Datasets by description, so that a stage's key names them and a worker can open them. */
import { z } from 'zod';
import { cifar10, type ImageDataset, stillLife } from '../datasets';

/** The embedded world, or CIFAR-10's binary files in a folder. */
export const datasetSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('still-life'),
    split: z.enum(['train', 'test']),
    perClass: z.int().min(1),
    size: z.int().min(16).default(64),
    seed: z.int().default(0),
  }),
  z.object({
    kind: z.literal('cifar10'),
    folder: z.string(),
    split: z.enum(['train', 'test']),
    /** The first images of each class. Default all. */
    perClass: z.int().min(1).optional(),
  }),
]);
export type DatasetDescription = z.input<typeof datasetSchema>;

/** Opens what a description names; images are made or read when asked for. */
export function openDataset(description: DatasetDescription): ImageDataset {
  const chosen = datasetSchema.parse(description);
  if (chosen.kind === 'still-life') return stillLife(chosen);
  const whole = cifar10({ folder: chosen.folder, split: chosen.split });
  if (chosen.perClass === undefined) return whole;
  const taken = new Map<number, number>();
  const indices = Array.from(whole.labels.keys()).filter((i) => {
    const label = whole.labels[i]!;
    taken.set(label, (taken.get(label) ?? 0) + 1);
    return taken.get(label)! <= chosen.perClass!;
  });
  return whole.subset(indices, `${whole.name}, ${chosen.perClass} of each class`);
}
