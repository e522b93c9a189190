/** Architecture and training settings of the small DiT prior. */
import type { Precision } from '../../engine';
import type { DiTConfig } from '../../models';
import type { Training } from './recipes';

export interface DitRecipe {
  name: string;
  seed: number;
  /** Mirrored copies count as new images. */
  mirror: boolean;
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
 * variance and shares one embedding among its blocks. Its autoencoder is that of the text-conditional still-life prior.
 */
export const stillLifeDit: DitRecipe = {
  name: 'still-life-dit',
  seed: 0,
  mirror: true,
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
