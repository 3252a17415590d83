/* rng.h -- SplitMix64: repeatable random numbers from a seed. For generated data and RAND(), not
 * for secrets. SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_RNG_H
#define WEIR_RNG_H

#include <stdint.h>

typedef struct Rng {
    uint64_t state; /* the seed at first */
} Rng;

static inline uint64_t rng_next(Rng *rng) {
    uint64_t z = rng->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}
/* 0 .. bound - 1, evenly (the bias is below bound / 2^64); bound > 0 */
static inline uint64_t rng_below(Rng *rng, uint64_t bound) {
    return (uint64_t)((unsigned __int128)rng_next(rng) * bound >> 64);
}
/* low .. high, both included; low <= high */
static inline int64_t rng_between(Rng *rng, int64_t low, int64_t high) {
    uint64_t width = (uint64_t)high - (uint64_t)low;
    uint64_t pick = width == UINT64_MAX ? rng_next(rng) : rng_below(rng, width + 1);
    return (int64_t)((uint64_t)low + pick);
}
static inline double rng_f64(Rng *rng) { /* [0, 1) */
    return (double)(rng_next(rng) >> 11) * 0x1p-53;
}

#endif
