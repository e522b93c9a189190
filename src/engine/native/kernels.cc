// Kernels that TensorFlow lacks, compiled into the binding by the set-up: group normalisation with SiLU or ReLU in one pass
// over each image, batch normalisation with what follows it in classifiers (a residual, ReLU, average pooling) in two passes,
// and the gradient of max pooling. The engine uses them on the CPU where the binding has them, and TensorFlow's elementary
// operations elsewhere; the tests hold both to the same figures.
//
// Written against TensorFlow's C interface alone. Float32, channels last.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "operation.h"
#include "threads.h"
#include "vectors.h"

namespace {

// ---------------------------------------------------------------- arithmetic on rows of channels

// sums[c] += Σ over pixels x, in blocks so that rounding does not grow with the number of pixels.
VECTORISED void add_rows(const float* x, int64_t pixels, int64_t stride, int64_t width, float* block, double* sums) {
  for (int64_t first = 0; first < pixels; first += 64) {
    const int64_t last = std::min(pixels, first + 64);
    std::fill_n(block, width, 0.0f);
    for (int64_t p = first; p < last; p++) {
      const float* row = x + p * stride;
      for (int64_t c = 0; c < width; c++) block[c] += row[c];
    }
    for (int64_t c = 0; c < width; c++) sums[c] += block[c];
  }
}

// sums[c] += Σ over pixels (x − mean[c])².
VECTORISED void add_squares(const float* x, int64_t pixels, int64_t stride, int64_t width, const float* mean, float* block,
                            double* sums) {
  for (int64_t first = 0; first < pixels; first += 64) {
    const int64_t last = std::min(pixels, first + 64);
    std::fill_n(block, width, 0.0f);
    for (int64_t p = first; p < last; p++) {
      const float* row = x + p * stride;
      for (int64_t c = 0; c < width; c++) {
        const float d = row[c] - mean[c];
        block[c] += d * d;
      }
    }
    for (int64_t c = 0; c < width; c++) sums[c] += block[c];
  }
}

enum class Activation : int64_t { kNone = 0, kSilu = 1, kRelu = 2 };

// y = slope x + offset, then the activation.
VECTORISED void apply(const float* x, float* y, int64_t pixels, int64_t stride, int64_t width, const float* slope,
                      const float* offset, Activation activation) {
  for (int64_t p = 0; p < pixels; p++) {
    const float* in = x + p * stride;
    float* out = y + p * stride;
    if (activation == Activation::kSilu) {
      for (int64_t c = 0; c < width; c++) {
        const float v = in[c] * slope[c] + offset[c];
        out[c] = v * sigmoid(v);
      }
    } else if (activation == Activation::kRelu) {
      for (int64_t c = 0; c < width; c++) {
        const float v = in[c] * slope[c] + offset[c];
        out[c] = v < 0.0f ? 0.0f : v;
      }
    } else {
      for (int64_t c = 0; c < width; c++) out[c] = in[c] * slope[c] + offset[c];
    }
  }
}

// d = dy · activation'(y) into `d`; sums[c] += Σ d; products[c] += Σ d (x − mean[c]).
VECTORISED void add_gradients(const float* dy, const float* x, float* d, int64_t pixels, int64_t stride, int64_t width,
                              const float* slope, const float* offset, const float* mean, Activation activation,
                              float* block, double* sums, double* products) {
  float* other = block + width;
  for (int64_t first = 0; first < pixels; first += 64) {
    const int64_t last = std::min(pixels, first + 64);
    std::fill_n(block, 2 * width, 0.0f);
    for (int64_t p = first; p < last; p++) {
      const float* g = dy + p * stride;
      const float* in = x + p * stride;
      float* out = d + p * stride;
      if (activation == Activation::kSilu) {
        for (int64_t c = 0; c < width; c++) {
          const float v = in[c] * slope[c] + offset[c];
          const float s = sigmoid(v);
          out[c] = g[c] * s * (1.0f + v * (1.0f - s));
        }
      } else if (activation == Activation::kRelu) {
        for (int64_t c = 0; c < width; c++) {
          const float v = in[c] * slope[c] + offset[c];
          out[c] = v > 0.0f ? g[c] : 0.0f;
        }
      } else {
        for (int64_t c = 0; c < width; c++) out[c] = g[c];
      }
      for (int64_t c = 0; c < width; c++) {
        block[c] += out[c];
        other[c] += out[c] * (in[c] - mean[c]);
      }
    }
    for (int64_t c = 0; c < width; c++) {
      sums[c] += block[c];
      products[c] += other[c];
    }
  }
}

// d ← slope d + a (x − mean) + b, in place.
VECTORISED void finish(const float* x, float* d, int64_t pixels, int64_t stride, int64_t width, const float* slope,
                       const float* a, const float* b, const float* mean) {
  for (int64_t p = 0; p < pixels; p++) {
    const float* in = x + p * stride;
    float* out = d + p * stride;
    for (int64_t c = 0; c < width; c++) out[c] = slope[c] * out[c] + (a[c] * (in[c] - mean[c]) + b[c]);
  }
}

// ---------------------------------------------------------------- group normalisation

struct GroupNorm {
  int64_t groups;
  float epsilon;
  Activation activation;
};

// How the work is cut: whole images, or, when there are fewer than threads, runs of groups at least 16 channels wide.
struct Cut {
  int64_t images, pixels, channels, groups, width, parts;

