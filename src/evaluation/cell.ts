/** A protocol's numbers for one cell of a table, with an experiment's changes applied. */
import { halfCosineRate, multiStepRate, type Precision, type Schedule } from '../engine';
import type { Augmentation } from './augment';
import { hasNorm, type NetworkName, networkName, parseNetwork } from './networks';
import type { ByImagesPerClass, Exception, OptimiserSettings, Protocol } from './protocols';

/** An experiment's replacements for the protocol's numbers. They apply to every method of a cell alike. */
export interface RecipeChanges {
  /** Epochs: passes over the distilled images. */
  epochs?: number | undefined;
  /** Images per step, at most as many as there are. */
  batch?: number | undefined;
  /** Peak learning rate. */
  learningRate?: number | undefined;
  /**
   * Patches along a side that augmentation assumes. With 2, crops go down to half of the area and 2 × 2 patches are
   * shuffled; with 1, neither happens. RDED sets it by dataset: 2 for ImageNet's, 1 for CIFAR and TinyImageNet.
   */
  factor?: number | undefined;
  /** Range of the random crops' area share, in (0, 1]. Replaces the factor's. */
  crop?: readonly [number, number] | undefined;
  /** Whether to shuffle the factor's patches. */
  shufflePatches?: boolean | undefined;
  /** Tests during the training, at equal shares of it, in place of the protocol's; the last is after the last epoch. */
  tests?: number | undefined;
  /** Precision of products in student and teacher during training; tests use float32. @default 'float32' */
  precision?: Precision | undefined;
}

export interface CellOptions extends RecipeChanges {
  /** May be left out where only the images shown matter. */
  student?: NetworkName | undefined;
  /** The labelling network's name, if known. */
  teacher?: string | undefined;
  classes: number;
  /** Side of the networks' input images, pixels. */
  size: number;
  imagesPerClass: number;
}

/** The protocol's numbers for one cell of a table. */
export interface CellSettings {
  epochs: number;
  /** Images per step; the last step of an epoch takes the rest. */
  batch: number;
  learningRate: number;
  /** Epoch, from 0 → learning rate. */
  rate: Schedule;
  optimiser: OptimiserSettings;
  temperature: number | null;
  cutMix: { alpha: number };
  factor: number;
  augmentation: Augmentation;
}

/** @throws when an option is out of range, or the student's norm isn't the protocol's. */
export function cellSettings(protocol: Protocol, options: CellOptions): CellSettings {
  check(options);
  const { student, classes, size, imagesPerClass, shufflePatches = protocol.augmentation.shufflePatches } = options;
  if (student) expectNorm(protocol, student);
  const { augmentation } = protocol;
  const exception = exceptionOf(protocol, options);
  const many = protocol.manyClasses && classes > protocol.manyClasses.over ? protocol.manyClasses : undefined;
  const factor = options.factor ?? factorOf(protocol, size);
  const epochs = options.epochs ?? epochsOf(protocol, imagesPerClass, classes);
  const own = student && protocol.learningRates?.[parseNetwork(student).base];
  const learningRate =
    options.learningRate ?? exception?.learningRate ?? many?.learningRate ?? own ?? protocol.learningRate;
  const batch = options.batch ?? exception?.batch ?? batchOf(protocol, imagesPerClass, classes);
  const from = augmentation.cropFrom === 'factor' ? 1 / factor : augmentation.cropFrom;
  return {
    epochs,
    batch: Math.min(batch, imagesPerClass * classes),
    learningRate,
    rate: rateOf(protocol, learningRate, epochs),
    optimiser: many ? { ...protocol.optimiser, weightDecay: many.weightDecay } : protocol.optimiser,
    temperature: protocol.temperature,
    cutMix: protocol.cutMix,
    factor,
    augmentation: {
      shufflePatches: shufflePatches ? factor : 1,
      crop: { scale: options.crop ?? [from, 1], ratio: augmentation.cropRatio },
      flip: augmentation.flip,
      colour: augmentation.colour,
    },
  };
}

/** The protocol's row for this very cell, if there is one. */
export function exceptionOf(
  { exceptions = [] }: Protocol,
  { student, teacher, classes, size }: Pick<CellOptions, 'student' | 'teacher' | 'classes' | 'size'>,
): Exception | undefined {
  return exceptions.find(({ where }) => {
    const holds = <T>(wanted: T | undefined, seen: T | undefined) => wanted === undefined || wanted === seen;
    // With hard labels no teacher is needed.
    const taught = teacher === undefined || holds(where.teacher, teacher);
    return holds(where.classes, classes) && holds(where.size, size) && holds(where.student, student) && taught;
  });
}

function check({ classes, size, imagesPerClass, epochs, batch, factor, tests, learningRate, crop }: CellOptions): void {
  for (const [name, value] of Object.entries({ classes, size, imagesPerClass, epochs, batch, factor, tests })) {
    if (value !== undefined && (!Number.isInteger(value) || value < 1)) {
      throw new Error(`Expected ${name} to be a whole number of at least 1, got ${value}.`);
    }
  }
  if (factor !== undefined && factor > size) {
    throw new Error(`Expected a factor of at most the image side, ${size} pixels, got ${factor}.`);
  }
  if (learningRate !== undefined && !(learningRate >= 0 && Number.isFinite(learningRate))) {
    throw new Error(`Expected learningRate to be a finite number of at least 0, got ${learningRate}.`);
  }
  if (crop && !(crop[0] > 0 && crop[0] <= crop[1] && crop[1] <= 1)) {
    throw new Error(`Expected crop to be two shares of the area, 0 < from ≤ to ≤ 1, got [${crop}].`);
  }
}

/** @throws when a network's norm isn't the protocol's, naming a network that fits. Transformers fit all protocols. */
export function expectNorm({ name, norm }: Protocol, student: NetworkName): void {
  const parts = parseNetwork(student);
  if (parts.norm === norm || parts.norm === 'layer') return;
  const remedy = hasNorm(parts.base, norm)
    ? `Use '${networkName({ ...parts, norm })}'.`
    : `${parts.base} has no such form: use a ConvNet, ResNet or ResNetAP.`;
  throw new Error(`Expected a network with ${norm} norm in '${name}', got '${student}'. ${remedy}`);
}

function factorOf({ factor }: Protocol, size: number): number {
  if (typeof factor === 'number') return factor;
  return factor.find(({ upToPixels }) => upToPixels === undefined || size <= upToPixels)!.value;
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
  return Math.max(value, least);
}

function rateOf({ schedule }: Protocol, rate: number, epochs: number): Schedule {
  if (schedule.kind === 'half-cosine') return halfCosineRate(rate, epochs);
  const milestones = schedule.at.map(([a, b]) => Math.floor((a * epochs) / b));
  return multiStepRate(rate, milestones, schedule.factor);
}
