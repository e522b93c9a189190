/** A prior of a few thousand weights, with every part, for tests that need a whole one. */
import { LatentDiffusion, NoiseSchedule } from '../../src/diffusion';
import {
  AutoencoderKL,
  ClipTextModel,
  ClipTokenizer,
  ClipVisionModel,
  trainBpe,
  UNet2DConditionModel,
} from '../../src/models';

const encoder = { hidden_size: 16, intermediate_size: 24, num_hidden_layers: 1, num_attention_heads: 2 };

/** Images 8×8, latents 4×4×2, prompts of 6 tokens. */
export function tinyPrior({
  seed = 0,
  projection = true,
  vision = true,
  classes,
}: {
  seed?: number;
  projection?: boolean;
  vision?: boolean;
  classes?: readonly string[];
} = {}): LatentDiffusion {
  const tokenizer = new ClipTokenizer({ ...trainBpe(['an image of a kettle', 'an image of .'], 530), maxLength: 6 });
  const vae = new AutoencoderKL(
    {
      block_out_channels: [4, 8],
      down_block_types: ['DownEncoderBlock2D', 'DownEncoderBlock2D'],
      up_block_types: ['UpDecoderBlock2D', 'UpDecoderBlock2D'],
      latent_channels: 2,
      norm_num_groups: 2,
      sample_size: 8,
      scaling_factor: 1.25,
    },
    { seed },
  );
  const unet = new UNet2DConditionModel(
    {
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
    { seed },
  );
  const text = new ClipTextModel(
    {
      ...encoder,
      projection_dim: 8,
      vocab_size: tokenizer.ids.size,
      max_position_embeddings: 6,
      bos_token_id: tokenizer.start,
      eos_token_id: tokenizer.end,
      pad_token_id: tokenizer.pad,
    },
    { seed, projection },
  );
  return new LatentDiffusion({
    vae,
    unet,
    text,
    tokenizer,
    schedule: new NoiseSchedule(),
    classes,
    vision: vision
      ? new ClipVisionModel({ ...encoder, projection_dim: 8, image_size: 8, patch_size: 4 }, { seed, projection })
      : undefined,
  });
}
