/** The N-API binding: tfjs-node's two C++ files and our own kernels, compiled against the wheel's headers and libraries. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './lock.mjs';
import { cache, root, tfjs } from './paths.mjs';
import { SetupProblem } from './problem.mjs';
import { runCommand } from './run-command.mjs';
import { fingerprint } from './stamp.mjs';

export const binding = join(tfjs, 'lib', 'napi-v8', 'tfjs_binding.node');
const native = join(root, 'src', 'engine', 'native');
/** Operations that TensorFlow lacks; they register themselves when the binding is loaded. */
const kernels = ['kernels.cc', 'convolution-kernels.cc', 'transformer-kernels.cc', 'attention-kernels.cc'].map((name) =>
  join(native, name),
);
/** A small library, loaded with the binding, that sets TensorFlow's log level before TensorFlow does. */
const logLevel = join(native, 'log-level.cc');
/** Our own C++ files, headers included, and this file, which has the compiler's flags: a change to any rebuilds the binding. */
export const bindingSources = [
  ...readdirSync(native)
    .sort()
    .map((name) => join(native, name)),
  fileURLToPath(import.meta.url),
];
const mac = process.platform === 'darwin';
const [compiler = '', ...compilerArgs] = (process.env.CXX || (mac ? 'clang++' : 'g++')).split(' ').filter(Boolean);
const version = () => spawnSync(compiler, [...compilerArgs, '--version'], { encoding: 'utf8' });

const LOG_LEVEL_LIBRARY = 'libstillhouse_log_level.so';

export const compilerName = compiler;

/** The first line of the compiler's `--version`; undefined if there is no compiler. */
export function compilerVersion() {
  const { status, stdout } = version();
  return status === 0 ? stdout.split('\n')[0] : undefined;
}

/**
 * Puts the compiled binding and the link to the libraries in place. It is compiled once per user for the same sources,
 * flags, compiler and TensorFlow.
 * @param {string} libraries the folder of the libraries
 * @param {import('./wheels.mjs').Wheel} wheel
 * @param {string} headers the folder of the headers
 */
export async function installBinding(libraries, wheel, headers = join(libraries, 'include')) {
  linkLibraries(libraries);
  const sources = [...readdirSync(join(tfjs, 'binding')).map((name) => join(tfjs, 'binding', name)), ...bindingSources];
  const files = sources.map((file) => ({ file }));
  const kept = join(
    cache,
    'bindings',
    fingerprint(version().stdout, wheel.sha256, process.arch, ...files).slice(0, 16),
  );
  if (!existsSync(kept)) {
    const onWait = (owner) =>
      process.stderr.write(`  Waiting for process ${owner}, which is compiling the binding …\n`);
    await withLock(
      `${kept}.lock`,
      async () => {
        if (!existsSync(kept)) await compile(libraries, wheel, headers, kept);
      },
      { onWait },
    );
  }
  mkdirSync(dirname(binding), { recursive: true });
  for (const name of readdirSync(kept)) {
    rmSync(join(dirname(binding), name), { force: true }); // a running process keeps the old file
    copyFileSync(join(kept, name), join(dirname(binding), name));
  }
  try {
    await checkBinding();
  } catch (error) {
    rmSync(kept, { recursive: true, force: true }); // it may be damaged: the next run builds it again
    throw error;
  }
}

/** Makes deps/lib a link to the whole folder: the libraries look for NVIDIA's through deps/lib/.., in site-packages. */
function linkLibraries(libraries) {
  mkdirSync(join(tfjs, 'deps'), { recursive: true });
  const link = join(tfjs, 'deps', 'lib');
  rmSync(link, { recursive: true, force: true });
  symlinkSync(libraries, link, 'dir');
}

/** Compiles the binding and its log-level library into the folder `kept`, completely or not at all. */
async function compile(libraries, wheel, headers, kept) {
  const made = `${kept}.${process.pid}`;
  mkdirSync(made, { recursive: true });
  for (const name of readdirSync(dirname(kept)).filter((entry) => /\.\d+$/.test(entry))) {
    const folder = join(dirname(kept), name);
    const old = Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0) > 3_600_000;
    if (old) rmSync(folder, { recursive: true, force: true }); // left by a compilation that was killed
  }
  const include = [join(root, 'node_modules', 'node-api-headers', 'include'), tfjs, headers];
  const all = ['-std=c++17', '-O2', '-fPIC', '-shared', ...include.flatMap((folder) => ['-I', folder])];
  const remedy = 'Use g++ 9 or clang++ 10 or newer (CXX=/path/to/one) and run the same command again.';
  const run = (what, args) => runCommand(what, compiler, [...compilerArgs, ...all, ...args], { remedy });
  const link = mac
    ? [...wheel.libraries.map((library) => join(libraries, library)), '-undefined', 'dynamic_lookup']
    : ['-L', libraries, ...wheel.libraries.map((library) => `-l:${library}`)];
  if (!mac) {
    // -z initfirst exists for ELF only; on macOS TensorFlow doesn't log these messages.
    const [name, path] = [LOG_LEVEL_LIBRARY, join(made, LOG_LEVEL_LIBRARY)];
    await run('Compiling the level of the log', [logLevel, '-o', path, '-Wl,-z,initfirst', `-Wl,-soname,${name}`]);
    link.unshift('-Wl,--no-as-needed', '-L', made, `-l:${name}`, '-Wl,-rpath,$ORIGIN');
  }
  await run('Compiling the binding (10 s)', [
    ...['-DNAPI_VERSION=8', '-DNODE_GYP_MODULE_NAME=tfjs_binding', '-DBUILDING_NODE_EXTENSION'],
    ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(tfjs, 'binding', name)),
    ...kernels,
    ...['-o', join(made, basename(binding)), ...link],
    `-Wl,-rpath,${mac ? '@loader_path' : '$ORIGIN'}/../../deps/lib`,
  ]);
  renameSync(made, kept);
}

const CHECK = `
const tf = require('@tensorflow/tfjs-node-gpu');
const [value] = tf.matMul([[1, 2]], [[3], [4]]).dataSync();
if (tf.getBackend() !== 'tensorflow' || value !== 11) throw new Error('1·3 + 2·4 gave ' + value + ' on ' + tf.getBackend());
`;

/**
 * Loads the engine in a separate process and multiplies two matrices.
 * @throws {SetupProblem} when it does not load or gives a wrong result
 */
export async function checkBinding() {
  try {
    await runCommand('Checking the engine', process.execPath, ['-e', CHECK], {
      cwd: root,
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' },
    });
  } catch (error) {
    const [what, remedy] = reasonOf(String(error.what ?? error));
    throw new SetupProblem(`${error.what ?? error}\n  ${what}`, remedy, { cause: error });
  }
}

/** @param {string} output @returns {[what: string, remedy: string]} */
export function reasonOf(output) {
  if (/SIGILL/.test(output)) {
    return ["This processor lacks AVX, which TensorFlow's wheels need.", 'Use a machine with AVX (made after 2013).'];
  }
  if (/GLIBC_|GLIBCXX_/.test(output)) {
    return [
      "The system's C library is older than TensorFlow's wheel (glibc 2.27).",
      'Use Debian 11, Ubuntu 20.04 or newer.',
    ];
  }
  if (/cannot open shared object file/.test(output)) {
    return ['A library was not found beside the binding.', 'Run: rm -rf node_modules && npm run setup'];
  }
  return ['The engine was put in place but does not compute.', 'Run: npm run doctor, and report what it says.'];
}
