/** `npm run train:teachers`: trains the teacher that ships in data/teachers, so that the first table needn't. Resumable. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { showProgress } from '../charts';
import { type ImageDataset, fingerprint } from '../datasets';
import { loadLabelled, saveTeacher, trainTeacher } from '../evaluation';
import { openDataset } from './datasets';
import { stillLifeTeacher } from './scales/mini';

const project = fileURLToPath(new URL('../..', import.meta.url));

export interface TrainTeachersOptions {
  signal?: AbortSignal | undefined;
}

/** The checkpoint of a teacher's training: with other settings or images it is another file. */
export function teacherCheckpoint(
  name: string,
  images: Pick<ImageDataset, 'fingerprint'>,
  settings: Readonly<Record<string, string | number>>,
): string {
  const which = fingerprint(images.fingerprint, JSON.stringify(settings)).slice(0, 12);
  return join(project, '.stillhouse', 'training', `teacher-${name}-${which}.safetensors`);
}

/** Trains and writes data/teachers/still-life. @returns its folder, relative to the project */
export async function trainTeachers({ signal }: TrainTeachersOptions = {}): Promise<string> {
  const { name, train, test, network, size, epochs, learningRate, seed } = stillLifeTeacher;
  const onProgress = showProgress(`Teacher ${name}`);
  const task = { onProgress, ...(signal ? { signal } : {}) };
  const dataset = openDataset(train);
  const images = await loadLabelled(dataset, { size, ...task });
  const held = await loadLabelled(openDataset(test), { size, preparation: 'centre', ...task });
  const settings = { network, epochs, learningRate, seed };
  const checkpoint = { file: teacherCheckpoint(name, dataset, { ...settings, size }) };
  const teacher = await trainTeacher(images, held, { ...settings, checkpoint, ...task });
  const folder = join('data', 'teachers', name);
  const part = join(project, `${folder}.part`);
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  const { report, ...rest } = teacher;
  await saveTeacher(rest, join(part, 'model.safetensors'), { dtype: 'float16' });
  const { losses, seconds } = report;
  const card = { network, size, epochs, learningRate, seed, train, test, accuracy: teacher.accuracy, losses, seconds };
  writeFileSync(join(part, 'training.json'), `${JSON.stringify(card, null, 1)}\n`);
  rmSync(join(project, folder), { recursive: true, force: true });
  renameSync(part, join(project, folder));
  rmSync(checkpoint.file, { force: true });
  teacher.network.dispose();
  return folder;
}
