/** Estimates what scoring, fine-tuning and sampling for a table would cost at a scale, without its data. */
import type { DiffusionDrivenOptions } from '../methods';
import { inPixels } from './bind-cell';
import { selectionCost, selectionCostText } from './diffusion-driven-selection/cost';
import { type Experiment, placesOf } from './experiment';
import { type GeneratingMethod, generationOf, isGenerating, selectionSettings } from './method-settings';
import type { Scale } from './scales';
import { generationCost, generationCostText } from './self-adaptive-memory/cost';

export interface ExperimentCostOptions {
  /** Measured time of one image with one prompt or class through the prior's denoiser, seconds. */
  secondsPerPass?: number;
}

/**
 * One line per dataset of the table whose number of classes the scale knows. Students aren't included: a plan estimates
 * them from those that have run.
 */
export const experimentCost = (experiment: Experiment, scale: Scale, options: ExperimentCostOptions = {}): string[] => [
  ...selectionCosts(experiment, scale, options),
  ...generationCosts(experiment, scale, options),
];

function selectionCosts(experiment: Experiment, scale: Scale, { secondsPerPass }: ExperimentCostOptions): string[] {
  const cells = placesOf(experiment)
    .map((place) => experiment.cell(place))
    .filter(({ method }) => method === 'diffusion-driven selection');
  const datasets = [...new Set(cells.map(({ dataset }) => dataset))];
  return datasets.flatMap((dataset) => {
    const classes = scale.classes?.[dataset];
    if (classes === undefined) return [];
    const bySize = new Map<number, DiffusionDrivenOptions[]>();
    for (const cell of cells.filter((one) => one.dataset === dataset)) {
      const { size, settings } = inPixels(cell.settings ?? {}, scale);
      const {
        dataset: _,
        prior: __,
        ...chosen
      } = selectionSettings(settings, {
        scale,
        pool: { kind: 'folder', name: dataset, fingerprint: '' },
        imagesPerClass: cell.imagesPerClass,
        seed: 0,
      });
      bySize.set(size, [...(bySize.get(size) ?? []), chosen]);
    }
    return [...bySize].map(([imageSize, settings]) => {
      const cost = selectionCost({
        settings,
        classes,
        realImages: scale.realImages,
        imageSize,
        ...(secondsPerPass === undefined ? {} : { secondsPerPass }),
      });
      return `${dataset}, images of ${imageSize} pixels: ${selectionCostText(cost)}`;
    });
  });
}

/** Of the numbers of images per class that the scale runs, each set once per seed. */
function generationCosts(experiment: Experiment, scale: Scale, options: ExperimentCostOptions): string[] {
  const cells = placesOf(experiment)
    .map((place) => experiment.cell(place))
    .filter(({ method, imagesPerClass }) => isGenerating(method) && scale.imagesPerClass.includes(imagesPerClass));
  const seeds = [...new Set(scale.pairs.map(({ set }) => set))];
  const datasets = [...new Set(cells.map(({ dataset }) => dataset))];
  return datasets.flatMap((dataset) => {
    const classes = scale.classes?.[dataset];
    if (classes === undefined || !scale.generation) return [];
    const pool = { kind: 'folder', name: dataset, fingerprint: '' } as const;
    const configurations = cells
      .filter((cell) => cell.dataset === dataset)
      .flatMap(({ method, settings = {}, imagesPerClass }) =>
        seeds.map((seed) => generationOf(method as GeneratingMethod, settings, { scale, pool, imagesPerClass, seed })),
      );
    return `${dataset}: ${generationCostText(generationCost(configurations, { classes, ...options }))}`;
  });
}
