import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import {
  dense,
  denseGelu,
  gatedAdd,
  geglu,
  gelu,
  groupNorm,
  instanceNorm,
  layerNorm,
  maxPool2d,
  modulatedLayerNorm,
  type Tensor,
  tf,
} from '../../src/engine';
import { hasNativeKernels, KERNELS_VERSION } from '../../src/engine/native-kernels';
import { expectGradients, values } from './gradient-check';
import { backend } from '../../src/engine/raw';
import { engineOrigin } from '../../src/setup/tensorflow.mjs';
import { isThere, using } from './native-switch';

const distance = (a: Tensor, b: Tensor): number => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;

/** Why the binding may lack kernels. Comparing both ways compares TensorFlow with itself then. */
const lacking = engineOrigin().startsWith('prebuilt')
  ? "the binding is tfjs-node's prebuilt one"
  : backend().isUsingGpuDevice
    ? 'it computes on a GPU'
    : undefined;
const hasTiles = existsSync('/proc/cpuinfo') && /\bamx_bf16\b/.test(readFileSync('/proc/cpuinfo', 'utf8'));

describe('the binding that the set-up compiled', () => {
  for (const group of ['group norm', 'batch norm', 'attention', 'transformer', 'rows', 'bfloat16'] as const) {
    const reason = lacking ?? (group === 'bfloat16' && !hasTiles ? 'this processor has no tiles' : undefined);
    const why = reason ? ` (skipped: ${reason})` : '';
    if (reason) console.warn(`Our kernels of ${group} are not compared with TensorFlow's operations: ${reason}.`);
    it.skipIf(reason)(`has our kernels of ${group}${why}`, () => expect(isThere(group)).toBe(true));
  }
});

describe('the version of our kernels', () => {
  /** The hash is of the C++ sources without comments and white space. */
  const recorded = { version: 1, hash: 'e61014b29581c79d' };

  it('is of these sources: it is raised when a change to them can change a result', () => {
    const folder = join(import.meta.dirname, '../../src/engine/native');
    const texts = readdirSync(folder)
      .sort()
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .map((text) => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '').replace(/\s+/g, ''));
    const hash = createHash('sha256').update(texts.join('\n')).digest('hex').slice(0, 16);
    const remedy =
      'The C++ sources of our kernels changed. If a result can change by it, raise KERNELS_VERSION in ' +
      'src/engine/native-kernels.ts, so that stored results are worked out anew. Then record version and hash here.';
    expect({ version: KERNELS_VERSION, hash }, remedy).toEqual(recorded);
  });
});

describe('asking for a kernel', () => {
  const asked = (message: string) => {
    const failing = vi.spyOn(backend(), 'executeMultipleOutputs').mockImplementation(() => {
      throw new Error(message);
    });
    try {
      return using(true, hasNativeKernels);
    } finally {
      failing.mockRestore();
    }
  };

  it.skipIf(backend().isUsingGpuDevice)(
    'says no where one is unknown, and passes on any other fault (needs a CPU)',
    () => {
      expect(() => backend().executeMultipleOutputs('StillhouseNothing', [], [], 1)).toThrow(/^Invalid TF_Status: 5\n/);
      expect(asked("Invalid TF_Status: 5\nMessage: 'StillhouseGroupNorm' is neither …")).toBe(false);
      expect(() => asked('Invalid TF_Status: 3\nMessage: expected 2 inputs, got 1')).toThrow('expected 2 inputs');
      expect(() => asked('out of memory')).toThrow('out of memory');
    },
  );
});

