/** The networks of the bench, on the engine's operations alone; torch.py holds the same ones in PyTorch. */
import {
  attention,
  avgPool2d,
  batchNorm,
  conv2d,
  dense,
  gelu,
  globalAveragePool,
  groupNorm,
  instanceNorm,
  layerNorm,
  maxPool2d,
  type NamedVariables,
  relu,
  resizeNearest,
  silu,
  type Tensor,
  tf,
  type Variable,
} from '../../src/engine';

/** Weights made when first asked for: normal with the given deviation, or constant. */
export class Weights {
  readonly trained: NamedVariables = {};
  private readonly running: NamedVariables = {};
  private seed = 1;

  normal(name: string, shape: number[], deviation: number): Variable {
    this.trained[name] ??= this.make(tf.randomNormal(shape, 0, deviation, 'float32', this.seed++));
    return this.trained[name];
  }

  fill(name: string, shape: number[], value: number): Variable {
    this.trained[name] ??= this.make(tf.fill(shape, value));
    return this.trained[name];
  }

  statistics(name: string, channels: number): { mean: Variable; variance: Variable } {
    this.running[`${name}.mean`] ??= this.make(tf.zeros([channels]));
    this.running[`${name}.variance`] ??= this.make(tf.ones([channels]));
    return { mean: this.running[`${name}.mean`]!, variance: this.running[`${name}.variance`]! };
  }

  conv(name: string, x: Tensor, out: number, { kernel = 3, stride = 1, bias = true } = {}): Tensor {
    const channels = x.shape[3]!;
    const weight = this.normal(`${name}.w`, [kernel, kernel, channels, out], 1 / Math.sqrt(kernel ** 2 * channels));
    const options = { stride, padding: (kernel - 1) / 2 };
    return conv2d(x, weight, bias ? { ...options, bias: this.fill(`${name}.b`, [out], 0) } : options);
  }

  dense(name: string, x: Tensor, out: number): Tensor {
    const width = x.shape.at(-1)!;
    return dense(x, this.normal(`${name}.w`, [width, out], 1 / Math.sqrt(width)), this.fill(`${name}.b`, [out], 0));
  }

  group(name: string, x: Tensor, activation?: 'silu'): Tensor {
    return groupNorm(x, ...this.affine(name, x), { groups: 32, activation });
  }

  batch(name: string, x: Tensor): Tensor {
    return batchNorm(x, ...this.affine(name, x), { running: this.statistics(name, x.shape[3]!), training: true });
  }

  affine(name: string, x: Tensor): [Variable, Variable] {
    const channels = x.shape.at(-1)!;
    return [this.fill(`${name}.g`, [channels], 1), this.fill(`${name}.b`, [channels], 0)];
  }

  private make(value: Tensor): Variable {
    const variable = tf.variable(value) as Variable;
    value.dispose();
    return variable;
  }
}

/** The unconditional UNet of the engine's spikes: 3,992,323 parameters, base 64, attention at half size. */
export function unet(w: Weights, x: Tensor, time: Tensor): Tensor {
  const residual = (name: string, x: Tensor, out: number, embedding: Tensor): Tensor =>
    tf.tidy(() => {
      let h = w.conv(`${name}.c1`, w.group(`${name}.n1`, x, 'silu'), out);
      const e = w.dense(`${name}.e`, silu(embedding), out);
      h = tf.add(h, tf.reshape(e, [-1, 1, 1, out]));
      h = w.conv(`${name}.c2`, w.group(`${name}.n2`, h, 'silu'), out);
      return tf.add(x.shape[3] === out ? x : w.conv(`${name}.s`, x, out, { kernel: 1 }), h);
    });
  const attend = (name: string, x: Tensor): Tensor =>
    tf.tidy(() => {
      const [n, height, width, c] = x.shape as [number, number, number, number];
      const h = tf.reshape(w.group(`${name}.n`, x), [n, height * width, c]);
      const [q, k, v] = tf
        .split(w.dense(`${name}.qkv`, h, 3 * c), 3, 2)
        .map((part) => tf.reshape(part, [n, 1, height * width, c])) as [Tensor, Tensor, Tensor];
      const o = w.dense(`${name}.o`, tf.reshape(attention(q, k, v), [n, height * width, c]), c);
      return tf.add(x, tf.reshape(o, x.shape as number[]));
    });
  const e = w.dense('t2', silu(w.dense('t1', time, 256)), 256);
  let h = w.conv('in', x, 64);
  const skips = [h];
  for (const name of ['d1a', 'd1b']) {
    h = residual(name, h, 64, e);
    skips.push(h);
  }
  h = w.conv('down', h, 64, { stride: 2 });
  skips.push(h);
  for (const name of ['d2a', 'd2b']) {
    h = attend(`${name}a`, residual(name, h, 128, e));
    skips.push(h);
  }
  h = residual('m2', attend('ma', residual('m1', h, 128, e)), 128, e);
  for (const i of [0, 1, 2]) {
    h = attend(`u2a${i}`, residual(`u2${i}`, tf.concat([h, skips.pop()!], 3), 128, e));
  }
  h = w.conv('up', resizeNearest(h, [h.shape[1]! * 2, h.shape[2]! * 2]), 128);
  for (const i of [0, 1, 2]) h = residual(`u1${i}`, tf.concat([h, skips.pop()!], 3), 64, e);
  return w.conv('out', w.group('on', h, 'silu'), 3);
}

