/** Folders of images, one subfolder per class: ImageNet and TinyImageNet as downloaded, one's own photos. */

import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { LongTask } from '../engine';
import { classNames } from './class-lists';
import { MissingDataError, UnreadableImageError } from './errors';
import { defaultIndexPath, hashFiles } from './file-index';
import { fingerprint } from './fingerprint';
import { type FolderLayout, type LeftOut, notAnImage, readLayout, type Split } from './folder-layout';
import { imageBudget, LruCache } from './lru';
import { decodeImage } from './pixels';
import { type PoolOptions, poolPlaces } from './pool';
import type { ImageDataset, Pixels } from './record';
import type { Kernel } from './resize';
import type { ImageNetSubset } from './subsets';

export interface ImageFolderOptions extends LongTask, Partial<PoolOptions> {
  /** Folder with the splits (`train/<class>/*.jpg`) or with the classes themselves. */
  folder: string;
  /** Subfolder to read; `val` and `test` stand in for each other. Default: `folder` holds the classes. */
  split?: Split;
  /** Short side that images are resized to, pixels. @default 256 */
  size?: number;
  /** Keep the aspect ratio, as paper 001 does; otherwise images are cropped to the centre square. @default true */
  keepRatio?: boolean;
  /** @default 'lanczos3' */
  kernel?: Kernel;
  /**
   * Which classes in which order, found by wnid or by name. Default: all folders, in the order of wnids.txt where there
   * is one (RDED's teachers of TinyImageNet take the wnids sorted), else sorted.
   */
  subset?: Pick<ImageNetSubset, 'name' | 'classes'>;
  /** Most images per class, chosen at random by `poolSeed`. @default Infinity */
  perClass?: number;
  /** Index file of content hashes. Default: one in the per-user cache. */
  indexPath?: string;
  /** Called with what was left out, when that is more than text files. Default: a warning on the console. */
  onLeftOut?: (leftOut: readonly LeftOut[]) => void;
}

interface FolderImage {
  readonly path: string;
  readonly label: number;
  readonly id: string;
}

/** What defines an image folder: its files, and how they are read. */
export interface ImageFolderListing {
  readonly name: string;
  readonly classes: readonly string[];
  /** Short side of an image, pixels. */
  readonly size: number;
  /** Whether images keep their aspect ratio or are squares. */
  readonly keepRatio: boolean;
  readonly kernel: Kernel;
  readonly images: readonly FolderImage[];
  /** Files of the class folders that aren't read, by reason. */
  readonly leftOut: readonly LeftOut[];
}

/** Reads and decodes images on demand; the most recent ones stay in memory. */
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
    const { size, keepRatio, kernel } = this.listing;
    return decodeImage(bytes, { size, keepRatio, kernel, path });
  }

  private at(i: number): FolderImage {
    const { images } = this.listing;
    const image = images[i];
    if (!image) throw new RangeError(`Expected an image index in 0 … ${images.length - 1} of ${this.name}, got ${i}.`);
    return image;
  }
}

/**
 * Opens a folder of images. Every file is hashed the first time (the hashes are kept), none is decoded. Reads JPEG, PNG,
 * WebP, GIF (its first picture), TIFF and AVIF; the layouts are those of readLayout.
 *
 * @example const woof = await imageFolder({ folder: 'imagenet', split: 'train', size: 224, subset: imageWoof });
 * @throws {MissingDataError} when the folder, a class of `subset`, or the images of a class aren't there
 */
export async function imageFolder(options: ImageFolderOptions): Promise<ImageFolder> {
  const { split, size = 256, keepRatio = true, kernel = 'lanczos3', subset } = options;
  const { perClass = Number.POSITIVE_INFINITY, poolSeed = 0 } = options;
  if (!Number.isInteger(size) || size < 1)
    throw new Error(`Expected size to be a whole number of pixels, got ${size}.`);
  const root = resolve(options.folder);
  const layout = await readLayout(root, split);
  const chosen = subset ? match(subset, layout) : layout.classes;
  const classes = subset ? subset.classes.map(({ name }) => name) : await classNames(chosen, layout.folder);
  const files: { path: string; label: number }[] = [];
  const empty: string[] = [];
  for (const [label, name] of chosen.entries()) {
    const paths = await layout.images(name);
    if (paths.length === 0) empty.push(name);
    for (const k of poolPlaces(paths.length, name, { perClass, poolSeed })) files.push({ path: paths[k]!, label });
  }
  const leftOut = layout.leftOut();
  checkNoneEmpty(empty, layout, leftOut);
  if (leftOut.some(({ reason }) => reason !== notAnImage)) (options.onLeftOut ?? warn)(leftOut);
  const title = `${subset?.name ?? basename(root)}${split ? ` ${split}` : ''}`;
  const hashes = await hashFiles(
    files.map(({ path }) => path),
    { ...options, label: `Hashing ${title}`, indexPath: options.indexPath ?? defaultIndexPath(layout.folder) },
  );
  const reading = `${size} ${kernel}${keepRatio ? ' whole' : ''}`;
  const images = files.map((file, k) => ({ ...file, id: fingerprint('image', hashes[k]!, reading) }));
  return new ImageFolder({ name: title, classes, size, keepRatio, kernel, images, leftOut });
}

const counted = (leftOut: readonly LeftOut[]): string =>
  leftOut.map(({ reason, count, example }) => `${reason}: ${count} (${example}${count > 1 ? ' …' : ''})`).join('; ');

const warn = (leftOut: readonly LeftOut[]): void => console.warn(`Left out: ${counted(leftOut)}.`);

function checkNoneEmpty(empty: readonly string[], { folder }: FolderLayout, leftOut: readonly LeftOut[]): void {
  if (empty.length === 0) return;
  const names = empty.slice(0, 3).map((name) => `'${name}'`);
  throw new MissingDataError(
    `Expected images (jpg, png, webp, gif, tif, avif) in every class folder of ${folder}, found none in ${names.join(', ')}${empty.length > 3 ? ` and ${empty.length - 3} more` : ''}${leftOut.length > 0 ? `. Left out: ${counted(leftOut)}` : ''}. Convert or add images there, or remove the folder.`,
    empty.map((name) => join(folder, name)),
  );
}

/** Finds each class of a subset among the folders: by wnid (`n02096294`, `n02096294_Australian_terrier`) or by name. */
function match({ name: title, classes }: Pick<ImageNetSubset, 'name' | 'classes'>, layout: FolderLayout): string[] {
  const plain = (name: string) => name.toLowerCase().replace(/[\s_-]+/g, ' ');
  return classes.map(({ wnid, name }) => {
    const place = layout.classes.find((candidate) => candidate.startsWith(wnid) || plain(candidate) === plain(name));
    if (place === undefined)
      throw new MissingDataError(
        `Expected a folder for '${name}' (${wnid}) of ${title} in ${layout.folder}, found ${layout.classes.length} folders, none of that name.`,
        [join(layout.folder, wnid)],
      );
    return place;
  });
}
