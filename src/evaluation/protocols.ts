/**
 * How a student is trained on a distilled set: each protocol a row of data, so that every number that makes a table cell
 * can be seen. Soft-label and hard-label results must never share a table: most of a soft label's gain is the teacher's.
 */
import { halfCosineRate, multiStepRate, type Schedule } from '../engine';
import type { Augmentation } from './augment';
import { imageNetNormalisation, type LoadOptions, type Normalisation } from './images';
import type { NetworkName } from './networks';

/** One value, or one by images per class: that of the first row whose `upTo` is not exceeded; the last row has none. */
export type ByImagesPerClass = number | readonly { upTo?: number; value: number }[];

export interface Protocol {
  name: string;
  /** Where the numbers are from. */
  source: string;
  labels: 'soft' | 'hard';
  /** Normalisation that the protocol's ConvNets have: 'conv3' is batch, 'conv3-in' instance. */
  norm: 'batch' | 'instance';
  epochs: ByImagesPerClass;
  /** From this many classes on, epochs are ⌊factor · epochs⌋, down to a multiple of `multiple`. */
  epochsOfManyClasses?: { from: number; factor: number; multiple: number };
  /** Images a step, at most as many as the set has. */
  batch: ByImagesPerClass;
  /** From this many classes on, the batch is `factor` times as large. */
  batchOfManyClasses?: { from: number; factor: number };
  learningRate: number;
  optimiser: OptimiserSettings;
  /** Above this many classes, these replace the above. */
  manyClasses?: { over: number; learningRate: number; weightDecay: number; batch: number };
  /** Milestones as shares of the epochs. */
  schedule:
    | { kind: 'half-cosine' }
    | { kind: 'multi-step'; at: readonly (readonly [number, number])[]; factor: number };
  /** Of the distillation loss; null with hard labels. */
  temperature: number | null;
  cutMix: { alpha: number };
  augmentation: {
    /** Strips of a mosaic are shuffled, as many as patches side by side. */
    shufflePatches: boolean;
    /** Least share of the area in a crop; 'mosaic': 1 / patches side by side. */
    cropFrom: number | 'mosaic';
    cropRatio: readonly [number, number];
    flip: boolean;
    colour: { jitter: number; lighting: number } | null;
  };
  normalisation: Normalisation;
  /** How test images are brought to size. */
  test: NonNullable<LoadOptions['preparation']>;
  /** Tested every so many epochs: a number from a share of the training on, or a share of it; always at the end. */
  evaluation: { everyEpochs: number; after: number } | { everyShare: number };
}

/** AdamW decays weights with more than one axis alone; SGD decays all. */
export type OptimiserSettings =
  | { kind: 'adamw'; beta1: number; beta2: number; weightDecay: number }
  | { kind: 'sgd'; momentum: number; weightDecay: number };

/** RDED (Sun et al., CVPR 2024), LINs-lab/RDED@3f6453d: argument.py, validation/. */
export const rdedProtocol: Protocol = {
  name: 'RDED soft labels',
  source: 'LINs-lab/RDED@3f6453d validation/',
  labels: 'soft',
  norm: 'batch',
  epochs: 300,
  batch: [{ upTo: 1, value: 10 }, { upTo: 10, value: 50 }, { value: 100 }],
  batchOfManyClasses: { from: 100, factor: 2 },
  // By student in RDED; the networks that exist here all have this one.
  learningRate: 0.001,
  optimiser: { kind: 'adamw', beta1: 0.9, beta2: 0.999, weightDecay: 0.01 },
  schedule: { kind: 'half-cosine' },
  temperature: 20,
  cutMix: { alpha: 1 },
  augmentation: { shufflePatches: true, cropFrom: 'mosaic', cropRatio: [3 / 4, 4 / 3], flip: true, colour: null },
  normalisation: imageNetNormalisation,
  test: 'centre',
  evaluation: { everyEpochs: 10, after: 0.8 },
};

/** The same recipe with class labels in place of the teacher (as D3HR's script): what the images alone are worth. */
export const hardLabelProtocol: Protocol = {
  ...rdedProtocol,
  name: 'hard labels',
  source: 'lin-zhao-resoLve/D3HR@7eb979f validation/',
  labels: 'hard',
  temperature: null,
};

/** The IDC protocol of Minimax diffusion: vimar-gu/MinimaxDiffusion@969fc6f argument.py, train.py, data.py. */
export const idcProtocol: Protocol = {
  name: 'IDC hard labels',
  source: 'vimar-gu/MinimaxDiffusion@969fc6f train.py',
  labels: 'hard',
  norm: 'instance',
  epochs: [
    { upTo: 1, value: 3000 },
    { upTo: 10, value: 2000 },
    { upTo: 50, value: 1500 },
    { upTo: 200, value: 1000 },
    { upTo: 500, value: 500 },
    { value: 300 },
  ],
  epochsOfManyClasses: { from: 100, factor: 2 / 3, multiple: 100 },
  batch: 64,
  learningRate: 0.01,
  optimiser: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
  manyClasses: { over: 100, learningRate: 0.1, weightDecay: 1e-4, batch: 128 },
  schedule: {
    kind: 'multi-step',
    at: [
      [2, 3],
      [5, 6],
    ],
    factor: 0.2,
  },
  temperature: null,
  cutMix: { alpha: 1 },
  augmentation: {
    shufflePatches: false,
    cropFrom: 0.5,
    cropRatio: [3 / 4, 4 / 3],
    flip: true,
    colour: { jitter: 0.4, lighting: 0.1 },
  },
  normalisation: imageNetNormalisation,
  test: 'whole',
  evaluation: { everyShare: 0.01 },
};

