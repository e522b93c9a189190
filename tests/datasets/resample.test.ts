import { describe, expect, it } from 'vitest';
import { resampleImages } from '../../src/datasets';
import { tf } from '../../src/engine';
import { expectNear, hashedImages, torchValues } from '../evaluation/torch-values';

describe('resampled crops', () => {
  it.each(torchValues.crops)(
    'are resized as PyTorch resizes them: $box to $size, mirrored $flip',
    ({ box, flip, size, values }) => {
      const rows = { start: box.top, length: box.height };
      const columns = { start: box.left, length: box.width, flip };
      const crop = resampleImages(hashedImages(1, 16, 7), [{ rows, columns }], { size });
      expectNear(crop.dataSync(), values, 1e-6);
    },
  );

  it('treat each image of a batch by its own maps', () => {
    const images = hashedImages(2, 16, 7);
    const maps = torchValues.crops.slice(1, 3).map(({ box, flip }) => ({
      rows: { start: box.top, length: box.height },
      columns: { start: box.left, length: box.width, flip },
    }));
    const both = resampleImages(images, maps, { size: 16 });
    const second = resampleImages(tf.slice(images, 1, 1), maps.slice(1), { size: 16 });
    expectNear(tf.slice(both, 1, 1).dataSync(), Array.from(second.dataSync()), 1e-6);
  });

  it('need a pair of maps an image', () => {
    expect(() => resampleImages(hashedImages(2, 4, 1), [{ rows: {}, columns: {} }], { size: 4 })).toThrow(
      /Expected a pair of maps for each of 2 images, got 1/,
    );
  });
});
