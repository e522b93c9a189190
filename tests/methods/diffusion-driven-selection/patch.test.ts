import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestPatches, patchScores } from '../../../src/methods/diffusion-driven-selection/patch';

const map = (height: number, width: number, at: (y: number, x: number) => number) => ({
  values: Float32Array.from({ length: height * width }, (_, i) => at(Math.floor(i / width), i % width)),
  height,
  width,
});

const maps = fc.tuple(fc.integer({ min: 3, max: 12 }), fc.integer({ min: 3, max: 12 })).chain(([height, width]) =>
  fc.record({
    height: fc.constant(height),
    width: fc.constant(width),
    values: fc
      .array(fc.float({ min: -10, max: 10, noNaN: true }), { minLength: height * width, maxLength: height * width })
      .map((values) => Float32Array.from(values)),
  }),
);

describe('patchScores', () => {
  it('is the plain mean under every window', () => {
    fc.assert(
      fc.property(maps, fc.integer({ min: 1, max: 3 }), (m, size) => {
        const scores = patchScores(m, size);
        for (let y = 0; y < scores.height; y++) {
          for (let x = 0; x < scores.width; x++) {
            let sum = 0;
            for (let dy = 0; dy < size; dy++)
              for (let dx = 0; dx < size; dx++) sum += m.values[(y + dy) * m.width + x + dx]!;
            expect(scores.values[y * scores.width + x]).toBeCloseTo(sum / size ** 2, 4);
          }
        }
      }),
    );
  });

  it('refuses a window larger than the map and says what fits', () => {
    expect(() =>
      patchScores(
        map(4, 6, () => 0),
        5,
      ),
    ).toThrow('Expected a patch size of 1 to 4 pixels for a 4×6 map, got 5.');
  });
});

describe("the paper's geometry: patches of 224 in images of short side 256", () => {
  const level = (height: number, width: number) => map(height, width, () => 0);

  it('has more places in an image of its own aspect ratio than in the square', () => {
    expect(patchScores(level(256, 256), 224)).toMatchObject({ height: 33, width: 33 });
    expect(patchScores(level(256, 341), 224)).toMatchObject({ height: 33, width: 118 });
    expect(patchScores(level(341, 256), 224)).toMatchObject({ height: 118, width: 33 });
  });

  it('finds two patches that do not overlap in a wide image, one where there is no room', () => {
    const boxes = (height: number, width: number) =>
      bestPatches(level(height, width), { size: 224, count: 5 }).map(({ box }) => box);
    expect(boxes(256, 448)).toEqual([
      { top: 0, left: 0, size: 224 },
      { top: 0, left: 224, size: 224 },
    ]);
    expect(boxes(448, 256)).toHaveLength(2);
    expect(boxes(256, 341)).toHaveLength(1);
  });
});

describe('bestPatches', () => {
  it('puts the first box on the peak', () => {
    const [first] = bestPatches(
      map(8, 8, (y, x) => (y >= 4 && y < 6 && x >= 2 && x < 4 ? 1 : 0)),
      { size: 2, count: 1 },
    );
    expect(first).toEqual({ box: { top: 4, left: 2, size: 2 }, score: 1 });
  });

  it('returns boxes that do not overlap, best first, and fewer where no more fit', () => {
    fc.assert(
      fc.property(maps, fc.integer({ min: 1, max: 3 }), (m, size) => {
        const found = bestPatches(m, { size, count: 5 });
        expect(found.length).toBeGreaterThan(0);
        for (const [i, a] of found.entries()) {
          for (const b of found.slice(i + 1)) {
            expect(a.score).toBeGreaterThanOrEqual(b.score);
            const apart = Math.abs(a.box.top - b.box.top) >= size || Math.abs(a.box.left - b.box.left) >= size;
            expect(apart).toBe(true);
          }
        }
      }),
    );
  });

  it('takes one patch when the patch is the image', () => {
    expect(
      bestPatches(
        map(5, 5, (y, x) => y + x),
        { size: 5, count: 5 },
      ),
    ).toHaveLength(1);
  });
});
