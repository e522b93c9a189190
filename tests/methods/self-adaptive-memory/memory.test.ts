import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatentMemory, type MemoryEntry, type MemoryPolicy } from '../../../src/methods';
import { cosine } from './cosine';

let made = 0;
const entry = (values: number[], image = `image ${made++}`): MemoryEntry => {
  return { latent: Float32Array.from(values), step: 0, timestep: 0, image };
};
/** A memory that was given one entry after the other. */
function fill(capacity: number, policy: MemoryPolicy, entries: readonly MemoryEntry[]): LatentMemory {
  const memory = new LatentMemory(capacity, policy);
  for (const one of entries) memory.add([one]);
  return memory;
}
/** A memory that got all at once. */
function prune(capacity: number, policy: MemoryPolicy, entries: readonly MemoryEntry[]): LatentMemory {
  const memory = new LatentMemory(capacity, policy);
  memory.add(entries);
  return memory;
}
const names = (memory: LatentMemory): string[] => memory.entries.map(({ image }) => image);

/** Latents of length 5 with a direction. */
const latents = (options: { minLength: number; maxLength: number }) =>
  fc.array(
    fc
      .array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 5, maxLength: 5 })
      .filter((values) => Math.hypot(...values) > 1e-3),
    options,
  );
const policies = fc.constantFrom<MemoryPolicy>('self-adaptive', 'fifo', 'min');

const [a, b, c] = [
  [2, 0, 0],
  [0, 3, 0],
  [0, 0, 1],
];

describe('LatentMemory', () => {
  it('never holds more than its capacity, and holds all while there is room', () => {
    fc.assert(
      fc.property(
        latents({ minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 8 }),
        policies,
        (all, n, policy) => {
          const memory = new LatentMemory(n, policy);
          for (const [i, values] of all.entries()) {
            memory.add([entry(values)]);
            expect(memory.size).toBe(Math.min(i + 1, n));
          }
        },
      ),
    );
  });

  it('self-adaptive: of {a, a, b, c}, the last three orthogonal, an a goes, the first of them', () => {
    const memory = prune(3, 'self-adaptive', [entry(a!, 'a1'), entry(a!, 'a2'), entry(b!, 'b'), entry(c!, 'c')]);
    expect(names(memory)).toEqual(['a2', 'b', 'c']);
  });

  it("self-adaptive: of {a, a', b}, a' near a and b far, b stays", () => {
    const memory = prune(2, 'self-adaptive', [entry([1, 0, 0], 'a'), entry([1, 0.1, 0], "a'"), entry([-1, 2, 0], 'b')]);
    expect(names(memory)).toContain('b');
  });

  it('self-adaptive: copies far from a crowd may stay while the crowd is thinned', () => {
    const crowd = [0, 0.1, 0.2, 0.3].map((x, i) => entry([1, x, 0], `crowd ${i}`));
    const memory = prune(5, 'self-adaptive', [entry([0, 0, 1], 'copy 1'), entry([0, 0, 1], 'copy 2'), ...crowd]);
    expect(names(memory)).toEqual(expect.arrayContaining(['copy 1', 'copy 2']));
  });

  it('self-adaptive: one pruning keeps the same set whatever the order, but for ties', () => {
    fc.assert(
      fc.property(
        latents({ minLength: 4, maxLength: 8 }).chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray([...all.keys()], { minLength: all.length })),
        ),
        ([all, order]) => {
          const entries = all.map((values, i) => entry(values, `${i}`));
          fc.pre(!hasTies(entries));
          const straight = names(prune(3, 'self-adaptive', entries));
          const shuffled = names(
            prune(
              3,
              'self-adaptive',
              order.map((i) => entries[i]!),
            ),
          );
          expect(shuffled.sort()).toEqual(straight.sort());
        },
      ),
    );
  });

  it('self-adaptive: the mean cosine of two entries never rises by forgetting', () => {
    fc.assert(
      fc.property(latents({ minLength: 3, maxLength: 10 }), (all) => {
        const entries = all.map((values) => entry(values));
        for (let n = entries.length - 1; n >= 2; n--) {
          const before = prune(n + 1, 'self-adaptive', entries).meanCosine;
          expect(prune(n, 'self-adaptive', entries).meanCosine).toBeLessThanOrEqual(before + 1e-6);
        }
      }),
    );
  });

  it('self-adaptive: with room for one, two always tie and the later stays', () => {
    fc.assert(
      fc.property(latents({ minLength: 2, maxLength: 8 }), (all) => {
        const entries = all.map((values, i) => entry(values, `${i}`));
        expect(names(fill(1, 'self-adaptive', entries))).toEqual([`${all.length - 1}`]);
      }),
    );
  });

  it('fifo: holds the last that came, in their order', () => {
    fc.assert(
      fc.property(latents({ minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 6 }), (all, n) => {
        const entries = all.map((values, i) => entry(values, `${i}`));
        const last = entries.slice(-n).map(({ image }) => image);
        expect(names(fill(n, 'fifo', entries))).toEqual(last);
        expect(names(prune(n, 'fifo', entries))).toEqual(last);
      }),
    );
  });

  it('min: forgets the one least like the others', () => {
    const memory = prune(2, 'min', [entry([1, 0, 0], 'a'), entry([-1, 0.2, 0], 'far'), entry([1, 0.1, 0], "a'")]);
    expect(names(memory)).toEqual(['a', "a'"]);
  });

  it('its similarity vector is the sum of the cosines of all pairs', () => {
    fc.assert(
      fc.property(latents({ minLength: 1, maxLength: 9 }), policies, (all, policy) => {
        const memory = fill(
          5,
          policy,
          all.map((values) => entry(values)),
        );
        const expected = memory.entries.map(({ latent }) =>
          memory.entries.reduce((sum, other) => sum + cosine(latent, other.latent), 0),
        );
        for (const [i, similarity] of memory.similarities().entries()) expect(similarity).toBeCloseTo(expected[i]!, 4);
      }),
    );
  });

  it('refuses a latent without a direction, and one of another length', () => {
    const memory = fill(2, 'fifo', [entry([1, 0])]);
    expect(() => memory.add([entry([0, 0], 'black')])).toThrow("with a direction, got one of norm 0 (image 'black'");
    expect(() => memory.add([entry([Number.NaN, 1])])).toThrow('norm NaN');
    expect(() => memory.add([entry([1, 2, 3])])).toThrow('latents of 2 values in a memory, got 3');
    expect(() => new LatentMemory(1.5, 'fifo')).toThrow('an integer of 1 or more, got 1.5');
  });
});

/** Whether two entries are ever equally redundant, to rounding, while the memory is pruned to three. */
function hasTies(entries: readonly MemoryEntry[]): boolean {
  for (let n = entries.length; n > 3; n--) {
    const largest = prune(n, 'self-adaptive', entries)
      .similarities()
      .sort((x, y) => y - x);
    if (largest[0]! - largest[1]! < 1e-5) return true;
  }
  return false;
}
