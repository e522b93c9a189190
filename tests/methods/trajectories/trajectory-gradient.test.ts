/** A student's distance from an expert and its derivatives, and the gradients of experts, against PyTorch's. */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { type Scalar, softTargetCrossEntropy, type Tensor, tf, type Variable } from '../../../src/engine';
import { flatGradients } from '../../../src/methods/trajectories/flat-gradient';
import { throughSoftmax } from '../../../src/methods/trajectories/soft-labels';
import { type StudentCourse, trajectoryGradient } from '../../../src/methods/trajectories/trajectory-gradient';
import type { Change } from '../../../src/methods/condensation/siamese';
import { ConvNet } from '../../../src/models';
import { expectNear, fillByHash, hashed, hashedImages } from '../../evaluation/torch-values';

interface Reference {
  rate: number;
  logits: number[];
  steps: { chosen: number[]; changes: Change[] }[];
  ways: { through: 'all' | 'direct'; distance: number; images: number[]; logits: number[]; rate: number }[];
  flat: { rho: number; alpha: number; gradients: Record<string, number[]> };
}
const { rate, logits, steps, ways, flat } = JSON.parse(
  readFileSync(new URL('../../fixtures/methods/trajectories/trajectories.json', import.meta.url), 'utf8'),
) as Reference;

const network = new ConvNet({ classes: 3, size: 8, depth: 2, width: 4, norm: 'instance' });
const names = fillByHash(network);
const start = await network.stateDict();
/** The start, and a tenth of other hashed numbers. */
const target = new Map(
  names.map((name, k) => {
    const { data, shape } = start.get(name)!;
    const other = hashed(data.length, 700 + k);
    return [name, { shape, data: data.map((value, i) => value + 0.1 * other[i]!) }] as const;
  }),
);
const images = tf.variable(hashedImages(4, 8, 600)) as Variable;
const labelLogits = tf.tensor2d(logits, [4, 3]);
const labels = tf.variable(tf.softmax(labelLogits)) as Variable;
const course = {
  images,
  labels,
  rate,
  steps: steps.map(({ chosen, changes }) => ({ chosen: Int32Array.from(chosen), changes })),
  start,
  target,
} satisfies Omit<StudentCourse, 'through'>;
afterAll(() => {
  network.dispose();
  tf.dispose([images, labels, labelLogits]);
});

describe.each(ways)('the gradient through $through of a student', ({ through, ...expected }) => {
  it('is that of plain back propagation through its steps in PyTorch', async () => {
    const found = await trajectoryGradient(network, { ...course, through });
    expect(found.distance / expected.distance).toBeCloseTo(1, 4);
    expectNear(found.images.dataSync(), expected.images, 1e-3);
    const byLogits = throughSoftmax(labelLogits, found.labels);
    expectNear(byLogits.dataSync(), expected.logits, 1e-3);
    expect(found.rate / expected.rate).toBeCloseTo(1, 3);
    tf.dispose([found.images, byLogits]);
  });

  it('is all that is left in memory', async () => {
    // The way above kept some constants.
    const before = tf.memory().numTensors;
    const { images, labels } = await trajectoryGradient(network, { ...course, through });
    expect(tf.memory().numTensors).toBe(before + 2);
    tf.dispose([images, labels]);
  });
});

describe('a student', () => {
  it('needs an expert that moves', async () => {
    const nowhere = trajectoryGradient(network, { ...course, target: start, through: 'direct' });
    await expect(nowhere).rejects.toThrow(/an expert that moves/);
  });

  it('stops when told to', async () => {
    const stopped = AbortSignal.abort();
    const stopping = trajectoryGradient(network, { ...course, through: 'all' }, { signal: stopped });
    await expect(stopping).rejects.toThrow(/abort/i);
  });
});

describe('the gradient toward flat minima', () => {
  it("is GSAM's in PyTorch, and leaves the weights as they are", () => {
    network.load(start);
    const loss = (): Tensor => softTargetCrossEntropy(network.forward(images), labels);
    const before = (loss() as Scalar).dataSync()[0]!;
    const found = flatGradients(network.variables(), loss, flat);
    expect(found.loss.dataSync()[0]).toBeCloseTo(before, 6);
    const largest = Math.max(...Object.values(flat.gradients).flat().map(Math.abs));
    for (const name of names) {
      const seen = found.gradients[name]!.dataSync();
      for (const [i, value] of flat.gradients[name]!.entries())
        expect(Math.abs(value - seen[i]!) / largest).toBeLessThan(1e-3);
    }
    expect((loss() as Scalar).dataSync()[0]).toBe(before);
    tf.dispose(found.gradients);
  });
});
