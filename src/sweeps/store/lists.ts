/** Lists of outputs by their hash: what a mapped stage's output, as its users' keys have it, was made of. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../canonical';
import { moveInto, readIfThere, writeTemporary } from './files';
import type { Store } from './store';

const textOf = (outputs: readonly string[]) => JSON.stringify(outputs);

/** Hash of a list of outputs, as an input's or a mapped stage's. */
export function listHash(outputs: readonly string[]): string {
  return sha256(textOf(outputs));
}

/** Writes a list down; no result needs it, only those who ask where one is from. */
export async function noteList(store: Store, outputs: readonly string[]): Promise<void> {
  const path = listPath(store, listHash(outputs));
  if (!existsSync(path)) await moveInto(store.root, await writeTemporary(store.root, textOf(outputs), 0o444), path);
}

/** The outputs of a list; undefined where the hash is of one output, or the list isn't there. */
export function readList(store: Store, hash: string): string[] | undefined {
  const text = readIfThere(listPath(store, hash));
  return text !== undefined && sha256(text) === hash ? (JSON.parse(text) as string[]) : undefined;
}

function listPath(store: Store, hash: string): string {
  return join(store.root, 'lists', `${hash}.json`);
}
