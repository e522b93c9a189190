/** What the method costs: passes of single images through the denoiser. */
import type { DiffusionDrivenSettings } from './settings';

/** Passes per noise draw: one with the label, one without. */
export const PASSES_PER_DRAW = 2;

/** Passes per image for its diffusion features; none without clusters, or where they are clustered by something else. */
export function featurePasses({ features, clusters }: Pick<DiffusionDrivenSettings, 'features' | 'clusters'>): number {
  return features.kind === 'dift' && clusters > 0 ? features.ensemble : 0;
}

/** Passes per image in all. Everything else that the method does takes little time beside them. */
export function passesPerImage(settings: Pick<DiffusionDrivenSettings, 'draws' | 'features' | 'clusters'>): number {
  return PASSES_PER_DRAW * settings.draws + featurePasses(settings);
}
