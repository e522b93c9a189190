/**
 * The tour: paper 001 end to end on the embedded world, small enough for a laptop. Its settings differ from the
 * paper's where they must (prior, image size, draws, epochs, network); they are shown beside every result.
 */
import { existsSync } from 'node:fs';
import { showProgress } from '../charts';
import { type AnnotatedDataset, findCifar10, type Pixels } from '../datasets';
import { type NoiseMap, upsampledMap } from '../diffusion';
import {
  type EvaluationRow,
  type LocalisationReport,
  localisation,
  modeCoverage,
  type NetworkName,
} from '../evaluation';
import { candidatePatches, type DistilledSet, type ScoredPatch, smallPriorSettings } from '../methods';
import { type OnProgress, run } from '../sweeps';
import { type DatasetDescription, openDataset } from './datasets';
import { priors } from './priors';
import {
  bindDistillation,
  type BoundDistillation,
  type DistillationSettings,
  distillationSettings,
} from './diffusion-driven-selection/bind';
import { scoredImagesOf } from './diffusion-driven-selection/maps';
import { randomControl } from './stages';
import { bindStudent } from './stages/student';
import { teacher } from './stages/teacher';

export interface TourSettings extends DistillationSettings {
  test: DatasetDescription;
  /** What the teacher is trained on: more images than are distilled from. */
  teacherImages: DatasetDescription;
  network: NetworkName;
  /** Side of the images that teacher and students see, pixels. */
  networkSize: number;
  teacherEpochs: number;
  /** The protocol's 300 takes too long for a tour on two cores. */
  studentEpochs: number;
  seeds: readonly number[];
}

/** Settings of the tour on the embedded world. */
export const stillLifeTour = {
  ...smallPriorSettings,
  dataset: { kind: 'still-life', split: 'train', perClass: 40, size: 64, seed: 0 },
  test: { kind: 'still-life', split: 'test', perClass: 50, size: 64, seed: 0 },
  teacherImages: { kind: 'still-life', split: 'train', perClass: 250, size: 64, seed: 0 },
  prior: 'still-life',
  patchSize: 28,
  imagesPerClass: 10,
  network: 'conv3',
  networkSize: 32,
  teacherEpochs: 15,
  studentEpochs: 80,
  seeds: [0, 1, 2, 3, 4],
} as const satisfies TourSettings;

/** The same on CIFAR-10's photos: whole images, as the paper does at low resolution; fewer images, epochs and seeds. */
export const cifar10Tour: TourSettings = {
  ...stillLifeTour,
  dataset: { kind: 'cifar10', split: 'train', perClass: 30 },
  test: { kind: 'cifar10', split: 'test', perClass: 100 },
  teacherImages: { kind: 'cifar10', split: 'train', perClass: 250 },
  prior: 'cifar10',
  draws: 36,
  teacherEpochs: 12,
  patchSize: 'image',
  studentEpochs: 40,
  seeds: [0, 1, 2],
};

/** A picture for the gallery: an image, its map, its best patch. */
export interface MapExample {
  className: string;
  pixels: Pixels;
  map: NoiseMap;
  best: ScoredPatch;
}

/** A student's row as a plain record, which tables and charts take. */
export type AccuracyRow = { [Field in keyof EvaluationRow]: EvaluationRow[Field] };

interface Progressing {
  onProgress?: OnProgress;
}

/** The tour's steps. Each asks the store first; what is there costs a read. */
export class Tour {
  readonly bound: BoundDistillation;

  constructor(readonly settings: TourSettings) {
    this.bound = bindDistillation(distillationSettings.strip().parse(settings));
  }

  get dataset() {
    return this.bound.dataset;
  }

  /** The dataset with masks and modes. @throws where it has none. */
  private get annotated(): AnnotatedDataset {
    const { dataset } = this;
    if (!('mask' in dataset)) throw new Error(`Expected a dataset with ground truth, '${dataset.name}' has none.`);
    return dataset as AnnotatedDataset;
  }

  /** The first `perClass` images of each class. */
  async examples(perClass: number): Promise<Pixels[][]> {
    return Promise.all(
      this.dataset.classes.map((_, label) =>
        Promise.all(
          this.imagesOf(label)
            .slice(0, perClass)
            .map((i) => this.dataset.image(i)),
        ),
      ),
    );
  }

  private imagesOf(label: number): number[] {
    return Array.from(this.dataset.labels.keys()).filter((i) => this.dataset.labels[i] === label);
  }

  /** The differential noise map of every image, by its position in the dataset. */
  async maps(options: Progressing = {}): Promise<Map<number, NoiseMap>> {
    const { classes } = this.bound;
    const scored = await scoredImagesOf(this.bound, options);
    return new Map(
      classes.flatMap(({ images }, label) =>
        images.map((image, i) => [image, upsampledMap(scored[label]![i]!.map, scored[label]![i]!)] as const),
      ),
    );
  }

  /** Images with their maps and best patches, `perClass` of each class. */
  async mapExamples(perClass: number, options: Progressing & { patchSize?: number } = {}): Promise<MapExample[][]> {
    const { patchSize = this.bound.settings.patchSize, ...task } = options;
    const scored = await scoredImagesOf(this.bound, task);
    return Promise.all(
      this.bound.classes.map(async ({ name: className, images }, label) => {
        const shown = scored[label]!.slice(0, perClass);
        const best = candidatePatches(shown, { patchSize, candidatesPerImage: 1 }).patches;
        return Promise.all(
          shown.map(async ({ map, height, width }, i) => ({
            className,
            pixels: await this.dataset.image(images[i]!),
            map: upsampledMap(map, { height, width }),
            best: { ...best[i]!, image: images[i]! },
          })),
        );
      }),
    );
  }

