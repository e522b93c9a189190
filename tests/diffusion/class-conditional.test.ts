import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ClassConditionalDiffusion, LatentDiffusion, NoiseSchedule, UnknownClassError } from '../../src/diffusion';
import { type Tensor, tf } from '../../src/engine';
import { type DiT, readJson, saveModel, writeJson } from '../../src/models';
import { temporaryFolder } from '../helpers/temporary';
import { tinyClasses, tinyClassPrior } from './tiny-class-prior';
import { tinyPrior } from './tiny-prior';

const folder = temporaryFolder();
const answer = ({ transformer }: { transformer: DiT }): Float32Array => {
  const x = tf.ones([2, 4, 4, 4]);
  return transformer.forward(x, 300, tf.tensor1d([1, 3], 'int32') as Tensor).sample.dataSync<'float32'>();
};

describe('ClassConditionalDiffusion', () => {
  it('is the same after saving and loading, with one shared embedding', async () => {
    const prior = tinyClassPrior();
    const saved = join(folder, 'saved');
    await prior.save(saved);
    const loaded = await ClassConditionalDiffusion.load(saved);
    expect(answer(loaded)).toEqual(answer(prior));
    expect(loaded.transformer.config).toEqual(prior.transformer.config);
    expect(loaded.schedule.config).toEqual(prior.schedule.config);
    expect(loaded.classes).toEqual(tinyClasses);
    expect(loaded.imageSize).toBe(16);
    const images = tf.ones([1, 16, 16, 3]);
    expect(loaded.vae.encode(images).mean.dataSync()).toEqual(prior.vae.encode(images).mean.dataSync());
  });

  it("writes diffusers' layout, with keys that it knows", async () => {
    const saved = join(folder, 'layout');
    await tinyClassPrior({ tie_embeddings: false }).save(saved);
    expect(readJson(join(saved, 'model_index.json'))).toMatchObject({
      _class_name: 'DiTPipeline',
      id2label: { 0: 'red', 1: 'green', 2: 'blue, azure' },
      transformer: ['diffusers', 'DiTTransformer2DModel'],
    });
    const config = readJson(join(saved, 'transformer', 'config.json'));
    expect(config).toMatchObject({ _class_name: 'DiTTransformer2DModel', norm_type: 'ada_norm_zero', out_channels: 8 });
    expect(config).not.toHaveProperty('tie_embeddings');
    expect(config).not.toHaveProperty('freq_shift');
    expect((await ClassConditionalDiffusion.load(saved)).transformer.config.tie_embeddings).toBe(false);
  });

  it('has a learned variance if its channels say so, whatever the scheduler says', async () => {
    const prior = tinyClassPrior();
    const saved = join(folder, 'published');
    await prior.save(saved);
    writeJson(join(saved, 'scheduler', 'scheduler_config.json'), {
      _class_name: 'DDIMScheduler',
      _diffusers_version: '0.12.0.dev0',
      beta_end: 0.02,
      beta_schedule: 'linear',
      beta_start: 0.0001,
      clip_sample: false,
      num_train_timesteps: 1000,
      prediction_type: 'epsilon',
      set_alpha_to_one: true,
      steps_offset: 0,
      trained_betas: null,
    });
    expect((await ClassConditionalDiffusion.load(saved)).schedule.config.variance_type).toBe('learned_range');
  });

  it('draws the same latents for an item in any batch, and others for another seed', async () => {
    const prior = tinyClassPrior();
    const draw = async (seed: number, items: string[], classes: number[]): Promise<number[]> => {
      const latents = await prior.sample({ classes, noise: { seed, items }, steps: 3, sampler: 'ddpm' });
      return [...latents.dataSync()];
    };
    const both = await draw(1, ['a', 'b'], [0, 2]);
    const second = await draw(1, ['b'], [2]);
    for (const [i, value] of second.entries()) expect(value).toBeCloseTo(both[64 + i]!, 4);
    expect(await draw(2, ['b'], [2])).not.toEqual(second);
    expect(await draw(1, ['b'], [1])).not.toEqual(second);
  });

  it('leaks no tensor when sampling', async () => {
    const prior = tinyClassPrior();
    const draw = async (): Promise<void> => {
      const latents = await prior.sample({ classes: [0], noise: { seed: 1, items: ['a'] }, steps: 2 });
      tf.dispose([latents, prior.decodeLatents(latents)]);
    };
    await draw(); // constants are made once
    const before = tf.memory().numTensors;
    await draw();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('names the other kind of prior, in either direction', async () => {
    const [dit, text] = [join(folder, 'a DiT'), join(folder, 'a UNet')];
    await tinyClassPrior().save(dit);
    await expect(LatentDiffusion.load(dit)).rejects.toThrow('open a DiT with ClassConditionalDiffusion.load');
    await tinyPrior().save(text);
    await expect(ClassConditionalDiffusion.load(text)).rejects.toThrow('open it with LatentDiffusion.load');
  });

  it('finds classes by name, or by one of several names', () => {
    const prior = tinyClassPrior();
    expect(prior.classesOf(['azure', 'red', 'blue, azure', 'blue'])).toEqual([2, 0, 2, 2]);
    expect(() => prior.classesOf(['red', 'mauve'])).toThrow(UnknownClassError);
  });

  it('copies the transformer for fine-tuning', async () => {
    const prior = tinyClassPrior();
    const before = answer(prior);
    const copy = await prior.withOwnTransformer();
    expect(answer(copy)).toEqual(before);
    copy.transformer.proj_out_2.bias!.value.assign(tf.ones([32]) as never);
    expect(answer(copy)).not.toEqual(before);
    expect(answer(prior)).toEqual(before);
  });

  it("refuses what isn't the original checkpoint, whole", async () => {
    const absent = { keys: () => ['transformer_blocks.0.norm1.linear.weight'], get: () => undefined };
    const vae = join(folder, 'vae');
    const prior = tinyClassPrior();
    await saveModel(vae, prior.vae, prior.vae.config, { name: 'diffusion_pytorch_model' });
    const opened = ClassConditionalDiffusion.fromOriginal(absent, { vae, classes: tinyClasses });
    await expect(opened).rejects.toThrow('a checkpoint of the original DiT');
    const partial = { keys: () => ['x_embedder.proj.weight'], get: () => undefined };
    const incomplete = ClassConditionalDiffusion.fromOriginal(partial, { vae, classes: tinyClasses });
    await expect(incomplete).rejects.toThrow(/Expected weights for DiT \(\d+ tensors\). Missing/);
  });

  it('says what does not fit', () => {
    const { transformer, vae, schedule } = tinyClassPrior();
    const make = (classes: string[]) => new ClassConditionalDiffusion({ transformer, vae, schedule, classes });
    expect(() => make(['red'])).toThrow("a name for each of the DiT's 3 classes, got 1");
    expect(() => tinyClassPrior({ in_channels: 2 })).toThrow('the DiT takes 2 channels, the autoencoder makes 4');
  });

  it('takes a schedule as it is when the variance is not learned', async () => {
    const saved = join(folder, 'plain');
    await tinyClassPrior({ out_channels: 4 }).save(saved);
    const { schedule } = await ClassConditionalDiffusion.load(saved);
    expect(schedule.config.variance_type).toBe(new NoiseSchedule({}).config.variance_type);
  });
});
