/** The native TensorFlow under tfjs-node-gpu: libraries out of PyPI's wheel, the binding compiled against them. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { withLock } from './lock.mjs';
import { cache, python, root, tfjs, venv } from './paths.mjs';
import { fileProblem, SetupProblem } from './problem.mjs';
import { pip } from './python.mjs';
import { runCommand } from './run-command.mjs';
import { fingerprint, isDone, markDone } from './stamp.mjs';
import { cacheName, gpuRequirement, wheelFor } from './wheels.mjs';

const stamp = join(tfjs, '.stillhouse-engine');
const binding = join(tfjs, 'lib', 'napi-v8', 'tfjs_binding.node');
const sources = [
  'tfjs_backend.cc',
  'tfjs_binding.cc',
  'tfjs_backend.h',
  'tf_auto_tensor.h',
  'tfe_auto_op.h',
  'utils.h',
];

/** 'gpu' when an NVIDIA GPU is found or asked for by STILLHOUSE_DEVICE. */
export function wantedDevice() {
  const asked = process.env.STILLHOUSE_DEVICE;
  if (asked === 'cpu' || asked === 'gpu') return asked;
  if (asked) throw new SetupProblem(`STILLHOUSE_DEVICE is '${asked}'.`, "Set it to 'cpu' or 'gpu', or leave it out.");
  return spawnSync('nvidia-smi', ['-L'], { stdio: 'ignore' }).status === 0 ? 'gpu' : 'cpu';
}

function wanted(device) {
  const wheel = wheelFor();
  const compiler = sources.map((name) => ({ file: join(tfjs, 'binding', name) }));
  return fingerprint(device, wheel?.sha256 ?? 'none', process.platform, process.arch, ...compiler);
}

/** @param {'cpu' | 'gpu'} device */
export const tensorflowIsReady = (device) =>
  isDone(stamp, wanted(device)) && existsSync(binding) && existsSync(join(tfjs, 'deps', 'lib'));

/** @param {'cpu' | 'gpu'} device */
export async function prepareTensorflow(device) {
  if (tensorflowIsReady(device)) return;
  const wheel = wheelFor();
  if (wheel && hasCompiler()) {
    const libraries = device === 'gpu' ? await gpuLibraries() : await sharedLibraries(wheel);
    linkLibraries(libraries);
    await compile(libraries, wheel);
  } else {
    await prebuilt(wheel);
  }
  markDone(stamp, wanted(device));
}

const compiler = process.env.CXX || (process.platform === 'darwin' ? 'clang++' : 'g++');
const hasCompiler = () => spawnSync(compiler, ['--version'], { stdio: 'ignore' }).status === 0;

/** The wheel's libraries and headers, unpacked once a user. */
async function sharedLibraries(wheel) {
  const home = join(cache, cacheName(wheel));
  const unpacked = join(home, 'tensorflow');
  if (existsSync(unpacked)) return unpacked;
  return withLock(
    `${home}.lock`,
    async () => {
      if (existsSync(unpacked)) return unpacked;
      mkdirSync(home, { recursive: true });
      for (const name of readdirSync(home))
        if (name.startsWith('part-')) rmSync(join(home, name), { recursive: true, force: true });
      const work = mkdtempSync(join(home, 'part-'));
      try {
        await pip(
          `TensorFlow ${wheel.version} (274 MB)`,
          [
            'download',
            '--quiet',
            '--progress-bar',
            'raw',
            '--no-deps',
            '--only-binary=:all:',
            '--python-version',
            '3.11',
            '--platform',
            wheel.platform,
            '--dest',
            work,
            `${wheel.package}==${wheel.version}`,
          ],
          downloadState,
        );
        const file = join(
          work,
          readdirSync(work).find((name) => name.endsWith('.whl')),
        );
        await checkHash(file, wheel.sha256);
        await runCommand('Unpacking TensorFlow (980 MB)', python, ['-c', UNPACK, file, work, ...wheel.libraries]);
        rmSync(file);
        renameSync(join(work, 'tensorflow'), unpacked);
      } catch (error) {
        throw fileProblem(error, home);
      } finally {
        rmSync(work, { recursive: true, force: true });
      }
      return unpacked;
    },
    { onWait: (owner) => process.stderr.write(`  Waiting for process ${owner}, which is unpacking TensorFlow …\n`) },
  );
}

const UNPACK = `
import sys, zipfile
wheel, target, *libraries = sys.argv[1:]
archive = zipfile.ZipFile(wheel)
for name in archive.namelist():
    header = name.startswith('tensorflow/include/') and '/external/' not in name
    if header or name in ['tensorflow/' + library for library in libraries]:
        archive.extract(name, target)
`;

/** pip's raw progress, 'Progress 1048576 of 273829956', for a person. */
export function downloadState(line) {
  const [, done, total] = /^Progress (\d+) of (\d+)/.exec(line) ?? [];
  return total && `${Math.round(Number(done) / 1e6)} of ${Math.round(Number(total) / 1e6)} MB`;
}