  int64_t tasks() const { return images * parts; }
  int64_t first_group(int64_t part) const { return groups * part / parts; }
};

Cut cut(int64_t images, int64_t pixels, int64_t channels, int64_t groups) {
  Cut result{images, pixels, channels, groups, channels / groups, 1};
  const int64_t threads = Pool::instance().threads();
  if (images < 2 * threads) {
    const int64_t widest = std::max<int64_t>(1, channels / 16);
    result.parts = std::min(std::min(groups, widest), 2 * threads);
  }
  return result;
}

// Narrow images are taken several pixels at a time, as rows of up to 64 values that fill the vectors.
int64_t pixels_a_row(const Cut& work, int64_t width) {
  int64_t count = 1;
  while (width == work.channels && 2 * count * width <= 64 && work.pixels % (2 * count) == 0) count *= 2;
  return count;
}

// values[k + j · width] = values[k], for the other pixels of a row.
void repeat(float* values, int64_t width, int64_t count) {
  for (int64_t j = 1; j < count; j++) std::copy_n(values, width, values + j * width);
}

// sums[k] += Σ sums[k + j · width], over the other pixels of a row.
void gather(double* sums, int64_t width, int64_t count) {
  for (int64_t j = 1; j < count; j++)
    for (int64_t k = 0; k < width; k++) sums[k] += sums[j * width + k];
}

void normalise(const GroupNorm& norm, const Cut& work, const float* x, const float* gamma, const float* beta, float* y,
               float* means, float* rstds) {
  Pool::instance().run(work.tasks(), [&](int64_t task) {
    const int64_t image = task / work.parts, part = task % work.parts;
    const int64_t g0 = work.first_group(part), g1 = work.first_group(part + 1);
    const int64_t c0 = g0 * work.width, width = (g1 - g0) * work.width;
    const float* in = x + image * work.pixels * work.channels + c0;
    const double count = static_cast<double>(work.pixels) * work.width;
    const int64_t together = pixels_a_row(work, width);
    const int64_t row = together * width, pixels = work.pixels / together, stride = together * work.channels;
    std::vector<float> rows(4 * row);
    float *block = rows.data(), *mean = block + row, *slope = mean + row, *offset = slope + row;
    std::vector<double> sums(row, 0.0);

    add_rows(in, pixels, stride, row, block, sums.data());
    gather(sums.data(), width, together);
    for (int64_t g = g0; g < g1; g++) {
      double sum = 0;
      for (int64_t k = 0; k < work.width; k++) sum += sums[(g - g0) * work.width + k];
      const float value = static_cast<float>(sum / count);
      means[image * work.groups + g] = value;
      std::fill_n(mean + (g - g0) * work.width, work.width, value);
    }
    repeat(mean, width, together);
    std::fill(sums.begin(), sums.end(), 0.0);
    add_squares(in, pixels, stride, row, mean, block, sums.data());
    gather(sums.data(), width, together);
    for (int64_t g = g0; g < g1; g++) {
      double sum = 0;
      for (int64_t k = 0; k < work.width; k++) sum += sums[(g - g0) * work.width + k];
      const float rstd = static_cast<float>(1.0 / std::sqrt(sum / count + norm.epsilon));
      rstds[image * work.groups + g] = rstd;
      for (int64_t k = (g - g0) * work.width; k < (g - g0 + 1) * work.width; k++) {
        slope[k] = rstd * gamma[c0 + k];
        offset[k] = beta[c0 + k] - mean[k] * slope[k];
      }
    }
    repeat(slope, width, together);
    repeat(offset, width, together);
    apply(in, y + (in - x), pixels, stride, row, slope, offset, norm.activation);
  });
}

void normalise_gradient(const GroupNorm& norm, const Cut& work, const float* dy, const float* x, const float* gamma,
                        const float* beta, const float* means, const float* rstds, float* dx, float* dgamma,
                        float* dbeta) {
  // Each image's share of dγ and dβ, added up in order afterwards.
  std::vector<double> shares(2 * work.images * work.channels);
  Pool::instance().run(work.tasks(), [&](int64_t task) {
    const int64_t image = task / work.parts, part = task % work.parts;
    const int64_t g0 = work.first_group(part), g1 = work.first_group(part + 1);
    const int64_t c0 = g0 * work.width, width = (g1 - g0) * work.width;
    const int64_t at = image * work.pixels * work.channels + c0;
    const double count = static_cast<double>(work.pixels) * work.width;
    const int64_t together = pixels_a_row(work, width);
    const int64_t row = together * width, pixels = work.pixels / together, stride = together * work.channels;
    std::vector<float> rows(7 * row);
    float *block = rows.data(), *mean = block + 2 * row, *slope = mean + row, *offset = slope + row;
    float *a = offset + row, *b = a + row;
    std::vector<double> sums(2 * row, 0.0);
    double* products = sums.data() + row;

    for (int64_t k = 0; k < width; k++) {
      const int64_t group = image * work.groups + g0 + k / work.width;
      mean[k] = means[group];
      slope[k] = rstds[group] * gamma[c0 + k];
      offset[k] = beta[c0 + k] - mean[k] * slope[k];
    }
    for (float* values : {mean, slope, offset}) repeat(values, width, together);
    add_gradients(dy + at, x + at, dx + at, pixels, stride, row, slope, offset, mean, norm.activation, block, sums.data(),
                  products);
    gather(sums.data(), width, together);
    gather(products, width, together);
    for (int64_t g = g0; g < g1; g++) {
      const double rstd = rstds[image * work.groups + g];
      double mean_d = 0, mean_dx = 0;  // of γ d, and of γ d x̂, over the group
      for (int64_t k = (g - g0) * work.width; k < (g - g0 + 1) * work.width; k++) {
        const int64_t c = image * work.channels + c0 + k;
        shares[c] = products[k] * rstd;
        shares[work.images * work.channels + c] = sums[k];
        mean_d += gamma[c0 + k] * sums[k];
        mean_dx += gamma[c0 + k] * products[k] * rstd;
      }
      std::fill_n(a + (g - g0) * work.width, work.width, static_cast<float>(-mean_dx / count * rstd * rstd));
      std::fill_n(b + (g - g0) * work.width, work.width, static_cast<float>(-mean_d / count * rstd));
    }
    repeat(a, width, together);
    repeat(b, width, together);
    finish(x + at, dx + at, pixels, stride, row, slope, a, b, mean);
  });
  for (int64_t c = 0; c < work.channels; c++) {
    double g = 0, b = 0;
    for (int64_t image = 0; image < work.images; image++) {
      g += shares[image * work.channels + c];
      b += shares[(work.images + image) * work.channels + c];
    }
    dgamma[c] = static_cast<float>(g);
    dbeta[c] = static_cast<float>(b);
  }
}

// ---------------------------------------------------------------- batch normalisation with a residual, ReLU and pooling

// Images [height, width, channels] whose windows of pool × pixels are averaged; pixels beyond the last window are left out.
struct Windows {
  int64_t images, height, width, channels, pool;

