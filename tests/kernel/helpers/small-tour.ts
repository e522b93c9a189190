/** The tour's own cells at their smallest: for clients in which it is run as a whole. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './kernel-client';

/** What the tour says, and what is said in its place. */
const SMALLER: readonly [string, string][] = [
  [
    '{ scale: experiments.tourScale }',
    `{ scale: experiments.tourScale, change: {
  realImages: 40, imageSize: 48, selection: { patchSize: 24, draws: 3, clusters: 3 }, controls: ['random'],
  networks: { 'ResNet-18': 'conv3-w8' }, recipe: { rded: { epochs: 1, factor: 2 } }, pairs: [{ set: 0, student: 0 }, { set: 1, student: 1 }],
} }`,
  ],
  ['{ patchSize: [32, 48, 64], clusters: [8, 16, 32] }', '{ patchSize: [24], clusters: [3] }'],
  ['{ initial: { patchSize: 48, clusters: 16 } }', '{}'],
];

/** Writes the tour to `file`, up to the photos of CIFAR-10, without outputs. */
export function writeSmallTour(file: string): void {
  const book = JSON.parse(readFileSync(join(ROOT, 'notebooks', '00-tour.ipynb'), 'utf8')) as {
    cells: { source: string | string[] }[];
  };
  const text = (source: string | string[]) => (Array.isArray(source) ? source.join('') : source);
  for (const [said] of SMALLER) {
    if (!book.cells.some(({ source }) => text(source).includes(said)))
      throw new Error(`Expected the tour to say ${said}.`);
  }
  const smaller = (source: string) => SMALLER.reduce((cell, [said, instead]) => cell.replace(said, instead), source);
  const photos = book.cells.findIndex(({ source }) => text(source).includes('experiments.tourPhotos'));
  const cells = book.cells.slice(0, photos).map((cell) => ({ ...cell, source: smaller(text(cell.source)) }));
  writeFileSync(file, JSON.stringify({ ...book, cells }));
}
