/** What a method is bound with: its context, and the settings of a cell laid over those of the scale. */
import type { DiffusionDrivenOptions, FineTuningSettings } from '../methods';
import type { BoundStage } from '../sweeps';
import type { DatasetDescription } from './datasets';
import type { DistillationSettings } from './diffusion-driven-selection/bind';
import { NotAtThisScale, precisionOf, type Scale } from './scales';
import type { GenerationSettings } from './self-adaptive-memory/bind';
import type { StoredTeacher } from './stages';

/** What a method is bound with, apart from its own settings. */
export interface MethodContext {
  scale: Scale;
  /** Real images, at the scale's size or at `imageSize` of the settings. */
  pool: DatasetDescription;
  imagesPerClass: number;
  /** Seed of everything that the method draws. */
  seed: number;
  /** The network that judges crops and labels students. */
  teacher: BoundStage<StoredTeacher>;
}

/** Diffusion-driven selection's settings in a cell: the scale's, overridden by the cell's. */
export const selectionSettings = (
  settings: Partial<DiffusionDrivenOptions>,
  { scale, pool: dataset, imagesPerClass, seed }: Omit<MethodContext, 'teacher'>,
): DistillationSettings => ({
  precision: precisionOf(scale),
  ...scale.selection,
  ...settings,
  features: laidOver(scale.selection.features, settings.features),
  dataset,
  prior: scale.prior,
  imagesPerClass,
  clusteringSeed: seed,
  size: scale.networkSize,
});

/** Methods that sample their images from the scale's class-conditional prior. */
const generating = ['self-adaptive memory', 'Minimax', 'DiT'] as const;
export type GeneratingMethod = (typeof generating)[number];

export const isGenerating = (name: string): name is GeneratingMethod => generating.some((known) => known === name);

/** A generating method's settings: the scale's, overridden by the cell's. @throws NotAtThisScale without a prior */
export function generationOf(
  method: GeneratingMethod,
  settings: Partial<FineTuningSettings>,
  { scale, pool: dataset, imagesPerClass, seed }: Omit<MethodContext, 'teacher'>,
): GenerationSettings {
  const { generation, networkSize: size, name } = scale;
  if (!generation) throw new NotAtThisScale(`Scale '${name}' has no class-conditional prior of these images.`);
  const { prior, fineTuning, sampling } = generation;
  const precision = precisionOf(scale);
  const queues = method === 'Minimax' ? { policy: 'fifo' as const } : {};
  return {
    method,
    dataset,
    prior,
    imagesPerClass,
    size,
    ...(method !== 'DiT' && { fineTuning: { precision, ...fineTuning, ...settings, ...queues, seed } }),
    sampling: { precision, ...sampling, seed },
  };
}

/** Merges settings of features of the same kind: a cell that sets the timestep keeps the scale's up-block and draws. */
function laidOver(
  base: DiffusionDrivenOptions['features'],
  change: DiffusionDrivenOptions['features'],
): DiffusionDrivenOptions['features'] {
  return change && base?.kind === change.kind ? { ...base, ...change } : (change ?? base);
}
