/** `npm run reproduce` and `npx stillhouse reproduce table-6 --scale mini`: execute notebooks and write their results. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { distilledPicture, executeNotebook, share, showProgress } from '../charts';
import { writeWhole } from '../common';
import { deviceReport } from '../engine';
import { saveDistilledSet } from '../methods';
import { catalogue, itemNamed } from './catalogue';
import { type CatalogueItem, isExhibit } from './exhibit';
import { pathOf, type ResultFiles } from './item';
import { openExhibit } from './open-exhibit';
import { openExperiment, openWhereThere } from './open-experiment';
import type { RunExperimentOptions } from './opened-experiment';
import { type AsWritten, NotAtThisScale, type Scale, type ScaleChanges, type ScaleName } from './scales';
import { tour, tourPhotos, tourScale } from './tour';
import { wall } from './wall';

const project = fileURLToPath(new URL('../..', import.meta.url));
const results = join(project, 'results');

export interface ReproduceOptions extends Pick<RunExperimentOptions, 'signal' | 'store' | 'executor'> {
  /** Scale of tables and figures; the tour has its own. @default 'mini' */
  scale?: ScaleName;
  /** Settings of the scale that are changed for all cells of tables and figures. */
  change?: AsWritten<ScaleChanges>;
  /** Receives lines of news. Default: writes to standard output. */
  say?: (line: string) => void;
  /** Folder of the results. Default: the project's for scale mini as it is; a folder below it for others, such as `results/changed`. */
  folder?: string;
  /** What there is to reproduce. Default: the catalogue. */
  items?: readonly CatalogueItem[];
  /** Runs a notebook. Default: the project's kernel does. */
  execute?: typeof executeNotebook;
}

/**
 * Executes the notebooks of tables and figures, or of the tour where none is named, through the project's kernel. Each
 * leaves notebook, page, table and chart in the folder of results.
 * @param names of the catalogue, or 'all'
 * @returns the paths that it wrote, relative to the project
 * @throws Error for an unknown name, before anything runs, and if a student failed
 */
export async function reproduce(names: readonly string[] = [], options: ReproduceOptions = {}): Promise<string[]> {
  const {
    scale = 'mini',
    change = {},
    say = console.log,
    folder = resultsFolder({ scale, change }),
    items = catalogue,
  } = options;
  const everything = names.includes('all');
  // An experiment for one scale only runs at that scale, and isn't part of 'all' at another.
  const scaleFor = (item: CatalogueItem): ScaleName => (!isExhibit(item) && item.scale) || scale;
  const chosen = items.filter(
    (item) => item.name !== tour.name && (names.includes(item.name) || (everything && scaleFor(item) === scale)),
  );
  for (const name of names.filter((name) => name !== 'all')) itemNamed(name, items);
  const hasTour = items.some(({ name }) => name === tour.name);
  const started = performance.now();
  const written: string[] = [];
  if (hasTour && (everything || names.length === 0 || names.includes(tour.name))) {
    written.push(...(await reproduceTour({ ...options, folder })));
  }
  for (const item of chosen) {
    const at = { scale: scaleFor(item), change };
    try {
      const opened = isExhibit(item) ? openExhibit(item, at) : await openExperiment(item, at);
      written.push(...(await leaveResults(item, opened, { ...options, folder, parameters: at })));
    } catch (error) {
      if (!everything || !(error instanceof NotAtThisScale)) throw error;
      say(`${item.item} is left out: ${error.message}`);
    }
  }
  // A folder of one's own needs no overview.
  if (existsSync(join(folder, 'README.md'))) written.push(...(await wall({ folder, items })).map(fromProject));
  say(`Done in ${Math.round((performance.now() - started) / 1000)} s. Look at:`);
  for (const path of written) say(`  ${path}`);
  if (names.length === 0) {
    const others = items.filter(({ name }) => name !== tour.name).map(({ name }) => name);
    say(`Tables and figures: npx stillhouse reproduce ${others.join(' | ')} | all`);
  }
  return written;
}

/** Where results go that no folder is named for: changed ones replace none of the defaults. */
export function resultsFolder({ scale = 'mini', change = {} }: Pick<ReproduceOptions, 'scale' | 'change'>): string {
  const changed = Object.keys(change).length > 0;
  return join(results, ...(scale === 'mini' ? [] : [scale]), ...(changed ? ['changed'] : []));
}

/** Options, and the folder of all results. */
type Placed = ReproduceOptions & { folder: string };

async function reproduceTour(options: Placed): Promise<string[]> {
  const opened = await openExperiment(tour, { scale: tourScale });
  // The CIFAR-10 part of the notebook is computed here first, where its progress is visible.
  const photos = await openWhereThere(tour, { scale: tourPhotos });
  await photos?.run({ live: false, ...running(options) });
  const written = await leaveResults(tour as unknown as CatalogueItem, opened, options);
  const { set } = (await opened.sets(running(options)))[0]!;
  const [distilled, picture] = ['distilled', 'distilled.webp'].map((name) => join(options.folder, tour.name, name)) as [
    string,
    string,
  ];
  await saveDistilledSet(set, distilled);
  writeWhole(picture, await (await distilledPicture(set, { size: 64 })).webp());
  return [...written, ...[distilled, picture].map(fromProject)];
}

/** Of the options those of a run. */
const running = ({ signal, store, executor }: ReproduceOptions): RunExperimentOptions => ({
  ...(signal && { signal }),
  ...(store && { store }),
  ...(executor && { executor }),
});

const fromProject = (path: string): string => relative(project, path);

/** A table or another exhibit, opened at a scale. */
interface Opened {
  scale: Scale;
  run(options: RunExperimentOptions): Promise<{ files(): Promise<ResultFiles> }>;
}

/** Runs an item, executes its notebook, and writes the results into their folder. */
async function leaveResults(
  item: CatalogueItem,
  opened: Opened,
  options: Placed & { parameters?: Record<string, unknown> },
): Promise<string[]> {
  const { parameters, say = console.log, execute = executeNotebook } = options;
  const place = pathOf(item);
  const folder = join(options.folder, place);
  // Run here first: progress shows in the terminal, where a notebook's would not.
  const onProgress = showProgress(`${item.item}, scale ${opened.scale.name}`);
  const ran = await opened.run({ live: false, onProgress, ...running(options) });
  mkdirSync(folder, { recursive: true });
  say(`Executing notebooks/${place}.ipynb …`);
  const executed = join(folder, 'executed.ipynb');
  await execute(join(project, 'notebooks', `${place}.ipynb`), {
    out: executed,
    cwd: join(project, 'notebooks'),
    provenance: provenance(),
    onProgress: showProgress(`${item.item}, the notebook`),
    ...(parameters ? { parameters } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  await share(executed, join(folder, 'page.html'));
  const files = Object.entries(await ran.files());
  for (const [name, content] of files) writeWhole(join(folder, name), content);
  return ['executed.ipynb', 'page.html', ...files.map(([name]) => name)].map((name) => fromProject(join(folder, name)));
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
