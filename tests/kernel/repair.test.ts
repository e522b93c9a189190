import { expect, it } from 'vitest';
import { tf } from '../../src/engine';
import { repairTensorEngine } from '../../src/kernel/cell/repair';

/** What the backend of tfjs-node has of a tensor's memory. */
interface Backend {
  binding: { deleteTensor(id: number): void };
  tensorMap: { get(dataId: object): { id: number } };
}

it('an engine that was stopped within scopes, and within the disposal of a tensor, computes again', () => {
  const before = tf.memory().numTensors;
  const engine = tf.engine();
  engine.startScope('backward');
  const half = tf.add(tf.ones([2]), 1);
  tf.zeros([2]);
  const kept = tf.keep(tf.scalar(7));
  engine.startScope('inner');
  tf.zeros([3]);
  // The binding has freed it, and the engine has not heard of it.
  const { binding, tensorMap } = engine.backend as unknown as Backend;
  binding.deleteTensor(tensorMap.get(half.dataId).id);
  expect(() => half.dispose()).toThrow('not referenced');

  repairTensorEngine();
  expect(engine.state.scopeStack).toEqual([]);
  expect(kept.dataSync()[0]).toBe(7);
  kept.dispose();
  expect(tf.memory().numTensors).toBeLessThanOrEqual(before + 1);
  expect(
    tf.tidy(
      () =>
        tf
          .grad((x) => tf.sum(tf.square(x)))(tf.scalar(3))
          .dataSync()[0],
    ),
  ).toBe(6);
});
