/** The gated layer of a transformer's feed-forward, computed in chunks of rows because its hidden values are large. */
import { differentiable } from '../raw';
import type { Tensor } from '../tensorflow';
import { expectFloat, expectInteger, expectRank, expectSize } from './check';
import { biasGradient } from './bias';
import { add, concat, freeing, reshape, slice } from './elementary';
import { gatedGelu } from './gated-gelu';
import { matrixProducts } from './matrix-products';

/** Most hidden values kept for the backward pass: 2 M, 8 MB. More are computed in chunks, and again in that pass. */
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
  const { rowChunk = Math.max(1, Math.floor(HIDDEN_KEPT / both)) } = options;
  expectInteger('geglu', 'rowChunk', rowChunk, 1);
  const chunk = Math.min(rows, rowChunk);
  const starts = Array.from({ length: Math.ceil(rows / chunk) }, (_, i) => i * chunk);
  const whole = starts.length === 1;
  const outputs = [...shape.slice(0, -1), hidden];
  const [products, gate] = [matrixProducts(), gatedGelu()];
  const part = (t: Tensor, start: number) =>
    whole ? t : slice(t, [start, 0], [Math.min(chunk, rows - start), t.shape[1]!]);

  return differentiable({
    name: 'geglu',
    inputs: { bias, kernel, x },
    forward(save) {
      const flat = reshape(x, [rows, width]);
      const kept = [x, kernel, bias];
      const out = starts.map((start) => {
        const t = part(flat, start);
        const product = products.convolve(t, kernel);
        if (whole) kept.push(product);
        else t.dispose();
        const y = gate.open(product, bias);
        return whole ? y : freeing(y, product);
      });
      save(...kept);
      return reshape(whole ? out[0]! : freeing(concat(out, 0), ...out), outputs);
    },
    backward(dy, saved) {
      const [x, kernel, bias, kept] = saved as [Tensor, Tensor, Tensor, Tensor?];
      const flat = reshape(x, [rows, width]);
      const d = reshape(dy, [rows, hidden]);
      const dx: Tensor[] = [];
      const sums: (Tensor | undefined)[] = [];
      for (const start of starts) {
        const [t, dt] = [part(flat, start), part(d, start)];
        const product = kept ?? products.convolve(t, kernel);
        const dProduct = freeing(gate.gradient(dt, product, bias), product);
        dx.push(products.inputGradient(t.shape, kernel, dProduct));
        const terms = [products.kernelGradient(t, [width, both], dProduct), biasGradient(dProduct)];
        for (const [i, term] of terms.entries()) {
          const before = sums[i];
          sums[i] = before ? freeing(add(before, term), before, term) : term;
        }
        dProduct.dispose();
      }
      return {
        bias: () => sums[1]!,
        kernel: () => sums[0]!,
        x: () => reshape(concat(dx, 0), shape),
      };
    },
  });
}
