/** The queue of networks in training that IDM takes features from (Zhao et al., CVPR 2023, section 4.2). */
import {
  type LongTask,
  breathe,
  lossAndGradients,
  type Precision,
  type RandomStream,
  Sgd,
  softmaxCrossEntropy,
  type Tensor,
  tf,
  withoutGradients,
  withPrecision,
} from '../../engine';
import type { ConvNet } from '../../models';
import type { LearningState } from './learning-loop';
import type { RealImages } from './real-images';

export interface ModelQueueOptions {
  /** Most networks in the queue; the oldest leaves a full one. */
  length: number;
  /** Learning rate of SGD with momentum 0.9 and weight decay 0.0005. */
  learningRate: number;
  /** Images per step of a network. */
  batch: number;
  /** Precision of the networks' products in training. @default 'float32' */
  precision?: Precision;
  /** Makes a freshly initialised network; n counts from 0. */
  network(n: number): ConvNet;
}

/** A network in training. */
export interface QueuedNetwork {
  readonly network: ConvNet;
  /** Share of the images it has trained on that it classified correctly before the step on them; 0 before it trains. */
  readonly accuracy: number;
}

interface Entry {
  network: ConvNet;
  optimiser: Sgd;
  right: number;
  seen: number;
}

/** Networks of different ages, each trained on real images now and then. */
export class ModelQueue {
  private readonly entries: Entry[] = [];
  /** Number of networks that have entered so far. */
  private entered = 0;

  constructor(private readonly options: ModelQueueOptions) {}

  get length(): number {
    return this.entries.length;
  }

  /** A new network enters; the oldest leaves a full queue. */
  push(): void {
    if (this.entries.length === this.options.length) free(this.entries.shift()!);
    this.entries.push(this.entryOf(this.options.network(this.entered)));
    this.entered += 1;
  }

  /** One of them at random. */
  choose(random: RandomStream): QueuedNetwork {
    const { network, right, seen } = random.choice(this.entries);
    return { network, accuracy: seen === 0 ? 0 : right / seen };
  }

  /** Trains `networks` of them, chosen at random, for some steps on real images without augmentation. */
  async train(
    real: RealImages,
    { networks, steps, random, signal }: { networks: number; steps: number; random: RandomStream } & LongTask,
  ): Promise<void> {
    const { batch, precision = 'float32' } = this.options;
    const chosen = random.permutation(this.entries.length).subarray(0, networks);
    for (const [n, k] of chosen.entries()) {
      await breathe(signal);
      for (let step = 0; step < steps; step++) {
        const positions = real.drawOfAll(random.child(n, step), batch);
        const taken = { images: real.take(positions, 'normalised'), labels: real.labelsAt(positions) };
        withPrecision(precision, () => trainEntry(this.entries[k]!, taken));
      }
    }
  }

  /** Weights and momenta of all networks, the oldest first, and their counts of correct answers. */
  state(): Required<LearningState> {
    const tensors = this.entries.flatMap(({ network, optimiser }, k) => [
      ...Object.entries(network.variables()).map(([name, value]) => [`${k}/weights/${name}`, tf.clone(value)] as const),
      ...Object.entries(optimiser.state()).map(([name, value]) => [`${k}/optimiser/${name}`, value] as const),
    ]);
    const counts = this.entries.map(({ right, seen }) => ({ right, seen }));
    const { entered } = this;
    return { tensors: Object.fromEntries(tensors), notes: { queue: JSON.stringify({ entered, counts }) } };
  }

  restore({ tensors, notes }: LearningState): void {
    const { entered, counts } = JSON.parse(notes!.queue!) as {
      entered: number;
      counts: { right: number; seen: number }[];
    };
    this.dispose();
    this.entered = entered;
    for (const [k, count] of counts.entries()) {
      const entry = Object.assign(this.entryOf(this.options.network(k)), count);
      for (const [name, variable] of Object.entries(entry.network.variables()))
        variable.assign(tensors[`${k}/weights/${name}`]!);
      const start = `${k}/optimiser/`;
      const own = Object.entries(tensors).filter(([name]) => name.startsWith(start));
      entry.optimiser.restore(Object.fromEntries(own.map(([name, value]) => [name.slice(start.length), value])));
      this.entries.push(entry);
    }
  }

  dispose(): void {
    for (const entry of this.entries.splice(0)) free(entry);
  }

  private entryOf(network: ConvNet): Entry {
    const { learningRate } = this.options;
    const optimiser = new Sgd(network.variables(), { learningRate, momentum: 0.9, weightDecay: 5e-4 });
    return { network, optimiser, right: 0, seen: 0 };
  }
}

function free({ network, optimiser }: Entry): void {
  optimiser.dispose();
  network.dispose();
}

/** Takes a step on the cross entropy, and counts the correct answers before it. Frees the batch. */
function trainEntry(entry: Entry, { images, labels }: { images: Tensor; labels: Tensor }): void {
  const { network, optimiser } = entry;
  const { loss, gradients } = lossAndGradients(network.variables(), () => {
    const logits = network.forward(images);
    withoutGradients(() => {
      entry.right += tf.sum(tf.equal(tf.argMax(logits, 1), labels)).dataSync()[0]!;
    });
    entry.seen += labels.size;
    return softmaxCrossEntropy(logits, labels);
  });
  optimiser.apply(gradients);
  tf.dispose([loss, images, labels]);
}
