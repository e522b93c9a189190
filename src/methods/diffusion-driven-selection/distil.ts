/** The whole method in memory: score, cluster, select, compose (paper 001, algorithm 1). */
import type { ImageDataset } from '../../datasets';
import { type FeatureGrid, type LatentDiffusion, meanMap, type NoiseMap } from '../../diffusion';
import { breathe, type LongTask, type OnProgress, pacedProgress } from '../../engine';
import { imagesByClass } from '../compose';
import type { DistilledSet } from '../distilled-set';
import { requireEnoughImages } from '../enough-images';
import { readSettings } from '../read-settings';
import { drawGroups } from './bands';
import { type Candidates, candidatePatches, type ScoredImage } from './candidates';
import { composeSelections } from './compose';
import { clipFeatures } from './clip-features';
import { imageFeatureGrids } from './image-features';
import { PASSES_PER_DRAW, passesPerImage } from './passes';
import { patchFeatures } from './patch-features';
import { type ClassImages, encodeClass } from './encode';
import { scoreImages } from './score';
import { imagesNeeded } from './images-needed';
import { factorOf, type Selection, selectPatches } from './select';
import { type DiffusionDrivenOptions, type DiffusionDrivenSettings, diffusionDrivenSettings } from './settings';

/** A distilled set, and why each patch is in it. */
export interface Distillation {
  set: DistilledSet;
  /** Candidates of each class, in label order. */
  candidates: Candidates[];
  selections: Selection[];
}

export interface DistilTask extends LongTask {
  /** Labels of the classes to distil. Default all. */
  labels?: readonly number[];
}

/**
 * Distils a dataset with one class in memory at a time, and stores nothing. The stages in experiments/stages do the
 * same in pieces that are stored and shared.
 * @throws naming a class that the prior doesn't know or that has too few images, before anything is scored, or an image
 *   that can't be scored
 */
export async function distil(
  prior: LatentDiffusion,
  dataset: ImageDataset,
  options: DiffusionDrivenOptions,
  { labels = [...dataset.classes.keys()], ...task }: DistilTask = {},
): Promise<Distillation> {
  const { signal, onProgress } = task;
  const settings = readSettings(diffusionDrivenSettings, options, 'diffusion-driven selection');
  const { imagesPerClass, size = dataset.size } = settings;
  const factor = factorOf(settings);
  const candidates: Candidates[] = [];
  const selections: Selection[] = [];
  prior.requireClasses(labels.map((label) => dataset.classes[label]!));
  requireEnoughImages(dataset, { ...imagesNeeded(settings), labels });
  const positions = imagesByClass(dataset);
  const count = labels.reduce((sum, label) => sum + (positions[label]?.length ?? 0), 0);
  const passed = pacedProgress(onProgress, {
    label: 'Passes through the prior',
    total: count * passesPerImage(settings),
  });
  for (const label of labels) {
    await breathe(signal);
    const chosen = { dataset, label, images: positions[label] ?? [] };
    const found = await candidatesOfClass(prior, chosen, settings, {
      signal,
      onPasses: (passes) => passed(passes, dataset.classes[label]),
    });
    candidates.push(found.candidates);
    selections.push(selectPatches(found.candidates, found.features, { ...settings, factor }));
  }
  const shape = { imagesPerClass, factor, size };
  const recorded = { ...settings, factor };
  const set = await composeSelections(dataset, selections, { ...shape, settings: recorded, labels, ...task });
  return { set, candidates, selections };
}

export interface CandidatesTask extends Pick<LongTask, 'signal'> {
  /** Called with the number of passes through the prior since the last call. */
  onPasses?: (passes: number) => void;
}

/** Candidates of a class, each with a feature vector if they are to be clustered. */
export async function candidatesOfClass(
  prior: LatentDiffusion,
  chosen: ClassImages,
  settings: DiffusionDrivenSettings,
  { signal, onPasses }: CandidatesTask = {},
): Promise<{ candidates: Candidates; features: Float32Array[] | undefined }> {
  const { dataset, label, images } = chosen;
  const className = dataset.classes[label]!;
  if (images.length === 0) {
    throw new Error(`Expected images of every class, got none of '${className}'. Leave the class out, or add images.`);
  }
  const { features: by, clusters } = settings;
  const task = (passesEach: number): LongTask => ({ signal, onProgress: increments(passesEach, onPasses) });
  const wantsGrids = by.kind === 'dift' && clusters > 0;
  const scored: ScoredImage[] = new Array(images.length);
  const grids: FeatureGrid[] = new Array(images.length);
  for (const group of await encodeClass(prior, chosen, { ...settings, signal })) {
    const { places, ids, sizes } = group;
    const maps: { map: NoiseMap; weight: number }[][] = places.map(() => []);
    for (const draws of drawGroups(settings)) {
      const scores = await scoreImages(prior, group, className, {
        ...settings,
        ...draws,
        ...task(PASSES_PER_DRAW),
      });
      for (const [i, map] of scores.entries()) maps[i]!.push({ map, weight: draws.draws });
    }
    for (const [i, place] of places.entries()) {
      scored[place] = { id: ids[i]!, map: meanMap(maps[i]!), ...sizes[i]! };
    }
    if (!wantsGrids) continue;
    const found = await imageFeatureGrids(prior, group, className, { ...settings, ...by, ...task(by.ensemble) });
    for (const [i, place] of places.entries()) grids[place] = found[i]!;
  }
  const candidates = candidatePatches(scored, settings);
  if (wantsGrids) return { candidates, features: patchFeatures(candidates, grids) };
  const wantsClip = by.kind === 'clip' && clusters > 0;
  return { candidates, features: wantsClip ? await clipFeatures(prior, chosen, candidates, { signal }) : undefined };
}

/** Turns 'n done so far' into passes since the last report. */
function increments(passesEach: number, onPasses: CandidatesTask['onPasses']): OnProgress {
  let before = 0;
  return ({ done }) => {
    onPasses?.(passesEach * (done - before));
    before = done;
  };
}
