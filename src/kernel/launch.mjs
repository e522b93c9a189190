/**
 * Starts the kernel: `node src/kernel/launch.mjs CONNECTION_FILE`.
 *
 * The kernel's own TypeScript is bundled once by esbuild (tsx's compiler) into a cache beside node_modules and
 * reused until a file changes, because a TypeScript loader in the server, its compiler thread and the cell process
 * would triple the start-up time and the memory of an idle kernel. Cells still load `src/` through tsx itself.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');

/** The programs of a kernel: the server, its compiler thread, the cell process, the thread beside the cells. */
const entries = ['main.ts', 'compiler/worker.ts', 'cell/main.ts', 'cell/watchdog.ts'];

/** A key of the kernel's sources: names, sizes, times. A changed file gives another bundle. */
function sourceKey() {
  const hash = createHash('sha256').update(process.version);
  for (const entry of readdirSync(here, { recursive: true }).map(String).sort()) {
    const file = join(here, entry);
    const stat = statSync(file);
    if (stat.isFile()) hash.update(`${entry}:${stat.size}:${stat.mtimeMs}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

/** The first folder that can be written to: the project's own cache, else the system's temporary folder. */
function cacheFolder() {
  for (const folder of [
    join(root, '.stillhouse', 'kernel'),
    join(tmpdir(), `stillhouse-kernel-${process.getuid?.()}`),
  ]) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      // Packages are found from the bundle as from the project.
      const packages = join(folder, 'node_modules');
      if (!folder.startsWith(root) && !exists(packages)) symlinkSync(join(root, 'node_modules'), packages);
      return folder;
    } catch {
      // A read-only checkout: the next folder.
    }
  }
  throw new Error('Expected a writable folder for the compiled kernel, found none. Make .stillhouse/ writable.');
}

function exists(file) {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

/** Bundles the kernel into `folder` (written beside it and renamed, so two kernels can start at once). */
function bundle(folder) {
  const require = createRequire(import.meta.url);
  const esbuild = createRequire(require.resolve('tsx'))('esbuild');
  const work = mkdtempSync(`${folder}-`);
  esbuild.buildSync({
    entryPoints: Object.fromEntries(entries.map((entry) => [entry.slice(0, -3), join(here, entry)])),
    outdir: work,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    sourcemap: true,
    logLevel: 'error',
  });
  esbuild.stop(); // Its service would stay beside the kernel.
  try {
    renameSync(work, folder);
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    if (!exists(folder)) throw error;
  }
}

/**
 * Starts a kernel in this process.
 * @param {string} connectionFile Path of Jupyter's connection file.
 */
export async function launch(connectionFile) {
  const base = cacheFolder();
  const folder = join(base, sourceKey());
  if (!exists(folder)) {
    for (const old of readdirSync(base).filter((name) => name !== 'node_modules')) {
      const stale = join(base, old);
      const unused = Date.now() - (statSync(stale, { throwIfNoEntry: false })?.mtimeMs ?? 0) > 86_400_000;
      if (unused) rmSync(stale, { recursive: true, force: true });
    }
    bundle(folder);
  }
  const { runKernel } = await import(pathToFileURL(join(folder, 'main.mjs')).href);
  await runKernel(connectionFile, { root, programs: folder });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const connectionFile = process.argv[2];
  if (connectionFile === undefined) {
    process.stderr.write('Expected the path of a Jupyter connection file: node src/kernel/launch.mjs FILE.\n');
    process.exit(2);
  }
  launch(connectionFile).catch((error) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
}
