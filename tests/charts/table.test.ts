import { describe, expect, it } from 'vitest';
import { MIME, resultsTable } from '../../src/charts';
import { published, rows } from './sample';

const table = resultsTable(rows, {
  title: 'Top-1 accuracy',
  rows: 'method',
  columns: 'ipc',
  value: 'accuracy',
  percent: true,
  best: 'highest',
  published,
  source: 'Table 2',
  metadata: { seeds: [0, 1, 2, 3, 4] },
});

describe('resultsTable', () => {
  it('averages over the rows that differ in seed alone', () => {
    const ours = table.cells[0]?.[0]?.ours;
    expect(ours?.mean).toBeCloseTo(20, 10);
    expect(ours?.sd).toBeCloseTo(Math.sqrt(2.5), 10);
    expect(ours?.n).toBe(5);
  });
  it('keeps the order of appearance and adds rows that only the published figures know', () => {
    expect(table.rows.map(({ method }) => method)).toEqual(['random', 'RDED', 'ours', 'full dataset']);
    expect(table.columns.map(({ ipc }) => ipc)).toEqual([10, 50]);
  });
  it('names a value that is not a number together with its row', () => {
    expect(() => resultsTable([{ method: 'a', accuracy: 'high' }], { rows: 'method', value: 'accuracy' })).toThrow(
      /field 'accuracy'.*"high"/,
    );
  });
  it('names a field that is missing and those that exist', () => {
    expect(() => resultsTable([{ method: 'a', accuracy: 1 }], { rows: 'ipc', value: 'accuracy' })).toThrow(
      /field 'ipc'.*method, accuracy/,
    );
  });
  it('says n beside each figure where the numbers of seeds differ', () => {
    const uneven = resultsTable(rows.slice(0, 8), { rows: 'method', columns: 'ipc', value: 'accuracy' });
    expect(uneven.commonCount).toBeUndefined();
    expect(uneven.toText()).toContain('(n=3)');
  });
});

describe('a table of several datasets', () => {
  const datasets = ['ImageWoof', 'ImageNette'];
  const all = datasets.flatMap((dataset, d) =>
    rows.map((row) => ({ ...row, dataset, accuracy: row.accuracy + 0.1 * d })),
  );
  const sections = resultsTable([...all, { dataset: 'ImageNet-1K', method: 'ours', ipc: 10, accuracy: null }], {
    facet: 'dataset',
    rows: 'method',
    columns: 'ipc',
    value: 'accuracy',
    percent: true,
    best: 'highest',
    labels: { ipc: 'images per class' },
  });
  it('has a section for each, with its own best', () => {
    expect(sections.rows.map((_, row) => sections.sectionAt(row))).toEqual([
      'ImageWoof',
      undefined,
      undefined,
      'ImageNette',
      undefined,
      undefined,
      'ImageNet-1K',
    ]);
    expect(sections.cells.map((_, row) => sections.isBest(row, 0))).toEqual([
      false,
      false,
      true,
      false,
      false,
      true,
      false,
    ]);
    expect(sections.toMarkdown()).toContain('| ***ImageNette*** |  |  |\n| random | 30.0 ± 1.6 | 45.0 ± 1.6 |');
    expect(sections.toHtml()).toContain('colspan="3"><b><i>ImageNette</i></b>');
  });
  it('says what a dash stands for, and names fields as it is told', () => {
    expect(sections.toText()).toContain('–: not at this scale.');
    expect(sections.toText()).toContain('images per class 10 (%)');
  });
});

describe('forms of a table', () => {
  it('writes Markdown with the published column labelled, what differs noted, and the best in bold', () => {
    expect(table.toMarkdown()).toMatchInlineSnapshot(`
      "**Top-1 accuracy**

      | method | ipc 10 (%) | ipc 10 published | ipc 50 (%) | ipc 50 published |
      | :-- | --: | --: | --: | --: |
      | random | 20.0 ± 1.6 | – | 35.0 ± 1.6 | – |
      | RDED | 30.0 ± 1.6 | 50.2 ± 0.3 [1] | 45.0 ± 1.6 | – |
      | ours | **40.0 ± 1.6** | – | **55.0 ± 1.6** | – |
      | full dataset | – | – | – | 88.1 |

      Mean ± standard deviation, n = 5 each.  
      –: not at this scale.  
      Published: Table 2.  
      [1] 300 epochs, all of CIFAR-10"
    `);
  });
  it('writes one CSV line per cell', () => {
    const [header, first] = table.toCsv().split('\n');
    expect(header).toBe('method,ipc,mean,sd,n,published,published_sd,differs');
    expect(first).toMatch(/^random,10,20(\.0*\d+)?,1\.58\d+,5,,,$/);
    expect(table.toCsv()).toContain('"300 epochs, all of CIFAR-10"');
  });
  it('writes LaTeX with its special characters escaped', () => {
    const latex = resultsTable([{ method: 'a_b & 50%', x: 1 }], { rows: 'method', value: 'x' }).toLatex();
    expect(latex).toContain('a\\_b \\& 50\\%');
    expect(table.toLatex()).toContain('\\textbf{40.0 $\\pm$ 1.6}');
  });
  it('escapes HTML in headings and notes', () => {
    const html = resultsTable([{ method: '<script>', x: 1 }], { rows: 'method', value: 'x', title: 'a<b' }).toHtml();
    expect(html).not.toContain('<script>');
    expect(html).toContain('&lt;script&gt;');
    expect(html).toContain('a&lt;b');
  });
  it('shows itself as HTML, Markdown, data and plain text at once', () => {
    const bundle = table[Symbol.for('Jupyter.display') as never] as (this: unknown) => Record<string, unknown>;
    expect(Object.keys(bundle.call(table))).toEqual([MIME.html, MIME.markdown, MIME.results, MIME.text]);
  });
  it('carries its numbers as data with the columns that identify a row', () => {
    const results = table.toResults();
    expect(results.name).toBe('Top-1 accuracy');
    expect(results.keys).toEqual(['method', 'ipc']);
    expect(results.rows).toHaveLength(7);
    expect(results.rows.find((row) => row.method === 'full dataset')).toMatchObject({
      mean: null,
      sd: null,
      published: 88.1,
    });
    expect(results.metadata).toMatchObject({ seeds: [0, 1, 2, 3, 4], published: 'Table 2' });
  });
});

describe('headings of several fields', () => {
  it('leave out what is empty', () => {
    const table = resultsTable(
      [
        { method: 'real points', weights: '', score: 1 },
        { method: 'Minimax', weights: 'λ × 1', score: 2 },
      ],
      { rows: ['method', 'weights'], value: 'score' },
    );
    expect(table.toMarkdown()).toContain('| real points |');
    expect(table.toText()).toContain('Minimax, λ × 1');
    for (const text of [table.toMarkdown(), table.toText(), table.toHtml()]) expect(text).not.toContain('points,');
  });
});
