/** A Python with PyTorch's CPU build, for the bench alone: the library and its tests need none. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const TORCH = 'torch==2.13.0';

/**
 * The Python named by STILLHOUSE_TORCH, or one with torch in `root`/.stillhouse/bench-venv, made when it is missing.
 * STILLHOUSE_TORCH_INDEX may name a package index with PyTorch's CPU builds (small); without it pip's own gives the build
 * for GPUs (gigabytes), which runs on the CPU as well.
 * @throws when the named one has no torch.
 */
export function torchPython(root: string): string {
  const named = process.env.STILLHOUSE_TORCH;
  if (named) {
    if (!hasTorch(named)) {
      throw new Error(
        `Expected STILLHOUSE_TORCH to name a Python with torch, got '${named}'. Unset it to have one made.`,
      );
    }
    return named;
  }
  const folder = join(root, '.stillhouse', 'bench-venv');
  const python = join(folder, 'bin', 'python');
  if (existsSync(python) && hasTorch(python)) return python;
  console.log(`Installing ${TORCH} into .stillhouse/bench-venv, once …`);
  execFileSync('python3', ['-m', 'venv', '--clear', folder], { stdio: 'inherit' });
  const index = process.env.STILLHOUSE_TORCH_INDEX;
  const from = index ? ['--extra-index-url', index] : [];
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', 'numpy', index ? `${TORCH}+cpu` : TORCH, ...from], {
    stdio: 'inherit',
  });
  return python;
}

/**
 * The same Python with further packages, installed where it lacks them.
 * @throws where pip can't install them
 */
export function withPackages(python: string, packages: readonly string[]): string {
  const found = execFileSync(python, ['-m', 'pip', 'list', '--format=freeze'], { encoding: 'utf8' }).toLowerCase();
  const missing = packages.filter((name) => !found.split('\n').some((line) => line.startsWith(`${name}==`)));
  if (missing.length > 0) {
    console.log(`Installing ${missing.join(', ')} beside torch, once …`);
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', ...missing], { stdio: 'inherit' });
  }
  return python;
}

function hasTorch(python: string): boolean {
  try {
    execFileSync(python, ['-c', 'import torch'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