/** ResNet-18 with ImageNet's stem. */
export function resnet18(w: Weights, x: Tensor, classes: number): Tensor {
  const block = (name: string, x: Tensor, out: number, stride: number): Tensor =>
    tf.tidy(() => {
      let h = relu(w.batch(`${name}.b1`, w.conv(`${name}.c1`, x, out, { stride, bias: false })));
      h = w.batch(`${name}.b2`, w.conv(`${name}.c2`, h, out, { bias: false }));
      const short =
        stride === 1 && x.shape[3] === out
          ? x
          : w.batch(`${name}.bs`, w.conv(`${name}.s`, x, out, { kernel: 1, stride, bias: false }));
      return relu(tf.add(short, h));
    });
  let h = relu(w.batch('b0', w.conv('c0', x, 64, { kernel: 7, stride: 2, bias: false })));
  h = maxPool2d(h, { size: 3, stride: 2, padding: 1 });
  for (const [i, out] of [64, 128, 256, 512].entries()) {
    h = block(`l${i}.0`, h, out, i === 0 ? 1 : 2);
    h = block(`l${i}.1`, h, out, 1);
  }
  return w.dense('head', globalAveragePool(h), classes);
}

/** ConvNet-3 of dataset distillation: width 128, instance norm, average pooling. */
export function convnet3(w: Weights, x: Tensor, classes: number): Tensor {
  let h = x;
  for (const i of [0, 1, 2]) {
    h = tf.tidy(() => {
      const normal = w.conv(`c${i}`, h, 128);
      return avgPool2d(relu(instanceNorm(normal, ...w.affine(`n${i}`, normal))), { size: 2 });
    });
  }
  return w.dense('head', tf.reshape(h, [h.shape[0]!, -1]), classes);
}

/** A block at Stable Diffusion v1.5's first level: ResNet block, then self-attention, cross-attention and feed-forward. */
export function diffusionBlock(w: Weights, x: Tensor, context: Tensor): Tensor {
  const c = 320;
  const heads = (t: Tensor): Tensor => tf.transpose(tf.reshape(t, [1, -1, 8, c / 8]), [0, 2, 1, 3]);
  const attend = (q: Tensor, k: Tensor, v: Tensor): Tensor =>
    tf.reshape(tf.transpose(attention(heads(q), heads(k), heads(v)), [0, 2, 1, 3]), [1, -1, c]);
  const project = (name: string, t: Tensor): Tensor => w.dense(name, t, c);
  const layer = (name: string, t: Tensor): Tensor => layerNorm(t, ...w.affine(name, t));
  return tf.tidy(() => {
    let h = w.conv('c1', w.group('g1', x, 'silu'), c);
    h = tf.add(x, w.conv('c2', w.group('g2', h, 'silu'), c));
    let t = project('pi', tf.reshape(w.group('g3', h), [1, -1, c]));
    let n = layer('l1', t);
    t = tf.add(t, project('o', attend(project('q', n), project('k', n), project('v', n))));
    n = layer('l2', t);
    t = tf.add(t, project('o2', attend(project('q2', n), project('k2', context), project('v2', context))));
    const [a, b] = tf.split(w.dense('f1', layer('l3', t), 8 * c), 2, 2) as [Tensor, Tensor];
    t = tf.add(t, project('f2', tf.mul(a, gelu(b))));
    return tf.add(tf.reshape(project('po', t), x.shape as number[]), h);
  });
}
