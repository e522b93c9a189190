/** Scaled dot-product attention, in chunks of queries when the score matrix is too large to hold. */
import { differentiable } from '../raw';
import type { Tensor } from '../tensorflow';
import { attentionMask, type MaskOptions } from './attention-mask';
import { expectFinite, expectInteger, expectRank, expectSize } from './check';
import { add, batchMatMul, concat, freeing, mul, scale, slice, softmax, sub, sum } from './elementary';

export interface AttentionOptions extends MaskOptions {
  /** Factor of q · k. @default 1 / √D */
  scale?: number;
  /**
   * Queries whose scores are held at once. With fewer than all, scores are computed anew in the backward pass and memory
   * grows with L instead of L². @default all while the scores fit into 64 MB, else as many as fit into 8 MB
   */
  queryChunk?: number;
}

/** Scores kept for the backward pass at most: 16 M values, 64 MB; more are computed in chunks of 2 M, near the cache. */
const SCORES_KEPT = 2 ** 24;
const SCORES_CHUNK = 2 ** 21;

/**
 * softmax(scale · q kᵀ + mask) v.
 * @param q float32 [B, H, L, D]
 * @param k float32 [B, H, S, D]
 * @param v float32 [B, H, S, E]
 * @returns [B, H, L, E]
 * @throws on shapes that do not fit.
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Tensor {
  for (const [name, tensor] of Object.entries({ q, k, v })) expectRank('attention', name, tensor, 4);
  const [batch, heads, queries, depth] = q.shape as [number, number, number, number];
  const keys = k.shape[2]!;
  expectSize('attention', 'the last axis of `k`', k.shape[3]!, depth, 'the last axis of `q`');
  expectSize('attention', 'axis 2 of `v`', v.shape[2]!, keys, 'axis 2 of `k`');
  for (const [name, tensor] of Object.entries({ k, v })) {
    expectSize('attention', `axis 0 of \`${name}\``, tensor.shape[0]!, batch, 'axis 0 of `q`');
    expectSize('attention', `axis 1 of \`${name}\``, tensor.shape[1]!, heads, 'axis 1 of `q`');
  }
  const { scale: factor = 1 / Math.sqrt(depth) } = options;
  const row = batch * heads * keys;
  const chunk =
    options.queryChunk ?? (queries * row <= SCORES_KEPT ? queries : Math.max(1, Math.floor(SCORES_CHUNK / row)));
  expectInteger('attention', 'queryChunk', chunk, 1);
  expectFinite('attention', 'scale', factor);
  const mask = attentionMask(options, queries, keys);
  const terms = options.mask ? [options.mask] : [];
  const chunks: { start: number; length: number }[] = [];
  for (let start = 0; start < queries; start += chunk) chunks.push({ start, length: Math.min(chunk, queries - start) });
  const whole = chunks.length === 1;

  const part = (x: Tensor, start: number, length: number) =>
    whole ? x : slice(x, [0, 0, start, 0], [batch, heads, length, x.shape[3]!]);
  /** softmax(scale · q kᵀ + mask) for the queries from `start` on: [B, H, length, S]. */
  const weights = (q: Tensor, k: Tensor, terms: Tensor[], start: number, length: number) => {
    const scaled = scale(part(q, start, length), factor);
    const scores = batchMatMul(scaled, k, false, true);
    scaled.dispose();
    if (!mask) return freeing(softmax(scores), scores);
    return freeing(softmax(add(scores, mask(terms[0], start, length))), scores);
  };

  return differentiable({
    name: 'attention',
    inputs: { q, k, v },
    forward(save) {
      const out: Tensor[] = [];
      for (const { start, length } of chunks) {
        const p = weights(q, k, terms, start, length);
        out.push(batchMatMul(p, v));
        if (whole) save(q, k, v, p);
        else p.dispose();
      }
      if (!whole) save(q, k, v, ...terms);
      return concat(out, 2);
    },
    backward(dy, saved) {
      const [q, k, v, ...others] = saved as [Tensor, Tensor, Tensor, ...Tensor[]];
      const kept = whole ? others[0] : undefined;
      const dq: Tensor[] = [];
      let dk: Tensor | undefined;
      let dv: Tensor | undefined;
      for (const { start, length } of chunks) {
        const p = kept ?? weights(q, k, others, start, length);
        const d = part(dy, start, length);
        dv = accumulate(dv, batchMatMul(p, d, true, false));
        const dp = batchMatMul(d, v, false, true);
        const weighted = freeing(mul(dp, p), dp);
        const rows = sum(weighted, [3], true); // Σ p dp over the keys
        const expected = mul(p, rows);
        const ds = freeing(sub(weighted, expected), weighted, expected);
        if (!kept) p.dispose();
        dq.push(scale(batchMatMul(ds, k), factor));
        dk = accumulate(dk, batchMatMul(ds, part(q, start, length), true, false));
        ds.dispose();
      }
      return { q: () => concat(dq, 2), k: () => scale(dk!, factor), v: () => dv! };
    },
  });
}

function accumulate(total: Tensor | undefined, term: Tensor): Tensor {
  return total ? freeing(add(total, term), total, term) : term;
}
