// Products of matrices of sixteen-bit floats, summed in float32, in the tile registers (AMX) that some processors have.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "vectors.h"

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 11
#define HAS_TILES 1
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace {

// Sixteen-bit floats with float32's range: the upper half of one.
using bfloat16 = uint16_t;

// A tile holds 16 rows of 64 bytes: 16 × 16 sums, or 16 rows of 32 factors.
constexpr int64_t kRows = 16, kDepth = 32;
// Rows and columns of a product that are worked out together: two tiles of each.
constexpr int64_t kBlock = 2 * kRows;
constexpr float kLargest = 3.4028234e38f;

// The factors of a block's product: a [32, depth], b [depth, 32], where the depth is cut into pieces of the same length. Rows of a
// lie `a_row` numbers apart, its pieces where `a_pieces` says. b is pairs of rows, `b_row` pairs apart; its pieces follow one another.
struct Factors {
  const bfloat16* a;
  int64_t a_row;
  const int64_t* a_pieces;
  int64_t pieces;
  const uint32_t* b;
  int64_t b_row;
  int64_t depth;  // of a piece, a multiple of kDepth
};

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

#define TILED __attribute__((target("amx-tile,amx-bf16"), always_inline)) inline

// Tiles 0 to 3 are the sums, 4 and 5 rows of a, 6 and 7 columns of b. `wide`: both columns are needed.
template <bool wide>
__attribute__((target("amx-tile,amx-bf16"))) void multiply_tiles(const Factors& f, float* sums, int64_t sums_row, bool add) {
  const int64_t bytes = sums_row * sizeof(float), a_bytes = f.a_row * sizeof(bfloat16), b_bytes = f.b_row * sizeof(uint32_t);
  float* lower = sums + kRows * sums_row;
  asm volatile("" ::: "memory");
  if (add) {
    _tile_loadd(0, sums, bytes);
    _tile_loadd(2, lower, bytes);
    if constexpr (wide) {
      _tile_loadd(1, sums + kRows, bytes);
      _tile_loadd(3, lower + kRows, bytes);
    }
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  const uint32_t* b = f.b;
  for (int64_t piece = 0; piece < f.pieces; piece++) {
    const bfloat16* a = f.a + f.a_pieces[piece];
    for (int64_t k = 0; k < f.depth; k += kDepth, a += kDepth, b += kDepth / 2 * f.b_row) {
      _tile_loadd(4, a, a_bytes);
      _tile_loadd(6, b, b_bytes);
      if constexpr (wide) _tile_loadd(7, b + kRows, b_bytes);
      _tile_loadd(5, a + kRows * f.a_row, a_bytes);
      _tile_dpbf16ps(0, 4, 6);
      if constexpr (wide) _tile_dpbf16ps(1, 4, 7);
      _tile_dpbf16ps(2, 5, 6);
      if constexpr (wide) _tile_dpbf16ps(3, 5, 7);
    }
  }
  _tile_stored(0, sums, bytes);
  _tile_stored(2, lower, bytes);
  if constexpr (wide) {
    _tile_stored(1, sums + kRows, bytes);
    _tile_stored(3, lower + kRows, bytes);
  }
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

// The upper halves, rounded to the nearest even; NaN stays NaN.
WIDE inline __m512i rounded(__m512 x) {
  const __m512i bits = _mm512_castps_si512(x);
  const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  const __m512i nearest = _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff)));
  const __mmask16 is_nan = _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q);
  return _mm512_srli_epi32(_mm512_mask_or_epi32(nearest, is_nan, bits, _mm512_set1_epi32(0x400000)), 16);
}

// Returns whether all of the values are finite.
WIDE inline bool round_all(const float* x, int64_t count, bfloat16* to) {
  __mmask16 broken = 0;
  for (int64_t i = 0; i < count; i += kRows) {
    const int64_t left = count - i;
    const __mmask16 some = left >= kRows ? 0xffff : static_cast<__mmask16>((1u << left) - 1);
    const __m512 value = _mm512_maskz_loadu_ps(some, x + i);
    broken |= _mm512_cmp_ps_mask(_mm512_abs_ps(value), _mm512_set1_ps(kLargest), _CMP_NLE_UQ);
    _mm512_mask_cvtepi32_storeu_epi16(to + i, some, rounded(value));
  }
  return broken == 0;
}

// Pairs of two rows, value by value, as tiles want b: the upper row's in the low half. Without an odd row: pairs with zeros.
WIDE inline void pair_rows(const float* even, const float* odd, int64_t count, uint32_t* pairs) {
  for (int64_t i = 0; i < count; i += kRows) {
    const int64_t left = count - i;
    const __mmask16 some = left >= kRows ? 0xffff : static_cast<__mmask16>((1u << left) - 1);
    const __m512 lower = odd ? _mm512_maskz_loadu_ps(some, odd + i) : _mm512_setzero_ps();
    const __m512i pair = _mm512_or_si512(rounded(_mm512_maskz_loadu_ps(some, even + i)), _mm512_slli_epi32(rounded(lower), 16));
    _mm512_mask_storeu_epi32(pairs + i, some, pair);
  }
}

#else

inline bool has_tiles() { return false; }
struct Tiles {
  Tiles() {}
};
// Never called: the operations aren't registered without tiles.
template <bool wide>
void multiply_tiles(const Factors&, float*, int64_t, bool) {}
inline void transpose_block(const uint32_t*, int64_t, uint32_t*, int64_t) {}
inline bool round_all(const float*, int64_t, bfloat16*) { return true; }
inline void pair_rows(const float*, const float*, int64_t, uint32_t*) {}

#endif

// sums [32, columns] (+)= a · b, of 1 to 32 columns; rows of the sums lie `sums_row` apart and have room for 16 or 32.
INLINED void multiply_block(const Factors& factors, int64_t columns, float* sums, int64_t sums_row, bool add) {
  if (columns > kRows) multiply_tiles<true>(factors, sums, sums_row, add);
  else multiply_tiles<false>(factors, sums, sums_row, add);
}

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
