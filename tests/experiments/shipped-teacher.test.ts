import { expect, it } from 'vitest';
import { stillLife } from '../../src/datasets';
import { shippedTeacher } from '../../src/experiments';

it('is there, knows the classes of the embedded world, and says how to get one that is not', () => {
  const teacher = shippedTeacher();
  expect(teacher.classes).toEqual(stillLife({ split: 'train', perClass: 1 }).classes);
  expect(teacher.accuracy).toBeGreaterThan(0.5);
  teacher.network.dispose();
  expect(() => shippedTeacher('none')).toThrow(/data\/teachers\/none.*npm run train:teachers/);
});
