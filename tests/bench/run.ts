/**
 * `npm run bench`: training steps and forward passes of the engine against PyTorch, float32, same networks, same shapes,
 * same threads, in one run, on the GPU if there is one. Each measurement is a process of its own; the two sides take turns, so that a
 * busy machine is busy for both. Writes results/bench.json and results/bench.md and prints the table.
 *
 * Options: `--cases unet,resnet18`, `--rounds 3`, `--steps 5`, `--threads 1` (on a busy machine one thread and the ratio of
 * CPU seconds are the fair comparison: PyTorch's threads wait for each other by spinning). PyTorch comes from the Python named by STILLHOUSE_TORCH, or
 * is installed into .stillhouse/bench-venv on the first run (see torch-python.ts).
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { duration } from '../../src/common';
import { deviceReport } from '../../src/engine';
import { type CaseResult, type Measurement, summarise, table } from './report';
import { torchPython, withPackages } from './torch-python';

const CASES: Record<string, string> = {
  unet: 'UNet, 3.99 M parameters, 32×32, batch 32: training step',
  resnet18: 'ResNet-18, 64×64, batch 64: training step',
  convnet3: 'ConvNet-3, 32×32, batch 256: training step',
  dit: 'DiT, 3.8 M parameters, 16×16×4, batch 32: training step',
  'dit-block': 'DiT-XL/2, one block, 256 tokens, batch 2: training step',
  'sd-block': 'Stable Diffusion v1.5 block, 64×64×320: forward',
  'sd-unet': 'Stable Diffusion v1.5, the whole UNet, 64×64×4, batch 2: forward',
  'resnet18-224': 'ResNet-18, 224×224, batch 100: training step',
};
/** These take minutes and gigabytes on two cores: they are run where there is a GPU, or when named. */
const LARGE = ['sd-unet', 'resnet18-224'];
const usual = Object.keys(CASES).filter((name) => deviceReport().kind === 'GPU' || !LARGE.includes(name));

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: {
    cases: { type: 'string', default: usual.join(',') },
    rounds: { type: 'string', default: '3' },
    steps: { type: 'string', default: '5' },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
});
const names = values.cases.split(',');
for (const name of names) {
  if (!(name in CASES)) throw new Error(`Expected --cases out of ${Object.keys(CASES).join(', ')}, got '${name}'.`);
}
const folder = new URL('.', import.meta.url).pathname;
const root = new URL('../..', import.meta.url).pathname;
const python = names.includes('sd-unet') ? withPackages(torchPython(root), ['diffusers']) : torchPython(root);
const { steps, threads } = values;
const env = { ...process.env, STILLHOUSE_THREADS: threads, OMP_NUM_THREADS: threads };

function measure(command: string, args: string[]): Measurement {
  const output = execFileSync(command, args, { cwd: root, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return JSON.parse(output.trim().split('\n').at(-1)!) as Measurement;
}
const sides = {
  ours: (name: string) => measure(process.execPath, ['--import', 'tsx', `${folder}ours.ts`, name, steps]),
  'torch nchw': (name: string) => measure(python, [`${folder}torch_cases.py`, name, steps, 'nchw']),
  'torch channels_last': (name: string) => measure(python, [`${folder}torch_cases.py`, name, steps, 'channels_last']),
};

/** At the pace until now. */
const left = (): string => duration(((performance.now() - began) / 1000 / done) * (total - done));

const load = loadavg()[0]!;
const total = names.length * Number(values.rounds) * Object.keys(sides).length;
const began = performance.now();
let done = 0;
const results: CaseResult[] = [];
for (const name of names) {
  const runs: Record<string, Measurement[]> = {};
  for (let round = 0; round < Number(values.rounds); round++) {
    const order = Object.entries(sides);
    if (round % 2 === 1) order.reverse();
    for (const [side, run] of order) {
      const measured = run(name);
      runs[side] = [...(runs[side] ?? []), measured];
      console.log(
        `${name}, round ${round + 1}, ${side}: ${Math.min(...measured.seconds).toFixed(3)} s, ${measured.peak.toFixed(0)} MB (${++done}/${total}, about ${left()} left)`,
      );
    }
  }
  results.push(summarise(name, CASES[name]!, runs));
}

const device = { ...deviceReport(), threads: Number(threads) };
const report = table(results, device, load);
mkdirSync(`${root}results`, { recursive: true });
writeFileSync(
  `${root}results/bench.json`,
  `${JSON.stringify({ device, load, torch: torchVersion(), results }, null, 2)}\n`,
);
writeFileSync(`${root}results/bench.md`, report);
console.log(`\n${report}`);

function torchVersion(): string {
  return execFileSync(python, ['-c', 'import torch; print(torch.__version__)'], { encoding: 'utf8' }).trim();
}
