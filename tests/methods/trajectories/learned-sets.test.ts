/** Experts, TESLA and DATM whole, on two classes of tiny images. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  datm,
  type DistilledSet,
  loadDistilledSet,
  readTrajectory,
  saveDistilledSet,
  tesla,
  trainExpert,
  type Trajectory,
  trajectoryOf,
  writeTrajectory,
} from '../../../src/methods';
import { matchingNetwork } from '../../../src/methods/condensation/matching-network';
import { RealImages } from '../../../src/methods/condensation/real-images';
import { correctlyClassified } from '../../../src/methods/trajectories/correctly-classified';
import type { LearningCheckpoint } from '../../../src/methods/condensation/learning-loop';
import type { LongTask } from '../../../src/engine';
import { stepsDone } from '../../helpers/steps-done';
import { temporaryFolder } from '../../helpers/temporary';
import { smallDataset } from '../small-dataset';

const dataset = smallDataset({ perClass: 4 });
const folder = temporaryFolder();
const network = { depth: 1, width: 2 };
const teach = (task: Partial<Parameters<typeof trainExpert>[1]> = {}) =>
  trainExpert(dataset, { expert: 0, epochs: 4, batch: 3, learningRate: 0.1, network, ...task });
const experts = [await teach(), await teach({ expert: 1, flat: { rho: 0.1, alpha: 0.3 } })];
const weightsOf = (trajectory: Trajectory) =>
  Array.from({ length: trajectory.epochs + 1 }, (_, epoch) => {
    const weights = trajectory.at(epoch);
    return [...weights.keys()].sort().map((name) => [name, Array.from(weights.get(name)!.data)]);
  });

describe('an expert', () => {
  it('keeps its weights before and after each epoch, and goes on where it was stopped to the same', async () => {
    expect(experts[0]!.epochs).toBe(4);
    const checkpoint = { file: join(folder, 'expert.safetensors'), everySeconds: 0 };
    await teach({ epochs: 2, checkpoint });
    const whole = weightsOf(experts[0]!);
    const { steps, onProgress } = stepsDone(/^Learning/);
    expect(weightsOf(await teach({ checkpoint, onProgress }))).toEqual(whole);
    expect(steps).toEqual([2, 3, 4]); // from zero it would begin with 1
    expect(new Set(whole.map((weights) => JSON.stringify(weights))).size).toBe(5);
  });

  it('is written and read again', () => {
    const file = join(folder, 'trajectory.safetensors');
    writeTrajectory(file, experts[1]!);
    const read = readTrajectory(file);
    expect(weightsOf(read)).toEqual(weightsOf(experts[1]!));
    expect(() => read.at(5)).toThrow(/an epoch in 0 … 4 of the expert, got 5/);
    expect(() => readTrajectory(join(folder, 'expert.safetensors'))).toThrow(/no number of epochs/);
  });
});

type Task = LongTask & { checkpoint?: LearningCheckpoint; steps?: number };
const common = { imagesPerClass: 2, studentSteps: 3, batch: 3, experts, network, seed: 1, steps: 3 } as const;
const methods: Record<string, (task?: Task) => Promise<DistilledSet>> = {
  TESLA: (task) => tesla(dataset, { ...common, maxStart: 2, ...task }),
  'TESLA, labels of experts': (task) => tesla(dataset, { ...common, maxStart: 2, labels: 'expert', ...task }),
  DATM: (task) =>
    datm(dataset, {
      ...common,
      initial: 'real',
      firstMaxStart: 1,
      maxStart: 3,
      expansionSteps: 2,
      threshold: 100,
      ...task,
    }),
};

describe.each(Object.keys(methods))('%s', (name) => {
  const make = methods[name]!;

  it('learns images and a rate, and goes on where it was stopped to the same', async () => {
    const whole = await make();
    expect(whole).toMatchObject({ method: name.split(',')[0], imagesPerClass: 2, size: 8, factor: 1 });
    expect(whole.settings.learnedRate).not.toBe(0.01);
    expect(whole.images.map(({ label }) => label)).toEqual([0, 0, 1, 1]);
    expect(whole.images.map(({ logits }) => logits?.length)).toEqual(Array(4).fill(name === 'TESLA' ? undefined : 2));

    const checkpoint = { file: join(folder, `${name}.safetensors`), everySeconds: 0 };
    const first = await make({ checkpoint, steps: 2 });
    expect(first.images).not.toEqual(whole.images);
    // The second time from the end of all steps: nothing is left to learn.
    for (const expected of [[2, 3], [3]]) {
      const { steps, onProgress } = stepsDone(/^Learning/);
      expect((await make({ checkpoint, onProgress })).images).toEqual(whole.images);
      expect(steps).toEqual(expected);
    }
  });

  it('stops when told to', async () => {
    await expect(make({ signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  });
});

describe('a set along trajectories', () => {
  it('keeps its learned labels in its folder', async () => {
    const set = await methods.DATM!({ steps: 1 });
    await saveDistilledSet(set, join(folder, 'set'));
    expect((await loadDistilledSet(join(folder, 'set'))).images).toEqual(set.images);
  });

  it('says what does not fit', async () => {
    const along = (changes: object) => tesla(dataset, { ...common, maxStart: 2, ...changes });
    await expect(along({ maxStart: 4 })).rejects.toThrow(/at least 5 epochs.*up to epoch 3 and follow 2, got one of 4/);
    await expect(along({ experts: [] })).rejects.toThrow(/Expected experts to follow, got none/);
    await expect(along({ network: { depth: 1, width: 3 } })).rejects.toThrow(/do not fit ConvNet/);
    await expect(along({ rateRate: 1e6 })).rejects.toThrow(/above 0, got -|a finite loss/);
    const strict = datm(dataset, { ...common, initial: 'real', maxStart: 2, firstMaxStart: 1, threshold: 1e-9 });
    await expect(strict).rejects.toThrow(/in all 3 steps they ended at more than 1e-9 .* Lower studentRate/);
    await expect(along({ labels: 'both' })).rejects.toThrow(/settings of TESLA/);
  });
});

describe('images that experts classify correctly', () => {
  const { at } = experts[0]!;
  const student = matchingNetwork(network, { classes: 2, size: 8, seed: 0, path: 'student' });

  const weightsAt = (epoch: number) => new Map([...at(epoch).keys()].map((name) => [name, at(epoch).get(name)!]));

  /** Weights that call everything by one class, with this logit. */
  function biasedWeights(label: number, logit: number): ReturnType<typeof weightsAt> {
    const weights = weightsAt(0);
    const { shape, data } = weights.get('classifier.weight')!;
    weights.set('classifier.weight', { shape, data: data.map(() => 0) });
    weights.set('classifier.bias', { shape: [2], data: Float32Array.from([0, 1], (k) => (k === label ? logit : 0)) });
    return weights;
  }
  const biased = (label: number, logit: number): Trajectory => trajectoryOf([biasedWeights(label, logit)]);

  it('come from the next expert where one tells too few, labelled by the mean of those that are right', async () => {
    const real = await RealImages.load(dataset, { size: 8 });
    const options = { network: student, imagesPerClass: 2, seed: 0 };
    const { positions, logits } = correctlyClassified(real, {
      ...options,
      experts: [biased(0, 1), biased(1, 2), biased(1, 4)],
    });
    expect(positions.map((position) => dataset.labels[position])).toEqual([0, 0, 1, 1]);
    expect(new Set(positions).size).toBe(4);
    expect(logits.arraySync()).toEqual([
      [1, 0],
      [1, 0],
      [0, 3],
      [0, 3],
    ]);
    expect(() => correctlyClassified(real, { ...options, experts: [biased(0, 1)] })).toThrow(
      /2 images of 'jug'.*got 0/,
    );
  });

  it('give way to random ones where a set starts from those, labelled by what the first expert says in the end', async () => {
    const first = trajectoryOf([weightsAt(0), weightsAt(1), weightsAt(2), biasedWeights(1, 3)]);
    const random = { initial: 'real', labelRate: 0, firstMaxStart: 1, maxStart: 1, steps: 1, threshold: 100 } as const;
    const { images } = await datm(dataset, { ...common, ...random, experts: [first, experts[1]!] });
    expect(images.map(({ logits }) => logits)).toEqual(Array(4).fill([0, 3]));
    await expect(datm(dataset, { ...common, ...random, experts: [] })).rejects.toThrow(/Expected experts to follow/);
  });

  it('are drawn at random', async () => {
    const real = await RealImages.load(smallDataset({ perClass: 20 }), { size: 8 });
    const told = (seed: number) =>
      correctlyClassified(real, { network: student, imagesPerClass: 3, seed, experts: [biased(0, 1), biased(1, 1)] })
        .positions;
    expect(told(1)).not.toEqual(told(2));
  });
});
