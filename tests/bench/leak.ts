/**
 * Trains a small network for 10,000 steps and watches tensors and memory: `npx tsx tests/bench/leak.ts [STEPS]`.
 * A few minutes on two cores. Fails when the number of tensors or their size changes after the first step, or when the
 * resident memory grows by more than 5 % over the second half.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  AdamW,
  attention,
  batchNorm,
  clipByGlobalNorm,
  conv2d,
  dense,
  Ema,
  globalAveragePool,
  groupNorm,
  layerNorm,
  lossAndGradients,
  memoryReport,
  RandomStream,
  relu,
  softmaxCrossEntropy,
  type Tensor,
  tf,
} from '../../src/engine';
import { Weights } from './networks';

setFlagsFromString('--expose-gc');
/** What V8 has not yet thrown away is no leak. */
const collectGarbage = runInNewContext('gc') as () => void;

const steps = Number(process.argv[2] ?? 10_000);
const w = new Weights();

/** Every kind of layer once, as small as can be. */
function network(x: Tensor): Tensor {
  return tf.tidy(() => {
    const h = conv2d(x, w.normal('c1', [3, 3, 3, 8], 0.3), { bias: w.fill('b1', [8], 0) });
    const g = groupNorm(h, ...w.affine('g', h), { groups: 4, activation: 'silu' });
    const down = conv2d(g, w.normal('c2', [3, 3, 8, 8], 0.2), { stride: 2, padding: 1 });
    const b = relu(batchNorm(down, ...w.affine('b', down), { running: w.statistics('b', 8), training: true }));
    const tokens = tf.reshape(b, [x.shape[0]!, 1, 16, 8]);
    const seen = attention(tokens, tokens, tokens, { queryChunk: 5 });
    const normal = layerNorm(seen, ...w.affine('l', seen));
    const pooled = globalAveragePool(tf.reshape(normal, [x.shape[0]!, 4, 4, 8]));
    return dense(pooled, w.normal('d', [8, 4], 0.3), w.fill('db', [4], 0));
  });
}

const stream = new RandomStream(0, 'leak');
const sample = (): { x: Tensor; y: Tensor } => ({
  x: tf.tensor(stream.fillNormal(new Float32Array(4 * 8 * 8 * 3)), [4, 8, 8, 3]),
  y: tf.tensor1d([0, 1, 2, 3], 'int32'),
});
tf.tidy(() => void network(sample().x));
const optimiser = new AdamW(w.trained, { learningRate: 1e-3 });
const ema = new Ema(w.trained);

function step(): number {
  const { x, y } = sample();
  const { loss, gradients } = lossAndGradients(w.trained, () => softmaxCrossEntropy(network(x), y));
  const clipped = clipByGlobalNorm(gradients, 1);
  optimiser.apply(clipped.gradients);
  ema.update();
  const value = loss.dataSync()[0]!;
  tf.dispose([x, y, loss, clipped.norm]);
  return value;
}

step();
const first = memoryReport();
let half = first;
const started = performance.now();
for (let i = 1; i < steps; i++) {
  const loss = step();
  if (i === Math.floor(steps / 2)) collectGarbage();
  const now = memoryReport();
  if (now.tensors !== first.tensors || now.tensorBytes !== first.tensorBytes) {
    throw new Error(
      `Step ${i}: ${now.tensors} tensors of ${now.tensorBytes} bytes, after the first step it was ${first.tensors} of ${first.tensorBytes}.`,
    );
  }
  if (i === Math.floor(steps / 2)) half = now;
  if (i % Math.ceil(steps / 10) === 0) {
    console.log(
      `step ${i}: loss ${loss.toFixed(3)}, ${now.tensors} tensors, ${(now.resident / 2 ** 20).toFixed(0)} MiB resident`,
    );
  }
}
collectGarbage();
const last = memoryReport();
const growth = last.resident / half.resident - 1;
const minutes = ((performance.now() - started) / 60_000).toFixed(1);
console.log(
  `${steps} steps in ${minutes} min: ${first.tensors} tensors throughout, resident ${(first.resident / 2 ** 20).toFixed(0)} → ${(half.resident / 2 ** 20).toFixed(0)} → ${(last.resident / 2 ** 20).toFixed(0)} MiB (first, half, last).`,
);
if (growth > 0.05) throw new Error(`Memory grew by ${(100 * growth).toFixed(1)} % over the second half.`);
