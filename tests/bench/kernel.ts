/**
 * Speed and memory of the kernel beside ipykernel and stock tslab, in one run: `npx tsx tests/bench/kernel.ts`.
 *
 * Measured from outside by Jupyter's own client (kernel.py), medians of 50 cells. Options are kernel.py's: `--runs 20`,
 * names of kernels. Needs JupyterLab's Python (`npm run setup -- --lab`) for ipykernel; a kernel that is not installed
 * is left out, which is said.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { kernelPath, PYTHON } from '../kernel/helpers/jupyter';

const { status } = spawnSync(PYTHON, [join(import.meta.dirname, 'kernel.py'), ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, JUPYTER_PATH: kernelPath() },
});
process.exitCode = status ?? 1;