  int64_t rows() const { return height / pool; }
  int64_t columns() const { return width / pool; }
  int64_t in() const { return height * width * channels; }
  int64_t out() const { return rows() * columns() * channels; }
};

// y = average over windows of max(0, slope x + offset + residual), of one image; residual may be null.
VECTORISED void apply_relu(const float* x, const float* residual, float* y, int64_t height, int64_t width,
                           int64_t channels, int64_t pool, const float* slope, const float* offset) {
  const int64_t rows = height / pool, columns = width / pool;
  const float share = 1.0f / static_cast<float>(pool * pool);
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t j = 0; j < columns; j++) {
      float* out = y + (i * columns + j) * channels;
      for (int64_t k = 0; k < pool * pool; k++) {
        const int64_t at = ((i * pool + k / pool) * width + j * pool + k % pool) * channels;
        const float* in = x + at;
        if (residual) {
          const float* beside = residual + at;
          for (int64_t c = 0; c < channels; c++) {
            const float v = in[c] * slope[c] + offset[c] + beside[c];
            out[c] = (k ? out[c] : 0.0f) + (v < 0.0f ? 0.0f : v) * share;
          }
        } else if (k) {
          for (int64_t c = 0; c < channels; c++) {
            const float v = in[c] * slope[c] + offset[c];
            out[c] += (v < 0.0f ? 0.0f : v) * share;
          }
        } else {
          for (int64_t c = 0; c < channels; c++) {
            const float v = in[c] * slope[c] + offset[c];
            out[c] = (v < 0.0f ? 0.0f : v) * share;
          }
        }
      }
    }
  }
}

