/** `npm run train:teachers`: trains the teacher that ships in data/teachers, so that the first table needn't. Resumable. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { showProgress } from '../charts';
import { loadLabelled, saveTeacher, trainTeacher } from '../evaluation';
import { openDataset } from './datasets';
import { stillLifeTeacher } from './scales/mini';

const project = fileURLToPath(new URL('../..', import.meta.url));

export interface TrainTeachersOptions {
  signal?: AbortSignal | undefined;
}

/** Trains and writes data/teachers/still-life. @returns its folder, relative to the project */
export async function trainTeachers({ signal }: TrainTeachersOptions = {}): Promise<string> {
  const { name, train, test, network, size, epochs, learningRate, seed } = stillLifeTeacher;
  const work = join(project, '.stillhouse', 'training');
  mkdirSync(work, { recursive: true });
  const onProgress = showProgress(`Teacher ${name}`);
  const task = { onProgress, ...(signal ? { signal } : {}) };
  const images = await loadLabelled(openDataset(train), { size, ...task });
  const held = await loadLabelled(openDataset(test), { size, preparation: 'centre', ...task });
  const settings = { network, epochs, learningRate, seed };
  const checkpoint = { file: join(work, `teacher-${name}.safetensors`) };
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
  teacher.network.dispose();
  return folder;
}
