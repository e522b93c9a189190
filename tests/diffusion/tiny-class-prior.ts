/** A class-conditional prior of a few thousand weights, for tests that need a whole one. Images 16×16, latents 4×4×4. */
import { ClassConditionalDiffusion, LEARNED_VARIANCE_SCHEDULE, NoiseSchedule } from '../../src/diffusion';
import { RandomStream } from '../../src/engine';
import { AutoencoderKL, DiT, type DiTConfig } from '../../src/models';

export const tinyClasses = ['red', 'green', 'blue, azure'];

/** Config of an autoencoder from images of 16×16 to latents of 4×4×4. */
export const tinyAutoencoder = {
  block_out_channels: [4, 4, 8],
  down_block_types: new Array<string>(3).fill('DownEncoderBlock2D'),
  up_block_types: new Array<string>(3).fill('UpDecoderBlock2D'),
  latent_channels: 4,
  norm_num_groups: 2,
  sample_size: 16,
};

export function tinyClassPrior({
  seed = 0,
  classes = tinyClasses,
  ...config
}: Partial<DiTConfig> & { seed?: number; classes?: readonly string[] } = {}): ClassConditionalDiffusion {
  const vae = new AutoencoderKL({ ...tinyAutoencoder, scaling_factor: 1.25 }, { seed });
  const transformer = new DiT(
    {
      num_attention_heads: 2,
      attention_head_dim: 4,
      num_layers: 2,
      sample_size: 4,
      num_embeds_ada_norm: classes.length,
      out_channels: 2 * (config.in_channels ?? 4),
      tie_embeddings: true,
      ...config,
    },
    { seed },
  );
  // adaLN-Zero's zeros would make every image noise.
  for (const [name, parameter] of transformer.parameters()) {
    const noise = new RandomStream(
      seed,
      transformer.config.tie_embeddings ? name.replace(/\.\d+(\.norm1\.emb)/, '.0$1') : name,
    ).fillNormal(new Float32Array(parameter.size));
    parameter.assign({ shape: parameter.shape, data: noise.map((value) => 0.2 * value) });
  }
  return new ClassConditionalDiffusion({
    transformer,
    vae,
    schedule: new NoiseSchedule(LEARNED_VARIANCE_SCHEDULE),
    classes,
  });
}