// One pixel's gradient before the ReLU, from its window's.
INLINED float through_relu(float g, float share, float x, float slope, float offset) {
  const float d = g * share;
  const float v = x * slope + offset;
  return v > 0.0f ? d : 0.0f;
}

// sums[c] += Σ g; products[c] += Σ g (x − mean[c]), where g is dy before pooling and ReLU.
VECTORISED void add_relu_gradients(const float* dy, const float* x, int64_t height, int64_t width, int64_t channels,
                                   int64_t pool, const float* slope, const float* offset, const float* mean,
                                   float* block, double* sums, double* products) {
  const int64_t rows = height / pool, columns = width / pool;
  const float share = 1.0f / static_cast<float>(pool * pool);
  // What each channel lets through has a loop of its own: with the sums in it, it would not vectorise.
  float *other = block + channels, *passed = other + channels;
  for (int64_t i = 0; i < rows; i++) {
    std::fill_n(block, 2 * channels, 0.0f);
    for (int64_t j = 0; j < columns; j++) {
      const float* g = dy + (i * columns + j) * channels;
      for (int64_t k = 0; k < pool * pool; k++) {
        const float* in = x + ((i * pool + k / pool) * width + j * pool + k % pool) * channels;
        for (int64_t c = 0; c < channels; c++) {
          const float v = in[c] * slope[c] + offset[c];
          passed[c] = v > 0.0f ? share : 0.0f;
        }
        for (int64_t c = 0; c < channels; c++) {
          const float d = g[c] * passed[c];
          block[c] += d;
          other[c] += d * (in[c] - mean[c]);
        }
      }
    }
    for (int64_t c = 0; c < channels; c++) {
      sums[c] += block[c];
      products[c] += other[c];
    }
  }
}

// dx = slope g + a (x − mean) + b. Pixels outside of the windows have g = 0.
VECTORISED void finish_relu(const float* dy, const float* x, float* dx, int64_t height, int64_t width, int64_t channels,
                            int64_t pool, const float* slope, const float* gate, const float* threshold,
                            const float* mean, const float* a, const float* b) {
  const int64_t rows = height / pool, columns = width / pool;
  const float share = 1.0f / static_cast<float>(pool * pool);
  for (int64_t h = 0; h < height; h++) {
    for (int64_t w = 0; w < width; w++) {
      const float* in = x + (h * width + w) * channels;
      float* out = dx + (h * width + w) * channels;
      if (h / pool < rows && w / pool < columns) {
        const float* g = dy + (h / pool * columns + w / pool) * channels;
        for (int64_t c = 0; c < channels; c++) {
          const float d = through_relu(g[c], share, in[c], gate[c], threshold[c]);
          out[c] = slope[c] * d + (a[c] * (in[c] - mean[c]) + b[c]);
        }
      } else {
        for (int64_t c = 0; c < channels; c++) out[c] = a[c] * (in[c] - mean[c]) + b[c];
      }
    }
  }
}

// d = dy where y > 0, else 0.
VECTORISED void mask(const float* dy, const float* y, float* d, int64_t count) {
  for (int64_t i = 0; i < count; i++) d[i] = y[i] > 0.0f ? dy[i] : 0.0f;
}

// Mean and biased variance of each channel over all images: each image's own, then put together in order (Chan et al.).
void batch_statistics(const Windows& work, const float* x, float* means, float* variances) {
  const int64_t pixels = work.height * work.width, channels = work.channels;
  std::vector<double> shares(2 * work.images * channels, 0.0);
  Pool::instance().run(work.images, [&](int64_t image) {
    const float* in = x + image * work.in();
    double *sums = shares.data() + 2 * image * channels, *squares = sums + channels;
    std::vector<float> rows(2 * channels);
    float *block = rows.data(), *mean = block + channels;
    add_rows(in, pixels, channels, channels, block, sums);
    for (int64_t c = 0; c < channels; c++) mean[c] = static_cast<float>(sums[c] / pixels);
    add_squares(in, pixels, channels, channels, mean, block, squares);
    // Around the rounded mean, moved to the exact one.
    for (int64_t c = 0; c < channels; c++) {
      const double off = sums[c] / pixels - mean[c];
      squares[c] -= off * off * pixels;
    }
  });
  for (int64_t c = 0; c < channels; c++) {
    double mean = 0, squares = 0;
    for (int64_t image = 0; image < work.images; image++) {
      const double own = shares[2 * image * channels + c] / pixels;
      const double distance = own - mean;
      squares += shares[(2 * image + 1) * channels + c] + distance * distance * pixels * image / (image + 1);
      mean += distance / (image + 1);
    }
    means[c] = static_cast<float>(mean);
    variances[c] = static_cast<float>(std::max(0.0, squares / (static_cast<double>(pixels) * work.images)));
  }
}

