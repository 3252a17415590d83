/* json_fast.h -- the straight paths of numbers and times: they take the common form of a value in a
 * few instructions, or return NULL and leave the rest to json_slow.c.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_JSON_FAST_H
#define WEIR_JSON_FAST_H

#include "format/json.h"

#define JSON_LIKELY(x) __builtin_expect(!!(x), 1)
#define JSON_UNLIKELY(x) __builtin_expect(!!(x), 0)

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define JSON_HAS_SWAR 1
#else
#define JSON_HAS_SWAR 0
#endif

static inline bool json_is_digit(char c) {
    return (unsigned char)(c - '0') <= 9;
}

/* Eight bytes 0..9 (the first in the lowest byte) as a number. */
static inline uint64_t json_swar_digits(uint64_t x) {
    x = (x * 10 + (x >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
    x = (x * 100 + (x >> 16)) & UINT64_C(0x0000ffff0000ffff);
    return (x * 10000 + (x >> 32)) & UINT64_C(0xffffffff);
}

/* The rest of an integer of more than eight digits; *value holds the first eight. */
static inline const char *json_int_tail(const char *p, uint64_t *value) {
    uint64_t sum = *value;
    for (int i = 0; i < 10 && json_is_digit(*p); i++, p++) sum = sum * 10 + (uint64_t)(*p - '0');
    *value = sum;
    return json_is_digit(*p) ? NULL : p; /* 19 digits and more: the slow path knows the limits */
}

/* An integer of at most 18 digits that is not part of a fraction. */
static inline const char *json_int(const char *p, int64_t *out) {
    bool is_negative = *p == '-';
    uint64_t x, digits, stop;
    if (!JSON_HAS_SWAR) return NULL;
    p += is_negative;
    memcpy(&x, p, 8);
    x ^= UINT64_C(0x3030303030303030);
    stop = ((x + UINT64_C(0x7676767676767676)) | x) & UINT64_C(0x8080808080808080);
    if (JSON_LIKELY(stop)) {
        unsigned n = (unsigned)__builtin_ctzll(stop) >> 3;
        if (JSON_UNLIKELY(n == 0)) return NULL;
        if (JSON_UNLIKELY((x & 0xff) == 0 && n > 1)) return NULL; /* a leading zero */
        digits = json_swar_digits(x << (64 - 8 * n));
        p += n;
    } else {
        if ((x & 0xff) == 0) return NULL;
        digits = json_swar_digits(x);
        p = json_int_tail(p + 8, &digits);
        if (JSON_UNLIKELY(!p)) return NULL;
    }
    if (JSON_UNLIKELY(*p == '.' || (*p | 0x20) == 'e')) return NULL;
    *out = is_negative ? -(int64_t)digits : (int64_t)digits;
    return p;
}

/* Passes a number of strict grammar; NULL when it is none. */
static inline const char *json_number_end(const char *p) {
    p += *p == '-';
    if (*p == '0') {
        p++;
    } else {
        if (!json_is_digit(*p)) return NULL;
        do p++;
        while (json_is_digit(*p));
    }
    if (*p == '.') {
        if (!json_is_digit(*++p)) return NULL;
        do p++;
        while (json_is_digit(*p));
    }
    if ((*p | 0x20) == 'e') {
        p++;
        p += *p == '+' || *p == '-';
        if (!json_is_digit(*p)) return NULL;
        do p++;
        while (json_is_digit(*p));
    }
    return p;
}

/* A number of at most 19 significant digits. */
static inline const char *json_double(const char *p, double *out) {
    bool is_negative = *p == '-';
    const char *start = p + is_negative, *point = NULL;
    uint64_t digits = 0;
    int exp10 = 0, n = 0;
    p = start;
    for (; json_is_digit(*p); p++, n++) digits = digits * 10 + (uint64_t)(*p - '0');
    if (n == 0 || (*start == '0' && n > 1)) return NULL;
    if (*p == '.') {
        point = ++p;
        for (; json_is_digit(*p); p++, n++) digits = digits * 10 + (uint64_t)(*p - '0');
        if (p == point) return NULL;
        exp10 = -(int)(p - point);
    }
    if (JSON_UNLIKELY(n > 19 || (*p | 0x20) == 'e')) return NULL;
    if (JSON_UNLIKELY(!num_f64_from_digits(digits, exp10, out))) return NULL;
    if (is_negative) *out = -*out;
    return p;
}

/* ---- times ---- */

/* Ten bytes yyyy-MM-dd; keeps the result, for dates come in runs. */
static inline bool json_date_read(JsonScan *s, const char *p) {
    Civil c = {0};
    if (p[4] != '-' || p[7] != '-' || !num_digits_fixed(p, 4, &c.year) ||
        !num_digits_fixed(p + 5, 2, &c.month) || !num_digits_fixed(p + 8, 2, &c.day) ||
        !civil_is_valid(&c)) {
        return false;
    }
    memcpy(&s->date_head, p, 8);
    memcpy(&s->date_tail, p + 8, 2);
    s->date_us = civil_days(c.year, c.month, c.day) * US_PER_DAY;
    return true;
}

/* Eight bytes HH:mm:ss as microseconds; -1 when they are none. */
static inline int64_t json_clock_read(const char *p) {
    uint64_t x, hour, minute, second;
    memcpy(&x, p, 8);
    x ^= UINT64_C(0x30303a30303a3030);
    if (((x + UINT64_C(0x7676767676767676)) | x) & UINT64_C(0x8080808080808080)) return -1;
    if (x & UINT64_C(0x0000ff0000ff0000)) return -1;
    hour = (x & 15) * 10 + (x >> 8 & 15);
    minute = (x >> 24 & 15) * 10 + (x >> 32 & 15);
    second = (x >> 48 & 15) * 10 + (x >> 56);
    if (hour > 23 || minute > 59 || second > 59) return -1;
    return (int64_t)(hour * 3600 + minute * 60 + second) * US_PER_SECOND;
}

/* "yyyy-MM-dd HH:mm:ss[.fraction][Z]" in its quotes, with no more digits than are kept. */
static inline const char *json_timestamp(JsonScan *s, const char *p, bool is_ltz,
                                         unsigned precision, int64_t *out) {
    static const int32_t scale[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
    uint64_t head;
    uint16_t tail;
    int64_t us;
    if (!JSON_HAS_SWAR || *p++ != '"') return NULL;
    memcpy(&head, p, 8);
    memcpy(&tail, p + 8, 2);
    if (JSON_UNLIKELY(head != s->date_head || tail != s->date_tail) && !json_date_read(s, p)) {
        return NULL;
    }
    if (JSON_UNLIKELY(p[10] != (s->time == JSON_TIME_SQL ? ' ' : 'T'))) return NULL;
    us = json_clock_read(p + 11);
    if (JSON_UNLIKELY(us < 0)) return NULL;
    p += 19;
    if (*p == '.') {
        unsigned n = 0;
        int32_t fraction = 0;
        for (p++; n < precision && json_is_digit(*p); n++, p++) {
            fraction = fraction * 10 + (*p - '0');
        }
        if (n == 0) return NULL;
        us += fraction * scale[n];
    }
    if (is_ltz && *p++ != 'Z') return NULL;
    if (*p != '"') return NULL;
    *out = s->date_us + us;
    return p + 1;
}

#endif
