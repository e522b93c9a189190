/** `npm run reproduce` and `npx stillhouse reproduce table-6 --scale mini`: execute notebooks and write their results. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { distilledPicture, executeNotebook, share, showProgress } from '../charts';
import { deviceReport } from '../engine';
import { saveDistilledSet } from '../methods';
import type { OnProgress } from '../sweeps';
import { catalogue, itemNamed } from './catalogue';
import { type CatalogueItem, isExhibit } from './exhibit';
import { pathOf, type ResultFiles } from './item';
import { openExhibit } from './open-exhibit';
import { openExperiment, openWhereThere } from './open-experiment';
import { type AsWritten, NotAtThisScale, type Scale, type ScaleChanges, type ScaleName } from './scales';
import { tour, tourPhotos, tourScale } from './tour';
import { wall } from './wall';

const project = fileURLToPath(new URL('../..', import.meta.url));

export interface ReproduceOptions {
  /** Scale of tables and figures; the tour has its own. @default 'mini' */
  scale?: ScaleName;
  /** Settings of the scale that are changed for all cells of tables and figures. */
  change?: AsWritten<ScaleChanges>;
  /** Receives lines of news. Default: writes to standard output. */
  say?: (line: string) => void;
  signal?: AbortSignal;
}

/**
 * Executes the notebooks of tables and figures, or of the tour where none is named, through the project's kernel. Each
 * leaves notebook, page, table and chart below `results/`.
 * @param names of the catalogue, or 'all'
 * @returns the paths that it wrote, relative to the project
 * @throws Error for an unknown name, before anything runs, and if a student failed
 */
export async function reproduce(names: readonly string[] = [], options: ReproduceOptions = {}): Promise<string[]> {
  const { scale = 'mini', change = {}, say = console.log } = options;
  const everything = names.includes('all');
  // An experiment for one scale only runs at that scale, and isn't part of 'all' at another.
  const scaleFor = (item: CatalogueItem): ScaleName => (!isExhibit(item) && item.scale) || scale;
  const chosen = catalogue.filter(
    (item) => item.name !== tour.name && (names.includes(item.name) || (everything && scaleFor(item) === scale)),
  );
  for (const name of names.filter((name) => name !== 'all')) itemNamed(name);
  const started = performance.now();
  const written: string[] = [];
  if (everything || names.length === 0 || names.includes(tour.name)) written.push(...(await reproduceTour(options)));
  for (const item of chosen) {
    const at = { scale: scaleFor(item), change };
    try {
      const opened = isExhibit(item) ? openExhibit(item, at) : await openExperiment(item, at);
      written.push(...(await leaveResults(item, opened, { ...options, parameters: at })));
    } catch (error) {
      if (!everything || !(error instanceof NotAtThisScale)) throw error;
      say(`${item.item} is left out: ${error.message}`);
    }
  }
  await wall();
  written.push('results/README.md', 'results/index.html');
  say(`Done in ${Math.round((performance.now() - started) / 1000)} s. Look at:`);
  for (const path of written) say(`  ${path}`);
  if (names.length === 0) {
    const others = catalogue.filter(({ name }) => name !== tour.name).map(({ name }) => name);
    say(`Tables and figures: npx stillhouse reproduce ${others.join(' | ')} | all`);
  }
  return written;
}

async function reproduceTour(options: ReproduceOptions): Promise<string[]> {
  const opened = await openExperiment(tour, { scale: tourScale });
  // The CIFAR-10 part of the notebook is computed here first, where its progress is visible.
  const photos = await openWhereThere(tour, { scale: tourPhotos });
  await photos?.run({ live: false, ...stopping(options) });
  const written = await leaveResults(tour as unknown as CatalogueItem, opened, options);
  const { set } = (await opened.sets())[0]!;
  const folder = join('results', tour.name);
  await saveDistilledSet(set, join(project, folder, 'distilled'));
  writeFileSync(join(project, folder, 'distilled.webp'), await (await distilledPicture(set, { size: 64 })).webp());
  return [...written, join(folder, 'distilled'), join(folder, 'distilled.webp')];
}

const stopping = ({ signal }: ReproduceOptions): { signal?: AbortSignal } => (signal ? { signal } : {});

/** A table or another exhibit, opened at a scale. */
interface Opened {
  scale: Scale;
  run(options: {
    live: false;
    onProgress: OnProgress;
    signal?: AbortSignal;
  }): Promise<{ files(): Promise<ResultFiles> }>;
}

/** Runs an item, executes its notebook, and writes the results below results/. */
async function leaveResults(
  item: CatalogueItem,
  opened: Opened,
  { parameters, say = console.log, ...options }: ReproduceOptions & { parameters?: Record<string, unknown> },
): Promise<string[]> {
  const place = pathOf(item);
  const folder = join(project, 'results', place);
  mkdirSync(folder, { recursive: true });
  // Run here first: progress shows in the terminal, where a notebook's would not.
  const onProgress = showProgress(`${item.item}, scale ${opened.scale.name}`);
  const results = await opened.run({ live: false, onProgress, ...stopping(options) });
  say(`Executing notebooks/${place}.ipynb …`);
  const executed = join(folder, 'executed.ipynb');
  await executeNotebook(join(project, 'notebooks', `${place}.ipynb`), {
    out: executed,
    cwd: join(project, 'notebooks'),
    provenance: provenance(),
    onProgress: showProgress(`${item.item}, the notebook`),
    ...(parameters ? { parameters } : {}),
    ...stopping(options),
  });
  await share(executed, join(folder, 'page.html'));
  const files = Object.entries(await results.files());
  for (const [name, content] of files) writeFileSync(join(folder, name), content);
  return ['executed.ipynb', 'page.html', ...files.map(([name]) => name)].map((name) => join('results', place, name));
}

/** What a reader of the page needs to reproduce it; seeds and settings are stored with the results themselves. */
function provenance(): Record<string, unknown> {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: project, encoding: 'utf8' }).trim();
  const { device, tensorflow } = deviceReport();
  let commit = 'not a git checkout';
  try {
    // Ignore what earlier notebooks of the same call wrote below results/: it changes no number.
    const changed = git('status', '--porcelain', '--untracked-files=no', '--', '.', ':!results') !== '';
    commit = `${git('rev-parse', 'HEAD')}${changed ? ' with uncommitted changes' : ''}`;
  } catch {
    // An archive without .git.
  }
  return { commit, engine: `TensorFlow ${tensorflow}`, device };
}
