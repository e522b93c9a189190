/** The project's own Python: .venv with the Jupyter packages, every version pinned. */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { python, root, venv } from './paths.mjs';
import { SetupProblem } from './problem.mjs';
import { runCommand } from './run-command.mjs';
import { fingerprint, isDone, markDone } from './stamp.mjs';

const config = join(root, 'kernels-config');
const constraints = join(config, 'constraints.txt');
/** pip arguments that pin all packages, with markers for each version of Python. */
export const pins = ['--constraint', constraints];
const files = { notebooks: join(config, 'requirements.txt'), lab: join(config, 'requirements-lab.txt') };
const stampOf = (set) => join(venv, `.stillhouse-${set}`);
const wanted = (set) => fingerprint({ file: files[set] }, { file: constraints });
const setsFor = (lab) => (lab ? /** @type {const} */ (['notebooks', 'lab']) : /** @type {const} */ (['notebooks']));

/** Records the venv's path. A venv holds absolute paths, so one that was moved, or is incomplete, is made again. */
const place = join(venv, '.stillhouse-place');

/** @param {boolean} lab whether JupyterLab is wanted too */
export const pythonIsReady = (lab) =>
  isDone(place, venv) && existsSync(python) && setsFor(lab).every((set) => isDone(stampOf(set), wanted(set)));

/** @param {boolean} lab */
export async function preparePython(lab) {
  if (pythonIsReady(lab)) return;
  if (!isDone(place, venv) || versionOf(python) === 0) {
    rmSync(venv, { recursive: true, force: true });
    await runCommand('Python environment', findPython(), ['-m', 'venv', venv], {
      remedy: 'Run: sudo apt-get install python3-venv (Debian, Ubuntu), and the same command again.',
    });
    await pip('pip', ['install', '--quiet', '--upgrade', ...pins, 'pip']); // an old pip shows no progress
    markDone(place, venv);
  }
  for (const set of setsFor(lab)) {
    if (isDone(stampOf(set), wanted(set))) continue;
    const args = ['install', '--progress-bar', 'off', '--requirement', files[set], ...pins];
    await pip(set === 'lab' ? 'JupyterLab' : 'Jupyter packages', args, { progress: packageState });
    markDone(stampOf(set), wanted(set));
  }
}

/**
 * pip of the project's own Python.
 * @param {string} label
 * @param {string[]} args
 * @param {{ progress?: (line: string, seconds: number) => string | undefined, env?: NodeJS.ProcessEnv }} [options]
 */
export const pip = (label, args, { progress, env = process.env } = {}) =>
  runCommand(label, python, ['-m', 'pip', '--disable-pip-version-check', '--no-input', ...args], {
    env,
    remedy: 'Check the network (pip reaches its package index?) and run the same command again; what is done is kept.',
    ...(progress ? { progress } : {}),
  });

/** Progress from pip's lines 'Collecting jupyterlab==4.6.6'. @param {string} line */
export function packageState(line) {
  const [, name] = /^(?:Collecting|Downloading) (?:\S*\/)?([A-Za-z][\w.]*(?:-[A-Za-z]\w*)*)/.exec(line.trim()) ?? [];
  return name ?? (line.startsWith('Installing collected') ? 'installing' : undefined);
}

/** 311 for Python 3.11; 0 if the program does not run. @param {string} program */
function versionOf(program) {
  const code = 'import sys; print(sys.version_info[0] * 100 + sys.version_info[1])';
  const { status, stdout } = spawnSync(program, ['-c', code], { encoding: 'utf8' });
  return status === 0 ? Number(stdout) : 0;
}

const CANDIDATES = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];

/**
 * The first Python that is new enough.
 * @param {string | undefined} [asked] STILLHOUSE_PYTHON
 * @param {(program: string) => number} [version]
 * @throws {SetupProblem} naming the versions that were found
 */
export function findPython(asked = process.env.STILLHOUSE_PYTHON, version = versionOf) {
  const seen = [];
  for (const candidate of asked ? [asked] : CANDIDATES) {
    const found = version(candidate);
    if (found >= 310) return candidate;
    seen.push(found ? `${candidate} is ${Math.floor(found / 100)}.${found % 100}` : `${candidate}: not there`);
  }
  throw new SetupProblem(
    `Python 3.10 or newer was not found (${seen.join(', ')}).`,
    'Install it (Debian, Ubuntu: sudo apt-get install python3 python3-venv), or name one: STILLHOUSE_PYTHON=/path/to/python3.12',
  );
}
