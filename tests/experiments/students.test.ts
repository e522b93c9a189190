import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { stillLife } from '../../src/datasets';
import { buildNetwork, imageNetNormalisation, type NetworkName, saveTeacher } from '../../src/evaluation';
import { bindSharingStudent, type StoredTeacher, student } from '../../src/experiments/students';
import { randomControl } from '../../src/experiments/stages';
import { run, stage, Store } from '../../src/sweeps';

const folder = mkdtempSync(join(tmpdir(), 'stillhouse-answers-'));
const store = new Store(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const world = (split: 'train' | 'test') => ({ kind: 'still-life', split, perClass: 2, size: 64, seed: 0 }) as const;
const { classes } = stillLife(world('train'));

/** A teacher that has learnt nothing: what it says is as good as anything to be shared. */
const untaught = stage({
  name: 'untaught',
  version: 1,
  parameters: z.object({}),
  async run(context): Promise<StoredTeacher> {
    const network = buildNetwork('conv3', { classes: classes.length, size: 32, seed: 5 });
    const file = join(await context.scratch(), 'teacher.safetensors');
    const report = { steps: 1, losses: [0], seconds: 0 };
    const about = { name: 'conv3' as const, accuracy: 0.5, classes, size: 32, normalisation: imageNetNormalisation };
    await saveTeacher({ network, report, ...about } as Parameters<typeof saveTeacher>[0], file);
    network.dispose();
    return { name: 'conv3', accuracy: 0.5, weights: await context.file(file) };
  },
});

const from = {
  distilled: randomControl.bind({ dataset: world('train'), imagesPerClass: 1 }),
  teacher: untaught.bind({}),
};
const shared = (network: NetworkName, epochs: number) =>
  bindSharingStudent({ test: world('test'), network, size: 32, epochs, seed: 0 }, from);
/** Pieces that were worked out, by stage. */
const made = ({ stages }: Awaited<ReturnType<typeof run>>) =>
  Object.fromEntries(stages.filter(({ misses }) => misses > 0).map(({ stage: name, misses }) => [name, misses]));

test('a teacher answers once for students of every network; a longer training asks only for its further epochs', async () => {
  const first = await run(shared('conv3', 3), { store });
  expect(made(first)).toMatchObject({ 'teacher-answers': 3, 'student-of-answers': 1 });
  expect(made(await run(shared('conv4', 3), { store }))).toEqual({ 'student-of-answers': 1 });
  expect(made(await run(shared('conv3', 5), { store }))).toEqual({ 'teacher-answers': 2, 'student-of-answers': 1 });

  const asked = student.bind({ test: world('test'), network: 'conv3', size: 32, epochs: 3, seed: 0 }, { inputs: from });
  const { seconds: _, ...row } = (await run(asked, { store })).output;
  const { seconds: __, ...told } = first.output;
  expect(told).toEqual(row);
});
