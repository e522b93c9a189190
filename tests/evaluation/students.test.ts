import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { stillLife } from '../../src/datasets';
import { RandomStream, tf } from '../../src/engine';
import {
  accuracy,
  evaluate,
  hardLabelProtocol,
  idcProtocol,
  imageNetNormalisation,
  type LabelledImages,
  loadTeacher,
  meanAndDeviation,
  normalise,
  predict,
  rdedProtocol,
  saveTeacher,
  selfCheck,
  teacherAnswers,
  trainStudent,
  trainTeacher,
  type TrainedTeacher,
  UnfitTeacherError,
} from '../../src/evaluation';
import { type DistilledSet, randomSelection } from '../../src/methods';

/** Four classes of 8×8 images that differ in which rows are bright (mirrors don't matter); learnt in seconds. */
function bands(perClass: number, seed: number): LabelledImages {
  const [classes, size] = [['top', 'upper', 'lower', 'bottom'], 8];
  const random = new RandomStream(seed, 'bands');
  const labels = Int32Array.from({ length: perClass * 4 }, (_, i) => i % 4);
  const pixels = new Uint8Array(labels.length * size * size * 3);
  for (const [k, label] of labels.entries())
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) {
        const inside = y >> 1 === label;
        for (let c = 0; c < 3; c++)
          pixels[((k * size + y) * size + x) * 3 + c] = random.integer(120) + (inside ? 90 : 0);
      }
  const images = normalise(pixels, [labels.length, size, size, 3], imageNetNormalisation);
  return { images, labels, size, classes, normalisation: imageNetNormalisation };
}

const train = bands(25, 1);
const test = bands(25, 2);
let teacher: TrainedTeacher;

beforeAll(async () => {
  teacher = await trainTeacher(train, test, { network: 'conv3', epochs: 15, batch: 50, cropScale: [1, 1], seed: 0 });
});

describe('a teacher', () => {
  it('is measured on the validation images', async () => {
    expect(teacher.accuracy).toBe(await accuracy(teacher.network, test));
    expect(teacher.accuracy).toBeGreaterThan(0.45);
  });

  it('is the same after a file', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'stillhouse-')), 'teacher.safetensors');
    expect(loadTeacher(file)).toBeUndefined();
    await saveTeacher(teacher, file);
    const loaded = loadTeacher(file)!;
    expect(loaded.classes).toEqual(train.classes);
    expect(await predict(loaded.network, test)).toEqual(await predict(teacher.network, test));
  });

  it('is refused where its classes stand in another order', async () => {
    const classes = [...test.classes].reverse();
    await expect(selfCheck(teacher, { ...test, classes })).rejects.toThrow(
      /class 0 is 'top' to the teacher and 'bottom' there .* Load both with one class list/,
    );
  });

  it('is refused near chance, and a consistent renaming is named as the cause', async () => {
    // As if the folders had been read in another order: names agree, labels don't.
    const answers = await predict(teacher.network, test);
    const labels = answers.map((answer) => (answer + 1) % 4);
    const refused = selfCheck(teacher, { ...test, labels });
    await expect(refused).rejects.toBeInstanceOf(UnfitTeacherError);
    await expect(refused).rejects.toThrow(
      /reaches 0\.0 %. It labels nothing. With its classes renamed it would reach 100\.0 %/,
    );
  });

  it('is refused where it was never trained', async () => {
    const untrained = trainTeacher(
      train,
      { ...test, labels: test.labels.map(() => 3) },
      {
        network: 'conv3',
        epochs: 1,
        batch: 100,
        learningRate: 0,
        seed: 3,
      },
    );
    await expect(untrained).rejects.toThrow(UnfitTeacherError);
  });
});

