/** Inspects a selection: maps and best patches beside their images, and both against the ground truth. */
import { annotated, type ImageDataset, type Pixels } from '../../datasets';
import { type NoiseMap, upsampledMap } from '../../diffusion';
import { type LocalisationReport, localisation, modeCoverage } from '../../evaluation';
import { candidatePatches, imagesByClass, type ScoredPatch } from '../../methods';
import type { RunOptions } from '../../sweeps';
import type { PlacedSet } from '../opened-experiment';
import type { BoundDistillation } from './bind';
import { scoredImagesOf } from './maps';

/** An image with its differential noise map and its best patch. */
export interface MapExample {
  className: string;
  /** Position in the dataset. */
  image: number;
  pixels: Pixels;
  map: NoiseMap;
  best: ScoredPatch;
}

/** The first `perClass` images of each class. [classes][perClass] */
export const firstImages = (dataset: ImageDataset, perClass: number): Promise<Pixels[][]> =>
  Promise.all(
    imagesByClass(dataset).map((images) => Promise.all(images.slice(0, perClass).map((i) => dataset.image(i)))),
  );

/**
 * Images with their maps and best patches; losses that the store lacks are worked out. [classes][perClass]
 * @param options.perClass images of each class. Default all
 */
export async function mapExamples(
  selection: BoundDistillation,
  { perClass, ...options }: RunOptions & { perClass?: number } = {},
): Promise<MapExample[][]> {
  const { dataset, settings, classes } = selection;
  const scored = await scoredImagesOf(selection, options);
  return Promise.all(
    classes.map(async ({ name: className, images }, label) => {
      const shown = scored[label]!.slice(0, perClass);
      const { patches } = candidatePatches(shown, { patchSize: settings.patchSize, candidatesPerImage: 1 });
      return Promise.all(
        shown.map(async ({ map, height, width }, i) => ({
          className,
          image: images[i]!,
          pixels: await dataset.image(images[i]!),
          map: upsampledMap(map, { height, width }),
          best: { ...patches[i]!, image: images[i]! },
        })),
      );
    }),
  );
}

/** Do maps and best patches find the object? Against the masks, and against boxes at random places. @throws without ground truth */
export async function localisationOf(
  selection: BoundDistillation,
  options: RunOptions = {},
): Promise<LocalisationReport> {
  const examples = (await mapExamples(selection, options)).flat();
  return localisation(annotated(selection.dataset), {
    maps: new Map(examples.map(({ image, map }) => [image, map])),
    patches: examples.map(({ best }) => best),
  });
}

/** A set's modes, by the dataset's own labels. Shares in 0 … 1. */
export interface CoverageRow {
  method: string;
  /** Modes of all classes that the set shows. */
  modesCovered: number;
  evenness: number;
  /** Patches that hold at least half of their object. */
  showing: number;
}

/** Which modes sets show, a row per set. @throws without ground truth */
export async function coverageOf(sets: readonly PlacedSet[], dataset: ImageDataset): Promise<CoverageRow[]> {
  return Promise.all(
    sets.map(async ({ method, set }) => {
      const { share, evenness, showing, patches } = await modeCoverage(set, annotated(dataset));
      return { method, modesCovered: share, evenness, showing: showing / patches };
    }),
  );
}
