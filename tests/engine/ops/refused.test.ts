/** Sizes that do not fit, refused in words by every path: a native kernel that met them would read beside its memory. */
import { afterAll, describe, expect, it } from 'vitest';
import {
  attention,
  batchNorm,
  batchNormRelu,
  conv2d,
  geglu,
  groupNorm,
  instanceNorm,
  layerNorm,
  modulatedLayerNorm,
  multiHeadAttention,
  type Tensor,
  tf,
  withPrecision,
} from '../../../src/engine';
import {
  askAgain,
  convolutionGeometry,
  geluAttributes,
  groupNormAttributes,
  hasNativeKernels,
  itemAttributes,
} from '../../../src/engine/native-kernels';
import { type Attribute, attribute, executeRawMany } from '../../../src/engine/raw';

const wanted = process.env.STILLHOUSE_NATIVE;
const using = <Result>(native: boolean, body: () => Result): Result => {
  process.env.STILLHOUSE_NATIVE = native ? '1' : '0';
  askAgain();
  return body();
};
afterAll(() => {
  if (wanted === undefined) delete process.env.STILLHOUSE_NATIVE;
  else process.env.STILLHOUSE_NATIVE = wanted;
  askAgain();
});

describe.each(['float32', 'bfloat16'] as const)('a convolution in %s', (precision) => {
  it.each([
    ['valid', /kernel \[7, 7\].*image of 4 × 5 .*padding valid/],
    [1, /kernel \[7, 7\].*image of 4 × 5 .*padding 1/],
    [
      [
        [0, 1],
        [3, 3],
      ],
      /padding \[\[0,1\],\[3,3\]\]/,
    ],
  ] as const)('whose kernel is larger than the padded image is refused: padding %s', (padding, message) => {
    const convolve = () => conv2d(tf.ones([1, 4, 5, 2]), tf.ones([7, 7, 2, 3]), { padding });
    expect(() => withPrecision(precision, convolve)).toThrow(message);
  });

  it('of images of nothing but the kernel gives one pixel', () => {
    const convolve = () => conv2d(tf.ones([1, 4, 5, 1]), tf.ones([4, 5, 1, 1]), { padding: 'valid', stride: 3 });
    expect(Array.from(withPrecision(precision, convolve).dataSync())).toEqual([20]);
  });
});

{
  const why = hasNativeKernels('rows') ? '' : ' (skipped: the binding has no kernels of rows)';
  describe.skipIf(why !== '')(`the kernels of rows${why}`, () => {
    const [x, bias, gate] = [tf.ones([6, 4]), tf.ones([4]), tf.ones([2, 4])];
    const branch = tf.ones([2, 3, 4]);
    const exact = geluAttributes(false);
    it.each<[string, Attribute[], Tensor[], number]>([
      ['StillhouseAddBias', itemAttributes(0), [x, tf.ones([3])], 1],
      ['StillhouseAddBias', itemAttributes(4), [x, bias], 1],
      ['StillhouseAddBias', itemAttributes(-2), [x, bias], 1],
      ['StillhouseSumRows', [], [tf.scalar(1)], 1],
      ['StillhouseGatedAdd', [], [branch, tf.ones([1, 4]), branch], 1],
      ['StillhouseGatedAdd', [], [tf.ones([2, 2, 4]), gate, branch], 1],
      ['StillhouseGatedAddGrad', [], [tf.ones([2, 3, 3]), gate, branch], 2],
      ['StillhouseBiasGelu', [...itemAttributes(4), ...exact], [x, bias], 1],
      ['StillhouseBiasGelu', [...itemAttributes(0), ...exact], [x, tf.ones([8])], 1],
      ['StillhouseBiasGeluGrad', exact, [tf.ones([5, 4]), x, bias], 2],
      ['StillhouseBiasGeluGrad', exact, [x, x, tf.ones([2])], 2],
    ])('%s refuses what would reach beside its memory: %j', (name, attributes, inputs, outputs) => {
      expect(() => executeRawMany(name, attributes, inputs, outputs)).toThrow(`${name}: expected`);
    });
  });
}

