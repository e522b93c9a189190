/** One student trained and tested on a distilled set: a row of a results table. */
import { z } from 'zod';
import {
  evaluate,
  type EvaluationRow,
  exceptionOf,
  expectNorm,
  type NetworkName,
  networkSchema,
  openLabelled,
  type ProtocolName,
  protocols,
  type RecipeChanges,
  type Teacher,
} from '../../evaluation';
import type { Distillation, DistilledSet } from '../../methods';
import { type BoundStage, input, inputList, stage } from '../../sweeps';
import { type DatasetDescription, datasetSchema, openDataset } from '../datasets';
import { recipeSchema } from './recipe';
import { type StoredTeacher, withTeacher } from './teacher';
import { setOf, teacherAnswers } from './teacher-answers';

/**
 * What a student costs besides its images, in images per class: its start and its tests. On two busy cores a ConvNet-3 of CIFAR-10
 * took about 3 minutes with 10 images per class and 10 with 50.
 */
const BESIDES = 7;

export const student = stage({
  name: 'student',
  version: 2,
  code: import.meta.url,
  uses: ['./teacher', '../../evaluation/evaluate', '../../evaluation/images'],
  parameters: recipeSchema.extend({
    test: datasetSchema,
    network: networkSchema,
    /** Side of the images that the student sees, pixels. */
    size: z.int().min(1),
    protocol: z.enum(['rded', 'hard', 'idc']),
    seed: z.int(),
  }),
  /** What its set has, for a plan: before the set is made nothing else says so. */
  unkeyed: z.object({ imagesPerClass: z.int().min(1).optional() }).default({}),
  inputs: {
    distilled: input<DistilledSet | Distillation>(),
    /** One with soft labels, none with hard ones. */
    teacher: inputList<StoredTeacher>(),
    /** Its answers to this seed, where they are kept. */
    answers: inputList<readonly Float32Array[]>(),
  },
  // Small students leave a second thread half idle: two of them side by side are done sooner.
  resources: { threads: 1, memory: 3000 },
  amount: (_, { imagesPerClass }) => (imagesPerClass === undefined ? undefined : imagesPerClass + BESIDES),
  async run(context, settings, { distilled, teacher: [stored], answers: [kept] }): Promise<EvaluationRow> {
    const { test, network, size, protocol: name, seed, ...recipe } = settings;
    const { signal, onProgress } = context;
    const protocol = protocols[name];
    // The next student of this process is most often tested on the same.
    const reading = { size, preparation: protocol.test };
    const held = await context.keep(`test images ${JSON.stringify([test, reading])}`, () =>
      openLabelled(openDataset(test), { ...reading, signal }),
    );
    const train = async (teacher?: Teacher): Promise<EvaluationRow> => {
      const [row] = await evaluate(setOf(distilled), held, {
        ...recipe,
        student: network,
        protocol,
        ...(teacher ? { teacher } : {}),
        ...(kept ? { answers: (_seed: number, epoch: number) => kept[epoch]! } : {}),
        seeds: [seed],
        signal,
        onProgress,
      });
      return row!;
    };
    return stored ? withTeacher(context, stored, train) : train();
  },
});

export interface StudentSettings extends RecipeChanges {
  test: DatasetDescription;
  network: NetworkName;
  /** Side of the images that teacher and student see, pixels. */
  size: number;
  protocol: ProtocolName;
  /** Of the student: its weights, orders, crops and mixes. */
  seed: number;
  /** What the set has: not part of the key, it tells a plan how long the student takes. */
  imagesPerClass?: number | undefined;
}

export interface StudentInputs {
  distilled: BoundStage<DistilledSet | Distillation>;
  /** Needed by 'rded'; with hard labels it is left out, so that students don't wait for it. */
  teacher?: BoundStage<StoredTeacher> | undefined;
}

/** A student's stage. @throws when its network has another norm than the protocol's, or soft labels lack a teacher. */
export const bindStudent = (
  { imagesPerClass, ...settings }: StudentSettings,
  inputs: StudentInputs,
): BoundStage<EvaluationRow> =>
  student.bind(settings, { inputs: { ...checked(settings, inputs), answers: [] }, unkeyed: { imagesPerClass } });

/**
 * A student whose teacher's answers are kept, and taken where another student asked the same: the same row as without.
 * `epochs` must be said, as answers are kept per epoch.
 * @throws as bindStudent does
 */
export function bindSharingStudent(
  { imagesPerClass, ...settings }: StudentSettings & { epochs: number },
  inputs: StudentInputs,
): BoundStage<EvaluationRow> {
  const { distilled, teacher } = checked(settings, inputs);
  const [teaching] = teacher;
  if (!teaching) return bindStudent({ ...settings, imagesPerClass }, inputs);
  const { test, network, size, protocol, seed, epochs, batch, factor, crop, shufflePatches, precision } = settings;
  // Where the protocol has a batch of this student's own, what the teacher sees depends on it.
  const cell = { student: network, classes: openDataset(test).classes.length, size };
  const own = exceptionOf(protocols[protocol], cell)?.where.student ? { student: network } : {};
  const items = Array.from({ length: epochs }, (_, epoch) => epoch);
  const answers = teacherAnswers.bind(
    { size, seed, batch, factor, crop, shufflePatches, precision, ...own },
    { items, inputs: { distilled, teacher: teaching } },
  );
  return student.bind(settings, { inputs: { distilled, teacher, answers: [answers] }, unkeyed: { imagesPerClass } });
}

function checked({ protocol: name, network }: StudentSettings, { distilled, teacher }: StudentInputs) {
  const protocol = protocols[name];
  expectNorm(protocol, network);
  if (protocol.labels === 'hard') return { distilled, teacher: [] };
  if (teacher) return { distilled, teacher: [teacher] };
  throw new Error(`Expected a teacher, as '${protocol.name}' has soft labels. Bind one, or take the protocol 'hard'.`);
}
