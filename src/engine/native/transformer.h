// What lies between the products of a transformer, each in one pass over its rows: biases, layer normalisation, gates, GELU.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "threads.h"
#include "vectors.h"

namespace {

// Rows of a task: the same whatever the number of threads, so that sums over rows are rounded alike.
constexpr int64_t kRowsPerTask = 64;

// [groups, rows, channels]
struct Rows {
  int64_t groups, rows, channels;

  int64_t tasks_per_group() const { return (rows + kRowsPerTask - 1) / kRowsPerTask; }
  int64_t tasks() const { return groups * tasks_per_group(); }
};

// Runs `task(group, first row, rows, task)` on every block of rows.
template <typename Task>
void over_rows(const Rows& all, Task task) {
  const int64_t blocks = all.tasks_per_group();
  Pool::instance().run(all.tasks(), [&](int64_t i) {
    const int64_t first = i % blocks * kRowsPerTask;
    task(i / blocks, first, std::min(kRowsPerTask, all.rows - first), i);
  });
}

// Sums over the rows of each group, to which every task adds its share.
class Shares {
 public:
  explicit Shares(const Rows& all)
      : all_(all), stride_(up_to(all.channels, kLanes)), shares_(all.tasks() * stride_, 0.0f) {}

  float* of(int64_t task) { return shares_.data() + task * stride_; }

  // → [groups, channels]
  void add_up(float* sums) const {
    const int64_t blocks = all_.tasks_per_group();
    std::vector<double> total(all_.channels);
    for (int64_t group = 0; group < all_.groups; group++) {
      std::fill(total.begin(), total.end(), 0.0);
      for (int64_t block = 0; block < blocks; block++) {
        const float* share = shares_.data() + (group * blocks + block) * stride_;
        for (int64_t c = 0; c < all_.channels; c++) total[c] += share[c];
      }
      for (int64_t c = 0; c < all_.channels; c++) sums[group * all_.channels + c] = static_cast<float>(total[c]);
    }
  }

