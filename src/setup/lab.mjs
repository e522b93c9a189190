/** `npm run lab`: opens the notebooks in the JupyterLab of the project's own Python. */
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
  // JupyterLab gets Ctrl-C too and asks whether to stop, so this process must not exit before it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
