/* json_avx2.c -- the scan with 32-byte blocks, for processors that have AVX2 (asked at run time).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/json.h"

#if defined(__x86_64__)
#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,bmi"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,bmi")
#endif

#define JSON_AVX2 1
#define JSON_FN(name) json_##name##_avx2
#include "format/json_core.h"
#undef JSON_FN
#undef JSON_AVX2

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

const JsonOps json_ops_avx2 = {json_lines_avx2, json_object_avx2, json_value_avx2, json_skip_avx2};
#else
const JsonOps json_ops_avx2 = {0};
#endif
