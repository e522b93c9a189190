/** What a distilled set is worth: students of several seeds, one row each. */
import type { LongTask } from '../engine';
import { type DistilledSet, distilledFingerprint } from '../methods';
import { loadDistilled, type LabelledImages } from './images';
import type { NetworkName } from './networks';
import type { Protocol } from './protocols';
import type { Teacher } from './teacher';
import { type StudentResult, trainStudent } from './train-student';

export interface EvaluateOptions extends LongTask {
  student: NetworkName;
  protocol: Protocol;
  teacher?: Teacher;
  /** One student each; the published tables have five. */
  seeds?: readonly number[];
}

/** One student: a row of a results table. */
export interface EvaluationRow extends StudentResult {
  method: string;
  imagesPerClass: number;
  student: string;
  /** The network that labelled, '-' for hard labels. */
  teacher: string;
  protocol: string;
  seed: number;
  /** Fingerprint of the distilled images. */
  distilled: string;
}

/** Trains and tests a student a seed on a distilled set. `test` has the size that the students see. */
export async function evaluate(
  set: DistilledSet,
  test: LabelledImages,
  options: EvaluateOptions,
): Promise<EvaluationRow[]> {
  const { student, protocol, teacher, seeds = [0, 1, 2, 3, 4], signal, onProgress } = options;
  const train = await loadDistilled(set, { size: test.size });
  const distilled = distilledFingerprint(set);
  const rows: EvaluationRow[] = [];
  try {
    for (const seed of seeds) {
      const result = await trainStudent(train, test, {
        student,
        protocol,
        ...(teacher ? { teacher: teacher.network } : {}),
        imagesPerClass: set.imagesPerClass,
        factor: Math.sqrt(set.patchesPerImage),
        seed,
        signal,
        onProgress,
      });
      rows.push({
        method: set.method,
        imagesPerClass: set.imagesPerClass,
        student,
        teacher: protocol.labels === 'soft' && teacher ? teacher.name : '-',
        protocol: protocol.name,
        seed,
        distilled,
        ...result,
      });
    }
  } finally {
    train.images.dispose();
  }
  return rows;
}
