/** Runs a notebook without a front-end, by a real Jupyter client: nbclient in the project's own Python. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OnProgress } from '../../common';
import { type Notebook, readNotebook } from '../share/notebook';
import { parametersCode } from './parameters';

export interface ExecuteOptions {
  /** Path of the executed notebook. Default: a temporary file that is deleted afterwards. */
  out?: string;
  /** Kernel name. Default: the notebook's own. */
  kernel?: string;
  /** Time limit per cell, in seconds. Default: none. */
  timeout?: number;
  /** Working folder of the cells. Default: the notebook's folder. */
  cwd?: string;
  /** A Python with nbclient. Default: the one in the project's `.venv`. */
  python?: string;
  /** Added to `metadata.stillhouse`: commit, engine, device, seeds. */
  provenance?: Record<string, unknown>;
  /** Values for the variables of the cell tagged 'parameters', as in papermill. Any data, including NaN and dates. */
  parameters?: Record<string, unknown>;
  signal?: AbortSignal;
  /** Called after each cell. */
  onProgress?: OnProgress;
}

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/**
 * Executes a notebook and returns it with its outputs.
 * @throws TypeError when a parameter can't be written as code.
 * @throws Error with the name and message of a cell's error; `out`, if given, then holds what was computed so far.
 */
export async function executeNotebook(path: string, options: ExecuteOptions = {}): Promise<Notebook> {
  const python = options.python ?? join(root, '.venv/bin/python');
  if (!existsSync(python))
    throw new Error(`Expected the project's Python at ${python}, found none. Run \`npm run setup\`.`);
  const folder = options.out === undefined ? await mkdtemp(join(tmpdir(), 'stillhouse-')) : undefined;
  const out = options.out ?? join(folder as string, basename(path));
  try {
    const given = (name: string, value: string | number | undefined) =>
      value === undefined ? [] : [name, String(value)];
    const words = [
      ...given('--kernel', options.kernel),
      ...given('--timeout', options.timeout),
      ...given('--cwd', options.cwd),
      ...given('--provenance', options.provenance && JSON.stringify(options.provenance, inWords)),
      ...given('--parameters', options.parameters && parametersCode(options.parameters)),
    ];
    const { status, said } = await run(python, [join(root, 'kernels-config/execute.py'), path, out, ...words], options);
    if (status !== 0) {
      const lines = said
        .trim()
        .split('\n')
        .filter((line) => !folder || !line.startsWith('What was computed'));
      throw new Error(
        `Executing ${path} failed: ${lines.slice(folder ? -1 : -2).join(' ') || `exit status ${status}`}`,
      );
    }
    return await readNotebook(out);
  } finally {
    if (folder) await rm(folder, { recursive: true, force: true });
  }
}

/** For JSON.stringify: writes bigints, NaN and infinities as strings. */
const inWords = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)) ? String(value) : value;

function run(
  command: string,
  words: string[],
  { signal, onProgress }: Pick<ExecuteOptions, 'signal' | 'onProgress'>,
): Promise<{ status: number | null; said: string }> {
  return new Promise((done, fail) => {
    const child = spawn(command, words, {
      stdio: ['ignore', 'ignore', 'pipe'],
      ...(signal && { signal, killSignal: 'SIGINT' }),
    });
    let said = '';
    child.stderr.on('data', (text: Buffer) => {
      said = (said + text).slice(-20_000);
      const [, done, total] = [...String(text).matchAll(/^cell (\d+)\/(\d+)/gm)].at(-1) ?? [];
      if (total !== undefined) onProgress?.({ label: 'cells', done: Number(done), total: Number(total) });
    });
    child.on('error', fail);
    child.on('close', (status) => done({ status, said }));
  });
}