 private:
  const Rows all_;
  const int64_t stride_;  // whole vectors: no two tasks write to one line of the cache
  std::vector<float> shares_;
};

// ---------------------------------------------------------------- biases and gates

VECTORISED void add_bias(const float* x, const float* bias, int64_t rows, int64_t channels, float* y) {
  for (int64_t r = 0; r < rows; r++, x += channels, y += channels) {
    for (int64_t c = 0; c < channels; c++) y[c] = x[c] + bias[c];
  }
}

VECTORISED void add_rows(const float* x, int64_t rows, int64_t channels, float* sums) {
  for (int64_t r = 0; r < rows; r++, x += channels) {
    for (int64_t c = 0; c < channels; c++) sums[c] += x[c];
  }
}

// x + gate · branch
VECTORISED void gated_add(const float* x, const float* gate, const float* branch, int64_t rows, int64_t channels, float* y) {
  for (int64_t r = 0; r < rows; r++, x += channels, branch += channels, y += channels) {
    for (int64_t c = 0; c < channels; c++) y[c] = x[c] + gate[c] * branch[c];
  }
}

// dbranch of some rows; adds their share of the gate's gradient.
VECTORISED void gated_add_back(const float* dy, const float* gate, const float* branch, int64_t rows, int64_t channels,
                               float* dbranch, float* dgate) {
  for (int64_t r = 0; r < rows; r++, dy += channels, branch += channels, dbranch += channels) {
    for (int64_t c = 0; c < channels; c++) {
      dgate[c] += dy[c] * branch[c];
      dbranch[c] = dy[c] * gate[c];
    }
  }
}

// ---------------------------------------------------------------- layer normalisation

// A group has its own scale and shift [groups, channels]. The factor is `offset` + scale.
struct LayerNorm : Rows {
  float epsilon, offset;
};

// Mean and 1 / deviation of a row.
INLINED void row_statistics(const float* x, int64_t channels, float epsilon, float* mean, float* rstd) {
  Lanes total{};
  float rest = 0;
  int64_t c = 0;
  for (; c + kLanes <= channels; c += kLanes) total += lanes_at(x + c);
  for (int64_t i = c; i < channels; i++) rest += x[i];
  const float average = (sum_of(total) + rest) / static_cast<float>(channels);
  Lanes squares{};
  rest = 0;
  for (c = 0; c + kLanes <= channels; c += kLanes) {
    const Lanes d = lanes_at(x + c) - average;
    squares += d * d;
  }
  for (int64_t i = c; i < channels; i++) rest += (x[i] - average) * (x[i] - average);
  *mean = average;
  *rstd = 1.0f / std::sqrt((sum_of(squares) + rest) / static_cast<float>(channels) + epsilon);
}

FUSED void normalise_rows(const float* x, int64_t rows, int64_t channels, const float* scale, const float* shift,
                          float epsilon, float offset, float* y, float* mean, float* rstd) {
  for (int64_t r = 0; r < rows; r++, x += channels, y += channels) {
    row_statistics(x, channels, epsilon, mean + r, rstd + r);
    const float m = mean[r], s = rstd[r];
    int64_t c = 0;
    for (; c + kLanes <= channels; c += kLanes) {
      put(y + c, (lanes_at(x + c) - m) * s * (lanes_at(scale + c) + offset) + lanes_at(shift + c));
    }
    for (; c < channels; c++) y[c] = (x[c] - m) * s * (scale[c] + offset) + shift[c];
  }
}

// dx of some rows; adds their shares of the gradients of scale and shift.
FUSED void normalise_rows_back(const float* dy, const float* x, int64_t rows, int64_t channels, const float* scale,
                               float offset, const float* mean, const float* rstd, float* dx, float* dscale, float* dshift) {
  const float share = 1.0f / static_cast<float>(channels);
  for (int64_t r = 0; r < rows; r++, x += channels, dy += channels, dx += channels) {
    const float m = mean[r], s = rstd[r];
    Lanes sums{}, products{};
    float sum = 0, product = 0;
    int64_t c = 0;
    for (; c + kLanes <= channels; c += kLanes) {
      const Lanes g = lanes_at(dy + c), normal = (lanes_at(x + c) - m) * s, weighted = g * (lanes_at(scale + c) + offset);
      put(dscale + c, lanes_at(dscale + c) + g * normal);
      put(dshift + c, lanes_at(dshift + c) + g);
      sums += weighted;
      products += weighted * normal;
    }
    for (; c < channels; c++) {
      const float normal = (x[c] - m) * s, weighted = dy[c] * (scale[c] + offset);
      dscale[c] += dy[c] * normal;
      dshift[c] += dy[c];
      sum += weighted;
      product += weighted * normal;
    }
    sum = (sum + sum_of(sums)) * share;
    product = (product + sum_of(products)) * share;
    for (c = 0; c + kLanes <= channels; c += kLanes) {
      const Lanes normal = (lanes_at(x + c) - m) * s;
      put(dx + c, (lanes_at(dy + c) * (lanes_at(scale + c) + offset) - sum - normal * product) * s);
    }
    for (; c < channels; c++) {
      dx[c] = (dy[c] * (scale[c] + offset) - sum - (x[c] - m) * s * product) * s;
    }
  }
}

void layer_norm(const LayerNorm& norm, const float* x, const float* scale, const float* shift, float* y, float* mean,
                float* rstd) {
  over_rows(norm, [&](int64_t group, int64_t first, int64_t rows, int64_t) {
    const int64_t row = group * norm.rows + first, at = row * norm.channels, own = group * norm.channels;
    normalise_rows(x + at, rows, norm.channels, scale + own, shift + own, norm.epsilon, norm.offset, y + at, mean + row,
                   rstd + row);
  });
}

void layer_norm_gradient(const LayerNorm& norm, const float* dy, const float* x, const float* scale, const float* mean,
                         const float* rstd, float* dx, float* dscale, float* dshift) {
  const int64_t channels = norm.channels;
  Shares scales(norm), shifts(norm);
  over_rows(norm, [&](int64_t group, int64_t first, int64_t rows, int64_t task) {
    const int64_t row = group * norm.rows + first, at = row * channels;
    normalise_rows_back(dy + at, x + at, rows, channels, scale + group * channels, norm.offset, mean + row, rstd + row,
                        dx + at, scales.of(task), shifts.of(task));
  });
  scales.add_up(dscale);
  shifts.add_up(dshift);
}

// ---------------------------------------------------------------- GELU

// Φ(x) and φ(x) of the normal distribution, or of its logistic approximation σ(2u), u = √(2/π) (x + 0.044715 x³): the share of x
// that gets through, and its slope.
struct Share {
  float value, slope;
};
INLINED Share exact_share(float x) {
  // Abramowitz & Stegun 7.1.26 of erfc(|x| / √2), to 1.5e-7.
  const float z = std::fabs(x) * 0.70710678f, t = 1.0f / (1.0f + 0.3275911f * z);
  const float density = exponential(-z * z);
  const float tail =
      0.5f * t * (0.254829592f + t * (-0.284496736f + t * (1.421413741f + t * (-1.453152027f + t * 1.061405429f)))) * density;
  return {x < 0 ? tail : 1.0f - tail, density * 0.39894228f};
}
INLINED Share approximate_share(float x) {
  const float s = sigmoid(x * (1.59576912f + 0.07135481f * x * x));
  return {s, s * (1.0f - s) * (1.59576912f + 0.21406444f * x * x)};
}

VECTORISED void gelu(const float* x, int64_t count, bool approximate, float* y) {
  if (approximate) {
    for (int64_t i = 0; i < count; i++) y[i] = x[i] * approximate_share(x[i]).value;
  } else {
    for (int64_t i = 0; i < count; i++) y[i] = x[i] * exact_share(x[i]).value;
  }
}
VECTORISED void gelu_back(const float* dy, const float* x, int64_t count, bool approximate, float* dx) {
  if (approximate) {
    for (int64_t i = 0; i < count; i++) {
      const Share share = approximate_share(x[i]);
      dx[i] = dy[i] * (share.value + x[i] * share.slope);
    }
  } else {
    for (int64_t i = 0; i < count; i++) {
      const Share share = exact_share(x[i]);
      dx[i] = dy[i] * (share.value + x[i] * share.slope);
    }
  }
}

// GELU of rows after their bias.
VECTORISED void bias_gelu(const float* product, const float* bias, int64_t rows, int64_t channels, bool approximate, float* y) {
  for (int64_t r = 0; r < rows; r++, product += channels, y += channels) {
    if (approximate) {
      for (int64_t c = 0; c < channels; c++) {
        const float x = product[c] + bias[c];
        y[c] = x * approximate_share(x).value;
      }
    } else {
      for (int64_t c = 0; c < channels; c++) {
        const float x = product[c] + bias[c];
        y[c] = x * exact_share(x).value;
      }
    }
  }
}
// dproduct of some rows; adds their share of the bias's gradient.
VECTORISED void bias_gelu_back(const float* dy, const float* product, const float* bias, int64_t rows, int64_t channels,
                               bool approximate, float* dproduct, float* dbias) {
  for (int64_t r = 0; r < rows; r++, dy += channels, product += channels, dproduct += channels) {
    if (approximate) {
      for (int64_t c = 0; c < channels; c++) {
        const float x = product[c] + bias[c];
        const Share share = approximate_share(x);
        dproduct[c] = dy[c] * (share.value + x * share.slope);
        dbias[c] += dproduct[c];
      }
    } else {
      for (int64_t c = 0; c < channels; c++) {
        const float x = product[c] + bias[c];
        const Share share = exact_share(x);
        dproduct[c] = dy[c] * (share.value + x * share.slope);
        dbias[c] += dproduct[c];
      }
    }
  }
}

// Rows of values and gates [2 hidden] before their bias → (value + b) · GELU(gate + c) [hidden].
VECTORISED void gated_gelu(const float* product, const float* bias, int64_t rows, int64_t hidden, float* y) {
  for (int64_t r = 0; r < rows; r++) {
    const float *value = product + r * 2 * hidden, *gate = value + hidden;
    float* out = y + r * hidden;
    for (int64_t i = 0; i < hidden; i++) {
      const float g = gate[i] + bias[hidden + i];
      out[i] = (value[i] + bias[i]) * g * exact_share(g).value;
    }
  }
}
VECTORISED void gated_gelu_back(const float* dy, const float* product, const float* bias, int64_t rows, int64_t hidden,
                                float* dproduct) {
  for (int64_t r = 0; r < rows; r++) {
    const float *value = product + r * 2 * hidden, *gate = value + hidden, *d = dy + r * hidden;
    float *dvalue = dproduct + r * 2 * hidden, *dgate = dvalue + hidden;
    for (int64_t i = 0; i < hidden; i++) {
      const float g = gate[i] + bias[hidden + i];
      const Share share = exact_share(g);
      dvalue[i] = d[i] * g * share.value;
      dgate[i] = d[i] * (value[i] + bias[i]) * (share.value + g * share.slope);
    }
  }
}

}  // namespace
