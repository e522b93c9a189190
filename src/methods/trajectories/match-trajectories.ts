/** Matching of training trajectories (MTT, Cazenavette et al., CVPR 2022): what TESLA and DATM have in common. */
import { z } from 'zod';
import { type LongTask, RandomStream, type Tensor, tf, type Variable } from '../../engine';
import type { ConvNet, TensorSource } from '../../models';
import type { LearnedImages } from '../condensation/learned-images';
import { type Learner, type LearningCheckpoint, learnSteps } from '../condensation/learning-loop';
import { matchingNetworkSchema } from '../condensation/matching-network';
import { augmentationSchema, drawChanges } from '../condensation/siamese';
import { LearnedVariable } from './learned-variable';
import type { Trajectory } from './trajectory';
import { type StudentStep, trajectoryGradient } from './trajectory-gradient';

/** What determines a set of either method; each has its own defaults. */
export const trajectorySettings = z.object({
  imagesPerClass: z.int().min(1),
  /** Side of a distilled image, pixels: the experts'. Default the dataset's. */
  size: z.int().min(1).optional(),
  /** Updates of the images, each with a student that follows part of an expert's trajectory. */
  steps: z.int().min(1).default(10_000),
  /** Steps of a student. */
  studentSteps: z.int().min(1),
  /** Epochs of the expert from the student's start to its target. */
  expertEpochs: z.int().min(1).default(2),
  /** Images per step of a student; they come in random order. Default: all. */
  batch: z.int().min(1).optional(),
  /** Learning rate of SGD on the images. */
  learningRate: z.number().positive(),
  momentum: z.number().min(0).max(1).default(0.5),
  /** Initial learning rate of the students, which is learned. */
  studentRate: z.number().positive().default(0.01),
  /** Learning rate of SGD on `studentRate`, with momentum 0.5. */
  rateRate: z.number().min(0),
  initial: z.enum(['real', 'noise']).default('real'),
  /** Augmentations, drawn for each image of a student's batch on its own. */
  augmentations: augmentationSchema,
  /** The experts' network. */
  network: matchingNetworkSchema.prefault({}),
  seed: z.int().default(0),
});
type TrajectorySettings = z.output<typeof trajectorySettings>;

/** Where labels come from, and whether they learn. */
export interface StudentLabels {
  /** Label probabilities [images,classes] for a step with these target weights; freed by the caller. */
  take(target: TensorSource): Tensor;
  /** Applies and frees the gradient with respect to the labels. If undefined, labels stay fixed. */
  learn?(gradient: Tensor): void;
  /** State for a checkpoint. */
  state?(): Record<string, Tensor>;
  restore?(tensors: Record<string, Tensor>): void;
}

/** What decides which part of which expert's trajectory a step follows. */
export interface PartOptions extends Pick<TrajectorySettings, 'expertEpochs' | 'seed'> {
  method: string;
  experts: readonly Trajectory[];
  /** Epochs of an expert from which a step's student may start: [first, end), with an end that never decreases. */
  startFrom(step: number): readonly [number, number];
}

export interface MatchTrajectoriesOptions
  extends LongTask,
    PartOptions,
    Pick<TrajectorySettings, 'steps' | 'studentSteps' | 'batch' | 'studentRate' | 'rateRate' | 'augmentations'> {
  size: number;
  /** A student's network. */
  network: ConvNet;
  labels: StudentLabels;
  through: 'all' | 'direct';
  /** Steps with a greater distance are skipped. Default: none. */
  threshold?: number;
  checkpoint?: LearningCheckpoint | undefined;
}

/**
 * At each step a student starts from an expert's weights and trains on the images. Then the images, the student's
 * learning rate and maybe the labels take an SGD step to reduce its distance from the expert's weights some epochs
 * later.
 * @returns the rate at the end
 * @throws when an expert is too short, the rate falls to 0, or the threshold skips all steps
 */
