/**
 * The ablation of diffusion-driven selection on the embedded world: timestep ranges × cluster counts × patch sizes × IPC,
 * 60 configurations. All of them are cut out of the same losses and features, so the prior is asked for one.
 *
 *     npx stillhouse plan selection-ablation
 *     npx stillhouse ablation --fresh            # measured, and written to results/ablation-selection.md
 */
import { z } from 'zod';
import type { AnnotatedDataset, ImageDataset } from '../../datasets';
import { localisation, modeCoverage } from '../../evaluation';
import { RandomStream } from '../../engine';
import type { Distillation, DistilledSet } from '../../methods';
import { type BoundStage, grid, input, type Settings, type Sweep, stage, sweep } from '../../sweeps';
import { type DatasetDescription, datasetSchema, openDataset } from '../datasets';
import {
  bindDistillation,
  type BoundDistillation,
  type DistillationSettings,
} from '../diffusion-driven-selection/bind';
import { selection } from '../stages';
import { stillLifeTour } from '../tour';

/** What the ablation varies. */
export interface SelectionSettings extends Settings {
  /** Fractions of the schedule. */
  timestepRange: readonly [number, number];
  clusters: number;
  /** Side of a patch, pixels. */
  patchSize: number;
  imagesPerClass: number;
}

/** What a configuration comes to, by the ground truth of the embedded world. Shares in 0 … 1. */
export type SelectionQuality = {
  /** Mean score of the chosen patches: how typical of their class the prior finds them. */
  score: number;
  /** Share of the object's pixels inside a chosen patch, and inside one at a random place. */
  objectShare: number;
  randomObjectShare: number;
  /** Modes of the classes that the set shows, and that as many patches at random places of random images show. */
  modesCovered: number;
  randomModesCovered: number;
};

/** A distilled set against masks and modes, and against chance. @throws where the dataset has none */
export const selectionQuality = stage({
  name: 'selection-quality',
  version: 1,
  code: import.meta.url,
  uses: ['../../evaluation/coverage', '../../evaluation/localisation'],
  parameters: z.object({ dataset: datasetSchema, /** Of the random patches. */ seed: z.int() }),
  inputs: { distilled: input<Distillation>() },
  async run({ signal }, { dataset, seed }, { distilled: { set } }): Promise<SelectionQuality> {
    const annotated = withGroundTruth(openDataset(dataset));
    const patches = set.images.flatMap(({ sources }) => sources);
    const { objectShare, randomObjectShare } = await localisation(annotated, { patches, signal });
    const { share } = await modeCoverage(set, annotated);
    const chance = await modeCoverage({ ...set, images: atRandom(set, annotated, seed) }, annotated);
    const scores = patches.map(({ score = Number.NaN }) => score);
    const score = scores.reduce((sum, value) => sum + value, 0) / scores.length;
    return {
      score,
      objectShare: objectShare!,
      randomObjectShare: randomObjectShare!,
      modesCovered: share,
      randomModesCovered: chance.share,
    };
  },
});

/** As many patches of each class, as large, at random places of different random images (again the same where there are too few). */
function atRandom(
  { classes, images }: DistilledSet,
  { size, labels }: ImageDataset,
  seed: number,
): DistilledSet['images'] {
  const orders = classes.map((_, label) => {
    const members = [...labels.keys()].filter((i) => labels[i] === label);
    return Array.from(new RandomStream(seed, 'random images', label).permutation(members.length), (k) => members[k]!);
  });
  const taken = classes.map(() => 0);
  return images.map((image) => {
    const [order, { label }] = [orders[image.label]!, image];
    const sources = image.sources.map((source) => {
      const k = taken[label]!++;
      const random = new RandomStream(seed, 'random place', label, k);
      const place = () => random.integer(size - source.box.size + 1);
      return { ...source, image: order[k % order.length]!, box: { ...source.box, top: place(), left: place() } };
    });
    return { ...image, sources };
  });
}

function withGroundTruth(dataset: ImageDataset): AnnotatedDataset {
  if ('mask' in dataset) return dataset as AnnotatedDataset;
  throw new Error(
    `Expected a dataset with masks and modes, '${dataset.name}' has none. The embedded world has: { kind: 'still-life', … }.`,
  );
}

