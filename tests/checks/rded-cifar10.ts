/**
 * The yardstick: RDED on CIFAR-10, IPC 10, ConvNet-3 teaching ConvNet-3. Published: 50.2 ± 0.3 with a teacher of 82.24 %
 * (Sun et al. 2024). If our students get there, the protocol is right: no diffusion prior is involved.
 *
 *   npx tsx tests/checks/rded-cifar10.ts [--work FOLDER] [--teacher-epochs 30] [--epochs 300] [--seeds 0,1,2]
 *                                        [--ipc 10] [--smoke]
 *
 * About an hour on two idle cores with the defaults: the teacher 30 to 40 minutes, each student about 75 seconds. Everything done
 * is kept in the folder (default .stillhouse/rded-cifar10); started again it goes on. --smoke: one small everything.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { meanAndDeviation } from '../../src/common';
import { cifar10, findCifar10, type ImageDataset } from '../../src/datasets';
import type { OnProgress } from '../../src/engine';
import {
  evaluate,
  type EvaluationRow,
  loadLabelled,
  loadTeacher,
  rdedProtocol,
  saveTeacher,
  trainTeacher,
} from '../../src/evaluation';
import { randomSelection, rdedSelection, loadDistilledSet, saveDistilledSet } from '../../src/methods';

const { values } = parseArgs({
  options: {
    work: { type: 'string', default: '.stillhouse/rded-cifar10' },
    'teacher-epochs': { type: 'string', default: '30' },
    epochs: { type: 'string', default: '300' },
    seeds: { type: 'string', default: '0,1,2' },
    ipc: { type: 'string', default: '10' },
    smoke: { type: 'boolean', default: false },
  },
});
const folder = await findCifar10();
if (!folder) throw new Error('Expected CIFAR-10 on this machine; see README for where it is looked for.');
const { smoke } = values;
const work = smoke ? `${values.work}-smoke` : values.work;
mkdirSync(work, { recursive: true });

const first = (dataset: ImageDataset, count: number): ImageDataset =>
  smoke
    ? dataset.subset(
        Array.from({ length: count }, (_, i) => i),
        dataset.name,
      )
    : dataset;
const train = first(cifar10({ folder, split: 'train' }), 1000);
const test = first(cifar10({ folder, split: 'test' }), 500);
const imagesPerClass = smoke ? 2 : Number(values.ipc);
const epochs = smoke ? 3 : Number(values.epochs);

let said = 0;
const onProgress: OnProgress = ({ label, done, total, detail = '' }) => {
  if (performance.now() - said < 15_000 && done !== total) return;
  said = performance.now();
  console.log(`${new Date().toISOString().slice(11, 19)} ${label}: ${done} of ${total} ${detail}`);
};

const held = await loadLabelled(test, { preparation: rdedProtocol.test });
const teacher = await trainedTeacher();
console.log(`Teacher: ${(100 * teacher.accuracy).toFixed(2)} % (published 82.24 %)`);

for (const method of ['RDED', 'random'] as const) {
  const set = await distilled(method);
  const file = join(work, `${method}-ipc${imagesPerClass}-${epochs}.json`);
  const rows: EvaluationRow[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  for (const seed of values.seeds.split(',').map(Number)) {
    if (rows.some((row) => row.studentSeed === seed)) continue;
    rows.push(...(await evaluate(set, held, { student: 'conv3', epochs, teacher, seeds: [seed], onProgress })));
    writeFileSync(file, `${JSON.stringify(rows, null, 1)}\n`);
    const { accuracy: last, bestAccuracy: best, seconds } = rows.at(-1)!;
    console.log(
      `${method}, seed ${seed}: last ${(100 * last).toFixed(2)}, best ${(100 * best).toFixed(2)} (${seconds} s)`,
    );
  }
  for (const which of ['accuracy', 'bestAccuracy'] as const) {
    const { mean, sd, n } = meanAndDeviation(rows.map((row) => row[which]));
    const published = method === 'RDED' && imagesPerClass === 10 ? ' (published 50.2 ± 0.3, best)' : '';
    console.log(
      `${method}, ${which}: ${(100 * mean).toFixed(2)} ± ${n > 1 ? (100 * sd).toFixed(2) : '–'}, n = ${n}${published}`,
    );
  }
}

async function trainedTeacher() {
  const teacherEpochs = smoke ? 6 : Number(values['teacher-epochs']);
  const file = join(work, `teacher-${teacherEpochs}.safetensors`);
  const kept = loadTeacher(file);
  if (kept) return kept;
  const images = await loadLabelled(train);
  const trained = await trainTeacher(images, held, {
    network: 'conv3',
    epochs: teacherEpochs,
    ...(smoke ? { batch: 50 } : {}),
    seed: 0,
    checkpoint: { file: join(work, `teacher-${teacherEpochs}-training.safetensors`) },
    onProgress,
  });
  await saveTeacher(trained, file);
  return trained;
}

async function distilled(method: 'RDED' | 'random') {
  const place = join(work, `${method}-ipc${imagesPerClass}`);
  if (existsSync(join(place, 'manifest.json'))) return loadDistilledSet(place);
  const candidates = smoke ? 10 : 300;
  const set =
    method === 'RDED'
      ? await rdedSelection(train, { observer: teacher, imagesPerClass, factor: 1, candidates, seed: 42, onProgress })
      : await randomSelection(train, { imagesPerClass, seed: 42, onProgress });
  await saveDistilledSet(set, place);
  return set;
}
