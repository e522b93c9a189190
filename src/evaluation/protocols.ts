/**
 * How a student is trained on a distilled set: each protocol a row of data, so that every number that makes a table cell
 * can be seen. Soft-label and hard-label results must never share a table: most of a soft label's gain is the teacher's.
 */
import { imageNetNormalisation, type LoadOptions, type Normalisation } from './images';

/** One value, or one by images per class: that of the first row whose `upTo` is not exceeded; the last row has none. */
export type ByImagesPerClass = number | readonly { upTo?: number; value: number }[];

export interface Protocol {
  name: string;
  /** Where the numbers are from. */
  source: string;
  labels: 'soft' | 'hard';
  /** Normalisation that the protocol's networks have: 'conv3' is batch, 'conv3-in' instance. */
  norm: 'batch' | 'instance';
  /** Patches along a side that augmentation reckons with, by the side of the images (the first row that reaches it). */
  factor: number | readonly { upToPixels?: number; value: number }[];
  epochs: ByImagesPerClass;
  /** From this many classes on, epochs are ⌊factor · epochs⌋, down to a multiple of `multiple`. */
  epochsOfManyClasses?: { from: number; factor: number; multiple: number };
  /** Images a step, at most as many as the set has. */
  batch: ByImagesPerClass;
  /** From this many classes on, the batch is `factor` times as large. */
  batchOfManyClasses?: { from: number; factor: number };
  learningRate: number;
  /** Rates of networks that have another, by their name without suffixes. */
  learningRates?: Readonly<Record<string, number>>;
  /** Cells with numbers of their own: the first row counts whose conditions all hold. */
  exceptions?: readonly Exception[];
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
    /** Least share of the area in a crop; 'factor': 1 / factor. */
    cropFrom: number | 'factor';
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

/** What a cell must be, and its numbers then. */
export interface Exception {
  where: { classes?: number; size?: number; student?: string; teacher?: string };
  batch?: number;
  learningRate?: number;
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
  factor: [{ upToPixels: 64, value: 1 }, { value: 2 }],
  epochs: 300,
  // No row for IPC 100 in the scripts; D3HR's copy takes 100 from IPC 50 on.
  batch: [{ upTo: 1, value: 10 }, { upTo: 10, value: 50 }, { value: 100 }],
  batchOfManyClasses: { from: 100, factor: 2 },
  learningRate: 0.001,
  learningRates: {
    vgg11: 0.0005,
    efficientnet_b0: 0.002,
    mobilenet_v2: 0.0025,
    alexnet: 0.0001,
    vit_b_16: 0.0001,
    swin_t: 0.0001, // The papers' Swin-T; the script has its second version.
    swin_v2_t: 0.0001,
  },
  exceptions: [
    { where: { classes: 200, size: 64 }, batch: 100 }, // TinyImageNet
    { where: { classes: 100, size: 32, student: 'conv3', teacher: 'conv3' }, batch: 25, learningRate: 0.002 }, // CIFAR-100
  ],
  optimiser: { kind: 'adamw', beta1: 0.9, beta2: 0.999, weightDecay: 0.01 },
  schedule: { kind: 'half-cosine' },
  temperature: 20,
  cutMix: { alpha: 1 },
  augmentation: { shufflePatches: true, cropFrom: 'factor', cropRatio: [3 / 4, 4 / 3], flip: true, colour: null },
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
  factor: 1,
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

export type ProtocolName = 'rded' | 'hard' | 'idc';

/** The protocols by the names that tables give them. */
export const protocols: Readonly<Record<ProtocolName, Protocol>> = {
  rded: rdedProtocol,
  hard: hardLabelProtocol,
  idc: idcProtocol,
};

/** Whether a student is tested after its first `epoch` epochs: RDED's every tenth above 80 %, IDC's hundred times. */
export function isTested({ evaluation }: Protocol, epoch: number, epochs: number): boolean {
  if (epoch === epochs) return true;
  if ('everyShare' in evaluation) return epoch % Math.max(1, Math.floor(epochs * evaluation.everyShare)) === 0;
  return epoch - 1 > evaluation.after * epochs && epoch % evaluation.everyEpochs === 0;
}
