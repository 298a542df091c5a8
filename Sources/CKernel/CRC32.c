// CRC-32: eight bytes per step by tables, sixteen by carry-less multiplication where the processor has it.
#include "CKernel.h"

#include <stdint.h>
#include <string.h>

/// The polynomial with its bits in the order of transmission.
static const uint32_t polynomial = 0xedb88320;

/// `tables[k][b]`: what byte `b` comes to when `k` zero bytes follow it.
static uint32_t tables[8][256];

__attribute__((constructor)) static void make_tables(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t value = byte;
        for (int bit = 0; bit < 8; bit++) value = (value >> 1) ^ (value & 1 ? polynomial : 0);
        tables[0][byte] = value;
    }
    for (int zeros = 1; zeros < 8; zeros++) {
        for (int byte = 0; byte < 256; byte++) {
            uint32_t before = tables[zeros - 1][byte];
            tables[zeros][byte] = (before >> 8) ^ tables[0][before & 0xff];
        }
    }
}

/// Here and below the state is the complement of the checksum.
static uint32_t by_tables(uint32_t state, const unsigned char *bytes, size_t count) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    for (; count >= 8; bytes += 8, count -= 8) {
        uint32_t low, high;
        memcpy(&low, bytes, 4);
        memcpy(&high, bytes + 4, 4);
        low ^= state;
        state = tables[7][low & 0xff] ^ tables[6][low >> 8 & 0xff] ^ tables[5][low >> 16 & 0xff] ^ tables[4][low >> 24]
            ^ tables[3][high & 0xff] ^ tables[2][high >> 8 & 0xff] ^ tables[1][high >> 16 & 0xff] ^ tables[0][high >> 24];
    }
#endif
    for (; count > 0; bytes++, count--) state = (state >> 8) ^ tables[0][(state ^ *bytes) & 0xff];
    return state;
}

#if defined(__x86_64__)
#include <immintrin.h>

/// Below this the tables are as fast.
static const size_t least_for_folding = 64;

__attribute__((target("pclmul,sse2"))) static __m128i fold(__m128i value, __m128i factors, __m128i next) {
    __m128i low = _mm_clmulepi64_si128(value, factors, 0x00);
    __m128i high = _mm_clmulepi64_si128(value, factors, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

__attribute__((target("pclmul,sse2"))) static __m128i load(const unsigned char *bytes) {
    return _mm_loadu_si128((const __m128i *)bytes);
}

/// Folds whole blocks of sixteen bytes, at least four, into the last of them: what is left has the same remainder.
/// The factors are x^n modulo the polynomial, for the distance of four blocks and of one.
__attribute__((target("pclmul,sse2"))) static uint32_t by_folding(
    uint32_t state, const unsigned char *bytes, size_t count
) {
    const __m128i four = _mm_set_epi64x(0x1c6e41596, 0x154442bd4);
    const __m128i one = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0);
    __m128i a = _mm_xor_si128(load(bytes), _mm_cvtsi32_si128((int)state));
    __m128i b = load(bytes + 16), c = load(bytes + 32), d = load(bytes + 48);
    for (bytes += 64, count -= 64; count >= 64; bytes += 64, count -= 64) {
        a = fold(a, four, load(bytes));
        b = fold(b, four, load(bytes + 16));
        c = fold(c, four, load(bytes + 32));
        d = fold(d, four, load(bytes + 48));
    }
    a = fold(fold(fold(a, one, b), one, c), one, d);
    for (; count >= 16; bytes += 16, count -= 16) a = fold(a, one, load(bytes));
    unsigned char rest[16];
    _mm_storeu_si128((__m128i *)rest, a);
    return by_tables(by_tables(0, rest, 16), bytes, count);
}
#endif

unsigned ckernel_crc32(unsigned crc, const void *bytes, size_t count) {
#if defined(__x86_64__)
    if (count >= least_for_folding && __builtin_cpu_supports("pclmul")) return ~by_folding(~crc, bytes, count);
#endif
    return ~by_tables(~crc, bytes, count);
}
