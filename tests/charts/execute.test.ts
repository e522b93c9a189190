import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { executeNotebook } from '../../src/charts';
import { temporaryFolder } from '../helpers/temporary';

const folder = temporaryFolder();

/** A notebook in a file. The first cell declares `scale`. */
function notebook(name: string, tags: readonly string[]): string {
  const sources = ["let scale = 'mini';", 'console.log(`scale is ${scale}`);'];
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
