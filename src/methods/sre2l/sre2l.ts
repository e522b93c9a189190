/** SRe2L (Yin, Xing & Shen, NeurIPS 2023): images recovered from a teacher, by its labels and batch norms. */
import type { z } from 'zod';
import type { ImageDataset, Pixels } from '../../datasets';
import type { LongTask } from '../../engine';
import type { DistilledSet } from '../distilled-set';
import { readSettings } from '../read-settings';
import { generatedSet } from '../self-adaptive-memory/generated-set';
import { type RecoverableNetwork, recoverImages } from './recover';
import { sre2lSettings } from './settings';

export type Sre2lOptions = z.input<typeof sre2lSettings> & { observer: RecoverableNetwork } & LongTask;

/**
 * Images start as noise, and Adam optimises them until the teacher recognises their class in random crops and the
 * inputs of its batch norms have the statistics of real images. No real image is used. Image k of a class is the same
 * in a set of any size.
 *
 * SRe2L's "squeeze" is the teacher's training, its "relabel" the evaluation's soft labels. The penalties on total
 * variation and on the images' norm, which have weight 0 in the released script, are left out.
 * @example const set = await sre2l(dataset, { observer: teacher, imagesPerClass: 10 });
 * @throws if the teacher has no batch norm
 */
export async function sre2l(
  dataset: ImageDataset,
  { observer, signal, onProgress, ...options }: Sre2lOptions,
): Promise<DistilledSet> {
  const { imagesPerClass, size = dataset.size, ...settings } = readSettings(sre2lSettings, options, 'SRe2L');
  const rounds: Pixels[][] = [];
  for (let round = 0; round < imagesPerClass; round++) {
    const which = { classes: dataset.classes.length, size, round };
    rounds.push(await recoverImages(observer, { ...settings, ...which, signal, onProgress }));
  }
  return joinRounds(dataset, rounds, { size, settings });
}

/** The set of the images of all rounds. @param rounds one image per class each, in label order */
export function joinRounds(
  dataset: Pick<ImageDataset, 'name' | 'fingerprint' | 'classes'>,
  rounds: readonly (readonly Pixels[])[],
  { size, settings }: { size: number; settings: Record<string, unknown> },
): Promise<DistilledSet> {
  const images = dataset.classes.flatMap((_, label) => rounds.map((round) => round[label]!));
  return generatedSet(dataset, images, { method: 'SRe2L', imagesPerClass: rounds.length, size, settings });
}
