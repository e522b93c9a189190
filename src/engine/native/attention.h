// Scaled dot-product attention of many heads without the matrix of scores: a block of queries meets a block of keys at a time,
// and the softmax's sums are corrected as larger scores turn up (Milakov & Gimelshein 2018; Dao et al. 2022).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "threads.h"
#include "vectors.h"

namespace {

// Queries and keys of a block, and queries whose scores are worked out together. Every key is loaded once for these.
constexpr int64_t kQueries = 64, kKeys = 128, kTogether = 4;
// Heads per thread from which on a thread takes whole heads.
constexpr int64_t kHeadsPerThread = 4;
constexpr float kLowest = -1e30f;

struct Attention {
  int64_t heads;
  float scale;
  bool causal;
  bool rounded;  // queries, keys, values and weights to sixteen bits
};

struct AttentionShape {
  int64_t batch, queries, keys, heads, depth, width;  // depth of keys, width of values, per head
  int64_t key_batch;                                  // 1: all of the batch attend to the same

  int64_t key_blocks() const { return (keys + kKeys - 1) / kKeys; }
  int64_t query_blocks() const { return (queries + kQueries - 1) / kQueries; }
  int64_t padded_width() const { return up_to(width, kLanes); }
  // What a head's packed keys and values take: [block, depth, kKeys] and [block, kKeys, padded width].
  int64_t packed_keys() const { return key_blocks() * depth * kKeys; }
  int64_t packed_values() const { return key_blocks() * kKeys * padded_width(); }
};

// Polynomials of 2^r for r in ±½, the highest power first: to 8e-8, and to 3e-6 where the result is rounded to sixteen bits
// (least largest relative errors, by Lawson's iteration).
constexpr float kFine[] = {1.327647205e-3f, 9.675541385e-3f, 5.550713274e-2f, 2.402211972e-1f, 6.931469671e-1f, 1.000000072f};
constexpr float kCoarse[] = {9.570101968e-3f, 5.591786076e-2f, 2.402474483e-1f, 6.931218147e-1f, 9.999992614e-1f};
constexpr float kLog2E = 1.44269504f, kLn2 = 0.69314718f;
constexpr float kLeastPower = -126.0f;
constexpr float kToInteger = 12582912.0f;  // added to a number, it rounds it to the nearest integer in the low bits

// 2^x for x up to 127, sixteen at a time.
template <int terms>
INLINED Lanes power_of_two(Lanes x, const float (&polynomial)[terms]) {
  const Lanes low = Lanes{} + kLeastPower;
  x = x < low ? low : x;
  const Lanes shifted = x + kToInteger;
  const Lanes r = x - (shifted - kToInteger);
  Lanes p = r * polynomial[0] + polynomial[1];
  for (int i = 2; i < terms; i++) p = p * r + polynomial[i];
  return p * reinterpret_cast<Lanes>((reinterpret_cast<LaneBits>(shifted) + 127) << 23);
}

// The nearest numbers of eight bits of mantissa, ties to even; NaN stays NaN.
INLINED Lanes rounded_lanes(Lanes x) {
  const LaneBits bits = reinterpret_cast<LaneBits>(x), odd = bits >> 16 & 1;
  const Lanes nearest = reinterpret_cast<Lanes>((bits + odd + 0x7fff) & ~0xffff);
  return x == x ? nearest : x;
}

INLINED void round_values(float* x, int64_t count) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) put(x + i, rounded_lanes(lanes_at(x + i)));
  for (; i < count; i++) x[i] = rounded_lanes(Lanes{} + x[i])[0];
}

