/** DM, DSA, IDC-1, IDM and GLaD whole, on two classes of tiny images. */
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type LongTask, RandomStream, tf } from '../../../src/engine';
import {
  type DistilledSet,
  distributionMatching,
  glad,
  gradientMatching,
  idc,
  improvedDistributionMatching,
} from '../../../src/methods';
import { LearnedImages } from '../../../src/methods/condensation/learned-images';
import { type Learner, type LearningCheckpoint, learnSteps } from '../../../src/methods/condensation/learning-loop';
import { RealImages } from '../../../src/methods/condensation/real-images';
import { drawChanges } from '../../../src/methods/condensation/siamese';
import { tinyPrior } from '../../diffusion/tiny-prior';
import { stepsDone } from '../../helpers/steps-done';
import { temporaryFolder } from '../../helpers/temporary';
import { smallDataset } from '../small-dataset';

const dataset = smallDataset({ perClass: 4 });
const common = { imagesPerClass: 2, realBatch: 3, network: { depth: 1, width: 2 }, seed: 1, steps: 3 };
const checkpoints = temporaryFolder();
const prior = tinyPrior();
afterAll(() => prior.dispose());

type Task = LongTask & { checkpoint?: LearningCheckpoint; steps?: number };
const methods: Record<string, (task?: Task) => Promise<DistilledSet>> = {
  DM: (task) => distributionMatching(dataset, { ...common, learningRate: 20, ...task }),
  DSA: (task) => gradientMatching(dataset, { ...common, matches: 2, epochs: 1, ...task }),
  'IDC-1': (task) =>
    idc(dataset, { ...common, matches: 1, warmUp: 1, trainImages: 4, baseSize: 8, learningRate: 0.1, ...task }),
  // Without parts, so that the set has as many images as are learned.
  IDM: (task) =>
    improvedDistributionMatching(dataset, {
      ...common,
      factor: 1,
      networks: 3,
      networkEvery: 2,
      trainSteps: 2,
      ...task,
    }),
  GLaD: (task) => glad(dataset, { ...common, prior, learningRate: 50, ...task }),
};

describe.each(Object.keys(methods))('%s', (name) => {
  const make = methods[name]!;

  it('learns images from real ones, and goes on where it was stopped to the same', async () => {
    const whole = await make();
    expect(whole).toMatchObject({ method: name, imagesPerClass: 2, size: 8, factor: 1 });
    expect(whole.settings).toMatchObject({ steps: 3, seed: 1, realBatch: 3 });
    expect(whole.images.map(({ label }) => label)).toEqual([0, 0, 1, 1]);

    const checkpoint = { file: join(checkpoints, `${name}.safetensors`), everySeconds: 0 };
    const first = await make({ checkpoint, steps: 2 });
    expect(first.images).not.toEqual(whole.images);
    const { steps, onProgress } = stepsDone(/^Learning/);
    expect((await make({ checkpoint, onProgress })).images).toEqual(whole.images);
    expect(steps).toEqual([2, 3]); // from zero it would begin with 1
  });

  it('stops when told to', async () => {
    const stop = new AbortController();
    stop.abort();
    await expect(make({ signal: stop.signal })).rejects.toThrow(/abort/i);
  });
});

describe('a set of IDM', () => {
  it('holds the parts of what is learned, enlarged', async () => {
    const { imagesPerClass, images } = await improvedDistributionMatching(dataset, {
      ...common,
      steps: 1,
      trainSteps: 1,
    });
    expect(imagesPerClass).toBe(2);
    expect(images.map(({ label }) => label)).toEqual([...Array(8).fill(0), ...Array(8).fill(1)]);
    for (const { pixels } of images) expect(pixels).toMatchObject({ height: 8, width: 8 });
  });
});