void apply_all(const Windows& work, const float* x, const float* residual, float* y, const float* slope,
               const float* offset) {
  Pool::instance().run(work.images, [&](int64_t image) {
    apply_relu(x + image * work.in(), residual ? residual + image * work.in() : nullptr, y + image * work.out(),
               work.height, work.width, work.channels, work.pool, slope, offset);
  });
}

// slope and offset of the normalisation: y = slope x + offset.
std::vector<float> affine(int64_t channels, const float* gamma, const float* beta, const float* mean,
                          const float* variance, float epsilon) {
  std::vector<float> both(2 * channels);
  for (int64_t c = 0; c < channels; c++) {
    both[c] = static_cast<float>(gamma[c] / std::sqrt(static_cast<double>(variance[c]) + epsilon));
    both[channels + c] = beta[c] - mean[c] * both[c];
  }
  return both;
}

// With a residual, y says where the ReLU let through, and the gradient behind it goes to `dresidual` and from there on.
void batch_norm_gradient(const Windows& work, const float* dy, const float* x, const float* gamma, const float* beta,
                         const float* mean, const float* variance, const float* y, float epsilon, float* dx,
                         float* dgamma, float* dbeta, float* dresidual) {
  const int64_t channels = work.channels;
  std::vector<float> both = affine(channels, gamma, beta, mean, variance, epsilon);
  const float *slope = both.data(), *offset = slope + channels;
  // What lets everything through: the mask was applied before.
  const std::vector<float> none(channels, 0.0f), one(channels, 1.0f);
  const float* gate = y ? none.data() : slope;
  const float* threshold = y ? one.data() : offset;
  std::vector<double> shares(2 * work.images * channels, 0.0);
  Pool::instance().run(work.images, [&](int64_t image) {
    const float* g = dy + image * work.out();
    if (y) {
      mask(g, y + image * work.in(), dresidual + image * work.in(), work.in());
      g = dresidual + image * work.in();
    }
    std::vector<float> block(3 * channels);
    double* sums = shares.data() + 2 * image * channels;
    add_relu_gradients(g, x + image * work.in(), work.height, work.width, channels, work.pool, gate, threshold, mean,
                       block.data(), sums, sums + channels);
  });
  const double count = static_cast<double>(work.images) * work.height * work.width;
  std::vector<float> rest(2 * channels);
  float *a = rest.data(), *b = a + channels;
  for (int64_t c = 0; c < channels; c++) {
    double sum = 0, product = 0;
    for (int64_t image = 0; image < work.images; image++) {
      sum += shares[2 * image * channels + c];
      product += shares[(2 * image + 1) * channels + c];
    }
    const double rstd = 1.0 / std::sqrt(static_cast<double>(variance[c]) + epsilon);
    dgamma[c] = static_cast<float>(product * rstd);
    dbeta[c] = static_cast<float>(sum);
    a[c] = static_cast<float>(-slope[c] * product / count * rstd * rstd);
    b[c] = static_cast<float>(-slope[c] * sum / count);
  }
  Pool::instance().run(work.images, [&](int64_t image) {
    const float* g = y ? dresidual + image * work.in() : dy + image * work.out();
    // slope scales the gradient, gate and threshold say where it passes.
    finish_relu(g, x + image * work.in(), dx + image * work.in(), work.height, work.width, channels, work.pool, slope,
                gate, threshold, mean, a, b);
  });
}

// ---------------------------------------------------------------- max pooling

struct MaxPool {
  int64_t size, stride, padding;
};

