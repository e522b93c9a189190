// Convolutions, their gradients and dense layers on sixteen-bit floats, in tiles. Pixels aren't laid out per output: images are copied
// once, with zeros between their rows, so that what lies under one row of the kernel is a run of numbers, and runs of neighbours lie a
// fixed distance apart. The order of the sums depends neither on the number of threads nor on the other images.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "threads.h"
#include "tiles.h"

namespace {

// Room that is written before it is read: unlike a vector's it isn't filled with zeros first.
template <typename T>
std::unique_ptr<T[]> room(int64_t count) { return std::unique_ptr<T[]>(new T[count]); }

// A buffer that its thread uses again.
template <typename T>
class Reused {
 public:
  T* of(int64_t count) {
    if (count > size_) {
      values_ = room<T>(count);
      size_ = count;
    }
    return values_.get();
  }

 private:
  std::unique_ptr<T[]> values_;
  int64_t size_ = 0;
};

INLINED int64_t floor_of(int64_t a, int64_t b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }
INLINED int64_t positive(int64_t a) { return std::max<int64_t>(0, a); }

// Images [images, height, width, in] under a kernel [kernel_height, kernel_width, in, out] → [images, rows, columns, out].
struct Convolution {
  int64_t images, height, width, in, kernel_height, kernel_width, out, rows, columns;
  int64_t stride, top, left;  // pixels per step, and of padding

  // How far the kernel reaches beyond the rows and columns that its steps begin in, in steps.
  int64_t above() const { return positive(-floor_of(-top, stride)); }
  int64_t below() const { return positive(floor_of(kernel_height - 1 - top, stride)); }
  int64_t before() const { return positive(-floor_of(-left, stride)); }
  int64_t after() const { return positive(floor_of(kernel_width - 1 - left, stride)); }
};

// Where the output's pixels go: every `step`-th pixel of an image of another size.
struct Placing {
  int64_t height, width, step = 1, row = 0, column = 0;
};

// Rows that lie an odd number of cache lines apart don't fall onto the same places of the cache.
INLINED int64_t numbers_apart(int64_t count) { return up_to(count, kDepth) | (up_to(count, kDepth) / kDepth % 2 ? 0 : kDepth); }
INLINED int64_t pairs_apart(int64_t columns) { return up_to(columns, kBlock) + kRows; }

// A kernel [pieces, depth, columns] as tiles want it: pairs of rows, zeros up to the next multiple of kDepth per piece.
struct Pairs {
  int64_t apart, depth;
  std::vector<uint32_t> values;

  Pairs(const float* rows, int64_t pieces, int64_t rows_each, int64_t columns)
      : apart(pairs_apart(columns)), depth(up_to(rows_each, kDepth)), values(pieces * depth / 2 * apart, 0) {
    for (int64_t piece = 0; piece < pieces; piece++) {
      for (int64_t r = 0; r < rows_each; r += 2) {
        const float* even = rows + (piece * rows_each + r) * columns;
        pair_rows(even, r + 1 < rows_each ? even + columns : nullptr, columns, values.data() + (piece * depth + r) / 2 * apart);
      }
    }
  }
};

// Neighbouring images, or neighbouring output rows of one image, that a task does.
struct Band {
  int64_t image, images, row, rows;
};

// Copies of a band's pixels with zeros between the rows. A position is an output pixel, those that lie between two rows of the
// output included; under each row of the kernel a position's run of numbers begins `stride · in` after its neighbour's.
class Runs {
 public:
  Runs(const Convolution& c) : c_(c) {
    const int64_t needed = std::max(c.width + positive(c.left), (c.columns - 1) * c.stride + c.kernel_width - c.left);
    columns_ = std::max(c.columns, (needed + c.stride - 1) / c.stride);
    pitch_ = columns_ * c.stride;
    // A run of one pixel can be filled up with zeros: it then begins on a cache line, and nothing follows it.
    pixel_ = c.kernel_height * c.kernel_width * c.stride == 1 ? numbers_apart(c.in) : c.in;
    run_ = c.kernel_width * c.in;
  }

