/** The npm packages, exactly as package-lock.json says, without their install scripts. */
import { join } from 'node:path';
import { root } from './paths.mjs';
import { runCommand } from './run-command.mjs';
import { fingerprint, isDone, markDone, readIfThere } from './stamp.mjs';

const lock = join(root, 'package-lock.json');
const stamp = join(root, 'node_modules', '.stillhouse-packages');
const wanted = () => fingerprint({ file: lock }, process.platform, process.arch);

export const packagesAreReady = () => isDone(stamp, wanted());

/** Installs the packages. An interrupted npm ci leaves no stamp, and the next one starts from an empty node_modules. */
export async function preparePackages() {
  if (packagesAreReady()) return;
  const total = Object.keys(JSON.parse(readIfThere(lock) ?? '{}').packages ?? {}).length - 1;
  const seen = new Set();
  await runCommand('npm packages', 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=http'], {
    cwd: root,
    progress: (line) => fetched(line, seen, total),
    remedy: 'Check the network (npm ping) and run the same command again.',
  });
  markDone(stamp, wanted());
}

/**
 * Progress from npm's lines 'npm http fetch GET 200 URL …': the number of packages fetched. Packages for other platforms
 * count in the total but are never fetched.
 * @param {string} line
 * @param {Set<string>} seen
 * @param {number} total
 */
export function fetched(line, seen, total) {
  const [, address] = /^npm http (?:fetch|cache) (?:GET \d+ )?(\S+\.tgz)/.exec(line) ?? [];
  if (!address) return undefined;
  seen.add(address);
  return `${seen.size} of ${total} at most`;
}
