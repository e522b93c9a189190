/**
 * Speed and memory of the kernel beside ipykernel and stock tslab, in one run: `npm run bench -- kernel`.
 *
 * Measured from outside by Jupyter's own client (kernel.py). A run of all three goes to results/bench-kernel.md. Options are
 * kernel.py's: `--runs 20`, names of kernels. Needs JupyterLab's Python (`npm run setup -- --lab`) for ipykernel; a kernel
 * that is not installed is left out, which is said.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kernelPath, PYTHON } from '../kernel/helpers/jupyter';
import { ROOT } from '../kernel/helpers/kernel-client';

const { status, stdout } = spawnSync(PYTHON, [join(import.meta.dirname, 'kernel.py'), ...process.argv.slice(2)], {
  stdio: ['ignore', 'pipe', 'inherit'],
  encoding: 'utf8',
  env: { ...process.env, JUPYTER_PATH: kernelPath() },
});
console.log(stdout);
const whole = ['stillhouse', 'tslab', 'python3'].every((name) => stdout.includes(` ${name} |`));
if (status === 0 && whole) writeFileSync(join(ROOT, 'results', 'bench-kernel.md'), stdout);
process.exitCode = status ?? 1;