// Products of kTogether rows [kTogether, depth], `row` apart, with the first `columns` of a block [depth, kKeys]: of scaled queries
// with keys, the scores.
INLINED void block_scores(const float* q, int64_t row, const float* k, int64_t depth, int64_t columns, float* scores) {
  for (int64_t j = 0; j < columns; j += 2 * kLanes) {
    Lanes a0{}, a1{}, b0{}, b1{}, c0{}, c1{}, d0{}, d1{};
    for (int64_t d = 0; d < depth; d++) {
      const Lanes k0 = lanes_at(k + d * kKeys + j), k1 = lanes_at(k + d * kKeys + j + kLanes);
      a0 += k0 * q[d], a1 += k1 * q[d];
      b0 += k0 * q[row + d], b1 += k1 * q[row + d];
      c0 += k0 * q[2 * row + d], c1 += k1 * q[2 * row + d];
      d0 += k0 * q[3 * row + d], d1 += k1 * q[3 * row + d];
    }
    put(scores + j, a0), put(scores + j + kLanes, a1);
    put(scores + kKeys + j, b0), put(scores + kKeys + j + kLanes, b1);
    put(scores + 2 * kKeys + j, c0), put(scores + 2 * kKeys + j + kLanes, c1);
    put(scores + 3 * kKeys + j, d0), put(scores + 3 * kKeys + j + kLanes, d1);
  }
}

// sums [kTogether, stride] ← factor sums + weights [kTogether, kKeys] · values [keys, stride]
INLINED void add_values(const float* weights, const float* v, int64_t keys, int64_t stride, const float* factor,
                        float* sums) {
  int64_t e = 0;
  for (; e + 2 * kLanes <= stride; e += 2 * kLanes) {
    Lanes a0 = lanes_at(sums + e) * factor[0], a1 = lanes_at(sums + e + kLanes) * factor[0];
    Lanes b0 = lanes_at(sums + stride + e) * factor[1], b1 = lanes_at(sums + stride + e + kLanes) * factor[1];
    Lanes c0 = lanes_at(sums + 2 * stride + e) * factor[2], c1 = lanes_at(sums + 2 * stride + e + kLanes) * factor[2];
    Lanes d0 = lanes_at(sums + 3 * stride + e) * factor[3], d1 = lanes_at(sums + 3 * stride + e + kLanes) * factor[3];
    for (int64_t j = 0; j < keys; j++) {
      const Lanes v0 = lanes_at(v + j * stride + e), v1 = lanes_at(v + j * stride + e + kLanes);
      a0 += v0 * weights[j], a1 += v1 * weights[j];
      b0 += v0 * weights[kKeys + j], b1 += v1 * weights[kKeys + j];
      c0 += v0 * weights[2 * kKeys + j], c1 += v1 * weights[2 * kKeys + j];
      d0 += v0 * weights[3 * kKeys + j], d1 += v1 * weights[3 * kKeys + j];
    }
    put(sums + e, a0), put(sums + e + kLanes, a1);
    put(sums + stride + e, b0), put(sums + stride + e + kLanes, b1);
    put(sums + 2 * stride + e, c0), put(sums + 2 * stride + e + kLanes, c1);
    put(sums + 3 * stride + e, d0), put(sums + 3 * stride + e + kLanes, d1);
  }
  if (e == stride) return;
  // Even and odd keys apart, so that eight sums are on their way.
  Lanes a0 = lanes_at(sums + e) * factor[0], b0 = lanes_at(sums + stride + e) * factor[1];
  Lanes c0 = lanes_at(sums + 2 * stride + e) * factor[2], d0 = lanes_at(sums + 3 * stride + e) * factor[3];
  Lanes a1{}, b1{}, c1{}, d1{};
  int64_t j = 0;
  for (; j + 2 <= keys; j += 2) {
    const Lanes v0 = lanes_at(v + j * stride + e), v1 = lanes_at(v + (j + 1) * stride + e);
    a0 += v0 * weights[j], a1 += v1 * weights[j + 1];
    b0 += v0 * weights[kKeys + j], b1 += v1 * weights[kKeys + j + 1];
    c0 += v0 * weights[2 * kKeys + j], c1 += v1 * weights[2 * kKeys + j + 1];
    d0 += v0 * weights[3 * kKeys + j], d1 += v1 * weights[3 * kKeys + j + 1];
  }
  if (j < keys) {
    const Lanes v0 = lanes_at(v + j * stride + e);
    a0 += v0 * weights[j], b0 += v0 * weights[kKeys + j];
    c0 += v0 * weights[2 * kKeys + j], d0 += v0 * weights[3 * kKeys + j];
  }
  put(sums + e, a0 + a1), put(sums + stride + e, b0 + b1);
  put(sums + 2 * stride + e, c0 + c1), put(sums + 3 * stride + e, d0 + d1);
}

