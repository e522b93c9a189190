/** What diffusion-driven selection costs on a dataset of a given size, computed without the dataset or the prior. */
import {
  type DiffusionDrivenOptions,
  type DiffusionDrivenSettings,
  diffusionDrivenSettings,
  drawGroups,
  readSettings,
} from '../../methods';

/** The properties of a prior that determine the cost. */
export interface PriorShape {
  /** Pixels along a side of a latent position. */
  downscale: number;
  /** The UNet's block_out_channels, finest first. */
  channels: readonly number[];
}

export const stableDiffusionShape: PriorShape = { downscale: 8, channels: [320, 640, 1280, 1280] };

export interface SelectionCostOptions {
  /** Configurations of a table; what they share is counted once. */
  settings: readonly DiffusionDrivenOptions[];
  classes: number;
  /** Real images per class in the pool. */
  realImages: number;
  /** Short side of an image, pixels. */
  imageSize: number;
  /** Long side over short side. Default 1. */
  aspectRatio?: number;
  /** Default Stable Diffusion v1.5. */
  prior?: PriorShape;
  /** Measured seconds of one image under one prompt through the UNet, at this size. */
  secondsPerPass?: number;
}

export interface SelectionCost {
  images: number;
  /** Images through the UNet, once per draw and prompt; features count whole, though they stop at their up-block. */
  passes: number;
  /** In the store, of losses and features with their records. */
  bytes: number;
  bytesPerImage: number;
  /** Hours of the passes, if the seconds per pass are known. */
  hours: number | undefined;
}

/** Bytes of a piece's record and of what its blob says beside the numbers: measured, rounded up (tests/experiments). */
const RECORD = 2000;

/**
 * Images, passes through the prior, bytes in the store and hours for a table, before any data exists.
 * @throws where settings are wrong, or a range isn't made of whole bands
 */
export function selectionCost(options: SelectionCostOptions): SelectionCost {
  const { classes, realImages, secondsPerPass } = options;
  const { imageSize, aspectRatio = 1, prior = stableDiffusionShape } = options;
  for (const [name, value] of Object.entries({ classes, realImages, imageSize })) {
    if (!Number.isInteger(value) || value < 1) throw new Error(`Expected '${name}' to be 1 or more, got ${value}.`);
  }
  const latent = {
    height: Math.ceil(imageSize / prior.downscale),
    width: Math.ceil((imageSize * aspectRatio) / prior.downscale),
  };
  const work = new Map<string, { passes: number; bytes: number }>();
  for (const given of options.settings) {
    const settings = readSettings(diffusionDrivenSettings, given, 'diffusion-driven selection');
    for (const [key, cost] of [...lossCosts(settings, latent), ...featureCosts(settings, latent, prior)]) {
      work.set(key, cost);
    }
  }
  const all = [...work.values()];
  const images = classes * realImages;
  const passes = images * all.reduce((sum, one) => sum + one.passes, 0);
  const bytesPerImage = all.reduce((sum, one) => sum + one.bytes, 0);
  const hours = secondsPerPass === undefined ? undefined : (passes * secondsPerPass) / 3600;
  return { images, passes, bytes: images * bytesPerImage, bytesPerImage, hours };
}

interface Size {
  height: number;
  width: number;
}
type Costs = [key: string, cost: { passes: number; bytes: number }][];

/** 16 bits per latent position and group of draws; two prompts per draw. */
function lossCosts(settings: DiffusionDrivenSettings, { height, width }: Size): Costs {
  const { prompt, nullPrompt, noise, latent, noiseSeed } = settings;
  return drawGroups(settings).map((group) => [
    JSON.stringify({ prompt, nullPrompt, noise, latent, noiseSeed, ...group }),
    { passes: 2 * group.draws, bytes: 2 * height * width + RECORD },
  ]);
}

/** 8 bits per value of the grid and a scale per channel. CLIP's embeddings, of the chosen candidates, are left out. */
function featureCosts(settings: DiffusionDrivenSettings, latent: Size, { channels }: PriorShape): Costs {
  const { features, clusters, prompt, noiseSeed } = settings;
  if (features.kind !== 'dift' || clusters === 0) return [];
  const halvings = channels.length - 1;
  const cells = (side: number) =>
    Math.min(features.grid, Math.ceil(side / 2 ** Math.max(0, halvings - features.upBlock - 1)));
  const width = channels[halvings - features.upBlock];
  if (width === undefined) {
    throw new Error(
      `Expected an up-block of 0 … ${halvings} in a prior of ${channels.length}, got ${features.upBlock}.`,
    );
  }
  const bytes = (cells(latent.height) * cells(latent.width) + 4) * width + RECORD;
  const key = JSON.stringify({ ...features, prompt, noiseSeed, latent: settings.latent });
  return [[key, { passes: features.ensemble, bytes }]];
}

/** One line: '3,000 images, 600,000 passes through the prior, 276 MB, 25 h'. */
export function selectionCostText({ images, passes, bytes, hours }: SelectionCost): string {
  const count = (value: number) => value.toLocaleString('en');
  const size = bytes < 1e9 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
  const time = hours === undefined ? 'hours not known: measure a pass' : `${count(Number(hours.toPrecision(2)))} h`;
  return `${count(images)} images, ${count(passes)} passes through the prior, ${size}, ${time}`;
}
