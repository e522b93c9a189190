/** Data that lies beside the project, never in it: `../shared/data`. Tests that need it say so in their titles. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const shared = fileURLToPath(new URL('../../../shared/data', import.meta.url));

/** Path of a shared file or folder, or `undefined` when it isn't there. */
export function sharedData(...path: string[]): string | undefined {
  const place = join(shared, ...path);
  return existsSync(place) ? place : undefined;
}
