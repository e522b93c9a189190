/** A distilled set as a dataset, to train on like any other. */
import { fingerprint, type ImageDataset, type Pixels } from '../datasets';
import { type DistilledSet, distilledFingerprint } from './distilled-set';

/** The images of a distilled set with their labels, in the set's order. */
export function distilledDataset(set: DistilledSet): ImageDataset {
  return new DistilledDataset(set, `${set.method}, ${set.imagesPerClass} a class`);
}

class DistilledDataset implements ImageDataset {
  readonly classes: readonly string[];
  readonly size: number;
  readonly labels: Int32Array;
  private summary: string | undefined;

  constructor(
    private readonly set: DistilledSet,
    readonly name: string,
  ) {
    this.classes = set.classes;
    this.size = set.size;
    this.labels = Int32Array.from(set.images, ({ label }) => label);
  }

  get fingerprint(): string {
    this.summary ??= distilledFingerprint(this.set);
    return this.summary;
  }

  id(i: number): string {
    return fingerprint('pixels', this.at(i).pixels.data);
  }

  async image(i: number): Promise<Pixels> {
    return this.at(i).pixels;
  }

  subset(indices: ArrayLike<number>, name = `${this.name} (${indices.length} chosen)`): ImageDataset {
    return new DistilledDataset({ ...this.set, images: Array.from(indices, (i) => this.at(i)) }, name);
  }

  private at(i: number): DistilledSet['images'][number] {
    const image = this.set.images[i];
    if (!image) {
      throw new RangeError(`Expected an image index in 0 … ${this.set.images.length - 1} of ${this.name}, got ${i}.`);
    }
    return image;
  }
}
