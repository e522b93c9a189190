/**
 * How a student is trained on a distilled set. Each protocol is a row of data, so that every number behind a table cell
 * is visible. Soft-label and hard-label results must never share a table: most of the gain of soft labels is the
 * teacher's.
 */
import { imageNetNormalisation, type LoadOptions, type Normalisation } from './images';

/** One value, or one by images per class: the first row whose `upTo` isn't exceeded counts; the last has no `upTo`. */
export type ByImagesPerClass = number | readonly { upTo?: number; value: number }[];

export interface Protocol {
  name: string;
  /** Source of the numbers. */
  source: string;
  labels: 'soft' | 'hard';
  /** Normalisation of the protocol's networks: 'conv3' has batch, 'conv3-in' instance normalisation. */
  norm: 'batch' | 'instance';
  /**
   * Patches along a side that augmentation assumes, by the side of the images (the first row that reaches it counts).
   */
  factor: number | readonly { upToPixels?: number; value: number }[];
  epochs: ByImagesPerClass;
  /** From this many classes on, epochs are ⌊factor · epochs⌋, down to a multiple of `multiple`. */
  epochsOfManyClasses?: { from: number; factor: number; multiple: number };
  /** Images per step, at most as many as the set has. */
  batch: ByImagesPerClass;
  /** From this many classes on, the batch is `factor` times as large. */
  batchOfManyClasses?: { from: number; factor: number };
  learningRate: number;
  /** Learning rates of networks that differ, by name without suffixes. */
  learningRates?: Readonly<Record<string, number>>;
  /** Cells with numbers of their own: the first row whose conditions all hold counts. */
  exceptions?: readonly Exception[];
  optimiser: OptimiserSettings;
  /** Replacements above this many classes. */
  manyClasses?: { over: number; learningRate: number; weightDecay: number; batch: number };
  /** Milestones as shares of the epochs. */
  schedule:
    | { kind: 'half-cosine' }
    | { kind: 'multi-step'; at: readonly (readonly [number, number])[]; factor: number };
  /** Temperature of the distillation loss; null with hard labels. */
  temperature: number | null;
  cutMix: { alpha: number };
  augmentation: {
    /** Whether to shuffle the strips of a mosaic, one per patch along a side. */
    shufflePatches: boolean;
    /** Smallest area share of a crop; 'factor' means 1 / factor. */
    cropFrom: number | 'factor';
    cropRatio: readonly [number, number];
    flip: boolean;
    colour: { jitter: number; lighting: number } | null;
  };
  normalisation: Normalisation;
  /** How test images are resized. */
  test: NonNullable<LoadOptions['preparation']>;
  /**
   * How often students are tested: every so many epochs after a share of the training, or at every share of it; always
   * at the end.
   */
  evaluation: { everyEpochs: number; after: number } | { everyShare: number };
}

/** Conditions on a cell, and the numbers for it. */
export interface Exception {
  where: { classes?: number; size?: number; student?: string; teacher?: string };
  batch?: number;
  learningRate?: number;
}

/** AdamW decays only weights with more than one axis; SGD decays all. */
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
  // The scripts have no row for IPC 100; D3HR's copy uses 100 from IPC 50 on.
  batch: [{ upTo: 1, value: 10 }, { upTo: 10, value: 50 }, { value: 100 }],
  batchOfManyClasses: { from: 100, factor: 2 },
  learningRate: 0.001,
  learningRates: {
    vgg11: 0.0005,
    efficientnet_b0: 0.002,
    mobilenet_v2: 0.0025,
    alexnet: 0.0001,
    vit_b_16: 0.0001,
    swin_t: 0.0001, // For the papers' Swin-T; the script uses Swin v2.
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

/**
 * RDED's recipe with class labels in place of the teacher: shows what the images alone are worth. Nobody released it in
 * this form; paper 001 doesn't give the recipe of its hard labels. D3HR's script for class labels has another: mixup with
 * α = 1 in place of CutMix, crops from 0.08, and on ImageWoof 2,000, 1,500 and 1,000 epochs for 10, 50 and 100 images per
 * class (lin-zhao-resoLve/D3HR@8ba351d validation/validate_hardlabel.py, argument.py, utils/data_utils.py).
 */
export const hardLabelProtocol: Protocol = {
  ...rdedProtocol,
  name: 'hard labels',
  source: `${rdedProtocol.source}, without its teacher`,
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

/** The protocols, by their names in tables. */
export const protocols: Readonly<Record<ProtocolName, Protocol>> = {
  rded: rdedProtocol,
  hard: hardLabelProtocol,
  idc: idcProtocol,
};

/** Whether a student is tested after its first `epoch` epochs: RDED's every tenth above 80 %, IDC's hundred times. */
export function isTested(evaluation: Protocol['evaluation'], epoch: number, epochs: number): boolean {
  if (epoch === epochs) return true;
  if ('everyShare' in evaluation) return epoch % Math.max(1, Math.floor(epochs * evaluation.everyShare)) === 0;
  return epoch - 1 > evaluation.after * epochs && epoch % evaluation.everyEpochs === 0;
}
