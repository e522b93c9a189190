// Convolutions, their gradients and dense layers on sixteen-bit floats: the pixels under the kernel are laid out in rows a panel at
// a time, and panels are multiplied in tiles. Sums are float32, and their order doesn't depend on the number of threads.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "bfloat16.h"
#include "threads.h"
#include "tiles.h"

namespace {

// Room that is written before it is read: unlike a vector's it isn't filled with zeros first.
template <typename T>
std::unique_ptr<T[]> room(int64_t count) { return std::unique_ptr<T[]>(new T[count]); }

// Images [images, height, width, in] under a kernel [kernel_height, kernel_width, in, out] → [images, rows, columns, out].
struct Convolution {
  int64_t images, height, width, in, kernel_height, kernel_width, out, rows, columns;
  int64_t stride, top, left;  // pixels per step, and of padding
  int64_t spread = 1;         // the images' pixels lie this far apart, with zeros between: for the gradient of a step

  int64_t pixels() const { return images * rows * columns; }
  int64_t depth() const { return kernel_height * kernel_width * in; }
  bool dense() const { return kernel_height * kernel_width == 1 && stride == 1 && spread == 1 && top + left == 0; }

  // The convolution that takes the gradient of the output to that of the input, with the kernel turned round.
  Convolution transposed() const {
    return {images, rows, columns, out, kernel_height, kernel_width, in, height, width, 1,
            kernel_height - 1 - top, kernel_width - 1 - left, stride};
  }
};

// Rows that lie an odd number of cache lines apart don't fall onto the same places of the cache.
INLINED int64_t factors_apart(int64_t count) { return up_to(count, kDepth) | (up_to(count, kDepth) / kDepth % 2 ? 0 : kDepth); }
INLINED int64_t pairs_apart(int64_t columns) { return up_to(columns, kBlock) + kRows; }

// Pairs of rows of a matrix [count, columns], `apart` pairs apart, and rows of zeros up to the next multiple of kDepth.
void pair_all(const float* rows, int64_t count, int64_t columns, uint32_t* pairs, int64_t apart) {
  const std::vector<float> zeros(count % 2 ? columns : 0, 0.0f);
  int64_t p = 0;
  for (; p < count; p += 2) {
    const float* even = rows + p * columns;
    pair_floats(even, p + 1 < count ? even + columns : zeros.data(), columns, pairs + p / 2 * apart);
  }
  for (; p < up_to(count, kDepth); p += 2) std::fill_n(pairs + p / 2 * apart, columns, 0);
}

// Pairs of rows of a matrix [depth, columns].
std::vector<uint32_t> pairs_of(const float* matrix, int64_t depth, int64_t columns) {
  const int64_t apart = pairs_apart(columns);
  std::vector<uint32_t> pairs(up_to(depth, kDepth) / 2 * apart, 0);
  pair_all(matrix, depth, columns, pairs.data(), apart);
  return pairs;
}

// The same of the kernel [taps, in, out] turned round, [taps backwards, out, in]: what the input's gradient is multiplied by.
std::vector<uint32_t> turned_pairs(const Convolution& c, const float* kernel) {
  const int64_t taps = c.kernel_height * c.kernel_width, size = c.in * c.out, apart = pairs_apart(c.in);
  if (c.out % 2) {  // a pair would lie in two taps
    std::vector<float> turned(taps * size);
    for (int64_t tap = 0; tap < taps; tap++) {
      const float* from = kernel + tap * size;
      float* to = turned.data() + (taps - 1 - tap) * size;
      for (int64_t i = 0; i < c.in; i++) {
        for (int64_t o = 0; o < c.out; o++) to[o * c.in + i] = from[i * c.out + o];
      }
    }
    return pairs_of(turned.data(), taps * c.out, c.in);
  }
  std::vector<uint32_t> pairs(up_to(taps * c.out, kDepth) / 2 * apart, 0), rounded(size / 2);
  for (int64_t tap = 0; tap < taps; tap++) {
    round_all(kernel + tap * size, size, reinterpret_cast<bfloat16*>(rounded.data()));
    transpose(rounded.data(), c.in, c.out / 2, c.out / 2, pairs.data() + (taps - 1 - tap) * c.out / 2 * apart, apart);
  }
  return pairs;
}

// One line of the kernel over an image whose pixels lie apart.
void gather_spread(const Convolution& c, const bfloat16* image, int64_t line, int64_t x, bfloat16* to) {
  const bool outside = line < 0 || line % c.spread || line / c.spread >= c.height;
  for (int64_t kx = 0; kx < c.kernel_width; kx++, to += c.in) {
    const int64_t column = x + kx;
    if (outside || column < 0 || column % c.spread || column / c.spread >= c.width) std::fill_n(to, c.in, 0);
    else copy_run(image + (line / c.spread * c.width + column / c.spread) * c.in, c.in, to);
  }
}

// What lies under the kernel at output pixels first … first + count of all images, a row each; rows lie `apart` factors apart and
// are filled up with zeros. Images and panel have room for kDepth factors more.
void gather(const Convolution& c, const bfloat16* images, int64_t first, int64_t count, bfloat16* panel, int64_t apart) {
  const int64_t row_size = c.kernel_width * c.in, line_size = c.width * c.in;
  int64_t column = first % c.columns, row = first / c.columns % c.rows, n = first / c.columns / c.rows;
  for (int64_t i = 0; i < count; i++) {
    const bfloat16* image = images + n * c.height * line_size;
    const int64_t y = row * c.stride - c.top, x = column * c.stride - c.left;
    const int64_t begin = std::min(c.kernel_width, std::max<int64_t>(0, -x));
    const int64_t end = std::max(begin, std::min(c.kernel_width, c.width - x));
    bfloat16* to = panel + i * apart;
    for (int64_t ky = 0; ky < c.kernel_height; ky++, to += row_size) {
      const int64_t line = y + ky;
      if (c.spread > 1) {
        gather_spread(c, image, line, x, to);
      } else if (line < 0 || line >= c.height) {
        std::fill_n(to, row_size, 0);
      } else {
        std::fill_n(to, begin * c.in, 0);
        copy_run(image + line * line_size + (x + begin) * c.in, (end - begin) * c.in, to + begin * c.in);
        std::fill_n(to + end * c.in, (c.kernel_width - end) * c.in, 0);
      }
    }
    std::fill_n(to, apart - c.depth(), 0);
    if (++column == c.columns) {
      column = 0;
      if (++row == c.rows) row = 0, n++;
    }
  }
}

// Panels of a convolution's input.
class Panels {
 public:
  Panels(const Convolution& c, const float* x) : c_(c), x_(x), apart_(factors_apart(c.depth())) {
    if (c.dense()) return;  // its rows are the pixels themselves, and are rounded where they are needed
    const int64_t size = c.height * c.width * c.in;
    images_ = room<bfloat16>(c.images * size + kDepth);
    Pool::instance().run(c.images, [&](int64_t n) { round_all(x + n * size, size, images_.get() + n * size); });
  }

