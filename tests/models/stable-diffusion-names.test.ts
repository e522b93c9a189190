import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { AutoencoderKL, ClipTextModel, type Module, UNet2DConditionModel } from '../../src/models';
import { fixturePath } from './fixture';

type Shapes = Record<string, number[]>;
const published = JSON.parse(
  gunzipSync(readFileSync(fixturePath('stable-diffusion-v1-5-names.json.gz'))).toString(),
) as Record<'unet' | 'vae' | 'text_encoder', Shapes>;

const sorted = (shapes: Shapes): [string, number[]][] => Object.entries(shapes).sort(([a], [b]) => (a < b ? -1 : 1));

/** Names and shapes without values: nothing is allocated until weights are loaded. */
const shapesOf = (model: Module): Shapes =>
  Object.fromEntries([...model.parameters()].map(([name, parameter]) => [name, [...parameter.shape]]));

describe("Stable Diffusion v1.5's parameters", () => {
  it('have the same names and shapes in our UNet, 860 M values', () => {
    const unet = new UNet2DConditionModel({ cross_attention_dim: 768, sample_size: 64, attention_head_dim: 8 });
    expect(sorted(shapesOf(unet))).toEqual(sorted(published.unet));
    expect(unet.parameterCount).toBe(859_520_964);
  });

  it('have the same names and shapes in our autoencoder', () => {
    const vae = new AutoencoderKL({
      block_out_channels: [128, 256, 512, 512],
      down_block_types: new Array<string>(4).fill('DownEncoderBlock2D'),
      up_block_types: new Array<string>(4).fill('UpDecoderBlock2D'),
      layers_per_block: 2,
      sample_size: 512,
    });
    expect(sorted(shapesOf(vae))).toEqual(sorted(published.vae));
  });

  it('have the same names and shapes in our text encoder', () => {
    const text = new ClipTextModel({
      architectures: ['CLIPTextModel'],
      hidden_size: 768,
      intermediate_size: 3072,
      num_attention_heads: 12,
      projection_dim: 768,
      eos_token_id: 2,
    });
    expect(sorted(shapesOf(text))).toEqual(sorted(published.text_encoder));
  });
});
