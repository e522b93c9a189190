/**
 * Students that share what their teacher says: its answers to an epoch of a distilled set, as a seed shows it, are kept a
 * piece an epoch, for students of every network, and for longer trainings too. Worth it where several students ask the
 * same; a thousand classes take 4 MB an epoch and thousand images, so there `student` asks the teacher anew.
 */
import { join } from 'node:path';
import { z } from 'zod';
import {
  evaluate,
  type EvaluationRow,
  loadDistilled,
  loadLabelled,
  loadTeacher,
  type NetworkName,
  rdedProtocol,
  teacherAnswers as answersOf,
  type TrainedTeacher,
} from '../evaluation';
import type { Distillation, DistilledSet } from '../methods';
import { type BoundStage, input, mapStage, type StageContext, stage } from '../sweeps';
import { type DatasetDescription, datasetSchema, openDataset } from './datasets';
import type { StoredTeacher } from './stages';

const inputs = { distilled: input<DistilledSet | Distillation>(), teacher: input<StoredTeacher>() };
const setOf = (distilled: DistilledSet | Distillation) => ('set' in distilled ? distilled.set : distilled);

async function restored(context: StageContext<unknown>, { weights }: StoredTeacher): Promise<TrainedTeacher> {
  const file = join(await context.scratch(), 'teacher.safetensors');
  await weights.linkTo(file);
  return loadTeacher(file)!;
}

/** Logits [images, classes] of each epoch, from 0, under RDED's protocol. */
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
    const { network } = await restored(context, teacher);
    const set = setOf(distilled);
    const train = await loadDistilled(set, { size, signal: context.signal });
    const { imagesPerClass, patchesPerImage } = set;
    const cell = { protocol: rdedProtocol, imagesPerClass, factor: Math.sqrt(patchesPerImage), seed };
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
  parameters: z.object({ test: datasetSchema, network: z.string(), size: z.int(), epochs: z.int(), seed: z.int() }),
  inputs: { ...inputs, answers: input<readonly Float32Array[]>() },
  resources: { threads: 2, memory: 3000 },
  async run(context, { test, network, size, epochs, seed }, { distilled, teacher, answers }): Promise<EvaluationRow> {
    const held = await loadLabelled(openDataset(test), { size, preparation: rdedProtocol.test });
    const labels = await restored(context, teacher);
    try {
      const [row] = await evaluate(setOf(distilled), held, {
        student: network as NetworkName,
        protocol: { ...rdedProtocol, epochs },
        teacher: labels,
        answers: (_seed, epoch) => answers[epoch]!,
        seeds: [seed],
        signal: context.signal,
        onProgress: context.onProgress,
      });
      return row!;
    } finally {
      labels.network.dispose();
      held.images.dispose();
    }
  },
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
