/* json_base.c -- the scan for any processor (16-byte blocks on x86), and the choice between copies.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/json.h"

#undef JSON_AVX2
#define JSON_FN(name) json_##name##_base
#include "format/json_core.h"
#undef JSON_FN

const JsonOps json_ops_base = {json_lines_base, json_object_base, json_value_base, json_skip_base};

const JsonOps *json_ops(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi")) return &json_ops_avx2;
#endif
    return &json_ops_base;
}
