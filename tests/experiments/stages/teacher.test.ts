import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type StoredTeacher, teacher } from '../../../src/experiments/stages';
import { type BoundStage, type Json, Store } from '../../../src/sweeps';
import { temporaryFolder } from '../../helpers/temporary';
import { type StoppableContext, stoppableContext } from './stoppable-context';

const world = { kind: 'still-life', size: 16, scenery: 'studio' } as const;
const settings = {
  train: { ...world, split: 'train', perClass: 10 },
  test: { ...world, split: 'test', perClass: 5 },
  network: 'conv3-w8',
  size: 16,
  epochs: 20,
  batch: 50,
  learningRate: 0.01,
} as const;

describe('a teacher’s training', () => {
  const folder = temporaryFolder();
  const store = new Store(join(folder, 'store'));

  const contextIn = (work: string, at?: number): StoppableContext =>
    stoppableContext({ store, folder, work, ...(at === undefined ? {} : { stop: { label: 'Teacher', at } }) });

  it('that was stopped goes on from its checkpoint, comes to the same bits, and leaves nothing behind', async () => {
    const work = join(folder, 'work');
    const { parameters } = teacher.bind(settings, { unkeyed: { work } }) as BoundStage<StoredTeacher>;
    const perform = async (context: StoppableContext): Promise<StoredTeacher> => {
      const output = await teacher.call(context, parameters as Json, undefined, {});
      context.filed();
      return output as StoredTeacher;
    };

    const straight = await perform(contextIn(work));
    await expect(perform(contextIn(work, 5))).rejects.toThrow('stopped');
    expect(readdirSync(work)).toEqual([expect.stringMatching(/^teacher-\w{16}\.safetensors$/)]);
    const resumed = await perform(contextIn(work));
    expect(readdirSync(work)).toEqual([]);
    expect(resumed.weights.hash).toBe(straight.weights.hash);
    expect(resumed.accuracy).toBe(straight.accuracy);
  });
});
