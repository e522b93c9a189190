/** `npx stillhouse train-prior FOLDER`: a prior for one's own photos. */
import { basename, relative, resolve } from 'node:path';
import { duration, showProgress } from '../../charts';
import { type PriorPart, type TrainingPlan, type TrainPriorOnOptions, trainPriorOn } from '../../diffusion';
import { openImages } from './open-images';

export interface TrainPriorCommandOptions extends Pick<TrainPriorOnOptions, 'recipe'> {
  /** Side of the images, 32 or 64 pixels. Default: 64. */
  size?: number;
  /** Folder of the prior. Default: `<FOLDER>-prior` in the working directory. */
  out?: string;
  split?: string;
  /** Images of each class, at most. Default: all. */
  perClass?: number;
  /** Whether mirrored copies count as new images. Default: true. */
  mirror?: boolean;
  seed?: number;
  signal?: AbortSignal;
  /** Where a line of news goes. Default: standard output. */
  say?: (line: string) => void;
}

/**
 * Trains a prior on a folder of images, the plan first; goes on where it was stopped.
 * @returns the folder of the prior
 */
export async function trainPriorCommand(folder: string, options: TrainPriorCommandOptions = {}): Promise<string> {
  const { size = 64, out = `${basename(resolve(folder))}-prior`, say = console.log, ...rest } = options;
  const { split, perClass, ...training } = rest;
  const dataset = await openImages(folder, { size, split, perClass, signal: training.signal });
  const { labels, classes } = dataset;
  say(
    `${labels.length.toLocaleString('en')} images of ${classes.length} classes at ${dataset.size} × ${dataset.size} pixels → ${out}`,
  );
  const { prior, folder: written } = await trainPriorOn(dataset, {
    ...training,
    out,
    command: `npx stillhouse train-prior ${basename(resolve(folder))} --size ${size}`,
    onPlan: (plan) => say(trainingPlanText(plan)),
    onProgress: showProgress(`Prior ${basename(out)}`),
  });
  prior.dispose();
  const place = relative(process.cwd(), written) || '.';
  say(`The prior is in ${place}. Next: npx stillhouse distil ${folder} --prior ${place} --ipc 10 --out distilled`);
  return written;
}

const names: Record<PriorPart, string> = { autoencoder: 'autoencoder', clip: 'CLIP pair', denoiser: 'denoiser' };

/** What will be trained and how long it takes, a line per part. */
export function trainingPlanText({ parts, seconds }: TrainingPlan): string {
  const lines = parts.map(({ part, steps, done, secondsPerStep }) => {
    const left = steps - done;
    const count = `${left.toLocaleString('en')} steps${done > 0 ? ` left of ${steps.toLocaleString('en')}` : ''}`;
    return `  ${names[part].padEnd(11)}  ${count} × ${secondsPerStep.toPrecision(2)} s = ${duration(left * secondsPerStep)}`;
  });
  return [
    ...lines,
    `  in all about ${duration(seconds)}, measured from the first steps here. Stop with Ctrl-C at any time: the same command goes on.`,
  ].join('\n');
}
