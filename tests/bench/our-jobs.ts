/** One job of `npm run bench -- jobs` in a process of its own: our-jobs.ts JOB PRECISION. Prints one line of JSON. */
import { gaussianNoise, memoryReport, type Precision, precisions, RandomStream } from '../../src/engine';
import { differentialLosses, LatentDiffusion } from '../../src/diffusion';
import { buildNetwork, ResidentImages, rdedProtocol, trainStudent } from '../../src/evaluation';
import { priorFolder } from '../../src/experiments';
import { kMeans } from '../../src/methods/diffusion-driven-selection/k-means';
import { CLUSTERING, drawsIn, LOSSES, STUDENTS } from './job-sizes';

const [job = '', given = 'float32'] = process.argv.slice(2);
const precision = precisions.find((name) => name === given);
if (!precision) throw new Error(`Expected a precision of ${precisions.join(', ')}, got '${given}'.`);

/** What is timed; the promise before it is the preparation, which isn't. */
const jobs: Record<string, () => Promise<() => Promise<unknown>>> = {
  'noise-losses-64': () => losses(16, precision),
  'noise-losses-96': () => losses(24, precision),
  'student-conv3': async () => student(STUDENTS['student-conv3'], precision),
  'student-resnet10': async () => student(STUDENTS['student-resnet10'], precision),
  async clustering() {
    const { vectors, values, clusters } = CLUSTERING;
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
  const { images, draws } = LOSSES;
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

/** A student and its teacher, both with random weights and on random images: the time is the same. */
function student(
  { network, size, epochs }: (typeof STUDENTS)[keyof typeof STUDENTS],
  precision: Precision,
): () => Promise<unknown> {
  const classes = Array.from({ length: 10 }, (_, i) => `class ${i}`);
  const images = (perClass: number): ResidentImages => {
    const random = new RandomStream(perClass, 'images');
    const pixels = Uint8Array.from({ length: 10 * perClass * size * size * 3 }, () => random.integer(256));
    return new ResidentImages({
      pixels,
      labels: Int32Array.from({ length: 10 * perClass }, (_, i) => i % 10),
      classes,
      size,
    });
  };
  const teacher = buildNetwork(network, { classes: 10, size, seed: 0, role: 'teacher' });
  const [train, test] = [images(10), images(1)];
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

const prepare = jobs[job];
if (!prepare) throw new Error(`Expected a job of ${Object.keys(jobs).join(', ')}, got '${job}'.`);
const run = await prepare();
await run(); // TensorFlow chooses its kernels
const [start, before] = [performance.now(), process.cpuUsage()];
await run();
const { user, system } = process.cpuUsage(before);
const seconds = (performance.now() - start) / 1000;
console.log(JSON.stringify({ seconds, cpu: (user + system) / 1e6, peak: (memoryReport().peak ?? 0) / 2 ** 20 }));
