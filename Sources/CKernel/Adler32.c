// Adler-32: two sums over all bytes, thirty-two bytes per step where the processor adds and multiplies bytes in
// parallel.
#include "CKernel.h"

#include <stdint.h>

/// The largest prime below 2^16.
static const uint32_t modulus = 65521;

/// Most bytes between two reductions: neither sum leaves 32 bits.
static const size_t most_unreduced = 5552;

static uint32_t by_bytes(uint32_t low, uint32_t high, const unsigned char *bytes, size_t count) {
    while (count > 0) {
        size_t part = count < most_unreduced ? count : most_unreduced;
        count -= part;
        for (; part > 0; part--) {
            low += *bytes++;
            high += low;
        }
        low %= modulus;
        high %= modulus;
    }
    return high << 16 | low;
}

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("ssse3"))) static uint32_t sum_of_lanes(__m128i lanes) {
    lanes = _mm_add_epi32(lanes, _mm_shuffle_epi32(lanes, 0x4e));
    lanes = _mm_add_epi32(lanes, _mm_shuffle_epi32(lanes, 0xb1));
    return (uint32_t)_mm_cvtsi128_si32(lanes);
}

/// Whole blocks of thirty-two bytes first. Within a block a byte counts in the high sum as often as bytes follow it,
/// itself included; the low sum before a block counts thirty-two times.
__attribute__((target("ssse3"))) static uint32_t by_blocks(
    uint32_t low, uint32_t high, const unsigned char *bytes, size_t count
) {
    const __m128i front = _mm_setr_epi8(32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17);
    const __m128i back = _mm_setr_epi8(16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1);
    const __m128i zero = _mm_setzero_si128(), ones = _mm_set1_epi16(1);
    while (count >= 32) {
        size_t part = (count < most_unreduced ? count : most_unreduced) / 32;
        count -= part * 32;
        high += low * (uint32_t)part * 32;
        __m128i before = zero, sum = zero, weighted = zero;
        for (; part > 0; part--, bytes += 32) {
            __m128i a = _mm_loadu_si128((const __m128i *)bytes);
            __m128i b = _mm_loadu_si128((const __m128i *)(bytes + 16));
            before = _mm_add_epi32(before, sum);
            sum = _mm_add_epi32(sum, _mm_add_epi32(_mm_sad_epu8(a, zero), _mm_sad_epu8(b, zero)));
            weighted = _mm_add_epi32(weighted, _mm_madd_epi16(_mm_maddubs_epi16(a, front), ones));
            weighted = _mm_add_epi32(weighted, _mm_madd_epi16(_mm_maddubs_epi16(b, back), ones));
        }
        weighted = _mm_add_epi32(weighted, _mm_slli_epi32(before, 5));
        low = (low + sum_of_lanes(sum)) % modulus;
        high = (high + sum_of_lanes(weighted)) % modulus;
    }
    return by_bytes(low, high, bytes, count);
}
#endif

unsigned ckernel_adler32(unsigned adler, const void *bytes, size_t count) {
    uint32_t low = adler & 0xffff, high = adler >> 16;
#if defined(__x86_64__)
    if (count >= 32 && __builtin_cpu_supports("ssse3")) return by_blocks(low, high, bytes, count);
#endif
    return by_bytes(low, high, bytes, count);
}
