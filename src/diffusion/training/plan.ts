/** Estimate of how long a prior's training will take on this machine, from a few timed steps. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { breathe, type LongTask, type OnProgress } from '../../engine';
import { SafetensorsFile } from '../../models';
import { trainAutoencoder } from './autoencoder';
import { ClipPair, trainClipPair } from './clip-pair';
import { trainDenoiser } from './denoiser';
import type { ImageStack } from './images';
import { encodeLatents } from './latents';
import { untrainedParts } from './parts';
import type { PriorPart, PriorRecipe } from './recipes';
import { checkpointFolder, textStates, type TrainPriorOptions } from './train-prior';

/** The training of one part. */
export interface PlannedPart {
  part: PriorPart;
  /** Optimiser steps in total, and those already done by the checkpoint. */
  steps: number;
  done: number;
  /** Measured on this machine. */
  secondsPerStep: number;
}

export interface TrainingPlan {
  parts: PlannedPart[];
  /** Estimated time for the remaining steps, seconds. */
  seconds: number;
}

/** Timed steps, after one for warm-up. */
const TIMED = 2;
/** Images encoded for the denoiser's timed steps. */
const SAMPLE = 64;

/**
 * Times a few steps of each part on throw-away networks, and reads from the checkpoints how many steps are done. This
 * takes seconds for a small prior.
 */
export async function planTraining(
  recipe: PriorRecipe,
  images: ImageStack,
  { classes, work, signal }: Omit<TrainPriorOptions, 'onProgress'>,
): Promise<TrainingPlan> {
  const folder = checkpointFolder(recipe, images, { classes, work });
  const { seed, mirror, training } = recipe;
  const { tokens, vae, text, vision, unet, schedule } = untrainedParts(recipe, classes);
  const few = (part: PriorPart) => ({ ...training[part], seed, signal, steps: 1 + TIMED });
  const pair = new ClipPair(text, vision);
  try {
    const seconds: Record<PriorPart, number> = {
      autoencoder: await timed((task) => trainAutoencoder(vae, images, { ...few('autoencoder'), mirror, ...task })),
      clip: await timed((task) =>
        trainClipPair(pair, images, { ...few('clip'), captions: tokens.slice(0, -1), mirror, ...task }),
      ),
      denoiser: Number.NaN,
    };
    const latents = await encodeLatents(vae, firstImages(images, SAMPLE), signal);
    const contexts = await textStates(text, tokens);
    seconds.denoiser = await timed((task) =>
      trainDenoiser(unet, latents, { ...few('denoiser'), schedule, contexts, ...task }),
    );
    await breathe(signal);
    const parts = (Object.keys(seconds) as PriorPart[]).map((part) => ({
      part,
      steps: training[part].steps,
      done: stepsDone(join(folder, `${part}.safetensors`)),
      secondsPerStep: seconds[part],
    }));
    return { parts, seconds: parts.reduce((sum, part) => sum + (part.steps - part.done) * part.secondsPerStep, 0) };
  } finally {
    for (const part of [vae, pair, unet]) part.dispose();
  }
}

/** Mean seconds per step of a short training, its first step left out. */
async function timed(train: (task: Pick<LongTask, 'onProgress'>) => Promise<unknown>): Promise<number> {
  const ends: number[] = [];
  const onProgress: OnProgress = () => ends.push(performance.now());
  await train({ onProgress });
  return (ends.at(-1)! - ends[0]!) / 1000 / (ends.length - 1);
}

function stepsDone(checkpoint: string): number {
  return existsSync(checkpoint) ? Number(new SafetensorsFile(checkpoint).metadata.step) : 0;
}

function firstImages({ pixels, labels, height, width, count }: ImageStack, most: number): ImageStack {
  const few = Math.min(count, most);
  return {
    pixels: pixels.subarray(0, few * height * width * 3),
    labels: labels.subarray(0, few),
    height,
    width,
    count: few,
  };
}