export interface SelectionAblationOptions {
  dataset?: DatasetDescription;
  /** Name in data/priors, or a folder. */
  prior?: string;
  /** Width of a band of losses as a fraction of the schedule, and noise draws in it. */
  bandWidth?: number;
  drawsPerBand?: number;
  topClusters?: number;
  timestepRanges?: readonly (readonly [number, number])[];
  clusters?: readonly number[];
  patchSizes?: readonly number[];
  imagesPerClass?: readonly number[];
  /** Seeds of the clustering. The noise is the same in all: another costs no pass through the prior. */
  seeds?: readonly number[];
}

/** The tour's world with 50 images a class, its prior and draws; 5 ranges × 3 cluster counts × 2 patch sizes × 2 IPC, three seeds. */
export const selectionAblationDefaults: Required<SelectionAblationOptions> = {
  dataset: { kind: 'still-life', split: 'train', perClass: 50, size: 64, seed: 0 },
  prior: stillLifeTour.prior,
  bandWidth: stillLifeTour.bandWidth,
  drawsPerBand: stillLifeTour.drawsPerBand,
  topClusters: stillLifeTour.topClusters,
  timestepRanges: [
    [0.1, 0.3],
    [0.5, 0.7],
    [0.1, 0.5],
    [0.3, 0.7],
    [0.1, 0.7],
  ],
  clusters: [5, 16, 32],
  patchSizes: [32, 48],
  imagesPerClass: [5, 10],
  seeds: [10, 11, 12],
};

/** The ablation with what its points share, for those who time it. */
export interface SelectionAblation {
  options: Required<SelectionAblationOptions>;
  sweep: Sweep<SelectionSettings, SelectionQuality>;
  /** The distilled set of a configuration. */
  distilled(settings: SelectionSettings, seed: number): BoundStage<Distillation>;
  /** Stages of the widest range, which holds all others. */
  whole: BoundDistillation;
}

/** Declares the ablation; nothing runs. @throws where a range is not made of whole bands */
export function selectionAblation(changes: SelectionAblationOptions = {}): SelectionAblation {
  const options = { ...selectionAblationDefaults, ...changes };
  const { dataset, prior, bandWidth, drawsPerBand, topClusters, timestepRanges, seeds } = options;
  const { clusters, patchSizes, imagesPerClass } = options;
  const edges = timestepRanges.flat();
  const widest = [Math.min(...edges), Math.max(...edges)] as const;
  const base: SelectionSettings = {
    timestepRange: widest,
    clusters: clusters.at(-1)!,
    patchSize: patchSizes[0]!,
    imagesPerClass: imagesPerClass.at(-1)!,
  };
  const shared: DistillationSettings = { dataset, prior, bandWidth, drawsPerBand, topClusters, ...base };
  const whole = bindDistillation(shared);
  const bandAt = (edge: number): number => {
    const band = (edge - widest[0]) / bandWidth;
    if (Math.abs(band - Math.round(band)) < 1e-6) return Math.round(band);
    throw new Error(
      `Expected ranges of whole bands of ${bandWidth} from ${widest[0]} on, got one that ends at ${edge}.`,
    );
  };
  const distilled = ({ timestepRange: [from, to], ...settings }: SelectionSettings, seed: number) => {
    const [first, last] = [bandAt(from), bandAt(to)];
    const bands = whole.bands.slice(first, last);
    const inputs = { losses: whole.losses.slice(first, last), features: whole.features };
    const parameters = { ...settings, dataset, bands, timestepRange: [from, to] as [number, number] };
    return selection.bind({ ...parameters, topClusters, seed }, { inputs });
  };
  const made = sweep<SelectionSettings, SelectionQuality>({
    name: 'selection-ablation',
    base,
    axes: [grid({ timestepRange: timestepRanges, clusters, patchSize: patchSizes, imagesPerClass })],
    seeds,
    target: (settings, seed) =>
      selectionQuality.bind({ dataset, seed }, { inputs: { distilled: distilled(settings, seed) } }),
  });
  return { options, sweep: made, distilled, whole };
}
