import { expect, it } from 'vitest';
import { stillLife } from '../../src/datasets';
import { teacherCheckpoint } from '../../src/experiments/train-teachers';

it('resumes a teacher with the same settings and images only', () => {
  const world = (seed: number) => stillLife({ split: 'train', perClass: 2, seed });
  const settings = { network: 'resnet18-w32', size: 64, epochs: 30, learningRate: 2e-3, seed: 0 };
  const file = teacherCheckpoint('still-life', world(5), settings);
  expect(file).toMatch(/teacher-still-life-[0-9a-f]{12}\.safetensors$/);
  expect(teacherCheckpoint('still-life', world(5), { ...settings })).toBe(file);
  for (const [name, value] of Object.entries({
    network: 'resnet18',
    size: 32,
    epochs: 15,
    learningRate: 1e-3,
    seed: 1,
  })) {
    expect(teacherCheckpoint('still-life', world(5), { ...settings, [name]: value }), name).not.toBe(file);
  }
  expect(teacherCheckpoint('still-life', world(6), settings)).not.toBe(file);
});
