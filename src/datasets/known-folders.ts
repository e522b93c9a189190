/**
 * Finds image folders that were opened before by their content: settings and stage keys hold the fingerprint, and any
 * process of this user can look up the path.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ImageFolder, type ImageFolderListing } from './image-folder';
import { cacheFolder } from './locations';

const place = (fingerprint: string): string => cacheFolder('folders', `${fingerprint}.json`);

/** Remembers where the images of a folder lie, under its fingerprint, in the per-user cache. */
export function rememberFolder(folder: ImageFolder): void {
  const path = place(folder.fingerprint);
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID()}`;
  writeFileSync(temporary, JSON.stringify(folder.listing));
  renameSync(temporary, path);
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
