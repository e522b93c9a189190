import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { executeNotebook, type Notebook } from '../../src/charts';
import { python, root } from '../../src/setup/paths.mjs';
import { temporaryFolder } from '../helpers/temporary';

const folder = temporaryFolder();

const ofScales = ["let scale = 'mini';", 'console.log(`scale is ${scale}`);'];

/** A notebook in a file. By default the first cell declares `scale`. */
function notebook(name: string, tags: readonly string[], sources = ofScales): string {
  const cells = sources.map((source, i) => ({
    cell_type: 'code',
    id: `cell-${i}`,
    metadata: i === 0 ? { tags } : {},
    source,
    outputs: [],
    execution_count: null,
  }));
  const text = { cell_type: 'markdown', id: 'text', metadata: {}, source: ['Then\n', '[the next](next.ipynb).'] };
  const kernelspec = { name: 'stillhouse', display_name: 'TypeScript (Stillhouse)', language: 'typescript' };
  const path = join(folder, name);
  writeFileSync(
    path,
    JSON.stringify({ cells: [...cells, text], metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 }),
  );
  return path;
}

describe('executeNotebook', () => {
  it('sets parameters after the tagged cell; the executed notebook shows them, and its links hold where it lies', async () => {
    const seen: number[] = [];
    const { cells } = await executeNotebook(notebook('tagged.ipynb', ['parameters']), {
      parameters: { scale: 'cifar', limit: Number.POSITIVE_INFINITY },
      out: join(folder, 'results', 'tagged', 'executed.ipynb'),
      onProgress: ({ done, total }) => seen.push(done / total),
    });
    expect([seen[0], seen.at(-1)]).toEqual([0, 1]);
    expect(cells.map(({ source }) => [source].flat().join(''))).toEqual([
      "let scale = 'mini';",
      'let scale = "cifar";\nlet limit = Infinity;',
      'console.log(`scale is ${scale}`);',
      'Then\n[the next](../../next.ipynb).',
    ]);
    expect(JSON.stringify(cells[2]!.outputs)).toContain('scale is cifar');
  });

  it('refuses parameters where no cell is tagged', async () => {
    const path = notebook('untagged.ipynb', []);
    await expect(executeNotebook(path, { parameters: { scale: 'cifar' } })).rejects.toThrow(
      "it has no cell tagged 'parameters'",
    );
  });
});

describe('execute.py, whatever happens', () => {
  /** Executes a notebook whose second cell never ends. `during` sees the process. @returns exit code and what OUT holds */
  async function executed(
    name: string,
    { during, ...options }: { during?: (child: ReturnType<typeof spawn>) => void; kernel?: string; env?: object },
  ) {
    const out = join(folder, `${name}-executed.ipynb`);
    const path = notebook(`${name}.ipynb`, [], ["console.log('first')", 'await new Promise(() => {})']);
    const words = [
      join(root, 'kernels-config/execute.py'),
      path,
      out,
      ...(options.kernel ? ['--kernel', options.kernel] : []),
    ];
    const env = { ...process.env, ...options.env };
    const child = spawn(python, words, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    during?.(child);
    const code = await new Promise((resolve) => child.on('exit', resolve));
    const { cells, metadata } = JSON.parse(readFileSync(out, 'utf8')) as Notebook;
    return { code, outputs: cells.map(({ outputs }) => outputs?.length), failed: metadata.stillhouse?.failed };
  }
  const interrupted = { code: 130, outputs: [1, 0, undefined], failed: 'Interrupted.' };

  it.each(['SIGINT', 'SIGTERM'] as const)('writes what was computed after %s', async (signal) => {
    const during = (child: ReturnType<typeof spawn>) =>
      child.stderr!.on('data', (text) => {
        if (!String(text).includes('cell 1/2')) return;
        child.kill(signal);
        child.kill('SIGINT'); // from a terminal, beside the command line's
      });
    expect(await executed(signal, { during })).toEqual(interrupted);
  });

  it('stops after a cell when nobody reads what it says any more', async () => {
    expect(await executed('alone', { during: (child) => child.stderr!.destroy() })).toEqual(interrupted);
  });

  it('writes why a kernel did not start', async () => {
    const spec = join(folder, 'kernels', 'broken');
    mkdirSync(spec, { recursive: true });
    const argv = [process.execPath, '--eval', '0', '{connection_file}'];
    writeFileSync(join(spec, 'kernel.json'), JSON.stringify({ argv, display_name: 'Broken', language: 'typescript' }));
    expect(await executed('broken', { kernel: 'broken', env: { JUPYTER_PATH: folder } })).toEqual({
      code: 2,
      outputs: [0, 0, undefined],
      failed: expect.stringMatching(/^The kernel could not be started or reached: RuntimeError: Kernel died/),
    });
  });
});
