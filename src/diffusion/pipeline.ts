/** A text-conditional latent diffusion prior (Rombach et al. 2022), loaded from a folder in the diffusers layout. */
import { existsSync, mkdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { type LongTask, type Tensor, tf } from '../engine';
import {
  AutoencoderKL,
  ClipTextModel,
  ClipTokenizer,
  ClipVisionModel,
  loadGradually,
  openWeights,
  readJson,
  saveModel,
  type TensorSource,
  UNet2DConditionModel,
  type WriteOptions,
  writeJson,
} from '../models';
import { type ImageNormalisation, normaliseForClip, OPENAI_NORMALISATION, SIGNED_NORMALISATION } from './clip-images';
import { readKnownClasses, requireKnownClasses, writeKnownClasses } from './known-classes';
import { NoiseSchedule } from './schedules';

export interface LatentDiffusionParts {
  unet: UNet2DConditionModel;
  vae: AutoencoderKL;
  text: ClipTextModel;
  tokenizer: ClipTokenizer;
  schedule: NoiseSchedule;
  /** CLIP's image encoder, for the ablations that use its features. */
  vision?: ClipVisionModel | undefined;
  /** How images are normalised for `vision`. Default: to -1 … 1. */
  visionNormalisation?: ImageNormalisation | undefined;
  /** Names of the classes that it was trained on, in label order. Default: an open vocabulary (Stable Diffusion). */
  classes?: readonly string[] | undefined;
  /** Its name in the settings of distilled sets and results. Default: 'prior'; `load` takes the folder's name. */
  name?: string | undefined;
}

/** A text-conditional latent diffusion model: an embedded prior, or Stable Diffusion. */
export class LatentDiffusion {
  readonly unet: UNet2DConditionModel;
  readonly vae: AutoencoderKL;
  readonly text: ClipTextModel;
  readonly tokenizer: ClipTokenizer;
  readonly schedule: NoiseSchedule;
  readonly vision: ClipVisionModel | undefined;
  readonly visionNormalisation: ImageNormalisation;
  /** The classes that it knows; undefined if its vocabulary is open. */
  readonly classes: readonly string[] | undefined;
  /** Its name in the settings of distilled sets and results. */
  readonly name: string;

  /** @throws when the parts do not fit each other */
  constructor(parts: LatentDiffusionParts) {
    this.unet = parts.unet;
    this.vae = parts.vae;
    this.text = parts.text;
    this.tokenizer = parts.tokenizer;
    this.schedule = parts.schedule;
    this.vision = parts.vision;
    this.visionNormalisation = parts.visionNormalisation ?? SIGNED_NORMALISATION;
    this.classes = parts.classes;
    this.name = parts.name ?? 'prior';
    this.checkFit();
  }

  /**
   * Reads a folder with model_index.json, unet/, vae/, text_encoder/, tokenizer/, scheduler/, and optionally
   * image_encoder/ and classes.json. Weights load strictly: a missing or unexpected name is an error.
   */
  static async load(folder: string, { signal, onProgress }: LongTask = {}): Promise<LatentDiffusion> {
    const index = readJson(join(folder, 'model_index.json'));
    if (!('unet' in index)) {
      throw new Error(
        `Expected '${folder}' to hold a text-conditional prior, got a ${index._class_name}: open a DiT with ClassConditionalDiffusion.load.`,
      );
    }
    const classes = readKnownClasses(folder);
    const at = (part: string): string => join(folder, part);
    const weights = {
      unet: openWeights(at('unet'), 'diffusion_pytorch_model'),
      vae: openWeights(at('vae'), 'diffusion_pytorch_model'),
      text: openWeights(at('text_encoder'), 'model'),
      vision: isPresent(index.image_encoder) ? openWeights(at('image_encoder'), 'model') : undefined,
    };
    const has = (source: TensorSource, name: string): boolean => new Set(source.keys()).has(name);
    const unet = new UNet2DConditionModel(config(at('unet')));
    const vae = new AutoencoderKL(config(at('vae')));
    const text = new ClipTextModel(config(at('text_encoder')), {
      projection: has(weights.text, 'text_projection.weight'),
    });
    const vision =
      weights.vision &&
      new ClipVisionModel(config(at('image_encoder')), {
        projection: has(weights.vision, 'visual_projection.weight'),
      });

    const total = Object.values(weights).reduce((sum, source) => sum + (source ? [...source.keys()].length : 0), 0);
    let done = 0;
    try {
      for (const [detail, model] of Object.entries({ unet, vae, text, vision })) {
        if (!model) continue;
        const onLoaded = (tensors: number): void => {
          done += tensors;
          onProgress?.({ label: 'Loading the prior', done, total, detail });
        };
        await loadGradually(model, weights[detail as keyof typeof weights]!, { signal, onLoaded });
      }
      return new LatentDiffusion({
        unet,
        vae,
        text,
        vision,
        visionNormalisation: readNormalisation(folder),
        tokenizer: ClipTokenizer.load(at('tokenizer')),
        schedule: new NoiseSchedule(readJson(join(at('scheduler'), 'scheduler_config.json'))),
        classes,
        name: basename(resolve(folder)),
      });
    } catch (error) {
      for (const model of [unet, vae, text, vision]) model?.dispose();
      throw error;
    }
  }

  /** Writes a folder that `load` and Python's diffusers read. */
  async save(folder: string, { dtype = 'float32' }: Pick<WriteOptions, 'dtype'> = {}): Promise<void> {
    const { unet, vae, text, vision, tokenizer, schedule } = this;
    const diffusers = { name: 'diffusion_pytorch_model', dtype } as const;
    const transformers = { name: 'model', dtype } as const;
    mkdirSync(join(folder, 'scheduler'), { recursive: true });
    await saveModel(join(folder, 'unet'), unet, { _class_name: 'UNet2DConditionModel', ...unet.config }, diffusers);
    await saveModel(join(folder, 'vae'), vae, { _class_name: 'AutoencoderKL', ...vae.config }, diffusers);
    const textClass = text.text_projection ? 'CLIPTextModelWithProjection' : 'CLIPTextModel';
    const textConfig = { architectures: [textClass], model_type: 'clip_text_model', ...text.config };
    await saveModel(join(folder, 'text_encoder'), text, textConfig, transformers);
    tokenizer.save(join(folder, 'tokenizer'));
    const { variance_type: _, ...steps } = schedule.config;
    writeJson(join(folder, 'scheduler', 'scheduler_config.json'), { _class_name: 'DDIMScheduler', ...steps });
    if (vision) {
      const architectures = [vision.visual_projection ? 'CLIPVisionModelWithProjection' : 'CLIPVisionModel'];
      const visionConfig = { architectures, model_type: 'clip_vision_model', ...vision.config };
      await saveModel(join(folder, 'image_encoder'), vision, visionConfig, transformers);
      mkdirSync(join(folder, 'feature_extractor'), { recursive: true });
      writeJson(join(folder, 'feature_extractor', 'preprocessor_config.json'), this.preprocessorConfig(vision));
    }
    if (this.classes) writeKnownClasses(folder, this.classes);
    const absent = [null, null];
    writeJson(join(folder, 'model_index.json'), {
      _class_name: 'StableDiffusionPipeline',
      feature_extractor: vision ? ['transformers', 'CLIPImageProcessor'] : absent,
      image_encoder: vision ? ['transformers', 'CLIPVisionModelWithProjection'] : absent,
      requires_safety_checker: false,
      safety_checker: absent,
      scheduler: ['diffusers', 'DDIMScheduler'],
      // Named without the projection: a pipeline would take the projected embedding for the token states.
      text_encoder: ['transformers', 'CLIPTextModel'],
      tokenizer: ['transformers', 'CLIPTokenizer'],
      unet: ['diffusers', 'UNet2DConditionModel'],
      vae: ['diffusers', 'AutoencoderKL'],
    });
  }

  /** @throws {UnknownClassError} if its vocabulary is closed and lacks one of the classes */
  requireClasses(classes: readonly string[]): void {
    requireKnownClasses(this.classes, classes);
  }

  /** Token states of prompts [N,L,cross_attention_dim], L the tokenizer's length. */
  encodePrompts(prompts: readonly string[]): Tensor {
    if (prompts.length === 0) throw new Error('Expected at least one prompt, got none.');
    return tf.tidy(() => {
      const ids = prompts.map((prompt) => this.tokenizer.encode(prompt));
      return this.text.forward(tf.tensor2d(ids, [prompts.length, this.tokenizer.maxLength], 'int32')).lastHiddenState;
    });
  }

  /**
   * Images [N,H,W,3] in -1 … 1 → latents scaled for the denoiser [N,H/f,W/f,C].
   * @param noise standard normal of the latents' shape, for a draw from the posterior; without it, the posterior's mean
   */
  encodeImages(images: Tensor, { noise }: { noise?: Tensor } = {}): Tensor {
    return tf.tidy(() => {
      const posterior = this.vae.encode(images);
      return this.vae.scale(noise ? this.vae.sample(posterior, noise) : posterior.mean);
    });
  }

  /** Scaled latents [N,H,W,C] → images [N,H,W,3], clipped to -1 … 1. */
  decodeLatents(latents: Tensor): Tensor {
    return tf.tidy(() => tf.clipByValue(this.vae.decode(this.vae.unscale(latents)), -1, 1));
  }

  /**
   * CLIP's image embeddings [N,projection_dim] of images [N,H,W,3] in -1 … 1, which are resized for the encoder.
   * @throws if the prior has no image encoder
   */
  embedImages(images: Tensor): Tensor {
    const { vision } = this;
    if (!vision) throw new Error("Expected a prior with an image encoder ('image_encoder' folder), this one has none.");
    return tf.tidy(
      () => vision.forward(normaliseForClip(images, vision.config.image_size, this.visionNormalisation)).imageEmbeds,
    );
  }

  /** Number of values in all parts. */
  get parameterCount(): number {
    return [this.unet, this.vae, this.text, this.vision].reduce((sum, part) => sum + (part?.parameterCount ?? 0), 0);
  }

  /** Frees the weights of all parts. */
  dispose(): void {
    for (const part of [this.unet, this.vae, this.text, this.vision]) part?.dispose();
  }

  private preprocessorConfig(vision: ClipVisionModel): object {
    const { mean, deviation } = this.visionNormalisation;
    const side = vision.config.image_size;
    return {
      image_processor_type: 'CLIPImageProcessor',
      crop_size: { height: side, width: side },
      do_center_crop: true,
      do_convert_rgb: true,
      do_normalize: true,
      do_rescale: true,
      do_resize: true,
      image_mean: mean,
      image_std: deviation,
      resample: 3,
      rescale_factor: 1 / 255,
      size: { shortest_edge: side },
    };
  }

  private checkFit(): void {
    const { unet, vae, text, tokenizer } = this;
    const context = unet.config.cross_attention_dim;
    const wanted = typeof context === 'number' ? [context] : context;
    const { hidden_size: hidden, eos_token_id: end, vocab_size: words, max_position_embeddings: longest } = text.config;
    const problems = [
      unet.config.in_channels !== vae.config.latent_channels &&
        `the UNet takes ${unet.config.in_channels} channels, the autoencoder makes ${vae.config.latent_channels}`,
      wanted.some((size) => size !== hidden) &&
        `the UNet takes text states of ${wanted} channels, the text encoder makes ${hidden}`,
      tokenizer.size > words && `the tokenizer has ${tokenizer.size} tokens, the text encoder ${words}`,
      tokenizer.maxLength > longest &&
        `the tokenizer makes ${tokenizer.maxLength} tokens per prompt, the text encoder takes ${longest}`,
      end !== 2 && end !== tokenizer.end && `the tokenizer ends with ${tokenizer.end}, the text encoder expects ${end}`,
    ].filter((problem) => problem !== false);
    if (problems.length > 0) throw new Error(`Expected parts of one prior: ${problems.join('; ')}.`);
  }
}

const config = (folder: string): ReturnType<typeof readJson> => readJson(join(folder, 'config.json'));

/** Whether a prior's folder has CLIP's vision model. Stable Diffusion v1.5 was published without. */
export const hasImageEncoder = (folder: string): boolean =>
  isPresent(readJson(join(folder, 'model_index.json')).image_encoder);

/** model_index.json has [null, null] for an absent part. */
const isPresent = (entry: unknown): boolean => Array.isArray(entry) && entry[1] !== null;

function readNormalisation(folder: string): ImageNormalisation {
  const path = join(folder, 'feature_extractor', 'preprocessor_config.json');
  if (!existsSync(path)) return OPENAI_NORMALISATION;
  const { image_mean: mean, image_std: deviation } = readJson(path);
  if (!Array.isArray(mean) || !Array.isArray(deviation)) {
    throw new Error(`Expected 'image_mean' and 'image_std' in '${path}'.`);
  }
  return { mean: mean as number[], deviation: deviation as number[] };
}
