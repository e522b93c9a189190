import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { stillLife } from '../../src/datasets';
import { RandomStream, tf } from '../../src/engine';
import {
  accuracy,
  evaluate,
  hardLabelProtocol,
  idcProtocol,
  loadCheckpoint,
  loadTeacher,
  predict,
  rdedProtocol,
  ResidentImages,
  saveTeacher,
  selfCheck,
  teacherAnswers,
  trainStudent,
  trainTeacher,
  type TrainedTeacher,
  UnfitTeacherError,
} from '../../src/evaluation';
import { type DistilledSet, randomSelection } from '../../src/methods';
import { writeSafetensors } from '../../src/models';
import { temporaryFolder } from '../helpers/temporary';

/** Four classes of 8×8 images that differ in which rows are bright (mirrors don't matter); learnt in seconds. */
function bands(perClass: number, seed: number): ResidentImages {
  const labels = Int32Array.from({ length: perClass * 4 }, (_, i) => i % 4);
  return new ResidentImages({ pixels: pixelsOf(labels, seed), labels, size: 8, classes, name: 'bands' });
}
const classes = ['top', 'upper', 'lower', 'bottom'];

function pixelsOf(labels: Int32Array, seed: number): Uint8Array {
  const size = 8;
  const random = new RandomStream(seed, 'bands');
  const pixels = new Uint8Array(labels.length * size * size * 3);
  for (const [k, label] of labels.entries())
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) {
        const inside = y >> 1 === label;
        for (let c = 0; c < 3; c++)
          pixels[((k * size + y) * size + x) * 3 + c] = random.integer(120) + (inside ? 90 : 0);
      }
  return pixels;
}

/** The same images with other labels or class names. */
const relabelled = (seed: number, change: { labels?: Int32Array; classes?: readonly string[] }): ResidentImages => {
  const { size, labels } = bands(25, seed);
  return new ResidentImages({ pixels: pixelsOf(labels, seed), size, labels, classes, ...change });
};

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
    const folder = temporaryFolder();
    const file = join(folder, 'teacher.safetensors');
    expect(loadTeacher(file)).toBeUndefined();
    await saveTeacher(teacher, file);
    const loaded = loadTeacher(file)!;
    expect(loaded.classes).toEqual(train.classes);
    expect(await predict(loaded.network, test)).toEqual(await predict(teacher.network, test));
  });

  it('is read from a published state dict, checked on the images, and refused for another network', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'published.safetensors');
    writeSafetensors(file, await teacher.network.stateDict());
    const loaded = await loadCheckpoint(file, test, { network: 'conv3' });
    expect(loaded.accuracy).toBe(teacher.accuracy);
    expect(await predict(loaded.network, test)).toEqual(await predict(teacher.network, test));
    await expect(loadCheckpoint(file, test, { network: 'conv3-w64' })).rejects.toThrow(
      /published\.safetensors' to hold the weights of 'conv3-w64' .* shape .* Name the network/,
    );
    await expect(loadCheckpoint(join(folder, 'none.pth'), test, { network: 'conv3' })).rejects.toThrow(
      /Expected a teacher's weights in '.*none\.pth'; there is no such file/,
    );
  });

  it('is refused where its classes stand in another order', async () => {
    const other = relabelled(2, { classes: [...classes].reverse() });
    await expect(selfCheck(teacher, other)).rejects.toThrow(
      /class 0 is 'top' to the teacher and 'bottom' there .* Load both with one class list/,
    );
  });

  it('is refused near chance, and a consistent renaming is named as the cause', async () => {
    // As if the folders had been read in another order: names agree, labels don't.
    const answers = await predict(teacher.network, test);
    const labels = answers.map((answer) => (answer + 1) % 4);
    const refused = selfCheck(teacher, relabelled(2, { labels }));
    await expect(refused).rejects.toBeInstanceOf(UnfitTeacherError);
    await expect(refused).rejects.toThrow(
      /reaches 0\.0 %. It labels nothing. With its classes renamed it would reach 100\.0 %/,
    );
  });

  it('is refused where it was never trained', async () => {
    const never = relabelled(2, { labels: test.labels.map(() => 3) });
    const untrained = trainTeacher(train, never, { network: 'conv3', epochs: 1, batch: 100, learningRate: 0, seed: 3 });
    await expect(untrained).rejects.toThrow(UnfitTeacherError);
  });
});

