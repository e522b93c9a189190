import { expect, it } from 'vitest';
import { rebaseLinks } from '../../src/charts/share/links';

const folders = { from: '/lab/notebooks', to: '/lab/results/00-tour' };
const rebased = (markdown: string): string => rebaseLinks(markdown, folders);

it.each([
  ['a link', 'see [*this*](../src/index.ts).', 'see [*this*](../../src/index.ts).'],
  ['a link to a neighbour', '[next](calibration.ipynb)', '[next](../../notebooks/calibration.ipynb)'],
  ['a link with a title', '[a](./b.md "B")', '[a](../../notebooks/b.md "B")'],
  ['a link with an anchor', '[a](b.md#c?d)', '[a](../../notebooks/b.md#c?d)'],
  ['a folder', '[all](../results/)', '[all](../)'],
  ['the folder that it moves to', '[a](../results/00-tour/) [b](../results/00-tour)', '[a](./) [b](.)'],
  ['a picture within a link', '[![p](p.png)](q.md)', '[![p](../../notebooks/p.png)](../../notebooks/q.md)'],
  ['a target in brackets', '[a](<my notes.md>)', '[a](<../../notebooks/my notes.md>)'],
  ['a definition', 'see [a]\n\n[a]: b.md\n', 'see [a]\n\n[a]: ../../notebooks/b.md\n'],
  ['what stands between code', '`x` [a](b) `y` [c](d)', '`x` [a](../../notebooks/b) `y` [c](../../notebooks/d)'],
])('rebases %s', (_, markdown, expected) => {
  expect(rebased(markdown)).toBe(expected);
});

it.each([
  ['addresses', '[a](https://a.org/b) [c](mailto:c@d.org) ![e](data:image/png;base64,AA==)'],
  ['attachments', '![a](attachment:a.png)'],
  ['anchors and absolute paths', '[a](#part) [b](/b) []()'],
  ['code spans', '`[a](b)` and ``[`a`](b)``'],
  ['code blocks', '```md\n[a](b)\n```\n\n~~~\n[a](b)\n```\n[c](d)\n~~~\n'],
  ['a code block without an end', '```\n[a](b)\n'],
  ['formulas', 'by $E[x](t)$ and\n$$\n[f](x)\n$$\n'],
  ['words in brackets', 'as [1] (see below) says'],
])('leaves %s alone', (_, markdown) => {
  expect(rebased(markdown)).toBe(markdown);
});

it('leaves everything alone in the same folder', () => {
  const markdown = '[a](b.md) [c](../d/)';
  expect(rebaseLinks(markdown, { from: 'a/b', to: 'a/b' })).toBe(markdown);
});
