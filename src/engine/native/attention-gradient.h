// Gradients of attention. The weights are worked out anew from the logarithms of their sums, a block of queries and a block of keys
// at a time, so that no matrix of scores is kept between the passes (Dao et al. 2022).
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "attention.h"

namespace {

// What one head has, its rows `heads` heads apart; the gradients likewise.
struct HeadGradient {
  const float *q, *k, *v, *y, *dy, *logsums;
  float *dq, *dk, *dv;
};

// Rows laid out for the products of one head, filled up with zeros; q is scaled for powers of 2, keys and values are blocks [size, kKeys].
struct GradientRoom {
  int64_t depth, width;  // of a padded row
  std::vector<float> q, dy, k, keys, values, dq, dk, dv, along, weights, slopes;

  void fit(const AttentionShape& shape) {
    depth = up_to(shape.depth, kLanes), width = shape.padded_width();
    const int64_t queries = shape.query_blocks() * kQueries, all_keys = shape.key_blocks() * kKeys;
    q.resize(queries * depth), dq.resize(queries * depth), dy.resize(queries * width), along.resize(queries);
    k.resize(all_keys * depth), keys.resize(all_keys * shape.depth), values.resize(all_keys * shape.width);
    dk.resize(kKeys * depth), dv.resize(kKeys * width), weights.resize(kTogether * kKeys), slopes.resize(kTogether * kKeys);
  }
};

// sums [keys, stride] += weights [kTogether, kKeys]ᵀ · rows [kTogether, stride]
INLINED void add_turned(const float* weights, const float* rows, int64_t keys, int64_t stride, float* sums) {
  for (int64_t e = 0; e < stride; e += kLanes) {
    const Lanes a = lanes_at(rows + e), b = lanes_at(rows + stride + e);
    const Lanes c = lanes_at(rows + 2 * stride + e), d = lanes_at(rows + 3 * stride + e);
    for (int64_t j = 0; j < keys; j++) {
      float* sum = sums + j * stride + e;
      put(sum, lanes_at(sum) + a * weights[j] + b * weights[kKeys + j] + c * weights[2 * kKeys + j] + d * weights[3 * kKeys + j]);
    }
  }
}

// With weights p and their gradients dp = dy vᵀ: dv = pᵀ dy, ds = p (dp − Σ y dy), dq = scale ds k, dk = scale dsᵀ q.
FUSED void attend_back(const HeadGradient& head, const AttentionShape& shape, float scale, bool causal, GradientRoom& room) {
  const int64_t in = shape.heads * shape.depth, out = shape.heads * shape.width;
  constexpr float kOnes[kTogether] = {1, 1, 1, 1};
  const int64_t all_queries = shape.query_blocks() * kQueries, all_keys = shape.key_blocks() * kKeys;
  copy_rows(head.q, shape.queries, shape.depth, in, scale * kLog2E, room.depth, all_queries, room.q.data());
  copy_rows(head.k, shape.keys, shape.depth, in, 1, room.depth, all_keys, room.k.data());
  copy_rows(head.dy, shape.queries, shape.width, out, 1, room.width, all_queries, room.dy.data());
  turn_rows(head.k, shape.keys, shape.depth, in, room.keys.data());
  turn_rows(head.v, shape.keys, shape.width, out, room.values.data());
  std::fill(room.dq.begin(), room.dq.end(), 0.0f);
  for (int64_t r = 0; r < shape.queries; r++) {
    const float *y = head.y + r * out, *dy = head.dy + r * out;
    Lanes sums{};
    float rest = 0;
    int64_t e = 0;
    for (; e + kLanes <= shape.width; e += kLanes) sums += lanes_at(y + e) * lanes_at(dy + e);
    for (; e < shape.width; e++) rest += y[e] * dy[e];
    room.along[r] = sum_of(sums) + rest;
  }
  for (int64_t block = 0; block < shape.key_blocks(); block++) {
    const int64_t at = block * kKeys, keys = std::min(kKeys, shape.keys - at);
    const int64_t columns = up_to(keys, 2 * kLanes);
    const float *k = room.keys.data() + at * shape.depth, *v = room.values.data() + at * shape.width;
    std::fill(room.dk.begin(), room.dk.end(), 0.0f);
    std::fill(room.dv.begin(), room.dv.end(), 0.0f);
    for (int64_t first = 0; first < shape.queries; first += kQueries) {
      const int64_t rows = std::min(kQueries, shape.queries - first);
      const int64_t together = up_to(rows, kTogether);
      if (causal && at > first + rows - 1) continue;
      const float *q = room.q.data() + first * room.depth, *dy = room.dy.data() + first * room.width;
      for (int64_t r = 0; r < together; r += kTogether) {
        block_scores(q + r * room.depth, room.depth, k, shape.depth, columns, room.weights.data());
        block_scores(dy + r * room.width, room.width, v, shape.width, columns, room.slopes.data());
        for (int64_t i = 0; i < kTogether; i++) {
          float *weights = room.weights.data() + i * kKeys, *slopes = room.slopes.data() + i * kKeys;
          const int64_t row = first + r + i;
          // Rows that fill up the group have no dy, so they change no gradient.
          const float logsum = row < shape.queries ? head.logsums[row] : 0;
          const float along = row < shape.queries ? room.along[row] : 0;
          for (int64_t j = 0; j < columns; j += kLanes) {
            const Lanes weight = power_of_two(lanes_at(weights + j) - logsum, kFine);
            put(weights + j, weight);
            put(slopes + j, weight * (lanes_at(slopes + j) - along));
          }
          const int64_t seen = causal ? std::max<int64_t>(0, std::min(keys, row + 1 - at)) : keys;
          std::fill(weights + seen, weights + columns, 0.0f);
          std::fill(slopes + seen, slopes + columns, 0.0f);
        }
        add_values(room.slopes.data(), room.k.data() + at * room.depth, keys, room.depth, kOnes,
                   room.dq.data() + (first + r) * room.depth);
        add_turned(room.slopes.data(), q + r * room.depth, keys, room.depth, room.dk.data());
        add_turned(room.weights.data(), dy + r * room.width, keys, room.width, room.dv.data());
      }
    }
    for (int64_t j = 0; j < keys; j++) {
      for (int64_t d = 0; d < shape.depth; d++) head.dk[(at + j) * in + d] = room.dk[j * room.depth + d] * kLn2;
      std::copy_n(room.dv.data() + j * room.width, shape.width, head.dv + (at + j) * out);
    }
  }
  for (int64_t r = 0; r < shape.queries; r++) {
    for (int64_t d = 0; d < shape.depth; d++) head.dq[r * in + d] = room.dq[r * room.depth + d] * scale;
  }
}

// Inputs and outputs of the forward pass, where every item has keys of its own, and dy → dq, dk, dv.
void attend_all_back(const Attention& how, const AttentionShape& shape, const HeadGradient& all) {
  const int64_t in = shape.heads * shape.depth, out = shape.heads * shape.width;
  Pool::instance().run(shape.batch * shape.heads, [&](int64_t task) {
    const int64_t h = task % shape.heads, n = task / shape.heads;
    const int64_t q = n * shape.queries * in + h * shape.depth, k = n * shape.keys * in + h * shape.depth;
    const int64_t v = n * shape.keys * out + h * shape.width, y = n * shape.queries * out + h * shape.width;
    thread_local GradientRoom room;
    room.fit(shape);
    attend_back({all.q + q, all.k + k, all.v + v, all.y + y, all.dy + y, all.logsums + task * shape.queries, all.dq + q,
                 all.dk + k, all.dv + v},
                shape, how.scale, how.causal, room);
  });
}

}  // namespace