describe('a student', () => {
  const options = { student: 'conv3', imagesPerClass: 25 } as const;

  it('learns from soft labels, is the same from the same seed, and leaves no tensors behind', async () => {
    const protocol = { ...rdedProtocol, epochs: 12 };
    const once = () => trainStudent(train, test, { ...options, protocol, teacher: teacher.network, seed: 1 });
    const first = await once();
    const before = tf.memory().numTensors;
    const second = await once();
    expect(tf.memory().numTensors).toBe(before);
    expect({ ...second, seconds: 0 }).toEqual({ ...first, seconds: 0 });
    expect(first).toMatchObject({ epochs: 12, steps: 12, batch: 100 });
    expect(first.bestAccuracy).toBeGreaterThanOrEqual(first.accuracy);
    expect(first.accuracy).toBeGreaterThan(0.35);
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

  it.each([
    [hardLabelProtocol, 'conv3', { epochs: 12, steps: 12 }],
    [idcProtocol, 'conv3-in', { epochs: 20, steps: 40 }],
  ] as const)(
    'learns from hard labels, by AdamW and by SGD with colour jitter ($name)',
    async (protocol, student, of) => {
      const taught = { ...options, student, protocol, epochs: of.epochs, seed: 2 };
      const { accuracy, steps } = await trainStudent(train, test, taught);
      expect(steps).toBe(of.steps);
      expect(accuracy).toBeGreaterThan(0.8);
      // The same without learning is near chance, 0.25.
      const untaught = await trainStudent(train, test, { ...taught, learningRate: 1e-30 });
      expect(untaught.accuracy).toBeLessThan(0.45);
    },
  );

  it('is tested as often as it is asked to be, in place of the protocol', async () => {
    // Where all test labels are wrong, whoever has learnt less knows better: the best test is the first.
    const wrong = relabelled(2, { labels: test.labels.map((label) => (label + 1) % 4) });
    const taught = { ...options, protocol: hardLabelProtocol, epochs: 12, seed: 1 } as const;
    const bestOf = async (tests: number) => (await trainStudent(train, wrong, { ...taught, tests })).bestEpoch;
    expect([await bestOf(1), await bestOf(2), await bestOf(3)]).toEqual([12, 6, 4]);
    await expect(bestOf(0)).rejects.toThrow(/Expected tests to be a whole number of at least 1, got 0/);
  });

  it('needs a teacher for soft labels, and test images of its size', async () => {
    await expect(trainStudent(train, test, { ...options, protocol: rdedProtocol, seed: 0 })).rejects.toThrow(
      /Expected a teacher, as 'RDED soft labels' has soft labels/,
    );
    const larger = new ResidentImages({
      pixels: new Uint8Array(16 * 16 * 3),
      labels: Int32Array.of(0),
      classes,
      size: 16,
    });
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
  const world = stillLife({ split: 'train', perClass: 2, size: 16 });
  const held = (labels: Iterable<number>, names = world.classes) => {
    const chosen = Int32Array.from(labels);
    return new ResidentImages({
      pixels: new Uint8Array(chosen.length * 768),
      labels: chosen,
      classes: names,
      size: 16,
    });
  };
  const ten = Array.from({ length: 10 }, (_, label) => label);
  let set: DistilledSet;
  beforeAll(async () => {
    set = await randomSelection(world, { imagesPerClass: 2, seed: 7 });
  });

  it('gives a row per seed, with every number that made it', async () => {
    const rows = await evaluate(set, held(ten), {
      student: 'conv3-w8',
      protocol: 'hard',
      epochs: 1,
      factor: 2,
      learningRate: 0.003,
      seeds: [4, 5],
    });
    expect(rows.map(({ studentSeed }) => studentSeed)).toEqual([4, 5]);
    expect(rows[0]).toMatchObject({
      method: 'random',
      dataset: world.name,
      imagesPerClass: 2,
      size: 16,
      student: 'conv3-w8',
      teacher: '-',
      teacherAccuracy: null,
      protocol: 'hard labels',
      labels: 'hard',
      setSeed: 7,
      epochs: 1,
      batch: 20,
      learningRate: 0.003,
      factor: 2,
      cropFrom: 0.5,
      labelBytes: 20,
      teacherBytes: 0,
    });
    expect(rows[0]!.imageBytes).toBeGreaterThan(20 * 100);
  });

  it('shows students of whole images and of mosaics the same recipe, whatever the set is made of', async () => {
    const mosaics = await randomSelection(stillLife({ split: 'train', perClass: 8, size: 16 }), {
      imagesPerClass: 2,
      factor: 2,
      seed: 7,
    });
    const options = { student: 'conv3-w8', protocol: 'hard', epochs: 1, seeds: [0], crop: [0.4, 1] } as const;
    for (const { factor, cropFrom } of [
      ...(await evaluate(set, held(ten), options)),
      ...(await evaluate(mosaics, held(ten), options)),
    ]) {
      expect({ factor, cropFrom }).toEqual({ factor: 1, cropFrom: 0.4 });
    }
  });

  it('opens a dataset by itself, at the size that is asked for', async () => {
    const [row] = await evaluate(set, stillLife({ split: 'test', perClass: 1, size: 16 }), {
      student: 'conv3-w8',
      protocol: 'hard',
      epochs: 1,
      size: 8,
      seeds: [0],
    });
    expect(row!.size).toBe(8);
  });

  it('says what to do about classes in another order, and about sets that teach nothing', async () => {
    const hard = { student: 'conv3-w8', protocol: 'hard', epochs: 1, seeds: [0] } as const;
    await expect(evaluate(set, held(ten, [...world.classes].reverse()), hard)).rejects.toThrow(
      /Expected the test images to have the distilled set's 10 classes in its order; class 0 is .* Open both with one class list/,
    );
    await expect(evaluate(set, held(ten), { ...hard, seeds: [] })).rejects.toThrow(/Expected at least one seed/);
    await expect(evaluate(set, held([]), hard)).rejects.toThrow(/Expected test images in 'images', got none/);
    const one = { ...set, classes: set.classes.slice(0, 1), images: set.images.slice(0, 2) };
    await expect(evaluate(one, held([0], one.classes), hard)).rejects.toThrow(/Expected at least two classes/);
    const single = { ...set, imagesPerClass: 1, images: set.images.slice(0, 1) };
    await expect(evaluate(single, held(ten), hard)).rejects.toThrow(/Expected at least two images .* Distil more/);
  });

  it('stops at a loss that is not a number', async () => {
    const diverging = { student: 'conv3-w8', protocol: 'hard', epochs: 40, learningRate: 1e30, seeds: [0] } as const;
    await expect(evaluate(set, held(ten), diverging)).rejects.toThrow(
      /Expected a finite loss .* Lower the learning rate/,
    );
  });
});
