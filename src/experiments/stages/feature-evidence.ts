/** A distilled set against the real images it was made from, class by class, in a teacher's features. */
import { z } from 'zod';
import { type FeatureEvidence, featureEvidence } from '../../evaluation';
import type { DistilledSet } from '../../methods';
import { input, stage } from '../../sweeps';
import { datasetSchema, openDataset } from '../datasets';
import { type StoredTeacher, withTeacher } from './teacher';

/** What is stored of a class: a distance that is no number, where real images are copies of each other, is null. */
export type StoredEvidence = Omit<FeatureEvidence, 'nearest'> & { nearest: number | null };

export const evidenceInFeatures = stage({
  name: 'feature-evidence',
  version: 1,
  code: import.meta.url,
  uses: ['../../evaluation/feature-evidence', './teacher'],
  parameters: z.object({
    /** The real images. */
    dataset: datasetSchema,
    /** Nearest neighbours that a ball reaches to. */
    k: z.int().min(1),
  }),
  inputs: { distilled: input<DistilledSet>(), teacher: input<StoredTeacher>() },
  resources: { threads: 1, memory: 2000 },
  async run(context, { dataset, k }, { distilled, teacher: stored }): Promise<StoredEvidence[]> {
    const { signal, onProgress } = context;
    const rows = await withTeacher(context, stored, (teacher) =>
      featureEvidence(distilled, openDataset(dataset), { teacher, k, signal, onProgress }),
    );
    return rows.map((row) => ({ ...row, nearest: Number.isFinite(row.nearest) ? row.nearest : null }));
  },
});