// Sends each window's gradient to the first of its largest pixels.
VECTORISED void pool_gradient(const float* x, const float* dy, float* dx, int64_t height, int64_t width, int64_t channels,
                              int64_t rows, int64_t columns, int64_t size, int64_t stride, int64_t padding, float* best,
                              int32_t* where) {
  std::fill_n(dx, height * width * channels, 0.0f);
  for (int64_t i = 0; i < rows; i++) {
    const int64_t top = std::max<int64_t>(0, i * stride - padding), bottom = std::min(height, i * stride - padding + size);
    for (int64_t j = 0; j < columns; j++) {
      const int64_t left = std::max<int64_t>(0, j * stride - padding);
      const int64_t right = std::min(width, j * stride - padding + size);
      std::fill_n(best, channels, -std::numeric_limits<float>::infinity());
      std::fill_n(where, channels, static_cast<int32_t>(top * width + left));
      for (int64_t h = top; h < bottom; h++) {
        for (int64_t w = left; w < right; w++) {
          const float* in = x + (h * width + w) * channels;
          const int32_t pixel = static_cast<int32_t>(h * width + w);
          for (int64_t c = 0; c < channels; c++) {
            const bool larger = in[c] > best[c];
            best[c] = larger ? in[c] : best[c];
            where[c] = larger ? pixel : where[c];
          }
        }
      }
      const float* g = dy + (i * columns + j) * channels;
      for (int64_t c = 0; c < channels; c++) dx[where[c] * channels + c] += g[c];
    }
  }
}

// ---------------------------------------------------------------- TensorFlow's side

void* make_group_norm(TF_OpKernelConstruction* construction) {
  Status status;
  auto* norm = new GroupNorm();
  int64_t activation = 0;
  TF_OpKernelConstruction_GetAttrInt64(construction, "groups", &norm->groups, status);
  if (status.ok()) TF_OpKernelConstruction_GetAttrFloat(construction, "epsilon", &norm->epsilon, status);
  if (status.ok()) TF_OpKernelConstruction_GetAttrInt64(construction, "activation", &activation, status);
  norm->activation = static_cast<Activation>(activation);
  if (!status.ok()) TF_OpKernelConstruction_Failure(construction, status);
  return norm;
}

bool fits(const GroupNorm& norm, const Tensor& x, const Tensor& gamma, const Tensor& beta) {
  return x.rank() > 1 && x.last() > 0 && norm.groups > 0 && x.last() % norm.groups == 0 &&
         gamma.size() == x.last() && beta.size() == x.last();
}
int64_t pixels_of(const Tensor& x) { return x.size() ? x.size() / x.dim(0) / x.last() : 0; }

// x [N, ..., C], gamma and beta [C] → y as x, mean [N, G, 1], rstd [N, G, 1]
void run_group_norm(void* kernel, TF_OpKernelContext* context) {
  const auto& norm = *static_cast<GroupNorm*>(kernel);
  Status status;
  Tensor x(context, 0, status), gamma(context, 1, status), beta(context, 2, status);
  if (refuse(context, !fits(norm, x, gamma, beta),
             "StillhouseGroupNorm: expected x [N, ..., C], groups that divide C, and gamma and beta [C]."))
    return;
  const int64_t n = x.dim(0), p = pixels_of(x), c = x.last();
  Tensor y(context, 0, shape_of(x), status), mean(context, 1, {n, norm.groups, 1}, status);
  Tensor rstd(context, 2, {n, norm.groups, 1}, status);
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status);
  normalise(norm, cut(n, p, c, norm.groups), x.data(), gamma.data(), beta.data(), y.data(), mean.data(), rstd.data());
}

// dy and x [N, ..., C], gamma and beta [C], mean and rstd [N, G, 1] → dx, dgamma, dbeta
void run_group_norm_gradient(void* kernel, TF_OpKernelContext* context) {
  const auto& norm = *static_cast<GroupNorm*>(kernel);
  Status status;
  Tensor dy(context, 0, status), x(context, 1, status), gamma(context, 2, status), beta(context, 3, status);
  Tensor mean(context, 4, status), rstd(context, 5, status);
  if (refuse(context,
             !fits(norm, x, gamma, beta) || dy.size() != x.size() || mean.size() != x.dim(0) * norm.groups ||
                 rstd.size() != mean.size(),
             "StillhouseGroupNormGrad: expected dy and x [N, ..., C], gamma and beta [C], mean and rstd [N, G, 1]."))
    return;
  const int64_t n = x.dim(0), p = pixels_of(x), c = x.last();
  Tensor dx(context, 0, shape_of(x), status), dgamma(context, 1, {c}, status), dbeta(context, 2, {c}, status);
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status);
  normalise_gradient(norm, cut(n, p, c, norm.groups), dy.data(), x.data(), gamma.data(), beta.data(), mean.data(),
                     rstd.data(), dx.data(), dgamma.data(), dbeta.data());
}

void delete_group_norm(void* kernel) { delete static_cast<GroupNorm*>(kernel); }

struct BatchNorm {
  float epsilon;
  int64_t pool;
};

