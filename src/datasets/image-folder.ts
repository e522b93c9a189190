/** Folders of images, one subfolder a class: ImageNet's layout, and the layout of distilled sets. */

import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { LongTask } from '../engine';
import { MissingDataError, UnreadableImageError } from './errors';
import { defaultIndexPath, hashFiles } from './file-index';
import { fingerprint } from './fingerprint';
import { imageBudget, LruCache } from './lru';
import { decodeImage, type Kernel } from './pixels';
import type { ImageDataset, Pixels } from './record';
import type { ImageNetSubset } from './subsets';

export interface ImageFolderOptions extends LongTask {
  /** Folder with the splits (`train/<class>/*.jpg`) or with the classes themselves. */
  folder: string;
  /** Subfolder to read; `val` and `test` stand in for each other. Default: `folder` holds the classes. */
  split?: 'train' | 'val' | 'test';
  /** Images are resized to this short edge, then cropped to the square in the centre. @default 256 */
  size?: number;
  /** @default 'lanczos3' */
  kernel?: Kernel;
  /** Which classes in which order, found by wnid or by name. Default: all folders, sorted. */
  subset?: Pick<ImageNetSubset, 'name' | 'classes'>;
  /** The first images of each class only. @default Infinity */
  perClass?: number;
  /** Index file of content hashes. Default: one in the per-user cache. */
  indexPath?: string;
}

interface FolderImage {
  readonly path: string;
  readonly label: number;
  readonly id: string;
}

/** All that an image folder is: which files, and how they are read. */
export interface ImageFolderListing {
  readonly name: string;
  readonly classes: readonly string[];
  /** Side of the squares, pixels. */
  readonly size: number;
  readonly kernel: Kernel;
  readonly images: readonly FolderImage[];
}

const isImage = (name: string) => /\.(jpe?g|png|webp)$/i.test(name) && !name.startsWith('.');

/** Images read and decoded when asked for; the last ones stay in memory. */
export class ImageFolder implements ImageDataset {
  readonly labels: Int32Array;
  readonly fingerprint: string;

  constructor(
    readonly listing: ImageFolderListing,
    private readonly decoded = new LruCache<Promise<Pixels>>(
      Math.max(16, Math.floor(imageBudget / (listing.size * listing.size * 3))),
    ),
  ) {
    const { classes, images } = listing;
    this.labels = Int32Array.from(images, ({ label }) => label);
    this.fingerprint = fingerprint(
      'image folder',
      classes.join('\n'),
      ...images.map(({ label, id }) => `${label}/${id}`),
    );
  }

  get name(): string {
    return this.listing.name;
  }

  get classes(): readonly string[] {
    return this.listing.classes;
  }

  get size(): number {
    return this.listing.size;
  }

  id(i: number): string {
    return this.at(i).id;
  }

  /** Path of image `i`. */
  path(i: number): string {
    return this.at(i).path;
  }

  image(i: number): Promise<Pixels> {
    const { path } = this.at(i);
    const known = this.decoded.get(path);
    if (known) return known;
    const pixels = this.read(path);
    pixels.catch(() => this.decoded.delete(path));
    this.decoded.set(path, pixels);
    return pixels;
  }

  subset(indices: ArrayLike<number>, name = `${this.name} (${indices.length} chosen)`): ImageFolder {
    const images = Array.from(indices, (i) => this.at(i));
    return new ImageFolder({ ...this.listing, name, images }, this.decoded);
  }

  private async read(path: string): Promise<Pixels> {
    let bytes: Buffer;
    try {
      bytes = await readFile(path);
    } catch (cause) {
      throw new UnreadableImageError(path, cause);
    }
    return decodeImage(bytes, { size: this.size, kernel: this.listing.kernel, path });
  }

  private at(i: number): FolderImage {
    const { images } = this.listing;
    const image = images[i];
    if (!image) throw new RangeError(`Expected an image index in 0 … ${images.length - 1} of ${this.name}, got ${i}.`);
    return image;
  }
}

/**
 * Opens a folder of images. Every file is hashed the first time (the hashes are kept), none is decoded.
 *
 * @example const woof = await imageFolder({ folder: 'imagenet', split: 'train', size: 224, subset: imageWoof });
 * @throws {MissingDataError} when the folder, or a class of `subset`, isn't there.
 */
export async function imageFolder(options: ImageFolderOptions): Promise<ImageFolder> {
  const { split, size = 256, kernel = 'lanczos3', subset, perClass = Number.POSITIVE_INFINITY } = options;
  if (!Number.isInteger(size) || size < 1)
    throw new Error(`Expected size to be a whole number of pixels, got ${size}.`);
  const root = resolve(options.folder);
  const folder = splitFolder(root, split);
  const found = (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort();
  const chosen = subset ? match(subset, found, folder) : found.map((name) => ({ folder: name, name }));
  const files: { path: string; label: number }[] = [];
  for (const [label, { folder: name }] of chosen.entries()) {
    const names = (await readdir(join(folder, name))).filter(isImage).sort();
    for (const file of names.slice(0, perClass)) files.push({ path: join(folder, name, file), label });
  }
  if (files.length === 0)
    throw new MissingDataError(
      `Expected images (jpg, png, webp) in ${join(folder, '<class>')}, found none in ${chosen.length} class folders.`,
      [folder],
    );
  const title = `${subset?.name ?? root.split(/[\\/]/).at(-1)}${split ? ` ${split}` : ''}`;
  const hashes = await hashFiles(
    files.map(({ path }) => path),
    { ...options, label: `Hashing ${title}`, indexPath: options.indexPath ?? defaultIndexPath(folder) },
  );
  const images = files.map((file, k) => ({ ...file, id: fingerprint('image', hashes[k]!, `${size} ${kernel}`) }));
  return new ImageFolder({ name: title, classes: chosen.map(({ name }) => name), size, kernel, images });
}

function splitFolder(root: string, split: ImageFolderOptions['split']): string {
  const names =
    split === undefined ? [''] : split === 'train' ? ['train'] : split === 'val' ? ['val', 'test'] : ['test', 'val'];
  const places = names.map((name) => join(root, name));
  const folder = places.find((place) => existsSync(place));
  if (folder === undefined)
    throw new MissingDataError(`Expected a folder of images at ${places.join(' or ')}, found nothing there.`, places);
  return folder;
}

/** Finds each class of a subset among the folders: by wnid (`n02096294`, `n02096294_Australian_terrier`) or by name. */
function match(subset: Pick<ImageNetSubset, 'name' | 'classes'>, found: readonly string[], folder: string) {
  const plain = (name: string) => name.toLowerCase().replace(/[\s_-]+/g, ' ');
  return subset.classes.map(({ wnid, name }) => {
    const place = found.find((candidate) => candidate.startsWith(wnid) || plain(candidate) === plain(name));
    if (place === undefined)
      throw new MissingDataError(
        `Expected a folder for '${name}' (${wnid}) of ${subset.name} in ${folder}, found ${found.length} folders, none of that name.`,
        [join(folder, wnid)],
      );
    return { folder: place, name };
  });
}
