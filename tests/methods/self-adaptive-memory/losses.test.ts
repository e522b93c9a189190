import { describe, expect, it } from 'vitest';
import { lossAndGradients, RandomStream, type Tensor, tf, type Variable } from '../../../src/engine';
import { Memories, type MemoryKind, memoryLosses } from '../../../src/methods';
import { expectGradients } from '../../engine/gradient-check';
import { cosine } from './cosine';

const SIZE = 6;
const vector = (...path: (string | number)[]): Float32Array =>
  new RandomStream(5, ...path).fillNormal(new Float32Array(SIZE));
const settings = { realCapacity: 4, generatedCapacity: 4, policy: 'fifo', update: 'step', seed: 0 } as const;

/** Memories of classes 0 and 1, three entries each; class 2 was never seen. */
function filled(): Memories {
  const memories = new Memories(settings);
  memories.insert(
    [0, 1, 0, 1, 0, 1].map((label, i) => ({
      label,
      step: 0,
      timestep: 1,
      image: `${i}`,
      real: vector('real', i),
      generated: vector('generated', i),
    })),
  );
  return memories;
}
const predictions = (count: number): Tensor =>
  tf.tensor(Array.from({ length: count }, (_, i) => [...vector('predicted', i)]).flat(), [count, 1, 2, 3]);

/** Cosines of all predictions of a class with all latents of its memory. */
const cosinesOf = (memories: Memories, kind: MemoryKind, label: number, labels: number[]): number[] =>
  labels.flatMap((other, i) =>
    other === label
      ? memories.of(kind, label)!.entries.map(({ latent }) => cosine(vector('predicted', i), latent))
      : [],
  );

describe('memoryLosses', () => {
  it('is one number a class: the extreme over all its predictions and all entries, averaged over the classes', () => {
    const memories = filled();
    const labels = [0, 1, 0, 1];
    const { real, generated } = memoryLosses(predictions(4), labels, memories);
    const mean = (of: (label: number) => number): number => (of(0) + of(1)) / 2;
    const expectedReal = mean((label) => 1 - Math.min(...cosinesOf(memories, 'real', label, labels)));
    const expectedGenerated = mean((label) => Math.max(...cosinesOf(memories, 'generated', label, labels)));
    expect(real.dataSync()[0]).toBeCloseTo(expectedReal, 5);
    expect(generated.dataSync()[0]).toBeCloseTo(expectedGenerated, 5);
  });

  it('skips a class without memory, which counts in the mean all the same', () => {
    const memories = filled();
    const alone = memoryLosses(predictions(1), [0], memories);
    const beside = memoryLosses(predictions(2), [0, 2], memories);
    expect(beside.real.dataSync()[0]).toBeCloseTo(alone.real.dataSync()[0]! / 2, 6);
    expect(beside.generated.dataSync()[0]).toBeCloseTo(alone.generated.dataSync()[0]! / 2, 6);
    const none = memoryLosses(predictions(1), [2], memories);
    expect([none.real.dataSync()[0], none.generated.dataSync()[0]]).toEqual([0, 0]);
  });

  it('has the gradient that finite differences give', () => {
    const memories = filled();
    expectGradients((x) => memoryLosses(x, [0, 1, 0, 2], memories).real, [predictions(4)]);
    expectGradients((x) => memoryLosses(x, [0, 1, 0, 2], memories).generated, [predictions(4)]);
  });

  it('gives equal entries one gradient together, not one each', () => {
    const twice = new Memories(settings);
    const once = new Memories(settings);
    const entry = {
      label: 0,
      step: 0,
      timestep: 1,
      image: 'x',
      real: vector('real', 0),
      generated: vector('generated', 0),
    };
    once.insert([entry]);
    twice.insert([entry, entry]);
    const gradient = (memories: Memories): Float32Array => {
      const x = tf.variable(predictions(1)) as Variable;
      const { gradients } = lossAndGradients({ x }, () => memoryLosses(x, [0], memories).generated);
      return gradients.x!.dataSync<'float32'>();
    };
    for (const [i, value] of gradient(twice).entries()) expect(value).toBeCloseTo(gradient(once)[i]!, 6);
  });

  it('wants a label for each prediction', () => {
    expect(() => memoryLosses(predictions(2), [0], filled())).toThrow('a label for each of 2 predictions, got 1');
  });
});
