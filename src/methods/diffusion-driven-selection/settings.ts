/** The settings of diffusion-driven selection: the paper's values as defaults, those for the small priors beside them. */
import { z } from 'zod';
import { precisions } from '../../engine';

/** How each image is scored (stage I). */
const scoring = z.object({
  /** '{}' stands for the class name; the null prompt is the template with the label taken out (section 3.1). */
  prompt: z.string().default('An image of {}'),
  nullPrompt: z.string().default('An image of .'),
  /**
   * Timesteps as fractions of the schedule, 0 … 1; two equal fractions mean one timestep (Table 6: [0.1, 0.7] is best).
   */
  timestepRange: z.tuple([z.number(), z.number()]).readonly().default([0.1, 0.7]),
  /**
   * Noise draws per image, the same number for every range. Each of the range's n bands gets draws / n, so this must be
   * a multiple of n. The paper gives no number; the pipeline that it follows uses 100.
   */
  draws: z.int().min(1).default(96),
  /** Width of a band, as a fraction of the schedule. Losses are stored per band, so that ranges share them. */
  bandWidth: z.number().positive().max(1).default(0.2),
  /**
   * 'shared': a draw has the same timestep and noise for all images, so that scores differ only because of the images.
   * 'per image': each image has its own noise, so that errors of different images are independent.
   */
  noise: z.enum(['shared', 'per image']).default('shared'),
  /** The latent of an image: the mean of the autoencoder's posterior, or a draw from it by the noise seed. */
  latent: z.enum(['mean', 'sample']).default('mean'),
  noiseSeed: z.int().default(42),
  /** Precision of the denoiser's products when scoring; 'bfloat16' is faster where the processor has tiles for it. */
  precision: z.enum(precisions).default('float32'),
  /**
   * Short side to which images are resized for the prior, pixels: 256 for Stable Diffusion on CIFAR or TinyImageNet,
   * whose latents would be 4 × 4 and 8 × 8. Patches are cut from the original images. Default: not resized.
   */
  encodedSize: z.int().min(1).optional(),
});

/** Diffusion features (DIFT): activations of the denoiser at one timestep. */
const dift = z.strictObject({
  kind: z.literal('dift'),
  /** Timestep as a fraction of the schedule, 0 … 1 (appendix A.1: 0.16). */
  timestep: z.number().min(0).max(1).default(0.16),
  /** Up-block whose output is the feature, 0 = coarsest (DIFT on Stable Diffusion: 1). */
  upBlock: z.int().min(0).default(1),
  /** Noise draws averaged (DIFT: 8). */
  ensemble: z.int().min(1).default(8),
  /** Cells per side to which an image's features are averaged for storing; a patch's feature is a mean of cells. */
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
  /** Side of a patch in pixels, or 'image' for the largest centre square (low-resolution sets, section 4). */
  patchSize: z.union([z.int().min(1), z.literal('image')]).default(224),
  /** Most patches per image; they don't overlap. An image of short side 256 has room for one or two of 224 pixels. */
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

/** All settings that tables vary. Defaults: the paper's, for Stable Diffusion and a short side of 256 pixels. */
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
/** Settings as a caller gives them. */
export type DiffusionDrivenOptions = z.input<typeof diffusionDrivenSettings>;

/** Other defaults for the priors trained here: images of 64 pixels, three up-blocks, some hundred patches per class. */
export const smallPriorSettings = {
  draws: 48,
  features: { kind: 'dift', timestep: 0.16, upBlock: 0, ensemble: 4, grid: 8 },
  patchSize: 32,
  candidatesPerImage: 2,
  clusters: 16,
} as const satisfies Partial<DiffusionDrivenOptions>;
