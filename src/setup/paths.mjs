/** Where the set-up puts things. */
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** Shared by all clones of one user, since the native library is 850 MB. */
export const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'stillhouse');
/** The project's own Python. */
export const venv = join(root, '.venv');
export const python = join(venv, 'bin', 'python');
/** This clone's own files: locks, reports, the store. */
export const local = join(root, '.stillhouse');
export const tfjs = join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu');
