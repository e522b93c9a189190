/** Experts: networks trained on real images whose weights are kept after each epoch (MTT, Cazenavette et al., CVPR 2022). */
import { z } from 'zod';
import type { ImageDataset } from '../../datasets';
import {
  breathe,
  lossAndGradients,
  type LongTask,
  RandomStream,
  Sgd,
  softmaxCrossEntropy,
  type Tensor,
  tf,
} from '../../engine';
import type { ConvNet, StoredTensor } from '../../models';
import { type Learner, type LearningCheckpoint, learnSteps } from '../condensation/learning-loop';
import { matchingNetwork, matchingNetworkSchema } from '../condensation/matching-network';
import { RealImages } from '../condensation/real-images';
import { applyChanges, augmentationSchema, drawChanges } from '../condensation/siamese';
import { readSettings } from '../read-settings';
import { flatGradients } from './flat-gradient';
import { type Trajectory, trajectoryOf } from './trajectory';

/** What determines a trajectory. Defaults as in TESLA's released code (buffer.py, its README's command) for CIFAR-10. */
export const expertSettings = z.object({
  /** Side of the images, pixels. Default the dataset's. */
  size: z.int().min(1).optional(),
  /** DATM: 100. */
  epochs: z.int().min(1).default(50),
  /** Images per step. */
  batch: z.int().min(1).default(256),
  /** Learning rate of SGD. */
  learningRate: z.number().positive().default(0.01),
  momentum: z.number().min(0).max(1).default(0),
  weightDecay: z.number().min(0).default(0),
  /** Toward flat minima, by GSAM; DATM: { rho: 0.01, alpha: 0.3 }. Default plain SGD. */
  flat: z.strictObject({ rho: z.number().positive(), alpha: z.number().min(0) }).optional(),
  /** Augmentations, drawn for each image of a batch on its own. */
  augmentations: augmentationSchema,
  network: matchingNetworkSchema.prefault({}),
  seed: z.int().default(0),
});

export interface ExpertOptions extends z.input<typeof expertSettings>, LongTask {
  /** Which expert, from 0: its initial weights, orders and augmentations. */
  expert: number;
  checkpoint?: LearningCheckpoint;
}

/**
 * Trains one expert. Images are normalised by the mean and deviation of each channel over the dataset, without the ZCA
 * whitening of the published runs.
 * @returns its weights before and after each epoch
 * @example const experts = [await trainExpert(dataset, { expert: 0 }), await trainExpert(dataset, { expert: 1 })];
 */
export async function trainExpert(
  dataset: ImageDataset,
  { expert, checkpoint, signal, onProgress, ...options }: ExpertOptions,
): Promise<Trajectory> {
  const { size = dataset.size, ...settings } = readSettings(expertSettings, options, 'an expert');
  const { epochs, seed, learningRate, momentum, weightDecay } = settings;
  const real = await RealImages.load(dataset, { size, signal, onProgress });
  const method = `expert ${expert}`;
  const network = matchingNetwork(settings.network, { classes: dataset.classes.length, size, seed, path: method });
  const optimiser = new Sgd(network.variables(), { learningRate, momentum, weightDecay });
  const checkpoints = [await network.stateDict()];
  try {
    const task = { method, steps: epochs, checkpoint, signal, onProgress };
    await learnSteps(learnerOf(optimiser, network, checkpoints), task, async (epoch) => {
      const loss = await epochOf(network, real, {
        ...settings,
        size,
        optimiser,
        random: new RandomStream(seed, method, epoch),
        signal,
      });
      checkpoints.push(await network.stateDict());
      return loss;
    });
    return trajectoryOf(checkpoints);
  } finally {
    optimiser.dispose();
    network.dispose();
  }
}

/** The state from which training resumes: all of the trajectory so far. */
function learnerOf(optimiser: Sgd, network: ConvNet, checkpoints: Map<string, StoredTensor>[]): Learner {
  const OPTIMISER = 'optimiser/';
  return {
    state() {
      const weights = checkpoints.flatMap((stored, epoch) =>
        [...stored].map(([name, { data, shape }]) => [`${epoch}/${name}`, tf.tensor(data, [...shape])] as const),
      );
      const state = Object.entries(optimiser.state()).map(([name, value]) => [OPTIMISER + name, value] as const);
      return { tensors: Object.fromEntries([...weights, ...state]) };
    },
    restore({ tensors }) {
      const own = Object.entries(tensors).filter(([name]) => name.startsWith(OPTIMISER));
      optimiser.restore(Object.fromEntries(own.map(([name, value]) => [name.slice(OPTIMISER.length), value])));
      const names = [...checkpoints[0]!.keys()];
      checkpoints.length = 0;
      for (let epoch = 0; `${epoch}/${names[0]}` in tensors; epoch++) {
        const stored = names.map((name) => {
          const tensor = tensors[`${epoch}/${name}`]!;
          return [name, { shape: tensor.shape, data: tensor.dataSync<'float32'>() }] as const;
        });
        checkpoints.push(new Map(stored));
      }
      network.load(checkpoints.at(-1)!);
    },
  };
}

/** Trains the network on the real images for one epoch. @returns the mean loss of its steps */
async function epochOf(
  network: ConvNet,
  real: RealImages,
  options: Pick<z.output<typeof expertSettings>, 'batch' | 'augmentations' | 'flat'> & {
    size: number;
    optimiser: Sgd;
    random: RandomStream;
  } & LongTask,
): Promise<number> {
  const { batch, augmentations: from, flat, size, optimiser, random, signal } = options;
  const order = real.drawOfAll(random.child('order'), real.dataset.labels.length);
  const losses: number[] = [];
  for (let start = 0; start < order.length; start += batch) {
    await breathe(signal);
    const chosen = order.subarray(start, start + batch);
    const changes = drawChanges(random.child('changes', start), { from, mode: 'one', size, count: chosen.length });
    const images = tf.tidy(() => applyChanges(real.take(chosen, 'normalised'), changes));
    const labels = real.labelsAt(chosen);
    const lossOf = (): Tensor => softmaxCrossEntropy(network.forward(images), labels);
    const variables = network.variables();
    const { loss, gradients } = flat ? flatGradients(variables, lossOf, flat) : lossAndGradients(variables, lossOf);
    losses.push(loss.dataSync<'float32'>()[0]!);
    optimiser.apply(gradients);
    tf.dispose([loss, images, labels]);
  }
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}
