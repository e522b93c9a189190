/** A class-conditional latent diffusion prior (DiT), loaded from a folder in the diffusers layout. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type LongTask, type Precision, type Tensor, tf } from '../engine';
import {
  AutoencoderKL,
  DiT,
  embeddingsAgree,
  hasOriginalNames,
  inPrecision,
  loadGradually,
  openWeights,
  originalDiT,
  readJson,
  saveModel,
  type TensorSource,
  type WriteOptions,
  writeJson,
} from '../models';
import { loadAutoencoder } from './load-autoencoder';
import { UnknownClassError } from './known-classes';
import { type SampleOptions, sample } from './sample';
import { NoiseSchedule, type ScheduleConfig } from './schedules';

export interface ClassConditionalParts {
  transformer: DiT;
  vae: AutoencoderKL;
  schedule: NoiseSchedule;
  /** Class names in the transformer's order. A class may have several names, separated by commas, as in ImageNet. */
  classes: readonly string[];
}

/** Options of sampling: see SampleOptions. The default guidance is DiT's, 4. */
export interface ClassSampleOptions
  extends Omit<SampleOptions, 'denoiser' | 'schedule' | 'condition' | 'nullCondition' | 'size'> {
  /** The index of each item's class in the prior. */
  classes: readonly number[];
  /** Precision of the transformer's products. @default 'float32' */
  precision?: Precision;
}

/** A DiT prior: the embedded one, or DiT-XL/2. */
export class ClassConditionalDiffusion {
  readonly transformer: DiT;
  readonly vae: AutoencoderKL;
  readonly schedule: NoiseSchedule;
  readonly classes: readonly string[];

  /** @throws when the parts do not fit each other */
  constructor({ transformer, vae, schedule, classes }: ClassConditionalParts) {
    this.transformer = transformer;
    this.vae = vae;
    this.schedule = schedule;
    this.classes = classes;
    const [channels, latents] = [transformer.config.in_channels, vae.config.latent_channels];
    if (channels !== latents) {
      throw new Error(
        `Expected parts of one prior: the DiT takes ${channels} channels, the autoencoder makes ${latents}.`,
      );
    }
    if (classes.length !== transformer.nullClass) {
      throw new Error(`Expected a name for each of the DiT's ${transformer.nullClass} classes, got ${classes.length}.`);
    }
  }

  /**
   * Reads a folder with model_index.json (which names the classes), transformer/, vae/ and scheduler/. Weights load
   * strictly. If all blocks have the same embeddings in the file, as in the published DiT, they share one here.
   */
  static async load(folder: string, { signal, onProgress }: LongTask = {}): Promise<ClassConditionalDiffusion> {
    const index = readJson(join(folder, 'model_index.json'));
    if (!('transformer' in index)) {
      throw new Error(
        `Expected '${folder}' to hold a DiT prior, got a ${index._class_name}: open it with LatentDiffusion.load.`,
      );
    }
    const at = (part: string): string => join(folder, part);
    const config = (part: string) => readJson(join(at(part), 'config.json'));
    const weights = {
      transformer: openWeights(at('transformer'), 'diffusion_pytorch_model'),
      vae: openWeights(at('vae'), 'diffusion_pytorch_model'),
    };
    const tied = { tie_embeddings: embeddingsAgree(weights.transformer) };
    const transformer = new DiT({ ...tied, ...config('transformer') });
    const vae = new AutoencoderKL(config('vae'));
    const total = Object.values(weights).reduce((sum, source) => sum + [...source.keys()].length, 0);
    let done = 0;
    try {
      for (const [detail, model] of Object.entries({ transformer, vae })) {
        const onLoaded = (tensors: number): void => {
          done += tensors;
          onProgress?.({ label: 'Loading the prior', done, total, detail });
        };
        await loadGradually(model, weights[detail as keyof typeof weights], { signal, onLoaded });
      }
      const schedule = scheduleOf(transformer, readJson(join(at('scheduler'), 'scheduler_config.json')));
      return new ClassConditionalDiffusion({ transformer, vae, schedule, classes: classNames(index, transformer) });
    } catch (error) {
      for (const model of [transformer, vae]) model.dispose();
      throw error;
    }
  }

  /**
   * DiT-XL/2 from its authors' file (new TorchFile('DiT-XL-2-256x256.pt'), or Minimax's with `at: 'ema'`), with an
   * autoencoder in the diffusers layout (stabilityai/sd-vae-ft-mse).
   * @param classes ImageNet's 1000 names, in order
   */
  static async fromOriginal(
    source: TensorSource,
    { vae: folder, classes, signal }: { vae: string; classes: readonly string[] } & LongTask,
  ): Promise<ClassConditionalDiffusion> {
    if (!hasOriginalNames(source))
      throw new Error("Expected a checkpoint of the original DiT ('x_embedder.proj.weight'…).");
    const positions = source.get('pos_embed')?.shape[1] ?? 256;
    const transformer = new DiT(
      originalDiT('XL', { patchSize: 2, sampleSize: 2 * Math.sqrt(positions), classes: classes.length }),
    );
    let vae: AutoencoderKL | undefined;
    try {
      await loadGradually(transformer, transformer.weightsFrom(source), { signal });
      vae = await loadAutoencoder(folder, { signal });
      return new ClassConditionalDiffusion({
        transformer,
        vae,
        schedule: scheduleOf(transformer, DIT_SCHEDULER),
        classes,
      });
    } catch (error) {
      for (const model of [transformer, vae]) model?.dispose();
      throw error;
    }
  }

