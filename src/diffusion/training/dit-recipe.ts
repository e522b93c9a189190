/** Architecture and training settings of the small DiT prior. */
import type { Precision } from '../../engine';
import type { DiTConfig } from '../../models';
import type { AutoencoderTraining } from './autoencoder';
import { smallAutoencoder, type Training } from './recipes';

export interface DitRecipe {
  name: string;
  seed: number;
  /** Mirrored copies count as new images. */
  mirror: boolean;
  /** The autoencoder's config, in the diffusers format, and its training on the same images. */
  autoencoder: {
    config: Record<string, unknown>;
    training: Training & Pick<AutoencoderTraining, 'precision'>;
  };
  /** Settings of the transformer; the number of classes comes from the dataset. */
  transformer: Partial<Omit<DiTConfig, 'num_embeds_ada_norm'>>;
  training: Training & {
    emaDecay: number;
    /** Share of the batch that sees the null class. */
    classDropout: number;
    /** γ of Min-SNR, which weights the squared error by timestep. Default: all timesteps count the same. */
    minSnr?: number;
    /** Precision of the matrix products in training. @default 'float32' */
    precision?: Precision;
  };
}

/**
 * A DiT of 3.8 M parameters on 16×16×4 latents: 64 tokens of 160 channels. Like the published DiT, it learns the
 * variance and shares one embedding among its blocks. Its autoencoder has the size of the text-conditional prior's, but
 * sees whole images of the studio, and more of them: group normalisation over crops isn't the one over images, and what an
 * autoencoder blurs, no student of generated images can learn.
 */
export const stillLifeDit: DitRecipe = {
  name: 'still-life-dit',
  seed: 0,
  mirror: true,
  autoencoder: {
    config: smallAutoencoder(64, [32, 64, 64]),
    training: { steps: 10_000, batch: 8, learningRate: 1e-3, precision: 'bfloat16' },
  },
  transformer: {
    num_attention_heads: 5,
    attention_head_dim: 32,
    num_layers: 8,
    in_channels: 4,
    out_channels: 8,
    sample_size: 16,
    patch_size: 2,
    tie_embeddings: true,
  },
  training: {
    steps: 10_000,
    batch: 32,
    learningRate: 1e-3,
    emaDecay: 0.9995,
    classDropout: 0.1,
    minSnr: 5,
    precision: 'bfloat16',
  },
};
