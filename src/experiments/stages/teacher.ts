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
import { type StageContext, stage, type StoredFile } from '../../sweeps';
import { datasetSchema, openDataset } from '../datasets';

/** A teacher as the store keeps it. */
export interface StoredTeacher {
  /** The network's name. */
  name: string;
  /** Top-1 on the test images, 0 … 1. */
  accuracy: number;
  weights: StoredFile;
}

/** A classifier trained on all training images, checked on the test images. */
export const teacher = stage({
  name: 'teacher',
  version: 2,
  code: import.meta.url,
  uses: ['../../evaluation/teacher', '../../evaluation/teacher-files', '../../evaluation/images'],
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
    seed: z.int().default(0),
  }),
  resources: { threads: 2, memory: 4000 },
  async run(context, { train, test, size, ...options }): Promise<StoredTeacher> {
    const { signal, onProgress } = context;
    const images = await loadLabelled(openDataset(train), { size, signal });
    const held = await openLabelled(openDataset(test), { size, preparation: 'centre', signal });
    return storeTeacher(context, await trainTeacher(images, held, { ...options, signal, onProgress }));
  },
});

/** Puts a teacher into the store and frees its network. */
export async function storeTeacher(context: StageContext<unknown>, teacher: Teacher): Promise<StoredTeacher> {
  try {
    const file = join(await context.scratch(), 'teacher.safetensors');
    await saveTeacher(teacher, file);
    return { name: teacher.name, accuracy: teacher.accuracy, weights: await context.file(file) };
  } finally {
    teacher.network.dispose();
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
