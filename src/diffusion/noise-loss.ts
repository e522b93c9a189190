/**
 * How much the label helps the diffusion prior to predict the noise in an image: the loss without the label minus the
 * loss with it, at each latent position (paper 001, equation 6).
 */
import { breathe, gaussianNoise, type LongTask, type Precision, type Tensor, tf, withPrecision } from '../engine';
import type { LatentDiffusion } from './pipeline';
import { predictedNoise } from './prediction';
import type { NoiseDraw } from './timesteps';

/** Latents of several images, [count, height, width, channels] row-major, scaled for the denoiser. */
export interface Latents {
  values: Float32Array;
  shape: readonly [count: number, height: number, width: number, channels: number];
}

/** Whether all images share a draw's noise (common random numbers) or each image has its own. */
export type NoiseSharing = 'shared' | 'per image';

export interface DifferentialLossOptions extends LongTask {
  /** Timesteps and noise draws over which the loss is averaged. */
  draws: readonly NoiseDraw[];
  /** The prompt with the label and the one without (paper 001: 'An image of c' and 'An image of .'). */
  prompts: { label: string; null: string };
  /** Seed of the noise. */
  seed: number;
  /**
   * 'shared' (default): a draw adds the same noise to every image, so that scores of two images differ only because the
   * images do. 'per image': errors are independent, and a mean over many images averages them out.
   */
  noise?: NoiseSharing;
  /** Precision of the network's matrix products; losses are float32. @default 'float32' */
  precision?: Precision;
  /** (Image, draw) pairs per pass; each pair passes twice, once per prompt. Default: by the size of the latents. */
  batch?: number;
}

/** Latent positions per pass: 64 latents of 16 × 16, 16 of 32 × 32 or 4 of 64 × 64 take about the same memory. */
const POSITIONS_PER_PASS = 2 ** 14;

/** One value per latent position, averaged over channels and draws: [count, height, width], row-major. */
export interface LossMaps {
  values: Float32Array;
  shape: readonly [count: number, height: number, width: number];
}

/**
 * E[‖ε − ε_θ(z_t, t, null)‖² − ‖ε − ε_θ(z_t, t, c)‖²] per latent position of each image, averaged over the latent
 * channels and the draws. Both prompts see the same noise. ε_θ is the predicted noise, also if the prior predicts
 * something else (v-prediction). Higher is more typical of the class.
 * @param ids one identity per image (its content fingerprint), from which noise 'per image' is drawn
 * @throws naming the image, if a loss is not finite
 */
export async function differentialLosses(
  prior: LatentDiffusion,
  latents: Latents,
  ids: readonly string[],
  options: DifferentialLossOptions,
): Promise<LossMaps> {
  const { draws, prompts, seed, noise: sharing = 'shared', precision = 'float32', signal, onProgress } = options;
  const [count, height, width, channels] = latents.shape;
  const { batch = Math.max(1, Math.floor(POSITIONS_PER_PASS / (height * width))) } = options;
  if (ids.length !== count) throw new Error(`Expected one identity per image, got ${ids.length} for ${count} images.`);
  if (draws.length === 0) throw new Error('Expected at least one noise draw, got none.');
  const positions = height * width;
  const size = positions * channels;
  const sums = new Float64Array(count * positions);
  const noiseOf = drawnNoise({ seed, sharing, size });
  const total = count * draws.length;
  const text = prior.encodePrompts([prompts.label, prompts.null]);
  try {
    for (let start = 0; start < total; start += batch) {
      await breathe(signal);
      const pairs = Array.from({ length: Math.min(batch, total - start) }, (_, i) => {
        const pair = start + i;
        return { image: Math.floor(pair / draws.length), draw: draws[pair % draws.length]! };
      });
      const [clean, noise] = [new Float32Array(pairs.length * size), new Float32Array(pairs.length * size)];
      for (const [i, { image, draw }] of pairs.entries()) {
        clean.set(latents.values.subarray(image * size, (image + 1) * size), i * size);
        noise.set(noiseOf(draw, ids[image]!), i * size);
      }
      const at = Int32Array.from(pairs, ({ draw }) => draw.timestep);
      const difference = lossDifference(prior, {
        clean,
        noise,
        at,
        text,
        precision,
        shape: [pairs.length, height, width, channels],
      });
      const found = await difference.data<'float32'>();
      difference.dispose();
      for (const [i, { image, draw }] of pairs.entries()) {
        for (let k = 0; k < positions; k++) {
          const value = found[i * positions + k]!;
          if (!Number.isFinite(value)) throw notFinite(ids[image]!, draw.timestep, value);
          sums[image * positions + k]! += value;
        }
      }
      onProgress?.({ label: 'Noise losses', done: start + pairs.length, total });
    }
  } finally {
    text.dispose();
  }
  return { values: Float32Array.from(sums, (sum) => sum / draws.length), shape: [count, height, width] };
}

/** Loss without the label minus loss with it, for each (image, draw) pair: [pairs, height, width]. */
function lossDifference(
  prior: LatentDiffusion,
  pairs: {
    clean: Float32Array;
    noise: Float32Array;
    at: Int32Array;
    text: Tensor;
    precision: Precision;
    shape: [number, number, number, number];
  },
): Tensor {
  return tf.tidy(() => {
    const { at, shape, precision } = pairs;
    const epsilon = tf.tensor(pairs.noise, shape);
    const sample = prior.schedule.addNoise(tf.tensor(pairs.clean, shape), epsilon, at);
    const lossUnder = (prompt: number): Tensor =>
      tf.tidy(() => {
        const states = tf.slice(pairs.text, [prompt, 0, 0], [1, -1, -1]); // for all pairs
        const output = withPrecision(precision, () => prior.unet.forward(sample, at, states).sample);
        const predicted = predictedNoise(prior.schedule, { sample, output, timestep: at });
        return tf.mean(tf.squaredDifference(predicted, epsilon), 3);
      });
    return tf.sub(lossUnder(1), lossUnder(0));
  });
}

/** Noise of a draw: a function of the seed, the draw and, if it is not shared, the image. */
function drawnNoise({ seed, sharing, size }: { seed: number; sharing: NoiseSharing; size: number }) {
  const known = new Map<string, Float32Array>();
  return ({ index, timestep }: NoiseDraw, id: string): Float32Array => {
    if (sharing === 'per image') return gaussianNoise({ seed, item: `${id}/${index}`, timestep, size });
    const key = `${timestep}/${index}`;
    let noise = known.get(key);
    if (!noise) {
      noise = gaussianNoise({ seed, item: `draw/${index}`, timestep, size });
      known.set(key, noise);
    }
    return noise;
  };
}

const notFinite = (id: string, timestep: number, value: number): Error =>
  new Error(
    `Expected finite noise losses, got ${value} for image ${id} at timestep ${timestep}. The prior's weights overflow, or its scheduler's prediction_type is not what it was trained with.`,
  );
