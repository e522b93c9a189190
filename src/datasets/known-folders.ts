/**
 * Finds image folders that were opened before by their content: settings and stage keys hold the fingerprint, and any
 * process of this user can look up the path.
 */
import { readFileSync } from 'node:fs';
import { writeWhole } from '../common';
import { ImageFolder, type ImageFolderListing } from './image-folder';
import { cacheFolder } from './locations';

const place = (fingerprint: string): string => cacheFolder('folders', `${fingerprint}.json`);

/**
 * Remembers where the images of a folder lie, under its fingerprint, in the per-user cache.
 * @throws if that can't be written: other processes would not find the images
 */
export function rememberFolder(folder: ImageFolder): void {
  const path = place(folder.fingerprint);
  try {
    writeWhole(path, JSON.stringify(folder.listing));
  } catch (error) {
    throw new Error(
      `Expected to note in the cache where the images of '${folder.name}' lie, since stages look them up there. ${(error as Error).message} The environment variable XDG_CACHE_HOME moves the cache.`,
      { cause: error },
    );
  }
}

/** The folder with this fingerprint, where it was opened on this machine before; undefined otherwise. */
export function knownFolder(fingerprint: string): ImageFolder | undefined {
  try {
    const folder = new ImageFolder(JSON.parse(readFileSync(place(fingerprint), 'utf8')) as ImageFolderListing);
    return folder.fingerprint === fingerprint ? folder : undefined;
  } catch {
    return undefined; // absent or damaged: it is opened again
  }
}
