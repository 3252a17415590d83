/* num.c -- integers as text.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/base.h"

static const char num_pairs[] =
    "00010203040506070809101112131415161718192021222324252627282930313233"
    "34353637383940414243444546474849505152535455565758596061626364656667"
    "6869707172737475767778798081828384858687888990919293949596979899";

NumResult num_parse_i64(Span text, int64_t *out) {
    const char *p = text.ptr;
    const char *end = p + text.len;
    bool is_negative = false;
    if (p < end && (*p == '-' || *p == '+')) is_negative = *p++ == '-';
    if (p == end) return NUM_BAD;
    /* Up to 18 digits cannot overflow, so the common loop has no check. */
    const char *safe = end - p > 18 ? p + 18 : end;
    uint64_t value = 0;
    for (; p < safe; p++) {
        unsigned digit = (unsigned)(unsigned char)*p - '0';
        if (digit > 9) return NUM_BAD;
        value = value * 10 + digit;
    }
    bool is_over = false;
    for (; p < end; p++) {
        unsigned digit = (unsigned)(unsigned char)*p - '0';
        if (digit > 9) return NUM_BAD;
        is_over |= __builtin_mul_overflow(value, 10u, &value);
        is_over |= __builtin_add_overflow(value, digit, &value);
    }
    uint64_t limit = (uint64_t)INT64_MAX + is_negative;
    if (is_over || value > limit) return NUM_RANGE;
    *out = is_negative ? (int64_t)(0 - value) : (int64_t)value;
    return NUM_OK;
}

size_t num_print_u64(char *to, uint64_t value) {
    char digits[NUM_I64_MAX_LEN];
    char *at = digits + sizeof digits;
    while (value >= 100) {
        at -= 2;
        memcpy(at, num_pairs + value % 100 * 2, 2);
        value /= 100;
    }
    if (value >= 10) {
        at -= 2;
        memcpy(at, num_pairs + value * 2, 2);
    } else {
        *--at = (char)('0' + value);
    }
    size_t len = (size_t)(digits + sizeof digits - at);
    memcpy(to, at, len);
    return len;
}

size_t num_print_i64(char *to, int64_t value) {
    if (value >= 0) return num_print_u64(to, (uint64_t)value);
    *to = '-';
    return 1 + num_print_u64(to + 1, 0 - (uint64_t)value);
}
