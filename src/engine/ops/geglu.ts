/** The gated layer of transformers' feed-forward, in chunks of rows: its hidden values are the largest tensor of all. */
import { differentiable } from '../raw';
import type { Tensor } from '../tensorflow';
import { geluShare, geluSlope } from './activations';
import { expectFloat, expectRank, expectSize } from './check';
import { add, biasAdd, biasAddGradient, concat, freeing, mul, reshape, slice } from './elementary';
import { matrixProducts } from './matrix-products';

/** Hidden values kept for the backward pass at most: 2 M, 8 MB; with more, they are computed in chunks and anew. */
const HIDDEN_KEPT = 2 ** 21;

export interface GegluOptions {
  /** Rows whose hidden values are held at once. @default as many as keep them within 8 MB */
  rowChunk?: number;
}

/**
 * Gated GELU (Shazeer 2020): (x V + b) · GELU(x W + c), with V and W beside each other in `kernel`.
 * @param x float32 [..., in]
 * @param kernel float32 [in, 2 · hidden]: the values' half first, then the gates'
 * @param bias float32 [2 · hidden]
 * @returns [..., hidden]
 * @throws on shapes that do not fit.
 */
export function geglu(x: Tensor, kernel: Tensor, bias: Tensor, options: GegluOptions = {}): Tensor {
  expectFloat('geglu', 'x', x);
  expectRank('geglu', 'kernel', kernel, 2);
  const [width, both] = kernel.shape as [number, number];
  expectSize('geglu', 'the last axis of `x`', x.shape.at(-1) ?? 0, width, 'the inputs of `kernel`');
  expectSize('geglu', 'the size of `bias`', bias.size, both, 'the outputs of `kernel`');
  const hidden = both / 2;
  const { shape } = x;
  const rows = x.size / width;
  const chunk = Math.min(rows, options.rowChunk ?? Math.max(1, Math.floor(HIDDEN_KEPT / both)));
  const starts = Array.from({ length: Math.ceil(rows / chunk) }, (_, i) => i * chunk);
  const whole = starts.length === 1;
  const outputs = [...shape.slice(0, -1), hidden];
  const products = matrixProducts();

  const part = (t: Tensor, start: number) =>
    whole ? t : slice(t, [start, 0], [Math.min(chunk, rows - start), t.shape[1]!]);
  const half = (k: Tensor, b: Tensor, gate: 0 | 1) => ({
    kernel: slice(k, [0, gate * hidden], [width, hidden]),
    bias: slice(b, [gate * hidden], [hidden]),
  });
  const project = (t: Tensor, { kernel, bias }: { kernel: Tensor; bias: Tensor }) => {
    const product = products.convolve(t, kernel);
    return freeing(biasAdd(product, bias), product);
  };

  return differentiable({
    name: 'geglu',
    inputs: { bias, kernel, x },
    forward(save) {
      const flat = reshape(x, [rows, width]);
      const [values, gates] = [half(kernel, bias, 0), half(kernel, bias, 1)];
      const out = starts.map((start) => {
        const t = part(flat, start);
        const gate = project(t, gates);
        const value = project(t, values);
        if (whole) save(x, kernel, bias, value, gate);
        else t.dispose();
        const share = geluShare(gate);
        const open = freeing(mul(gate, share), gate, share);
        return freeing(mul(value, open), value, open);
      });
      if (!whole) save(x, kernel, bias);
      return reshape(whole ? out[0]! : freeing(concat(out, 0), ...out), outputs);
    },
    backward(dy, saved) {
      const [x, kernel, bias, ...kept] = saved as [Tensor, Tensor, Tensor, ...Tensor[]];
      const flat = reshape(x, [rows, width]);
      const d = reshape(dy, [rows, hidden]);
      const [values, gates] = [half(kernel, bias, 0), half(kernel, bias, 1)];
      const dx: Tensor[] = [];
      const sums: (Tensor | undefined)[] = [];
      for (const start of starts) {
        const t = part(flat, start);
        const dt = part(d, start);
        const [value, gate] = whole ? (kept as [Tensor, Tensor]) : [project(t, values), project(t, gates)];
        const share = geluShare(gate);
        const open = freeing(mul(gate, share), share);
        const dValue = freeing(mul(dt, open), open);
        const slope = geluSlope(gate);
        const steep = freeing(mul(slope, value), slope, value, gate);
        const dGate = freeing(mul(dt, steep), steep);
        const [fromValue, fromGate] = [
          products.inputGradient(t.shape, values.kernel, dValue),
          products.inputGradient(t.shape, gates.kernel, dGate),
        ];
        dx.push(freeing(add(fromValue, fromGate), fromValue, fromGate));
        const terms = [
          products.kernelGradient(t, [width, hidden], dValue),
          products.kernelGradient(t, [width, hidden], dGate),
          biasAddGradient(dValue),
          biasAddGradient(dGate),
        ];
        for (const [i, term] of terms.entries()) {
          const before = sums[i];
          sums[i] = before ? freeing(add(before, term), before, term) : term;
        }
        dValue.dispose();
        dGate.dispose();
      }
      return {
        bias: () => concat([sums[2]!, sums[3]!], 0),
        kernel: () => concat([sums[0]!, sums[1]!], 1),
        x: () => reshape(concat(dx, 0), shape),
      };
    },
  });
}
