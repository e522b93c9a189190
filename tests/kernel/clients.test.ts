import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PYTHON, python } from './helpers/jupyter';
import { writeSmallTour } from './helpers/small-tour';
import { temporaryFolder } from '../helpers/temporary';

const here = import.meta.dirname;

async function tool<T>(name: string): Promise<T> {
  const folder = temporaryFolder();
  if (name === 'tour') writeSmallTour(join(folder, 'tour.ipynb'));
  const { stdout } = await python([join(here, 'helpers', 'notebook.py'), name, folder], 600_000);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as T;
}

interface CellOutput {
  output_type: string;
  text?: string;
  ename?: string;
  data?: Record<string, string>;
}

describe("Jupyter's own tools", () => {
  it("find that all of jupyter_kernel_test's cases hold, none skipped", async () => {
    const { stderr } = await python([join(here, 'conformance.py')]);
    expect(stderr).toMatch(/Ran 13 tests in [\d.]+s\n\nOK\n/);
  });

  it('nbclient executes a notebook, stops at an error by name, and with allow_errors runs every cell', async () => {
    const { good, error, allowed } = await tool<{ good: CellOutput[][]; error: string[]; allowed: CellOutput[][] }>(
      'nbclient',
    );
    expect(good[0]?.[0]?.data?.['text/plain']).toBe('21');
    expect(good[1]?.map(({ text }) => text).join('')).toBe(Array.from({ length: 2000 }, (_, i) => `${i}\n`).join(''));
    expect(good[2]?.[0]?.data?.['text/plain']).toBe("[ 20, 'kept' ]");
    expect(error).toEqual(['TypeError', 'stops here']);
    expect(allowed.map(([first]) => first?.ename ?? first?.data?.['text/plain'])).toEqual([
      'Error',
      '4',
      'TypeScriptError',
      '9',
    ]);
  });

  it('papermill sets parameters of every type and knows those of the notebook', async () => {
    const { known, outputs } = await tool<{ known: Record<string, string[]>; outputs: CellOutput[] }>('papermill');
    expect(known).toEqual({
      epochs: ['number', '1', 'passes'],
      names: ['string[]', '[]', ''],
      rate: ['None', '0.5', ''],
    });
    const shown = outputs[0]?.data?.['text/plain'];
    expect(shown).toContain(
      '"epochs":7,"names":["a \\\\"quoted\\\\"","b\\\\n"],"rate":0.00001,"options":{"on":true,"none":null}',
    );
  });

  it('nbconvert writes HTML with the picture of a bundle', async () => {
    expect(await tool('nbconvert')).toEqual({ svg: true, last: true });
  });

  it.runIf(existsSync(join(dirname(PYTHON), 'jupyter-console')))(
    'jupyter console shows values, text, errors and documentation, and asks what a cell asks (needs jupyter-console: npm run setup -- --lab)',
    async () => {
      const { stdout } = await python([join(here, 'helpers', 'console.py')]);
      const [declared, value, printed, asked, wrong, known] = JSON.parse(stdout) as string[];
      expect(declared?.trim()).toBe('');
      expect(value).toContain('Out[2]: 42');
      expect(printed).toContain('poured 3');
      expect(asked).toContain("Out[4]: 'Ada!'");
      expect(wrong).toContain("Cannot assign to 'litres' because it is a constant");
      expect(wrong).toContain("> 1 | litres = 'four'");
      expect(known).toContain('const litres: number');
    },
  );

  it("the library's displays work on stock tslab, in cells written as the tour's are", async () => {
    const [table, chart, other] = await tool<CellOutput[][]>('tslab');
    expect(Object.keys(table?.[0]?.data ?? {})).toEqual(expect.arrayContaining(['text/html', 'text/plain']));
    expect(Object.keys(chart?.[0]?.data ?? {})).toEqual(
      expect.arrayContaining(['application/vnd.vegalite.v5+json', 'image/svg+xml', 'text/plain']),
    );
    expect(other?.map(({ data, text }) => data ?? text).sort()).toEqual([{ 'image/svg+xml': '<svg/>' }, 'function\n']);
  });

  // Two minutes of computing.
  it.runIf(process.env.STILLHOUSE_SLOW)(
    'the tour itself runs on stock tslab: tables, pictures, a chart, progress in place (slow: STILLHOUSE_SLOW=1)',
    async () => {
      const cells = await tool<CellOutput[][]>('tour');
      expect(cells.flat().filter(({ output_type }) => output_type === 'error')).toEqual([]);
      const kinds = cells.map((outputs) => outputs.flatMap(({ data }) => Object.keys(data ?? {})));
      expect(kinds.every((types) => types.length > 0)).toBe(true);
      for (const type of [
        'text/html',
        'image/png',
        'application/vnd.vegalite.v5+json',
        'application/vnd.stillhouse.results+json',
      ])
        expect(kinds.flat()).toContain(type);
      expect(cells.flat().some(({ data }) => /━/.test(data?.['text/plain'] ?? ''))).toBe(true);
    },
    600_000,
  );
});
