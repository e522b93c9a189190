/** Default settings for a prior and a dataset. */
import type { ImageDataset } from '../../datasets';
import type { LatentDiffusion } from '../../diffusion';
import { readSettings } from '../read-settings';
import {
  type DiffusionDrivenOptions,
  type DiffusionDrivenSettings,
  type DiftSettings,
  diffusionDrivenSettings,
  smallPriorSettings,
} from './settings';

/** Features as a caller gives them: none, CLIP, or diffusion features, whose settings may be incomplete. */
export type GivenFeatures =
  | { kind: 'none' }
  | { kind: 'clip' }
  | ({ kind?: 'dift' } & Partial<Omit<DiftSettings, 'kind'>>);

/** Settings as a caller gives them; what is left out follows the prior. */
export type GivenSettings = Omit<DiffusionDrivenOptions, 'features'> & { features?: GivenFeatures };

/** Up to this side, pixels, images are taken whole (section 4: CIFAR and TinyImageNet) by an open-vocabulary prior. */
const LOW_RESOLUTION = 64;

/** The same limit for the priors trained here, whose images are small. */
const LOW_RESOLUTION_SMALL = 32;

/**
 * Every setting of a call. A prior with an open vocabulary (Stable Diffusion) gets the paper's, with patches and distilled
 * images of 7/8 of the short side: 224 of 256 pixels. A prior that names its classes (trained here) gets
 * smallPriorSettings, with patches of half the side, which go into a mosaic pixel by pixel. Low-resolution images are
 * taken whole by both, and shown to Stable Diffusion at 256 pixels.
 * @throws naming each setting that is unknown or out of range
 */
export function settingsFor(
  prior: Pick<LatentDiffusion, 'classes'>,
  { size }: Pick<ImageDataset, 'size'>,
  given: GivenSettings,
): DiffusionDrivenSettings {
  const small = prior.classes !== undefined;
  const defaults = small ? smallDefaults(size) : paperDefaults(size);
  const settings = { ...defaults, ...given, features: featuresOf(given.features, small) };
  return readSettings(diffusionDrivenSettings, settings, 'diffusion-driven selection');
}

function smallDefaults(size: number): Partial<DiffusionDrivenOptions> {
  return { ...smallPriorSettings, patchSize: size <= LOW_RESOLUTION_SMALL ? 'image' : Math.round(size / 2) };
}

function paperDefaults(size: number): Partial<DiffusionDrivenOptions> {
  if (size <= LOW_RESOLUTION) return { patchSize: 'image', encodedSize: 256 };
  // Even, so that a 2×2 mosaic fits.
  const side = 2 * Math.round((size * 7) / 16);
  return { patchSize: side, size: side };
}

function featuresOf(given: GivenFeatures | undefined, small: boolean): NonNullable<DiffusionDrivenOptions['features']> {
  if (given?.kind === 'none' || given?.kind === 'clip') return given;
  return { ...(small ? smallPriorSettings.features : {}), ...given, kind: 'dift' };
}