{
  const why = hasNativeKernels() ? '' : ' (skipped: the binding has no kernels of our own)';
  describe.skipIf(why !== '')(`the kernels of pixels${why}`, () => {
    it.each([
      [0, [1, 2, 2, 4]],
      [-4, [1, 2, 2, 4]],
      [1, [1, 2, 2, 0]],
    ])('StillhouseGroupNorm refuses %d groups of %j', (groups, shape) => {
      const each = tf.ones([shape.at(-1)!]);
      const attributes = groupNormAttributes(groups, 1e-5, undefined);
      const norm = () => executeRawMany('StillhouseGroupNorm', attributes, [tf.ones(shape), each, each], 3);
      expect(norm).toThrow('StillhouseGroupNorm: expected');
    });

    it.each([
      [{ size: 1, stride: 1, padding: 1 }, [2, 2], [4, 4]],
      [{ size: 2, stride: 1, padding: -1 }, [4, 4], [1, 1]],
      [{ size: 0, stride: 1, padding: 0 }, [2, 2], [3, 3]],
      [{ size: 2, stride: 2, padding: 1 }, [0, 2], [1, 2]],
      [{ size: 4, stride: 3, padding: 0 }, [2, 2], [1, 1]],
    ])('StillhouseMaxPoolGrad refuses windows beside the image: %j on %j', (window, image, windows) => {
      const attributes = Object.entries(window).map(([name, value]) => attribute.int(name, value));
      const [dy, x] = [tf.ones([1, ...windows, 4]), tf.ones([1, ...image, 4])];
      const gradient = () => executeRawMany('StillhouseMaxPoolGrad', attributes, [dy, x], 1);
      expect(gradient).toThrow('StillhouseMaxPoolGrad: expected');
    });
  });
}

const why = hasNativeKernels('bfloat16') ? '' : ' (skipped: this processor has no tiles)';
describe.skipIf(why !== '')(`the kernels for bfloat16${why}`, () => {
  const x = () => tf.ones([1, 4, 4, 1]);
  const kernel = () => tf.ones([3, 3, 1, 1]);
  it.each<[string, () => Tensor[]]>([
    ['StillhouseConv2D', () => [x(), kernel(), tf.zeros([0])]],
    ['StillhouseConv2DInputGrad', () => [x(), kernel()]],
    ['StillhouseConv2DKernelGrad', () => [x(), x()]],
  ])('%s refuses a size below 1 and a step below 1', (name, inputs) => {
    const run = (how: Partial<Parameters<typeof convolutionGeometry>[0]>) => () =>
      executeRawMany(
        name,
        convolutionGeometry({ stride: 1, top: 0, left: 0, height: 2, width: 2, ...how }),
        inputs(),
        1,
      );
    expect(run({ height: -1 })).toThrow('expected');
    expect(run({ width: -3 })).toThrow('expected');
    expect(run({ width: 0 })).toThrow('expected');
    expect(run({ stride: 0 })).toThrow('expected');
  });

  it.each<[string, Tensor[]]>([
    ['StillhouseConv2D', [tf.ones([1, 4, 0, 1]), tf.ones([3, 3, 1, 1]), tf.zeros([0])]],
    ['StillhouseConv2D', [tf.ones([1, 4, 4, 1]), tf.ones([0, 3, 1, 1]), tf.zeros([0])]],
    ['StillhouseConv2DInputGrad', [tf.ones([1, 0, 4, 1]), tf.ones([3, 3, 1, 1])]],
    ['StillhouseConv2DKernelGrad', [tf.ones([1, 4, 4, 1]), tf.ones([1, 4, 0, 1])]],
  ])('%s refuses images and kernels without pixels', (name, inputs) => {
    const attributes = convolutionGeometry({ stride: 1, top: 0, left: 0, height: 2, width: 2 });
    expect(() => executeRawMany(name, attributes, inputs, 1)).toThrow('expected');
  });

  it('say it when their threads find no memory', () => {
    const attributes = convolutionGeometry({ stride: 1, top: 2 ** 45, left: 0, height: 2, width: 2 });
    const images = tf.ones([64, 4, 4, 1]);
    const convolve = () => executeRawMany('StillhouseConv2D', attributes, [images, kernel(), tf.zeros([0])], 1);
    expect(convolve).toThrow('Compute on fewer at a time');
  });
});

