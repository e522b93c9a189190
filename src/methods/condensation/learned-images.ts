/** Images that are learned by gradients: their values and the update rule. */
import { type ImageDataset, tensorToImages } from '../../datasets';
import { lossAndGradients, type LongTask, RandomStream, Sgd, type Tensor, tf, type Variable } from '../../engine';
import type { DistilledSet } from '../distilled-set';
import { generatedSet } from '../self-adaptive-memory/generated-set';
import { type Learner, type LearningState, learnSteps, type LearnStepsOptions } from './learning-loop';
import { denormalise, RealImages } from './real-images';

export interface LearnedImagesOptions {
  /** Name of the method. */
  method: string;
  imagesPerClass: number;
  /** Random real images of each class, or standard normal noise (for 'unit' values: noise / 4 + ½, clipped). */
  initial: 'real' | 'noise';
  /** Scale of the images' values: 'normalised' per channel, or 'unit' for 0 … 1. */
  values: 'normalised' | 'unit';
  learningRate: number;
  momentum: number;
  seed: number;
  /** What is learned, if the images are made from it: its first values, in label order. */
  first?: (real: RealImages) => Tensor;
}

/** `imagesPerClass` images of each class, in label order, in one variable [classes · imagesPerClass, S, S, 3]. */
export class LearnedImages implements Learner {
  readonly images: Variable;
  private readonly optimiser: Sgd;

  /** @throws when the set starts from real images and a class has too few */
  constructor(
    private readonly real: RealImages,
    private readonly options: LearnedImagesOptions,
  ) {
    const { learningRate, momentum } = options;
    this.images = tf.tidy(() => tf.variable(options.first?.(real) ?? firstImages(real, options))) as Variable;
    this.optimiser = new Sgd({ images: this.images }, { learningRate, momentum });
  }

  /** The images of one class, [imagesPerClass,S,S,3]. */
  ofClass(label: number): Tensor {
    const { imagesPerClass } = this.options;
    const [, ...shape] = this.images.shape;
    return tf.slice(this.images, [label * imagesPerClass, 0, 0, 0], [imagesPerClass, ...shape]);
  }

  /** Takes one SGD step on the summed loss of these classes, which are computed one after the other. */
  step(labels: readonly number[], lossOf: (images: Tensor, label: number) => Tensor): number {
    let sum: Tensor | undefined;
    let total = 0;
    for (const label of labels) {
      const { loss, gradients } = lossAndGradients({ images: this.images }, () => lossOf(this.ofClass(label), label));
      total += loss.dataSync()[0]!;
      loss.dispose();
      const next = gradients.images!;
      const before = sum;
      sum = before ? tf.add(before, next) : next;
      if (before) tf.dispose([before, next]);
    }
    this.apply(sum!);
    return total;
  }

  /** Takes one SGD step against a gradient for all images, and frees the gradient. */
  apply(gradient: Tensor): void {
    this.optimiser.apply({ images: gradient });
  }

  /** Clips all values to 0 … 1. */
  clip(): void {
    tf.tidy(() => this.images.assign(tf.clipByValue(this.images, 0, 1)));
  }

  /** Calls `learn` for each step, as learnSteps does. */
  learn(task: Omit<LearnStepsOptions, 'method'>, learn: (step: number) => Promise<number>): Promise<void> {
    return learnSteps(this, { ...task, method: this.options.method }, learn);
  }

  /**
   * The set, as images of 8 bits: values beyond black and white are clipped.
   * @param formed maps the learned images to the set's, equally many per class in label order. Default: unchanged
   */
  async asSet(
    settings: Record<string, unknown>,
    formed: (images: Tensor) => Tensor = tf.clone<Tensor>,
  ): Promise<DistilledSet> {
    const { real, images } = this;
    const { method, imagesPerClass, values } = this.options;
    const unit = tf.tidy(() => {
      const final = formed(images);
      return values === 'unit' ? final : denormalise(final, real.statistics);
    });
    const pixels = await tensorToImages(unit, { range: [0, 1] });
    unit.dispose();
    const ofClass = pixels.length / real.dataset.classes.length;
    const set = await generatedSet(real.dataset, pixels, {
      method,
      imagesPerClass: ofClass,
      size: real.size,
      settings,
    });
    return { ...set, imagesPerClass };
  }

  dispose(): void {
    this.optimiser.dispose();
    this.images.dispose();
  }

  state(): LearningState {
    return { tensors: { images: tf.clone(this.images), ...this.optimiser.state() } };
  }

  restore({ tensors }: LearningState): void {
    this.images.assign(tensors.images!);
    this.optimiser.restore(tensors);
  }
}

function firstImages(
  real: RealImages,
  { method, imagesPerClass, initial, values, seed }: LearnedImagesOptions,
): Tensor {
  const { classes } = real.dataset;
  const count = classes.length * imagesPerClass;
  if (initial === 'noise') {
    const shape = [count, real.size, real.size, 3];
    const noise = new RandomStream(seed, method, 'noise').fillNormal(new Float32Array(count * real.size ** 2 * 3));
    const images = tf.tensor(noise, shape);
    return values === 'unit' ? tf.clipByValue(tf.add(tf.div(images, 4), 0.5), 0, 1) : images;
  }
  return real.take(firstPositions(real, { method, imagesPerClass, seed }), values);
}

/** Random images of each class, in label order. @throws when a class has too few */
export function firstPositions(
  real: RealImages,
  { method, imagesPerClass, seed }: Pick<LearnedImagesOptions, 'method' | 'imagesPerClass' | 'seed'>,
): number[] {
  return real.dataset.classes.flatMap((name, label) => {
    const drawn = real.draw(new RandomStream(seed, method, 'first images', label), label, imagesPerClass);
    if (drawn.length < imagesPerClass)
      throw new Error(
        `Expected ${imagesPerClass} images of '${name}' to start from, got ${drawn.length}. Start from noise, or take a larger pool.`,
      );
    return drawn;
  });
}

/** Loads the images, learns a set from them, and frees both. */
export async function learnSet(
  dataset: ImageDataset,
  { size, signal, onProgress, ...options }: LearnedImagesOptions & { size: number } & LongTask,
  learn: (images: LearnedImages, real: RealImages) => Promise<DistilledSet>,
): Promise<DistilledSet> {
  const real = await RealImages.load(dataset, { size, signal, onProgress });
  const images = new LearnedImages(real, options);
  try {
    return await learn(images, real);
  } finally {
    images.dispose();
  }
}