  /**
   * Writes the folder that load reads. Python's diffusers opens it too, but its DiTPipeline assumes that the null class
   * is 1000, so guidance works there only for priors of 1000 classes.
   */
  async save(folder: string, { dtype = 'float32' }: Pick<WriteOptions, 'dtype'> = {}): Promise<void> {
    const { transformer, vae, schedule, classes } = this;
    const options = { name: 'diffusion_pytorch_model', dtype } as const;
    mkdirSync(join(folder, 'scheduler'), { recursive: true });
    // These two keys are ours. diffusers doesn't know them, so they are written only when they differ from its
    // behaviour.
    const { tie_embeddings: tied, freq_shift: shift, ...known } = transformer.config;
    const ours = { ...(tied ? { tie_embeddings: tied } : {}), ...(shift === 1 ? {} : { freq_shift: shift }) };
    const config = { _class_name: 'DiTTransformer2DModel', ...FIXED, ...known, ...ours };
    await saveModel(join(folder, 'transformer'), transformer, config, options);
    await saveModel(join(folder, 'vae'), vae, { _class_name: 'AutoencoderKL', ...vae.config }, options);
    const { variance_type: _, ...steps } = schedule.config;
    writeJson(join(folder, 'scheduler', 'scheduler_config.json'), { _class_name: 'DDIMScheduler', ...steps });
    writeJson(join(folder, 'model_index.json'), {
      _class_name: 'DiTPipeline',
      id2label: Object.fromEntries(classes.map((name, i) => [String(i), name])),
      scheduler: ['diffusers', 'DDIMScheduler'],
      transformer: ['diffusers', 'DiTTransformer2DModel'],
      vae: ['diffusers', 'AutoencoderKL'],
    });
  }

  /** The indices of classes, each given by its full name or one of its names. @throws {UnknownClassError} */
  classesOf(names: readonly string[]): number[] {
    const numbers = new Map<string, number>();
    for (const [i, name] of this.classes.entries()) {
      for (const one of [name, ...name.split(',')]) if (!numbers.has(one.trim())) numbers.set(one.trim(), i);
    }
    const unknown = names.filter((name) => !numbers.has(name));
    if (unknown.length > 0) throw new UnknownClassError(unknown, this.classes);
    return names.map((name) => numbers.get(name)!);
  }

  /** Scaled latents [N,H,W,C], one item per entry of `classes`; an item is the same in any batch. */
  async sample({ classes, guidance = 4, precision = 'float32', ...options }: ClassSampleOptions): Promise<Tensor> {
    const { transformer, schedule } = this;
    const { sample_size: side } = transformer.config;
    const [condition, nullCondition] = [classes, [transformer.nullClass]].map((numbers) =>
      tf.tensor1d([...numbers], 'int32'),
    );
    try {
      const [denoiser, size] = [inPrecision(transformer, precision), [side, side] as const];
      return await sample({ denoiser, schedule, condition: condition!, nullCondition, size, guidance, ...options });
    } finally {
      tf.dispose([condition!, nullCondition!]);
    }
  }

  /** Scaled latents [N,H,W,C] → images [N,H,W,3], clipped to -1 … 1. */
  decodeLatents(latents: Tensor): Tensor {
    return tf.tidy(() => tf.clipByValue(this.vae.decode(this.vae.unscale(latents)), -1, 1));
  }

  /** Side of the images, pixels. */
  get imageSize(): number {
    return this.transformer.config.sample_size * this.vae.downscale;
  }

  /** The same prior with a copy of the transformer, for fine-tuning; the autoencoder is shared. */
  async withOwnTransformer(): Promise<ClassConditionalDiffusion> {
    const state = await this.transformer.stateDict();
    const transformer = new DiT(this.transformer.config as unknown as Record<string, unknown>);
    transformer.load({ keys: () => state.keys(), get: (name) => state.get(name) });
    return new ClassConditionalDiffusion({ ...this.parts, transformer });
  }

  /** Number of values in all parts. */
  get parameterCount(): number {
    return this.transformer.parameterCount + this.vae.parameterCount;
  }

  /** Frees the weights of all parts. */
  dispose(): void {
    for (const part of [this.transformer, this.vae]) part.dispose();
  }

  private get parts(): ClassConditionalParts {
    const { transformer, vae, schedule, classes } = this;
    return { transformer, vae, schedule, classes };
  }
}

/** Settings that every DiT has; diffusers expects them in config.json. */
const FIXED = { activation_fn: 'gelu-approximate', norm_type: 'ada_norm_zero', norm_elementwise_affine: false };

/** The published DiT's scheduler_config.json. */
const DIT_SCHEDULER = { _class_name: 'DDIMScheduler', beta_schedule: 'linear', clip_sample: false } as const;

/** A DiT with twice the channels out has learned the variance, whatever its scheduler's config says (often DDIM's). */
function scheduleOf(transformer: DiT, config: object): NoiseSchedule {
  const learns = transformer.outChannels === 2 * transformer.config.in_channels;
  const variance: Partial<ScheduleConfig> = learns ? { variance_type: 'learned_range' } : {};
  return new NoiseSchedule({ ...config, ...variance });
}

function classNames(index: Readonly<Record<string, unknown>>, transformer: DiT): string[] {
  const names = index.id2label as Record<string, string> | undefined;
  return Array.from({ length: transformer.nullClass }, (_, i) => names?.[String(i)] ?? `class ${i}`);
}
