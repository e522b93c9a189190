/** The tour's own cells at their smallest: for clients in which it is run as a whole. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './kernel-client';

const SETTINGS = `openTour({
  dataset: { kind: 'still-life', split: 'train', perClass: 4, size: 64, seed: 0 },
  test: { kind: 'still-life', split: 'test', perClass: 2, size: 64, seed: 0 },
  teacherImages: { kind: 'still-life', split: 'train', perClass: 20, size: 64, seed: 0 },
  draws: 6, clusters: 3, topClusters: 2, imagesPerClass: 1, teacherEpochs: 8, studentEpochs: 1, seeds: [0, 1],
})`;

/** Writes the tour to `file`, up to the photos of CIFAR-10, without outputs. */
export function writeSmallTour(file: string): void {
  const book = JSON.parse(readFileSync(join(ROOT, 'notebooks', '00-tour.ipynb'), 'utf8')) as {
    cells: { source: string | string[] }[];
  };
  const text = (source: string | string[]) => (Array.isArray(source) ? source.join('') : source);
  const photos = book.cells.findIndex(({ source }) => text(source).includes('openCifar10Tour()'));
  const cells = book.cells
    .slice(0, photos)
    .map((cell) => ({ ...cell, source: text(cell.source).replace('openTour()', SETTINGS) }));
  writeFileSync(file, JSON.stringify({ ...book, cells }));
}
