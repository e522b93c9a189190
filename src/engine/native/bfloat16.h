// Sixteen-bit floats with float32's range: the upper half of one, rounded to the nearest even.
#pragma once

#include <cstdint>
#include <cstring>

#include "vectors.h"

namespace {

using bfloat16 = uint16_t;

INLINED uint32_t bits_of(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}

// NaN stays NaN: rounding up could carry its mantissa into the sign.
INLINED uint32_t rounded_bits(float x) {
  const uint32_t bits = bits_of(x), nearest = bits + 0x7fffu + ((bits >> 16) & 1u);
  return (bits & 0x7fffffffu) > 0x7f800000u ? bits | 0x400000u : nearest;
}
INLINED bfloat16 to_bfloat16(float x) { return static_cast<bfloat16>(rounded_bits(x) >> 16); }

VECTORISED void round_all(const float* x, int64_t count, bfloat16* y) {
  for (int64_t i = 0; i < count; i++) y[i] = to_bfloat16(x[i]);
}

// Pairs of rows, value by value, as tiles want them: the upper row's in the low half.
VECTORISED void pair_floats(const float* even, const float* odd, int64_t count, uint32_t* pairs) {
  for (int64_t i = 0; i < count; i++) pairs[i] = rounded_bits(even[i]) >> 16 | (rounded_bits(odd[i]) & 0xffff0000u);
}
VECTORISED void pair_rows(const bfloat16* even, const bfloat16* odd, int64_t count, uint32_t* pairs) {
  for (int64_t i = 0; i < count; i++) pairs[i] = even[i] | static_cast<uint32_t>(odd[i]) << 16;
}

}  // namespace
