// Products of matrices of sixteen-bit floats, summed in float32, in the tile registers (AMX) that some processors have.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "bfloat16.h"

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 11
#define HAS_TILES 1
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace {

// A tile holds 16 rows of 64 bytes: 16 × 16 sums, or 16 rows of 32 factors.
constexpr int64_t kRows = 16, kDepth = 32, kTileBytes = 1024;
// Rows and columns of a product that are worked out together: two tiles of each.
constexpr int64_t kBlock = 2 * kRows;

INLINED int64_t up_to(int64_t count, int64_t multiple) { return (count + multiple - 1) / multiple * multiple; }

#ifdef HAS_TILES

// Whether the processor has tiles of sixteen-bit floats, and Linux lets this process use them. Asked once.
inline bool has_tiles() {
  static const bool answer = [] {
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
    const bool amx_bf16 = d >> 22 & 1, amx_tile = d >> 24 & 1;
    constexpr long kRequestPermission = 0x1023, kTileData = 18;
    return amx_bf16 && amx_tile && syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
  }();
  return answer;
}

struct alignas(64) TileShapes {
  uint8_t palette = 1, start = 0, reserved[14] = {};
  uint16_t bytes[16] = {};
  uint8_t rows[16] = {};
};

// All tiles of full size while it lives, in this thread.
class Tiles {
 public:
  __attribute__((target("amx-tile"))) Tiles() {
    TileShapes shapes;
    std::fill_n(shapes.bytes, 8, 64);
    std::fill_n(shapes.rows, 8, 16);
    asm volatile("" ::: "memory");  // the compiler doesn't know that these instructions read memory
    _tile_loadconfig(&shapes);
  }
  __attribute__((target("amx-tile"))) ~Tiles() { _tile_release(); }
  Tiles(const Tiles&) = delete;
  Tiles& operator=(const Tiles&) = delete;
};

// sums [32, 32] (+)= a [32, depth] · b [depth, 32]. Rows of a lie `a_row` factors apart, those of the sums `sums_row` floats; b is
// pairs of rows [depth / 2, 32], `b_row` pairs apart. The depth is a multiple of kDepth.
__attribute__((target("amx-tile,amx-bf16"))) inline void multiply_block(const bfloat16* a, int64_t a_row,
                                                                        const uint32_t* b, int64_t b_row, int64_t depth,
                                                                        float* sums, int64_t sums_row, bool add) {
  const int64_t a_bytes = a_row * sizeof(bfloat16), b_bytes = b_row * sizeof(uint32_t), bytes = sums_row * sizeof(float);
  const bfloat16* below = a + kRows * a_row;
  float* lower = sums + kRows * sums_row;
  asm volatile("" ::: "memory");
  if (add) {
    _tile_loadd(0, sums, bytes);
    _tile_loadd(1, sums + kRows, bytes);
    _tile_loadd(2, lower, bytes);
    _tile_loadd(3, lower + kRows, bytes);
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  for (int64_t k = 0; k < depth; k += kDepth) {
    const uint32_t* pairs = b + k / 2 * b_row;
    _tile_loadd(4, a + k, a_bytes);
    _tile_loadd(6, pairs, b_bytes);
    _tile_loadd(7, pairs + kRows, b_bytes);
    _tile_loadd(5, below + k, a_bytes);
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_stored(0, sums, bytes);
  _tile_stored(1, sums + kRows, bytes);
  _tile_stored(2, lower, bytes);
  _tile_stored(3, lower + kRows, bytes);
}

#define WIDE __attribute__((target("avx512f,avx512bw")))

// 16 × 16 values, rows `from_row` apart → transposed, rows `to_row` apart.
WIDE inline void transpose_block(const uint32_t* from, int64_t from_row, uint32_t* to, int64_t to_row) {
  __m512i a[16], b[16];
  for (int i = 0; i < 16; i++) a[i] = _mm512_loadu_si512(from + i * from_row);
  for (int i = 0; i < 16; i += 2) {
    b[i] = _mm512_unpacklo_epi32(a[i], a[i + 1]);
    b[i + 1] = _mm512_unpackhi_epi32(a[i], a[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    a[i] = _mm512_unpacklo_epi64(b[i], b[i + 2]);
    a[i + 1] = _mm512_unpackhi_epi64(b[i], b[i + 2]);
    a[i + 2] = _mm512_unpacklo_epi64(b[i + 1], b[i + 3]);
    a[i + 3] = _mm512_unpackhi_epi64(b[i + 1], b[i + 3]);
  }
  for (int i = 0; i < 4; i++) {
    b[i] = _mm512_shuffle_i32x4(a[i], a[i + 4], 0x88);
    b[i + 4] = _mm512_shuffle_i32x4(a[i], a[i + 4], 0xdd);
    b[i + 8] = _mm512_shuffle_i32x4(a[i + 8], a[i + 12], 0x88);
    b[i + 12] = _mm512_shuffle_i32x4(a[i + 8], a[i + 12], 0xdd);
  }
  for (int i = 0; i < 8; i++) {
    _mm512_storeu_si512(to + i * to_row, _mm512_shuffle_i32x4(b[i], b[i + 8], 0x88));
    _mm512_storeu_si512(to + (i + 8) * to_row, _mm512_shuffle_i32x4(b[i], b[i + 8], 0xdd));
  }
}

// Copies `count` factors, and up to 31 more of what follows: both ends have room for them.
WIDE inline void copy_run(const bfloat16* from, int64_t count, bfloat16* to) {
  for (int64_t i = 0; i < count; i += kDepth) _mm512_storeu_si512(to + i, _mm512_loadu_si512(from + i));
}

#else

inline void transpose_block(const uint32_t* from, int64_t from_row, uint32_t* to, int64_t to_row) {
  for (int64_t i = 0; i < kRows; i++) {
    for (int64_t j = 0; j < kRows; j++) to[j * to_row + i] = from[i * from_row + j];
  }
}
inline void copy_run(const bfloat16* from, int64_t count, bfloat16* to) { std::copy_n(from, count, to); }
inline bool has_tiles() { return false; }
struct Tiles {
  Tiles() {}
};
// Never called: the operations aren't registered without tiles.
inline void multiply_block(const bfloat16*, int64_t, const uint32_t*, int64_t, int64_t, float*, int64_t, bool) {}

#endif

// Values of 32 bits, [rows, columns] → [columns, rows].
inline void transpose(const uint32_t* from, int64_t rows, int64_t columns, int64_t from_row, uint32_t* to, int64_t to_row) {
  for (int64_t r = 0; r < rows; r += kRows) {
    for (int64_t c = 0; c < columns; c += kRows) {
      const uint32_t* block = from + r * from_row + c;
      uint32_t* turned = to + c * to_row + r;
      if (r + kRows <= rows && c + kRows <= columns) {
        transpose_block(block, from_row, turned, to_row);
        continue;
      }
      for (int64_t i = 0; i < std::min(kRows, rows - r); i++) {
        for (int64_t j = 0; j < std::min(kRows, columns - c); j++) turned[j * to_row + i] = block[i * from_row + j];
      }
    }
  }
}

}  // namespace
