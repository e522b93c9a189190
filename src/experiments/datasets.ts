/** Descriptions of datasets: a stage's key then holds what the data is, not where it lies, and a worker can open it. */
import { z } from 'zod';
import {
  cifar10,
  cifar10Places,
  cifar100,
  cifar100Places,
  type ImageDataset,
  type ImageFolderOptions,
  imageFolder,
  knownFolder,
  localCifar10,
  localCifar100,
  LruCache,
  MissingDataError,
  pool,
  rememberFolder,
  stillLife,
  worldVersion,
} from '../datasets';

const split = z.enum(['train', 'test']);

const pooled = {
  /** Most images per class, chosen at random by `poolSeed`; smaller choices are part of larger ones. Default: all. */
  perClass: z.int().min(1).optional(),
  poolSeed: z.int().default(0),
};

/** The embedded world, CIFAR-10 or CIFAR-100 wherever on this machine it lies, or a folder of
 * images that describeFolder knows. */
export const datasetSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('still-life'),
    split,
    perClass: z.int().min(1),
    size: z.int().min(16).default(64),
    seed: z.int().default(0),
    /** Share of the image that the object covers, from … to. Default: close-ups. */
    objectArea: z.tuple([z.number(), z.number()]).readonly().optional(),
    /** Default: rooms. */
    scenery: z.enum(['room', 'studio']).optional(),
    /** Of the painting: what was made of another version is not found again. */
    world: z.literal(worldVersion).default(worldVersion),
  }),
  z.strictObject({ kind: z.literal('cifar10'), split, ...pooled }),
  z.strictObject({ kind: z.literal('cifar100'), split, ...pooled }),
  z.strictObject({
    kind: z.literal('folder'),
    name: z.string(),
    /** Of the images' contents, size and classes. */
    fingerprint: z.string(),
  }),
]);
export type DatasetDescription = z.input<typeof datasetSchema>;

/** A few datasets stay open, since every stage of a plan names one. They hold bytes, not tensors. */
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
  const dataset = openChosen(chosen);
  open.set(key, dataset);
  return dataset;
}

/**
 * Describes a folder of images (`train/<class>/*.jpg`), so that it can be distilled like any other dataset. Its files
 * are hashed the first time. The description identifies their content, so results are found after the folder has moved.
 *
 * @example
 * const dataset = await describeFolder({ folder: 'imagenet', split: 'train', size: 64, subset: imageWoof, perClass: 50 });
 * const selection = bindDistillation({ ...smallPriorSettings, dataset, prior: 'priors/dogs', imagesPerClass: 10 });
 * @throws {MissingDataError} when the folder, or a class of the subset, isn't there
 */
export async function describeFolder(options: ImageFolderOptions): Promise<DatasetDescription> {
  const folder = await imageFolder(options);
  rememberFolder(folder);
  return { kind: 'folder', name: folder.name, fingerprint: folder.fingerprint };
}

function openChosen(chosen: z.output<typeof datasetSchema>): ImageDataset {
  switch (chosen.kind) {
    case 'still-life':
      return stillLife(chosen);
    case 'cifar10':
    case 'cifar100':
      return openCifar(chosen);
    case 'folder':
      return openFolder(chosen);
  }
}

type Chosen<Kind> = Extract<z.output<typeof datasetSchema>, { kind: Kind }>;

function openFolder({ name, fingerprint }: Chosen<'folder'>): ImageDataset {
  const folder = knownFolder(fingerprint);
  if (folder) return folder;
  throw new MissingDataError(
    `Expected the folder of images '${name}' (${fingerprint}) to have been opened on this machine. Open it where it lies: await describeFolder({ folder, … }).`,
    [],
  );
}

const cifars = {
  cifar10: { name: 'CIFAR-10', local: localCifar10, places: cifar10Places, open: cifar10 },
  cifar100: { name: 'CIFAR-100', local: localCifar100, places: cifar100Places, open: cifar100 },
};

function openCifar({ kind, split, perClass, poolSeed }: Chosen<'cifar10' | 'cifar100'>): ImageDataset {
  const { name, local, places, open } = cifars[kind];
  const folder = local();
  if (!folder) {
    throw new MissingDataError(
      `Expected ${name}'s binary files in one of ${places().join(', ')}. Fetch them: npx stillhouse download ${kind}`,
      places(),
    );
  }
  const whole = open({ folder, split });
  return perClass === undefined ? whole : pool(whole, { perClass, poolSeed });
}
