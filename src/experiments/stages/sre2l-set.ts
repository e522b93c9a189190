/** SRe2L: images recovered from the teacher, an item per image of each class, so that sets of any size share them. */
import { z } from 'zod';
import type { Pixels } from '../../datasets';
import { type DistilledSet, joinRounds, recoverImages, recoverySettings } from '../../methods';
import { type BoundStage, input, mapStage, stage } from '../../sweeps';
import { type DatasetDescription, datasetSchema, openDataset } from '../datasets';
import { type StoredTeacher, withTeacher } from './teacher';

/** Image k of each class, in label order; a piece per k. */
export const recoveredImages = mapStage({
  name: 'recovered-images',
  version: 1,
  code: import.meta.url,
  uses: ['../../methods/sre2l/recover', './teacher'],
  parameters: recoverySettings.extend({ classes: z.int().min(1) }),
  item: z.int().min(0),
  inputs: { observer: input<StoredTeacher>() },
  // An interrupted set goes on after the last whole piece.
  batch: 1,
  resources: { threads: 1, memory: 3000, minutes: 240 },
  run: (context, settings, rounds, { observer: stored }): Promise<Pixels[][]> =>
    withTeacher(context, stored, async (observer) => {
      const { signal, onProgress } = context;
      const pieces: Pixels[][] = [];
      for (const round of rounds)
        pieces.push(await recoverImages(observer, { ...settings, round, signal, onProgress }));
      return pieces;
    }),
});

/** The set of them. */
const recoveredSet = stage({
  name: 'sre2l-set',
  version: 1,
  code: import.meta.url,
  uses: ['../../methods/sre2l/sre2l'],
  parameters: z.object({ dataset: datasetSchema, size: z.int().min(1), settings: z.record(z.string(), z.json()) }),
  inputs: { images: input<readonly (readonly Pixels[])[]>() },
  run: (_context, { dataset, ...options }, { images }): Promise<DistilledSet> =>
    joinRounds(openDataset(dataset), images, options),
});

export interface Sre2lSetSettings extends z.input<typeof recoverySettings> {
  dataset: DatasetDescription;
  imagesPerClass: number;
}

/** The stages of SRe2L's set. @throws where a setting is none of its */
export function bindSre2l(
  { dataset, imagesPerClass, ...settings }: Sre2lSetSettings,
  observer: BoundStage<StoredTeacher>,
): BoundStage<DistilledSet> {
  const { classes } = openDataset(dataset);
  const items = Array.from({ length: imagesPerClass }, (_, round) => round);
  const images = recoveredImages.bind({ ...settings, classes: classes.length }, { items, inputs: { observer } });
  const recorded = z.record(z.string(), z.json()).parse(recoverySettings.parse(settings));
  return recoveredSet.bind({ dataset, size: settings.size, settings: recorded }, { inputs: { images } });
}
