/** Hashes of files that tables depend on: weights of priors and of teachers. */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';

/** Hashes by the files' paths, sizes and times, since every cell of a table asks for the same. */
const known = new Map<string, string>();

/** What `hash` gives for these files, computed once as long as none of them changes. @param kind tells its results from other hashes' */
export function rememberedHash(kind: string, files: readonly string[], hash: () => string): string {
  const state = JSON.stringify([kind, files.map((file) => [file, statSync(file).size, statSync(file).mtimeMs])]);
  const before = known.get(state);
  if (before !== undefined) return before;
  const made = hash();
  known.set(state, made);
  return made;
}

/** SHA-256 of a file's bytes, in hexadecimal. */
export const fileHash = (path: string): string =>
  rememberedHash('file', [path], () => updateWithFile(createHash('sha256'), path).digest('hex'));

/**
 * Hashes a file in pieces, since Stable Diffusion's weights are larger than Node reads at once. At once, unlike
 * `hashFile`: settings are bound without waiting, and a prior's hash goes on over several files.
 */
export function updateWithFile(hash: Hash, path: string): Hash {
  const file = openSync(path, 'r');
  try {
    const piece = Buffer.alloc(1 << 20);
    for (let length = readSync(file, piece); length > 0; length = readSync(file, piece)) {
      hash.update(piece.subarray(0, length));
    }
  } finally {
    closeSync(file);
  }
  return hash;
}
