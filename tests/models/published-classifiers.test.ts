/** The published networks that teach and learn, beside torchvision's on the same weights (tests/fixtures/evaluation/make_networks.py). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lossAndGradients, softmaxCrossEntropy, type Tensor, tf } from '../../src/engine';
import {
  EfficientNet,
  type Layout,
  MobileNetV2,
  type Module,
  ResNet,
  type StoredTensor,
  SwinTransformer,
  VisionTransformer,
} from '../../src/models';
import { expectNear, fillByHash, hashed, hashedImages } from '../evaluation/torch-values';

interface Options {
  classes: number;
  size: number;
  blocks: [number, number, number, number];
  patch: number;
  width: number;
  depths: number[];
  depth: number;
  heads: never;
  window: number;
}

const makers = {
  ResNet: (options: Options) => new ResNet({ ...options, stem: 'imagenet', block: 'bottleneck' }),
  MobileNetV2: (options: Options) => new MobileNetV2(options),
  EfficientNet: (options: Options) => new EfficientNet(options),
  SwinTransformer: (options: Options) => new SwinTransformer(options),
  VisionTransformer: (options: Options) => new VisionTransformer(options),
};

interface TorchvisionValues {
  networks: {
    name: keyof typeof makers;
    options: Options;
    size: number;
    names: string[];
    evaluated: number[];
    trained: number[];
    gradientNorms: number[];
    gradientProducts: number[];
    runningSums: number[];
  }[];
  /** Of whole networks, by state dict name. */
  shapes: Record<string, Record<string, number[]>>;
}

const { networks, shapes } = JSON.parse(
  readFileSync(new URL('../fixtures/evaluation/networks.json', import.meta.url), 'utf8'),
) as TorchvisionValues;

/** Axes of a gradient in the checkpoint's order. */
const axes: Partial<Record<Layout, number[]>> = { convolution: [3, 2, 0, 1], depthwise: [2, 3, 0, 1], linear: [1, 0] };

/**
 * The largest difference, as a share of its gradient's length. Lengths under a ten thousandth of the longest are taken for
 * that: a bias before batch normalisation has a gradient of zero, but for rounding.
 */
function largestShare(seen: readonly number[], expected: readonly number[], lengths: readonly number[]): number {
  const least = 1e-4 * Math.max(...lengths);
  return Math.max(...seen.map((value, i) => Math.abs(value - expected[i]!) / Math.max(least, lengths[i]!)));
}

describe.each(networks)('$name $options', (fixture) => {
  const network: Module & { forward(images: Tensor): Tensor } = makers[fixture.name](fixture.options);
  const names = fillByHash(network);
  const images = hashedImages(4, fixture.size, 1000);
  const parameters = network.parameters();

  it("has torchvision's names", () => {
    expect(names).toEqual(fixture.names);
  });

  it('gives its logits in evaluation mode', () => {
    expectNear(network.eval().forward(images).dataSync(), fixture.evaluated);
  });

  it('gives its logits, gradients and running statistics in training mode', () => {
    network.train();
    const labels = tf.tensor1d([0, 1, 2, 3], 'int32');
    const { gradients } = lossAndGradients(network.variables(), () => {
      const logits = network.forward(images);
      expectNear(logits.dataSync(), fixture.trained, 1e-3);
      return softmaxCrossEntropy(logits, labels);
    });
    const trainable = names.filter((name) => parameters.get(name)!.trainable);
    expect(Object.keys(gradients).sort()).toEqual(trainable);
    const flat = trainable.map((name) => {
      const order = axes[parameters.get(name)!.layout];
      return (order ? tf.transpose(gradients[name]!, order) : gradients[name]!).dataSync<'float32'>();
    });
    const norms = flat.map((values) => Math.hypot(...values));
    const products = flat.map((values, salt) => {
      const others = hashed(values.length, salt);
      return values.reduce((sum, value, i) => sum + value * others[i]!, 0);
    });
    expect(largestShare(norms, fixture.gradientNorms, fixture.gradientNorms)).toBeLessThan(2e-3);
    expect(largestShare(products, fixture.gradientProducts, fixture.gradientNorms)).toBeLessThan(2e-3);
    const running = names.filter((name) => name.includes('running'));
    const sums = running.map((name) => parameters.get(name)!.value.sum().dataSync()[0]!);
    if (running.length > 0) expectNear(sums, fixture.runningSums);
  });
});

describe('whole networks', () => {
  const whole: Record<string, () => Module> = {
    resnet50: () => new ResNet({ classes: 1000, stem: 'imagenet', block: 'bottleneck', blocks: [3, 4, 6, 3] }),
    resnet101: () => new ResNet({ classes: 1000, stem: 'imagenet', block: 'bottleneck', blocks: [3, 4, 23, 3] }),
    mobilenet_v2: () => new MobileNetV2({ classes: 1000 }),
    efficientnet_b0: () => new EfficientNet({ classes: 1000 }),
    swin_t: () => new SwinTransformer({ classes: 1000 }),
    vit_b_16: () => new VisionTransformer({ classes: 1000, size: 224 }),
  };

  it.each(Object.keys(whole))("%s has torchvision's names and shapes", (name) => {
    const found = Object.fromEntries([...whole[name]!().parameters()].map(([key, { shape }]) => [key, [...shape]]));
    const weights = Object.entries(shapes[name]!).filter(([key]) => !/num_batches_tracked$|position_index$/.test(key));
    expect(found).toEqual(Object.fromEntries(weights));
  });
});

