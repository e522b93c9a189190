/** `npm run reproduce`: the tour executed, shared as one file, its distilled images and results as files. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  barChart,
  distilledPicture,
  executeNotebook,
  renderPng,
  resultsTable,
  rowsToCsv,
  share,
  showProgress,
} from '../charts';
import { deviceReport } from '../engine';
import { saveDistilledSet } from '../methods';
import { openCifar10Tour, openTour, type Tour } from './tour';

/** What lies in results/00-tour afterwards. */
const RESULTS = [
  'executed.ipynb',
  'tour.html',
  'distilled',
  'distilled.png',
  'accuracy.csv',
  'accuracy.md',
  'accuracy.png',
];

/** And where CIFAR-10 was there. */
const PHOTO_RESULTS = ['accuracy-cifar10.csv', 'accuracy-cifar10.md', 'accuracy-cifar10.png'];

const project = fileURLToPath(new URL('../..', import.meta.url));

export interface ReproduceOptions {
  /** Where a line of news goes. Default standard output. */
  say?: (line: string) => void;
  signal?: AbortSignal;
}

/**
 * Executes notebooks/00-tour.ipynb through the project's kernel and leaves its results under results/00-tour.
 * @returns the paths that it wrote, relative to the project
 */
export async function reproduce({ say = console.log, signal }: ReproduceOptions = {}): Promise<string[]> {
  const folder = join(project, 'results', '00-tour');
  mkdirSync(folder, { recursive: true });
  const started = performance.now();
  const tour = openTour();
  say('Working out what the store does not hold (first time: some minutes on two cores) …');
  const photos = await openCifar10Tour();
  for (const one of photos ? [tour, photos] : [tour]) {
    const { name } = one.dataset;
    await one.distil({ onProgress: showProgress(`Distilling ${name}`) });
    await one.accuracy({ onProgress: showProgress(`Teacher and students, ${name}`) });
  }
  say('Executing notebooks/00-tour.ipynb …');
  const executed = join(folder, 'executed.ipynb');
  await executeNotebook(join(project, 'notebooks', '00-tour.ipynb'), {
    out: executed,
    cwd: join(project, 'notebooks'),
    provenance: provenance(tour),
    ...(signal ? { signal } : {}),
  });
  await share(executed, join(folder, 'tour.html'));
  await writeAccuracy(tour, join(folder, 'accuracy'));
  if (photos) await writeAccuracy(photos, join(folder, 'accuracy-cifar10'));
  await writeDistilled(tour, folder);
  say(`Done in ${Math.round((performance.now() - started) / 1000)} s. Look at:`);
  const written = [...RESULTS, ...(photos ? PHOTO_RESULTS : [])].map((name) => join('results', '00-tour', name));
  for (const path of written) say(`  ${path}`);
  return written;
}

/** The same stages again, from the store: rows, table and chart as files. */
async function writeAccuracy(tour: Tour, path: string): Promise<void> {
  const rows = await tour.accuracy();
  writeFileSync(`${path}.csv`, rowsToCsv(rows));
  const table = resultsTable(rows, { rows: 'method', columns: 'imagesPerClass', value: 'accuracy', percent: true });
  writeFileSync(`${path}.md`, `${tour.dataset.name}, top-1 of the last epoch\n\n${table.toMarkdown()}\n`);
  const chart = barChart(rows, { series: 'method', value: 'accuracy', percent: true, neutral: ['random'] });
  writeFileSync(`${path}.png`, await renderPng(chart));
}

async function writeDistilled(tour: Tour, folder: string): Promise<void> {
  const { set } = await tour.distil();
  await saveDistilledSet(set, join(folder, 'distilled'));
  writeFileSync(join(folder, 'distilled.png'), (await distilledPicture(set, { size: 64 })).png);
}

/** What a reader of the page must know to run it again. */
function provenance(tour: Tour): Record<string, unknown> {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: project, encoding: 'utf8' }).trim();
  const { settings } = tour;
  let commit = 'not a git checkout';
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no') !== '';
    commit = `${git('rev-parse', 'HEAD')}${changed ? ' with uncommitted changes' : ''}`;
  } catch {
    // An archive without .git: said as it is.
  }
  const { device, tensorflow } = deviceReport();
  return {
    commit,
    engine: `TensorFlow ${tensorflow}`,
    device,
    seeds: settings.seeds,
    fingerprints: { dataset: tour.dataset.fingerprint },
    settings,
  };
}
