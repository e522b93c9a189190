/** The one output of every method: a small labelled image set that records where each pixel came from. */
import { z } from 'zod';
import { encodePng, fingerprint, type Pixels } from '../datasets';

/** A square of a source image, used in a distilled one. */
const sourceSchema = z.object({
  /** Position of the source in its dataset, and its content fingerprint. */
  image: z.number().int().min(0),
  id: z.string(),
  /** The square, in pixels of the source. */
  box: z.object({ top: z.number(), left: z.number(), size: z.number() }),
  /** The method's score; the highest are chosen. */
  score: z.number().optional(),
  /** Rank of its cluster and place in it; -1 for one taken by score alone. */
  cluster: z.number().int().optional(),
  rank: z.number().int().optional(),
});
export type PatchSource = z.infer<typeof sourceSchema>;

/** The manifest of a saved set. */
export const manifestSchema = z.object({
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
export type Manifest = z.infer<typeof manifestSchema>;

/** One distilled image. */
export interface DistilledImage {
  label: number;
  pixels: Pixels;
  sources: PatchSource[];
  /**
   * A label learned with the image (DATM, TESLA): logits over the set's classes. Evaluation protocols use the class or
   * a teacher's answers instead, unless they are given learnedAnswers.
   */
  logits?: readonly number[];
}

/** A distilled set in memory, grouped by class, in the method's order. */
export interface DistilledSet extends Omit<Manifest, 'format' | 'version' | 'images'> {
  images: DistilledImage[];
}

/** Hash of the images and labels. Sets with the same hash are the same to a student. */
export function distilledFingerprint({ images, size }: DistilledSet): string {
  return fingerprint('distilled', String(size), ...images.map(({ label, pixels }) => `${label}/${pixelsHash(pixels)}`));
}

/** Hash of an image's pixels, independent of the file format. */
export const pixelsHash = ({ data }: Pixels): string => fingerprint('pixels', data);

/** Bytes of the images as PNG files: the storage that a distilled set needs, without labels. */
export async function imageBytes(set: DistilledSet): Promise<number> {
  const sizes = await Promise.all(set.images.map(async ({ pixels }) => (await encodePng(pixels)).length));
  return sizes.reduce((sum, size) => sum + size, 0);
}
