/**
 * `npm run bench -- curves`: time and memory of our jobs at 1, 2, 4 and 8 times the images, draws, classes or vectors. Each measurement
 * is a process of its own. Writes results/bench-curves.md and bench-curves.png.
 *
 * Options: `--curves clustering`, `--rounds 2`, `--threads 1`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { lineChart, renderPng } from '../../src/charts';
import { deviceReport } from '../../src/engine';
import { type Curve, curveTable, relative } from './curve-report';
import type { JobMeasurement } from './job-report';

const FACTORS = [1, 2, 4, 8];

/** What grows in each, and where it begins. */
const CURVES: Record<string, { job: string; of: string; from: number; fixed?: Record<string, number> }> = {
  'noise losses by images': { job: 'noise-losses-64', of: 'images', from: 8, fixed: { draws: 12 } },
  'noise losses by draws': { job: 'noise-losses-64', of: 'draws', from: 6, fixed: { images: 16 } },
  'a student by classes': { job: 'student-conv3', of: 'classes', from: 5, fixed: { epochs: 10 } },
  'a teacher by images': { job: 'teacher-conv3', of: 'images', from: 500, fixed: { epochs: 2 } },
  'clustering by vectors': { job: 'clustering', of: 'vectors', from: 1250 },
};

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: {
    curves: { type: 'string', default: Object.keys(CURVES).join(',') },
    rounds: { type: 'string', default: '2' },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
});
const names = values.curves.split(',');
for (const name of names) {
  if (!(name in CURVES)) throw new Error(`Expected --curves out of ${Object.keys(CURVES).join(', ')}, got '${name}'.`);
}
const root = new URL('../..', import.meta.url).pathname;
const folder = new URL('.', import.meta.url).pathname;
const env = { ...process.env, STILLHOUSE_THREADS: values.threads };

function measure(job: string, sizes: object): JobMeasurement {
  const args = ['--import', 'tsx', `${folder}our-jobs.ts`, job, 'float32', JSON.stringify(sizes)];
  const output = execFileSync(process.execPath, args, {
    cwd: root,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(output.trim().split('\n').at(-1)!) as JobMeasurement;
}

const load = loadavg()[0]!;
const curves = names.map((name): Curve => {
  const { job, of, from, fixed = {} } = CURVES[name]!;
  const points = FACTORS.map((factor) => {
    const runs = Array.from({ length: Number(values.rounds) }, () => measure(job, { ...fixed, [of]: factor * from }));
    const point = { factor, size: factor * from, runs };
    console.log(
      `${name}: ${point.size} ${of}, ${runs.map(({ seconds, peak }) => `${seconds.toFixed(2)} s, ${peak.toFixed(0)} MiB`).join('; ')}`,
    );
    return point;
  });
  return { name, of, points };
});
const report = curveTable(curves, { ...deviceReport(), threads: Number(values.threads) }, load);
mkdirSync(`${root}results`, { recursive: true });
writeFileSync(`${root}results/bench-curves.md`, report);
const chart = lineChart(relative(curves), {
  x: 'times the size',
  value: 'times as much',
  series: 'job',
  facet: 'measure',
  logX: true,
  zero: true,
  title: 'Jobs at 1 to 8 times their size, beside the smallest',
});
writeFileSync(`${root}results/bench-curves.png`, await renderPng(chart));
console.log(`\n${report}`);
