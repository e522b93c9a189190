/** What the scoring of a table would cost at a scale, reckoned without its data: images, passes, disk, hours. */
import type { DiffusionDrivenOptions } from '../methods';
import { inPixels } from './bind-cell';
import { selectionCost, selectionCostText } from './diffusion-driven-selection/cost';
import { type Experiment, placesOf } from './experiment';
import { selectionSettings } from './methods';
import type { Scale } from './scales';

/**
 * One line per dataset of the table whose number of classes the scale knows. Students come on top: a plan reckons them from
 * those that have run.
 * @param options.secondsPerPass measured seconds of one image under one prompt through the prior's denoiser
 */
export function experimentCost(
  experiment: Experiment,
  scale: Scale,
  { secondsPerPass }: { secondsPerPass?: number } = {},
): string[] {
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