void* make_batch_norm(TF_OpKernelConstruction* construction) {
  Status status;
  auto* norm = new BatchNorm();
  TF_OpKernelConstruction_GetAttrFloat(construction, "epsilon", &norm->epsilon, status);
  if (status.ok()) TF_OpKernelConstruction_GetAttrInt64(construction, "pool", &norm->pool, status);
  if (!status.ok()) TF_OpKernelConstruction_Failure(construction, status);
  return norm;
}

void delete_batch_norm(void* kernel) { delete static_cast<BatchNorm*>(kernel); }

Windows windows_of(const Tensor& x, int64_t pool) { return {x.dim(0), x.dim(1), x.dim(2), x.dim(3), pool}; }

// x [N, H, W, C], gamma and beta [C], residual as x or empty → y [N, H/pool, W/pool, C], mean [C], variance [C]
void run_batch_norm(void* kernel, TF_OpKernelContext* context) {
  const auto& norm = *static_cast<BatchNorm*>(kernel);
  Status status;
  Tensor x(context, 0, status), gamma(context, 1, status), beta(context, 2, status), residual(context, 3, status);
  if (refuse(context,
             x.rank() != 4 || gamma.size() != x.dim(3) || beta.size() != x.dim(3) || norm.pool < 1 ||
                 (residual.size() != 0 && residual.size() != x.size()),
             "StillhouseBatchNormRelu: expected x [N, H, W, C], gamma and beta [C], and a residual as x or none."))
    return;
  const Windows work = windows_of(x, norm.pool);
  Tensor y(context, 0, {work.images, work.rows(), work.columns(), work.channels}, status);
  Tensor mean(context, 1, {work.channels}, status), variance(context, 2, {work.channels}, status);
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status);
  batch_statistics(work, x.data(), mean.data(), variance.data());
  const auto both = affine(work.channels, gamma.data(), beta.data(), mean.data(), variance.data(), norm.epsilon);
  apply_all(work, x.data(), residual.size() ? residual.data() : nullptr, y.data(), both.data(),
            both.data() + work.channels);
}

// The same with mean and variance given (evaluation): x, gamma, beta, residual, mean, variance → y
void run_batch_norm_evaluation(void* kernel, TF_OpKernelContext* context) {
  const auto& norm = *static_cast<BatchNorm*>(kernel);
  Status status;
  Tensor x(context, 0, status), gamma(context, 1, status), beta(context, 2, status), residual(context, 3, status);
  Tensor mean(context, 4, status), variance(context, 5, status);
  if (refuse(context,
             x.rank() != 4 || gamma.size() != x.dim(3) || beta.size() != x.dim(3) || mean.size() != x.dim(3) ||
                 variance.size() != x.dim(3) || norm.pool < 1 || (residual.size() != 0 && residual.size() != x.size()),
             "StillhouseBatchNormReluEvaluation: expected x [N, H, W, C], gamma, beta, mean and variance [C]."))
    return;
  const Windows work = windows_of(x, norm.pool);
  Tensor y(context, 0, {work.images, work.rows(), work.columns(), work.channels}, status);
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status);
  const auto both = affine(work.channels, gamma.data(), beta.data(), mean.data(), variance.data(), norm.epsilon);
  apply_all(work, x.data(), residual.size() ? residual.data() : nullptr, y.data(), both.data(),
            both.data() + work.channels);
}

// dy, x, gamma, beta, mean, variance, y with a residual or empty → dx, dgamma, dbeta, dresidual as y
void run_batch_norm_gradient(void* kernel, TF_OpKernelContext* context) {
  const auto& norm = *static_cast<BatchNorm*>(kernel);
  Status status;
  Tensor dy(context, 0, status), x(context, 1, status), gamma(context, 2, status), beta(context, 3, status);
  Tensor mean(context, 4, status), variance(context, 5, status), y(context, 6, status);
  const bool residual = y.size() != 0;
  if (refuse(context,
             x.rank() != 4 || gamma.size() != x.dim(3) || beta.size() != x.dim(3) || mean.size() != x.dim(3) ||
                 variance.size() != x.dim(3) || norm.pool < 1 || dy.size() != windows_of(x, norm.pool).out() * x.dim(0) ||
                 (residual && (norm.pool != 1 || y.size() != x.size())),
             "StillhouseBatchNormReluGrad: expected the tensors of StillhouseBatchNormRelu, and no pool with a residual."))
    return;
  const Windows work = windows_of(x, norm.pool);
  const std::vector<int64_t> shape{work.images, work.height, work.width, work.channels};
  Tensor dx(context, 0, shape, status), dgamma(context, 1, {work.channels}, status);
  Tensor dbeta(context, 2, {work.channels}, status);
  Tensor dresidual(context, 3, residual ? shape : std::vector<int64_t>{0}, status);
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status);
  batch_norm_gradient(work, dy.data(), x.data(), gamma.data(), beta.data(), mean.data(), variance.data(),
                      residual ? y.data() : nullptr, norm.epsilon, dx.data(), dgamma.data(), dbeta.data(),
                      residual ? dresidual.data() : nullptr);
}

