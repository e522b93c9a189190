/** A distilled set as a folder of images with a manifest: what torchvision's ImageFolder and Hugging Face's imagefolder read. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { decodeImage, encodePng } from '../datasets';
import { type DistilledSet, manifestSchema, pixelsHash } from './distilled-set';

const MANIFEST = 'manifest.json';

/** The manifest, including labels learned with the images. */
const storedSchema = manifestSchema.extend({
  images: z.array(manifestSchema.shape.images.element.extend({ logits: z.array(z.number()).optional() })),
});
type StoredManifest = z.infer<typeof storedSchema>;

/** Where a set was saved. */
export interface SavedAs {
  /** Absolute path. */
  folder: string;
  /** Number of images written. */
  images: number;
}

/**
 * Writes `train/<class>/000.png` … and `manifest.json`, which holds each image's sources and all settings. The folder
 * appears whole or not at all: it is written under another name first. An existing distilled set is replaced.
 *
 * In Python: `torchvision.datasets.ImageFolder('out/train')`, `datasets.load_dataset('imagefolder', data_dir='out')`.
 * Both readers number the class folders alphabetically: where the class names are in another order, all folders get a
 * number (`000-cup`).
 * @throws when `folder` exists and holds anything but a distilled set
 */
export async function saveDistilledSet(set: DistilledSet, folder: string): Promise<SavedAs> {
  const target = resolve(folder);
  await requireSavable(target);
  const part = join(dirname(target), `.${basename(target)}.${process.pid}.part`);
  await rm(part, { recursive: true, force: true });
  const folders = classFolders(set.classes);
  const counts = new Map<number, number>();
  const images: StoredManifest['images'] = [];
  try {
    for (const { label, pixels, sources, logits } of set.images) {
      const k = counts.get(label) ?? 0;
      counts.set(label, k + 1);
      const file = `train/${folders[label]}/${String(k).padStart(3, '0')}.png`;
      await mkdir(dirname(join(part, file)), { recursive: true });
      await writeFile(join(part, file), await encodePng(pixels));
      images.push({ file, label, fingerprint: pixelsHash(pixels), sources, ...(logits && { logits: [...logits] }) });
    }
    const manifest: StoredManifest = { format: 'stillhouse/distilled-set', version: 2, ...set, images };
    await writeFile(join(part, MANIFEST), `${JSON.stringify(manifest, null, 1)}\n`);
    await rm(target, { recursive: true, force: true });
    await rename(part, target);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  return { folder: target, images: images.length };
}

/**
 * Checks that a set can be saved to a folder, before hours of work.
 * @throws when it holds anything but a distilled set: a mistyped name must not cost somebody's photos
 */
export async function requireSavable(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  const there = await readdir(folder);
  if (there.length === 0) return;
  const known = there.includes(MANIFEST) && (await readFile(join(folder, MANIFEST), 'utf8')).includes('stillhouse/');
  const other = there.filter((name) => name !== MANIFEST && name !== 'train');
  if (known && other.length === 0) return;
  throw new Error(
    `Expected ${folder} to be new, empty or a distilled set saved before, found ${(known ? other : there).slice(0, 3).join(', ')} in it. Choose another folder.`,
  );
}

/** Folder names whose alphabetical order is the label order: the class names, or numbered ones. */
function classFolders(classes: readonly string[]): string[] {
  const names = classes.map((name) => name.replaceAll(/[\\/:*?"<>|\p{Cc}]+/gu, '-').replaceAll(/^[. ]+|[. ]+$/g, ''));
  const ordered = names.every((name, i) => name !== '' && (i === 0 || names[i - 1]! < name));
  if (ordered) return names;
  const digits = Math.max(3, String(classes.length - 1).length);
  return names.map((name, label) => `${String(label).padStart(digits, '0')}-${name}`);
}

/**
 * Reads a folder that saveDistilledSet wrote.
 * @throws naming the file and what is wrong with it: no manifest or one of another form, an image that is missing,
 *   broken, not the one that was saved, or not in the manifest.
 */
export async function loadDistilledSet(folder: string): Promise<DistilledSet> {
  const { format: _format, version: _version, images, ...rest } = await readManifest(folder);
  await refuseExtraImages(folder, images);
  const read = images.map(async ({ file, label, fingerprint: expected, sources, logits }) => {
    const path = join(folder, file);
    if (!existsSync(path)) throw damaged(`${path} is missing`);
    const pixels = await decodeImage(await readFile(path), { path });
    if (pixelsHash(pixels) !== expected) throw damaged(`the pixels of ${path} are not those that were saved`);
    return { label, pixels, sources, ...(logits && { logits }) };
  });
  return { ...rest, images: await Promise.all(read) };
}

async function readManifest(folder: string): Promise<StoredManifest> {
  const path = join(folder, MANIFEST);
  if (!existsSync(path)) {
    throw new Error(
      `Expected a distilled set in ${resolve(folder)}, found no ${MANIFEST} there. Name the folder that save() wrote; a folder of photos is read by imageFolder({ folder }).`,
    );
  }
  const text = await readFile(path, 'utf8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new Error(`Expected ${path} to be JSON: ${(cause as Error).message}. Save the set again.`, { cause });
  }
  const parsed = storedSchema.safeParse(json);
  if (!parsed.success) {
    throw new Error(
      `Expected ${path} to be the manifest of a distilled set, version 2:\n${z.prettifyError(parsed.error)}\nSave the set again.`,
    );
  }
  const { classes, images } = parsed.data;
  const wrong = images.find(({ label }) => label >= classes.length);
  if (wrong) throw damaged(`${path} gives ${wrong.file} label ${wrong.label}, with ${classes.length} classes`);
  return parsed.data;
}

/** Python's readers would train on an image that was added; the manifest knows nothing of it. */
async function refuseExtraImages(folder: string, images: StoredManifest['images']): Promise<void> {
  const known = new Set(images.map(({ file }) => file));
  const there = existsSync(join(folder, 'train')) ? await readdir(join(folder, 'train'), { recursive: true }) : [];
  const extra = there
    .map((file) => `train/${file.replaceAll('\\', '/')}`)
    .find((file) => isPng(file) && !known.has(file));
  if (extra) throw damaged(`${join(folder, extra)} is not in its manifest`);
}

const isPng = (file: string): boolean => file.endsWith('.png');

const damaged = (what: string): Error =>
  new Error(`Expected a distilled set as it was saved, but ${what}. Save the set again, or restore the file.`);
