import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { joined, type Notebook } from '../../src/charts';
import * as experiments from '../../src/experiments';
import { pathOf } from '../../src/experiments/item';
import { CellCompiler } from '../../src/kernel/compiler/compiler';
import { ROOT } from '../kernel/helpers/kernel-client';

const folder = join(ROOT, 'notebooks');
const exported = new Map<string, unknown>(Object.entries(experiments));
const compiler = new CellCompiler(folder, ROOT);

/** The text of each code cell in order, and of the code that the text proposes. */
function cellsOf(path: string): string[] {
  const { cells } = JSON.parse(readFileSync(join(folder, path), 'utf8')) as Notebook;
  return cells.flatMap(({ cell_type, source }) => {
    const text = joined(source);
    return cell_type === 'code' ? [text] : [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code!);
  });
}

/** What the kernel's compiler says of a notebook, cell by cell. */
function problemsOf(cells: readonly string[]): string[] {
  compiler.reset();
  return cells.flatMap((source, i) => {
    const compiled = compiler.compile(source);
    if (!compiled.ok) return compiled.problems.map(({ line, message }) => `code ${i + 1}, line ${line}: ${message}`);
    compiler.commit(compiled.cell);
    return [];
  });
}

it('a cell that the library has outgrown is noticed', () => {
  const cells = ["import { experiments } from 'stillhouse';", 'experiments.table5.title;\nexperiments.table55;'];
  expect(problemsOf(cells)).toEqual([expect.stringMatching(/^code 2, line 2: Property 'table55' does not exist/)]);
});

describe.each(experiments.catalogue.map((item) => [item.name, item] as const))('the notebook of %s', (_, item) => {
  const cells = cellsOf(`${pathOf(item)}.ipynb`);

  it('opens it', () => {
    const [, name = 'none'] = /\bopen(?:Experiment|Exhibit)\(experiments\.(\w+)/.exec(cells.join('\n')) ?? [];
    expect(exported.get(name)).toBe(item);
  });

  it('has cells that the kernel compiles', () => {
    expect(problemsOf(cells)).toEqual([]);
  });
});
