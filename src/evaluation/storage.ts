/** Storage that a distilled set needs: the images, and the labels that a protocol hides in its teacher. */
import { type DistilledSet, imageBytes } from '../methods';
import type { Protocol } from './protocols';
import type { Teacher } from './teacher';

export interface StorageReport {
  /** Bytes of the images as PNG files. */
  imageBytes: number;
  /**
   * Bytes of the labels. Hard: one per image, two above 256 classes. Soft: all answers of the teacher during one
   * training, in half precision (as in FKD). The protocol hides this cost by running the teacher each time.
   */
  labelBytes: number;
  /** Bytes of the teacher's weights in float32, which the protocol keeps instead; 0 with hard labels. */
  teacherBytes: number;
}

/** Bytes of a distilled set under a protocol whose students train for `epochs`. */
export async function storage(
  set: DistilledSet,
  { protocol, teacher, epochs }: { protocol: Protocol; teacher?: Pick<Teacher, 'network'> | undefined; epochs: number },
): Promise<StorageReport> {
  const [images, classes] = [set.images.length, set.classes.length];
  const soft = protocol.labels === 'soft';
  return {
    imageBytes: await imageBytes(set),
    labelBytes: soft ? epochs * images * classes * 2 : images * (classes > 256 ? 2 : 1),
    teacherBytes: soft && teacher ? 4 * teacher.network.parameterCount : 0,
  };
}