describe.each([true, false])('batch norm with ReLU, our kernel: %s', (native) => {
  const x = () => tf.ones([2, 2, 3, 4]);
  const running = (variance = 4) => ({ mean: tf.variable(tf.zeros([4])), variance: tf.variable(tf.ones([variance])) });

  it.each([1.5, 0, -1, Number.NaN])('refuses a pool of %s', (pool) => {
    for (const training of [true, false]) {
      const norm = () => batchNormRelu(x(), tf.ones([4]), tf.zeros([4]), { running: running(), training, pool });
      expect(() => using(native, norm)).toThrow(/batchNormRelu: expected `pool` to be an integer >= 1/);
    }
  });

  it('refuses a pool that is larger than the image', () => {
    const norm = () => batchNormRelu(x(), tf.ones([4]), tf.zeros([4]), { running: running(), training: true, pool: 3 });
    expect(() => using(native, norm)).toThrow('batchNormRelu: expected `pool` to be at most 2');
  });

  it('refuses a running variance and a bias of another size', () => {
    const options = { running: running(3), training: true };
    const relu = () => batchNormRelu(x(), tf.ones([4]), tf.zeros([4]), options);
    expect(() => using(native, relu)).toThrow('the size of `running.variance` to be 4');
    expect(() => batchNorm(x(), tf.ones([4]), tf.zeros([4]), options)).toThrow(
      'the size of `running.variance` to be 4',
    );
    const biased = () =>
      batchNormRelu(x(), tf.ones([4]), tf.zeros([4]), { running: running(), training: true, bias: tf.ones([1]) });
    expect(() => using(native, biased)).toThrow('the size of `bias` to be 4');
  });
});

describe.each([true, false])('a number that no result can come of, our kernels: %s', (native) => {
  const [x, rows, each] = [tf.ones([2, 2, 3, 4]), tf.ones([2, 3, 4]), tf.ones([4])];
  const statistics = () => ({ mean: tf.variable(tf.zeros([4])), variance: tf.variable(tf.ones([4])) });
  type Given = { epsilon?: number; momentum?: number };
  const batch = (given: Given) => ({ running: statistics(), training: true, ...given });

  const norms: Record<string, (given: Given) => Tensor> = {
    groupNorm: (given) => groupNorm(x, each, each, { groups: 2, ...given }),
    instanceNorm: (given) => instanceNorm(x, each, each, given),
    layerNorm: (given) => layerNorm(x, each, each, given),
    modulatedLayerNorm: (given) => modulatedLayerNorm(rows, tf.ones([2, 4]), tf.ones([2, 4]), given),
    batchNorm: (given) => batchNorm(x, each, each, batch(given)),
    batchNormRelu: (given) => batchNormRelu(x, each, each, batch(given)),
  };
  it.each(Object.keys(norms))('is refused as the epsilon of %s', (name) => {
    for (const epsilon of [0, -1e-5, Number.NaN, Number.POSITIVE_INFINITY]) {
      const norm = () => using(native, () => norms[name]!({ epsilon }));
      expect(norm).toThrow(`${name}: expected \`epsilon\` to be a finite number above 0, got ${epsilon}.`);
    }
  });

  it.each(['batchNorm', 'batchNormRelu'])('is refused as the momentum of %s', (name) => {
    for (const momentum of [-0.1, 1.1, Number.NaN]) {
      const norm = () => using(native, () => norms[name]!({ momentum }));
      expect(norm).toThrow(`${name}: expected \`momentum\` to be a number from 0 to 1, got ${momentum}.`);
    }
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('is refused as the scale of attention: %s', (scale) => {
    const heads = tf.ones([1, 2, 3, 4]);
    expect(() => attention(heads, heads, heads, { scale })).toThrow('attention: expected `scale` to be a finite');
    const many = () => using(native, () => multiHeadAttention(rows, rows, rows, { heads: 2, scale }));
    expect(many).toThrow('multiHeadAttention: expected `scale` to be a finite number');
  });

  it.each([0, -1, 1.5, Number.NaN])('is refused as the rows of a chunk of geglu: %s', (rowChunk) => {
    const layer = () => using(native, () => geglu(rows, tf.ones([4, 6]), tf.ones([6]), { rowChunk }));
    expect(layer).toThrow('geglu: expected `rowChunk` to be an integer >= 1');
  });
});
