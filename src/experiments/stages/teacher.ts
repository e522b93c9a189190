/** The network that labels, trained on the training images or read from a published checkpoint. */
import { join } from 'node:path';
import { z } from 'zod';
import {
  loadLabelled,
  loadTeacher,
  networkSchema,
  openLabelled,
  saveTeacher,
  type Teacher,
  trainTeacher,
} from '../../evaluation';
import { precisions } from '../../engine';
import { type StageContext, stage, type StoredFile } from '../../sweeps';
import { datasetSchema, openDataset } from '../datasets';
import { withCheckpoint, workSchema } from './unfinished-work';

/** A teacher as the store keeps it. */
export interface StoredTeacher {
  /** The network's name. */
  name: string;
  /** Top-1 on the test images, 0 … 1. */
  accuracy: number;
  weights: StoredFile;
}

/** A classifier trained on all training images, checked on the test images. One that was stopped is gone on with. */
export const teacher = stage({
  name: 'teacher',
  version: 2,
  code: import.meta.url,
  uses: ['../../evaluation/teacher', '../../evaluation/teacher-files', '../../evaluation/images', './unfinished-work'],
  parameters: z.object({
    train: datasetSchema,
    test: datasetSchema,
    network: networkSchema,
    /** Side of the images, pixels. */
    size: z.int().min(1),
    epochs: z.int().min(1),
    /** Images a step. */
    batch: z.int().min(1).default(100),
    learningRate: z.number().positive().default(1e-3),
    /** Of the products in training; it is tested, and asked, in float32. Default float32. */
    precision: z.enum(precisions).optional(),
    seed: z.int().default(0),
  }),
  unkeyed: workSchema,
  resources: { threads: 2, memory: 4000 },
  async run(context, { train, test, size, ...options }): Promise<StoredTeacher> {
    const { signal, onProgress } = context;
    const [training, validation] = [openDataset(train), openDataset(test)];
    const images = await loadLabelled(training, { size, signal });
    const held = await openLabelled(validation, { size, preparation: 'centre', signal });
    const of = [training.fingerprint, size, options];
    const trained = await withCheckpoint(teacher, context, of, (checkpoint) =>
      trainTeacher(images, held, { ...options, checkpoint, signal, onProgress }),
    );
    return storeTeacher(context, trained);
  },
});

/** Puts a teacher into the store and frees its network. */
export async function storeTeacher(context: StageContext<unknown>, teacher: Teacher): Promise<StoredTeacher> {
  const { network, name, accuracy, classes, size, normalisation } = teacher;
  try {
    const file = join(await context.scratch(), 'teacher.safetensors');
    // Without the report of its training: its seconds would give the same weights another hash each time.
    await saveTeacher({ network, name, accuracy, classes, size, normalisation }, file);
    return { name, accuracy, weights: await context.file(file) };
  } finally {
    network.dispose();
  }
}

/** Runs `use` with the network of a stored teacher and frees it afterwards. */
export async function withTeacher<Result>(
  context: StageContext<unknown>,
  { weights }: StoredTeacher,
  use: (teacher: Teacher) => Promise<Result>,
): Promise<Result> {
  const file = join(await context.scratch(), 'teacher.safetensors');
  await weights.linkTo(file);
  const teacher = loadTeacher(file)!;
  try {
    return await use(teacher);
  } finally {
    teacher.network.dispose();
  }
}
