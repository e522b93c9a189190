import { describe, expect, it } from 'vitest';
import { tf } from '../../../src/engine';
import { drawPoints, modeOf, modes, type Point } from '../../../src/experiments/self-adaptive-memory/plane/density';
import {
  denoisingField,
  gridOf,
  memoryField,
  visited,
} from '../../../src/experiments/self-adaptive-memory/plane/fields';
import { reachedModes } from '../../../src/experiments/self-adaptive-memory/plane/measures';
import { drawPaths, planePrior, trainPlanePrior } from '../../../src/experiments/self-adaptive-memory/plane/prior';
import { coarseGrid, drawInThePlane, fineGrid } from '../../../src/experiments/self-adaptive-memory/plane/stages';
import { fineTuningSettings, Memories, memorySettings } from '../../../src/methods';

describe('the density', () => {
  it('has modes of the shares that it says, and a point of each belongs to it', () => {
    expect(modes.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12);
    const found = drawPoints(2000, { seed: 3 }).map(modeOf);
    for (const [k, { centre, weight }] of modes.entries()) {
      expect(modeOf(centre)).toBe(k);
      const share = found.filter((mode) => mode === k).length / found.length;
      expect(Math.abs(share - weight)).toBeLessThan(0.035);
    }
    expect(found.filter((mode) => mode === undefined).length / found.length).toBeLessThan(0.03);
    expect(modeOf([0, -1])).toBeUndefined();
  });

  it('gives the first points of a longer draw to a shorter one', () => {
    expect(drawPoints(9, { seed: 1 }).slice(0, 4)).toEqual(drawPoints(4, { seed: 1 }));
  });
});

describe('reachedModes', () => {
  it('is the mean over groups of the share of modes that they reach', () => {
    const [a, b, nowhere]: Point[] = [modes[0]!.centre, modes[1]!.centre, [0, -1]];
    expect(reachedModes([a!, a!, a!, b!, a!, nowhere!], 2)).toBeCloseTo((1 + 2 + 1) / 3 / modes.length, 12);
  });
});

describe('memoryField', () => {
  const memories = new Memories(memorySettings.parse({}));
  const [real, generated]: Point[] = [
    [1, 1],
    [-0.5, 1],
  ];
  memories.insert([
    {
      label: 0,
      step: 0,
      timestep: 0,
      image: 'one',
      real: Float32Array.from(real!),
      generated: Float32Array.from(generated!),
    },
  ]);
  const weights = { lambdaReal: 0.3, lambdaGenerated: 0.7 };
  const cosine = ([x, y]: Point, [u, v]: Point): number => (x * u + y * v) / Math.hypot(x, y) / Math.hypot(u, v);
  const loss = (at: Point): number => 0.3 * (1 - cosine(at, real!)) + 0.7 * cosine(at, generated!);

  it('is the descent of both losses by finite differences, and has no part towards the origin', () => {
    const places = gridOf(3, 2);
    for (const [i, [dx, dy]] of memoryField(memories, places, weights).entries()) {
      const [x, y] = places[i]!;
      const step = 1e-5;
      expect(dx).toBeCloseTo(-(loss([x + step, y]) - loss([x - step, y])) / (2 * step), 4);
      expect(dy).toBeCloseTo(-(loss([x, y + step]) - loss([x, y - step])) / (2 * step), 4);
      expect(x * dx + y * dy).toBeCloseTo(0, 5);
    }
  });
});

describe('a prior in the plane', () => {
  it('draws the same path of the same noise among any number of points, and leaves no tensor', async () => {
    const prior = planePrior(await trainPlanePrior({ steps: 1 }));
    const few = await drawPaths(prior, { count: 2, steps: 3, seed: 5 });
    // The first passes keep constants, one per shape.
    await drawPaths(prior, { count: 4, steps: 3, seed: 5 });
    const before = tf.memory().numTensors;
    const more = await drawPaths(prior, { count: 4, steps: 3, seed: 5 });
    expect(denoisingField(prior, gridOf(2, 2), visited(3)[0]!)).toHaveLength(4);
    expect(tf.memory().numTensors).toBe(before);
    for (const [i, path] of few.entries()) {
      expect(path).toHaveLength(4);
      for (const [k, [x, y]] of path.entries()) {
        expect(x).toBeCloseTo(more[i]![k]![0], 5);
        expect(y).toBeCloseTo(more[i]![k]![1], 5);
      }
    }
    prior.dispose();
  });

  it('is fine-tuned, and gives ends, paths, fields and memories', async () => {
    const prior = await trainPlanePrior({ steps: 1 });
    const changes = { steps: 3, batch: 4, mirror: false, emaDecay: null, generatedCapacity: 8 };
    const fineTuning = fineTuningSettings.parse(changes);
    const settings = { count: 5, paths: 2, steps: 3, seed: 0 };
    const alone = await drawInThePlane(prior, { ...settings, fineTuning: null });
    const tuned = await drawInThePlane(prior, { ...settings, fineTuning });
    expect(alone.memories).toBeUndefined();
    expect(alone.ends).toHaveLength(2 * 5);
    expect(alone.paths.map(({ length }) => length)).toEqual([2 * 4, 2 * 4]);
    expect(alone.paths[1]!.slice(-2)).toEqual(alone.ends.slice(2, 4));
    expect(alone.fields.map(({ timestep }) => timestep)).toEqual(visited(3));
    expect(alone.fields[0]!.directions).toHaveLength(2 * fineGrid[0] * fineGrid[1]);
    expect(tuned.memories!.push).toHaveLength(2 * coarseGrid[0] * coarseGrid[1]);
    expect(tuned.memories!.real.timesteps).toHaveLength(12);
    expect(tuned.memories!.generated.points).toHaveLength(2 * 8);
    expect(tuned.ends).not.toEqual(alone.ends);
    // From the same noise.
    expect(tuned.paths[0]!.slice(0, 2)).toEqual(alone.paths[0]!.slice(0, 2));
  });
});