async function checkHash(file, expected) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  const seen = hash.digest('hex');
  if (seen !== expected) {
    throw new SetupProblem(
      `${basename(file)} has sha256 ${seen}, expected ${expected}. It is not used.`,
      'Run the same command again; if it stays so, the package index gives another file than the one this project pins.',
    );
  }
}

/** TensorFlow with CUDA, whose libraries find NVIDIA's beside them in site-packages. */
async function gpuLibraries() {
  await pip('TensorFlow with CUDA (3 GB)', ['install', '--progress-bar', 'raw', gpuRequirement], downloadState);
  const code = 'import importlib.util, os; print(os.path.dirname(importlib.util.find_spec("tensorflow").origin))';
  const { stdout, status } = spawnSync(python, ['-c', code], { encoding: 'utf8' });
  if (status !== 0)
    throw new SetupProblem(
      'TensorFlow with CUDA was installed but is not found.',
      `Remove ${venv} and run the same command again.`,
    );
  return stdout.trim();
}

/** deps/lib must be a link to the folder: the libraries look for others relative to the link's own place. */
function linkLibraries(libraries) {
  mkdirSync(join(tfjs, 'deps'), { recursive: true });
  const link = join(tfjs, 'deps', 'lib');
  rmSync(link, { recursive: true, force: true });
  symlinkSync(libraries, link, 'dir');
}

async function compile(libraries, wheel) {
  const text = sources.map((name) => join(tfjs, 'binding', name)).filter(existsSync);
  const version = spawnSync(compiler, ['--version'], { encoding: 'utf8' }).stdout;
  const key = fingerprint(version, wheel.sha256, ...text.map((file) => ({ file }))).slice(0, 16);
  const kept = join(cache, 'bindings', `tfjs_binding-${key}.node`);
  mkdirSync(join(tfjs, 'lib', 'napi-v8'), { recursive: true });
  if (!existsSync(kept)) {
    mkdirSync(join(cache, 'bindings'), { recursive: true });
    const made = `${kept}.${process.pid}`;
    const origin = process.platform === 'darwin' ? '@loader_path' : '$ORIGIN';
    const link =
      process.platform === 'darwin'
        ? [...wheel.libraries.map((library) => join(libraries, library)), '-undefined', 'dynamic_lookup']
        : ['-L', libraries, ...wheel.libraries.map((library) => `-l:${library}`)];
    await runCommand('Compiling the binding', compiler, [
      '-std=c++17',
      '-O2',
      '-fPIC',
      '-shared',
      '-DNAPI_VERSION=8',
      '-DNODE_GYP_MODULE_NAME=tfjs_binding',
      '-DBUILDING_NODE_EXTENSION',
      '-I',
      join(root, 'node_modules', 'node-api-headers', 'include'),
      '-I',
      tfjs,
      '-I',
      join(libraries, 'include'),
      join(tfjs, 'binding', 'tfjs_backend.cc'),
      join(tfjs, 'binding', 'tfjs_binding.cc'),
      '-o',
      made,
      ...link,
      `-Wl,-rpath,${origin}/../../deps/lib`,
    ]);
    renameSync(made, kept);
  }
  copyFileSync(kept, binding);
}

/** Without a compiler (or a wheel): the package's own binary of TensorFlow 2.9, where its host can be reached. */
async function prebuilt(wheel) {
  const why = wheel
    ? `No C++ compiler was found ('${compiler}')`
    : `There is no TensorFlow wheel for ${process.platform}-${process.arch}`;
  process.stderr.write(`  ${why}: trying tfjs-node's own prebuilt binary (TensorFlow 2.9) …\n`);
  await runCommand('Prebuilt TensorFlow', process.execPath, ['scripts/install.js', 'cpu', 'download'], {
    cwd: tfjs,
    remedy: `${why}, and the prebuilt binary could not be fetched. Install a compiler (Debian: apt-get install g++; macOS: xcode-select --install) and run the same command again.`,
  });
  if (!existsSync(binding) && !readdirSync(join(tfjs, 'lib')).length) {
    throw new SetupProblem(
      `${why}, and the prebuilt binary brought no binding.`,
      'Install a C++ compiler and run the same command again.',
    );
  }
}

/** What doctor says of the engine's origin. */
export function engineOrigin() {
  const wheel = wheelFor();
  return isDone(stamp, wanted('gpu'))
    ? gpuRequirement
    : isDone(stamp, wanted('cpu')) && wheel
      ? `${wheel.package} ${wheel.version} (PyPI wheel, sha256 ${wheel.sha256.slice(0, 12)}…)`
      : readFileSync(join(tfjs, 'package.json'), 'utf8').includes('4.22.0')
        ? 'prebuilt by tfjs-node'
        : 'unknown';
}
