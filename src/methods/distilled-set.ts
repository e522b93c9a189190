/** The one output of every method: a small labelled image set that knows where each pixel came from. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { decodeImage, encodePng, fingerprint, type Pixels } from '../datasets';

/** A square of a source image that went into a distilled one. */
const sourceSchema = z.object({
  /** Position of the source in its dataset, and its content fingerprint. */
  image: z.number().int().min(0),
  id: z.string(),
  /** The square taken, in pixels of the source. */
  box: z.object({ top: z.number(), left: z.number(), size: z.number() }),
  /** The method's score; higher is more typical of the class. */
  score: z.number().optional(),
  /** Rank of its cluster and place in it; -1 for one taken by score alone. */
  cluster: z.number().int().optional(),
  rank: z.number().int().optional(),
});
export type PatchSource = z.infer<typeof sourceSchema>;

const manifestSchema = z.object({
  format: z.literal('stillhouse/distilled-set'),
  version: z.literal(2),
  /** 'diffusion-driven selection', 'random' … */
  method: z.string(),
  classes: z.array(z.string()),
  imagesPerClass: z.number().int().min(1),
  /** Side of an image, pixels. */
  size: z.number().int().min(1),
  /** Patches along a side of an image: 1 for one patch or whole image, 2 for a 2×2 mosaic of four. */
  factor: z.number().int().min(1),
  /** Everything else that determined the set, seeds included. */
  settings: z.record(z.string(), z.unknown()),
  dataset: z.object({ name: z.string(), fingerprint: z.string() }),
  images: z.array(
    z.object({
      file: z.string(),
      label: z.number().int().min(0),
      /** sha256 of the pixels. */
      fingerprint: z.string(),
      sources: z.array(sourceSchema),
    }),
  ),
});
type Manifest = z.infer<typeof manifestSchema>;

/** One distilled image. */
export interface DistilledImage {
  label: number;
  pixels: Pixels;
  sources: PatchSource[];
}

/** A distilled set in memory, grouped by class, in the method's order. */
export interface DistilledSet extends Omit<Manifest, 'format' | 'version' | 'images'> {
  images: DistilledImage[];
}

/** Hash of the images and labels: two sets with it are the same to a student. */
export function distilledFingerprint({ images, size }: DistilledSet): string {
  return fingerprint('distilled', String(size), ...images.map(({ label, pixels }) => `${label}/${pixelsHash(pixels)}`));
}

const pixelsHash = ({ data }: Pixels): string => fingerprint('pixels', data);

/**
 * Writes `<class>/<k>.png` and manifest.json. The folder appears whole or not at all: it is written under another name
 * first, and one that was there is replaced only then.
 */
export async function writeDistilledSet(set: DistilledSet, folder: string): Promise<void> {
  const part = `${folder}.${process.pid}.part`;
  await rm(part, { recursive: true, force: true });
  const counts = new Map<number, number>();
  const images: Manifest['images'] = [];
  for (const { label, pixels, sources } of set.images) {
    const k = counts.get(label) ?? 0;
    counts.set(label, k + 1);
    const file = `${folderName(set.classes[label]!, label)}/${String(k).padStart(3, '0')}.png`;
    await mkdir(dirname(join(part, file)), { recursive: true });
    await writeFile(join(part, file), await encodePng(pixels));
    images.push({ file, label, fingerprint: pixelsHash(pixels), sources });
  }
  const manifest: Manifest = { format: 'stillhouse/distilled-set', version: 2, ...set, images };
  await writeFile(join(part, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
  await rm(folder, { recursive: true, force: true });
  await rename(part, folder);
}

/** Numbered, so that a folder listing is in label order. */
const folderName = (name: string, label: number): string =>
  `${String(label).padStart(3, '0')}-${name.replaceAll(/[^\p{L}\p{N}]+/gu, '-')}`;

/**
 * Reads a folder that writeDistilledSet wrote.
 * @throws naming the file: a manifest that is not one, an image that is missing or is not the one that was written.
 */
export async function readDistilledSet(folder: string): Promise<DistilledSet> {
  const path = join(folder, 'manifest.json');
  const parsed = manifestSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
  if (!parsed.success)
    throw new Error(`Expected ${path} to be a distilled set's manifest:\n${z.prettifyError(parsed.error)}`);
  const { format: _format, version: _version, images, ...rest } = parsed.data;
  const read = images.map(async ({ file, label, fingerprint: expected, sources }) => {
    const pixels = await decodeImage(await readFile(join(folder, file)));
    if (pixelsHash(pixels) !== expected) {
      throw new Error(
        `Expected ${join(folder, file)} to be the image in the manifest; its pixels differ. Distil again.`,
      );
    }
    return { label, pixels, sources };
  });
  return { ...rest, images: await Promise.all(read) };
}

/** Bytes of the images as PNG files: what a distilled set costs to store, labels apart. */
export async function imageBytes(set: DistilledSet): Promise<number> {
  const sizes = await Promise.all(set.images.map(async ({ pixels }) => (await encodePng(pixels)).length));
  return sizes.reduce((sum, size) => sum + size, 0);
}
