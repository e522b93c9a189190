/** The lists beside class folders: wnids.txt gives their order, words.txt what they are called (TinyImageNet). */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MissingDataError } from './errors';
import { imageNetClass } from './imagenet-classes';

/** The lines of a text, trimmed, without empty ones. */
export const textLines = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean);

/** A list in the folder of the classes or in the one above it. */
async function readList(name: string, folder: string): Promise<{ path: string; lines: string[] } | undefined> {
  const path = [folder, dirname(folder)].map((place) => join(place, name)).find((place) => existsSync(place));
  return path === undefined ? undefined : { path, lines: textLines(await readFile(path, 'utf8')) };
}

/**
 * The classes in the order of wnids.txt, or in the given order if there is none.
 * @throws {MissingDataError} when the list and the classes differ: labels would shift
 */
export async function listedOrder(classes: readonly string[], folder: string): Promise<readonly string[]> {
  const list = await readList('wnids.txt', folder);
  if (!list) return classes;
  const [listed, found] = [new Set(list.lines), new Set(classes)];
  const differing = [...[...listed].filter((name) => !found.has(name)), ...classes.filter((name) => !listed.has(name))];
  if (differing.length > 0)
    throw new MissingDataError(
      `Expected the classes of ${list.path}, and no others, in ${folder}; ${differing.length} differ: ${differing.slice(0, 3).join(', ')}${differing.length > 3 ? ' …' : ''}. Complete the folder, or remove wnids.txt.`,
      [list.path],
    );
  return [...listed];
}

/**
 * Nouns for prompts, of class folders: a WordNet id (`n02099601`, `n02099601_golden_retriever`) gets ImageNet's name or
 * that of words.txt, other folders their own name with spaces for underscores. Two classes never share a name.
 */
export async function classNames(folders: readonly string[], folder: string): Promise<string[]> {
  const wnids = folders.map((name) => /^n\d{8}(?=$|[^\d])/.exec(name)?.[0]);
  const needed = wnids.some((wnid) => wnid !== undefined && !imageNetClass(wnid));
  const words = new Map(
    (needed ? await readList('words.txt', folder) : undefined)?.lines.map((line) => {
      const [wnid, names = ''] = line.split('\t');
      return [wnid!, names.split(',')[0]!.trim()] as const;
    }),
  );
  const names = folders.map((name, k) => {
    const wnid = wnids[k];
    return (wnid && (imageNetClass(wnid)?.name ?? words.get(wnid))) || name.replaceAll('_', ' ');
  });
  return names.map((name, k) => (names.indexOf(name) === names.lastIndexOf(name) ? name : folders[k]!));
}
