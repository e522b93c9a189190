// Attention on sixteen-bit factors: scores and weighted values as products in tiles, the softmax between them in float32.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "attention.h"
#include "tiles.h"

namespace {

#ifdef HAS_TILES

#define WIDEST __attribute__((target("avx512f,avx512bw,avx512bf16")))

// 2^x for x up to 127, as in attention.h: the compiler makes slower code of that one here.
WIDEST inline __m512 power_of_two(__m512 x) {
  x = _mm512_max_ps(_mm512_set1_ps(kLeastPower), x);  // of a NaN and a number, the second operand
  const __m512 shifted = _mm512_add_ps(x, _mm512_set1_ps(kToInteger));
  const __m512 r = _mm512_sub_ps(x, _mm512_sub_ps(shifted, _mm512_set1_ps(kToInteger)));
  __m512 p = _mm512_fmadd_ps(_mm512_set1_ps(kCoarse[0]), r, _mm512_set1_ps(kCoarse[1]));
  for (int i = 2; i < 5; i++) p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(kCoarse[i]));
  return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(p), _mm512_slli_epi32(_mm512_castps_si512(shifted), 23)));
}

WIDEST inline __m512 weights_of(const float* scores, float top, __mmask16 some) {
  return _mm512_maskz_mov_ps(some, power_of_two(_mm512_sub_ps(_mm512_loadu_ps(scores), _mm512_set1_ps(top))));
}

// A row of scores, of which `seen` count, to weights 2^(score − the highest so far), rounded. `totals` are the sums of a lane each.
// Returns the factor of what was summed before.
template <bool all>
WIDEST inline float weigh_row(const float* scores, int64_t seen, int64_t columns, float* highest, float* totals, bfloat16* weights) {
  const auto mask = [&](int64_t j) -> __mmask16 {
    if constexpr (all) return 0xffff;
    return seen - j >= kLanes ? 0xffff : seen > j ? static_cast<__mmask16>((1u << (seen - j)) - 1) : 0;
  };
  __m512 best = _mm512_set1_ps(kLowest);
  for (int64_t j = 0; j < columns; j += kLanes) best = _mm512_mask_max_ps(best, mask(j), best, _mm512_loadu_ps(scores + j));
  const float before = *highest, top = std::max(before, _mm512_reduce_max_ps(best));
  const float factor = _mm512_cvtss_f32(power_of_two(_mm512_set1_ps(before - top)));
  *highest = top;
  __m512 total = _mm512_mul_ps(_mm512_loadu_ps(totals), _mm512_set1_ps(factor)), more = _mm512_setzero_ps();
  for (int64_t j = 0; j < columns; j += 2 * kLanes) {
    const __m512 a = weights_of(scores + j, top, mask(j)), b = weights_of(scores + j + kLanes, top, mask(j + kLanes));
    total = _mm512_add_ps(total, a);
    more = _mm512_add_ps(more, b);
    _mm512_storeu_si512(weights + j, reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(b, a)));
  }
  _mm512_storeu_ps(totals, _mm512_add_ps(total, more));
  return factor;
}
inline float weigh(const float* scores, int64_t seen, int64_t columns, float* highest, float* totals, bfloat16* weights) {
  return seen == columns ? weigh_row<true>(scores, seen, columns, highest, totals, weights)
                         : weigh_row<false>(scores, seen, columns, highest, totals, weights);
}

#else

// Never called: without tiles attention works on rounded float32 values.
inline float weigh(const float*, int64_t, int64_t, float*, float*, bfloat16*) { return 1; }

#endif

// One head's keys and values as tiles want them, filled up with zeros: pairs of a key's numbers [depth / 2, keys], and pairs of
// values [keys / 2, width].
struct TiledHead {
  int64_t depth, keys, width, keys_row, values_row;
  std::vector<bfloat16> rows;
  std::vector<uint32_t> k, v;

  void read(const AttentionShape& shape, const float* key, const float* value) {
    depth = up_to(shape.depth, kDepth), keys = up_to(shape.keys, kBlock), width = up_to(shape.width, kBlock);
    keys_row = keys + kRows, values_row = width + kRows;
    rows.assign(keys * depth, 0);
    k.resize(depth / 2 * keys_row);
    v.assign(keys / 2 * values_row, 0);
    const int64_t in = shape.heads * shape.depth, out = shape.heads * shape.width;
    for (int64_t j = 0; j < shape.keys; j++) round_all(key + j * in, shape.depth, rows.data() + j * depth);
    transpose(reinterpret_cast<const uint32_t*>(rows.data()), keys, depth / 2, depth / 2, k.data(), keys_row);
    for (int64_t j = 0; j < shape.keys; j += 2) {
      pair_rows(value + j * out, j + 1 < shape.keys ? value + (j + 1) * out : nullptr, shape.width,
                v.data() + j / 2 * values_row);
    }
  }
};

