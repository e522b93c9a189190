/** Installs the native TensorFlow for tfjs-node-gpu: PyPI's wheel (with CUDA if there is a GPU) or tfjs-node's binary. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { binding, bindingSources, checkBinding, compilerName, compilerVersion, installBinding } from './binding.mjs';
import { python, root, tfjs } from './paths.mjs';
import { SetupProblem } from './problem.mjs';
import { pip, pins } from './python.mjs';
import { runCommand } from './run-command.mjs';
import { fingerprint, isDone, markDone, readIfThere } from './stamp.mjs';
import { downloadState, fetchLibraries } from './wheel-cache.mjs';
import { gpuRequirement, wheelFor } from './wheels.mjs';

const stamp = join(tfjs, '.stillhouse-engine');
const origin = join(tfjs, '.stillhouse-engine-origin');

/** Fingerprint of what the engine depends on: device, wheel, version of tfjs (with its C++ sources), our own C++ and its flags. */
const wanted = (device) =>
  fingerprint(
    device,
    wheelFor()?.sha256 ?? 'none',
    process.platform,
    process.arch,
    { file: join(tfjs, 'package.json') },
    ...bindingSources.map((file) => ({ file })),
  );

/** @param {'cpu' | 'gpu'} device */
export const tensorflowIsReady = (device) =>
  isDone(stamp, wanted(device)) && existsSync(binding) && existsSync(join(tfjs, 'deps', 'lib'));

/** @param {'cpu' | 'gpu'} device */
export async function prepareTensorflow(device) {
  if (tensorflowIsReady(device)) return;
  const wheel = wheelFor();
  if (wheel === undefined || compilerVersion() === undefined) {
    markDone(origin, await prebuilt(wheel));
  } else if (device === 'gpu') {
    await installBinding(await fetchGpuLibraries(), wheel);
    markDone(origin, `${gpuRequirement} from PyPI, in .venv`);
  } else {
    await installBinding(await fetchLibraries(wheel), wheel);
    markDone(origin, `${wheel.package} ${wheel.version} from PyPI, sha256 ${wheel.sha256}`);
  }
  markDone(stamp, wanted(device));
}

/** Where the engine came from, as text. */
export const engineOrigin = () => readIfThere(origin) ?? 'not put in place by npm run setup';

/** Installs TensorFlow with CUDA into .venv, where its libraries find NVIDIA's beside them in site-packages. */
async function fetchGpuLibraries() {
  try {
    const args = ['install', '--progress-bar', 'raw', ...pins, gpuRequirement];
    await pip('TensorFlow with CUDA (3 GB)', args, { progress: downloadState });
  } catch (error) {
    if (!(error instanceof SetupProblem)) throw error;
    const remedy = `${error.remedy} Or do without the GPU: STILLHOUSE_DEVICE=cpu npm run setup`;
    throw new SetupProblem(error.what, remedy, { cause: error });
  }
  const code = 'import importlib.util, os; print(os.path.dirname(importlib.util.find_spec("tensorflow").origin))';
  const { stdout, status } = spawnSync(python, ['-c', code], { encoding: 'utf8' });
  if (status === 0) return stdout.trim();
  throw new SetupProblem('TensorFlow with CUDA was installed but is not found.', 'Run: rm -rf .venv && npm run setup');
}

/**
 * Installs tfjs-node's own binary of TensorFlow 2.9, if it can be downloaded. For machines without a compiler or a wheel.
 * @returns {Promise<string>} its origin, as text
 */
async function prebuilt(wheel) {
  const why = wheel
    ? `No C++ compiler was found ('${compilerName} --version' does not run)`
    : `There is no TensorFlow wheel for ${process.platform}-${process.arch}`;
  const remedy = wheel
    ? 'Install a compiler (Debian, Ubuntu: sudo apt-get install g++; Fedora: sudo dnf install gcc-c++; macOS: xcode-select --install; or CXX=/path/to/one) and run the same command again.'
    : 'Use Linux x86-64 or arm64, or macOS on arm64.';
  process.stderr.write(`  ${why}: trying the prebuilt binary of tfjs-node (TensorFlow 2.9) …\n`);
  try {
    // The script calls node-pre-gyp by name, so it has to be on the PATH, as npm arranges.
    const path = [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
    const env = { ...process.env, PATH: path };
    await runCommand('Prebuilt TensorFlow', process.execPath, ['scripts/install.js', 'cpu', 'download'], {
      cwd: tfjs,
      env,
    });
    if (!readdirSync(join(tfjs, 'lib')).length) throw new Error('it brought no binding');
    await checkBinding();
  } catch (error) {
    const seen = error instanceof SetupProblem ? error.what : error.message;
    throw new SetupProblem(`${why}, and the prebuilt binary cannot be used: ${seen}`, remedy, { cause: error });
  }
  return 'prebuilt by tfjs-node (TensorFlow 2.9)';
}
