/** The folder of images that a command is called with. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { showProgress } from '../../charts';
import { type ImageFolder, type ImageFolderOptions, imageFolder } from '../../datasets';

export interface OpenImagesOptions {
  /** Short side of the images, pixels. */
  size: number;
  /** Whether images keep their aspect ratio, or are cropped to the square in the centre. Default: false. */
  keepRatio?: boolean;
  /** Images of each class, at most: a random choice. Default: all. */
  perClass?: number | undefined;
  /** Subfolder. Default: `train` where there is one, else the folder itself. */
  split?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** Opens `FOLDER/train/<class>/*.jpg` or `FOLDER/<class>/*.jpg`. @throws when the split is none, or as imageFolder does */
export async function openImages(folder: string, options: OpenImagesOptions): Promise<ImageFolder> {
  const {
    size,
    keepRatio = false,
    perClass,
    signal,
    split = existsSync(join(folder, 'train')) ? 'train' : undefined,
  } = options;
  return imageFolder({
    folder,
    size,
    keepRatio,
    ...(perClass !== undefined && { perClass }),
    ...(split !== undefined && { split: splitNamed(split) }),
    signal,
    onProgress: showProgress('Opening the images'),
  });
}

function splitNamed(name: string): NonNullable<ImageFolderOptions['split']> {
  if (name === 'train' || name === 'val' || name === 'test') return name;
  throw new Error(`Expected a split among train, val and test, got '${name}'.`);
}
