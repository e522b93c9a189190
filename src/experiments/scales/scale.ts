/** A scale: all that a table must not mention. What stands for each dataset, prior and network of the papers, and how long. */
import type { z } from 'zod';
import { type Precision, quickestPrecision } from '../../engine';
import type { NetworkName, ProtocolName, RecipeChanges } from '../../evaluation';
import type {
  d3hrSettings,
  datmSettings,
  DiffusionDrivenOptions,
  DitSamplingSettings,
  dmSettings,
  dsaSettings,
  FineTuningSettings,
  gladSettings,
  idcSettings,
  idmSettings,
  igdSettings,
  sre2lSettings,
  teslaSettings,
} from '../../methods';
import { SweepError } from '../../sweeps';
import type { DatasetDescription } from '../datasets';
import type { MethodName } from '../method-names';
import type { ExpertsChoice } from '../stages';

/** A cell that a scale lacks something for, and what: on the command line its sentence is enough, as a sweep's. */
export class NotAtThisScale extends SweepError {
  override readonly name = 'NotAtThisScale';
}

export type ScaleName = 'mini' | 'cifar' | 'paper';

/** What stands for a dataset of the papers. */
export interface ScaleDataset {
  /** In words: 'the embedded world, objects of 0.41 of the image'. */
  is: string;
  /** Real images that are distilled from: `perClass` of each class (Infinity: all), the short side of `size` pixels. */
  pool(choice: { perClass: number; size: number }): DatasetDescription | Promise<DatasetDescription>;
  /** What the teacher is trained on, and what teachers and students are tested on. */
  train: DatasetDescription;
  test: DatasetDescription;
  /** What of the scale is another for its images: their size, the networks for it, how the prior sees them. */
  changes?: ScaleChanges;
  /** Settings of methods for its images, where the released code's defaults are another dataset's. */
  methods?(imagesPerClass: number): MethodSettings;
}

/** Real images that a method reads, where they aren't the pool's. */
export interface ImagesRead {
  /** Per class; Infinity for every training image. */
  perClass?: number;
  /** Short side to which they are resized, pixels. */
  size?: number;
}

/** Seeds of one trained student: of its distilled set, if the method is random, and of the student. */
export interface SeedPair {
  set: number;
  student: number;
}

/** A network that labels: read from a file, or trained on the dataset's training images. */
export type TeacherChoice = { network: NetworkName } & (
  | { checkpoint: string }
  | { epochs: number; seed: number; batch?: number; learningRate?: number; precision?: Precision }
);

/** How images are generated, where a table doesn't vary it; what is left out has the released code's value. */
export interface Generation {
  /** A class-conditional prior (DiT): name in data/priors, or a folder in the diffusers layout. */
  prior: string;
  fineTuning: Partial<Omit<FineTuningSettings, 'policy' | 'seed'>>;
  sampling: Partial<Omit<DitSamplingSettings, 'seed'>>;
}

/** Settings of methods, where a scale can't pay for the released code's. */
export interface MethodSettings {
  DM?: Changes<typeof dmSettings>;
  DSA?: Changes<typeof dsaSettings>;
  'IDC-1'?: Changes<typeof idcSettings>;
  IDM?: Changes<typeof idmSettings>;
  GLaD?: Changes<typeof gladSettings>;
  TESLA?: Changes<typeof teslaSettings> & { experts?: ExpertsChoice };
  DATM?: Changes<typeof datmSettings> & { experts?: ExpertsChoice };
  SRe2L?: Changes<typeof sre2lSettings>;
  D3HR?: Changes<typeof d3hrSettings>;
  IGD?: Changes<typeof igdSettings>;
}
type Changes<Settings extends z.ZodType> = Partial<Omit<z.input<Settings>, 'imagesPerClass' | 'size' | 'seed'>>;

/** One setting that differs from the paper's. */
export interface SettingBesideThePaper {
  setting: string;
  here: string;
  paper: string;
}

