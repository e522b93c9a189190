/** Recipes of the small priors: configs in the diffusers format, and training settings of each part. */

/** Training settings of one part. */
export interface Training {
  steps: number;
  batch: number;
  /** Peak learning rate, reached after a short warm-up; then it falls to zero along a cosine. */
  learningRate: number;
}

/** The trained parts, in the order of training. */
export type PriorPart = 'autoencoder' | 'clip' | 'denoiser';

export interface PriorRecipe {
  name: string;
  seed: number;
  /** Mirrored copies count as new images: not for digits or text. */
  mirror: boolean;
  /** '{}' stands for the class name; the null prompt is the template without it. */
  prompt: string;
  nullPrompt: string;
  /** Tokens per prompt, start and end included; raised if a class name needs more. */
  promptLength: number;
  vae: Record<string, unknown>;
  unet: Record<string, unknown>;
  text: Record<string, unknown>;
  vision: Record<string, unknown>;
  training: { autoencoder: Training & { crop: number }; clip: Training; denoiser: Training & { emaDecay: number } };
}

const unet = {
  in_channels: 4,
  out_channels: 4,
  sample_size: 16,
  block_out_channels: [48, 96, 96],
  layers_per_block: 1,
  down_block_types: ['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'DownBlock2D'],
  up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D'],
  cross_attention_dim: 64,
  attention_head_dim: 4,
  norm_num_groups: 16,
};

const text = {
  hidden_size: 64,
  intermediate_size: 256,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  projection_dim: 64,
  hidden_act: 'quick_gelu',
};

const vision = {
  hidden_size: 96,
  intermediate_size: 384,
  num_hidden_layers: 4,
  num_attention_heads: 4,
  projection_dim: 64,
  hidden_act: 'quick_gelu',
};

const common = {
  seed: 0,
  prompt: 'An image of {}',
  nullPrompt: 'An image of .',
  promptLength: 16,
  unet,
  text,
};

/** Image sizes with a recipe: the side, pixels. */
export const priorSizes = [32, 64] as const;
export type PriorSize = (typeof priorSizes)[number];

export interface PriorRecipeOptions {
  name: string;
  /** Side of the images, pixels. The latents' side is a quarter of it: 8×8×4 or 16×16×4. */
  size: PriorSize;
  /** Mirrored copies count as new images: not for digits or text. Default: true. */
  mirror?: boolean;
  /** Seed of the initial weights and of every draw. Default: 0. */
  seed?: number;
}

/** A class-conditional prior of about 4.8 million parameters, small enough for two cores. */
export function priorRecipe({ name, size, mirror = true, seed = 0 }: PriorRecipeOptions): PriorRecipe {
  const small = size === 32;
  return {
    ...common,
    seed,
    name,
    mirror,
    vae: smallAutoencoder(size, [32, 64, 64]),
    unet: { ...unet, sample_size: size / 4 },
    vision: { ...vision, image_size: size, patch_size: size / 8 },
    training: {
      // Crops of 32 pixels suffice, as the autoencoder is convolutional.
      autoencoder: { steps: small ? 1200 : 1800, batch: small ? 32 : 16, learningRate: 1e-3, crop: 32 },
      clip: { steps: 1500, batch: 64, learningRate: small ? 5e-4 : 1e-3 },
      denoiser: { steps: 4000, batch: small ? 64 : 32, learningRate: 8e-4, emaDecay: 0.999 },
    },
  };
}

/** The embedded world's 64×64 still lifes. */
export const stillLifePrior: PriorRecipe = priorRecipe({ name: 'still-life', size: 64 });

/** CIFAR-10's 32×32 photos, compressed by the same factor as the still lifes. */
export const cifar10Prior: PriorRecipe = priorRecipe({ name: 'cifar10', size: 32 });

/** An autoencoder's config: latents of four channels, whose side is the image's halved once per further entry of `channels`. */
export function smallAutoencoder(imageSize: number, channels: number[]): Record<string, unknown> {
  return {
    in_channels: 3,
    out_channels: 3,
    latent_channels: 4,
    sample_size: imageSize,
    block_out_channels: channels,
    layers_per_block: 1,
    down_block_types: channels.map(() => 'DownEncoderBlock2D'),
    up_block_types: channels.map(() => 'UpDecoderBlock2D'),
    norm_num_groups: 16,
    mid_block_add_attention: false,
  };
}
