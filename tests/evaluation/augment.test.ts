import { describe, expect, it } from 'vitest';
import { RandomStream, tf } from '../../src/engine';
import { type Augmentation, augment, cutMix, drawCutMix, imageNetNormalisation } from '../../src/evaluation';
import { shuffledStrips } from '../../src/evaluation/augment';
import { expectNear, hashedImages } from './torch-values';

const still: Augmentation = { shufflePatches: 1, crop: null, flip: false, colour: null };
const normalisation = imageNetNormalisation;

describe('augment', () => {
  it('leaves images as they are when nothing is asked for', () => {
    const images = hashedImages(3, 8, 1);
    const same = augment(images, still, { random: new RandomStream(0), normalisation });
    expect(Array.from(same.dataSync())).toEqual(Array.from(images.dataSync()));
  });

  it('leaves whole images whole in RDED with factor 1, where crops have scale 1', () => {
    const images = hashedImages(8, 32, 1);
    const crop = { scale: [1, 1], ratio: [3 / 4, 4 / 3] } as const;
    const same = augment(images, { ...still, crop }, { random: new RandomStream(3), normalisation });
    expect(Array.from(same.dataSync())).toEqual(Array.from(images.dataSync()));
  });

  it('permutes column strips, then row strips, and loses no pixel', () => {
    const size = 4;
    const image = tf.tensor(
      Float32Array.from({ length: size * size * 3 }, (_, i) => i),
      [1, size, size, 3],
    );
    const seen = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const random = new RandomStream(seed);
      const shuffled = augment(image, { ...still, shufflePatches: 2 }, { random, normalisation }).dataSync();
      expect(Array.from(shuffled).sort((a, b) => a - b)).toEqual(Array.from(image.dataSync()));
      seen.add(Array.from(shuffled).join());
    }
    expect(seen.size).toBe(4);
  });

  it('gives the last strip the remainder, as RDED does', () => {
    const orders = new Set(
      Array.from({ length: 20 }, (_, seed) => shuffledStrips(new RandomStream(seed), 5, 2).join()),
    );
    expect(orders).toEqual(new Set(['0,1,2,3,4', '2,3,4,0,1']));
  });

  it('mirrors about half of the images', () => {
    const images = hashedImages(200, 4, 1);
    const mirrored = augment(images, { ...still, flip: true }, { random: new RandomStream(5), normalisation });
    const changed = tf.tidy(
      () => tf.sum(tf.cast(tf.any(tf.notEqual(images, mirrored), [1, 2, 3]), 'int32')).dataSync()[0]!,
    );
    expect(changed).toBeGreaterThan(70);
    expect(changed).toBeLessThan(130);
  });

  it('gives the same batch for the same stream', () => {
    const all: Augmentation = {
      shufflePatches: 2,
      crop: { scale: [0.5, 1], ratio: [3 / 4, 4 / 3] },
      flip: true,
      colour: { jitter: 0.4, lighting: 0.1 },
    };
    const once = () =>
      augment(hashedImages(4, 16, 1), all, { random: new RandomStream(1, 'x'), normalisation }).dataSync();
    expect(Array.from(once())).toEqual(Array.from(once()));
  });

  it('jitters colours as one step after the other would', () => {
    const images = hashedImages(3, 4, 9);
    const random = new RandomStream(2);
    const seen = augment(
      images,
      { ...still, colour: { jitter: 0.4, lighting: 0.1 } },
      { random, normalisation },
    ).dataSync();
    const pixels = images.dataSync();
    const expected: number[] = [];
    for (let k = 0; k < 3; k++) {
      const colours = Array.from({ length: 16 }, (_, i) =>
        [0, 1, 2].map((c) => pixels[(k * 16 + i) * 3 + c]! * normalisation.deviation[c]! + normalisation.mean[c]!),
      );
      expected.push(...jitteredByHand(colours, random.child(k)).flat());
    }
    expectNear(seen, expected, 1e-5);
  });
});

const greyOf = ([r, g, b]: number[]): number => 0.299 * r! + 0.587 * g! + 0.114 * b!;

/** MinimaxDiffusion's ColorJitter and Lighting, step by step, on one image that is not normalised. */
function jitteredByHand(colours: number[][], stream: RandomStream): number[][] {
  // The draws of the geometry come first; with nothing asked for there are none.
  let image = colours;
  for (const step of stream.permutation(3)) {
    const alpha = stream.uniform(-0.4, 0.4);
    const average = image.reduce((sum, colour) => sum + greyOf(colour), 0) / image.length;
    image = image.map((colour) => {
      const target = step === 0 ? 0 : step === 1 ? average : greyOf(colour);
      return colour.map((value) => value + alpha * (target - value));
    });
  }
  const strength = [0.2175, 0.0188, 0.0045].map((value) => value * 0.1 * stream.normal());
  const vectors = [
    [-0.5675, 0.7192, 0.4009],
    [-0.5808, -0.0045, -0.814],
    [-0.5836, -0.6948, 0.4203],
  ];
  return image.map((colour) =>
    colour.map((value, c) => {
      const light = vectors[c]!.reduce((sum, weight, i) => sum + weight * strength[i]!, 0);
      return (value + light - normalisation.mean[c]!) / normalisation.deviation[c]!;
    }),
  );
}

describe('CutMix', () => {
  it('takes the box from the partner and everything else from the image', () => {
    const images = hashedImages(5, 8, 3);
    const draw = {
      box: { top: 2, left: 1, height: 3, width: 4 },
      partners: Int32Array.of(4, 3, 2, 1, 0),
      own: 1 - 12 / 64,
    };
    const mixed = cutMix(images, draw).arraySync() as number[][][][];
    const before = images.arraySync() as number[][][][];
    for (let k = 0; k < 5; k++)
      for (let y = 0; y < 8; y++)
        for (let x = 0; x < 8; x++) {
          const inside = y >= 2 && y < 5 && x >= 1 && x < 5;
          expect(mixed[k]![y]![x]).toEqual(before[inside ? 4 - k : k]![y]![x]);
        }
  });

  it('says the share of own pixels by the clipped box, not by lambda', () => {
    for (let seed = 0; seed < 200; seed++) {
      const { box, own } = drawCutMix(new RandomStream(seed), { count: 4, size: 32, alpha: 1 });
      expect(own).toBeCloseTo(1 - (box.height * box.width) / 1024, 12);
      expect(box.top).toBeGreaterThanOrEqual(0);
      expect(box.top + box.height).toBeLessThanOrEqual(32);
      expect(box.left + box.width).toBeLessThanOrEqual(32);
    }
  });

  it('cuts as large boxes on average as clipped squares of uniform area are', () => {
    const shares = Array.from(
      { length: 4000 },
      (_, seed) => 1 - drawCutMix(new RandomStream(seed), { count: 2, size: 32, alpha: 1 }).own,
    );
    // E[clipped side]² at side s·√a around a uniform centre is (√a − a/4)²; its mean over a in 0 … 1 is 1/2 − 1/5 + 1/48.
    const mean = shares.reduce((a, b) => a + b) / shares.length;
    expect(mean).toBeGreaterThan(0.29);
    expect(mean).toBeLessThan(0.335);
  });
});
