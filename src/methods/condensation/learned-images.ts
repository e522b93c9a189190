/** Images that are learned by gradients: their values, the update rule, and the loop that can be stopped and gone on with. */
import { existsSync } from 'node:fs';
import { type ImageDataset, tensorToImages } from '../../datasets';
import {
  breathe,
  lossAndGradients,
  type LongTask,
  pacedProgress,
  RandomStream,
  Sgd,
  type Tensor,
  tf,
  type Variable,
} from '../../engine';
import { SafetensorsFile, type StoredTensor, writeSafetensors } from '../../models';
import type { DistilledSet } from '../distilled-set';
import { generatedSet } from '../self-adaptive-memory/generated-set';
import { denormalise, RealImages } from './real-images';

export interface LearnedImagesOptions {
  /** Name of the method. */
  method: string;
  imagesPerClass: number;
  /** From random images of each class, or standard normal noise (of values 0 … 1: noise / 4 + ½, clipped). */
  initial: 'real' | 'noise';
  /** What the images' values are: 'normalised' by channel, or 'unit', 0 … 1. */
  values: 'normalised' | 'unit';
  learningRate: number;
  momentum: number;
  seed: number;
}

/** Where to write the state, every `everySeconds` (default 60), when stopped and at the end. A file that is there is gone on from. */
export interface LearningCheckpoint {
  file: string;
  everySeconds?: number;
}

/** `imagesPerClass` images of each class, in label order, in one variable [classes · imagesPerClass, S, S, 3]. */
export class LearnedImages {
  readonly images: Variable;
  private readonly optimiser: Sgd;

  /** @throws when the set is to start from more images than a class has */
  constructor(
    private readonly real: RealImages,
    private readonly options: LearnedImagesOptions,
  ) {
    const { learningRate, momentum } = options;
    this.images = tf.tidy(() => tf.variable(firstImages(real, options))) as Variable;
    this.optimiser = new Sgd({ images: this.images }, { learningRate, momentum });
  }

  /** The images of one class, [imagesPerClass,S,S,3]. */
  ofClass(label: number): Tensor {
    const { imagesPerClass } = this.options;
    const [, ...shape] = this.images.shape;
    return tf.slice(this.images, [label * imagesPerClass, 0, 0, 0], [imagesPerClass, ...shape]);
  }

  /** Loss of the images of these classes, summed, and one step of SGD against it. Classes meet one after the other. */
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
    this.optimiser.apply({ images: sum! });
    return total;
  }

  /** Values outside 0 … 1 are brought back to the edge. */
  clip(): void {
    tf.tidy(() => this.images.assign(tf.clipByValue(this.images, 0, 1)));
  }

  /**
   * Calls `learn` for each step from 0, or from where a checkpoint stands; what it draws must depend on the step alone.
   * It returns the step's loss.
   * @throws when a loss is no number: the checkpoint before it stands
   */
  async learn(
    {
      steps,
      checkpoint,
      signal,
      onProgress,
    }: { steps: number; checkpoint?: LearningCheckpoint | undefined } & LongTask,
    learn: (step: number) => Promise<number>,
  ): Promise<void> {
    let [step, saved] = [checkpoint ? await this.restore(checkpoint) : 0, performance.now()];
    const report = pacedProgress(onProgress, { label: `Learning: ${this.options.method}`, total: steps });
    if (step > 0) report(step);
    try {
      while (step < steps) {
        await breathe(signal);
        const loss = await learn(step);
        if (!Number.isFinite(loss))
          throw new Error(
            `Expected a finite loss of ${this.options.method}, got ${loss} at step ${step}. Lower the learning rate.`,
          );
        step += 1;
        report(1, `loss ${loss.toPrecision(3)}`);
        if (!checkpoint) continue;
        if (step < steps && performance.now() - saved < 1000 * (checkpoint.everySeconds ?? 60)) continue;
        await this.save(checkpoint, step);
        saved = performance.now();
      }
    } catch (error) {
      if (signal?.aborted && checkpoint) await this.save(checkpoint, step);
      throw error;
    }
  }

  /** The set, as images of 8 bits: values beyond black and white are clipped. */
  async asSet(settings: Record<string, unknown>): Promise<DistilledSet> {
    const { real, images } = this;
    const { method, imagesPerClass, values } = this.options;
    const unit = values === 'unit' ? tf.clone(images) : denormalise(images, real.statistics);
    const pixels = await tensorToImages(unit, { range: [0, 1] });
    unit.dispose();
    return generatedSet(real.dataset, pixels, { method, imagesPerClass, size: real.size, settings });
  }

  dispose(): void {
    this.optimiser.dispose();
    this.images.dispose();
  }

  private async save({ file }: LearningCheckpoint, step: number): Promise<void> {
    const tensors = new Map<string, StoredTensor>();
    const state = { images: tf.clone(this.images), ...this.optimiser.state() };
    for (const [name, tensor] of Object.entries(state)) {
      tensors.set(name, { shape: tensor.shape, data: Float32Array.from(await tensor.data()) });
      tensor.dispose();
    }
    writeSafetensors(file, tensors, { metadata: { step: String(step) } });
  }

  private async restore({ file }: LearningCheckpoint): Promise<number> {
    if (!existsSync(file)) return 0;
    const stored = new SafetensorsFile(file);
    const state = Object.fromEntries(
      [...stored.keys()].map((name) => {
        const { shape, data } = stored.get(name)!;
        return [name, tf.tensor(data, [...shape])];
      }),
    );
    this.images.assign(state.images!);
    this.optimiser.restore(state);
    tf.dispose(state);
    return Number(stored.metadata.step);
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
  const positions = classes.flatMap((name, label) => {
    const drawn = real.draw(new RandomStream(seed, method, 'first images', label), label, imagesPerClass);
    if (drawn.length < imagesPerClass)
      throw new Error(
        `Expected ${imagesPerClass} images of '${name}' to start from, got ${drawn.length}. Start from noise, or take a larger pool.`,
      );
    return drawn;
  });
  return real.take(positions, values);
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
