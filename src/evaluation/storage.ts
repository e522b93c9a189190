/** What a distilled set costs to keep: the images, and the labels that a protocol hides in its teacher. */
import { type DistilledSet, imageBytes } from '../methods';
import type { Protocol } from './protocols';
import type { Teacher } from './teacher';

export interface StorageReport {
  /** The images as PNG files. */
  imageBytes: number;
  /**
   * The labels. Hard: one byte an image, two above 256 classes. Soft: every answer the teacher gives in a training, kept
   * once in half precision (FKD's way); the protocol asks the teacher anew each time, which hides this.
   */
  labelBytes: number;
  /** The teacher's weights in float32, which the protocol keeps instead; 0 with hard labels. */
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