export interface Scale {
  name: ScaleName;
  /** What it is for, and what differs from the papers' own, in a few words: stands beside every published figure. */
  says: string;
  /** What stands for the papers' datasets, in a few words for a chart; none where they are the papers' own. */
  world?: string;
  /** Where the papers' text or code is silent or lost, or ours takes another way, at the papers' own scale. */
  readings?: readonly SettingBesideThePaper[];
  /** What stands for a table's datasets, by their names in its order; or the reason why nothing does. */
  datasets(names: readonly string[]): Promise<Map<string, ScaleDataset | { missing: string }>>;
  /** Classes of the datasets, where they can be known without the data: a cost is reckoned from them. */
  classes?: Readonly<Record<string, number>>;
  /** Images per class that are run. Where a table varies them, others are left out; else the nearest takes their place. */
  imagesPerClass: readonly number[];
  /** Name in data/priors, or a folder in the diffusers layout. */
  prior: string;
  /** Real images per class of the pool, for the paper's 300. */
  realImages: number;
  /** Methods that read other images than the pool: those whose own code learns from the whole training set. */
  reads?: Readonly<Partial<Record<MethodName, ImagesRead>>>;
  /** Short side of an image that is distilled from, pixels, for the paper's 256; patches scale alike. */
  imageSize: number;
  /** Diffusion-driven selection's settings, where a table doesn't vary them. */
  selection: Omit<DiffusionDrivenOptions, 'imagesPerClass' | 'clusteringSeed' | 'size'>;
  /** Where there is none, methods that generate images are left out. */
  generation?: Generation;
  /** Settings of methods, where a table doesn't vary them. Default: the released code's, or their papers'. */
  methods?: Readonly<MethodSettings>;
  /** Methods that stand beside those compared: random, and the oracle where the truth is known. */
  controls: readonly MethodName[];
  /** Students, by the papers' names. */
  networks: Readonly<Record<string, NetworkName>>;
  /** Learning rates of students, by network, that need another than the recipe's. */
  learningRates?: Readonly<Partial<Record<NetworkName, number>>>;
  /** Side of distilled images, and of those that teacher and students see, pixels. */
  networkSize: number;
  teachers: Readonly<Record<string, TeacherChoice>>;
  /** Students of each teacher, by the papers' names, where a scale can't pay for every pair; a teacher not named has none. */
  pairings?: Readonly<Record<string, readonly string[]>> | 'all';
  /**
   * Precision of students, noise losses and learned images (not TESLA's and DATM's), of priors where they generate, and of
   * their fine-tuning; 'quickest' is chosen by the processor. Default: 'float32'.
   */
  precision?: Precision | 'quickest';
  /**
   * What differs from a protocol's own numbers, and the side of the students' images where it isn't `networkSize`: with hard
   * labels alone, as a teacher labels what its student sees.
   */
  recipe: Readonly<Partial<Record<ProtocolName, RecipeChanges & { size?: number }>>>;
  /** One student each. Sets and students are seeded alike for every method, so that differences are paired. */
  pairs: readonly SeedPair[];
}

/** What a notebook may change in a scale for all cells; settings of selection and generation one by one. */
export type ScaleChanges = Partial<
  Omit<Scale, 'name' | 'says' | 'world' | 'readings' | 'datasets' | 'reads' | 'selection' | 'generation'>
> & {
  selection?: Partial<Scale['selection']>;
  generation?: Partial<Generation>;
};

/**
 * As a notebook's variable holds it, in which TypeScript widens 'resnet10-w32' to any text and [0.5, 1] to any list. The stages
 * check the values when a cell is bound.
 */
export type AsWritten<T> = T extends string
  ? T | (string & Record<never, never>)
  : T extends readonly (infer Entry)[]
    ? readonly AsWritten<Entry>[]
    : T extends object
      ? { readonly [Name in keyof T]: AsWritten<T[Name]> }
      : T;

const changeable: Readonly<Record<keyof ScaleChanges, true>> = {
  classes: true,
  imagesPerClass: true,
  prior: true,
  realImages: true,
  imageSize: true,
  selection: true,
  generation: true,
  methods: true,
  controls: true,
  networks: true,
  learningRates: true,
  networkSize: true,
  teachers: true,
  pairings: true,
  precision: true,
  recipe: true,
  pairs: true,
};

/** The precision that a scale's `precision` comes to on this machine. */
export const precisionOf = ({ precision = 'float32' }: Pick<Scale, 'precision'>): Precision =>
  precision === 'quickest' ? quickestPrecision() : precision;

/** A scale with some settings changed. @throws SweepError naming a setting that no scale has */
export function changedScale(scale: Scale, written: AsWritten<ScaleChanges>): Scale {
  const { generation, ...changes } = written as ScaleChanges;
  const unknown = Object.keys(changes).find((name) => !(name in changeable));
  if (unknown !== undefined) {
    throw new SweepError(
      `Expected a setting of a scale to change (${Object.keys(changeable).join(', ')}), got '${unknown}'.`,
    );
  }
  const { fineTuning, sampling } = scale.generation ?? {};
  return {
    ...scale,
    ...changes,
    selection: { ...scale.selection, ...changes.selection },
    ...(scale.generation && {
      generation: {
        ...scale.generation,
        ...generation,
        fineTuning: { ...fineTuning, ...generation?.fineTuning },
        sampling: { ...sampling, ...generation?.sampling },
      },
    }),
  };
}

/** The images per class that a scale runs which are nearest to those wanted. */
export const nearestImagesPerClass = ({ imagesPerClass }: Pick<Scale, 'imagesPerClass'>, wanted: number): number =>
  imagesPerClass.reduce((a, b) => (Math.abs(b - wanted) < Math.abs(a - wanted) ? b : a));

/** `count` pairs of equal seeds, from 0. */
export const seedPairs = (count: number): SeedPair[] =>
  Array.from({ length: count }, (_, seed) => ({ set: seed, student: seed }));

/** One dataset at a scale that has no other: it stands for the first of a table, and the rest is left out. */
export function standIn(
  dataset: ScaleDataset,
  [first, ...others]: readonly string[],
): Map<string, ScaleDataset | { missing: string }> {
  const missing = `This scale has one dataset, ${dataset.is}; it stands for ${first} in this table.`;
  return new Map<string, ScaleDataset | { missing: string }>([
    [first!, dataset],
    ...others.map((name) => [name, { missing }] as const),
  ]);
}

/** A description's limit of images per class: none for all. */
export const limitOf = (perClass: number): { perClass?: number } => (Number.isFinite(perClass) ? { perClass } : {});

/** Methods that read every training image. */
export const wholeSet = (...names: readonly MethodName[]): Partial<Record<MethodName, ImagesRead>> =>
  Object.fromEntries(names.map((name) => [name, { perClass: Number.POSITIVE_INFINITY }]));
