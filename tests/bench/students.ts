/**
 * Where a student's step goes, in milliseconds: `node --import tsx tests/bench/students.ts [--cases conv3,resnet10]
 * [--rounds 40]`. Each part is timed alone, its fastest tenth averaged, as other work on the machine only ever adds; then
 * whole steps as trainStudent makes them, wall and CPU.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { stillLife } from '../../src/datasets';
import { AdamW, distillationLoss, lossAndGradients, type Tensor, tf, withoutGradients } from '../../src/engine';
import {
  buildNetwork,
  cellSettings,
  loadLabelled,
  type NetworkName,
  rdedProtocol,
  trainStudent,
} from '../../src/evaluation';
import { batchAt } from '../../src/evaluation/student-batch';

const CASES: Record<string, { network: NetworkName; size: number; factor: number }> = {
  conv3: { network: 'conv3', size: 32, factor: 2 },
  resnet10: { network: 'resnet10-modified-w32', size: 64, factor: 2 },
  'resnet10-imagenet': { network: 'resnet10-w32', size: 64, factor: 2 },
};
const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: Object.keys(CASES).join(',') },
    rounds: { type: 'string', default: '40' },
  },
});
const rounds = Number(values.rounds);

/** Milliseconds of one call: the mean of the fastest tenth. */
function fastest(work: () => void): number {
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  }).sort((a, b) => a - b);
  const best = times.slice(0, Math.max(1, Math.floor(rounds / 10)));
  return best.reduce((sum, time) => sum + time, 0) / best.length;
}

for (const name of values.cases.split(',')) {
  const { network, size, factor } = CASES[name]!;
  const classes = 10;
  const train = await loadLabelled(stillLife({ split: 'train', perClass: 10, size: 64 }), { size });
  const test = await loadLabelled(stillLife({ split: 'test', perClass: 5, size: 64 }), { size });
  const settings = cellSettings(rdedProtocol, { student: network, classes, size, imagesPerClass: 10, factor });
  const [student, teacher] = (['student', 'teacher'] as const).map((role) =>
    buildNetwork(network, { classes, size, seed: 0, role }),
  ) as [ReturnType<typeof buildNetwork>, ReturnType<typeof buildNetwork>];
  teacher.eval();
  const variables = student.train().variables();
  const optimiser = new AdamW(variables, { learningRate: 1e-3, decay: (n) => variables[n]!.shape.length > 1 });
  const { images } = batchAt(train, settings, { seed: 0, step: 0, perEpoch: 2 });
  const told = withoutGradients(() => teacher.forward(images));
  const step = (): Tensor => distillationLoss(student.forward(images), told, { temperature: 20 });
  const parts = {
    batch: fastest(() => tf.tidy(() => void batchAt(train, settings, { seed: 0, step: 7, perEpoch: 2 }))),
    take: fastest(() => tf.tidy(() => void tf.add(train.take(Int32Array.from({ length: 50 }, (_, i) => i)), 0))),
    teacher: fastest(() => tf.tidy(() => void withoutGradients(() => teacher.forward(images)))),
    forward: fastest(() => tf.tidy(() => void withoutGradients(() => step()))),
    'forward and backward': fastest(() => {
      const { loss, gradients } = lossAndGradients(variables, step);
      tf.dispose([loss, ...Object.values(gradients)]);
    }),
    'and optimiser': fastest(() => {
      const { loss, gradients } = lossAndGradients(variables, step);
      loss.dispose();
      optimiser.apply(gradients);
    }),
  };
  const epochs = Math.max(10, Math.ceil(rounds / 2));
  const cpu = process.cpuUsage();
  let last = performance.now();
  const times: number[] = [];
  await trainStudent(train, test, {
    student: network,
    protocol: rdedProtocol,
    teacher,
    imagesPerClass: 10,
    factor,
    epochs,
    seed: 0,
    onProgress: () => {
      times.push(performance.now() - last);
      last = performance.now();
    },
  });
  const { user, system } = process.cpuUsage(cpu);
  times.sort((a, b) => a - b);
  const whole = times.slice(0, Math.max(1, Math.floor(times.length / 10)));
  console.log(name, network, `${size} px, load ${loadavg()[0]!.toFixed(1)}`);
  console.table({
    ...Object.fromEntries(Object.entries(parts).map(([part, ms]) => [part, { ms: Number(ms.toFixed(1)) }])),
    'whole step, fastest tenth': { ms: Number((whole.reduce((a, b) => a + b, 0) / whole.length).toFixed(1)) },
    'whole step, median': { ms: Number(times[times.length >> 1]!.toFixed(1)) },
    'CPU per step': { ms: Number(((user + system) / 1000 / times.length).toFixed(1)) },
  });
}
