import { describe, expect, it } from 'vitest';
import {
  AdamW,
  clipByGlobalNorm,
  conv2d,
  dense,
  denseGelu,
  Ema,
  groupNorm,
  guardFinite,
  lossAndGradients,
  meanSquaredError,
  type NamedVariables,
  NonFiniteLossError,
  relu,
  Sgd,
  type Tensor,
  tf,
  type Variable,
  withinLayer,
  withoutGradients,
} from '../../src/engine';
import { values } from './gradient-check';
import { useNative } from './native-switch';

/** A small network with a residual connection, so that gradients meet. */
function network(): { variables: NamedVariables; forward: (x: Tensor) => Tensor } {
  const variable = (shape: number[], seed: number): Variable =>
    tf.variable(tf.tidy(() => tf.mul(values(shape, seed), 0.3))) as Variable;
  const variables: NamedVariables = {
    'conv1.weight': variable([3, 3, 3, 4], 1),
    'conv1.bias': variable([4], 2),
    'norm.weight': variable([4], 3),
    'norm.bias': variable([4], 4),
    'conv2.weight': variable([3, 3, 4, 4], 5),
    'mlp.weight': variable([4, 5], 7),
    'mlp.bias': variable([5], 8),
    'head.weight': variable([5, 2], 6),
  };
  const v = (name: string): Variable => variables[name]!;
  return {
    variables,
    forward(x) {
      const h = conv2d(x, v('conv1.weight'), { bias: v('conv1.bias') });
      const normal = groupNorm(h, v('norm.weight'), v('norm.bias'), { groups: 2, activation: 'silu' });
      const sum = tf.add(h, relu(conv2d(normal, v('conv2.weight'))));
      const [batch, rows, columns, channels] = sum.shape as [number, number, number, number];
      const tokens = tf.reshape(sum, [batch, rows * columns, channels]);
      const hidden = denseGelu(tokens, v('mlp.weight'), v('mlp.bias'), { approximate: true });
      return dense(tf.mean(hidden, 1), v('head.weight'));
    },
  };
}
const free = (...containers: Record<string, Tensor>[]): void => tf.dispose(containers as never);
const x = values([4, 5, 5, 3], 11);
const y = values([4, 2], 12);

