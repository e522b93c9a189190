import { expect, it } from 'vitest';
import { imagesToTensor, type Pixels, tensorToImages } from '../../src/datasets';
import { tf } from '../../src/engine';

const image: Pixels = { data: Uint8Array.from({ length: 12 }, (_, k) => k * 23), height: 2, width: 2 };

it('images survive the way to a tensor and back, byte by byte', async () => {
  const all = { data: Uint8Array.from({ length: 768 }, (_, k) => k % 256), height: 16, width: 16 };
  for (const range of [
    [-1, 1],
    [0, 1],
    [0, 255],
  ] as const) {
    const tensor = imagesToTensor([all, all], { range });
    expect(tensor.shape).toEqual([2, 16, 16, 3]);
    expect(await tensorToImages(tensor, { range })).toEqual([all, all]);
    tensor.dispose();
  }
});

it('black is -1 and white is 1 by default, and what lies beyond is clipped', async () => {
  const tensor = imagesToTensor([{ data: Uint8Array.from([0, 255, 51]), height: 1, width: 1 }]);
  const values = [...(await tensor.data())];
  [-1, 1, -0.6].forEach((value, k) => {
    expect(values[k]).toBeCloseTo(value, 5);
  });
  expect([...(await tensorToImages(tf.tensor3d([-3, 0, 9], [1, 1, 3])))[0]!.data]).toEqual([0, 128, 255]);
});

it('refuses images of several sizes and tensors of other shapes', async () => {
  expect(() => imagesToTensor([])).toThrow('got none');
  expect(() => imagesToTensor([image, { ...image, height: 1, width: 4 }])).toThrow('1 × 4 at place 1');
  await expect(tensorToImages(tf.zeros([2, 2]))).rejects.toThrow('[2, 2]');
});

it('refuses NaN, which would become black', async () => {
  const tensor = tf.tensor4d([0, 0, 0, 1, 1, 1, 0, 0, 0, 0, Number.NaN, 0], [2, 1, 2, 3]);
  await expect(tensorToImages(tensor)).rejects.toThrow('got NaN in image 1, row 0, column 1');
});
