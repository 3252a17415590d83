/* text_fast.h -- the straight paths of numbers and times: they take the common form of a value in a
 * few instructions, or return NULL and leave the rest to fieldtext.c. They read up to 32 bytes
 * ahead.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_TEXT_FAST_H
#define WEIR_TEXT_FAST_H

#include "format/fieldtext.h"

#define FAST_LIKELY(x) __builtin_expect(!!(x), 1)
#define FAST_UNLIKELY(x) __builtin_expect(!!(x), 0)

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define FAST_HAS_SWAR 1
#else
#define FAST_HAS_SWAR 0
#endif

static inline bool fast_is_digit(char c) {
    return (unsigned char)(c - '0') <= 9;
}

/* Eight bytes 0..9 (the first in the lowest byte) as a number. */
static inline uint64_t fast_swar_digits(uint64_t x) {
    x = (x * 10 + (x >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
    x = (x * 100 + (x >> 16)) & UINT64_C(0x0000ffff0000ffff);
    return (x * 10000 + (x >> 32)) & UINT64_C(0xffffffff);
}

/* The rest of an integer of more than eight digits; *value holds the first eight. */
static inline const char *fast_int_tail(const char *p, uint64_t *value) {
    uint64_t sum = *value;
    for (int i = 0; i < 10 && fast_is_digit(*p); i++, p++) sum = sum * 10 + (uint64_t)(*p - '0');
    *value = sum;
    return fast_is_digit(*p) ? NULL : p; /* 19 digits and more: the slow path knows the limits */
}

/* An integer of at most 18 digits that is not part of a fraction. */
static inline const char *fast_int(const char *p, int64_t *out) {
    bool is_negative = *p == '-';
    uint64_t x, digits, stop;
    if (!FAST_HAS_SWAR) return NULL;
    p += is_negative;
    memcpy(&x, p, 8);
    x ^= UINT64_C(0x3030303030303030);
    stop = ((x + UINT64_C(0x7676767676767676)) | x) & UINT64_C(0x8080808080808080);
    if (FAST_LIKELY(stop)) {
        unsigned n = (unsigned)__builtin_ctzll(stop) >> 3;
        if (FAST_UNLIKELY(n == 0)) return NULL;
        if (FAST_UNLIKELY((x & 0xff) == 0 && n > 1)) return NULL; /* a leading zero */
        digits = fast_swar_digits(x << (64 - 8 * n));
        p += n;
    } else {
        if ((x & 0xff) == 0) return NULL;
        digits = fast_swar_digits(x);
        p = fast_int_tail(p + 8, &digits);
        if (FAST_UNLIKELY(!p)) return NULL;
    }
    if (FAST_UNLIKELY(*p == '.' || (*p | 0x20) == 'e')) return NULL;
    *out = is_negative ? -(int64_t)digits : (int64_t)digits;
    return p;
}

/* Passes a number of strict grammar; NULL when it is none. */
static inline const char *fast_number_end(const char *p) {
    p += *p == '-';
    if (*p == '0') {
        p++;
    } else {
        if (!fast_is_digit(*p)) return NULL;
        do p++;
        while (fast_is_digit(*p));
    }
    if (*p == '.') {
        if (!fast_is_digit(*++p)) return NULL;
        do p++;
        while (fast_is_digit(*p));
    }
    if ((*p | 0x20) == 'e') {
        p++;
        p += *p == '+' || *p == '-';
        if (!fast_is_digit(*p)) return NULL;
        do p++;
        while (fast_is_digit(*p));
    }
    return p;
}

/* A number of at most 19 significant digits. */
static inline const char *fast_double(const char *p, double *out) {
    bool is_negative = *p == '-';
    const char *start = p + is_negative, *point = NULL;
    uint64_t digits = 0;
    int exp10 = 0, n = 0;
    p = start;
    for (; fast_is_digit(*p); p++, n++) digits = digits * 10 + (uint64_t)(*p - '0');
    if (n == 0 || (*start == '0' && n > 1)) return NULL;
    if (*p == '.') {
        point = ++p;
        for (; fast_is_digit(*p); p++, n++) digits = digits * 10 + (uint64_t)(*p - '0');
        if (p == point) return NULL;
        exp10 = -(int)(p - point);
    }
    if (FAST_UNLIKELY(n > 19 || (*p | 0x20) == 'e')) return NULL;
    if (FAST_UNLIKELY(!num_f64_from_digits(digits, exp10, out))) return NULL;
    if (is_negative) *out = -*out;
    return p;
}

/* ---- times ---- */

/* The last date that was read, for dates come in runs: eight bytes, two bytes, and its start. */
typedef struct FastDate {
    uint64_t head;
    uint16_t tail;
    int64_t us;
} FastDate;

/* Ten bytes yyyy-MM-dd into the cache. */
static inline bool fast_date_read(FastDate *date, const char *p) {
    Civil c = {0};
    if (p[4] != '-' || p[7] != '-' || !num_digits_fixed(p, 4, &c.year) ||
        !num_digits_fixed(p + 5, 2, &c.month) || !num_digits_fixed(p + 8, 2, &c.day) ||
        !civil_is_valid(&c)) {
        return false;
    }
    memcpy(&date->head, p, 8);
    memcpy(&date->tail, p + 8, 2);
    date->us = civil_days(c.year, c.month, c.day) * US_PER_DAY;
    return true;
}

/* Eight bytes HH:mm:ss as microseconds; -1 when they are none. */
static inline int64_t fast_clock(const char *p) {
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

/* yyyy-MM-dd<separator>HH:mm:ss[.fraction] with no more digits than are kept. */
static inline const char *fast_timestamp(FastDate *date, const char *p, char separator,
                                         unsigned precision, int64_t *out) {
    static const int32_t scale[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
    uint64_t head;
    uint16_t tail;
    int64_t us;
    if (!FAST_HAS_SWAR) return NULL;
    memcpy(&head, p, 8);
    memcpy(&tail, p + 8, 2);
    if (FAST_UNLIKELY(head != date->head || tail != date->tail) && !fast_date_read(date, p)) {
        return NULL;
    }
    if (FAST_UNLIKELY(p[10] != separator)) return NULL;
    us = fast_clock(p + 11);
    if (FAST_UNLIKELY(us < 0)) return NULL;
    p += 19;
    if (*p == '.') {
        unsigned n = 0;
        int32_t fraction = 0;
        for (p++; n < precision && fast_is_digit(*p); n++, p++) {
            fraction = fraction * 10 + (*p - '0');
        }
        if (n == 0) return NULL;
        us += fraction * scale[n];
    }
    *out = date->us + us;
    return p;
}

#endif
