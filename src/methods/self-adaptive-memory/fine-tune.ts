/** Minimax fine-tuning of a class-conditional prior (paper 000, algorithm 1). */
import type { z } from 'zod';
import { fingerprint } from '../../datasets';
import { DenoisingLoss, type ImageLatents, type LatentBatch, type NoiseSchedule } from '../../diffusion';
import { constantRate, type LongTask, type Tensor, tf } from '../../engine';
import {
  addGammas,
  type DiT,
  foldGammas,
  isDiffFitTrainable,
  type TrainingReport,
  type TrainingState,
  type TrainModuleOptions,
  trainModule,
} from '../../models';
import { drawBatch, stepsPerEpoch } from './batches';
import { memoryLosses } from './losses';
import { Memories, type SeenLatents } from './memories';
import { type FineTuningSettings, fineTuningSettings } from './settings';
import { type LossTerms, TermHistory, type TermMeans } from './terms';

export interface FineTuneOptions
  extends LongTask,
    z.input<typeof fineTuningSettings>,
    Pick<TrainModuleOptions, 'checkpoint'> {
  schedule: NoiseSchedule;
  /** The prior's class number for each label. Default: the label itself. */
  classes?: readonly number[] | undefined;
}

export interface FineTuning extends TrainingReport {
  settings: FineTuningSettings;
  /** Mean of each term of the loss, unweighted, in each hundredth of the steps. */
  terms: TermMeans[];
  /** The memories at the end. */
  memories: Memories;
}

/**
 * Trains biases, class embedding and DiffFit's scales of `dit` by L = L_diffusion + λ_r L_real + λ_g L_gen, and leaves the
 * averaged weights in it, with the scales folded in. Resuming from a checkpoint gives the same bits.
 * @param latents of the images to be distilled
 * @throws when a setting is out of range, a batch is larger than the dataset, or the checkpoint is of other settings
 */
export async function minimaxFineTune(dit: DiT, latents: ImageLatents, options: FineTuneOptions): Promise<FineTuning> {
  const { schedule, classes, checkpoint, signal, onProgress, ...given } = options;
  const settings = fineTuningSettings.parse(given);
  const { lambdaReal, lambdaGenerated, batch: size, steps, seed } = settings;
  const epoch = stepsPerEpoch(latents, size);
  const unknown = classes && latents.labels.find((label) => classes[label] === undefined);
  if (unknown !== undefined) throw new Error(`Expected a class of the prior for each label, got none for ${unknown}.`);
  if (settings.mirror && !latents.mirrored) {
    throw new Error("Expected latents of mirrored images too (encodeDataset's `mirror`), or `mirror: false`.");
  }

  const denoising = new DenoisingLoss(schedule);
  const { realCapacity, generatedCapacity, policy, update } = settings;
  const memories = new Memories({ realCapacity, generatedCapacity, policy, update, seed });
  const history = new TermHistory(steps);
  /** Losses and latents of the current step. */
  let current: { terms: LossTerms; latents: SeenLatents[] } | undefined;
  const batches = { ...settings, schedule, classes, nullClass: dit.nullClass };

  addGammas(dit);
  const report = await trainModule(dit, {
    label: 'Minimax fine-tuning',
    steps,
    precision: settings.precision,
    learningRate: settings.learningRate,
    schedule: constantRate(settings.learningRate),
    weightDecay: 0,
    emaDecay: settings.emaDecay ?? undefined,
    emaWarmUp: false,
    trainable: isDiffFitTrainable,
    state: trainingState(memories, history, { settings, images: fingerprint(...latents.ids) }),
    checkpoint,
    signal,
    onProgress,

    loss(step) {
      const batch = drawBatch(latents, step, batches);
      const { loss: diffusion, predicted } = denoising.terms(dit, batch);
      // Before the batch enters the memories, so that no latent is compared with itself.
      const { real, generated } = memoryLosses(predicted, batch.labels, memories);
      current = {
        terms: { diffusion: scalar(diffusion), real: scalar(real), generated: scalar(generated) },
        latents: seenLatents(step, batch, predicted, latents.ids),
      };
      return tf.addN([diffusion, tf.mul(real, lambdaReal), tf.mul(generated, lambdaGenerated)]);
    },

    afterStep(done) {
      const { terms, latents } = current!;
      history.add(done - 1, terms);
      memories.insert(latents);
      if (done % epoch === 0) memories.endEpoch();
    },
  });
  foldGammas(dit);
  return { ...report, settings, terms: history.means(), memories };
}

const scalar = (tensor: Tensor): number => tensor.dataSync()[0]!;

/** A step's real latents z and generated ones x̂_0, detached from the gradient. */
function seenLatents(step: number, batch: LatentBatch, predicted: Tensor, ids: readonly string[]): SeenLatents[] {
  const [real, generated] = [batch.clean.dataSync<'float32'>(), predicted.dataSync<'float32'>()];
  const size = real.length / batch.indices.length;
  return Array.from(batch.indices, (index, i) => ({
    label: batch.labels[i]!,
    step,
    timestep: batch.timesteps[i]!,
    image: ids[index]!,
    real: real.slice(i * size, (i + 1) * size),
    generated: generated.slice(i * size, (i + 1) * size),
  }));
}

/** Memories and history for a checkpoint, tied to these settings and images. */
function trainingState(memories: Memories, history: TermHistory, of: object): TrainingState {
  return {
    save() {
      const { tensors, values } = memories.save();
      return { tensors, values: { of, memories: values, history } };
    },
    restore({ tensors, values }) {
      const saved = values as { of: object; memories: unknown; history: unknown };
      if (JSON.stringify(saved.of) !== JSON.stringify(of)) {
        throw new Error(
          `Expected a checkpoint of this fine-tuning (${JSON.stringify(of)}), got one of ${JSON.stringify(saved.of)}. Name another file.`,
        );
      }
      memories.restore({ tensors, values: saved.memories });
      history.restore(saved.history);
    },
  };
}
