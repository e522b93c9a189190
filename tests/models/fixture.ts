/** Fixtures that tests/fixtures/models/make.py made: a model's weights, inputs and outputs in one safetensors file. */
import { fileURLToPath } from 'node:url';
import { type Tensor, tf } from '../../src/engine';
import { type Module, SafetensorsFile, type StoredTensor, type TensorSource } from '../../src/models';

export const fixturePath = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/models/${name}`, import.meta.url));

const PREFIX = 'fixture.';

export class Fixture {
  private readonly file: SafetensorsFile;

  constructor(name: string) {
    this.file = new SafetensorsFile(fixturePath(`${name}.safetensors`));
  }

  get config(): Record<string, unknown> {
    return JSON.parse(this.file.metadata.config!) as Record<string, unknown>;
  }

  /** The weights alone. */
  get weights(): TensorSource {
    return {
      keys: () => [...this.file.keys()].filter((name) => !name.startsWith(PREFIX)),
      get: (name) => this.file.get(name),
    };
  }

  stored(name: string): StoredTensor {
    const tensor = this.file.get(PREFIX + name);
    if (!tensor) throw new Error(`Expected the fixture to have '${name}', it has ${[...this.file.keys()]}`);
    return tensor;
  }

  tensor(name: string): Tensor {
    const { shape, data } = this.stored(name);
    return tf.tensor(data, [...shape]);
  }

  /** Largest deviation of `actual` from the fixture's tensor, relative to that tensor's largest value. */
  error(name: string, actual: Tensor): number {
    const { shape, data } = this.stored(name);
    if (actual.shape.join() !== shape.join()) throw new Error(`Expected shape [${shape}], got [${actual.shape}]`);
    return relativeError(actual.dataSync<'float32'>(), data);
  }
}

/** Largest |a - b|, relative to the largest |b|. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [difference, scale] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    const d = Math.abs(a[i]! - b[i]!);
    if (!(d <= difference)) difference = d; // NaN stays
    scale = Math.max(scale, Math.abs(b[i]!));
  }
  return difference / scale;
}

/** Norms of the loss's gradients, one a parameter, in the order of names. */
export function gradientNorms(model: Module, loss: () => Tensor): number[] {
  const variables = model.variables();
  const names = Object.keys(variables).sort((a, b) => (a < b ? -1 : 1));
  const { value, grads } = tf.variableGrads(loss as never, Object.values(variables) as never);
  value.dispose();
  return names.map((name) => {
    const gradient = grads[variables[name]!.name]!;
    const norm = gradient.norm().dataSync()[0]!;
    gradient.dispose();
    return norm;
  });
}