  int64_t apart() const { return apart_; }
  // Pixels of a panel: about a quarter of a megabyte, so that it stays in the cache beside the kernel.
  int64_t pixels() const { return std::clamp(up_to((1 << 17) / apart_, kBlock), 2 * kBlock, int64_t{512}); }

  void read(int64_t first, int64_t count, bfloat16* panel) const {
    if (!c_.dense()) return gather(c_, images_.get(), first, count, panel, apart_);
    for (int64_t i = 0; i < count; i++) {
      round_all(x_ + (first + i) * c_.in, c_.in, panel + i * apart_);
      std::fill_n(panel + i * apart_ + c_.in, apart_ - c_.in, 0);
    }
  }

 private:
  const Convolution& c_;
  const float* x_;
  const int64_t apart_;
  std::unique_ptr<bfloat16[]> images_;
};

// The sums of a block, [rows, columns] of [kBlock, kBlock], + bias or nothing.
VECTORISED void put_block(const float* sums, int64_t rows, int64_t columns, const float* bias, float* y, int64_t y_row) {
  for (int64_t i = 0; i < rows; i++) {
    const float* from = sums + i * kBlock;
    float* to = y + i * y_row;
    if (bias) {
      for (int64_t j = 0; j < columns; j++) to[j] = from[j] + bias[j];
    } else {
      for (int64_t j = 0; j < columns; j++) to[j] = from[j];
    }
  }
}

VECTORISED void add_to(float* sums, const float* more, int64_t count) {
  for (int64_t i = 0; i < count; i++) sums[i] += more[i];
}

// y = x under the kernel, whose pairs are given, + bias or nothing.
void convolve(const Convolution& c, const float* x, const std::vector<uint32_t>& kernel, const float* bias, float* y) {
  const Panels panels(c, x);
  const int64_t apart = panels.apart(), each = panels.pixels(), depth = up_to(c.depth(), kDepth);
  const int64_t pairs = pairs_apart(c.out);
  Pool::instance().run((c.pixels() + each - 1) / each, [&](int64_t task) {
    const Tiles tiles;
    const int64_t first = task * each, count = std::min(each, c.pixels() - first);
    thread_local std::vector<bfloat16> panel;
    panel.resize(std::max<int64_t>(panel.size(), each * apart + kDepth));
    panels.read(first, count, panel.data());
    alignas(64) float sums[kBlock * kBlock];
    for (int64_t column = 0; column < c.out; column += kBlock) {
      const int64_t width = std::min(kBlock, c.out - column);
      for (int64_t row = 0; row < count; row += kBlock) {
        multiply_block(panel.data() + row * apart, apart, kernel.data() + column, pairs, depth, sums, kBlock, false);
        put_block(sums, std::min(kBlock, count - row), width, bias ? bias + column : nullptr,
                  y + (first + row) * c.out + column, c.out);
      }
    }
  });
}

// dx [images, height, width, in]
void input_gradient(const Convolution& c, const float* dy, const float* kernel, float* dx) {
  convolve(c.transposed(), dy, turned_pairs(c, kernel), nullptr, dx);
}

// dkernel [depth, out]: worked out as [out, depth], pixels being the inner axis of the product.
void kernel_gradient(const Convolution& c, const float* x, const float* dy, float* dkernel) {
  const Panels panels(c, x);
  const int64_t depth = c.depth(), apart = panels.apart(), pairs = pairs_apart(depth);
  const int64_t width = up_to(depth, kBlock), height = up_to(c.out, kBlock);
  const int64_t each = 256, blocks = (c.pixels() + each - 1) / each, turned_row = each / 2 + kRows;
  // Shares of the pixels with sums of their own: as many whatever the number of threads, so that rounding is the same.
  const int64_t shares = std::min<int64_t>(blocks, 4);
  const auto sums = room<float>(shares * height * width);
  Pool::instance().run(shares, [&](int64_t share) {
    const Tiles tiles;
    const auto panel = room<bfloat16>(each * apart + kDepth);
    const auto outputs = room<uint32_t>(each / 2 * c.out);
    std::vector<uint32_t> paired(each / 2 * pairs, 0), turned(height * turned_row, 0);
    float* own = sums.get() + share * height * width;
    for (int64_t block = share; block < blocks; block += shares) {
      const int64_t first = block * each, count = std::min(each, c.pixels() - first), padded = up_to(count, kDepth);
      if (c.dense()) {
        pair_all(x + first * depth, count, depth, paired.data(), pairs);
      } else {
        panels.read(first, count, panel.get());
        std::fill_n(panel.get() + count * apart, (padded - count) * apart, 0);
        for (int64_t p = 0; p < padded; p += 2) {
          const bfloat16* even = panel.get() + p * apart;
          pair_rows(even, even + apart, depth, paired.data() + p / 2 * pairs);
        }
      }
      pair_all(dy + first * c.out, count, c.out, outputs.get(), c.out);
      transpose(outputs.get(), padded / 2, c.out, c.out, turned.data(), turned_row);
      const auto* factors = reinterpret_cast<const bfloat16*>(turned.data());
      for (int64_t row = 0; row < height; row += kBlock) {
        for (int64_t column = 0; column < width; column += kBlock) {
          multiply_block(factors + row * turned_row * 2, turned_row * 2, paired.data() + column, pairs, padded,
                         own + row * width + column, width, block != share);
        }
      }
    }
  });
  for (int64_t share = 1; share < shares; share++) add_to(sums.get(), sums.get() + share * height * width, height * width);
  transpose(reinterpret_cast<const uint32_t*>(sums.get()), c.out, depth, width, reinterpret_cast<uint32_t*>(dkernel),
            c.out);
}

}  // namespace
