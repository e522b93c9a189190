/** Config files as they come: written by today's libraries, and Stable Diffusion v1.5's as published in 2022. */
import { describe, expect, it } from 'vitest';
import { NoiseSchedule } from '../../src/diffusion';
import { AutoencoderKL, ClipTextModel, ClipVisionModel, readJson, UNet2DConditionModel } from '../../src/models';
import { fixturePath } from './fixture';

const written = (name: string) => readJson(fixturePath(`configs/${name}.json`));

describe('config files that diffusers and transformers write', () => {
  it('are understood whole', () => {
    expect(new UNet2DConditionModel(written('unet')).config.cross_attention_dim).toBe(1280);
    expect(new AutoencoderKL(written('vae')).config.scaling_factor).toBe(0.18215);
    expect(new ClipTextModel(written('text')).config.vocab_size).toBe(49408);
    expect(new ClipVisionModel(written('vision')).config.patch_size).toBe(32);
  });

  it.each(['ddim', 'ddpm', 'pndm', 'euler', 'dpm'])('give a noise schedule, whatever the sampler: %s', (name) => {
    const schedule = new NoiseSchedule(written(name));
    expect(schedule.alphasCumprod[999]! / 4.035836e-5).toBeCloseTo(1, 4); // linear betas, all of them
    expect(schedule.config.clip_sample).toBe(name.startsWith('dd'));
  });
});

describe("Stable Diffusion v1.5's published configs", () => {
  it('are understood whole', () => {
    const unet = new UNet2DConditionModel({
      _class_name: 'UNet2DConditionModel',
      _diffusers_version: '0.6.0',
      act_fn: 'silu',
      attention_head_dim: 8,
      block_out_channels: [320, 640, 1280, 1280],
      center_input_sample: false,
      cross_attention_dim: 768,
      down_block_types: ['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'DownBlock2D'],
      downsample_padding: 1,
      flip_sin_to_cos: true,
      freq_shift: 0,
      in_channels: 4,
      layers_per_block: 2,
      mid_block_scale_factor: 1,
      norm_eps: 1e-5,
      norm_num_groups: 32,
      out_channels: 4,
      sample_size: 64,
      up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D'],
    });
    expect(unet.parameterCount).toBe(859_520_964);
    const vae = new AutoencoderKL({
      _class_name: 'AutoencoderKL',
      _diffusers_version: '0.6.0',
      act_fn: 'silu',
      block_out_channels: [128, 256, 512, 512],
      down_block_types: new Array<string>(4).fill('DownEncoderBlock2D'),
      in_channels: 3,
      latent_channels: 4,
      layers_per_block: 2,
      norm_num_groups: 32,
      out_channels: 3,
      sample_size: 512,
      up_block_types: new Array<string>(4).fill('UpDecoderBlock2D'),
    });
    expect(vae.downscale).toBe(8);
    const text = new ClipTextModel({
      _name_or_path: 'openai/clip-vit-large-patch14',
      architectures: ['CLIPTextModel'],
      attention_dropout: 0,
      bos_token_id: 0,
      dropout: 0,
      eos_token_id: 2,
      hidden_act: 'quick_gelu',
      hidden_size: 768,
      initializer_factor: 1,
      initializer_range: 0.02,
      intermediate_size: 3072,
      layer_norm_eps: 1e-5,
      max_position_embeddings: 77,
      model_type: 'clip_text_model',
      num_attention_heads: 12,
      num_hidden_layers: 12,
      pad_token_id: 1,
      projection_dim: 768,
      torch_dtype: 'float32',
      transformers_version: '4.22.0.dev0',
      vocab_size: 49408,
    });
    expect(text.text_projection).toBeUndefined();
    expect(text.parameterCount).toBe(123_060_480);
  });
});