// Queries [rows, depth], rows `stride` apart, of one head with its packed keys and values → out [rows, width], and the logarithms to
// base 2 of the sums of e^score [rows]. `first` is the place of the first query, which matters where attention is causal. `room` holds
// kQueries (padded width + depth + 2) + kTogether kKeys.
FUSED void attend(const float* q, int64_t rows, int64_t stride, const float* packed_keys, const float* packed_values,
                  const AttentionShape& shape, const Attention& how, int64_t first, float* out, int64_t out_stride,
                  float* logsums, float* room) {
  const bool causal = how.causal, rounded = how.rounded;
  const float scale = how.scale * kLog2E;
  const int64_t depth = shape.depth, padded = shape.padded_width();
  const int64_t together = up_to(rows, kTogether);
  float *sums = room, *scaled = sums + kQueries * padded, *highest = scaled + kQueries * depth;
  float *totals = highest + kQueries, *scores = totals + kQueries;
  std::fill_n(sums, together * padded, 0.0f);
  std::fill_n(highest, together, kLowest);
  std::fill_n(totals, together, 0.0f);
  for (int64_t r = 0; r < together; r++) {
    const float* from = q + std::min(r, rows - 1) * stride;  // the last query fills up the group
    for (int64_t d = 0; d < depth; d++) scaled[r * depth + d] = from[d] * scale;
  }
  if (rounded) round_values(scaled, together * depth);
  for (int64_t block = 0; block < shape.key_blocks(); block++) {
    const int64_t at = block * kKeys, keys = std::min(kKeys, shape.keys - at);
    const int64_t columns = up_to(keys, 2 * kLanes);
    if (causal && at > first + rows - 1) break;
    const float* k = packed_keys + block * depth * kKeys;
    const float* v = packed_values + block * kKeys * padded;
    for (int64_t r = 0; r < together; r += kTogether) {
      block_scores(scaled + r * depth, depth, k, depth, columns, scores);
      float factor[kTogether];
      for (int64_t i = 0; i < kTogether; i++) {
        float* row = scores + i * kKeys;
        const int64_t seen = causal ? std::max<int64_t>(0, std::min(keys, first + r + i + 1 - at)) : keys;
        std::fill(row + seen, row + columns, kLowest);  // 2⁻¹²⁶ in the end, nothing beside the largest, which weighs 1
        Lanes best = lanes_at(row);
        for (int64_t j = kLanes; j < columns; j += kLanes) {
          const Lanes other = lanes_at(row + j);
          best = other > best ? other : best;
        }
        float top = highest[r + i];
        for (int64_t c = 0; c < kLanes; c++) top = best[c] > top ? best[c] : top;
        factor[i] = power_of_two(Lanes{} + (highest[r + i] - top), kFine)[0];
        highest[r + i] = top;
        Lanes total{};
        for (int64_t j = 0; j < columns; j += kLanes) {
          const Lanes above = lanes_at(row + j) - top;
          const Lanes weight = rounded ? power_of_two(above, kCoarse) : power_of_two(above, kFine);
          put(row + j, rounded ? rounded_lanes(weight) : weight);
          total += weight;
        }
        totals[r + i] = totals[r + i] * factor[i] + sum_of(total);
      }
      add_values(scores, v, keys, padded, factor, sums + r * padded);
    }
  }
  for (int64_t r = 0; r < rows; r++) {
    const float share = 1.0f / totals[r];
    logsums[r] = highest[r] + std::log2(totals[r]);
    for (int64_t e = 0; e < shape.width; e++) out[r * out_stride + e] = sums[r * padded + e] * share;
  }
}

