/**
 * Random numbers by counter: Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
 * A stream depends only on its seed and path, never on what else was drawn, so noise, a crop or a scene is the same in
 * any batch, order, worker or resumed run.
 */

export type Quad = readonly [number, number, number, number];
export type Pair = readonly [number, number];

const [M0, M1, W0, W1] = [0xd2511f53, 0xcd9e8d57, 0x9e3779b9, 0xbb67ae85];

/**
 * Ten rounds on the counter in `block`, in place; no allocation, as noise is drawn by the million. The upper half of
 * each 32 × 32-bit product comes from 16-bit halves: (aH·bL + (aL·bL >> 16)) and (aL·bH + …), then aH·bH + the carries.
 */
function philox(block: Uint32Array, key0: number, key1: number): void {
  let c0 = block[0]! | 0;
  let c1 = block[1]! | 0;
  let c2 = block[2]! | 0;
  let c3 = block[3]! | 0;
  let k0 = key0 | 0;
  let k1 = key1 | 0;
  for (let round = 0; round < 10; round++) {
    const low0 = c0 & 0xffff;
    const high0 = c0 >>> 16;
    const middle0 = 0xd251 * low0 + (Math.imul(0x1f53, low0) >>> 16);
    const carry0 = 0x1f53 * high0 + (middle0 & 0xffff);
    const product0 = (Math.imul(0xd251, high0) + (middle0 >>> 16) + (carry0 >>> 16)) | 0;
    const low2 = c2 & 0xffff;
    const high2 = c2 >>> 16;
    const middle2 = 0xcd9e * low2 + (Math.imul(0x8d57, low2) >>> 16);
    const carry2 = 0x8d57 * high2 + (middle2 & 0xffff);
    const product2 = (Math.imul(0xcd9e, high2) + (middle2 >>> 16) + (carry2 >>> 16)) | 0;
    const rest0 = Math.imul(M0, c0);
    const rest2 = Math.imul(M1, c2);
    c0 = product2 ^ c1 ^ k0;
    c1 = rest2;
    c2 = product0 ^ c3 ^ k1;
    c3 = rest0;
    k0 = (k0 + W0) | 0;
    k1 = (k1 + W1) | 0;
  }
  block[0] = c0;
  block[1] = c1;
  block[2] = c2;
  block[3] = c3;
}

/** One block of the generator: four unsigned 32-bit numbers for a counter under a key. */
export function philox4x32(counter: Quad, key: Pair): Quad {
  const block = Uint32Array.from(counter);
  philox(block, key[0], key[1]);
  return [block[0]!, block[1]!, block[2]!, block[3]!];
}

/** Hashes a seed and path into a key, by absorbing the parts one by one with Philox. */
function hashPath(seed: number, path: readonly (string | number)[]): Pair {
  if (!Number.isSafeInteger(seed)) throw new Error(`Expected the seed to be an integer, got ${seed}.`);
  const state = new Uint32Array(4);
  let [k0, k1] = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
  const absorb = (a: number, b: number, tag: number): void => {
    state[0]! ^= a;
    state[1]! ^= b;
    state[2]! ^= tag;
    philox(state, k0, k1);
    [k0, k1] = [state[0]!, state[1]!];
  };
  for (const part of path) {
    if (typeof part === 'number') {
      if (!Number.isSafeInteger(part))
        throw new Error(`Expected numbers in a stream's path to be integers, got ${part}.`);
      absorb(part >>> 0, Math.floor(part / 2 ** 32) >>> 0, 1);
    } else {
      for (let i = 0; i < part.length; i += 2) absorb(part.charCodeAt(i), part.charCodeAt(i + 1) || 0, 2);
      absorb(part.length, 0, 3);
    }
  }
  return [k0, k1];
}

/** A sequence of random numbers, determined by a seed and a path ('still-life', 'train', 17). */
export class RandomStream {
  private readonly block = new Uint32Array(4);
  private position = 4;
  private counter = 0;
  private readonly key: Pair;
  private spare: number | undefined;

  constructor(
    private readonly seed: number,
    ...path: (string | number)[]
  ) {
    this.path = path;
    this.key = hashPath(seed, path);
  }
  private readonly path: readonly (string | number)[];

  /** The stream whose path continues this one's; it doesn't depend on what was drawn here. */
  child(...path: (string | number)[]): RandomStream {
    return new RandomStream(this.seed, ...this.path, ...path);
  }

  /** Uniform in 0 … 2³² − 1. */
  uint32(): number {
    if (this.position === 4) this.nextBlock();
    return this.block[this.position++]!;
  }

  /** Uniform in [low, high), 32 bits. */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * (this.uint32() * 2 ** -32);
  }

  /** Standard normal (Box–Muller, both values used). */
  normal(): number {
    if (this.spare !== undefined) {
      const value = this.spare;
      this.spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log((this.uint32() + 1) * 2 ** -32));
    const angle = this.uint32() * (2 ** -31 * Math.PI);
    this.spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Uniform integer in 0 … n − 1, without bias. */
  integer(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32)
      throw new Error(`Expected n to be an integer in 1 … 2³², got ${n}.`);
    const limit = 2 ** 32 - (2 ** 32 % n);
    for (;;) {
      const value = this.uint32();
      if (value < limit) return value % n;
    }
  }

  /** The numbers 0 … n − 1 in random order (Fisher–Yates). */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }

  /** A random element of `items`. @throws if there is none */
  choice<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error('Expected at least one item to choose from, got none.');
    return items[this.integer(items.length)]!;
  }

  /** Overwrites `values` with uniforms in [low, high). */
  fillUniform(values: Float32Array, low = 0, high = 1): Float32Array {
    for (let i = 0; i < values.length; i++) values[i] = this.uniform(low, high);
    return values;
  }

  /** Overwrites `values` with standard normals, the same as from repeated calls of `normal`. */
  fillNormal(values: Float32Array): Float32Array {
    let i = 0;
    // Whole blocks at once, two pairs each: noise is drawn by the million.
    if (this.spare === undefined && this.position === 4) {
      const { block } = this;
      for (; i + 4 <= values.length; i += 4) {
        this.nextBlock();
        for (let pair = 0; pair < 4; pair += 2) {
          const radius = Math.sqrt(-2 * Math.log((block[pair]! + 1) * 2 ** -32));
          const angle = block[pair + 1]! * (2 ** -31 * Math.PI);
          values[i + pair] = radius * Math.cos(angle);
          values[i + pair + 1] = radius * Math.sin(angle);
        }
      }
      this.position = 4;
    }
    for (; i < values.length; i++) values[i] = this.normal();
    return values;
  }

  /** The next four words into `block`. */
  private nextBlock(): void {
    const { block, counter } = this;
    block[0] = counter >>> 0;
    block[1] = Math.floor(counter / 2 ** 32);
    block[2] = 0;
    block[3] = 0;
    philox(block, this.key[0], this.key[1]);
    this.counter = counter + 1;
    this.position = 0;
  }
}

export interface NoiseOptions {
  seed: number;
  /** Identity of the item: its content fingerprint. */
  item: string;
  /** Timestep at which the noise is added. */
  timestep: number;
  /** Number of values. */
  size: number;
}

/** Standard normal noise of an item at a timestep: the same in any batch, shard or subset. */
export function gaussianNoise({ seed, item, timestep, size }: NoiseOptions): Float32Array {
  return new RandomStream(seed, 'noise', item, timestep).fillNormal(new Float32Array(size));
}
