import { homedir } from 'node:os';
import { join } from 'node:path';

/** The per-user cache that all clones share: `$XDG_CACHE_HOME/stillhouse`, or `~/.cache/stillhouse`. */
export function cacheFolder(...path: string[]): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'stillhouse', ...path);
}
