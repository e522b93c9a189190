/** Distilled sets among real images in a classifier's features: places in the plane, and distances from the classes' middles. */
import { z } from 'zod';
import {
  type LabelledImages,
  loadDistilled,
  openLabelled,
  penultimateFeatures,
  type PlanePoint,
  tsne,
} from '../../evaluation';
import { type DistilledSet, imagesByClass } from '../../methods';
import { input, inputList, stage } from '../../sweeps';
import { datasetSchema, openDataset } from '../datasets';
import { type StoredTeacher, withTeacher } from './teacher';

/** Images in the plane and in the features. */
export interface MappedImages {
  labels: number[];
  places: PlanePoint[];
  /** Distance of each to the middle of its class's real images, in mean distances of real images from there. */
  fromMiddle: number[];
}

export interface FeatureMap {
  classes: string[];
  real: MappedImages;
  /** One per set, in their order. */
  sets: MappedImages[];
}

export const featureMap = stage({
  name: 'feature-map',
  version: 1,
  code: import.meta.url,
  uses: ['../../evaluation/tsne', '../../evaluation/penultimate', '../../evaluation/images', './teacher'],
  parameters: z.object({
    /** The real images. */
    dataset: datasetSchema,
    /** Classes that are shown, from the first. */
    classes: z.int().min(1),
    /** Real images of each class. */
    perClass: z.int().min(2),
    perplexity: z.number(),
    seed: z.int(),
  }),
  inputs: { teacher: input<StoredTeacher>(), sets: inputList<DistilledSet>() },
  resources: { threads: 1, memory: 2000 },
  async run(context, { dataset: description, classes, perClass, perplexity, seed }, { teacher: stored, sets }) {
    const dataset = openDataset(description);
    const chosen = imagesByClass(dataset)
      .slice(0, classes)
      .flatMap((images) => images.slice(0, perClass));
    const { signal, onProgress } = context;
    const seen = await withTeacher(context, stored, async ({ network, size, normalisation }) => {
      const options = { size, normalisation, signal };
      const of = (images: LabelledImages) => penultimateFeatures(network, images, { signal, onProgress });
      const all = [{ images: await openLabelled(dataset.subset(chosen), options), shown: chosen.map((_, i) => i) }];
      for (const set of sets) {
        const shown = set.images.flatMap(({ label }, i) => (label < classes ? [i] : []));
        all.push({ images: await loadDistilled(set, options), shown });
      }
      const groups = [];
      for (const { images, shown } of all) {
        const features = await of(images);
        groups.push({ labels: shown.map((i) => images.labels[i]!), features: shown.map((i) => features[i]!) });
      }
      return groups;
    });
    const places = await tsne(
      seen.flatMap(({ features }) => features),
      { perplexity, seed, signal, onProgress },
    );
    const middles = middlesOf(seen[0]!, classes);
    let first = 0;
    const [real, ...others] = seen.map(({ labels, features }): MappedImages => {
      const own = places.slice(first, first + labels.length);
      first += labels.length;
      const fromMiddle = features.map((feature, i) => {
        const { middle, usual } = middles[labels[i]!]!;
        return distance(feature, middle) / usual;
      });
      return { labels, places: own, fromMiddle };
    });
    return { classes: dataset.classes.slice(0, classes), real: real!, sets: others } satisfies FeatureMap;
  },
});

/** Of each class the mean of its features, and the mean distance from there. */
function middlesOf(
  { labels, features }: { labels: readonly number[]; features: readonly Float32Array[] },
  classes: number,
): { middle: Float64Array; usual: number }[] {
  return Array.from({ length: classes }, (_, label) => {
    const own = features.filter((_, i) => labels[i] === label);
    const middle = new Float64Array(own[0]!.length);
    for (const feature of own) for (const [k, value] of feature.entries()) middle[k] = middle[k]! + value / own.length;
    const usual = own.reduce((sum, feature) => sum + distance(feature, middle), 0) / own.length;
    return { middle, usual };
  });
}

const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k]! - b[k]!) ** 2;
  return Math.sqrt(sum);
};
