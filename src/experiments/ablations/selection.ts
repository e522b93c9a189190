/**
 * The ablation of diffusion-driven selection on the embedded world: timestep ranges × cluster counts × patch sizes × IPC,
 * 60 configurations. All of them are cut out of the same losses and features: the prior is asked once per band and draw.
 *
 *     npx stillhouse plan selection-ablation
 *     npx stillhouse ablation --fresh            # measured, and written to results/ablation-selection.md
 */
import { z } from 'zod';
import { annotated, type ImageDataset } from '../../datasets';
import { localisation, modeCoverage } from '../../evaluation';
import { RandomStream } from '../../engine';
import { type DistilledSet, smallPriorSettings } from '../../methods';
import { grid, input, type Settings, type Sweep, stage, sweep } from '../../sweeps';
import { type DatasetDescription, datasetSchema, openDataset } from '../datasets';
import { bindDistillation, type BoundDistillation } from '../diffusion-driven-selection/bind';

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
  inputs: { distilled: input<DistilledSet>() },
  async run({ signal }, { dataset, seed }, { distilled: set }): Promise<SelectionQuality> {
    const truth = annotated(openDataset(dataset));
    const patches = set.images.flatMap(({ sources }) => sources);
    const { objectShare, randomObjectShare } = await localisation(truth, { patches, signal });
    const { share } = await modeCoverage(set, truth);
    const chance = await modeCoverage({ ...set, images: atRandom(set, truth, seed) }, truth);
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

export interface SelectionAblationOptions {
  dataset?: DatasetDescription;
  /** Name in data/priors, or a folder. */
  prior?: string;
  /** Width of a band of losses as a fraction of the schedule. */
  bandWidth?: number;
  /** Noise draws per image, the same in every range. */
  draws?: number;
  topClusters?: number;
  timestepRanges?: readonly (readonly [number, number])[];
  clusters?: readonly number[];
  patchSizes?: readonly number[];
  imagesPerClass?: readonly number[];
  /** Seeds of the clustering. The noise is the same in all: another costs no pass through the prior. */
  seeds?: readonly number[];
}

/** The world of close-ups with 50 images per class, the prior and draws of small priors; 5 ranges × 3 cluster counts × 2 patch sizes × 2 IPC, three seeds. */
export const selectionAblationDefaults: Required<SelectionAblationOptions> = {
  dataset: { kind: 'still-life', split: 'train', perClass: 50, size: 64, seed: 0 },
  prior: 'still-life',
  bandWidth: 0.2,
  draws: smallPriorSettings.draws,
  topClusters: 10,
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
  /** The stages of a configuration. @param seed of the clustering */
  bind(settings: SelectionSettings, seed: number): BoundDistillation;
  /** Images that all configurations select from. */
  pool: ImageDataset;
}

/** Declares the ablation; nothing runs. @throws where a range is not made of whole bands */
export function selectionAblation(changes: SelectionAblationOptions = {}): SelectionAblation {
  const options = { ...selectionAblationDefaults, ...changes };
  const { dataset, prior, bandWidth, draws, topClusters, timestepRanges, seeds } = options;
  const { clusters, patchSizes, imagesPerClass } = options;
  const base: SelectionSettings = {
    timestepRange: timestepRanges.at(-1)!,
    clusters: clusters.at(-1)!,
    patchSize: patchSizes[0]!,
    imagesPerClass: imagesPerClass.at(-1)!,
  };
  const shared = { ...smallPriorSettings, candidatesPerImage: 5, dataset, prior, bandWidth, draws, topClusters };
  const bind = (settings: SelectionSettings, clusteringSeed: number) =>
    bindDistillation({ ...shared, ...settings, clusteringSeed });
  const made = sweep<SelectionSettings, SelectionQuality>({
    name: 'selection-ablation',
    base,
    axes: [grid({ timestepRange: timestepRanges, clusters, patchSize: patchSizes, imagesPerClass })],
    seeds,
    target: (settings, seed) =>
      selectionQuality.bind({ dataset, seed }, { inputs: { distilled: bind(settings, seed).distilled } }),
  });
  return { options, sweep: made, bind, pool: openDataset(dataset) };
}