describe('a student', () => {
  const options = { student: 'conv3', imagesPerClass: 25, factor: 1 } as const;

  it('learns from soft labels, is the same from the same seed, and leaves no tensors behind', async () => {
    const protocol = { ...rdedProtocol, epochs: 12 };
    const once = () => trainStudent(train, test, { ...options, protocol, teacher: teacher.network, seed: 1 });
    const first = await once();
    const before = tf.memory().numTensors;
    const second = await once();
    expect(tf.memory().numTensors).toBe(before);
    expect({ ...second, seconds: 0 }).toEqual({ ...first, seconds: 0 });
    expect(first).toMatchObject({ epochs: 12, steps: 12, batch: 100 });
    expect(first.best).toBeGreaterThanOrEqual(first.last);
    expect(first.last).toBeGreaterThan(0.35);
  });

  it('learns the same from kept answers of its teacher, bit for bit, for the epochs that are asked for', async () => {
    const protocol = { ...rdedProtocol, epochs: 4, batch: 40 };
    const asked = await trainStudent(train, test, { ...options, protocol, teacher: teacher.network, seed: 1 });
    const { student: _, ...cell } = options;
    const of = (epochs: number[]) => teacherAnswers(train, teacher.network, { ...cell, protocol, seed: 1, epochs });
    const before = tf.memory().numTensors;
    const kept = await of([0, 1, 2, 3]);
    expect(tf.memory().numTensors).toBe(before);
    expect(kept.map(({ length }) => length)).toEqual([400, 400, 400, 400]);
    expect((await of([2]))[0]).toEqual(kept[2]);
    const told = await trainStudent(train, test, { ...options, protocol, answers: (epoch) => kept[epoch]!, seed: 1 });
    expect({ ...told, seconds: 0 }).toEqual({ ...asked, seconds: 0 });
  });

  it('learns from hard labels, by AdamW and by SGD with colour jitter', async () => {
    for (const protocol of [hardLabelProtocol, idcProtocol]) {
      const student = protocol.norm === 'batch' ? 'conv3' : 'conv3-in';
      const { loss, steps } = await trainStudent(train, test, {
        ...options,
        student,
        protocol: { ...protocol, epochs: 4 },
        seed: 1,
      });
      expect(loss).toBeLessThan(Math.log(4) * 1.5);
      expect(steps).toBe(protocol === idcProtocol ? 8 : 4);
    }
  });

  it('needs a teacher for soft labels, and test images of its size', async () => {
    await expect(trainStudent(train, test, { ...options, protocol: rdedProtocol, seed: 0 })).rejects.toThrow(
      /Expected a teacher, as 'RDED soft labels' has soft labels/,
    );
    const larger = { ...test, size: 16 };
    await expect(trainStudent(train, larger, { ...options, protocol: hardLabelProtocol, seed: 0 })).rejects.toThrow(
      /Expected test images of the students' 8 pixels, got 16/,
    );
  });

  it('stops at the next step when told to', async () => {
    const stop = new AbortController();
    const onProgress = ({ done }: { done: number }) => {
      if (done === 2) stop.abort();
    };
    const stopped = trainStudent(train, test, {
      ...options,
      protocol: hardLabelProtocol,
      seed: 0,
      signal: stop.signal,
      onProgress,
    });
    await expect(stopped).rejects.toThrow(/abort/i);
  });
});

describe('evaluate', () => {
  it('gives a row a seed, with every number that made it', async () => {
    const world = stillLife({ split: 'train', perClass: 2, size: 16 });
    const set: DistilledSet = await randomSelection(world, { imagesPerClass: 2, seed: 0 });
    const size = 16;
    const held: LabelledImages = {
      images: tf.zeros([10, size, size, 3]),
      labels: Int32Array.from({ length: 10 }, (_, i) => i),
      size,
      classes: world.classes,
      normalisation: imageNetNormalisation,
    };
    const rows = await evaluate(set, held, {
      student: 'conv3',
      protocol: { ...hardLabelProtocol, epochs: 1 },
      seeds: [4, 5],
    });
    expect(rows.map(({ seed }) => seed)).toEqual([4, 5]);
    expect(rows[0]).toMatchObject({
      method: 'random',
      imagesPerClass: 2,
      student: 'conv3',
      teacher: '-',
      teacherAccuracy: null,
      labels: 'hard',
      epochs: 1,
      batch: 20,
      labelBytes: 20,
      teacherBytes: 0,
    });
    expect(rows[0]!.imageBytes).toBeGreaterThan(20 * 100);
    await expect(
      evaluate(
        set,
        { ...held, classes: [...held.classes].reverse() },
        { student: 'conv3', protocol: hardLabelProtocol },
      ),
    ).rejects.toThrow(/Expected the test images to have the distilled set's classes in its order/);
  });

  it('summarises seeds by mean and sample deviation', () => {
    expect(meanAndDeviation([0.4, 0.5, 0.6])).toEqual({ mean: 0.5, deviation: expect.closeTo(0.1, 12), n: 3 });
    expect(meanAndDeviation([0.4]).deviation).toBeNaN();
  });
});