// What a block of queries needs besides.
struct TiledRoom {
  std::vector<bfloat16> q, weights;
  std::vector<float> scaled, scores, sums, totals;

  void fit(const AttentionShape& shape, const TiledHead& head) {
    q.assign(kBlock * head.depth, 0), weights.assign(kBlock * kKeys, 0);
    scaled.resize(shape.depth), scores.resize(kBlock * kKeys), sums.resize(kBlock * head.width), totals.resize(kBlock * kLanes);
  }
};

// As `attend`, for up to kBlock queries. The caller holds the tiles.
FUSED void attend_tiled(const float* q, int64_t rows, int64_t stride, const TiledHead& head, const AttentionShape& shape,
                        const Attention& how, int64_t first, float* out, int64_t out_stride, float* logsums,
                        TiledRoom& room) {
  const bool causal = how.causal;
  const float scale = how.scale * kLog2E;
  const int64_t start = 0;
  float highest[kBlock], factors[kBlock];
  std::fill_n(highest, kBlock, kLowest);
  std::fill(room.sums.begin(), room.sums.end(), 0.0f);
  std::fill(room.totals.begin(), room.totals.end(), 0.0f);
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t d = 0; d < shape.depth; d++) room.scaled[d] = q[r * stride + d] * scale;
    round_all(room.scaled.data(), shape.depth, room.q.data() + r * head.depth);
  }
  for (int64_t at = 0; at < head.keys; at += kKeys) {
    const int64_t columns = std::min(kKeys, head.keys - at), keys = std::min(kKeys, shape.keys - at);
    if (causal && at > first + rows - 1) break;
    for (int64_t j = 0; j < columns; j += kBlock) {
      multiply_block({room.q.data(), head.depth, &start, 1, head.k.data() + at + j, head.keys_row, head.depth}, kBlock,
                     room.scores.data() + j, kKeys, false);
    }
    for (int64_t r = 0; r < rows; r++) {
      const int64_t seen = causal ? std::max<int64_t>(0, std::min(keys, first + r + 1 - at)) : keys;
      factors[r] = weigh(room.scores.data() + r * kKeys, seen, columns, highest + r, room.totals.data() + r * kLanes,
                         room.weights.data() + r * kKeys);
    }
    for (int64_t r = 0; r < rows && at > 0; r++) {
      float* sums = room.sums.data() + r * head.width;
      for (int64_t e = 0; e < shape.width; e += kLanes) put(sums + e, lanes_at(sums + e) * factors[r]);
    }
    for (int64_t e = 0; e < shape.width; e += kBlock) {
      multiply_block({room.weights.data(), kKeys, &start, 1, head.v.data() + at / 2 * head.values_row + e, head.values_row, columns},
                     std::min(kBlock, shape.width - e), room.sums.data() + e, head.width, true);
    }
  }
  for (int64_t r = 0; r < rows; r++) {
    const float total = sum_of(lanes_at(room.totals.data() + r * kLanes)), share = 1.0f / total;
    logsums[r] = highest[r] + std::log2(total);
    for (int64_t e = 0; e < shape.width; e++) out[r * out_stride + e] = room.sums[r * head.width + e] * share;
  }
}

// As `attend_all`, on rounded factors.
void attend_all_tiled(const Attention& how, const AttentionShape& shape, const float* q, const float* k, const float* v,
                      float* y, float* logsums) {
  const int64_t in = shape.heads * shape.depth, out = shape.heads * shape.width, all = shape.batch * shape.heads;
  // With few heads, several tasks share one, and each reads its keys.
  const int64_t blocks = (shape.queries + kBlock - 1) / kBlock, tasks = kHeadsPerThread * Pool::instance().threads();
  const int64_t parts = std::clamp((tasks + all - 1) / std::max<int64_t>(1, all), int64_t{1}, std::max<int64_t>(1, blocks));
  const int64_t own = (blocks + parts - 1) / parts * kBlock;
  Pool::instance().run(all * parts, [&](int64_t task) {
    const int64_t part = task % parts, h = task / parts % shape.heads, n = task / parts / shape.heads;
    const int64_t of = shape.key_batch == 1 ? 0 : n;
    thread_local TiledHead head;
    thread_local TiledRoom room;
    head.read(shape, k + of * shape.keys * in + h * shape.depth, v + of * shape.keys * out + h * shape.width);
    room.fit(shape, head);
    const Tiles tiles;
    for (int64_t first = part * own; first < std::min((part + 1) * own, shape.queries); first += kBlock) {
      const int64_t row = n * shape.queries + first;
      attend_tiled(q + row * in + h * shape.depth, std::min(kBlock, shape.queries - first), in, head, shape, how, first,
                   y + row * out + h * shape.width, out, logsums + (n * shape.heads + h) * shape.queries + first, room);
    }
  });
}

}  // namespace
