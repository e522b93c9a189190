/** Folders that are found again by their content. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ImageFolder, type ImageFolderListing } from '../../src/datasets/image-folder';
import { knownFolder, rememberFolder } from '../../src/datasets/known-folders';
import { temporaryFolder } from '../helpers/temporary';

const listing: ImageFolderListing = {
  name: 'photos',
  classes: ['apple'],
  size: 16,
  keepRatio: false,
  kernel: 'linear',
  images: [],
  leftOut: [],
};

describe('rememberFolder', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('lets the folder be found by its fingerprint', () => {
    vi.stubEnv('XDG_CACHE_HOME', temporaryFolder());
    const folder = new ImageFolder(listing);
    expect(knownFolder(folder.fingerprint)).toBeUndefined();
    rememberFolder(folder);
    expect(knownFolder(folder.fingerprint)?.listing).toEqual(listing);
  });

  it('says what it is for, and how to move the cache, where that can’t be written', () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    vi.stubEnv('XDG_CACHE_HOME', file);
    const remember = () => rememberFolder(new ImageFolder(listing));
    expect(remember).toThrow("where the images of 'photos' lie");
    expect(remember).toThrow('XDG_CACHE_HOME');
  });
});
