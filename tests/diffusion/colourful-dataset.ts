/** Three images each of the tiny class prior's classes, 16×16, brighter to the right. */
import type { ImageDataset } from '../../src/datasets';

export function colourfulDataset(indices: readonly number[] = [...new Array(9).keys()]): ImageDataset {
  return {
    name: 'Colours',
    classes: ['red', 'green', 'blue'],
    size: 16,
    labels: Int32Array.from(indices, (i) => i % 3),
    fingerprint: `colours ${indices}`,
    id: (i) => `colour ${indices[i]}`,
    async image(i) {
      const data = new Uint8Array(16 * 16 * 3);
      for (let p = 0; p < 256; p++) data[3 * p + (indices[i]! % 3)] = 60 + 20 * indices[i]! + (p % 16);
      return { data, height: 16, width: 16 };
    },
    subset: (chosen) => colourfulDataset(Array.from(chosen, (i) => indices[i]!)),
  };
}
