/** Teachers and students as stages, and what a teacher says to a student kept for others. */
import { join } from 'node:path';
import { z } from 'zod';
import {
  evaluate,
  type EvaluateOptions,
  type EvaluationRow,
  hardLabelProtocol,
  loadDistilled,
  loadLabelled,
  loadTeacher,
  type NetworkName,
  type Protocol,
  rdedProtocol,
  saveTeacher,
  teacherAnswers as answersOf,
  type TrainedTeacher,
  trainTeacher,
} from '../evaluation';
import type { Distillation, DistilledSet } from '../methods';
import { type BoundStage, input, mapStage, type StageContext, stage, type StoredFile } from '../sweeps';
import { type DatasetDescription, datasetSchema, openDataset } from './datasets';

/** A teacher as the store keeps it. */
export interface StoredTeacher {
  name: string;
  /** Top-1 on the test images, 0 … 1. */
  accuracy: number;
  weights: StoredFile;
}

/** A classifier trained on all training images, checked on the test images. */
export const teacher = stage({
  name: 'teacher',
  version: 1,
  code: import.meta.url,
  uses: ['../evaluation/teacher'],
  parameters: z.object({
    train: datasetSchema,
    test: datasetSchema,
    network: z.string(),
    size: z.int(),
    epochs: z.int(),
    seed: z.int().default(0),
  }),
  resources: { threads: 2, memory: 4000 },
  async run(context, { train, test, network, size, epochs, seed }): Promise<StoredTeacher> {
    const [images, held] = [
      await loadLabelled(openDataset(train), { size }),
      await loadLabelled(openDataset(test), { size, preparation: 'centre' }),
    ];
    const options = {
      network: network as NetworkName,
      epochs,
      seed,
      signal: context.signal,
      onProgress: context.onProgress,
    };
    const trained = await trainTeacher(images, held, options);
    const file = join(await context.scratch(), 'teacher.safetensors');
    await saveTeacher(trained, file);
    trained.network.dispose();
    images.images.dispose();
    held.images.dispose();
    return { name: network, accuracy: trained.accuracy, weights: await context.file(file) };
  },
});

/** The teacher's network, ready to label. */
async function restoreTeacher(context: StageContext<unknown>, { weights }: StoredTeacher): Promise<TrainedTeacher> {
  const file = join(await context.scratch(), 'teacher.safetensors');
  await weights.linkTo(file);
  return loadTeacher(file)!;
}

const inputs = { distilled: input<DistilledSet | Distillation>(), teacher: input<StoredTeacher>() };
const setOf = (distilled: DistilledSet | Distillation): DistilledSet =>
  'set' in distilled ? distilled.set : distilled;

/** Of one student, whoever answers it. */
const studentSchema = z.object({
  test: datasetSchema,
  network: z.string(),
  size: z.int(),
  epochs: z.int(),
  seed: z.int(),
});

/** Trains and tests one student: a row of a results table. */
async function trainOne(
  context: StageContext<unknown>,
  { test, network, size, epochs, seed }: z.output<typeof studentSchema>,
  from: { distilled: DistilledSet | Distillation; teacher: StoredTeacher },
  { protocol, answers }: { protocol: Protocol } & Pick<EvaluateOptions, 'answers'>,
): Promise<EvaluationRow> {
  const held = await loadLabelled(openDataset(test), { size, preparation: protocol.test });
  const teacher = await restoreTeacher(context, from.teacher);
  try {
    const [row] = await evaluate(setOf(from.distilled), held, {
      student: network as NetworkName,
      protocol: { ...protocol, epochs },
      teacher,
      ...(answers ? { answers } : {}),
      seeds: [seed],
      signal: context.signal,
      onProgress: context.onProgress,
    });
    return row!;
  } finally {
    teacher.network.dispose();
    held.images.dispose();
  }
}

const protocols: Record<'soft' | 'hard', Protocol> = { soft: rdedProtocol, hard: hardLabelProtocol };

/** Students of one seed on a distilled set: a row of a results table. */
export const student = stage({
  name: 'student',
  version: 1,
  code: import.meta.url,
  uses: ['../evaluation/evaluate'],
  parameters: studentSchema.extend({ protocol: z.enum(['soft', 'hard']).default('soft') }),
  inputs,
  resources: { threads: 2, memory: 3000 },
  run: (context, { protocol, ...settings }, from) =>
    trainOne(context, settings, from, { protocol: protocols[protocol] }),
});

/**
 * What a teacher answers to an epoch of a distilled set, as a seed shows it: logits [images, classes] of each epoch, from
 * 0, under RDED's protocol. Kept a piece an epoch, for students of every network, and for longer trainings too. Worth it
 * where several students ask the same; a thousand classes take 4 MB an epoch and thousand images, so there `student` asks anew.
 */
export const teacherAnswers = mapStage({
  name: 'teacher-answers',
  version: 1,
  code: import.meta.url,
  uses: ['../evaluation/teacher-answers', '../evaluation/images'],
  parameters: z.object({ size: z.int(), seed: z.int() }),
  item: z.int(),
  inputs,
  batch: 50,
  resources: { threads: 2, memory: 3000 },
  async run(context, { size, seed }, epochs, { distilled, teacher }) {
    const { network } = await restoreTeacher(context, teacher);
    const set = setOf(distilled);
    const train = await loadDistilled(set, { size, signal: context.signal });
    const { imagesPerClass, factor } = set;
    const cell = { protocol: rdedProtocol, imagesPerClass, factor, seed };
    try {
      return await answersOf(train, network, {
        ...cell,
        epochs,
        signal: context.signal,
        onProgress: context.onProgress,
      });
    } finally {
      train.images.dispose();
      network.dispose();
    }
  },
});

/** `student` under RDED's protocol, from kept answers: the same row, bit for bit. */
export const studentOfAnswers = stage({
  name: 'student-of-answers',
  version: 1,
  code: import.meta.url,
  uses: ['../evaluation/evaluate'],
  parameters: studentSchema,
  inputs: { ...inputs, answers: input<readonly Float32Array[]>() },
  resources: { threads: 2, memory: 3000 },
  run: (context, settings, { answers, ...from }) =>
    trainOne(context, settings, from, { protocol: rdedProtocol, answers: (_seed, epoch) => answers[epoch]! }),
});

export interface SharingStudent {
  test: DatasetDescription;
  network: NetworkName;
  /** Side of the images that teacher and student see, pixels. */
  size: number;
  epochs: number;
  seed: number;
}

/** A student whose teacher's answers are kept, and taken where another student asked the same. */
export function bindSharingStudent(
  settings: SharingStudent,
  from: { distilled: BoundStage<DistilledSet | Distillation>; teacher: BoundStage<StoredTeacher> },
): BoundStage<EvaluationRow> {
  const { size, epochs, seed } = settings;
  const items = Array.from({ length: epochs }, (_, epoch) => epoch);
  const answers = teacherAnswers.bind({ size, seed }, { items, inputs: from });
  return studentOfAnswers.bind(settings, { inputs: { ...from, answers } });
}