void* make_max_pool(TF_OpKernelConstruction* construction) {
  Status status;
  auto* pool = new MaxPool();
  TF_OpKernelConstruction_GetAttrInt64(construction, "size", &pool->size, status);
  if (status.ok()) TF_OpKernelConstruction_GetAttrInt64(construction, "stride", &pool->stride, status);
  if (status.ok()) TF_OpKernelConstruction_GetAttrInt64(construction, "padding", &pool->padding, status);
  if (!status.ok()) TF_OpKernelConstruction_Failure(construction, status);
  return pool;
}

// dy [N, H', W', C], x [N, H, W, C] → dx
void run_max_pool_gradient(void* kernel, TF_OpKernelContext* context) {
  const auto& pool = *static_cast<MaxPool*>(kernel);
  Status status;
  Tensor dy(context, 0, status), x(context, 1, status);
  auto windows = [&](int64_t extent) {
    const int64_t room = extent + 2 * pool.padding - pool.size;
    return extent < 1 || room < 0 ? 0 : room / pool.stride + 1;
  };
  if (refuse(context,
             pool.stride < 1 || pool.size < 1 || pool.padding < 0 || 2 * pool.padding > pool.size ||
                 x.rank() != 4 || dy.rank() != 4 || dy.dim(0) != x.dim(0) || dy.dim(3) != x.dim(3) ||
                 dy.dim(1) != windows(x.dim(1)) || dy.dim(2) != windows(x.dim(2)),
             "StillhouseMaxPoolGrad: expected x [N, H, W, C], dy [N, H', W', C] of its windows, and at most half a window of "
             "padding."))
    return;
  const int64_t n = x.dim(0), h = x.dim(1), w = x.dim(2), c = x.dim(3), rows = dy.dim(1), columns = dy.dim(2);
  Tensor dx(context, 0, {n, h, w, c}, status);
  if (!status.ok()) return TF_OpKernelContext_Failure(context, status);
  Pool::instance().run(n, [&](int64_t image) {
    std::vector<float> best(c);
    std::vector<int32_t> where(c);
    pool_gradient(x.data() + image * h * w * c, dy.data() + image * rows * columns * c, dx.data() + image * h * w * c, h,
                  w, c, rows, columns, pool.size, pool.stride, pool.padding, best.data(), where.data());
  });
}

void delete_max_pool(void* kernel) { delete static_cast<MaxPool*>(kernel); }

const bool registered = [] {
  define("StillhouseGroupNorm", {"x: float", "gamma: float", "beta: float"}, {"y: float", "mean: float", "rstd: float"},
         {"groups: int", "epsilon: float", "activation: int"}, make_group_norm, reporting<run_group_norm>,
         delete_group_norm);
  define("StillhouseGroupNormGrad",
         {"dy: float", "x: float", "gamma: float", "beta: float", "mean: float", "rstd: float"},
         {"dx: float", "dgamma: float", "dbeta: float"}, {"groups: int", "epsilon: float", "activation: int"}, make_group_norm,
         reporting<run_group_norm_gradient>, delete_group_norm);
  define("StillhouseBatchNormRelu", {"x: float", "gamma: float", "beta: float", "residual: float"},
         {"y: float", "mean: float", "variance: float"}, {"epsilon: float", "pool: int"}, make_batch_norm,
         reporting<run_batch_norm>, delete_batch_norm);
  define("StillhouseBatchNormReluEvaluation",
         {"x: float", "gamma: float", "beta: float", "residual: float", "mean: float", "variance: float"}, {"y: float"},
         {"epsilon: float", "pool: int"}, make_batch_norm, reporting<run_batch_norm_evaluation>, delete_batch_norm);
  define("StillhouseBatchNormReluGrad",
         {"dy: float", "x: float", "gamma: float", "beta: float", "mean: float", "variance: float", "y: float"},
         {"dx: float", "dgamma: float", "dbeta: float", "dresidual: float"}, {"epsilon: float", "pool: int"},
         make_batch_norm, reporting<run_batch_norm_gradient>, delete_batch_norm);
  define("StillhouseMaxPoolGrad", {"dy: float", "x: float"}, {"dx: float"}, {"size: int", "stride: int", "padding: int"},
         make_max_pool, reporting<run_max_pool_gradient>, delete_max_pool);
  return true;
}();

}  // namespace