export interface CellOptions {
  /** Left out where only what it is shown matters. */
  student?: NetworkName;
  classes: number;
  imagesPerClass: number;
  /** Patches along an image's side: 2 for mosaics, 1 otherwise. */
  factor: number;
}

/** The protocol's numbers for one cell of a table. */
export interface CellSettings {
  epochs: number;
  /** Images a step; the last step of an epoch takes what is left. */
  batch: number;
  learningRate: number;
  /** Epoch, from 0 → learning rate. */
  rate: Schedule;
  optimiser: OptimiserSettings;
  temperature: number | null;
  cutMix: { alpha: number };
  augmentation: Augmentation;
}

/** @throws when an option is no positive whole number, or the student has another norm than the protocol's. */
export function cellSettings(protocol: Protocol, options: CellOptions): CellSettings {
  const { student, classes, imagesPerClass, factor } = options;
  for (const [name, value] of Object.entries({ classes, imagesPerClass, factor })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new Error(`Expected ${name} to be a whole number of at least 1, got ${value}.`);
    }
  }
  if (student?.startsWith('conv') && student.endsWith('-in') !== (protocol.norm === 'instance')) {
    const right = protocol.norm === 'instance' ? `${student}-in` : student.replace('-in', '');
    throw new Error(
      `Expected a ConvNet with ${protocol.norm} norm in '${protocol.name}', got '${student}'. Use '${right}'.`,
    );
  }
  const many = protocol.manyClasses && classes > protocol.manyClasses.over ? protocol.manyClasses : undefined;
  const { augmentation } = protocol;
  const epochs = epochsOf(protocol, imagesPerClass, classes);
  const learningRate = many?.learningRate ?? protocol.learningRate;
  return {
    epochs,
    batch: batchOf(protocol, imagesPerClass, classes),
    learningRate,
    rate: rateOf(protocol, learningRate, epochs),
    optimiser: many ? { ...protocol.optimiser, weightDecay: many.weightDecay } : protocol.optimiser,
    temperature: protocol.temperature,
    cutMix: protocol.cutMix,
    augmentation: {
      shufflePatches: augmentation.shufflePatches ? factor : 1,
      crop: {
        scale: [augmentation.cropFrom === 'mosaic' ? 1 / factor : augmentation.cropFrom, 1],
        ratio: augmentation.cropRatio,
      },
      flip: augmentation.flip,
      colour: augmentation.colour,
    },
  };
}

function lookUp(rows: ByImagesPerClass, imagesPerClass: number): number {
  if (typeof rows === 'number') return rows;
  return rows.find(({ upTo }) => upTo === undefined || imagesPerClass <= upTo)!.value;
}

function epochsOf({ epochs, epochsOfManyClasses: many }: Protocol, imagesPerClass: number, classes: number): number {
  const value = lookUp(epochs, imagesPerClass);
  if (typeof epochs === 'number' || !many || classes < many.from) return value;
  return Math.floor(Math.floor(value * many.factor) / many.multiple) * many.multiple;
}

function batchOf(protocol: Protocol, imagesPerClass: number, classes: number): number {
  const { batch, batchOfManyClasses: larger, manyClasses } = protocol;
  const value = lookUp(batch, imagesPerClass) * (larger && classes >= larger.from ? larger.factor : 1);
  const least = manyClasses && classes > manyClasses.over ? manyClasses.batch : 1;
  return Math.min(Math.max(value, least), imagesPerClass * classes);
}

function rateOf({ schedule }: Protocol, rate: number, epochs: number): Schedule {
  if (schedule.kind === 'half-cosine') return halfCosineRate(rate, epochs);
  const milestones = schedule.at.map(([a, b]) => Math.floor((a * epochs) / b));
  return multiStepRate(rate, milestones, schedule.factor);
}

/** Whether a student is tested after its first `epoch` epochs: RDED's every tenth above 80 %, IDC's hundred times. */
export function isTested({ evaluation }: Protocol, epoch: number, epochs: number): boolean {
  if (epoch === epochs) return true;
  if ('everyShare' in evaluation) return epoch % Math.max(1, Math.floor(epochs * evaluation.everyShare)) === 0;
  return epoch - 1 > evaluation.after * epochs && epoch % evaluation.everyEpochs === 0;
}
