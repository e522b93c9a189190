/** TESLA (Cui et al., "Scaling Up Dataset Distillation to ImageNet-1K with Constant Memory", ICML 2023). */
import { z } from 'zod';
import type { ImageDataset } from '../../datasets';
import { type LongTask, type Tensor, tf } from '../../engine';
import type { TensorSource } from '../../models';
import { learnSet } from '../condensation/learned-images';
import type { LearningCheckpoint } from '../condensation/learning-loop';
import { matchingNetwork } from '../condensation/matching-network';
import type { DistilledSet } from '../distilled-set';
import { readSettings } from '../read-settings';
import { matchTrajectories, partOf, trajectorySettings } from './match-trajectories';
import { classProbabilities, logitsOf, withLogits } from './soft-labels';
import type { Trajectory } from './trajectory';

/** What determines the set besides the experts. Defaults as in the released code's command for CIFAR-10 (README). */
export const teslaSettings = trajectorySettings.extend({
  /** CIFAR-100 at 50 images per class: 80. */
  studentSteps: z.int().min(1).default(50),
  /** Students start before this epoch of an expert. CIFAR-100: 40. */
  maxStart: z.int().min(1).default(5),
  learningRate: z.number().positive().default(1000),
  /** CIFAR-100: 10⁻⁵. */
  rateRate: z.number().min(0).default(1e-7),
  /** 'class', or 'expert': each step's target weights label the images (soft label assignment; ImageNet-1K). */
  labels: z.enum(['class', 'expert']).default('class'),
});

export interface TeslaOptions extends z.input<typeof teslaSettings>, LongTask {
  /** @see trainExpert */
  experts: readonly Trajectory[];
  checkpoint?: LearningCheckpoint | undefined;
}

/**
 * Trajectory matching whose gradient treats the weights of each step as constants: an image's effect on its own step
 * counts, its effect on later steps through the weights doesn't. So no step's activations are kept.
 *
 * Images are normalised and stored as in `distributionMatching`, without the ZCA whitening of some published runs. Each
 * step draws an expert at random. With 'expert' labels, the set stores the logits of the last step's target. Its
 * settings hold the students' learned rate as `learnedRate`; evaluation protocols use their own rates.
 * @example const set = await tesla(dataset, { imagesPerClass: 10, experts });
 * @throws when an expert is too short or of another network, or a class has too few images to start from
 */
export async function tesla(
  dataset: ImageDataset,
  { checkpoint, signal, onProgress, experts, ...options }: TeslaOptions,
): Promise<DistilledSet> {
  const { size = dataset.size, imagesPerClass, ...settings } = readSettings(teslaSettings, options, 'TESLA');
  const { maxStart, seed } = settings;
  const classes = dataset.classes.length;
  const learned = {
    ...settings,
    method: 'TESLA',
    imagesPerClass,
    values: 'normalised',
    size,
    signal,
    onProgress,
  } as const;
  return learnSet(dataset, learned, async (images) => {
    const network = matchingNetwork(settings.network, { classes, size, seed, path: 'student' });
    const labelsBy = (target: TensorSource): Tensor => {
      if (settings.labels === 'class') return classProbabilities(classes, imagesPerClass);
      return tf.tidy(() => tf.softmax(logitsOf(network, target, images)));
    };
    const matching = {
      ...settings,
      method: 'TESLA',
      size,
      network,
      experts,
      labels: { take: labelsBy },
      startFrom: () => [0, maxStart] as const,
      through: 'direct',
      checkpoint,
      signal,
      onProgress,
    } as const;
    try {
      const learnedRate = await matchTrajectories(images, matching);
      const set = await images.asSet({ ...settings, learnedRate });
      if (settings.labels === 'class') return set;
      const { target } = partOf(matching, settings.steps - 1);
      return await withLogits(set, logitsOf(network, target, images));
    } finally {
      network.dispose();
    }
  });
}