describe('our own kernels', () => {
  it('are done without when told so', () => expect(using(false, hasNativeKernels)).toBe(false));

  const cases: [string, (x: Tensor, gamma: Tensor, beta: Tensor) => Tensor, number[]][] = [
    ['group norm of one image, cut by groups', (x, g, b) => groupNorm(x, g, b, { groups: 8 }), [1, 9, 7, 64]],
    ['group norm of many images', (x, g, b) => groupNorm(x, g, b, { groups: 4, activation: 'silu' }), [9, 5, 5, 12]],
    ['group norm in one group', (x, g, b) => groupNorm(x, g, b, { groups: 1 }), [3, 17, 5, 7]],
    ['instance norm', (x, g, b) => instanceNorm(x, g, b), [2, 70, 1, 33]],
    ['instance norm with ReLU', (x, g, b) => instanceNorm(x, g, b, { activation: 'relu' }), [3, 7, 5, 17]],
    ['group norm of narrow images', (x, g, b) => groupNorm(x, g, b, { groups: 4, activation: 'silu' }), [5, 8, 6, 8]],
    ['instance norm of narrow images', (x, g, b) => instanceNorm(x, g, b, { activation: 'relu' }), [4, 6, 6, 8]],
    ['max pooling', (x) => maxPool2d(x, { size: 3, stride: 2, padding: 1 }), [3, 9, 8, 5]],
    ['layer norm', (x, g, b) => layerNorm(x, g, b), [3, 50, 37]],
    ['layer norm of many rows', (x, g, b) => layerNorm(x, g, b), [150, 64]],
    ['GELU', (x) => gelu(x), [5, 7, 33]],
    ["GPT-2's GELU", (x) => gelu(x, { approximate: true }), [5, 7, 33]],
    ['max pooling with gaps', (x) => maxPool2d(x, { size: 2, stride: 3 }), [2, 8, 8, 5]],
  ];
  for (const [name, run, shape] of cases) {
    const channels = shape.at(-1)!;
    const inputs = [values(shape, 1, -4, 4), values([channels], 2, 0.5, 1.5), values([channels], 3)] as const;
    it(`give what TensorFlow's elementary operations give: ${name}`, () => {
      const weights = values(run(...inputs).shape as number[], 4);
      const both = [true, false].map((native) =>
        using(native, () => {
          const gradients = tf.grads((x, g, b) =>
            tf.add(tf.sum(tf.mul(run(x!, g!, b!), weights)), tf.mul(tf.add(tf.sum(g!), tf.sum(b!)), 1e-3)),
          );
          return [run(...inputs), ...gradients([...inputs])];
        }),
      );
      both[0]!.forEach((tensor, i) => {
        expect(distance(tensor, both[1]![i]!), `tensor ${i}`).toBeLessThan(2e-4);
      });
    });
  }

  it('give what the elementary operations give: layers that take other inputs', () => {
    const layers: [(...xs: Tensor[]) => Tensor, Tensor[]][] = [
      [
        (x, shift, scale) => modulatedLayerNorm(x!, shift!, scale!),
        [values([3, 70, 40], 1), values([3, 40], 2), values([3, 40], 3)],
      ],
      [
        (x, gate, branch) => gatedAdd(x!, gate!, branch!),
        [values([3, 70, 40], 1), values([3, 40], 2), values([3, 70, 40], 3)],
      ],
      ...[
        [2, 70, 9],
        [150, 9],
        [2, 3, 25, 9],
      ].flatMap((shape): typeof layers => {
        const inputs = [values(shape, 1, -3, 3), values([9, 33], 2), values([33], 3)];
        return [
          [(x, kernel, bias) => dense(x!, kernel!, bias!), inputs],
          [(x, kernel, bias) => denseGelu(x!, kernel!, bias!), inputs],
          [(x, kernel, bias) => denseGelu(x!, kernel!, bias!, { approximate: true }), inputs],
        ];
      }),
      [
        (x, kernel, bias) => geglu(x!, kernel!, bias!),
        [values([2, 40, 9], 1, -3, 3), values([9, 26], 2), values([26], 3)],
      ],
      [
        (x, kernel, bias) => geglu(x!, kernel!, bias!, { rowChunk: 7 }),
        [values([2, 40, 9], 1, -3, 3), values([9, 26], 2), values([26], 3)],
      ],
    ];
    for (const [layer, inputs] of layers) {
      const weights = values(layer(...inputs).shape as number[], 4);
      const [ours, theirs] = [true, false].map((native) =>
        using(native, () => [
          layer(...inputs),
          ...tf.grads((...xs: Tensor[]) => tf.sum(tf.mul(layer(...xs), weights)))(inputs),
        ]),
      );
      for (const [i, tensor] of ours!.entries()) expect(distance(tensor, theirs![i]!)).toBeLessThan(2e-4);
    }
  });

  it('let GELU come to 0 and to x far from 0, and NaN through', () => {
    for (const native of [true, false]) {
      using(native, () => {
        for (const approximate of [false, true]) {
          const y = gelu(tf.tensor1d([-60, -12, 0, 12, 60, Number.NaN]), { approximate }).dataSync();
          expect([...y].map((value) => Math.round(1e6 * value) / 1e6 + 0)).toEqual([0, 0, 0, 12, 60, Number.NaN]);
        }
      });
    }
  });

  it('agree with finite differences, with and without', () => {
    for (const native of [true, false]) {
      using(native, () =>
        expectGradients(
          (x, g, b) => groupNorm(x!, g!, b!, { groups: 2, activation: 'silu' }),
          [values([2, 5, 5, 6], 1), values([6], 2), values([6], 3)],
        ),
      );
    }
  });

  it('keep SiLU finite far from zero and pass NaN on', () => {
    for (const native of [true, false]) {
      using(native, () => {
        const gamma = tf.fill([2], 1e4);
        const y = groupNorm(values([1, 4, 4, 2], 1), gamma, tf.zeros([2]), { groups: 1, activation: 'silu' });
        expect(Array.from(y.dataSync()).every(Number.isFinite)).toBe(true);
        const bad = groupNorm(tf.fill([1, 2, 2, 2], Number.NaN), gamma, gamma, { groups: 1, activation: 'silu' });
        expect(Array.from(bad.dataSync()).every(Number.isNaN)).toBe(true);
      });
    }
  });
});
