import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../../src/engine';
import { Memories, type MemorySettings, type SeenLatents } from '../../../src/methods';

const settings: MemorySettings = {
  realCapacity: 3,
  generatedCapacity: 2,
  policy: 'self-adaptive',
  update: 'epoch',
  seed: 1,
};
const seen = (step: number, label = 0): SeenLatents => ({
  label,
  step,
  timestep: 10 * step,
  image: `image ${step}`,
  real: new RandomStream(1, 'real', step).fillNormal(new Float32Array(4)),
  generated: new RandomStream(1, 'generated', step).fillNormal(new Float32Array(4)),
});
const steps = (memories: Memories, kind: 'real' | 'generated' = 'real'): number[] =>
  memories.of(kind, 0)!.entries.map(({ step }) => step);
const fed = (memories: Memories, from: number, to: number): Memories => {
  for (let step = from; step < to; step++) memories.insert([seen(step)]);
  return memories;
};

describe('Memories', () => {
  it('have their own capacity for real and for generated latents, and a pair per class', () => {
    const memories = fed(new Memories({ ...settings, update: 'step' }), 0, 6);
    memories.insert([seen(7, 4)]);
    expect([memories.of('real', 0)!.size, memories.of('generated', 0)!.size]).toEqual([3, 2]);
    expect([memories.of('real', 4)!.size, memories.of('generated', 4)!.size]).toEqual([1, 1]);
    expect(memories.of('real', 1)).toBeUndefined();
  });

  it("update 'epoch': go by steps in the first epoch, and from then on stand still until the epoch's end", () => {
    const byStep = fed(new Memories({ ...settings, update: 'step' }), 0, 5);
    const memories = fed(new Memories(settings), 0, 5);
    memories.endEpoch();
    expect(memories.rows()).toEqual(byStep.rows());
    const before = memories.rows();
    fed(memories, 5, 9);
    expect(memories.rows()).toEqual(before);
    memories.endEpoch();
    expect(memories.rows()).not.toEqual(before);
    expect(memories.of('real', 0)!.size).toBe(3);
  });

  it("update 'epoch' with queues: hold latents of the epoch alone afterwards, as many as there is room for", () => {
    const memories = fed(new Memories({ ...settings, policy: 'fifo' }), 0, 5);
    memories.endEpoch();
    fed(memories, 5, 25);
    memories.endEpoch();
    expect(steps(memories)).toHaveLength(3);
    expect(Math.min(...steps(memories))).toBeGreaterThanOrEqual(5);
  });

  it('let each latent of an epoch wait with the same chance', () => {
    const counts = new Array<number>(8).fill(0);
    for (let seed = 0; seed < 400; seed++) {
      const memories = new Memories({ ...settings, seed, policy: 'fifo' });
      memories.endEpoch();
      fed(memories, 0, 8);
      memories.endEpoch();
      for (const step of steps(memories)) counts[step]!++;
    }
    // 400 · 3/8 = 150 of each, standard deviation 9.7.
    for (const count of counts) expect(Math.abs(count - 150)).toBeLessThan(40);
  });

  it('come back from what they save, in the middle of an epoch too', () => {
    const memories = fed(new Memories(settings), 0, 5);
    memories.endEpoch();
    fed(memories, 5, 10);
    const { tensors, values } = memories.save();
    const restored = new Memories(settings);
    restored.restore({
      tensors: { keys: () => tensors.keys(), get: (name) => tensors.get(name) },
      values: JSON.parse(JSON.stringify(values)),
    });
    expect(restored.rows()).toEqual(memories.rows());
    for (const one of [memories, restored]) {
      fed(one, 10, 14);
      one.endEpoch();
    }
    expect(restored.rows()).toEqual(memories.rows());
    expect(restored.of('generated', 0)!.entries).toEqual(memories.of('generated', 0)!.entries);
  });
});
