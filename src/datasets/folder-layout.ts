/** Which image of a folder belongs to which class, in the layouts that datasets are downloaded in. */

import { existsSync, type Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { listedOrder, textLines } from './class-lists';
import { MissingDataError } from './errors';

export type Split = 'train' | 'val' | 'test';

/** Files that aren't read, counted by reason. */
export interface LeftOut {
  readonly reason: string;
  readonly count: number;
  /** Path of the first one. */
  readonly example: string;
}

/** Reason given for text files and the like, which are common and need no warning. */
export const notAnImage = 'not images';

/** What sharp decodes, and images that it doesn't. */
const readable = /\.(jpe?g|jpe|jfif|png|webp|gif|tiff?|avif)$/i;
const unreadable = /\.(bmp|dib|p[bgpn]m|jp2|j2k|heic|heif|jxl|ico|tga|svgz?|psd|exr|hdr|dng|cr2|nef)$/i;

/** The classes of a folder, and where each one's images are. */
export interface FolderLayout {
  /** The folder of the split. */
  readonly folder: string;
  /** Names of the class folders (wnids in ImageNet's layouts) in label order. */
  readonly classes: readonly string[];
  /** Paths of a class's images, sorted. */
  images(className: string): Promise<string[]>;
  /** Files skipped so far. */
  leftOut(): LeftOut[];
}

/**
 * Reads the layout of a folder: `<split>/<class>/*.jpg`, the classes without a split, or TinyImageNet as it is downloaded
 * (`train/<wnid>/images/*.JPEG`, `val/images` with val_annotations.txt). Labels follow `wnids.txt` where there is one,
 * else the sorted names. Links are followed.
 * @throws {MissingDataError} when there are no class folders, or images without labels
 */
export async function readLayout(root: string, split: Split | undefined): Promise<FolderLayout> {
  const passed = new PassedOver();
  const folder = await splitFolder(root, split);
  const entries = await list(folder, passed);
  const annotations = annotationFile(folder);
  const labelled = annotations ? await annotatedImages(folder, annotations, passed) : undefined;
  if (!labelled) checkClassFolders(folder, split, entries);
  for (const path of entries.images) passed.add('beside the class folders', path);
  const found = labelled ? [...labelled.keys()].sort() : entries.folders;
  return {
    folder,
    classes: await listedOrder(found, folder),
    images: async (name) => labelled?.get(name) ?? (await classImages(join(folder, name), passed)),
    leftOut: () => passed.counts(),
  };
}

class PassedOver {
  private readonly reasons = new Map<string, { count: number; example: string }>();

  add(reason: string, path: string): void {
    const seen = this.reasons.get(reason);
    if (seen) seen.count += 1;
    else this.reasons.set(reason, { count: 1, example: path });
  }

  counts(): LeftOut[] {
    return Array.from(this.reasons, ([reason, seen]) => ({ reason, ...seen }));
  }
}

/** What a split may be called, `val` and `test` standing in for each other where one is absent or has no labels. */
async function splitFolder(root: string, split: Split | undefined): Promise<string> {
  const names =
    split === undefined ? [''] : split === 'train' ? ['train'] : split === 'val' ? ['val', 'test'] : ['test', 'val'];
  const places = names.map((name) => join(root, name));
  const present = places.filter((place) => existsSync(place));
  if (present.length === 0)
    throw new MissingDataError(
      `Expected a folder of images at ${places.join(' or ')}, found nothing there.${split ? ` Leave out split: '${split}' if ${root} itself holds the class folders.` : ''}`,
      places,
    );
  for (const place of present) if (!(await isUnlabelled(place))) return place;
  throw new MissingDataError(
    `Expected images in class folders, or ${basename(present[0]!)}_annotations.txt beside them, in ${present.join(' and ')}: these images have no labels.`,
    present,
  );
}

/** Whether all that a folder holds is `images`, as TinyImageNet's test set. */
async function isUnlabelled(place: string): Promise<boolean> {
  if (annotationFile(place)) return false;
  const folders = (await readdir(place, { withFileTypes: true })).filter((entry) => !entry.isFile());
  return folders.length === 1 && folders[0]!.name === 'images';
}

/** `val/val_annotations.txt`, which gives the label of each image in `val/images`. */
function annotationFile(folder: string): string | undefined {
  const path = join(folder, `${basename(folder)}_annotations.txt`);
  return existsSync(path) && existsSync(join(folder, 'images')) ? path : undefined;
}

function checkClassFolders(folder: string, split: Split | undefined, { folders, images }: Entries): void {
  if (split === undefined && folders.includes('train') && (folders.includes('val') || folders.includes('test')))
    throw new MissingDataError(
      `Expected class folders in ${folder}, found the splits ${folders.join(', ')}. Choose one: split: 'train'.`,
      [folder],
    );
  if (folders.length === 0)
    throw new MissingDataError(
      `Expected a folder of images for each class in ${folder}, found none${images.length > 0 ? `, but ${images.length} images without a class. Sort them into folders` : ''}.`,
      [folder],
    );
}

interface Entries {
  folders: string[];
  images: string[];
}

/** Folders, and paths of images that can be read, sorted by name; the rest is skipped. */
async function list(folder: string, passed: PassedOver): Promise<Entries> {
  const entries: Entries = { folders: [], images: [] };
  const found = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !name.startsWith('.'));
  for (const entry of found.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    const target = entry.isSymbolicLink() ? await linked(path) : entry;
    if (target === undefined) passed.add('links that lead nowhere', path);
    else if (target.isDirectory()) entries.folders.push(entry.name);
    else if (readable.test(entry.name)) entries.images.push(path);
    else if (unreadable.test(entry.name))
      passed.add(`${entry.name.slice(entry.name.lastIndexOf('.')).toLowerCase()}, a format that isn't read`, path);
    else passed.add(notAnImage, path);
  }
  return entries;
}

/** The target of a link; undefined if it is broken. */
async function linked(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes((cause as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw cause;
  }
}

/** Images of a class folder, or of the folder `images` in it. */
async function classImages(folder: string, passed: PassedOver): Promise<string[]> {
  const { folders, images } = await list(folder, passed);
  const nested = images.length === 0 && folders.includes('images');
  for (const name of folders)
    if (!nested || name !== 'images') passed.add('folders inside a class folder', join(folder, name));
  return nested ? (await list(join(folder, 'images'), passed)).images : images;
}

/** Images by the wnid that a file of lines `<file> <tab> <wnid> …` gives them. */
async function annotatedImages(
  folder: string,
  annotations: string,
  passed: PassedOver,
): Promise<Map<string, string[]>> {
  const wnids = new Map<string, string>();
  for (const line of textLines(await readFile(annotations, 'utf8'))) {
    const [file, wnid] = line.split('\t');
    if (!file || !wnid)
      throw new Error(`Expected lines of file, tab, class in ${annotations}, got '${line}'. Download it again.`);
    wnids.set(file, wnid);
  }
  const byClass = new Map<string, string[]>();
  for (const wnid of wnids.values()) byClass.set(wnid, []);
  for (const path of (await list(join(folder, 'images'), passed)).images) {
    const wnid = wnids.get(basename(path));
    if (wnid === undefined) passed.add(`without a label in ${basename(annotations)}`, path);
    else byClass.get(wnid)!.push(path);
  }
  return byClass;
}
