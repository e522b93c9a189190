/** Experts whose ways students are led along: networks trained on real images, a piece per expert, for TESLA and DATM alike. */
import { join } from 'node:path';
import { z } from 'zod';
import { expertSettings, readTrajectory, trainExpert, type Trajectory, writeTrajectory } from '../../methods';
import { type BoundStage, mapStage, type StageContext, type StoredFile } from '../../sweeps';
import { type DatasetDescription, datasetSchema, openDataset } from '../datasets';
import { withCheckpoint, workSchema } from './unfinished-work';

export const expertTrajectories = mapStage({
  name: 'expert-trajectories',
  version: 1,
  code: import.meta.url,
  uses: ['../../methods/trajectories/expert', '../../methods/trajectories/trajectory', './unfinished-work'],
  parameters: expertSettings.extend({ dataset: datasetSchema }),
  item: z.int().min(0),
  unkeyed: workSchema,
  batch: 1,
  resources: { threads: 1, memory: 4000, minutes: 600 },
  async run(context, { dataset: description, ...settings }, experts): Promise<StoredFile[]> {
    const { signal, onProgress } = context;
    const dataset = openDataset(description);
    const files: StoredFile[] = [];
    for (const expert of experts) {
      const of = [dataset.fingerprint, settings, expert];
      const trajectory = await withCheckpoint(expertTrajectories, context, of, (checkpoint) =>
        trainExpert(dataset, { ...settings, expert, checkpoint, signal, onProgress }),
      );
      const file = join(await context.scratch(), `expert-${expert}.safetensors`);
      writeTrajectory(file, trajectory);
      files.push(await context.file(file));
    }
    return files;
  },
});

/** What a cell or a scale sets of a method's experts. */
export interface ExpertsChoice extends Partial<Omit<z.input<typeof expertSettings>, 'size' | 'network' | 'seed'>> {
  /** How many. @default 100, as published */
  count?: number;
}

/** The experts of a pool, the same for sets of any seed and number of images. @throws where a setting is none of theirs */
export function bindExperts(
  { count = 100, ...settings }: ExpertsChoice,
  network: Pick<z.input<typeof expertSettings>, 'network' | 'size'> & { dataset: DatasetDescription },
): BoundStage<readonly StoredFile[]> {
  const items = Array.from({ length: count }, (_, expert) => expert);
  return expertTrajectories.bind({ ...settings, ...network }, { items });
}

/** Opens stored experts: their weights are read when they are needed. */
export async function openTrajectories(
  context: Pick<StageContext, 'scratch'>,
  files: readonly StoredFile[],
): Promise<Trajectory[]> {
  const folder = await context.scratch();
  const paths = files.map((_, expert) => join(folder, `expert-${expert}.safetensors`));
  await Promise.all(files.map((file, expert) => file.linkTo(paths[expert]!)));
  return paths.map(readTrajectory);
}