describe('lossAndGradients', () => {
  const { variables, forward } = network();

  it.each([true, false])("agrees with tfjs's own walk of the tape, with our kernels: %s", (native) => {
    useNative(native);
    const ours = lossAndGradients(variables, () => meanSquaredError(forward(x), y));
    const theirs = tf.variableGrads(() => meanSquaredError(forward(x), y) as never, Object.values(variables));
    expect(ours.loss.dataSync()[0]).toBeCloseTo(theirs.value.dataSync()[0]!, 6);
    for (const [name, variable] of Object.entries(variables)) {
      const difference = tf.max(tf.abs(tf.sub(ours.gradients[name]!, theirs.grads[variable.name]!))).dataSync()[0]!;
      expect(difference, name).toBeLessThan(1e-6);
    }
  });

  it('handles one tensor used twice and gradients that share memory', () => {
    const w = tf.variable(tf.tensor1d([2, 3])) as Variable;
    const { loss, gradients } = lossAndGradients({ w }, () => {
      const doubled = tf.add(w, w);
      return tf.sum(tf.mul(tf.add(doubled, tf.reshape(doubled, [2])), doubled));
    });
    expect(loss.dataSync()[0]).toBe(8 * (4 + 9));
    expect([...gradients.w!.dataSync()]).toEqual([32, 48]);
  });

  it('leaves nothing behind but the loss and the gradients', () => {
    const once = () => {
      const { loss, gradients } = lossAndGradients(variables, () => meanSquaredError(forward(x), y));
      free(gradients, { loss });
    };
    once();
    const before = tf.memory().numTensors;
    for (let i = 0; i < 5; i++) once();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('leaves nothing behind when the loss function or a gradient throws', () => {
    const before = tf.memory().numTensors;
    expect(() =>
      lossAndGradients(variables, () => {
        forward(x);
        throw new Error('lost');
      }),
    ).toThrow('lost');
    expect(() => lossAndGradients(variables, () => tf.sum(tf.topk(forward(x), 1).values))).toThrow('no gradient');
    expect(() => lossAndGradients(variables, () => forward(x))).toThrow('expected the loss to be a float32 scalar');
    expect(tf.memory().numTensors).toBe(before);
    expect(lossAndGradients(variables, () => meanSquaredError(forward(x), y)).loss.shape).toEqual([]);
  });

  it('names variables that the loss does not depend on, or skips them when told to', () => {
    const spare = tf.variable(tf.scalar(1)) as Variable;
    const loss = () => meanSquaredError(forward(x), y);
    expect(() => lossAndGradients({ ...variables, spare }, loss)).toThrow("not on 1: 'spare'");
    const { gradients } = lossAndGradients({ ...variables, spare }, loss, { unused: 'skip' });
    expect(Object.keys(gradients)).toEqual(Object.keys(variables));
  });

  it('gives no gradient to what runs inside withoutGradients', () => {
    const w = tf.variable(tf.scalar(3)) as Variable;
    const { gradients } = lossAndGradients({ w }, () =>
      tf.mul(
        w,
        withoutGradients(() => tf.square(w)),
      ),
    );
    expect(gradients.w!.dataSync()[0]).toBe(9);
  });
});

describe('training', () => {
  it('lowers the loss and keeps the number of tensors constant over 50 steps', () => {
    const { variables, forward } = network();
    const optimiser = new AdamW(variables, { learningRate: 0.01, weightDecay: 0.01 });
    const ema = new Ema(variables, { decay: 0.9 });
    const losses: number[] = [];
    const step = () => {
      const { loss, gradients } = lossAndGradients(variables, () => meanSquaredError(forward(x), y));
      const clipped = clipByGlobalNorm(gradients, 1);
      optimiser.apply(clipped.gradients);
      ema.update();
      losses.push(loss.dataSync()[0]!);
      tf.dispose([loss, clipped.norm]);
    };
    step();
    const before = tf.memory();
    for (let i = 0; i < 50; i++) step();
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numBytes).toBe(before.numBytes);
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 2);
    optimiser.dispose();
    ema.dispose();
  });

  it('sees values that somebody assigned between two updates', () => {
    const w = tf.variable(tf.tensor1d([1, 2])) as Variable;
    const optimiser = new Sgd({ w }, { learningRate: 1 });
    optimiser.apply({ w: tf.tensor1d([1, 1]) });
    w.assign(tf.tensor1d([10, 20]));
    optimiser.apply({ w: tf.tensor1d([1, 1]) });
    expect([...w.dataSync()]).toEqual([9, 19]);
  });

  it('goes on from a saved state as if it had not stopped', () => {
    const gradient = (i: number) => ({ w: values([5], i) });
    const start = values([5], 1);
    const one = tf.variable(start) as Variable;
    const whole = new AdamW({ w: one }, { learningRate: 0.1 });
    for (let i = 0; i < 4; i++) whole.apply(gradient(i));

    const two = tf.variable(start) as Variable;
    const first = new AdamW({ w: two }, { learningRate: 0.1 });
    for (let i = 0; i < 2; i++) first.apply(gradient(i));
    const state = first.state();
    expect(Object.keys(state)).toEqual(['step', 'first/w', 'second/w']);
    first.dispose();
    const second = new AdamW({ w: two }, { learningRate: 0.1 });
    second.restore(state);
    for (let i = 2; i < 4; i++) second.apply(gradient(i));
    expect([...two.dataSync()]).toEqual([...one.dataSync()]);
    expect(() => second.restore({ step: state.step! })).toThrow("'first/w'");
  });

  it('runs a body with the averaged weights and puts the trained ones back', async () => {
    const w = tf.variable(tf.scalar(0)) as Variable;
    const ema = new Ema({ w }, { decay: 0.5, warmUp: false });
    w.assign(tf.scalar(8));
    ema.update();
    expect(await ema.during(() => w.dataSync()[0])).toBe(4);
    expect(w.dataSync()[0]).toBe(8);
  });
});

describe('guardFinite', () => {
  const { variables, forward } = network();
  const loss = () => meanSquaredError(forward(x), y);
  const caught = (run: () => void): NonFiniteLossError => {
    try {
      run();
    } catch (error) {
      return error as NonFiniteLossError;
    }
    throw new Error('nothing was thrown');
  };

  it('lets a finite loss pass', () => guardFinite(0.5, { step: 1, forward: loss }));

  it('names the step, the layer that first went bad and the checkpoint', () => {
    tf.tidy(loss); // makes the constants that are kept
    const bias = variables['conv1.bias']!;
    const good = tf.clone(bias);
    tf.tidy(() => bias.assign(tf.fill([4], 3e38)));
    const before = tf.memory().numTensors;
    const error = caught(() =>
      guardFinite(Number.NaN, { step: 7, forward: loss, variables, checkpoint: 'runs/step-6.safetensors' }),
    );
    expect(tf.memory().numTensors).toBe(before);
    expect(error).toBeInstanceOf(NonFiniteLossError);
    expect(error.step).toBe(7);
    expect(error.layer).toBe('norm');
    expect(error.message).toContain('step 7, got NaN');
    expect(error.message).toContain('runs/step-6.safetensors');
    bias.assign(good);
    good.dispose();
  });

  it("names a weight that isn't a number itself", () => {
    const head = tf.variable(tf.tensor1d([1, Number.NaN])) as Variable;
    const error = caught(() => guardFinite(Number.NaN, { step: 3, forward: loss, variables: { 'head.weight': head } }));
    expect(error.layer).toBe('head.weight');
  });

  it('names layers without weights by the path they gave', () => {
    const forward = () =>
      withinLayer('block', () => withinLayer('act', () => relu(tf.tensor1d([Number.POSITIVE_INFINITY]))));
    expect(caught(() => guardFinite(Number.NaN, { step: 3, forward })).layer).toBe('block.act');
  });

  it('says so when the network is finite and the loss is not', () => {
    expect(caught(() => guardFinite(Number.NaN, { step: 3, forward: loss })).message).toContain('look at the loss');
  });
});
