/** What a distilled set is worth: students of several seeds, one row each. */
import type { LongTask } from '../engine';
import { type DistilledSet, distilledFingerprint } from '../methods';
import { loadDistilled, type LabelledImages } from './images';
import type { NetworkName } from './networks';
import type { Protocol } from './protocols';
import { type StorageReport, storage } from './storage';
import type { Teacher } from './teacher';
import { type StudentResult, trainStudent } from './train-student';

export interface EvaluateOptions extends LongTask {
  student: NetworkName;
  protocol: Protocol;
  teacher?: Teacher;
  /** Its kept answers to what students of a seed see in an epoch, from 0. Default: it's asked. @see teacherAnswers */
  answers?: (seed: number, epoch: number) => Float32Array;
  /** One student each; the published tables have five. */
  seeds?: readonly number[];
}

/** One student: a row of a results table. */
export interface EvaluationRow extends StudentResult, StorageReport {
  method: string;
  imagesPerClass: number;
  student: string;
  /** The network that labelled, '-' for hard labels. */
  teacher: string;
  /** What that network reaches itself, 0 … 1; null for hard labels. */
  teacherAccuracy: number | null;
  protocol: string;
  labels: Protocol['labels'];
  seed: number;
  /** Fingerprint of the distilled images. */
  distilled: string;
}

/**
 * Trains and tests a student a seed on a distilled set. `test` has the size and normalisation that the students see; load
 * it with `preparation: protocol.test`.
 * @example const rows = await evaluate(set, test, { student: 'conv3', protocol: rdedProtocol, teacher });
 * @throws when the classes of set and test differ.
 */
export async function evaluate(
  set: DistilledSet,
  test: LabelledImages,
  options: EvaluateOptions,
): Promise<EvaluationRow[]> {
  const { student, protocol, teacher, answers, seeds = [0, 1, 2, 3, 4], signal, onProgress } = options;
  const other = set.classes.findIndex((name, i) => name !== test.classes[i]);
  if (other >= 0 || set.classes.length !== test.classes.length) {
    throw new Error(
      `Expected the test images to have the distilled set's classes in its order, [${set.classes.join(', ')}], got [${test.classes.join(', ')}].`,
    );
  }
  const { size, normalisation } = test;
  const train = await loadDistilled(set, { size, normalisation, signal });
  const distilled = distilledFingerprint(set);
  const rows: EvaluationRow[] = [];
  try {
    for (const [k, seed] of seeds.entries()) {
      const result = await trainStudent(train, test, {
        student,
        protocol,
        ...(teacher ? { teacher: teacher.network } : {}),
        ...(answers ? { answers: (epoch: number) => answers(seed, epoch) } : {}),
        imagesPerClass: set.imagesPerClass,
        factor: set.factor,
        seed,
        label: `${set.method}: student ${k + 1} of ${seeds.length} (${student})`,
        signal,
        onProgress,
      });
      rows.push({
        method: set.method,
        imagesPerClass: set.imagesPerClass,
        student,
        teacher: protocol.labels === 'soft' && teacher ? teacher.name : '-',
        teacherAccuracy: protocol.labels === 'soft' && teacher ? teacher.accuracy : null,
        protocol: protocol.name,
        labels: protocol.labels,
        seed,
        distilled,
        ...result,
        ...(await storage(set, { protocol, teacher, epochs: result.epochs })),
      });
    }
  } finally {
    train.images.dispose();
  }
  return rows;
}
