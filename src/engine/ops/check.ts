/** Checks of the operations' inputs, so that a wrong shape gives a clear error and not TensorFlow's C++ message. */
import type { Tensor } from '../tensorflow';

/** @throws when `x` is not a float32 tensor of `rank` axes. */
export function expectRank(operation: string, name: string, x: Tensor, rank: number): void {
  if (x.rank !== rank) {
    throw new Error(
      `${operation}: expected \`${name}\` to have ${rank} axes, got shape [${x.shape}]. Reshape it first.`,
    );
  }
  expectFloat(operation, name, x);
}

/** @throws when `x` is not float32. */
export function expectFloat(operation: string, name: string, x: Tensor): void {
  if (x.dtype !== 'float32') {
    throw new Error(
      `${operation}: expected \`${name}\` to be float32, got ${x.dtype}. Cast it with tf.cast(x, 'float32').`,
    );
  }
}

/** @throws when two sizes that must agree do not. */
export function expectSize(operation: string, what: string, seen: number, wanted: number, wantedBy: string): void {
  if (seen !== wanted) {
    throw new Error(`${operation}: expected ${what} to be ${wanted} (${wantedBy}), got ${seen}.`);
  }
}

/** @throws when the shapes differ. */
export function expectSameShape(operation: string, a: Tensor, b: Tensor): void {
  if (a.shape.length !== b.shape.length || a.shape.some((size, axis) => size !== b.shape[axis])) {
    throw new Error(`${operation}: expected two tensors of one shape, got [${a.shape}] and [${b.shape}].`);
  }
}

/** @throws when `value` is not an integer of at least `minimum`. */
export function expectInteger(operation: string, name: string, value: number, minimum: number): void {
  if (!Number.isInteger(value) || value < minimum) {
    throw new Error(`${operation}: expected \`${name}\` to be an integer >= ${minimum}, got ${value}.`);
  }
}

/** @throws when `value` is not a finite number above 0. */
export function expectPositive(operation: string, name: string, value: number): void {
  if (!Number.isFinite(value) || value <= 0) {
    throw new Error(`${operation}: expected \`${name}\` to be a finite number above 0, got ${value}.`);
  }
}

/** @throws when `value` is not a number from `minimum` to `maximum`. */
export function expectWithin(operation: string, name: string, value: number, minimum: number, maximum: number): void {
  if (!(value >= minimum && value <= maximum)) {
    throw new Error(`${operation}: expected \`${name}\` to be a number from ${minimum} to ${maximum}, got ${value}.`);
  }
}

/** @throws when `value` is not a finite number. */
export function expectFinite(operation: string, name: string, value: number): void {
  if (!Number.isFinite(value)) {
    throw new Error(`${operation}: expected \`${name}\` to be a finite number, got ${value}.`);
  }
}
