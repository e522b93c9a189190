/** Training of the autoencoder, latent diffusion's first stage (Rombach et al. 2022), without a discriminator. */
import { type LongTask, RandomStream, type Tensor, tf } from '../../engine';
import { type AutoencoderKL, type TrainingReport, type TrainModuleOptions, trainModule } from '../../models';
import { drawIndices, type ImageStack, imageBatch } from './images';

export interface AutoencoderTraining
  extends LongTask,
    Pick<TrainModuleOptions, 'steps' | 'learningRate' | 'checkpoint' | 'precision'> {
  seed: number;
  batch: number;
  /** Weight of the mean KL term. Default: 1e-4, which only keeps the latents from drifting. */
  klWeight?: number;
  /** Side of the random crops that it trains on, pixels. Default: the image's height. */
  crop?: number;
  /** Mirrors each image with probability ½. Default: false. */
  mirror?: boolean;
}

/** Minimises |x − x̂| + (x − x̂)² + klWeight · KL(q(z|x) ‖ N(0, 1)); each term is a mean over its values. */
export async function trainAutoencoder(
  vae: AutoencoderKL,
  images: ImageStack,
  { seed, batch, klWeight = 1e-4, mirror = false, crop = images.height, ...options }: AutoencoderTraining,
): Promise<TrainingReport> {
  return trainModule(vae, {
    label: 'Autoencoder',
    clipNorm: 1,
    ...options,
    loss(step) {
      const stream = new RandomStream(seed, 'autoencoder', step);
      const whole = imageBatch(images, drawIndices(stream, images.count, batch), mirror ? stream : undefined);
      const [top, left] = [stream.integer(images.height - crop + 1), stream.integer(images.width - crop + 1)];
      const x = tf.slice(whole, [0, top, left, 0], [-1, crop, crop, -1]);
      const { mean, logVariance } = vae.encode(x);
      const noise = tf.tensor(stream.fillNormal(new Float32Array(mean.size)), mean.shape);
      const restored = vae.decode(tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), noise)));
      const difference = tf.sub(x, restored);
      const reconstruction = tf.add(tf.mean(tf.abs(difference)), tf.mean(tf.square(difference)));
      return tf.add(reconstruction, tf.mul(divergence(mean, logVariance), klWeight));
    },
  });
}

/** KL(N(mean, variance) ‖ N(0, 1)), mean over the values. */
function divergence(mean: Tensor, logVariance: Tensor): Tensor {
  const terms = tf.sub(tf.add(tf.square(mean), tf.exp(logVariance)), tf.add(logVariance, 1));
  return tf.mul(tf.mean(terms), 0.5);
}
