/** A published teacher: weights of torchvision's names in a file, checked on the test images before it labels. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { loadCheckpoint, type NetworkName, networkSchema, openLabelled } from '../../evaluation';
import { type BoundStage, stage } from '../../sweeps';
import { type DatasetDescription, datasetSchema, openDataset } from '../datasets';
import { fileHash } from '../file-hash';
import { type StoredTeacher, storeTeacher } from './teacher';

export const teacherCheckpoint = stage({
  name: 'teacher-checkpoint',
  version: 1,
  code: import.meta.url,
  uses: ['./teacher', '../../evaluation/teacher-files', '../../evaluation/images'],
  parameters: z.object({
    test: datasetSchema,
    network: networkSchema,
    /** Side of the images, pixels. */
    size: z.int().min(1),
    /** SHA-256 of the file. */
    weights: z.string(),
  }),
  unkeyed: z.object({ file: z.string() }),
  resources: { threads: 2, memory: 2000 },
  async run(context, { test, network, size, weights }): Promise<StoredTeacher> {
    const { signal, onProgress, unkeyed } = context;
    if (fileHash(unkeyed.file) !== weights) {
      throw new Error(`Teacher ${unkeyed.file} was changed after the run began. Run again: what's finished is kept.`);
    }
    const held = await openLabelled(openDataset(test), { size, preparation: 'centre', signal });
    return storeTeacher(context, await loadCheckpoint(unkeyed.file, held, { network, signal, onProgress }));
  },
});

export interface CheckpointTeacher {
  test: DatasetDescription;
  network: NetworkName;
  /** Side of the images that teacher and students see, pixels. */
  size: number;
  /** A PyTorch or safetensors file. */
  checkpoint: string;
}

/** The stage of a published teacher; its key is the file's content, not its place. @throws when there is no such file */
export function bindTeacherCheckpoint({ checkpoint, ...parameters }: CheckpointTeacher): BoundStage<StoredTeacher> {
  const file = resolve(checkpoint);
  return teacherCheckpoint.bind({ ...parameters, weights: fileHash(file) }, { unkeyed: { file } });
}
