/** The priors that ship in data/, and their training. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** Names of the priors that ship. */
export function priors(): string[] {
  const home = join(project, 'data', 'priors');
  return existsSync(home) ? readdirSync(home).filter((name) => existsSync(join(home, name, 'model_index.json'))) : [];
}

/** Folder of a prior: one of data/priors by its name, or any folder in the diffusers layout. @throws naming those that ship. */
export function priorFolder(name: string): string {
  const shipped = join(project, 'data', 'priors', name);
  for (const folder of [shipped, name]) if (existsSync(join(folder, 'model_index.json'))) return folder;
  throw new Error(
    `Expected a prior among those in data/priors (${priors().join(', ') || 'none'}) or a folder with a model_index.json, got '${name}'. Train one: npm run train:priors`,
  );
}

/** Hash of every file of a prior: part of the key of what is computed with it. */
export function priorFingerprint(folder: string): string {
  const hash = createHash('sha256');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(json|safetensors|txt)$/.test(entry.name) && entry.name !== 'training.json')
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) hash.update(file.slice(folder.length)).update(readFileSync(file));
  return hash.digest('hex').slice(0, 32);
}
