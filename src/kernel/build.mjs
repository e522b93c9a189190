/**
 * Compiles what a kernel runs, by esbuild (tsx's compiler), and keeps the result until a source changes:
 *
 * - the kernel's own programs as bundles, because a TypeScript loader in the server, its compiler thread and the cell
 *   process would add to the start-up time and the memory of an idle kernel;
 * - the library's files one by one, because a TypeScript loader would ask another thread for each of them.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import timers from 'node:timers'; // not the global ones, which belong to a cell
import { pathToFileURL } from 'node:url';

const DAY = 86_400_000;

/** A build that no kernel has used for this long is deleted, ms. */
const KEPT = 7 * DAY;

/** The programs of a kernel: the server, the cell process, the cell process' watchdog and module hooks. */
const PROGRAMS = ['main', 'cell/main', 'cell/watchdog', 'cell/hooks'];

/** The server's compiler thread, bundled with TypeScript. */
const COMPILER = 'compiler/worker';

/**
 * Builds the kernel's programs.
 * @param {string} root The project's folder.
 * @returns {Promise<string>} The folder with one `.mjs` file per program.
 */
export function buildPrograms(root) {
  const source = join(root, 'src', 'kernel');
  const compiler = createRequire(join(root, 'package.json')).resolve('typescript/package.json');
  const files = [...sources(source, () => true), compiler];
  const entries = (names) => Object.fromEntries(names.map((name) => [name, join(source, `${name}.ts`)]));
  return built(root, 'programs', files, async (esbuild, outdir) => {
    await esbuild.build({ ...common(outdir), entryPoints: entries(PROGRAMS), packages: 'external' });
    // Without comments and non-ASCII characters TypeScript loads faster and takes less memory.
    await esbuild.build({
      ...common(outdir),
      entryPoints: entries([COMPILER]),
      banner: { js: asCommonJs('typescript') },
      minifyWhitespace: true,
      minifySyntax: true,
      legalComments: 'none',
    });
  });
}

/**
 * Builds the library as plain JavaScript: each `src/x/y.ts` becomes `x/y.mjs`, and imports other built files.
 * @param {string} root The project's folder.
 * @returns {Promise<string>} The folder of the build.
 */
export function buildLibrary(root) {
  const source = join(root, 'src');
  const library = sources(
    source,
    (file) => file.endsWith('.ts') && !/\.d\.ts$|^(?:kernel|setup)[\\/]|^cli\.ts$/.test(file),
  );
  const known = new Set(library);
  return built(root, 'library', library, (esbuild, outdir) =>
    esbuild.build({
      ...common(outdir),
      logLevel: 'silent',
      entryPoints: library,
      outbase: source,
      sourcesContent: false,
      define: { 'import.meta.url': '__source' },
      plugins: [fileByFile(known)],
    }),
  );
}

const common = (outdir) => ({
  outdir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  logLevel: 'error',
});

/** Defines `require`, `__filename` and `__dirname` for a bundled CommonJS package, as in the package's own folder. */
const asCommonJs = (name) =>
  [
    "import { createRequire as __createRequire } from 'node:module';",
    "import { dirname as __dirnameOf } from 'node:path';",
    'const require = __createRequire(import.meta.url);',
    `const __filename = require.resolve('${name}');`,
    'const __dirname = __dirnameOf(__filename);',
  ].join('\n');

/** An esbuild plugin that keeps every import as an import, of the built file. */
const fileByFile = (known) => ({
  name: 'file by file',
  setup(build) {
    build.onResolve({ filter: /./ }, ({ kind, path, resolveDir, importer }) => {
      if (kind === 'entry-point') return undefined;
      if (!path.startsWith('.')) return { path, external: true };
      const asked = join(resolveDir, path);
      const file = [asked, `${asked}.ts`, join(asked, 'index.ts')].find((candidate) => known.has(candidate));
      if (file === undefined) return { path: pathToFileURL(asked).href, external: true };
      const name = relative(dirname(importer), file).replaceAll(sep, '/').replace(/\.ts$/, '.mjs');
      return { path: name.startsWith('.') ? name : `./${name}`, external: true };
    });
    // `import.meta.url` stays the address of the source: stages hash it, and some modules read files beside it.
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const place = text.includes('import.meta.url')
        ? `const __source = ${JSON.stringify(pathToFileURL(path).href)};`
        : '';
      return { loader: 'ts', contents: place + text };
    });
  },
});

/** Absolute paths of the files below a folder whose relative path is `wanted`. */
function sources(folder, wanted) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter((file) => wanted(relative(folder, file)))
    .sort();
}

/** Number of builds in progress in this process; they share esbuild's service. */
let building = 0;

/** The folder of a build, which is named by a hash of its sources' names, sizes and times; made if it isn't there. */
async function built(root, name, files, make) {
  const base = cacheFolder(root);
  const folder = join(base, `${name}-${keyOf([...files, join(root, 'src', 'kernel', 'build.mjs')])}`);
  if (existsSync(folder)) {
    keepInUse(folder);
    return folder;
  }
  forgetOld(base);
  const esbuild = createRequire(createRequire(join(root, 'package.json')).resolve('tsx'))('esbuild');
  // Written to another folder and renamed, so that two kernels can start at once.
  const work = mkdtempSync(`${folder}-`);
  building++;
  try {
    await make(esbuild, work);
    renameSync(work, folder);
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  } finally {
    building--;
    if (building === 0) esbuild.stop(); // Or its service would keep running beside the kernel.
  }
  keepInUse(folder);
  return folder;
}

function keyOf(files) {
  const hash = createHash('sha256').update(process.version);
  for (const file of files) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${file}:${size}:${mtimeMs}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

/** The first writable folder: the project's own cache, else one in the system's temporary folder. */
function cacheFolder(root) {
  const own = join(root, '.stillhouse', 'kernel');
  const user = process.getuid?.();
  const project = createHash('sha256').update(root).digest('hex').slice(0, 8);
  for (const folder of [own, join(tmpdir(), `stillhouse-kernel-${user}-${project}`)]) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      // Don't run what another user has put into a shared folder.
      if (folder !== own && statSync(folder).uid !== user) continue;
      // Lets builds find the project's packages.
      const packages = join(folder, 'node_modules');
      if (folder !== own && !existsSync(packages)) symlinkSync(join(root, 'node_modules'), packages);
      return folder;
    } catch {
      // A read-only checkout: try the next folder.
    }
  }
  throw new Error('Expected a writable folder for the compiled kernel, found none. Make .stillhouse/ writable.');
}

function forgetOld(base) {
  for (const name of readdirSync(base).filter((entry) => entry !== 'node_modules')) {
    const folder = join(base, name);
    const used = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - used > KEPT) rmSync(folder, { recursive: true, force: true });
  }
}

/** Folders that this process keeps in use. */
const kept = new Set();

/** Marks a build as in use, now and daily while this process runs: a kernel may run for weeks. */
function keepInUse(folder) {
  touch(folder);
  if (kept.has(folder)) return;
  kept.add(folder);
  timers.setInterval(touch, DAY, folder).unref();
}

function touch(folder) {
  try {
    const now = new Date();
    utimesSync(folder, now, now);
  } catch {
    // Another user's, or a read-only disk, where nothing is deleted either.
  }
}
