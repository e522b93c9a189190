/** Paper 001 on a dataset, from one object of settings: its stages and how they are connected. */
import { z } from 'zod';
import type { ImageDataset } from '../../datasets';
import { hasImageEncoder, readKnownClasses, requireKnownClasses } from '../../diffusion';
import {
  type Candidates,
  type DiffusionDrivenSettings,
  type DistilledSet,
  diffusionDrivenSettings,
  drawGroups,
  factorOf,
  imagesByClass,
  imagesNeeded,
  readSettings,
  requireEnoughImages,
  type Selection,
} from '../../methods';
import type { BoundStage } from '../../sweeps';
import { type DatasetDescription, datasetSchema, openDataset } from '../datasets';
import { priorFingerprint, priorFolder } from '../priors';
import { NotAtThisScale } from '../scales';
import {
  candidates,
  clipFeatures,
  distilledSet,
  imageFeatures,
  type ImageItem,
  imageItems,
  type LossPiece,
  noiseLosses,
  type StoredArray,
  selection,
} from '../stages';
import { oncePerDataset } from './once';

/** Everything that a table varies; the paper's values are the defaults, `smallPriorSettings` those for our own priors. */
export const distillationSettings = diffusionDrivenSettings.extend({
  dataset: datasetSchema,
  /** Name in data/priors, or a folder in the diffusers layout. */
  prior: z.string(),
});
export type DistillationSettings = z.input<typeof distillationSettings>;

/** The stages of one class, independent of other classes. */
export interface BoundClass {
  name: string;
  /** Positions of its images in the dataset. */
  images: number[];
  /** One per group of draws. */
  losses: BoundStage<readonly LossPiece[]>[];
  /** Features of images or candidates; undefined if patches are taken by score alone. */
  features: BoundStage<readonly StoredArray[]> | undefined;
  candidates: BoundStage<Candidates>;
  selection: BoundStage<Selection>;
}

/** The bound stages of one configuration. */
export interface BoundDistillation {
  settings: z.output<typeof distillationSettings>;
  dataset: ImageDataset;
  description: DatasetDescription;
  /** Noise draws behind each of a class's losses. */
  draws: number[];
  /** In label order. */
  classes: BoundClass[];
  distilled: BoundStage<DistilledSet>;
}

/**
 * Binds the stages of a configuration; nothing runs.
 * @throws where the prior doesn't know a class, where the range is not made of whole bands or the draws don't divide by them, and where a class has too few images
 */
export function bindDistillation(given: DistillationSettings): BoundDistillation {
  const settings = readSettings(distillationSettings, given, 'diffusion-driven selection');
  const { dataset: description, prior: name, imagesPerClass, ...others } = settings;
  const dataset = openDataset(description);
  const { size = dataset.size } = settings;
  const factor = factorOf(settings);
  const folder = priorFolder(name);
  requireKnownClasses(readKnownClasses(folder), dataset.classes);
  requireEnoughImages(dataset, imagesNeeded(settings));
  const prior = { name, fingerprint: priorFingerprint(folder) };
  const classes = imagesByClass(dataset).map((images, label) => {
    const className = dataset.classes[label]!;
    return bindClass({ ...settings, factor }, { description, dataset, prior, label, className, images });
  });
  const recorded = { ...others, prior, factor };
  const distilled = distilledSet.bind(
    { dataset: description, imagesPerClass, factor, size, settings: z.record(z.string(), z.json()).parse(recorded) },
    { inputs: { selections: classes.map((one) => one.selection) } },
  );
  const draws = drawGroups(settings).map((group) => group.draws);
  return { settings, dataset, description, draws, classes, distilled };
}

interface ClassContext {
  description: DatasetDescription;
  dataset: ImageDataset;
  prior: { name: string; fingerprint: string };
  label: number;
  className: string;
  images: number[];
}

type ClassSettings = Omit<DiffusionDrivenSettings, 'factor'> & { factor: number };

const itemsOnce = oncePerDataset<ImageItem[]>();
const lossesOnce = oncePerDataset<BoundClass['losses'][number]>();
const featuresOnce = oncePerDataset<BoundStage<readonly StoredArray[]>>();
const candidatesOnce = oncePerDataset<BoundClass['candidates']>();

function bindClass(settings: ClassSettings, from: ClassContext): BoundClass {
  const { prompt, nullPrompt, noise, precision, patchSize, candidatesPerImage } = settings;
  const { topClusters, imagesPerClass, factor, clusteringSeed } = settings;
  const { description, dataset, prior, label, className, images } = from;
  const items = itemsOnce(dataset, label, () => imageItems(dataset, images));
  const scoring = { prior, prompt, nullPrompt, noise, precision, ...encoding(settings) };
  const groups = drawGroups(settings);
  const losses = groups.map(({ range: [low, high], first, draws }) => {
    const parameters = { ...scoring, range: [low, high] as [number, number], first, draws };
    return lossesOnce(dataset, [label, parameters], () =>
      noiseLosses.bind(parameters, { items, unkeyed: { dataset: description } }),
    );
  });
  const draws = groups.map((group) => group.draws);
  const found = candidatesOnce(dataset, [losses.map(({ id }) => id), draws, patchSize, candidatesPerImage], () =>
    candidates.bind({ draws, patchSize, candidatesPerImage }, { inputs: { losses } }),
  );
  const { kind, stage: features } = bindFeatures(settings, { ...from, items, found });
  const chosen = selection.bind(
    {
      features: kind,
      clusters: features ? settings.clusters : 0,
      topClusters,
      imagesPerClass,
      factor,
      clusteringSeed,
    },
    { inputs: { candidates: found, features: features ? [features] : [] } },
  );
  return { name: className, images, losses, features, candidates: found, selection: chosen };
}

/** The settings that determine how images are encoded. */
const encoding = ({ latent, noiseSeed, encodedSize }: ClassSettings) => ({
  latent,
  noiseSeed,
  ...(encodedSize === undefined ? {} : { encodedSize }),
});

/** @throws NotAtThisScale where a prior has no CLIP image encoder, as Stable Diffusion v1.5 as it was published */
function requireImageEncoder(prior: string): void {
  if (hasImageEncoder(priorFolder(prior))) return;
  throw new NotAtThisScale(
    `The prior '${prior}' has no image_encoder, which features of CLIP need. Put CLIP's vision model into its folder, and name it in model_index.json.`,
  );
}

/** The features by which a class's candidates are clustered; none without clusters. */
function bindFeatures(
  settings: ClassSettings,
  from: ClassContext & { items: ImageItem[]; found: BoundStage<Candidates> },
): { kind: 'none' | 'vectors' | 'grids'; stage?: BoundStage<readonly StoredArray[]> } {
  const { features: by, clusters, prompt } = settings;
  const { description, dataset, prior, label, images, items, found } = from;
  if (clusters === 0 || by.kind === 'none') return { kind: 'none' };
  if (by.kind === 'clip') {
    requireImageEncoder(prior.name);
    const unkeyed = { dataset: description, images };
    return { kind: 'vectors', stage: clipFeatures.bind({ prior }, { inputs: { candidates: found }, unkeyed }) };
  }
  const { kind: _, ...dift } = by;
  const parameters = { prior, prompt, ...encoding(settings), ...dift };
  const stage = featuresOnce(dataset, [label, parameters], () =>
    imageFeatures.bind(parameters, { items, unkeyed: { dataset: description } }),
  );
  return { kind: 'grids', stage };
}