describe('a set that is learned', () => {
  it('says what does not fit', async () => {
    const dm = (changes: object) => distributionMatching(dataset, { ...common, ...changes });
    await expect(dm({ imagesPerClass: 5 })).rejects.toThrow(/Expected 5 images of 'cup' to start from, got 4/);
    await expect(dm({ augmentations: ['blur'] })).rejects.toThrow(/settings of DM/);
  });

  it('stops at a loss that is no number', async () => {
    const real = await RealImages.load(dataset, { size: 8 });
    const images = new LearnedImages(real, {
      method: 'lost',
      imagesPerClass: 1,
      initial: 'real',
      values: 'unit',
      learningRate: 1,
      momentum: 0,
      seed: 0,
    });
    const learning = images.learn({ steps: 3 }, async (step) => (step === 1 ? Number.NaN : 1));
    await expect(learning).rejects.toThrow(/finite loss of lost, got NaN at step 1. Lower the learning rate/);
    images.dispose();
  });

  it('goes on from the last whole step where it is stopped within one', async () => {
    const checkpoint = { file: join(checkpoints, 'within.safetensors'), everySeconds: 3600 };
    const stop = new AbortController();
    let value = 0;
    const learner: Learner = {
      state: () => ({ tensors: { value: tf.scalar(value) }, notes: { said: `after ${value}` } }),
      restore({ tensors, notes }) {
        value = tensors.value!.dataSync()[0]!;
        expect(notes).toEqual({ said: `after ${value}` });
      },
    };
    const learn = (steps: number, signal?: AbortSignal) =>
      learnSteps(learner, { method: 'within', steps, checkpoint, signal }, async (step) => {
        value += 1;
        if (step === 3 && signal) stop.abort();
        signal?.throwIfAborted();
        return value;
      });
    await learn(2);
    await expect(learn(5, stop.signal)).rejects.toThrow(/abort/i);
    expect(value).toBe(4);
    await learn(5);
    expect(value).toBe(5);
  });

  it('starts from noise where asked to, and frees what it used', async () => {
    const noise = { ...common, steps: 1, initial: 'noise', imagesPerClass: 5, augmentations: [] } as const;
    // Once before, for constants that are kept.
    await distributionMatching(dataset, noise);
    const before = tf.memory().numTensors;
    const { images } = await distributionMatching(dataset, noise);
    expect(images.length).toBe(10);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('real images', () => {
  it('are normalised to mean 0 and deviation 1 by channel, and drawn by class', async () => {
    const real = await RealImages.load(dataset, { size: 8 });
    const { mean, variance } = tf.moments(real.take([...dataset.labels.keys()], 'normalised'), [0, 1, 2]);
    for (const value of mean.dataSync()) expect(value).toBeCloseTo(0, 4);
    for (const value of variance.dataSync()) expect(value).toBeCloseTo(1, 4);
    const drawn = real.draw(new RandomStream(0, 'draw'), 1, 9);
    expect(drawn.map((position) => dataset.labels[position])).toEqual([1, 1, 1, 1]);
    expect(new Set(drawn).size).toBe(4);
  });
});

describe('drawn augmentations', () => {
  const draw = (seed: number, options: Omit<Parameters<typeof drawChanges>[1], 'size'>) =>
    drawChanges(new RandomStream(seed, 'draw'), { ...options, size: 8 });

  it('are one for a batch in DSA, and flip, colour, one more and cutout in IDC', () => {
    const kinds = Array.from({ length: 40 }, (_, seed) =>
      draw(seed, { from: ['color', 'flip', 'cutout'], mode: 'one' }),
    );
    expect(new Set(kinds.map((changes) => changes.length))).toEqual(new Set([1]));
    expect(new Set(kinds.map(([change]) => change!.kind))).toEqual(new Set(['color', 'warp', 'cutout']));
    const several = draw(0, { from: ['cutout', 'crop', 'scale', 'color', 'flip'], mode: 'several' });
    expect(several.map(({ kind }) => kind)).toEqual(['warp', 'color', 'warp', 'cutout']);
    expect(draw(0, { from: [], mode: 'one' })).toEqual([]);
  });

  it('stay within their ranges, each image its own where asked to', () => {
    const [colour] = draw(1, { from: ['color'], mode: 'one', count: 200 });
    if (colour?.kind !== 'color') throw new Error('Expected a change of colour.');
    const range = (values: number[]) => [Math.min(...values), Math.max(...values)] as const;
    const near = (values: number[], [low, high]: [number, number]) => {
      const [least, most] = range(values);
      const slack = 0.05 * (high - low);
      expect(least).toBeGreaterThanOrEqual(low);
      expect(least).toBeLessThan(low + slack);
      expect(most).toBeLessThanOrEqual(high);
      expect(most).toBeGreaterThan(high - slack);
    };
    near(colour.brightness, [-0.5, 0.5]);
    near(colour.saturation, [0, 2]);
    near(colour.contrast, [0.5, 1.5]);
    const [cutout] = draw(1, { from: ['cutout'], mode: 'one', count: 200 });
    if (cutout?.kind !== 'cutout') throw new Error('Expected a cutout.');
    expect(range(cutout.boxes.map(({ height }) => height))).toEqual([2, 4]);
    expect(Math.max(...cutout.boxes.map(({ left, width }) => left + width))).toBe(8);
  });
});
