/** Training of a small pair of CLIP encoders on class captions. The text encoder then conditions the denoiser. */
import { type LongTask, RandomStream, softmaxCrossEntropy, type Tensor, tf } from '../../engine';
import {
  type ClipTextModel,
  type ClipVisionModel,
  Module,
  Parameter,
  type TrainingReport,
  type TrainModuleOptions,
  trainModule,
} from '../../models';
import { drawIndices, type ImageStack, imageBatch } from './images';

export interface ClipTraining extends LongTask, Pick<TrainModuleOptions, 'steps' | 'learningRate' | 'checkpoint'> {
  seed: number;
  batch: number;
  /** Token ids of each class's caption, [classes][tokens]. */
  captions: readonly (readonly number[])[];
  /** Mirrors each image with probability ½. Default: false. */
  mirror?: boolean;
}

/** The two encoders and CLIP's learned temperature, as one module to train. */
export class ClipPair extends Module {
  readonly logit_scale = new Parameter([], {
    fill: (values) => {
      values[0] = Math.log(1 / 0.07);
    },
  });
  constructor(
    readonly text: ClipTextModel,
    readonly vision: ClipVisionModel,
  ) {
    super();
  }

  /** Cosine similarity of every image with every caption, times the temperature: [images, captions]. */
  logits(images: Tensor, captions: Tensor): Tensor {
    const scale = tf.exp(tf.minimum(this.logit_scale.value, Math.log(100)));
    const [image, text] = [this.vision.forward(images).imageEmbeds, this.text.forward(captions).textEmbeds];
    return tf.mul(tf.matMul(unit(image), unit(text), false, true), scale);
  }
}

/**
 * CLIP's contrastive loss, adapted to class captions: each image is compared with all captions, and each caption with
 * the batch. A caption describes many images here, so every image of its class counts as a match.
 */
export async function trainClipPair(
  pair: ClipPair,
  images: ImageStack,
  { seed, batch, captions, mirror = false, ...options }: ClipTraining,
): Promise<TrainingReport> {
  const tokens = tf.tensor2d(captions as number[][], undefined, 'int32');
  try {
    return await trainModule(pair, {
      label: 'CLIP pair',
      clipNorm: 1,
      ...options,
      loss(step) {
        const stream = new RandomStream(seed, 'clip', step);
        const indices = drawIndices(stream, images.count, batch);
        const labels = tf.tensor1d(
          indices.map((index) => images.labels[index]!),
          'int32',
        );
        const logits = pair.logits(imageBatch(images, indices, mirror ? stream : undefined), tokens);
        const matches = tf.transpose(tf.oneHot(labels, captions.length).toFloat());
        const present = tf.sum(matches, 1);
        const logProbabilities = tf.logSoftmax(tf.transpose(logits));
        const perCaption = tf.div(tf.sum(tf.mul(matches, logProbabilities), 1), tf.maximum(present, 1));
        const imagesToCaptions = softmaxCrossEntropy(logits, labels);
        const captionsToImages = tf.neg(tf.div(tf.sum(perCaption), tf.sum(tf.minimum(present, 1))));
        return tf.mul(tf.add(imagesToCaptions, captionsToImages), 0.5);
      },
    });
  } finally {
    tokens.dispose();
  }
}

const unit = (x: Tensor): Tensor => tf.div(x, tf.norm(x, 'euclidean', -1, true));
