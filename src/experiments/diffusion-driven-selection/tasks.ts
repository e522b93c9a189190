/** One task after another by each method (Table 4, Figure 5 of paper 001): the sets, bound at a scale. */
import type { DistilledSet } from '../../methods';
import type { BoundStage } from '../../sweeps';
import { bindCell } from '../bind-cell';
import type { MethodName } from '../method-names';
import { knowsItsClasses } from '../known-classes';
import { NotAtThisScale, type Scale, type ScaleDataset, type SeedPair } from '../scales';

export type TaskMethod = MethodName;

/** A method's sets, one per task, or why the scale has none. */
export interface MethodTasks {
  method: TaskMethod;
  sets: readonly BoundStage<DistilledSet>[];
}

/** The scale's dataset for a name of the paper's. @throws NotAtThisScale */
export async function datasetOf(scale: Scale, name: string): Promise<ScaleDataset> {
  const found = (await scale.datasets([name])).get(name)!;
  if ('missing' in found) throw new NotAtThisScale(found.missing);
  return found;
}

/**
 * Binds each method's set at each number of images per class.
 * @param seeds default: the scale's first
 * @returns what is there, and a sentence on each method that is not
 */
export async function bindTasks(
  scale: Scale,
  {
    dataset,
    methods,
    imagesPerClass,
    seeds = scale.pairs[0]!,
  }: { dataset: ScaleDataset; methods: readonly TaskMethod[]; imagesPerClass: readonly number[]; seeds?: SeedPair },
): Promise<{ bound: MethodTasks[]; leftOut: string[] }> {
  const bound: MethodTasks[] = [];
  const leftOut: string[] = [];
  for (const method of methods) {
    try {
      const cells = imagesPerClass.map((ipc) => ({ dataset: dataset.is, method, imagesPerClass: ipc }));
      const sets = await Promise.all(cells.map((cell) => bindCell(cell, scale, dataset, seeds)));
      bound.push({ method, sets: sets.map(({ distilled }) => distilled) });
    } catch (error) {
      if (!(error instanceof NotAtThisScale)) throw error;
      leftOut.push(`${method}: not at this scale. ${error.message}`);
    }
  }
  return { bound, leftOut };
}

/** What a scale has before any task, so that no count or time includes it. */
export function givenBefore({ name, prior, teachers }: Scale): string[] {
  const shipped = Object.values(teachers).some((teacher) => 'checkpoint' in teacher);
  return [
    `The prior of scale '${name}' is at hand: its training is not counted.`,
    ...(knowsItsClasses(prior)
      ? [
          'It was trained on images of these very classes, which Stable Diffusion was not: zero-shot is not put to the test.',
        ]
      : []),
    ...(shipped ? [`The teacher of scale '${name}' is at hand: its training is not counted.`] : []),
  ];
}
