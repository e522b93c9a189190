/** The cost of fine-tuning a class-conditional prior and sampling from it, computed without the data or the prior. */
import { ditSamplingSettings, fineTuningSettings } from '../../methods';
import { classGroups, type GenerationSettings, generationSettings } from './bind';

/** The part of a configuration that determines its cost. */
export type CostedGeneration = Pick<GenerationSettings, 'fineTuning' | 'classesAtOnce' | 'sampling' | 'imagesPerClass'>;

export interface GenerationCost {
  fineTunings: number;
  /** Optimiser steps of all of them. */
  steps: number;
  /** Images drawn. */
  images: number;
  /** Images through the denoiser once, under one class: a training step counts as three per image. */
  passes: number;
  /** Of the passes, where seconds are known. */
  hours: number | undefined;
}

/** Forwards once, backwards about twice as long. */
const PASSES_PER_TRAINED_IMAGE = 3;

/**
 * Fine-tunings, images, passes and hours of a table's configurations on one dataset; what they share is counted once.
 * @param options.secondsPerPass measured seconds of one image under one class through the denoiser
 * @throws where settings are out of range
 */
export function generationCost(
  configurations: readonly CostedGeneration[],
  { classes, secondsPerPass }: { classes: number; secondsPerPass?: number },
): GenerationCost {
  const tunings = new Map<string, { count: number; steps: number; passes: number }>();
  const drawn = new Map<string, { images: number; passes: number }>();
  for (const { imagesPerClass, ...given } of configurations) {
    const fineTuning = given.fineTuning && fineTuningSettings.parse(given.fineTuning);
    const sampling = ditSamplingSettings.parse(given.sampling ?? {});
    const classesAtOnce = generationSettings.shape.classesAtOnce.parse(given.classesAtOnce);
    if (fineTuning) {
      const count = classGroups(classes, { fineTuning, classesAtOnce }).length;
      const steps = count * fineTuning.steps;
      const passes = PASSES_PER_TRAINED_IMAGE * steps * fineTuning.batch;
      tunings.set(JSON.stringify([fineTuning, classesAtOnce]), { count, steps, passes });
    }
    // A larger set begins with a smaller one.
    const key = JSON.stringify([fineTuning ?? null, classesAtOnce, sampling]);
    const images = Math.max(drawn.get(key)?.images ?? 0, classes * imagesPerClass);
    // With guidance, each step runs with the class and without.
    drawn.set(key, { images, passes: images * sampling.steps * (sampling.guidance === 1 ? 1 : 2) });
  }
  const [tuned, sets] = [[...tunings.values()], [...drawn.values()]];
  const passes = [...tuned, ...sets].reduce((sum, one) => sum + one.passes, 0);
  return {
    fineTunings: tuned.reduce((sum, { count }) => sum + count, 0),
    steps: tuned.reduce((sum, one) => sum + one.steps, 0),
    images: sets.reduce((sum, one) => sum + one.images, 0),
    passes,
    hours: secondsPerPass === undefined ? undefined : (passes * secondsPerPass) / 3600,
  };
}

/** One line: '2 fine-tunings of 24,000 steps in all, 3,000 images, 876,000 passes through the denoiser, 4.9 h'. */
export function generationCostText({ fineTunings, steps, images, passes, hours }: GenerationCost): string {
  const count = (value: number): string => value.toLocaleString('en');
  const tuned = `${count(fineTunings)} fine-tuning${fineTunings === 1 ? '' : 's'} of ${count(steps)} steps in all`;
  const time = hours === undefined ? 'hours not known: measure a pass' : `${count(Number(hours.toPrecision(2)))} h`;
  return `${tuned}, ${count(images)} images, ${count(passes)} passes through the denoiser, ${time}`;
}
