/** The settings of diffusion-driven selection: the paper's values as defaults, those for the small priors beside them. */
import { z } from 'zod';
import { precisions } from '../../engine';

/** How each image is scored (stage I). */
const scoring = z.object({
  /** '{}' stands for the class name; the null prompt is the template with the label taken out (section 3.1). */
  prompt: z.string().default('An image of {}'),
  nullPrompt: z.string().default('An image of .'),
  /** Timesteps as fractions of the schedule, 0 … 1; twice the same is one timestep (Table 6: [0.1, 0.7] is best). */
  timestepRange: z.tuple([z.number(), z.number()]).readonly().default([0.1, 0.7]),
  /**
   * Noise draws per image, the same number in every range. A range of n bands takes draws / n in each, so it must be a
   * multiple of n (not given in the paper; the pipeline that it follows has 100).
   */
  draws: z.int().min(1).default(96),
  /** Losses are kept per band of the schedule, so that ranges share them: the width of one, as a fraction. */
  bandWidth: z.number().positive().max(1).default(0.2),
  /**
   * 'shared': a draw has the same timestep and noise for all images, so that two scores differ by the images alone.
   * 'per image': each image has its own noise, and errors of different images are independent.
   */
  noise: z.enum(['shared', 'per image']).default('shared'),
  /** The latent of an image: the mean of the autoencoder's posterior, or a draw from it by the noise seed. */
  latent: z.enum(['mean', 'sample']).default('mean'),
  noiseSeed: z.int().default(42),
  /** Of the denoiser's products while it is asked for losses; 'bfloat16' is faster where the processor has tiles for it. */
  precision: z.enum(precisions).default('float32'),
  /**
   * Short side that images have when the prior sees them, pixels: 256 for Stable Diffusion on CIFAR or TinyImageNet, whose
   * latents would be 4 × 4 and 8 × 8. Patches are cut from the images as they are. Default: as they are.
   */
  encodedSize: z.int().min(1).optional(),
});

/** Diffusion features (DIFT): what the denoiser saw at one timestep. */
const dift = z.strictObject({
  kind: z.literal('dift'),
  /** Timestep as a fraction of the schedule, 0 … 1 (appendix A.1: 0.16). */
  timestep: z.number().min(0).max(1).default(0.16),
  /** Up-block whose output is the feature, 0 = coarsest (DIFT on Stable Diffusion: 1). */
  upBlock: z.int().min(0).default(1),
  /** Noise draws averaged (DIFT: 8). */
  ensemble: z.int().min(1).default(8),
  /** Cells along a side that an image's features are averaged to before they are kept; patches are means under them. */
  grid: z.int().min(1).default(6),
});

/** What patches are clustered by (Table 5): nothing, embeddings by CLIP's image encoder, or diffusion features. */
const features = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('clip') }),
  dift,
]);

/** Which patches of an image may be chosen. */
const candidates = z.object({
  /** Side of a patch in pixels, or 'image' for the largest square in the middle (low-resolution sets, section 4). */
  patchSize: z.union([z.int().min(1), z.literal('image')]).default(224),
  /** Best patches of an image that don't overlap, at most; one or two of 224 pixels fit an image of 256. */
  candidatesPerImage: z.int().min(1).default(5),
});

/** Which candidates of a class are chosen (stage II). */
const choice = z.object({
  /** Clusters per class, and how many of them are drawn from first (section 3.2: 32 and 10); 0 clusters = by score alone. */
  clusters: z.int().min(0).default(32),
  topClusters: z.int().min(1).default(10),
  imagesPerClass: z.int().min(1),
  /** Patches along a side of a distilled image. Default 2 up to IPC 10, else 1; 1 for patches of a whole image. */
  factor: z.int().min(1).optional(),
  clusteringSeed: z.int().default(10),
});

/** All that a table varies. Defaults: the paper's, for Stable Diffusion and a short edge of 256 pixels. */
export const diffusionDrivenSettings = z.strictObject({
  ...scoring.shape,
  features: features.default(dift.parse({ kind: 'dift' })),
  ...candidates.shape,
  ...choice.shape,
  /** Side of a distilled image, pixels. Default the dataset's. */
  size: z.int().min(1).optional(),
});

export type ScoreSettings = z.output<typeof scoring>;
export type DiftSettings = z.output<typeof dift>;
export type FeatureSettings = z.output<typeof features>;
export type CandidateSettings = z.output<typeof candidates>;
export type ChoiceSettings = z.output<typeof choice>;
/** Settings with every default filled in. */
export type DiffusionDrivenSettings = z.output<typeof diffusionDrivenSettings>;
/** Settings as they are given. */
export type DiffusionDrivenOptions = z.input<typeof diffusionDrivenSettings>;

/** What differs for the priors trained here: images of 64 pixels, three up-blocks, some hundred patches per class. */
export const smallPriorSettings = {
  draws: 48,
  features: { kind: 'dift', timestep: 0.16, upBlock: 0, ensemble: 4, grid: 8 },
  patchSize: 32,
  candidatesPerImage: 2,
  clusters: 16,
} as const satisfies Partial<DiffusionDrivenOptions>;
