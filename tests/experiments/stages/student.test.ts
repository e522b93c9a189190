import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { stillLife } from '../../../src/datasets';
import { buildNetwork, imageNetNormalisation, type NetworkName, saveTeacher } from '../../../src/evaluation';
import { randomControl } from '../../../src/experiments/stages';
import { bindSharingStudent, bindStudent, type StudentSettings } from '../../../src/experiments/stages/student';
import type { StoredTeacher } from '../../../src/experiments/stages/teacher';
import { bindTeacherCheckpoint } from '../../../src/experiments/stages/teacher-checkpoint';
import { writeSafetensors } from '../../../src/models';
import { run, stage, Store } from '../../../src/sweeps';
import { temporaryFolder } from '../../helpers/temporary';

const folder = temporaryFolder();
const store = new Store(join(folder, 'store'));

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
    const about = { name: 'conv3' as const, accuracy: 0.5, classes, size: 32, normalisation: imageNetNormalisation };
    await saveTeacher({ network, ...about }, file);
    network.dispose();
    return { name: 'conv3', accuracy: 0.5, weights: await context.file(file) };
  },
});

const from = {
  distilled: randomControl.bind({ dataset: world('train'), imagesPerClass: 1 }),
  teacher: untaught.bind({}),
};
const settings = (network: NetworkName, epochs: number): StudentSettings & { epochs: number } => ({
  test: world('test'),
  network,
  size: 32,
  protocol: 'rded',
  factor: 2,
  epochs,
  seed: 0,
});
const shared = (network: NetworkName, epochs: number) => bindSharingStudent(settings(network, epochs), from);
/** Pieces that were worked out, by stage. */
const made = ({ stages }: Awaited<ReturnType<typeof run>>) =>
  Object.fromEntries(stages.filter(({ misses }) => misses > 0).map(({ stage: name, misses }) => [name, misses]));

describe('a student under soft labels', () => {
  it('shares what its teacher answers with students of every network; a longer training asks for its further epochs alone', async () => {
    const first = await run(shared('conv3-w8', 3), { store });
    expect(made(first)).toMatchObject({ 'teacher-answers': 3, student: 1 });
    expect(made(await run(shared('conv4-w8', 3), { store }))).toEqual({ student: 1 });
    expect(made(await run(shared('conv3-w8', 5), { store }))).toEqual({ 'teacher-answers': 2, student: 1 });

    const { seconds: _, ...row } = (await run(bindStudent(settings('conv3-w8', 3), from), { store })).output;
    const { seconds: __, ...told } = first.output;
    expect(told).toEqual(row);
    expect(row).toMatchObject({ teacher: 'conv3', factor: 2, cropFrom: 0.5, setSeed: 0, studentSeed: 0, epochs: 3 });
  });

  it('needs a teacher', () => {
    const { distilled } = from;
    expect(() => bindStudent(settings('conv3', 1), { distilled })).toThrow(/Expected a teacher, as 'RDED soft labels'/);
  });
});

describe('a student under hard labels', () => {
  it("does not wait for a teacher, and takes the IDC protocol's own epochs unless told", async () => {
    const idc = { ...settings('resnet10-in-w4', 1), protocol: 'idc', epochs: 2 } as const;
    const report = await run(bindStudent(idc, from), { store });
    expect(Object.keys(made(report))).toEqual(['student']);
    expect(report.output).toMatchObject({
      labels: 'hard',
      protocol: 'IDC hard labels',
      teacher: '-',
      epochs: 2,
      cropFrom: 0.5,
    });
    const { epochs: _, ...own } = idc;
    expect(bindStudent(own, from).parameters).not.toHaveProperty('epochs');
  });

  it('is refused with the norm of another protocol, before anything runs', () => {
    const batchNorm = { ...settings('resnet18', 1), protocol: 'idc' } as const;
    expect(() => bindStudent(batchNorm, from)).toThrow(/Expected a network with instance norm .* Use 'resnet18-in'/);
    expect(() => bindStudent({ ...batchNorm, network: 'resnet19' as NetworkName }, from)).toThrow(
      /Expected a network among conv3/,
    );
  });
});

describe('a teacher from a checkpoint', () => {
  const bind = (file: string) =>
    bindTeacherCheckpoint({ test: world('test'), network: 'resnet10-w4', size: 32, checkpoint: file });

  it('is known by its weights, wherever they lie, and refused near chance', async () => {
    const network = buildNetwork('resnet10-w4', { classes: classes.length, size: 32, seed: 1 });
    const state = await network.stateDict();
    network.dispose();
    const [here, there, other] = ['a.safetensors', 'b.safetensors', 'c.safetensors'].map((name) => join(folder, name));
    writeSafetensors(here!, state);
    writeSafetensors(there!, state);
    state.get('fc.bias')!.data[0]! += 1;
    writeSafetensors(other!, state);
    expect(bind(there!).id).toBe(bind(here!).id);
    expect(bind(other!).id).not.toBe(bind(here!).id);
    await expect(run(bind(here!), { store })).rejects.toThrow(
      /Expected the teacher to be well above chance \(10\.0 %\)/,
    );
  });

  it('says what the file is not', async () => {
    expect(() => bind(join(folder, 'none.pth'))).toThrow(/none\.pth/);
    const file = join(folder, 'notes.pth');
    writeFileSync(file, 'no weights');
    await expect(run(bind(file), { store })).rejects.toThrow(/Expected weights in the PyTorch file .*notes\.pth/);
  });
});
