/** The project's own Python: .venv with the Jupyter packages, pinned. */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { python, root, venv } from './paths.mjs';
import { SetupProblem } from './problem.mjs';
import { runCommand } from './run-command.mjs';
import { fingerprint, isDone, markDone } from './stamp.mjs';

const config = join(root, 'kernels-config');
const constraints = join(config, 'constraints.txt');
const files = { notebooks: join(config, 'requirements.txt'), lab: join(config, 'requirements-lab.txt') };
const stampOf = (set) => join(venv, `.stillhouse-${set}`);
const wanted = (set) => fingerprint({ file: files[set] }, { file: constraints });

/** @param {boolean} lab whether JupyterLab is wanted too */
export const pythonIsReady = (lab) =>
  existsSync(python) && ['notebooks', ...(lab ? ['lab'] : [])].every((set) => isDone(stampOf(set), wanted(set)));

/** @param {boolean} lab */
export async function preparePython(lab) {
  if (pythonIsReady(lab)) return;
  if (!existsSync(python) || !runs(python)) {
    rmSync(venv, { recursive: true, force: true }); // half made, or of a Python that is gone
    await runCommand('Python environment', findPython(), ['-m', 'venv', venv], {
      remedy: 'Install the venv module (Debian: apt-get install python3-venv) and run the same command again.',
    });
    await pip('pip itself', ['install', '--upgrade', 'pip==26.0.1']);
  }
  for (const set of ['notebooks', ...(lab ? ['lab'] : [])]) {
    if (isDone(stampOf(set), wanted(set))) continue;
    // The pins of everything were frozen on 3.11; an older Python resolves what these packages bring along by itself.
    const pins = versionOf(python) >= 311 ? ['--constraint', constraints] : [];
    await pip(set === 'lab' ? 'JupyterLab' : 'Jupyter packages', ['install', '--requirement', files[set], ...pins]);
    markDone(stampOf(set), wanted(set));
  }
}

/**
 * @param {string} label
 * @param {string[]} args
 * @param {(line: string) => string | undefined} [progress]
 */
export const pip = (label, args, progress) =>
  runCommand(label, python, ['-m', 'pip', '--disable-pip-version-check', '--no-input', ...args], {
    remedy: 'Check the network (pip reaches its package index?) and run the same command again; what is done is kept.',
    ...(progress ? { progress } : {}),
  });

function runs(program) {
  return spawnSync(program, ['-c', ''], { stdio: 'ignore' }).status === 0;
}

/** 311 for 3.11; 0 when it does not run. */
export function versionOf(program) {
  const { status, stdout } = spawnSync(
    program,
    ['-c', 'import sys; print(sys.version_info[0] * 100 + sys.version_info[1])'],
    {
      encoding: 'utf8',
    },
  );
  return status === 0 ? Number(stdout) : 0;
}

function findPython() {
  const candidates = [
    process.env.STILLHOUSE_PYTHON,
    'python3',
    'python3.13',
    'python3.12',
    'python3.11',
    'python3.10',
    'python',
  ];
  const seen = [];
  for (const candidate of candidates.filter(Boolean)) {
    const version = versionOf(candidate);
    if (version >= 310) return candidate;
    if (version > 0) seen.push(`${candidate} is ${Math.floor(version / 100)}.${version % 100}`);
  }
  throw new SetupProblem(
    `Python 3.10 or newer was not found${seen.length ? ` (${seen.join(', ')})` : ''}.`,
    'Install it (Debian: apt-get install python3 python3-venv), or name one with STILLHOUSE_PYTHON=/path/to/python3.',
  );
}
