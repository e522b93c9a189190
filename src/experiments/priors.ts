/** The priors that ship in data/, and their training. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rememberedHash, updateWithFile } from './file-hash';

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

/** Folder of a prior whose files are what a key says. @throws Error where they were changed since */
export function unchangedPriorFolder({ name, fingerprint }: { name: string; fingerprint: string }): string {
  const folder = priorFolder(name);
  if (priorFingerprint(folder) === fingerprint) return folder;
  throw new Error(`Prior '${name}' was changed after the run began. Run again: what's finished is kept.`);
}

/**
 * Hash of a prior's model_index.json and of its parts, which goes into the key of what is computed with it. Files that
 * only describe the prior (classes.json, training.json, its card) change no number and aren't included.
 */
export function priorFingerprint(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(({ name, parentPath }) => parentPath !== folder || name === 'model_index.json')
    .filter((entry) => entry.isFile() && /\.(json|safetensors|bin|txt)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return rememberedHash('prior', files, () => {
    const hash = createHash('sha256');
    for (const file of files) updateWithFile(hash.update(file.slice(folder.length)), file);
    return hash.digest('hex').slice(0, 32);
  });
}
