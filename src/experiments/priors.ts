/** The priors that ship in data/, and their training. */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** Names of the priors that ship. */
export function priors(): string[] {
  const home = join(project, 'data', 'priors');
  return existsSync(home) ? readdirSync(home).filter((name) => existsSync(join(home, name, 'model_index.json'))) : [];
}

/** Folder of a prior: a name in data/priors, or any folder in the diffusers layout. @throws Error listing those that ship */
export function priorFolder(name: string): string {
  const shipped = join(project, 'data', 'priors', name);
  for (const folder of [shipped, name]) if (existsSync(join(folder, 'model_index.json'))) return folder;
  throw new Error(
    `Expected a prior among those in data/priors (${priors().join(', ') || 'none'}) or a folder with a model_index.json, got '${name}'. Train one on your images: npx stillhouse train-prior FOLDER`,
  );
}

/** Cache of fingerprints by the paths, sizes and times of a prior's files, since every plan asks for them. */
const known = new Map<string, string>();

/**
 * Hash of a prior's model_index.json and of its parts, which goes into the key of what is computed with it. Files that
 * only describe the prior (classes.json, training.json, its card) change no number and aren't included.
 */
export function priorFingerprint(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(({ name, parentPath }) => parentPath !== folder || name === 'model_index.json')
    .filter((entry) => entry.isFile() && /\.(json|safetensors|txt)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const state = JSON.stringify(files.map((file) => [file, statSync(file).size, statSync(file).mtimeMs]));
  const before = known.get(state);
  if (before !== undefined) return before;
  const hash = createHash('sha256');
  for (const file of files) updateWithFile(hash.update(file.slice(folder.length)), file);
  const fingerprint = hash.digest('hex').slice(0, 32);
  known.set(state, fingerprint);
  return fingerprint;
}

/** Hashes a file in pieces, since Stable Diffusion's weights are larger than Node reads at once. */
function updateWithFile(hash: Hash, path: string): void {
  const file = openSync(path, 'r');
  try {
    const piece = Buffer.alloc(1 << 20);
    for (let length = readSync(file, piece); length > 0; length = readSync(file, piece)) {
      hash.update(piece.subarray(0, length));
    }
  } finally {
    closeSync(file);
  }
}
