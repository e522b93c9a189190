/** The classifiers that ship with the project, for notebooks about the embedded world. */
import { fileURLToPath } from 'node:url';
import { loadTeacher, type Teacher } from '../evaluation';

const teachers = new URL('../../data/teachers/', import.meta.url);

/**
 * A teacher of data/teachers; the caller disposes of its network.
 * @param name a folder there. Default 'still-life', the embedded world's
 * @throws Error if there is none of that name
 */
export function shippedTeacher(name = 'still-life'): Teacher {
  const teacher = loadTeacher(fileURLToPath(new URL(`${name}/model.safetensors`, teachers)));
  if (teacher) return teacher;
  throw new Error(`Expected a teacher in data/teachers/${name}, there is none. Train it: npm run train:teachers`);
}
