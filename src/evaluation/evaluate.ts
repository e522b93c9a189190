/** Evaluates a distilled set: trains students with several seeds, one result row each. */
import type { ImageDataset } from '../datasets';
import type { LongTask } from '../engine';
import { type DistilledSet, distilledFingerprint } from '../methods';
import type { RecipeChanges } from './cell';
import { type LabelledImages, loadDistilled, openLabelled } from './images';
import type { NetworkName } from './networks';
import { type Protocol, type ProtocolName, protocols } from './protocols';
import { type StorageReport, storage } from './storage';
import type { Teacher } from './teacher';
import { type StudentResult, trainStudent } from './train-student';

export interface EvaluateOptions extends LongTask, RecipeChanges {
  student: NetworkName;
  /** By name or as a row of data. @default 'rded' */
  protocol?: ProtocolName | Protocol;
  /** Labels the students' images; needed by 'rded'. @see trainTeacher @see loadCheckpoint */
  teacher?: Teacher;
  /** Side of the students' images, pixels, if `test` is a dataset. Default: the teacher's, else the set's. */
  size?: number;
  /**
   * The teacher's stored answers for a seed and an epoch, from 0. Default: computed in training.
   * @see teacherAnswers
   */
  answers?: (seed: number, epoch: number) => Float32Array;
  /** One student per seed; the published tables use five. */
  seeds?: readonly number[];
}

/** One student: a row of a results table. */
export interface EvaluationRow extends StudentResult, StorageReport {
  method: string;
  /** The dataset that was distilled. */
  dataset: string;
  imagesPerClass: number;
  /** Side of the student's images, pixels. */
  size: number;
  student: string;
  /** The labelling network; '-' for hard labels. */
  teacher: string;
  /** That network's own accuracy, 0 … 1; null for hard labels. */
  teacherAccuracy: number | null;
  protocol: string;
  labels: Protocol['labels'];
  /** The seed with which the set was chosen; null if the method has none. */
  setSeed: number | null;
  studentSeed: number;
  /** Fingerprint of the distilled images. */
  distilled: string;
}

/**
 * Trains one student per seed on a distilled set, and tests it. `test` is a dataset, or images already opened at the
 * students' size (with `preparation: protocol.test`), which saves opening them again for each set.
 * @example const rows = await evaluate(set, test, { student: 'conv3', teacher, factor: 2 });
 * @throws when there is no seed or the classes of set, test and teacher differ; also whatever trainStudent throws.
 */
export async function evaluate(
  set: DistilledSet,
  test: ImageDataset | LabelledImages,
  options: EvaluateOptions,
): Promise<EvaluationRow[]> {
  const { student, teacher, answers, seeds = [0, 1, 2, 3, 4], signal, onProgress, ...changes } = options;
  const { protocol: chosen = 'rded', size: wanted, ...recipe } = changes;
  const protocol = typeof chosen === 'string' ? protocols[chosen] : chosen;
  if (seeds.length === 0) {
    throw new Error('Expected at least one seed, as each trains a student, got none. Leave seeds out for five.');
  }
  const teaching = protocol.labels === 'soft' ? teacher : undefined;
  expectClasses('test images', test.classes, set.classes);
  if (teaching) expectClasses('teacher', teaching.classes, set.classes);
  const size = wanted ?? teaching?.size ?? set.size;
  const { normalisation, test: preparation } = protocol;
  const held = 'batches' in test ? test : await openLabelled(test, { size, normalisation, preparation, signal });
  if (teaching && teaching.size !== held.size) {
    throw new Error(
      `Expected test images of the teacher's ${teaching.size} pixels, got ${held.size}: it labels what the students see. Open them with { size: ${teaching.size} }.`,
    );
  }
  const train = await loadDistilled(set, { size: held.size, normalisation: held.normalisation, signal });
  const { seed: setSeed } = set.settings;
  const rows: EvaluationRow[] = [];
  for (const [k, seed] of seeds.entries()) {
    const result = await trainStudent(train, held, {
      ...recipe,
      student,
      protocol,
      ...(teaching ? { teacher: teaching.network, teacherName: teaching.name } : {}),
      ...(answers ? { answers: (epoch: number) => answers(seed, epoch) } : {}),
      imagesPerClass: set.imagesPerClass,
      seed,
      label: `${set.method}: student ${k + 1} of ${seeds.length} (${student})`,
      signal,
      onProgress,
    });
    rows.push({
      method: set.method,
      dataset: set.dataset.name,
      imagesPerClass: set.imagesPerClass,
      size: train.size,
      student,
      teacher: teaching ? teaching.name : '-',
      teacherAccuracy: teaching ? teaching.accuracy : null,
      protocol: protocol.name,
      labels: protocol.labels,
      setSeed: typeof setSeed === 'number' ? setSeed : null,
      studentSeed: seed,
      distilled: distilledFingerprint(set),
      ...result,
      ...(await storage(set, { protocol, teacher: teaching, epochs: result.epochs })),
    });
  }
  return rows;
}

/** @throws naming the first class that differs. */
function expectClasses(whose: string, classes: readonly string[], expected: readonly string[]): void {
  const other = expected.findIndex((name, i) => name !== classes[i]);
  if (other < 0 && expected.length === classes.length) return;
  const place = other < 0 ? expected.length : other;
  throw new Error(
    `Expected the ${whose} to have the distilled set's ${expected.length} classes in its order; class ${place} is '${classes[place]}' there and '${expected[place]}' in the set. Open both with one class list.`,
  );
}
