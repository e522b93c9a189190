/** TensorFlow's libraries and headers, extracted from PyPI's wheel once per user. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { withLock } from './lock.mjs';
import { cache, python } from './paths.mjs';
import { fileProblem, SetupProblem } from './problem.mjs';
import { pip } from './python.mjs';
import { runCommand } from './run-command.mjs';
import { cacheName } from './wheels.mjs';

/** Disk space for wheel, libraries and headers together, bytes. */
const NEEDED = 1.5e9;

/** @param {import('./wheels.mjs').Wheel} wheel @returns {string} */
const librariesOf = (wheel) => join(cache, cacheName(wheel), 'tensorflow');

/**
 * Makes the folder of libraries and headers. Other clones wait meanwhile, and then find it.
 * @param {import('./wheels.mjs').Wheel} wheel
 * @returns {Promise<string>} the folder
 */
export async function fetchLibraries(wheel) {
  const unpacked = librariesOf(wheel);
  if (existsSync(unpacked)) return unpacked;
  const home = join(cache, cacheName(wheel));
  const onWait = (owner) => process.stderr.write(`  Waiting for process ${owner}, which is fetching TensorFlow …\n`);
  try {
    await withLock(`${home}.lock`, () => make(wheel, home, unpacked), { onWait });
  } catch (error) {
    throw fileProblem(error, home);
  }
  return unpacked;
}

async function make(wheel, home, unpacked) {
  if (existsSync(unpacked)) return;
  const download = join(home, 'download'); // a whole wheel stays here until it is unpacked
  const work = join(home, 'part'); // remains of an interrupted run are replaced
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  mkdirSync(download, { recursive: true });
  let file = wheelIn(download);
  if (file && (await sha256(file)) !== wheel.sha256) {
    rmSync(file);
    file = undefined;
  }
  if (!file) {
    checkSpace(home, NEEDED);
    const platform = ['--python-version', wheel.python, '--platform', wheel.platform, '--only-binary=:all:'];
    const what = ['--no-deps', '--dest', download, `${wheel.package}==${wheel.version}`];
    await pip(
      `TensorFlow ${wheel.version}`,
      ['download', '--no-cache-dir', '--progress-bar', 'raw', ...platform, ...what],
      { progress: downloadState, env: { ...process.env, TMPDIR: work } },
    );
    file = wheelIn(download);
    await checkHash(file, wheel.sha256);
  }
  await runCommand('Unpacking it', python, ['-c', UNPACK, file, work, ...wheel.libraries], {
    progress: (line) => line.trim() || undefined,
  });
  renameSync(join(work, 'tensorflow'), unpacked);
  for (const done of [work, download]) rmSync(done, { recursive: true, force: true });
}

function wheelIn(folder) {
  const name = readdirSync(folder).find((entry) => entry.endsWith('.whl'));
  return name && join(folder, name);
}

/** Python code that extracts the wanted members and prints its progress. */
const UNPACK = `
import os, shutil, sys, zipfile
wheel, target, *libraries = sys.argv[1:]
archive = zipfile.ZipFile(wheel)
def wanted(name):
    header = name.startswith('tensorflow/include/') and '/external/' not in name
    return not name.endswith('/') and (header or name in ['tensorflow/' + library for library in libraries])
members = [member for member in archive.infolist() if wanted(member.filename)]
missing = [library for library in libraries if 'tensorflow/' + library not in [member.filename for member in members]]
if missing: sys.exit('the wheel holds no ' + ', '.join(missing))
total, done = sum(member.file_size for member in members), 0
for member in members:
    path = os.path.join(target, member.filename)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with archive.open(member) as source, open(path, 'wb') as copy:
        while chunk := source.read(1 << 24):
            copy.write(chunk)
            done += len(chunk)
            if len(chunk) == 1 << 24: print(f'{done / 1e6:.0f} of {total / 1e6:.0f} MB', flush=True)
`;

/**
 * Progress from pip's raw lines 'Progress 1048576 of 273829956'.
 * @param {string} line
 * @param {number} seconds since the start
 */
export function downloadState(line, seconds) {
  const [, done, total] = (/^Progress (\d+) of (\d+)/.exec(line) ?? []).map(Number);
  if (!total) return undefined;
  const state = `${(done / 1e6).toFixed(0)} of ${(total / 1e6).toFixed(0)} MB`;
  const left = (seconds * (total - done)) / done;
  return done > total / 50 && done < total ? `${state}, about ${Math.ceil(left)} s left` : state;
}

/**
 * @param {string} file
 * @param {string} expected sha256
 * @throws {SetupProblem} if the hash differs; the file is removed then
 */
export async function checkHash(file, expected) {
  const seen = await sha256(file);
  if (seen === expected) return;
  rmSync(file);
  throw new SetupProblem(
    `${basename(file)} has sha256 ${seen}, expected ${expected}. It was removed.`,
    'Run the same command again. If that fails too, the package index serves another file than the one this project pins.',
  );
}

async function sha256(file) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 22 })) hash.update(chunk);
  return hash.digest('hex');
}

/** @param {string} folder @param {number} needed bytes @param {(folder: string) => number} [free] */
export function checkSpace(folder, needed, free = freeSpace) {
  const available = free(folder);
  if (available >= needed) return;
  throw new SetupProblem(
    `The disk that holds ${folder} has ${(available / 1e9).toFixed(1)} GB free, ${(needed / 1e9).toFixed(1)} GB are needed.`,
    'Free some, or set XDG_CACHE_HOME to a folder on a larger disk, and run the same command again.',
  );
}

function freeSpace(folder) {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
