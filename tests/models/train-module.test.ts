import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { NonFiniteLossError, RandomStream, tf } from '../../src/engine';
import { Linear, Module, Parameter, SafetensorsFile, trainModule } from '../../src/models';
import { temporaryFolder } from '../helpers/temporary';

/** Where the kernel puts the signal of the running cell. */
const CELL = Symbol.for('stillhouse.signal');

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

/** Learns y = 2x - 1 from batches that are a function of the step. */
const lossOf = (layer: Linear) => (step: number) => {
  const x = tf.tensor(new RandomStream(5, step).fillNormal(new Float32Array(16)), [16, 1]);
  return tf.mean(tf.squaredDifference(layer.forward(x), tf.sub(tf.mul(x, 2), 1)));
};
const layer = () => new Linear({ in: 1, out: 1 }, new RandomStream(1));
const weights = async (module: Linear) => (await module.stateDict()).get('weight')!.data[0]!;

describe('trainModule', () => {
  it('learns, and reports falling losses', async () => {
    const module = layer();
    const report = await trainModule(module, {
      label: 'line',
      steps: 200,
      learningRate: 0.1,
      loss: lossOf(module),
      clipNorm: 10,
    });
    expect(report.losses.at(-1)!).toBeLessThan(report.losses[0]! / 20);
    expect(await weights(module)).toBeCloseTo(2, 1);
  });

  it('goes on after a stop as if it had never been stopped', async () => {
    const whole = layer();
    await trainModule(whole, { label: 'line', steps: 40, learningRate: 0.1, loss: lossOf(whole), emaDecay: 0.9 });

    const checkpoint = { file: join(folder, 'line.safetensors') };
    const stopped = layer();
    const stop = new AbortController();
    const first = trainModule(stopped, {
      label: 'line',
      steps: 40,
      learningRate: 0.1,
      loss: lossOf(stopped),
      emaDecay: 0.9,
      checkpoint,
      signal: stop.signal,
      onProgress: ({ done }) => done === 17 && stop.abort(),
    });
    await expect(first).rejects.toThrow(/abort/i);

    const resumed = layer();
    const steps: number[] = [];
    await trainModule(resumed, {
      label: 'line',
      steps: 40,
      learningRate: 0.1,
      emaDecay: 0.9,
      checkpoint,
      loss: (step) => {
        steps.push(step);
        return lossOf(resumed)(step);
      },
    });
    expect(steps[0]).toBe(17);
    expect(await weights(resumed)).toBe(await weights(whole));
  });

  it('trains the chosen parameters alone', async () => {
    const module = layer();
    const [weight, bias] = [await weights(module), module.bias!.value.dataSync()[0]];
    const options = { label: 'line', steps: 5, learningRate: 0.1, loss: lossOf(module) };
    await trainModule(module, { ...options, trainable: (name) => name === 'bias' });
    expect(await weights(module)).toBe(weight);
    expect(module.bias!.value.dataSync()[0]).not.toBe(bias);
    await expect(trainModule(module, { ...options, trainable: () => false })).rejects.toThrow('it chose none');
  });

  it('gives back what the loss keeps, so that a resumed training has the same bits', async () => {
    /** A loss that leans on all that was seen before. */
    const withMemory = (module: Linear, file: string, stop?: number) => {
      let [sum, seen] = [new Float32Array(1), [] as number[]];
      const controller = new AbortController();
      return trainModule(module, {
        label: 'line',
        steps: 12,
        learningRate: 0.1,
        checkpoint: { file: join(folder, file) },
        loss: (step) => tf.add(lossOf(module)(step), tf.mul(tf.sum(tf.square(module.weight.value)), sum[0]!)),
        state: {
          save: () => ({ tensors: new Map([['sum', { shape: [1], data: sum }]]), values: { seen } }),
          restore({ tensors, values }) {
            sum = Float32Array.from(tensors.get('sum')!.data);
            seen = (values as { seen: number[] }).seen;
          },
        },
        afterStep(done) {
          seen.push(done);
          sum[0]! += 0.01 * module.bias!.value.dataSync()[0]! * seen.length;
          if (done === stop) controller.abort();
        },
        signal: controller.signal,
      });
    };
    const whole = layer();
    await withMemory(whole, 'whole');
    await expect(withMemory(layer(), 'stopped', 5)).rejects.toThrow(/abort/i);
    const resumed = layer();
    await withMemory(resumed, 'stopped');
    expect(await weights(resumed)).toBe(await weights(whole));
  });

  it('stops at a loss that is not a number, and says at which step', async () => {
    const module = layer();
    const bad = (step: number) =>
      (step === 3 ? tf.mul(lossOf(module)(step), Number.NaN) : lossOf(module)(step)) as never;
    await expect(trainModule(module, { label: 'line', steps: 10, learningRate: 0.1, loss: bad })).rejects.toThrow(
      'at step 3',
    );
  });

  it('notices that the last update, which no loss follows, made the weights infinite', async () => {
    const module = layer();
    const checkpoint = { file: join(folder, 'diverged.safetensors') };
    const training = trainModule(module, {
      label: 'line',
      steps: 3,
      learningRate: 0.1,
      schedule: (step) => (step === 2 ? 1e39 : 0.1),
      loss: lossOf(module),
      checkpoint,
    });
    await expect(training).rejects.toThrow(NonFiniteLossError);
    await expect(training).rejects.toThrow(
      'Expected finite weights after step 3, got others. First bad: the values of',
    );
    expect(existsSync(checkpoint.file)).toBe(false);
  });

  it('lets weights decay, but no biases, positions or tokens', async () => {
    const filled = () => new Parameter([2, 2], { fill: (values) => values.fill(1) });
    class Embedding extends Module {
      readonly weight = filled();
      readonly position = filled();
    }
    const module = new Embedding();
    const { weight, position } = module;
    const loss = () => tf.mul(tf.sum(tf.add(weight.value, position.value)), 0) as never;
    await trainModule(module, { label: 'still', steps: 4, learningRate: 0.1, weightDecay: 0.5, loss });
    expect(weight.value.dataSync()[0]).toBeLessThan(1);
    expect(position.value.dataSync()[0]).toBe(1);
  });

  it('saves what was done when the cell of a notebook is interrupted', async () => {
    const cell = new AbortController();
    Object.assign(globalThis, { [CELL]: cell.signal });
    const checkpoint = { file: join(folder, 'cell.safetensors') };
    const module = layer();
    const training = trainModule(module, {
      label: 'line',
      steps: 20,
      learningRate: 0.1,
      loss: lossOf(module),
      checkpoint,
      onProgress: ({ done }) => done === 7 && cell.abort(),
    });
    await expect(training).rejects.toThrow(/abort/i);
    delete (globalThis as Record<symbol, unknown>)[CELL];
    expect(new SafetensorsFile(checkpoint.file).metadata.step).toBe('7');
  });
});
