/** `npm run lab`: JupyterLab of the project's own Python, on the notebooks. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root, venv } from './paths.mjs';

/**
 * @param {string[]} args passed on to JupyterLab
 * @returns {Promise<number>} exit code
 */
export function runLab(args = []) {
  const own = ['--ServerApp.root_dir', root, '--LabApp.default_url', '/lab/tree/notebooks', '--LabApp.news_url='];
  const child = spawn(join(venv, 'bin', 'jupyter-lab'), [...own, ...args], { stdio: 'inherit', cwd: root });
  // Ctrl-C reaches JupyterLab by itself, which asks whether to stop: do not stop before it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