describe('state dicts', () => {
  const stateOf = async (network: Module): Promise<Map<string, StoredTensor>> => network.stateDict();

  it("of torchvision's Swin hold the positions within a window, which we know without", async () => {
    const small = { classes: 2, width: 4, depths: [1], heads: [1], window: 2 };
    const state = await stateOf(new SwinTransformer(small, { seed: 1 }));
    state.set('features.1.0.attn.relative_position_index', { shape: [16], data: new Float32Array(16) });
    expect(() => new SwinTransformer(small).load(state)).not.toThrow();
    state.set('features.1.0.attn.bias', { shape: [1], data: new Float32Array(1) });
    expect(() => new SwinTransformer(small).load(state)).toThrow("Unexpected: 1 ('features.1.0.attn.bias')");
  });

  it("of torchvision's published ViT have older names for the dense layers of a block", async () => {
    const small = { classes: 2, size: 8, patch: 4, width: 4, depth: 1, heads: 1 };
    const state = await stateOf(new VisionTransformer(small, { seed: 1 }));
    const older = new Map(
      [...state].map(([name, tensor]) => [
        name.replace('mlp.0', 'mlp.linear_1').replace('mlp.3', 'mlp.linear_2'),
        tensor,
      ]),
    );
    const loaded = await stateOf(new VisionTransformer(small).load(older));
    expect(loaded.get('encoder.layers.encoder_layer_0.mlp.3.weight')).toEqual(
      state.get('encoder.layers.encoder_layer_0.mlp.3.weight'),
    );
  });
});

describe('initial weights', () => {
  const deviation = (network: Module, name: string): number =>
    Math.sqrt(tf.moments(network.parameters().get(name)!.value).variance.dataSync()[0]!);

  it("have torchvision's deviations", () => {
    const mobile = new MobileNetV2({ classes: 10, width: 8 }, { seed: 1 });
    expect(deviation(mobile, 'features.16.conv.0.0.weight') / Math.sqrt(2 / 240)).toBeCloseTo(1, 1);
    expect(deviation(mobile, 'features.17.conv.1.0.weight') / Math.sqrt(2 / (240 * 9))).toBeCloseTo(1, 1);
    expect(deviation(mobile, 'classifier.1.weight') / 0.01).toBeCloseTo(1, 1);
    const efficient = new EfficientNet({ classes: 10, width: 8 }, { seed: 1 });
    expect(deviation(efficient, 'classifier.1.weight') / Math.sqrt(1 / 30)).toBeCloseTo(1, 1);
    expect(deviation(efficient, 'features.4.0.block.2.fc1.bias')).toBe(0);
    const vit = new VisionTransformer({ classes: 10, size: 32, patch: 8, width: 48, depth: 1, heads: 3 }, { seed: 1 });
    expect(deviation(vit, 'conv_proj.weight') / Math.sqrt(1 / 192)).toBeCloseTo(1, 1);
    expect(
      deviation(vit, 'encoder.layers.encoder_layer_0.self_attention.in_proj_weight') / Math.sqrt(0.5 / 48),
    ).toBeCloseTo(1, 1);
    expect(deviation(vit, 'heads.head.weight')).toBe(0);
  });

  it('of a ViT give every class the same, and a gradient to its head', () => {
    const vit = new VisionTransformer({ classes: 2, size: 8, patch: 4, width: 8, depth: 1, heads: 2 }, { seed: 1 });
    const images = hashedImages(2, 8, 3);
    const { loss, gradients } = lossAndGradients(vit.train().variables(), () =>
      softmaxCrossEntropy(vit.forward(images), tf.tensor1d([0, 1], 'int32')),
    );
    expect(loss.dataSync()[0]).toBeCloseTo(Math.log(2), 5);
    expect(gradients['heads.head.weight']!.norm().dataSync()[0]).toBeGreaterThan(0);
  });
});

it('say what does not fit', () => {
  expect(() => new VisionTransformer({ classes: 2, size: 30 })).toThrow(/multiple of the patch's 16 pixels, got 30/);
  expect(() => new VisionTransformer({ classes: 2, size: 32, width: 10, heads: 3 })).toThrow(/3 heads divide, got 10/);
  const vit = new VisionTransformer({ classes: 2, size: 8, patch: 4, width: 4, depth: 1, heads: 1 }, { seed: 0 });
  expect(() => vit.forward(tf.zeros([1, 16, 16, 3]))).toThrow(/Expected images of 8 × 8 pixels, got 16 × 16/);
  expect(() => new SwinTransformer({ classes: 2, depths: [1] })).toThrow(/heads for each of 1 stages, got 4/);
});
