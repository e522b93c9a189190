import { expect, it } from 'vitest';
import { trainTeacherOn } from '../../src/evaluation';
import { colourfulDataset } from '../diffusion/colourful-dataset';

it('teaches a network to tell the classes of a dataset, at the side that is asked for', async () => {
  const [train, validation] = [colourfulDataset([0, 1, 2, 3, 4, 5]), colourfulDataset([6, 7, 8])];
  const options = { network: 'conv3-w8', size: 8, epochs: 30, batch: 6, learningRate: 0.01, seed: 0 } as const;
  const teacher = await trainTeacherOn(train, validation, options);
  expect(teacher.accuracy).toBe(1);
  expect(teacher).toMatchObject({ name: 'conv3-w8', size: 8, classes: ['red', 'green', 'blue'] });
  teacher.network.dispose();
});
