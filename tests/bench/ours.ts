/** One case of the bench on our engine, in a process of its own: `ours.ts CASE STEPS`. Prints one line of JSON. */
import { stillLifeDit } from '../../src/diffusion';
import {
  AdamW,
  lossAndGradients,
  meanSquaredError,
  memoryReport,
  type NamedVariables,
  type Optimiser,
  RandomStream,
  Sgd,
  softmaxCrossEntropy,
  type Tensor,
  tf,
} from '../../src/engine';
import { ConvNet, DiT, originalDiT, ResNet, UNet2DConditionModel } from '../../src/models';
import { Transformer2DModel } from '../../src/models/unet/attention';
import { ResnetBlock2D } from '../../src/models/unet/resnet';
import { unet, Weights } from './networks';

const [which = 'unet', steps = '5'] = process.argv.slice(2);
const normal = (shape: number[], seed: number): Tensor => tf.randomNormal(shape, 0, 1, 'float32', seed);

interface Case {
  /** Loss of a training step, or the output of a forward pass. */
  compute: () => Tensor;
  variables: () => NamedVariables;
  /** Absent where only the forward pass is measured. */
  optimiser?: (variables: NamedVariables) => Optimiser;
}

function classifier(network: ResNet | ConvNet, batch: number, side: number, classes: number): Case {
  const [x, y] = [normal([batch, side, side, 3], 7), tf.randomUniform([batch], 0, classes, 'int32', 3)];
  network.train();
  return {
    compute: () => softmaxCrossEntropy(network.forward(x), y),
    variables: () => network.variables(),
    optimiser: (variables) => new Sgd(variables, { learningRate: 0.01, momentum: 0.9 }),
  };
}

const cases: Record<string, () => Case> = {
  unet() {
    const w = new Weights();
    const [x, time, y] = [normal([32, 32, 32, 3], 7), normal([32, 64], 8), normal([32, 32, 32, 3], 9)];
    return {
      compute: () => meanSquaredError(unet(w, x, time), y),
      variables: () => w.trained,
      optimiser: (variables) => new AdamW(variables, { learningRate: 1e-4, weightDecay: 0 }),
    };
  },
  resnet18: () => classifier(new ResNet({ classes: 200, stem: 'imagenet' }, { seed: 0 }), 64, 64, 200),
  'resnet18-224': () => classifier(new ResNet({ classes: 200, stem: 'imagenet' }, { seed: 0 }), 100, 224, 200),
  convnet3: () =>
    classifier(new ConvNet({ classes: 10, size: 32, depth: 3, norm: 'instance' }, { seed: 0 }), 256, 32, 10),
  // The recipe of src/diffusion/training/dit-recipe.ts.
  dit: () => dit(new DiT({ ...stillLifeDit.transformer, num_embeds_ada_norm: 10 }, { seed: 0 }), 32),
  // One of DiT-XL/2's 28 blocks, with what is before and after them; 256 tokens.
  'dit-block': () => dit(new DiT({ ...originalDiT('XL', { patchSize: 2 }), num_layers: 1 }, { seed: 0 }), 2),
  'sd-unet'() {
    const network = new UNet2DConditionModel({ cross_attention_dim: 768 });
    // Small and all alike: 860 million random values would take longer than the steps.
    for (const weights of network.parameters().values()) {
      weights.assign({ shape: weights.shape, data: new Float32Array(weights.size).fill(0.001) });
    }
    const [x, context] = [normal([2, 64, 64, 4], 7), normal([2, 77, 768], 8)];
    return { compute: () => network.forward(x, 160, context).sample, variables: () => network.variables() };
  },
  'sd-block'() {
    const init = new RandomStream(0, 'bench');
    const sizes = { channels: 320, groups: 32 };
    const residual = new ResnetBlock2D({ in: 320, out: 320, groups: 32, epsilon: 1e-5 }, init);
    const transformer = new Transformer2DModel(
      { ...sizes, heads: 8, context: 768, depth: 1, linearProjection: false },
      init,
    );
    const [x, context] = [normal([1, 64, 64, 320], 7), normal([1, 77, 768], 8)];
    return {
      compute: () => transformer.forward(residual.forward(x), context),
      variables: () => ({ ...residual.variables(), ...transformer.variables() }),
    };
  },
};

/** A DiT's training step: noise and variance against a target, all weights trained. */
function dit(network: DiT, batch: number): Case {
  const { sample_size: side, in_channels: channels, num_embeds_ada_norm: classes } = network.config;
  const x = normal([batch, side, side, channels], 7);
  const y = normal([batch, side, side, network.outChannels], 9);
  const t = Int32Array.from({ length: batch }, (_, i) => Math.floor((1000 * i) / batch));
  const labels = tf.tensor1d(
    Array.from(t, (_, i) => i % (classes + 1)),
    'int32',
  );
  return {
    compute: () => meanSquaredError(network.forward(x, t, labels).sample, y),
    variables: () => network.variables(),
    optimiser: (variables) => new AdamW(variables, { learningRate: 1e-4, weightDecay: 0 }),
  };
}

const make = cases[which];
if (!make) throw new Error(`Expected a case of ${Object.keys(cases).join(', ')}, got '${which}'.`);
const { compute, variables, optimiser } = make();
tf.tidy(() => void compute());
const trained = variables();
const rule = optimiser?.(trained);
const seconds: number[] = [];
const losses: number[] = [];
let cpu = process.cpuUsage();
for (let i = 0; i <= Number(steps); i++) {
  if (i === 1) cpu = process.cpuUsage();
  const start = performance.now();
  if (rule) {
    const { loss, gradients } = lossAndGradients(trained, compute);
    rule.apply(gradients);
    losses.push(loss.dataSync()[0]!);
    loss.dispose();
  } else {
    tf.tidy(() => void compute().dataSync());
  }
  if (i > 0) seconds.push((performance.now() - start) / 1000);
}
const used = process.cpuUsage(cpu);
console.log(
  JSON.stringify({
    case: which,
    seconds,
    cpu: (used.user + used.system) / 1e6 / Number(steps),
    peak: (memoryReport().peak ?? 0) / 2 ** 20,
    parameters: Object.values(trained).reduce((sum, variable) => sum + variable.size, 0),
    losses,
  }),
);
