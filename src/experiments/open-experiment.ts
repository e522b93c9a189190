/** Opens an experiment at a scale: its cells, its controls, and what is left out. */
import { basename } from 'node:path';
import type { Scalar } from '../charts';
import { bindCell } from './bind-cell';
import { type Axes, type Cell, type Experiment, placesOf } from './experiment';
import type { MissingPlace } from './left-out';
import type { MethodName } from './method-names';
import { OpenedExperiment, type PlacedCell } from './opened-experiment';
import {
  changedScale,
  NotAtThisScale,
  nearestImagesPerClass,
  type AsWritten,
  type Scale,
  type ScaleChanges,
  type ScaleDataset,
  scaleOf,
} from './scales';

export interface OpenOptions {
  /** A scale, or the name of one: 'mini', 'cifar', 'paper'. Any text, as a notebook's parameter is. Default the experiment's own, else 'mini'. */
  scale?: string | Scale;
  /** Settings to change for all cells. */
  change?: AsWritten<ScaleChanges>;
}

/**
 * Opens a table or figure at a scale; nothing runs.
 * @example
 * const table = await openExperiment(table5, { scale: 'mini' });
 * const results = await table.run();
 * await show(results.table);
 * @throws Error if a cell has settings that its method doesn't know
 * @throws {NotAtThisScale} if the scale can run none of its cells, or the experiment is for another scale
 */
export async function openExperiment<A extends Axes>(
  experiment: Experiment<A>,
  { scale: given = experiment.scale ?? 'mini', change = {} }: OpenOptions = {},
): Promise<OpenedExperiment> {
  const original = typeof given === 'string' ? scaleOf(given, experiment.paper) : given;
  const scale = changedScale(changedScale(original, experiment.changes ?? {}), change);
  if (experiment.scale && scale.name !== experiment.scale) {
    throw new NotAtThisScale(`${experiment.item} is about scale '${experiment.scale}' alone, not '${scale.name}'.`);
  }
  const places = placesOf(experiment);
  const datasets = await scale.datasets([...new Set(places.map((place) => experiment.cell(place).dataset))]);
  const [cells, controls]: [PlacedCell[], PlacedCell[]] = [[], []];
  const substitutions = new Set<string>();
  if (scale.prior !== original.prior)
    substitutions.add(`prior ${basename(scale.prior)} in place of ${basename(original.prior)}`);
  const missing: MissingPlace[] = [];
  /** Adds a cell; returns false, and records the reason, if the scale can't run it. */
  const add = async (to: PlacedCell[], place: Record<string, Scalar>, cellAt: () => Cell): Promise<boolean> => {
    try {
      const cell = cellAt();
      const dataset = datasets.get(cell.dataset)!;
      if ('missing' in dataset) throw new NotAtThisScale(dataset.missing);
      const bound = [];
      for (const seeds of scale.pairs) bound.push(await bindCell(cell, scale, dataset, seeds));
      to.push(...bound.map((one) => ({ place, ...one })));
      return true;
    } catch (error) {
      if (!(error instanceof NotAtThisScale)) throw error;
      missing.push({ place, reason: error.message });
      return false;
    }
  };
  const beside = (place: Record<string, Scalar>) => JSON.stringify({ ...place, [experiment.controls ?? '']: null });
  const whole = new Set(places.filter((place) => isWhole(experiment.cell(place), scale, datasets)).map(beside));
  for (const place of places) {
    const at = () => atScale(experiment.cell(place), scale, 'imagesPerClass' in experiment.axes);
    if (!(await add(cells, { ...place }, () => at().cell))) continue;
    const { cell, substitution } = at();
    if (substitution) substitutions.add(substitution);
    for (const method of controlsOf(experiment, scale)) {
      // Beside sets of whole images they would be the random images, or have a format that no set has.
      if (method === 'random patches' && whole.has(beside(place))) continue;
      await add(controls, { ...place, [experiment.controls!]: method }, () => controlOf(cell, method));
    }
  }
  if (cells.length === 0) {
    throw new NotAtThisScale(
      `Expected ${experiment.item} to have cells at scale '${scale.name}', got none: ${missing[0]?.reason ?? 'it has no places'}`,
    );
  }
  // Two places of a table may have the same control, which is then kept once.
  const distinct = new Map([...cells, ...controls].map((one) => [JSON.stringify([one.place, one.seeds]), one]));
  const lacking = new Map(missing.map((one) => [JSON.stringify(one.place), one]));
  return new OpenedExperiment(experiment as unknown as Experiment, scale, {
    cells: [...distinct.values()],
    missing: [...lacking.values()],
    substitutions: [...substitutions],
  });
}

/** Like openExperiment, but gives undefined and the reason if the scale can't run it on this machine. */
export async function openWhereThere<A extends Axes>(
  experiment: Experiment<A>,
  options: OpenOptions = {},
): Promise<OpenedExperiment | undefined> {
  try {
    return await openExperiment(experiment, options);
  } catch (error) {
    if (!(error instanceof NotAtThisScale)) throw error;
    console.log(error.message);
    return undefined;
  }
}

/** A cell with images per class that the scale runs. @throws NotAtThisScale if the table varies them and it has none */
function atScale(
  cell: Cell,
  { imagesPerClass: run, name }: Scale,
  varied: boolean,
): { cell: Cell; substitution?: string } {
  const { imagesPerClass } = cell;
  if (run.includes(imagesPerClass)) return { cell };
  if (varied)
    throw new NotAtThisScale(`Scale '${name}' runs ${run.join(', ')} images per class, not ${imagesPerClass}.`);
  const nearest = nearestImagesPerClass({ imagesPerClass: run }, imagesPerClass);
  return {
    cell: { ...cell, imagesPerClass: nearest },
    substitution: `${nearest} images per class in place of ${imagesPerClass}`,
  };
}

/** Whether a cell of selection takes whole images, by its own settings or by those of the scale for its dataset. */
function isWhole(
  { method, settings, dataset }: Cell,
  scale: Scale,
  datasets: ReadonlyMap<string, ScaleDataset | { missing: string }>,
): boolean {
  const found = datasets.get(dataset);
  if (method !== 'diffusion-driven selection' || !found || 'missing' in found) return false;
  return (settings?.patchSize ?? changedScale(scale, found.changes ?? {}).selection.patchSize) === 'image';
}

/** Settings that make the format of a set. */
const formatSettings = ['imageSize', 'patchSize', 'factor'];

/** A control beside a cell: random patches are cut as the cell's; random images and the oracle are the same for all cells. */
function controlOf({ settings = {}, ...cell }: Cell, method: MethodName): Cell {
  const format = Object.entries(settings).filter(([name]) => formatSettings.includes(name));
  if (method !== 'random patches' || format.length === 0) return { ...cell, method };
  return { ...cell, method, settings: Object.fromEntries(format) };
}

/** The scale's controls, except those that the table compares itself. */
const controlsOf = <A extends Axes>({ axes, controls }: Experiment<A>, scale: Scale): MethodName[] =>
  controls === undefined ? [] : scale.controls.filter((method) => !axes[controls]!.includes(method));
