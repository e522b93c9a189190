import { describe, expect, it } from 'vitest';
import { gatedAdd, layerNorm, modulatedLayerNorm, tf } from '../../../src/engine';
import { expectGradients, values } from '../gradient-check';

const [x, shift, scale] = [values([2, 5, 6], 1), values([2, 6], 2), values([2, 6], 3)];

describe('modulatedLayerNorm', () => {
  it('is the layer norm without parameters, scaled and shifted item by item', () => {
    const normal = layerNorm(x, tf.ones([6]), tf.zeros([6]), { epsilon: 1e-3 });
    const rows = (vector: typeof shift) => tf.reshape(vector, [2, 1, 6]);
    const expected = tf.add(tf.mul(normal, tf.add(rows(scale), 1)), rows(shift));
    const seen = modulatedLayerNorm(x, shift, scale, { epsilon: 1e-3 });
    expect(tf.max(tf.abs(tf.sub(seen, expected))).dataSync()[0]).toBeLessThan(1e-6);
  });

  it('has the gradient that finite differences give', () => {
    expectGradients((x, shift, scale) => modulatedLayerNorm(x, shift, scale), [x, shift, scale]);
  });

  it('says which shape it expected', () => {
    expect(() => modulatedLayerNorm(x, values([1, 6], 2), scale)).toThrow('axis 0 of `shift` to be 2');
    expect(() => modulatedLayerNorm(x, shift, values([2, 5], 3))).toThrow('axis 1 of `scale` to be 6');
  });
});

describe('gatedAdd', () => {
  const branch = values([2, 5, 6], 4);

  it('adds the branch times its gate', () => {
    const expected = tf.add(x, tf.mul(branch, tf.reshape(scale, [2, 1, 6])));
    expect(gatedAdd(x, scale, branch).dataSync()).toEqual(expected.dataSync());
  });

  it('has the gradient that finite differences give', () => {
    expectGradients((x, gate, branch) => gatedAdd(x, gate, branch), [x, scale, branch]);
  });

  it('says which shape it expected', () => {
    expect(() => gatedAdd(x, scale, values([2, 5, 5], 4))).toThrow('two tensors of one shape');
    expect(() => gatedAdd(x, values([3, 6], 3), branch)).toThrow('axis 0 of `gate` to be 2');
  });
});