  int64_t columns() const { return columns_; }
  // Numbers from a position's run to its neighbour's.
  int64_t step() const { return c_.stride * pixel_; }
  // Whether tiles read beyond a run, where zeros of the kernel meet other pixels.
  bool overlap() const { return pixel_ == c_.in && run_ % kDepth != 0; }
  // Rows from an image of the band to the next, in steps.
  int64_t rows_apart(const Band& band) const {
    const int64_t own = band.images > 1 ? (c_.height + c_.stride - 1) / c_.stride : 0;
    return std::max(own + c_.above(), band.rows + c_.below());
  }
  int64_t positions(const Band& band) const { return ((band.images - 1) * rows_apart(band) + band.rows) * columns_; }

  // Where the runs of each row of the kernel begin.
  std::vector<int64_t> starts(const Band& band) const {
    std::vector<int64_t> found;
    for (int64_t ky = 0; ky < c_.kernel_height; ky++) {
      const int64_t line = floor_of(ky - c_.top, c_.stride), rest = ky - c_.top - line * c_.stride;
      found.push_back(rest * size(band) + (positive(c_.left) + (c_.above() + line) * pitch_ - c_.left) * pixel_);
    }
    return found;
  }

  // Numbers of the copies. Rows whose index leaves the same rest on division by the stride lie together.
  int64_t total(const Band& band) const { return size(band) * c_.stride; }

  // Fills `to`. Returns whether all of it is finite.
  bool read(const float* x, const Band& band, bfloat16* to) const {
    const int64_t size = this->size(band), apart = rows_apart(band);
    bool finite = true;
    for (int64_t rest = 0; rest < c_.stride; rest++) {
      bfloat16* own = to + rest * size;
      int64_t at = positive(c_.left) * pixel_;
      std::fill_n(own, at, 0);
      for (int64_t g = 0; g < band.images; g++) {
        const int64_t last = g + 1 == band.images ? apart + c_.below() : apart - c_.above();
        for (int64_t line = -c_.above(); line < last; line++, at += pitch_ * pixel_) {
          const int64_t y = (band.row + line) * c_.stride + rest;
          int64_t used = 0;
          if (y >= 0 && y < c_.height) {
            finite &= read_line(x + ((band.image + g) * c_.height + y) * c_.width * c_.in, own + at);
            used = c_.width * pixel_;
          }
          std::fill_n(own + at + used, pitch_ * pixel_ - used, 0);
        }
      }
      std::fill_n(own + at, size - at, 0);
    }
    return finite;
  }

  // The runs of 32 positions after one another, each filled up with zeros: where what follows a run must not be touched.
  void pack(const bfloat16* from, const std::vector<int64_t>& starts, int64_t depth, bfloat16* to) const {
    const int64_t pieces = static_cast<int64_t>(starts.size());
    std::fill_n(to, kBlock * pieces * depth, 0);
    for (int64_t i = 0; i < kBlock; i++) {
      for (int64_t piece = 0; piece < pieces; piece++) {
        std::copy_n(from + starts[piece] + i * step(), run_, to + (i * pieces + piece) * depth);
      }
    }
  }

 private:
  int64_t size(const Band& band) const {
    const int64_t rows = c_.above() + band.images * rows_apart(band) + c_.below();
    return (std::abs(c_.left) + rows * pitch_ + kBlock * c_.stride) * pixel_ + run_ + 2 * kDepth;
  }

  bool read_line(const float* x, bfloat16* to) const {
    if (pixel_ == c_.in) return round_all(x, c_.width * c_.in, to);
    bool finite = true;
    for (int64_t column = 0; column < c_.width; column++) {
      finite &= round_all(x + column * c_.in, c_.in, to + column * pixel_);
      std::fill_n(to + column * pixel_ + c_.in, pixel_ - c_.in, 0);
    }
    return finite;
  }

