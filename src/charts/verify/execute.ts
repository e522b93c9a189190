/** Runs a notebook without a front-end, by a real Jupyter client: nbclient in the project's own Python. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OnProgress } from '../../common';
import { rebaseLinks } from '../share/links';
import { joined, type Notebook, readNotebook } from '../share/notebook';
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
 * Executes a notebook and returns it with its outputs. Relative links in its text hold where `out` is written.
 * @throws TypeError when a parameter can't be written as code.
 * @throws Error with the name and message of a cell's error; `out`, if given, then holds what was computed so far.
 */
export async function executeNotebook(path: string, options: ExecuteOptions = {}): Promise<Notebook> {
  const python = options.python ?? join(root, '.venv/bin/python');
  if (!existsSync(python))
    throw new Error(`Expected the project's Python at ${python}, found none. Run \`npm run setup\`.`);
  const folder = await mkdtemp(join(tmpdir(), 'stillhouse-'));
  const { out = join(folder, basename(path)), cwd = dirname(resolve(path)) } = options;
  try {
    const source = options.out === undefined ? path : await withLinksFrom(dirname(out), path, folder);
    const given = (name: string, value: string | number | undefined) =>
      value === undefined ? [] : [name, String(value)];
    const words = [
      ...given('--kernel', options.kernel),
      ...given('--timeout', options.timeout),
      ...given('--cwd', cwd),
      ...given('--provenance', options.provenance && JSON.stringify(options.provenance, inWords)),
      ...given('--parameters', options.parameters && parametersCode(options.parameters)),
    ];
    const { status, said } = await run(
      python,
      [join(root, 'kernels-config/execute.py'), source, out, ...words],
      options,
    );
    if (status !== 0) {
      const lines = said
        .trim()
        .split('\n')
        .filter((line) => options.out !== undefined || !line.startsWith('What was computed'));
      throw new Error(
        `Executing ${path} failed: ${lines.slice(options.out === undefined ? -1 : -2).join(' ') || `exit status ${status}`}`,
      );
    }
    return await readNotebook(out);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A notebook whose relative links hold from `place`: itself, or a copy in `folder`. @returns its path */
async function withLinksFrom(place: string, path: string, folder: string): Promise<string> {
  const [from, to] = [dirname(path), place].map((one) => resolve(one).split(sep).join('/')) as [string, string];
  if (from === to) return path;
  const notebook = await readNotebook(path);
  let moved = 0;
  for (const cell of notebook.cells.filter(({ cell_type }) => cell_type === 'markdown')) {
    const text = joined(cell.source);
    cell.source = rebaseLinks(text, { from, to });
    if (cell.source !== text) moved++;
  }
  if (moved === 0) return path;
  const copy = join(folder, basename(path));
  await writeFile(copy, JSON.stringify(notebook));
  return copy;
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
