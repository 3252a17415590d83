/* hash.h -- 64-bit hashes of keys. xxHash (XXH3) for bytes, a multiply-fold for one word.
 * The seed is the process's own for in-memory tables; anything written to disk or that places a row
 * passes 0.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_HASH_H
#define WEIR_HASH_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t hash_u64(uint64_t x, uint64_t seed) {
    __uint128_t m = (__uint128_t)(x ^ seed ^ 0x9e3779b97f4a7c15u) * 0xd6e8feb86659fd93u;
    uint64_t h = (uint64_t)m ^ (uint64_t)(m >> 64);
    return h ^ (h >> 29);
}
uint64_t hash_bytes(const void *bytes, size_t len, uint64_t seed);

#endif
