/** Teachers on disk: trained here, or published weights of the same networks. */
import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import type { LongTask } from '../engine';
import { SafetensorsFile, type TensorSource, TorchFile, writeSafetensors } from '../models';
import { cutToClasses } from './imagenet-head';
import type { LabelledImages } from './images';
import { buildNetwork, type NetworkName } from './networks';
import { selfCheck } from './self-check';
import type { Teacher, TrainedTeacher } from './teacher';

/** Writes a teacher to one safetensors file. @param options.dtype 'float16' for a file of half the size. Default 'float32' */
export async function saveTeacher(
  teacher: Teacher,
  file: string,
  { dtype = 'float32' }: { dtype?: 'float32' | 'float16' } = {},
): Promise<void> {
  const { network, ...rest } = teacher;
  writeSafetensors(file, await network.stateDict(), { dtype, metadata: { teacher: JSON.stringify(rest) } });
}

/** Reads a teacher that saveTeacher wrote; undefined if there is no file. @throws when the file isn't a teacher. */
export function loadTeacher(file: string): TrainedTeacher | undefined {
  if (!existsSync(file)) return undefined;
  const stored = new SafetensorsFile(file);
  if (!stored.metadata.teacher) throw new Error(`Expected ${file} to be a teacher that saveTeacher wrote.`);
  const rest = JSON.parse(stored.metadata.teacher) as Omit<TrainedTeacher, 'network'>;
  const network = buildNetwork(rest.name, { classes: rest.classes.length, size: rest.size });
  return { ...rest, network: network.load(stored).eval() };
}

export interface CheckpointOptions extends LongTask {
  /** The weights' architecture. */
  network: NetworkName;
}

/**
 * A teacher from published weights: a state dict of torchvision's names in a PyTorch file or in safetensors. Its classes
 * are taken to stand in the order of `validation`, and its size and normalisation to be those of these images; that it
 * labels them well is what shows it. Weights of ImageNet's 1,000 classes are cut to those of `validation`, by name.
 * @throws UnfitTeacherError when it is near chance on them, naming the likely cause; an error naming file and tensor where
 *   the weights don't fit the network.
 */
export async function loadCheckpoint(
  file: string,
  validation: LabelledImages,
  { network: name, ...task }: CheckpointOptions,
): Promise<Teacher> {
  if (!existsSync(file)) throw new Error(`Expected a teacher's weights in '${file}'; there is no such file.`);
  const { classes, size, normalisation } = validation;
  const network = buildNetwork(name, { classes: classes.length, size });
  try {
    load({ network, file, name, classes });
    const teacher = { network, name, accuracy: Number.NaN, classes, size, normalisation };
    teacher.accuracy = await selfCheck(teacher, validation, task);
    return teacher;
  } catch (error) {
    network.dispose();
    throw error;
  }
}

function load({
  network,
  file,
  name,
  classes,
}: Pick<Teacher, 'network' | 'name' | 'classes'> & { file: string }): void {
  const source: TensorSource = extname(file) === '.safetensors' ? new SafetensorsFile(file) : new TorchFile(file);
  try {
    network.load(cutToClasses(source, network, classes));
  } catch (error) {
    throw new Error(
      `Expected '${file}' to hold the weights of '${name}' with as many classes as the images, or ImageNet's: ${(error as Error).message} Name the network that was trained: its stem (-modified), norm (-in) and classes count.`,
      { cause: error },
    );
  }
}
