import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LatentDiffusion, NoiseSchedule } from '../../src/diffusion';
import { type Progress, type Tensor, tf } from '../../src/engine';
import { SafetensorsFile, UNet2DConditionModel, writeSafetensors } from '../../src/models';
import { tinyPrior } from './tiny-prior';
import { temporaryFolder } from '../helpers/temporary';

const folder = temporaryFolder();

const images = tf.randomUniform([2, 8, 8, 3], -1, 1, 'float32', 5);
const prompts = ['An image of a kettle', 'An image of .'];

/** Everything a prior computes. */
function outputs(prior: LatentDiffusion): Record<string, Tensor> {
  const text = prior.encodePrompts(prompts);
  const latents = prior.encodeImages(images);
  return {
    text,
    latents,
    noise: prior.unet.forward(latents, 300, text).sample,
    decoded: prior.decodeLatents(latents),
    embeddings: prior.embedImages(images),
  };
}

const values = (tensors: Record<string, Tensor>): Record<string, number[]> =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, Array.from(tensor.dataSync())]));

describe('LatentDiffusion', () => {
  const prior = tinyPrior();

  it('computes the same after saving and loading', async () => {
    await prior.save(folder);
    const reports: Progress[] = [];
    const read = await LatentDiffusion.load(folder, { onProgress: (report) => reports.push(report) });
    expect([...new Set(reports.map(({ detail }) => detail))]).toEqual(['unet', 'vae', 'text', 'vision']);
    expect(reports.at(-1)).toMatchObject({ done: reports[0]!.total, total: reports[0]!.total });
    expect(values(outputs(read))).toEqual(values(outputs(prior)));
    for (const part of ['unet', 'vae', 'text', 'vision', 'schedule'] as const) {
      expect(read[part]!.config).toEqual(prior[part]!.config);
    }
    expect(read.tokenizer).toEqual(prior.tokenizer);
    expect(read.parameterCount).toBe(prior.parameterCount);
  });

  it('saves in half precision: half the size, the same to a thousandth', async () => {
    const half = join(folder, 'half');
    await prior.save(half, { dtype: 'float16' });
    const file = new SafetensorsFile(join(half, 'unet', 'diffusion_pytorch_model.safetensors'));
    expect(file.describe('conv_in.weight')?.dtype).toBe('F16');
    const [read, exact] = [outputs(await LatentDiffusion.load(half)), outputs(prior)];
    for (const [name, tensor] of Object.entries(exact)) {
      const difference = tf.div(tf.max(tf.abs(tf.sub(read[name]!, tensor))), tf.max(tf.abs(tensor))).dataSync()[0];
      expect(difference, name).toBeLessThan(5e-3);
    }
  });

  it('has the documented shapes', () => {
    const shapes = Object.fromEntries(Object.entries(outputs(prior)).map(([name, tensor]) => [name, tensor.shape]));
    expect(shapes).toEqual({
      text: [2, 6, 16],
      latents: [2, 4, 4, 2],
      noise: [2, 4, 4, 2],
      decoded: [2, 8, 8, 3],
      embeddings: [2, 8],
    });
  });

  it('encodes to the scaled posterior mean, or to a draw when it is given noise', () => {
    const { mean, logVariance } = prior.vae.encode(images);
    const noise = tf.randomNormal(mean.shape, 0, 1, 'float32', 9);
    const draw = tf.mul(tf.add(mean, tf.mul(noise, tf.exp(tf.div(logVariance, 2)))), 1.25);
    expect(tf.max(tf.abs(tf.sub(prior.encodeImages(images), tf.mul(mean, 1.25)))).dataSync()[0]).toBeLessThan(1e-6);
    expect(tf.max(tf.abs(tf.sub(prior.encodeImages(images, { noise }), draw))).dataSync()[0]).toBeLessThan(1e-5);
  });

  it('leaks no tensor beyond its results', () => {
    const before = tf.memory().numTensors;
    tf.dispose(outputs(prior));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('names weights that are missing or unexpected', async () => {
    const damaged = join(folder, 'damaged');
    cpSync(join(folder, 'half'), damaged, { recursive: true });
    const path = join(damaged, 'vae', 'diffusion_pytorch_model.safetensors');
    const file = new SafetensorsFile(path);
    const tensors = new Map([...file.keys()].map((name) => [name, file.get(name)!]));
    tensors.set('decoder.horn.weight', tensors.get('decoder.conv_in.bias')!);
    tensors.delete('decoder.conv_in.bias');
    writeSafetensors(path, tensors);
    await expect(LatentDiffusion.load(damaged)).rejects.toThrow(
      "Missing: 1 ('decoder.conv_in.bias'). Unexpected: 1 ('decoder.horn.weight')",
    );
  });

  it('says which file or part is missing', async () => {
    const incomplete = join(folder, 'incomplete');
    cpSync(join(folder, 'half'), incomplete, { recursive: true });
    rmSync(join(incomplete, 'unet', 'diffusion_pytorch_model.safetensors'));
    await expect(LatentDiffusion.load(incomplete)).rejects.toThrow('one of diffusion_pytorch_model.safetensors');
    await expect(LatentDiffusion.load(join(folder, 'nowhere'))).rejects.toThrow('model_index.json');
    cpSync(join(folder, 'half', 'unet'), join(incomplete, 'unet'), { recursive: true });
    writeFileSync(join(incomplete, 'unet', 'config.json'), '{');
    await expect(LatentDiffusion.load(incomplete)).rejects.toThrow(/Expected a JSON file at '.*config.json'/);
    expect(() => tinyPrior({ vision: false }).embedImages(images)).toThrow('Expected a prior with an image encoder');
  });

  it('finds weights in shards and in the half-precision variant', async () => {
    const sharded = join(folder, 'sharded');
    cpSync(join(folder, 'half'), sharded, { recursive: true });
    const unet = join(sharded, 'unet', 'diffusion_pytorch_model');
    const file = new SafetensorsFile(`${unet}.safetensors`);
    const names = [...file.keys()];
    const map: Record<string, string> = {};
    for (const shard of [0, 1]) {
      const mine = names.filter((_, i) => i % 2 === shard);
      for (const name of mine) map[name] = `diffusion_pytorch_model-${shard}.safetensors`;
      writeSafetensors(`${unet}-${shard}.safetensors`, new Map(mine.map((name) => [name, file.get(name)!])));
    }
    writeFileSync(`${unet}.safetensors.index.json`, JSON.stringify({ weight_map: map }));
    rmSync(`${unet}.safetensors`);
    const text = join(sharded, 'text_encoder', 'model');
    cpSync(`${text}.safetensors`, `${text}.fp16.safetensors`);
    rmSync(`${text}.safetensors`);
    const [read, half] = [await LatentDiffusion.load(sharded), await LatentDiffusion.load(join(folder, 'half'))];
    expect(values(outputs(read))).toEqual(values(outputs(half)));
  });

  it('stops when told to, in the middle of a part', async () => {
    const controller = new AbortController();
    const stopped = LatentDiffusion.load(folder, { signal: controller.signal, onProgress: () => controller.abort() });
    const before = tf.memory().numTensors;
    await expect(stopped).rejects.toThrow(/abort/i);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses parts that do not fit each other', () => {
    const { vae, text, tokenizer, schedule } = prior;
    const unet = new UNet2DConditionModel({ in_channels: 3, cross_attention_dim: 24 });
    expect(() => new LatentDiffusion({ unet, vae, text, tokenizer, schedule })).toThrow(
      'the UNet takes 3 channels, the autoencoder makes 2; the UNet takes text states of 24 channels',
    );
  });

  it('writes a schedule that diffusers reads as DDIM', async () => {
    const saved = JSON.parse(readFileSync(join(folder, 'scheduler', 'scheduler_config.json'), 'utf8'));
    expect(saved).toMatchObject({ _class_name: 'DDIMScheduler', beta_schedule: 'scaled_linear', clip_sample: false });
    expect(new NoiseSchedule(saved).alphasCumprod).toEqual(prior.schedule.alphasCumprod);
  });
});
