/* hash.c -- XXH3, inlined from the header-only library into this one file.
 * SPDX-License-Identifier: Apache-2.0
 */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/base.h"

uint64_t hash_bytes(const void *bytes, size_t len, uint64_t seed) {
    return XXH3_64bits_withSeed(bytes, len, seed);
}
