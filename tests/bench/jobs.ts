/**
 * `npm run bench -- jobs`: whole jobs beside what one would write in Python, in one run: noise losses beside diffusers and PyTorch,
 * students and a teacher beside PyTorch, clustering beside scikit-learn. Each measurement is a process of its own, whose first pass isn't timed. The sides
 * take turns. Writes results/bench-jobs.md and prints it.
 *
 * Options: `--jobs clustering`, `--rounds 3`, `--threads 1`. Python comes as for `npm run bench`; it needs diffusers and
 * scikit-learn too, which are installed beside a torch that the bench installed itself.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { deviceReport } from '../../src/engine';
import { priorFolder } from '../../src/experiments';
import { type JobMeasurement, jobTable } from './job-report';
import { CLUSTERING, drawsIn, LOSSES, STUDENTS, TEACHER } from './job-sizes';
import { torchPython, withPackages } from './torch-python';

const losses = { ...LOSSES, tokens: 77, batch: 64, timesteps: drawsIn(LOSSES.draws).map((draw) => draw.timestep) };
const JOBS: Record<string, { title: string; sizes: object; dtypes: string[] }> = {
  'noise-losses-64': {
    title: `Noise losses, still-life prior, 16×16×4, ${LOSSES.images} images × ${LOSSES.draws} draws`,
    sizes: losses,
    dtypes: ['float32', 'bfloat16'],
  },
  'noise-losses-96': {
    title: `Noise losses, still-life prior, 24×24×4, ${LOSSES.images} images × ${LOSSES.draws} draws`,
    sizes: losses,
    dtypes: ['float32', 'bfloat16'],
  },
  ...Object.fromEntries(
    Object.entries(STUDENTS).map(([name, sizes]) => [
      name,
      {
        title: `A student, ${sizes.network} at ${sizes.size} pixels, IPC 10, ${sizes.epochs} epochs`,
        sizes,
        dtypes: ['float32', 'bfloat16'],
      },
    ]),
  ),
  'teacher-conv3': {
    title: `A teacher, ${TEACHER.network} at ${TEACHER.size} pixels, ${TEACHER.images} images, ${TEACHER.epochs} epochs`,
    sizes: TEACHER,
    dtypes: ['float32'],
  },
  clustering: {
    title: `K-means, ${CLUSTERING.vectors} vectors of ${CLUSTERING.values} values, ${CLUSTERING.clusters} clusters`,
    sizes: CLUSTERING,
    dtypes: ['float32'],
  },
};

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: {
    jobs: { type: 'string', default: Object.keys(JOBS).join(',') },
    rounds: { type: 'string', default: '3' },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
});
const names = values.jobs.split(',');
for (const name of names) {
  if (!(name in JOBS)) throw new Error(`Expected --jobs out of ${Object.keys(JOBS).join(', ')}, got '${name}'.`);
}
const root = new URL('../..', import.meta.url).pathname;
const folder = new URL('.', import.meta.url).pathname;
const python = withPackages(torchPython(root), ['diffusers', 'transformers', 'scikit-learn']);
const { threads } = values;
const env = { ...process.env, STILLHOUSE_THREADS: threads, OMP_NUM_THREADS: threads };

function measure(command: string, args: string[]): JobMeasurement {
  const output = execFileSync(command, args, { cwd: root, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return JSON.parse(output.trim().split('\n').at(-1)!) as JobMeasurement;
}

const load = loadavg()[0]!;
const results = names.map((name) => {
  const { title, sizes, dtypes } = JOBS[name]!;
  const prior = priorFolder('still-life');
  const sides: Record<string, () => JobMeasurement> = {};
  for (const dtype of dtypes) {
    sides[`ours ${dtype}`] = () => measure(process.execPath, ['--import', 'tsx', `${folder}our-jobs.ts`, name, dtype]);
    sides[`Python ${dtype}`] = () =>
      measure(python, [`${folder}python_jobs.py`, name, JSON.stringify(sizes), dtype, prior]);
  }
  const runs: Record<string, JobMeasurement[]> = {};
  for (let round = 0; round < Number(values.rounds); round++) {
    const order = Object.entries(sides);
    if (round % 2 === 1) order.reverse();
    for (const [side, run] of order) {
      const measured = run();
      runs[side] = [...(runs[side] ?? []), measured];
      const { seconds, cpu, peak } = measured;
      console.log(
        `${name}, round ${round + 1}, ${side}: ${seconds.toFixed(2)} s, ${cpu.toFixed(2)} CPU s, ${peak.toFixed(0)} MiB`,
      );
    }
  }
  return { title, runs };
});
const report = jobTable(results, { ...deviceReport(), threads: Number(threads) }, load);
mkdirSync(`${root}results`, { recursive: true });
writeFileSync(`${root}results/bench-jobs.md`, report);
console.log(`\n${report}`);
