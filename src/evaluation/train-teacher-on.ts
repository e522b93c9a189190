/** A teacher for one's own images: trainTeacher on datasets. */
import type { ImageDataset } from '../datasets';
import { loadLabelled, openLabelled } from './images';
import { rdedProtocol } from './protocols';
import { type TeacherOptions, type TrainedTeacher, trainTeacher } from './teacher';

export interface TrainTeacherOnOptions extends TeacherOptions {
  /** Side of its and the students' input images, pixels. Default: the training set's short side. */
  size?: number;
}

/**
 * Trains a network on all images of a dataset and tests it on others, prepared like the test images of RDED's protocol.
 * Training images are held in memory, 3 · size² bytes each.
 * @example const teacher = await trainTeacherOn(photos, test, { network: 'conv3', epochs: 30, seed: 0 });
 * @throws before it trains, where there is nothing to validate on; UnfitTeacherError when it ends near chance on the validation images: such a teacher must not label
 */
export async function trainTeacherOn(
  train: ImageDataset,
  validation: ImageDataset,
  { size = train.size, ...options }: TrainTeacherOnOptions,
): Promise<TrainedTeacher> {
  const { signal, epochs, batch = 1, learningRate = 1e-3 } = options;
  for (const [name, value] of Object.entries({ epochs, batch, size })) {
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`Expected ${name} to be a whole number of at least 1, got ${value}.`);
  }
  if (!(learningRate > 0 && Number.isFinite(learningRate)))
    throw new Error(`Expected learningRate to be a finite number over 0, got ${learningRate}.`);
  if (validation.labels.length === 0)
    throw new Error(
      `Expected validation images in '${validation.name}', got none: a teacher is measured before it labels.`,
    );
  const { normalisation, test: preparation } = rdedProtocol;
  const images = await loadLabelled(train, { size, normalisation, signal });
  const held = await openLabelled(validation, { size, normalisation, preparation, signal });
  return trainTeacher(images, held, options);
}