// Rows [count, size], `stride` apart → blocks [size, kKeys], of which the last is filled up with zeros.
INLINED void turn_rows(const float* from, int64_t count, int64_t size, int64_t stride, float* blocks) {
  for (int64_t at = 0; at < count; at += kKeys, blocks += size * kKeys) {
    const int64_t rows = std::min(kKeys, count - at);
    for (int64_t c = 0; c < size; c++) {
      float* to = blocks + c * kKeys;
      for (int64_t j = 0; j < rows; j++) to[j] = from[(at + j) * stride + c];
      std::fill(to + rows, to + kKeys, 0.0f);
    }
  }
}

// Rows [count, size], `stride` apart → rows of `padded` values, times a factor; the rest of each, and rows up to `all`, are zeros.
INLINED void copy_rows(const float* from, int64_t count, int64_t size, int64_t stride, float factor, int64_t padded,
                       int64_t all, float* to) {
  for (int64_t r = 0; r < count; r++, to += padded) {
    for (int64_t c = 0; c < size; c++) to[c] = from[r * stride + c] * factor;
    std::fill(to + size, to + padded, 0.0f);
  }
  std::fill_n(to, (all - count) * padded, 0.0f);
}

// Keys [keys, depth] and values [keys, width] of one head, laid out by blocks.
FUSED void pack(const AttentionShape& shape, bool rounded, const float* k, const float* v, float* packed_keys,
                float* packed_values) {
  turn_rows(k, shape.keys, shape.depth, shape.heads * shape.depth, packed_keys);
  copy_rows(v, shape.keys, shape.width, shape.heads * shape.width, 1, shape.padded_width(), shape.key_blocks() * kKeys,
            packed_values);
  if (!rounded) return;
  round_values(packed_keys, shape.packed_keys());
  round_values(packed_values, shape.packed_values());
}

// q [B, L, H D], k [B or 1, S, H D], v [B or 1, S, H E] → y [B, L, H E], logsums [B, H, L]
void attend_all(const Attention& how, const AttentionShape& shape, const float* q, const float* k, const float* v,
                float* y, float* logsums) {
  const int64_t in = shape.heads * shape.depth, out = shape.heads * shape.width, blocks = shape.query_blocks();
  const auto pack_head = [&](int64_t n, int64_t h, float* to) {
    pack(shape, how.rounded, k + n * shape.keys * in + h * shape.depth, v + n * shape.keys * out + h * shape.width, to,
         to + shape.packed_keys());
  };
  const auto attend_block = [&](int64_t n, int64_t h, int64_t block, const float* packed) {
    const int64_t first = block * kQueries, rows = std::min(kQueries, shape.queries - first);
    const int64_t row = n * shape.queries + first;
    thread_local std::vector<float> room;
    room.resize(kQueries * (shape.padded_width() + shape.depth + 2) + kTogether * kKeys);
    attend(q + row * in + h * shape.depth, rows, in, packed, packed + shape.packed_keys(), shape, how,
           first, y + row * out + h * shape.width, out, logsums + (n * shape.heads + h) * shape.queries + first,
           room.data());
  };
  const int64_t packed = shape.packed_keys() + shape.packed_values();
  if (shape.key_batch == shape.batch && shape.batch * shape.heads >= kHeadsPerThread * Pool::instance().threads()) {
    // Enough heads for all threads: what is packed of one fits into the cache.
    Pool::instance().run(shape.batch * shape.heads, [&](int64_t task) {
      const int64_t n = task / shape.heads, h = task % shape.heads;
      thread_local std::vector<float> both;
      both.resize(packed);
      pack_head(n, h, both.data());
      for (int64_t block = 0; block < blocks; block++) attend_block(n, h, block, both.data());
    });
    return;
  }
  std::vector<float> both(shape.key_batch * shape.heads * packed);
  Pool::instance().run(shape.key_batch * shape.heads, [&](int64_t task) {
    pack_head(task / shape.heads, task % shape.heads, both.data() + task * packed);
  });
  Pool::instance().run(shape.batch * shape.heads * blocks, [&](int64_t task) {
    const int64_t h = task / blocks % shape.heads, n = task / blocks / shape.heads;
    attend_block(n, h, task % blocks, both.data() + ((shape.key_batch == 1 ? 0 : n) * shape.heads + h) * packed);
  });
}

}  // namespace
