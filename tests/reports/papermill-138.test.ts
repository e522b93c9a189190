/**
 * https://github.com/nteract/papermill/pull/138, and as it was taken in
 * https://github.com/nteract/papermill/pull/163
 *
 * Reported: a notebook that was executed with parameters and is executed again gets one more cell of parameters each time.
 *
 * Here: so it was, and worse: the older cell came after the new one, so that its values won, without a word. Two cells
 * had the same id too, which a notebook must not have.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** The cells of a notebook after each of the declarations was set in it, one after the other. */
function injected(cells: { source: string; tags?: string[] }[], ...declarations: string[]): string[] {
  const program = `
import json, sys
sys.path.insert(0, 'kernels-config')
import nbformat
from execute import inject
cells, declarations = json.load(sys.stdin)
made = [nbformat.v4.new_code_cell(c['source'], metadata={'tags': c.get('tags', [])}) for c in cells]
notebook = nbformat.v4.new_notebook(cells=made)
for code in declarations:
    inject(notebook, code)
nbformat.validate(notebook)
print(json.dumps([cell.source for cell in notebook.cells]))
`;
  const input = JSON.stringify([cells, declarations]);
  return JSON.parse(
    execFileSync(join(root, '.venv/bin/python'), ['-c', program], { cwd: root, input, encoding: 'utf8' }),
  );
}

describe('parameters of a notebook that was executed before', () => {
  it('give way to the new ones', () => {
    const cells = [{ source: 'let seed = 0;', tags: ['parameters'] }, { source: 'seed' }];
    expect(injected(cells, 'let seed = 1;', 'let seed = 2;')).toEqual(['let seed = 0;', 'let seed = 2;', 'seed']);
  });

  it('mark the place where the notebook itself has none', () => {
    const cells = [{ source: 'let seed = 1;', tags: ['injected-parameters'] }, { source: 'seed' }];
    expect(injected(cells, 'let seed = 2;')).toEqual(['let seed = 2;', 'seed']);
  });
});
