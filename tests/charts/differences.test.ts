import { describe, expect, it } from 'vitest';
import { DISPLAY, differencesTable, MIME } from '../../src/charts';
import { published, rows } from './sample';

const options = { fields: ['method', 'ipc'], value: 'accuracy', percent: true, published, source: 'Table 2' };
const table = differencesTable(rows, options);

describe('differencesTable', () => {
  it('takes the published figure from ours, and says what differs', () => {
    expect(table.rows).toHaveLength(2);
    expect(table.rows[0]?.difference).toBeCloseTo(30 - 50.2, 10);
    expect(table.toMarkdown()).toMatchInlineSnapshot(`
      "| method | ipc | ours (%) | published (%) | ours − published | what differs |
      | :-- | :-- | --: | --: | --: | :-- |
      | RDED | 10 | 30.0 ± 1.6 | 50.2 ± 0.3 | −20.2 | 300 epochs, all of CIFAR-10 |
      | full dataset | 50 | – | 88.1 | – |  |

      Mean ± standard deviation, n = 5.  
      –: not at this scale.  
      Published: Table 2."
    `);
  });
  it('shows a figure that has none of ours beside it, without a difference', () => {
    expect(table.rows[1]).toEqual({ at: { method: 'full dataset', ipc: 50 }, published: published[1] });
    expect(table.toCsv().split('\n')[2]).toBe('full dataset,50,,,,88.1,,,');
  });
  it('says once what differs in every row alike', () => {
    const alike = published.map((figure) => ({ ...figure, differs: '300 epochs' }));
    const text = differencesTable(rows, { ...options, published: alike }).toText();
    expect(text.match(/300 epochs/g)).toHaveLength(1);
    expect(text).toContain('What differs: 300 epochs.');
  });
  it('refuses a figure that lacks a field', () => {
    expect(() => differencesTable(rows, { ...options, published: [{ at: { method: 'RDED' }, mean: 1 }] })).toThrow(
      /field 'ipc'/,
    );
  });
  it('escapes HTML', () => {
    const figure = { at: { method: '<b>', ipc: 1 }, mean: 1, differs: 'a<b' };
    const html = differencesTable([], { ...options, published: [figure, ...published] }).toHtml();
    expect(html).toContain('&lt;b&gt;');
    expect(html).toContain('a&lt;b');
  });
  it('carries its numbers as data, the published ones as reference', () => {
    const results = table[DISPLAY]()[MIME.results] as ReturnType<typeof table.toResults>;
    expect(results.keys).toEqual(['method', 'ipc']);
    expect(results.values.find(({ field }) => field === 'published')?.role).toBe('reference');
    expect(results.rows[0]).toMatchObject({ method: 'RDED', ipc: 10, n: 5, published: 50.2, published_sd: 0.3 });
  });
});
