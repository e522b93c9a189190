/** One case of the bench on our engine, in a process of its own: `ours.ts CASE STEPS`. Prints one line of JSON. */
import { readFileSync } from 'node:fs';
import {
  AdamW,
  lossAndGradients,
  meanSquaredError,
  type Optimiser,
  Sgd,
  softmaxCrossEntropy,
  type Tensor,
  tf,
} from '../../src/engine';
import { convnet3, diffusionBlock, resnet18, unet, Weights } from './networks';

const [which = 'unet', steps = '5'] = process.argv.slice(2);
const w = new Weights();
const normal = (shape: number[], seed: number): Tensor => tf.randomNormal(shape, 0, 1, 'float32', seed);
const labels = (count: number, classes: number): Tensor => tf.randomUniform([count], 0, classes, 'int32', 3);

interface Case {
  loss?: () => Tensor;
  forward: () => Tensor;
  optimiser?: () => Optimiser;
}
const cases: Record<string, () => Case> = {
  unet() {
    const [x, time, y] = [normal([32, 32, 32, 3], 7), normal([32, 64], 8), normal([32, 32, 32, 3], 9)];
    return {
      forward: () => unet(w, x, time),
      loss: () => meanSquaredError(unet(w, x, time), y),
      optimiser: () => new AdamW(w.trained, { learningRate: 1e-4, weightDecay: 0 }),
    };
  },
  resnet18() {
    const [x, y] = [normal([64, 64, 64, 3], 7), labels(64, 200)];
    return {
      forward: () => resnet18(w, x, 200),
      loss: () => softmaxCrossEntropy(resnet18(w, x, 200), y),
      optimiser: () => new Sgd(w.trained, { learningRate: 0.01, momentum: 0.9 }),
    };
  },
  convnet3() {
    const [x, y] = [normal([256, 32, 32, 3], 7), labels(256, 10)];
    return {
      forward: () => convnet3(w, x, 10),
      loss: () => softmaxCrossEntropy(convnet3(w, x, 10), y),
      optimiser: () => new Sgd(w.trained, { learningRate: 0.01, momentum: 0.9 }),
    };
  },
  'sd-block'() {
    const [x, context] = [normal([1, 64, 64, 320], 7), normal([1, 77, 768], 8)];
    return { forward: () => diffusionBlock(w, x, context) };
  },
};

const make = cases[which];
if (!make) throw new Error(`Expected a case of ${Object.keys(cases).join(', ')}, got '${which}'.`);
const { forward, loss, optimiser } = make();
tf.tidy(() => void forward());
const rule = optimiser?.();
const seconds: number[] = [];
const losses: number[] = [];
let cpu = process.cpuUsage();
for (let i = 0; i <= Number(steps); i++) {
  if (i === 1) cpu = process.cpuUsage();
  const start = performance.now();
  if (loss && rule) {
    const result = lossAndGradients(w.trained, loss);
    rule.apply(result.gradients);
    losses.push(result.loss.dataSync()[0]!);
    result.loss.dispose();
  } else {
    tf.tidy(() => void forward().dataSync());
  }
  if (i > 0) seconds.push((performance.now() - start) / 1000);
}
const used = process.cpuUsage(cpu);
const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1024;
const parameters = Object.values(w.trained).reduce((sum, variable) => sum + variable.size, 0);
console.log(
  JSON.stringify({
    case: which,
    seconds,
    cpu: (used.user + used.system) / 1e6 / Number(steps),
    peak,
    parameters,
    losses,
  }),
);
