// Arithmetic that vectorises.
#pragma once

#include <cstdint>
#include <cstring>

// The widest vectors that the processor has, chosen when the library is loaded. Products and sums are rounded one by one: a loop
// does its first values singly until the rest is aligned, and fused rounding would tell the two apart by where a buffer lies.
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define VECTORISED __attribute__((target_clones("avx512f", "arch=haswell", "default"), optimize("O3", "fp-contract=off")))
// For loops that are written in vectors: none of their values is ever rounded singly.
#define FUSED __attribute__((target_clones("avx512f", "arch=haswell", "default"), optimize("O3", "fp-contract=fast")))
#else
#define VECTORISED
#define FUSED
#endif
#define INLINED inline __attribute__((always_inline))

namespace {

// Sixteen floats; processors with narrower registers take them in parts. Loaded and stored wherever they lie.
typedef float Lanes __attribute__((vector_size(64)));
typedef float LanesAnywhere __attribute__((vector_size(64), aligned(4), may_alias));
typedef int32_t LaneBits __attribute__((vector_size(64)));
constexpr int64_t kLanes = 16;

INLINED int64_t up_to(int64_t count, int64_t multiple) { return (count + multiple - 1) / multiple * multiple; }

INLINED Lanes lanes_at(const float* x) { return *reinterpret_cast<const LanesAnywhere*>(x); }
INLINED void put(float* x, const Lanes& value) { *reinterpret_cast<LanesAnywhere*>(x) = value; }
INLINED float sum_of(const Lanes& lanes) {
  float sum = 0;
  for (int64_t i = 0; i < kLanes; i++) sum += lanes[i];
  return sum;
}

// e^x to 2 units in the last place: 2^n times a polynomial on ±ln2/2 (Cephes), without branches so that it vectorises.
INLINED float exponential(float x) {
  x = x < -87.0f ? -87.0f : x > 88.0f ? 88.0f : x;
  const float shifted = x * 1.44269504f + 12582912.0f;  // rounds to the nearest integer in the low bits
  const float n = shifted - 12582912.0f;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  int32_t bits;
  std::memcpy(&bits, &shifted, sizeof bits);
  bits = (bits + 127) << 23;  // the integer, moved into the exponent
  float scale;
  std::memcpy(&scale, &bits, sizeof scale);
  return p * scale;
}
INLINED float sigmoid(float x) { return 1.0f / (1.0f + exponential(-x)); }

}  // namespace
