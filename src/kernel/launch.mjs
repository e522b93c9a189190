/** Starts the kernel: `node src/kernel/launch.mjs CONNECTION_FILE [typescript|javascript]`. */
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { buildPrograms } from './build.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/**
 * Starts a kernel in this process.
 * @param {string} connectionFile Path of Jupyter's connection file.
 * @param {'typescript' | 'javascript'} language The language of its cells.
 */
export async function launch(connectionFile, language) {
  patientOptimiser();
  const programs = await buildPrograms(root);
  const { runKernel } = await import(pathToFileURL(join(programs, 'main.mjs')).href);
  await runKernel(connectionFile, { language, root, programs });
}

/**
 * Makes V8 optimise functions later. Under Node 20 it would be busy optimising TypeScript's functions while the first
 * import loads modules and checks types on the same few cores. Later versions of V8 don't have this setting.
 */
function patientOptimiser() {
  if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=300000');
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [connectionFile, language = 'typescript'] = process.argv.slice(2);
  if (connectionFile === undefined || !['typescript', 'javascript'].includes(language)) {
    process.stderr.write(
      'Expected the path of a Jupyter connection file, and optionally the language of the cells: ' +
        'node src/kernel/launch.mjs FILE [typescript|javascript].\n',
    );
    process.exit(2);
  }
  launch(connectionFile, language).catch((error) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
}