  /** Do maps and best patches find the object? Against the masks, and against boxes at random places. */
  async localisation(options: Progressing & { patchSize?: number } = {}): Promise<LocalisationReport> {
    const { patchSize, ...task } = options;
    const maps = await this.maps(task);
    const examples = await this.mapExamples(this.dataset.labels.length, {
      ...task,
      ...(patchSize ? { patchSize } : {}),
    });
    return localisation(this.annotated, { maps, patches: examples.flat().map(({ best }) => best) });
  }

  /** The distilled set: each image knows its patches. */
  async distil(options: Progressing = {}): Promise<{ set: DistilledSet }> {
    return { set: (await run(this.bound.distilled, options)).output };
  }

  /** The control: as many images, whole, at random. */
  async random(seed = 0, options: Progressing = {}): Promise<DistilledSet> {
    return (await run(this.randomStage(seed), options)).output;
  }

  private randomStage(seed: number) {
    const { imagesPerClass, dataset } = this.settings;
    return randomControl.bind({ dataset, imagesPerClass, seed });
  }

  private get teacherStage() {
    const { teacherImages: train, test, network, networkSize: size, teacherEpochs: epochs } = this.settings;
    return teacher.bind({ train, test, network, size, epochs });
  }

  /** Top-1 of the teacher on the test images, 0 … 1. */
  async teacherAccuracy(options: Progressing = {}): Promise<number> {
    return (await run(this.teacherStage, options)).output.accuracy;
  }

  /** Students of every seed on our set and on random images: one row each. Each seed draws its own random images. */
  async accuracy(options: Progressing = {}): Promise<AccuracyRow[]> {
    const { test, network, networkSize: size, studentEpochs: epochs, seeds } = this.settings;
    const stages = seeds.flatMap((seed) =>
      [this.randomStage(seed), this.bound.distilled].map((distilled) =>
        bindStudent(
          { test, network, size, protocol: 'rded', factor: 2, epochs, seed },
          { distilled, teacher: this.teacherStage },
        ),
      ),
    );
    return [...(await run(stages, options)).output];
  }

  /** Modes of each class that our set and random sets show (share of all modes), by the dataset's own labels. */
  async coverage(
    options: Progressing = {},
  ): Promise<{ method: string; seed: number; modesCovered: number; evenness: number; showing: number }[]> {
    const ours = await this.distil(options);
    const rows = [];
    for (const [method, seed, set] of [
      ['diffusion-driven selection', 0, ours.set] as const,
      ...(await Promise.all(
        this.settings.seeds.map(async (seed) => ['random', seed, await this.random(seed, options)] as const),
      )),
    ]) {
      const { share, evenness, showing, patches } = await modeCoverage(set, this.annotated);
      rows.push({ method, seed, modesCovered: share, evenness, showing: showing / patches });
    }
    return rows;
  }
}

/** The tour on the embedded world, some settings changed. */
export const openTour = (changes: Partial<TourSettings> = {}): Tour => new Tour({ ...stillLifeTour, ...changes });

/** The tour on CIFAR-10; undefined, and why in words, where its images or a prior for them are not there. */
export async function openCifar10Tour(changes: Partial<TourSettings> = {}): Promise<Tour | undefined> {
  const settings = { ...cifar10Tour, ...changes };
  if (!(await findCifar10({ onProgress: showProgress('Unpacking CIFAR-10') }))) {
    console.log('CIFAR-10 is not on this machine, so its part is left out. Fetch it: npx stillhouse download cifar10');
    return undefined;
  }
  if (!priors().includes(settings.prior) && !existsSync(settings.prior)) {
    console.log(
      `There is no prior '${settings.prior}', so the part on CIFAR-10 is left out. Train it: npm run train:priors -- --only cifar10`,
    );
    return undefined;
  }
  return new Tour(settings);
}

/** The settings as rows of a table, and the paper's beside them. */
export function settingsBesideThePaper({ settings, bound }: Tour): { setting: string; here: string; paper: string }[] {
  const { timestepRange, draws, patchSize, candidatesPerImage, clusters, topClusters, features, dataset } =
    bound.settings;
  const [from, to] = timestepRange;
  const { size, labels, classes } = openDataset(dataset);
  return [
    { setting: 'prior', here: `${settings.prior}, trained by this project`, paper: 'Stable Diffusion v1.5' },
    {
      setting: 'images a class',
      here: String(Math.round(labels.length / classes.length)),
      paper: 'all (300 nearly as good)',
    },
    { setting: 'image side, pixels', here: String(size), paper: '256' },
    { setting: 'timestep range', here: `[${from}, ${to}]`, paper: '[0.1, 0.7]' },
    { setting: 'noise draws', here: String(draws), paper: 'not given' },
    { setting: 'patch side, pixels', here: String(patchSize), paper: 'lost in the text; 224 by inference' },
    {
      setting: 'patches of an image at most',
      here: patchSize === 'image' ? '1' : String(candidatesPerImage),
      paper: 'not said; 5 in its code, of which one or two of 224 pixels fit',
    },
    { setting: 'clusters, of which used first', here: `${clusters}, ${topClusters}`, paper: '32, 10' },
    {
      setting: 'up-block of the features, noise draws',
      here: features.kind === 'dift' ? `${features.upBlock}, ${features.ensemble}` : 'no diffusion features',
      paper: 'not given (DIFT: 1, 8)',
    },
    {
      setting: 'network',
      here: `${settings.network} at ${settings.networkSize} pixels`,
      paper: 'ResNet-18 at 224 pixels',
    },
    { setting: 'epochs of a student', here: String(settings.studentEpochs), paper: "300 (RDED's protocol)" },
    { setting: 'seeds', here: String(settings.seeds.length), paper: '5' },
  ];
}
