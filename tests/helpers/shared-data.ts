/** Data that lies beside the project, never in it: `../shared/data`. Tests that need it say so when it is absent. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const shared = fileURLToPath(new URL('../../../shared/data', import.meta.url));

/** Path of a shared file or folder, or `undefined` (with a line on the console) when it isn't there. */
export function sharedData(...path: string[]): string | undefined {
  const place = join(shared, ...path);
  if (existsSync(place)) return place;
  console.warn(`${join('../shared/data', ...path)} is absent: the tests that read it don't run.`);
  return undefined;
}