export async function matchTrajectories(images: LearnedImages, options: MatchTrajectoriesOptions): Promise<number> {
  const { method, network, labels, through, threshold = Number.POSITIVE_INFINITY, seed } = options;
  const { steps, studentRate, rateRate, checkpoint, signal, onProgress } = options;
  expectExperts(options);
  const rate = new LearnedVariable('rate', tf.scalar(studentRate), { learningRate: rateRate, momentum: 0.5 });
  const rateNow = (): number => rate.variable.dataSync<'float32'>()[0]!;
  let stepsTaken = 0;
  const learner: Learner = {
    state: () => ({
      tensors: { ...images.state().tensors, ...rate.state(), ...labels.state?.() },
      notes: { stepsTaken: String(stepsTaken) },
    }),
    restore(state) {
      stepsTaken = Number(state.notes?.stepsTaken);
      images.restore(state);
      rate.restore(state.tensors);
      labels.restore?.(state.tensors);
    },
  };
  try {
    await learnSteps(learner, { method, steps, checkpoint, signal, onProgress }, async (step) => {
      const now = rateNow();
      if (!(now > 0)) {
        throw new Error(
          `Expected the learned rate of the students to stay above 0, got ${now} at step ${step}. Lower rateRate.`,
        );
      }
      const part = partOf(options, step);
      const probabilities = asVariable(labels.take(part.target));
      const drawn = stepsOf(new RandomStream(seed, method, step, 'student'), images.images.shape[0]!, options);
      const course = { images: images.images, labels: probabilities, steps: drawn, rate: now, ...part, through };
      const found = await trajectoryGradient(network, course, { signal }).finally(() => probabilities.dispose());
      if (found.distance <= threshold) {
        stepsTaken += 1;
        images.apply(found.images);
        rate.apply(tf.scalar(found.rate));
        if (labels.learn) labels.learn(found.labels);
        else found.labels.dispose();
      } else {
        tf.dispose([found.images, found.labels]);
      }
      return found.distance;
    });
    if (stepsTaken === 0) {
      throw new Error(
        `Expected students that come nearer to their experts, but in all ${steps} steps they ended at more than ${threshold} of the distance they began with. Lower studentRate.`,
      );
    }
    return rateNow();
  } finally {
    rate.dispose();
  }
}

/** The part of an expert's trajectory that a step follows: the weights at its two ends. */
export function partOf(
  { method, experts, startFrom, expertEpochs, seed }: PartOptions,
  step: number,
): { start: TensorSource; target: TensorSource } {
  const random = new RandomStream(seed, method, step, 'part');
  const expert = random.choice(experts);
  const [least, most] = startFrom(step);
  const from = least + random.integer(most - least);
  return { start: expert.at(from), target: expert.at(from + expertEpochs) };
}

function asVariable(values: Tensor): Variable {
  const variable = tf.variable(values) as Variable;
  values.dispose();
  return variable;
}

/** Which images a student sees in which step: all in random order, then reshuffled. */
function stepsOf(
  random: RandomStream,
  count: number,
  {
    studentSteps,
    batch = count,
    augmentations: from,
    size,
  }: Pick<MatchTrajectoriesOptions, 'studentSteps' | 'batch' | 'augmentations' | 'size'>,
): StudentStep[] {
  const perPass = Math.ceil(count / batch);
  return Array.from({ length: studentSteps }, (_, step) => {
    const [pass, place] = [Math.floor(step / perPass), step % perPass];
    const chosen = random
      .child('order', pass)
      .permutation(count)
      .subarray(place * batch, (place + 1) * batch);
    const changes = drawChanges(random.child('changes', step), { from, mode: 'one', size, count: chosen.length });
    return { chosen, changes };
  });
}

/** @throws if a step would start or end outside an expert's trajectory */
function expectExperts({ experts, startFrom, steps, expertEpochs }: MatchTrajectoriesOptions): void {
  if (experts.length === 0) throw new Error('Expected experts to follow, got none. Train some with trainExpert.');
  const [least, most] = startFrom(steps);
  if (!(least < most))
    throw new Error(`Expected students to start before epoch ${most}, from ${least} on: no epoch is left.`);
  const needed = most - 1 + expertEpochs;
  const short = experts.find(({ epochs }) => epochs < needed);
  if (short) {
    throw new Error(
      `Expected experts of at least ${needed} epochs, as students start up to epoch ${most - 1} and follow ${expertEpochs}, got one of ${short.epochs}. Train experts for longer, or start earlier.`,
    );
  }
}