  const Convolution& c_;
  int64_t columns_, pitch_, pixel_, run_;
};

// Numbers of a band's copies: about an eighth of a megabyte, so that they stay in the cache beside the kernel.
constexpr int64_t kBand = 1 << 16;

// Bands of the images. Which they are changes no number.
std::vector<Band> bands_of(const Convolution& c, const Runs& runs) {
  std::vector<Band> bands;
  const int64_t whole = runs.total({0, 1, 0, c.rows}), tasks = 2 * Pool::instance().threads();
  if (whole <= 2 * kBand && c.images >= tasks) {
    const int64_t most = std::clamp(kBand / std::max<int64_t>(1, runs.total({0, 2, 0, c.rows}) - whole), int64_t{1}, c.images / tasks);
    for (int64_t n = 0; n < c.images; n += most) bands.push_back({n, std::min(most, c.images - n), 0, c.rows});
    return bands;
  }
  const int64_t line = std::max<int64_t>(1, whole / std::max<int64_t>(1, c.rows));
  const int64_t spread = (c.rows * c.images + tasks - 1) / tasks;
  const int64_t least = (2 * kBlock + runs.columns() - 1) / runs.columns();
  const int64_t rows = std::clamp(std::min(kBand / line, spread), std::min(least, c.rows), c.rows);
  for (int64_t n = 0; n < c.images; n++) {
    for (int64_t row = 0; row < c.rows; row += rows) bands.push_back({n, 1, row, std::min(rows, c.rows - row)});
  }
  return bands;
}

// The sums of a block, [32, columns], + bias or nothing, to the pixels of its 32 positions; -1: to none.
FUSED void put_block(const float* sums, const int64_t* pixels, int64_t columns, const float* bias, float* y, int64_t y_row) {
  const int64_t whole = columns / kLanes * kLanes;
  for (int64_t j = 0; j < whole; j += kLanes) {
    const Lanes more = bias ? lanes_at(bias + j) : Lanes{};
    for (int64_t i = 0; i < kBlock; i++) {
      if (pixels[i] >= 0) put(y + pixels[i] * y_row + j, lanes_at(sums + i * kBlock + j) + more);
    }
  }
  for (int64_t i = 0; i < kBlock && whole < columns; i++) {
    if (pixels[i] < 0) continue;
    for (int64_t j = whole; j < columns; j++) y[pixels[i] * y_row + j] = sums[i * kBlock + j] + (bias ? bias[j] : 0.0f);
  }
}

// y = x under the kernel + bias or nothing.
void convolve(const Convolution& c, const float* x, const float* kernel, const float* bias, float* y, const Placing& placing) {
  const Pairs pairs(kernel, c.kernel_height, c.kernel_width * c.in, c.out);
  const Runs runs(c);
  const auto bands = bands_of(c, runs);
  Pool::instance().run(static_cast<int64_t>(bands.size()), [&](int64_t task) {
    const Tiles tiles;
    const Band& band = bands[task];
    const int64_t positions = runs.positions(band), apart = runs.rows_apart(band);
    thread_local Reused<bfloat16> copies, packed;
    thread_local Reused<int64_t> places;
    bfloat16* pixels = copies.of(runs.total(band));
    // NaN times the zeros of the kernel would be NaN.
    const bool packs = !runs.read(x, band, pixels) && runs.overlap();
    int64_t* places_of = places.of(up_to(positions, kBlock));
    int64_t at = 0;
    for (int64_t n = band.image; at < positions; n++) {
      for (int64_t row = 0; row < apart && at < positions; row++) {
        const int64_t line = (n * placing.height + placing.row + (band.row + row) * placing.step) * placing.width + placing.column;
        for (int64_t column = 0; column < runs.columns(); column++) {
          places_of[at++] = row < band.rows && column < c.columns ? line + column * placing.step : -1;
        }
      }
    }
    std::fill_n(places_of + positions, up_to(positions, kBlock) - positions, -1);
    const auto starts = runs.starts(band);
    std::vector<int64_t> packed_starts(starts.size());
    for (size_t i = 0; i < starts.size(); i++) packed_starts[i] = static_cast<int64_t>(i) * pairs.depth;
    const int64_t packed_row = c.kernel_height * pairs.depth;
    alignas(64) float sums[kBlock * kBlock];
    for (int64_t column = 0; column < c.out; column += kBlock) {
      const int64_t width = std::min(kBlock, c.out - column);
      for (int64_t p = 0; p < positions; p += kBlock) {
        Factors factors{pixels + p * runs.step(), runs.step(), starts.data(), c.kernel_height, pairs.values.data() + column, pairs.apart,
                        pairs.depth};
        if (packs) {
          bfloat16* own = packed.of(kBlock * packed_row);
          runs.pack(factors.a, starts, pairs.depth, own);
          factors.a = own;
          factors.a_row = packed_row;
          factors.a_pieces = packed_starts.data();
        }
        multiply_block(factors, width, sums, kBlock, false);
        put_block(sums, places_of + p, width, bias ? bias + column : nullptr, y + column, c.out);
      }
    }
  });
}

// dx [images, height, width, in] of dy [images, rows, columns, out]: a convolution of dy for each pixel of a step.
void input_gradient(const Convolution& c, const float* dy, const float* kernel, float* dx) {
  const int64_t s = c.stride;
  std::vector<float> turned;
  // Without taps for some pixels of a step these get nothing.
  if (s > c.kernel_height || s > c.kernel_width) std::fill_n(dx, c.images * c.height * c.width * c.in, 0.0f);
  for (int64_t ey = 0; ey < s; ey++) {
    for (int64_t ex = 0; ex < s; ex++) {
      // Pixel s · t + e gets dy[t + d − j] times the taps a + s · j.
      const int64_t ay = (ey + c.top) % s, ax = (ex + c.left) % s, down = (ey + c.top - ay) / s, across = (ex + c.left - ax) / s;
      const int64_t taps_down = floor_of(c.kernel_height - 1 - ay, s) + 1, taps_across = floor_of(c.kernel_width - 1 - ax, s) + 1;
      const int64_t rows = floor_of(c.height - 1 - ey, s) + 1, columns = floor_of(c.width - 1 - ex, s) + 1;
      if (rows < 1 || columns < 1 || taps_down < 1 || taps_across < 1) continue;
      const int64_t size = c.in * c.out;
      turned.resize(taps_down * taps_across * size);
      for (int64_t j = 0; j < taps_down; j++) {
        for (int64_t i = 0; i < taps_across; i++) {
          const int64_t tap = (ay + s * (taps_down - 1 - j)) * c.kernel_width + ax + s * (taps_across - 1 - i);
          transpose(reinterpret_cast<const uint32_t*>(kernel + tap * size), c.in, c.out, c.out,
                    reinterpret_cast<uint32_t*>(turned.data() + (j * taps_across + i) * size), c.in);
        }
      }
      const Convolution part{c.images, c.rows, c.columns, c.out, taps_down, taps_across, c.in, rows, columns, 1,
                             taps_down - 1 - down, taps_across - 1 - across};
      convolve(part, dy, turned.data(), nullptr, dx, {c.height, c.width, s, ey, ex});
    }
  }
}

VECTORISED void add_to(float* sums, const float* more, int64_t count) {
  for (int64_t i = 0; i < count; i++) sums[i] += more[i];
}

// Positions that a gradient's sums are loaded and stored for once, and of images that are laid out together.
constexpr int64_t kChunk = 1024;

// dkernel [kernel_height, kernel_width, in, out]: for each tap, the pixels under it, turned, times dy.
void kernel_gradient(const Convolution& c, const float* x, const float* dy, float* dkernel) {
  if (c.images == 0) return (void)std::fill_n(dkernel, c.kernel_height * c.kernel_width * c.in * c.out, 0.0f);
  // With few channels those under a whole row of the kernel count as the channels of one tap.
  const bool few = c.in < kRows;
  const int64_t channels = few ? c.in * c.kernel_width : c.in, taps_across = few ? 1 : c.kernel_width;
  const int64_t s = c.stride, before = few ? 0 : c.before(), after = few ? 0 : c.after();
  const int64_t columns = std::max(few ? c.columns : (c.width + s - 1) / s + before, c.columns + after);
  const int64_t apart = std::max((c.height + s - 1) / s + c.above(), c.rows + c.below()), each = apart * columns;
  const int64_t group = std::clamp(kChunk / each, int64_t{1}, c.images);
  const int64_t lead = up_to(c.above() * columns + before, 2), last = up_to(group * each, kDepth);
  const int64_t length = numbers_apart(lead + last + c.below() * columns + after + kRows);
  const int64_t in = up_to(channels, kBlock), out = up_to(c.out, kBlock), classes = s * (few ? 1 : s);
  const int64_t line = up_to(channels, kRows), pairs_row = pairs_apart(c.out);
  const int64_t total = c.kernel_height * taps_across * in * out;
  // Shares of the images with sums of their own: as many whatever the number of threads, so that rounding is the same.
  const int64_t groups = (c.images + group - 1) / group, shares = std::min<int64_t>(groups, total > (1 << 18) ? 2 : 4);
  const auto sums = room<float>(shares * total);
  const std::vector<float> nothing(std::max(line, c.out), 0.0f);
  Pool::instance().run(shares, [&](int64_t share) {
    const Tiles tiles;
    thread_local Reused<bfloat16> turned_room;
    thread_local Reused<uint32_t> pixels_room, pairs_room;
    thread_local Reused<float> lines_room;
    const int64_t class_size = in * length;
    bfloat16* turned = turned_room.of(classes * class_size);
    uint32_t* pixels = pixels_room.of(length / 2 * line);
    uint32_t* pairs = pairs_room.of(last / 2 * pairs_row);
    float* lines = few ? lines_room.of(length * line) : nullptr;
    std::fill_n(turned, classes * class_size, 0);
    std::fill_n(pixels, length / 2 * line, 0);
    std::fill_n(pairs, last / 2 * pairs_row, 0);
    std::vector<const float*> places(std::max(length, last));  // the values of each position
    float* own = sums.get() + share * total;
    for (int64_t number = share; number < groups; number += shares) {
      const int64_t first = number * group, count = std::min(group, c.images - first);
      for (int64_t which = 0; which < classes; which++) {
        const int64_t rest_y = few ? which : which / s, rest_x = few ? 0 : which % s;
        std::fill(places.begin(), places.end(), nothing.data());
        if (few) std::fill_n(lines, length * line, 0.0f);
        for (int64_t g = 0; g < count; g++) {
          for (int64_t r = 0; r * s + rest_y < c.height; r++) {
            const float* from = x + ((first + g) * c.height + r * s + rest_y) * c.width * c.in;
            int64_t position = lead + (g * apart + r) * columns;
            for (int64_t column = rest_x; !few && column < c.width; column += s) places[position++] = from + column * c.in;
            for (int64_t column = 0; few && column < c.columns; column++, position++) {
              const int64_t at = column * s - c.left, begin = positive(-at), end = std::min(c.kernel_width, c.width - at);
              float* to = lines + position * line;
              if (end > begin) std::copy_n(from + (at + begin) * c.in, (end - begin) * c.in, to + begin * c.in);
              places[position] = to;
            }
          }
        }
        for (int64_t position = 0; position < length; position += 2) {
          pair_rows(places[position], places[position + 1], channels, pixels + position / 2 * line);
        }
        // A pair is two positions of a channel: turned, the channels are rows of positions.
        transpose(pixels, length / 2, line, line, reinterpret_cast<uint32_t*>(turned + which * class_size), length / 2);
      }
      std::fill(places.begin(), places.end(), nothing.data());
      for (int64_t g = 0; g < count; g++) {
        for (int64_t r = 0; r < c.rows; r++) {
          const float* from = dy + ((first + g) * c.rows + r) * c.columns * c.out;
          for (int64_t column = 0; column < c.columns; column++) places[(g * apart + r) * columns + column] = from + column * c.out;
        }
      }
      const int64_t used = up_to(count * each, kDepth);
      for (int64_t k = 0; k < used; k += 2) pair_rows(places[k], places[k + 1], c.out, pairs + k / 2 * pairs_row);
      for (int64_t from = 0; from < used; from += kChunk) {
        const int64_t depth = std::min(kChunk, used - from);
        for (int64_t tap = 0; tap < c.kernel_height * taps_across; tap++) {
          const int64_t ky = tap / taps_across, kx = tap % taps_across;
          const int64_t down = floor_of(ky - c.top, s), across = few ? 0 : floor_of(kx - c.left, s);
          const int64_t which = few ? ky - c.top - down * s : (ky - c.top - down * s) * s + kx - c.left - across * s;
          const int64_t start = lead + from + down * columns + across;
          for (int64_t channel = 0; channel < in; channel += kBlock) {
            for (int64_t column = 0; column < out; column += kBlock) {
              const Factors factors{turned + which * class_size + channel * length, length, &start, 1,
                                    pairs + from / 2 * pairs_row + column, pairs_row, depth};
              multiply_block(factors, std::min(kBlock, c.out - column), own + (tap * in + channel) * out + column, out,
                                     number != share || from > 0);
            }
          }
        }
      }
    }
  });
  for (int64_t share = 1; share < shares; share++) add_to(sums.get(), sums.get() + share * total, total);
  for (int64_t tap = 0; tap < c.kernel_height * taps_across; tap++) {
    for (int64_t channel = 0; channel < channels; channel++) {
      std::copy_n(sums.get() + (tap * in + channel) * out, c.out, dkernel + (tap * channels + channel) * c.out);
    }
  }
}

}  // namespace
