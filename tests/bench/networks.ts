/** A network for the bench on the engine's operations alone; torch_cases.py holds the same one in PyTorch. */
import {
  attention,
  batchNorm,
  conv2d,
  dense,
  groupNorm,
  type NamedVariables,
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
