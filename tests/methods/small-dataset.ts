/** A dataset in memory: `perClass` images of each class, every pixel telling its image. */
import { fingerprint, type ImageDataset, type Pixels } from '../../src/datasets';

interface SmallDatasetOptions {
  perClass?: number;
  /** Short side, pixels. */
  size?: number;
  /** Long side: wide and tall images in turn. Default the short side. */
  long?: number;
  classes?: string[];
}

export function smallDataset(options: SmallDatasetOptions = {}): ImageDataset {
  const { perClass = 6, size = 8, long = size, classes = ['cup', 'jug'] } = options;
  const labels = Int32Array.from({ length: perClass * classes.length }, (_, i) => i % classes.length);
  const make = (indices: readonly number[], name: string): ImageDataset => ({
    name,
    classes,
    size,
    labels: Int32Array.from(indices, (i) => labels[i]!),
    fingerprint: fingerprint('small', indices.join()),
    id: (i) => fingerprint('small image', String(indices[i])),
    async image(i): Promise<Pixels> {
      const data = new Uint8Array(size * long * 3);
      for (let k = 0; k < data.length; k++) data[k] = (indices[i]! * 16 + Math.floor(k / 3)) % 256;
      const tall = Math.floor(indices[i]! / classes.length) % 2 === 1;
      return { data, height: tall ? long : size, width: tall ? size : long };
    },
    subset: (chosen, other = name) =>
      make(
        Array.from(chosen, (i) => indices[i]!),
        other,
      ),
  });
  return make(Array.from(labels.keys()), 'small');
}
