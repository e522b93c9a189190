/** The project's Python, with the kernels of this checkout on its Jupyter path. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './kernel-client';

export const PYTHON = join(ROOT, '.venv', 'bin', 'python');

/** Installs the kernelspecs from their templates into a folder of their own, as the set-up does. */
export function kernelPath(): string {
  const path = mkdtempSync(join(tmpdir(), 'stillhouse-jupyter-'));
  for (const name of ['stillhouse', 'stillhouse-javascript', 'tslab']) {
    const template = readFileSync(join(ROOT, 'kernels-config', name, 'kernel.json'), 'utf8');
    mkdirSync(join(path, 'kernels', name), { recursive: true });
    const spec = template.replaceAll('{node}', process.execPath).replaceAll('{root}', ROOT);
    writeFileSync(join(path, 'kernels', name, 'kernel.json'), spec);
  }
  return path;
}

/** Runs a Python script of the tests; gives its standard output and error. */
export async function python(args: readonly string[], timeout = 120_000): Promise<{ stdout: string; stderr: string }> {
  const path = kernelPath();
  const env = {
    ...process.env,
    JUPYTER_PATH: path,
    STILLHOUSE_HISTORY: join(path, 'history.jsonl'),
    JUPYTER_PLATFORM_DIRS: '1',
  };
  return promisify(execFile)(PYTHON, [...args], { env, timeout, cwd: ROOT, maxBuffer: 1 << 26 });
}
