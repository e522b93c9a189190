import { describe, expect, it } from 'vitest';
import { type ImageDataset, type Pixels, stillLife } from '../../src/datasets';
import { tf } from '../../src/engine';
import {
  accuracy,
  buildNetwork,
  imageNetNormalisation,
  type LabelledImages,
  openLabelled,
  ResidentImages,
} from '../../src/evaluation';

async function values(images: LabelledImages, count: number): Promise<number[]> {
  const all: number[] = [];
  for await (const { images: some, start } of images.batches(count)) {
    expect(start).toBe(all.length / (images.size ** 2 * 3));
    all.push(...some.dataSync());
  }
  return all;
}

describe('labelled images', () => {
  const dataset = stillLife({ split: 'test', perClass: 1, size: 32 });

  it('are the same read anew each time as kept in memory, in batches of any size, and leave no tensors', async () => {
    const network = buildNetwork('conv3-w4', { classes: 10, size: 16, seed: 0 });
    const kept = await openLabelled(dataset, { size: 16, preparation: 'centre' });
    const reached = await accuracy(network, kept);
    const before = tf.memory().numTensors;
    const streamed = await openLabelled(dataset, { size: 16, preparation: 'centre', residentBytes: 0 });
    expect(kept).toBeInstanceOf(ResidentImages);
    expect(streamed).not.toBeInstanceOf(ResidentImages);
    expect(streamed.labels).toEqual(kept.labels);
    const all = await values(kept, 10);
    expect(all).toHaveLength(10 * 16 * 16 * 3);
    expect(await values(streamed, 4)).toEqual(all);
    expect(await values(streamed, 100)).toEqual(all);
    expect(await accuracy(network, streamed)).toBe(reached);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('free their batch when a loop over them is left', async () => {
    const streamed = await openLabelled(dataset, { residentBytes: 0 });
    const before = tf.memory().numTensors;
    for await (const { start } of streamed.batches(2)) if (start === 2) break;
    expect(tf.memory().numTensors).toBe(before);
  });

  it('are the same from an array per image as from one array', () => {
    const size = 4;
    const one = size * size * 3;
    const pixels = Uint8Array.from({ length: 3 * one }, (_, i) => (i * 7) % 256);
    const perImage = [0, 1, 2].map((k) => pixels.slice(k * one, (k + 1) * one));
    const about = { labels: new Int32Array(3), classes: ['one'], size };
    const values = (given: Uint8Array | Uint8Array[]) =>
      new ResidentImages({ ...about, pixels: given }).take([2, 0]).dataSync();
    expect(values(perImage)).toEqual(values(pixels));
    expect(() => values(perImage.slice(1))).toThrow(/Expected 3 images of 4 × 4 × 3 bytes, one per label, got 96/);
    expect(() => values(pixels.subarray(1))).toThrow(/one per label, got 143 bytes/);
  });

  it('are normalised the same from bytes as from values kept', () => {
    const size = 8;
    const count = Math.ceil(2 ** 24 / (size * size * 3)) + 1; // above what is kept as values
    const pixels = Uint8Array.from({ length: count * size * size * 3 }, (_, i) => (i * 7) % 256);
    const large = new ResidentImages({ pixels, labels: new Int32Array(count), classes: ['one'], size });
    const few = pixels.slice(0, 3 * size * size * 3);
    const small = new ResidentImages({ pixels: few, labels: new Int32Array(3), classes: ['one'], size });
    const [a, b] = [large.take([2, 0]).dataSync(), small.take([2, 0]).dataSync()];
    expect(a).toEqual(b);
    const { mean, deviation } = imageNetNormalisation;
    expect(b[1]).toBeCloseTo((few[2 * size * size * 3 + 1]! / 255 - mean[1]) / deviation[1], 5);
  });

  it('of any shape are brought to size by their short side and cut in the middle', async () => {
    // 8 wide, 4 high, its column as its value: at 4 pixels columns 2 to 5 are left.
    const data = Uint8Array.from({ length: 4 * 8 * 3 }, (_, i) => Math.floor(i / 3) % 8);
    const wide: ImageDataset = {
      name: 'wide',
      classes: ['one', 'two'],
      size: 4,
      labels: Int32Array.of(0),
      fingerprint: 'wide',
      id: () => 'wide',
      image: async (): Promise<Pixels> => ({ data, height: 4, width: 8 }),
      subset: () => wide,
    };
    const plain = { mean: [0, 0, 0], deviation: [1 / 255, 1 / 255, 1 / 255] } as const;
    const seen = await values(await openLabelled(wide, { size: 4, normalisation: plain }), 1);
    expect(seen.filter((_, i) => i % 3 === 0).map(Math.round)).toEqual(
      Array.from({ length: 16 }, (_, i) => 2 + (i % 4)),
    );
  });

  it('refuse labels that are no class, and bytes that are no images', () => {
    const one = { pixels: new Uint8Array(12), labels: Int32Array.of(3), classes: ['a', 'b'], size: 2, name: 'few' };
    expect(() => new ResidentImages(one)).toThrow(/Expected labels of 'few' in 0 … 1, got 3/);
    expect(() => new ResidentImages({ ...one, size: 3 })).toThrow(/Expected 1 images of 3 × 3 × 3 bytes/);
  });
});
