/** A recipe of a few thousand weights and steps, for tests that train a whole prior. */
import type { PriorRecipe } from '../../../src/diffusion';

const encoder = { hidden_size: 16, intermediate_size: 24, num_hidden_layers: 1, num_attention_heads: 2 };

/** Images of 8×8 pixels, latents 4×4×2. */
export const tinyRecipe: PriorRecipe = {
  name: 'tiny',
  seed: 0,
  mirror: true,
  prompt: 'An image of {}',
  nullPrompt: 'An image of .',
  promptLength: 6,
  vae: {
    block_out_channels: [4, 8],
    down_block_types: ['DownEncoderBlock2D', 'DownEncoderBlock2D'],
    up_block_types: ['UpDecoderBlock2D', 'UpDecoderBlock2D'],
    latent_channels: 2,
    norm_num_groups: 2,
    sample_size: 8,
    layers_per_block: 1,
  },
  unet: {
    in_channels: 2,
    out_channels: 2,
    sample_size: 4,
    block_out_channels: [4, 8],
    layers_per_block: 1,
    cross_attention_dim: 16,
    attention_head_dim: 2,
    norm_num_groups: 2,
    down_block_types: ['CrossAttnDownBlock2D', 'DownBlock2D'],
    up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D'],
  },
  text: { ...encoder, projection_dim: 8 },
  vision: { ...encoder, projection_dim: 8, image_size: 8, patch_size: 4 },
  training: {
    autoencoder: { steps: 4, batch: 2, learningRate: 1e-3, crop: 8 },
    clip: { steps: 4, batch: 4, learningRate: 1e-3 },
    denoiser: { steps: 6, batch: 4, learningRate: 1e-3, emaDecay: 0.5 },
  },
};
