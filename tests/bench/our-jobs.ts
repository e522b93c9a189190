/**
 * One job of `npm run bench -- jobs` or `-- curves` in a process of its own: our-jobs.ts JOB PRECISION [SIZES], where SIZES is
 * JSON that replaces some of the job's own (see job-sizes.ts). Prints one line of JSON.
 */
import { gaussianNoise, memoryReport, type Precision, precisions, RandomStream } from '../../src/engine';
import { differentialLosses, LatentDiffusion } from '../../src/diffusion';
import {
  buildNetwork,
  ResidentImages,
  rdedProtocol,
  trainStudent,
  trainTeacher,
  UnfitTeacherError,
} from '../../src/evaluation';
import { priorFolder } from '../../src/experiments';
import { kMeans } from '../../src/methods/diffusion-driven-selection/k-means';
import { CLUSTERING, drawsIn, LOSSES, STUDENTS, TEACHER } from './job-sizes';

const [job = '', given = 'float32', changed = '{}'] = process.argv.slice(2);
const changes = JSON.parse(changed) as Record<string, number>;
const precision = precisions.find((name) => name === given);
if (!precision) throw new Error(`Expected a precision of ${precisions.join(', ')}, got '${given}'.`);

/** What is timed; the promise before it is the preparation, which isn't. */
const jobs: Record<string, () => Promise<() => Promise<unknown>>> = {
  'noise-losses-64': () => losses(16, precision),
  'noise-losses-96': () => losses(24, precision),
  'student-conv3': async () => student({ classes: 10, ...STUDENTS['student-conv3'], ...changes }, precision),
  'student-resnet10': async () => student({ classes: 10, ...STUDENTS['student-resnet10'], ...changes }, precision),
  'teacher-conv3': async () => teacher({ ...TEACHER, ...changes }),
  async clustering() {
    const { vectors, values, clusters } = { ...CLUSTERING, ...changes };
    const random = new RandomStream(0, 'clustering');
    const centres = Array.from({ length: 50 }, () => Float32Array.from({ length: values }, () => random.normal()));
    const data = Array.from({ length: vectors }, (_, i) =>
      Float32Array.from(centres[i % 50]!, (centre) => centre / 2 + random.normal()),
    );
    return async () => kMeans(data, { clusters, seed: 0 });
  },
};

/** Latents of `side` × `side`; random ones, as what they show doesn't change the time. */
async function losses(side: number, precision: Precision): Promise<() => Promise<unknown>> {
  const prior = await LatentDiffusion.load(priorFolder('still-life'));
  const { images, draws } = { ...LOSSES, ...changes };
  const shape = [images, side, side, 4] as const;
  const values = gaussianNoise({ seed: 0, item: 'latents', timestep: 0, size: images * side * side * 4 });
  const ids = Array.from({ length: images }, (_, i) => `image ${i}`);
  return () =>
    differentialLosses(prior, { values, shape }, ids, {
      draws: drawsIn(draws),
      prompts: { label: 'An image of mug', null: 'An image of .' },
      seed: 0,
      precision,
    });
}

/** Random images: the time is the same. */
function images(classes: number, perClass: number, size: number): ResidentImages {
  const random = new RandomStream(perClass, 'images');
  return new ResidentImages({
    pixels: Uint8Array.from({ length: classes * perClass * size * size * 3 }, () => random.integer(256)),
    labels: Int32Array.from({ length: classes * perClass }, (_, i) => i % classes),
    classes: Array.from({ length: classes }, (_, i) => `class ${i}`),
    size,
  });
}

/** A student and its teacher, both with random weights. */
function student(
  { network, size, epochs, classes }: (typeof STUDENTS)[keyof typeof STUDENTS] & { classes: number },
  precision: Precision,
): () => Promise<unknown> {
  const teacher = buildNetwork(network, { classes, size, seed: 0, role: 'teacher' });
  const [train, test] = [images(classes, 10, size), images(classes, 1, size)];
  return () =>
    trainStudent(train, test, {
      student: network,
      protocol: rdedProtocol,
      teacher,
      imagesPerClass: 10,
      seed: 0,
      epochs,
      factor: 2,
      precision,
    });
}

/** It learns nothing from random images and is refused at the end, which is no part of the time that counts. */
function teacher({ network, size, images: count, epochs, batch }: typeof TEACHER): () => Promise<unknown> {
  const [train, validation] = [images(10, count / 10, size), images(10, 1, size)];
  return async () => {
    try {
      await trainTeacher(train, validation, { network, epochs, batch, seed: 0 });
    } catch (error) {
      if (!(error instanceof UnfitTeacherError)) throw error;
    }
  };
}

const prepare = jobs[job];
if (!prepare) throw new Error(`Expected a job of ${Object.keys(jobs).join(', ')}, got '${job}'.`);
const run = await prepare();
await run(); // TensorFlow chooses its kernels
const [start, before] = [performance.now(), process.cpuUsage()];
await run();
const { user, system } = process.cpuUsage(before);
const seconds = (performance.now() - start) / 1000;
console.log(JSON.stringify({ seconds, cpu: (user + system) / 1e6, peak: (memoryReport().peak ?? 0) / 2 ** 20 }));
