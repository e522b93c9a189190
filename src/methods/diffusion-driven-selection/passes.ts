/** What the method costs: passes of single images through the denoiser. */
import type { DiffusionDrivenSettings } from './settings';

/** Passes per noise draw: one with the label, one without. */
export const PASSES_PER_DRAW = 2;

/** Passes per image for its diffusion features; none without clustering, or when clustering uses other features. */
export function featurePasses({ features, clusters }: Pick<DiffusionDrivenSettings, 'features' | 'clusters'>): number {
  return features.kind === 'dift' && clusters > 0 ? features.ensemble : 0;
}

/** All passes per image. Everything else in the method takes little time in comparison. */
export function passesPerImage(settings: Pick<DiffusionDrivenSettings, 'draws' | 'features' | 'clusters'>): number {
  return PASSES_PER_DRAW * settings.draws + featurePasses(settings);
}
