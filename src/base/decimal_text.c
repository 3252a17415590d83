/* decimal_text.c -- decimals as text, and to and from floats.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/base.h"

#include <math.h>

typedef unsigned __int128 Uint128;

/* What was read before scale and precision are applied. */
typedef struct DecimalText {
    bool is_negative;
    Uint128 digits; /* the first 38 significant digits */
    int exp10;      /* value = digits.round * 10^exp10 */
    int round;      /* the digit behind the last one kept, if it was cut */
    bool is_cut;
} DecimalText;

static void decimal_scan_digit(DecimalText *t, unsigned digit, bool has_point, int *n_kept) {
    if (*n_kept < DECIMAL_DIGITS_MAX) {
        t->digits = t->digits * 10 + digit;
        *n_kept += t->digits != 0;
        t->exp10 -= has_point && t->exp10 > -1000000;
        return;
    }
    if (!t->is_cut) t->round = (int)digit;
    t->is_cut = true;
    t->exp10 += !has_point && t->exp10 < 1000000;
}

static bool decimal_scan_exp(const char *p, const char *end, int *exp10) {
    bool is_negative = false;
    if (p < end && (*p == '-' || *p == '+')) is_negative = *p++ == '-';
    if (p == end) return false;
    int value = 0;
    for (; p < end; p++) {
        unsigned digit = (unsigned)(unsigned char)*p - '0';
        if (digit > 9) return false;
        if (value < 100000) value = value * 10 + (int)digit;
    }
    *exp10 += is_negative ? -value : value;
    return true;
}

static bool decimal_scan(Span text, DecimalText *t) {
    *t = (DecimalText){0};
    const char *p = text.ptr;
    const char *end = p + text.len;
    if (p < end && (*p == '-' || *p == '+')) t->is_negative = *p++ == '-';
    bool has_point = false;
    int n_seen = 0, n_kept = 0;
    for (; p < end; p++) {
        unsigned digit = (unsigned)(unsigned char)*p - '0';
        if (digit > 9) {
            if (*p != '.' || has_point) break;
            has_point = true;
            continue;
        }
        n_seen++;
        decimal_scan_digit(t, digit, has_point, &n_kept);
    }
    if (n_seen == 0) return false;
    if (p == end) return true;
    if (*p != 'e' && *p != 'E') return false;
    return decimal_scan_exp(p + 1, end, &t->exp10);
}

/* digits * 10^exp10 (round tells how digits would be rounded) at the wanted scale. */
static NumResult decimal_place(const DecimalText *t, int precision, int scale, Int128 *out) {
    Uint128 magnitude = t->digits;
    int shift = t->exp10 + scale;
    if (magnitude == 0) return *out = 0, NUM_OK;
    if (shift > DECIMAL_DIGITS_MAX) return NUM_RANGE;
    if (shift >= 0) {
        if (magnitude >= (Uint128)decimal_pow10(DECIMAL_DIGITS_MAX - shift)) return NUM_RANGE;
        magnitude *= (Uint128)decimal_pow10(shift);
        if (t->is_cut && shift == 0) magnitude += t->round >= 5;
    } else if (-shift > DECIMAL_DIGITS_MAX) {
        magnitude = 0;
    } else { /* what was cut lies below the digit that decides the rounding */
        Uint128 unit = (Uint128)decimal_pow10(-shift);
        Uint128 q = magnitude / unit;
        magnitude = q + (magnitude - q * unit >= unit / 2);
    }
    if (magnitude >= (Uint128)decimal_pow10(precision)) return NUM_RANGE;
    *out = t->is_negative ? (Int128)(0 - magnitude) : (Int128)magnitude;
    return NUM_OK;
}

/* [-]digits[.digits] of up to 18 digits in all: the common case, in 64 bits. */
static bool decimal_parse_short(Span text, int precision, int scale, Int128 *out) {
    if (text.len > 19 || precision > DECIMAL_DIGITS_MAX) return false;
    const char *p = text.ptr;
    const char *end = p + text.len;
    bool is_negative = p < end && *p == '-';
    p += is_negative;
    uint64_t value = 0;
    int n_digits = 0, n_fraction = -1;
    for (; p < end; p++) {
        unsigned digit = (unsigned)(unsigned char)*p - '0';
        if (digit <= 9) {
            value = value * 10 + digit;
            n_digits++;
            n_fraction += n_fraction >= 0;
        } else if (*p == '.' && n_fraction < 0) {
            n_fraction = 0;
        } else {
            return false;
        }
    }
    int shift = scale - (n_fraction < 0 ? 0 : n_fraction);
    if (n_digits == 0 || n_digits > 18 || shift < 0 || shift > 18) return false;
    Int128 result = (Int128)value * decimal_pow10(shift);
    if (!decimal_fits(result, precision)) return false;
    *out = is_negative ? -result : result;
    return true;
}

NumResult decimal_parse(Span text, int precision, int scale, Int128 *out) {
    if (decimal_parse_short(text, precision, scale, out)) return NUM_OK;
    DecimalText t;
    if (!decimal_scan(text, &t)) return NUM_BAD;
    return decimal_place(&t, precision, scale, out);
}

/* The digits of |value| without leading zeros. */
static size_t decimal_print_digits(char *to, Int128 value) {
    Uint128 magnitude = value < 0 ? 0 - (Uint128)value : (Uint128)value;
    if (magnitude >> 64 == 0) return num_print_u64(to, (uint64_t)magnitude);
    uint64_t unit = UINT64_C(1000000000000000000);
    uint64_t low = (uint64_t)(magnitude % unit);
    size_t len = decimal_print_digits(to, (Int128)(magnitude / unit));
    char digits[NUM_I64_MAX_LEN];
    size_t n = num_print_u64(digits, low);
    memset(to + len, '0', 18 - n);
    memcpy(to + len + 18 - n, digits, n);
    return len + 18;
}

size_t decimal_print(char *to, Int128 value, int scale) {
    char digits[DECIMAL_TEXT_MAX];
    size_t n = decimal_print_digits(digits, value);
    char *at = to;
    if (value < 0) *at++ = '-';
    if (scale == 0) {
        memcpy(at, digits, n);
        return (size_t)(at - to) + n;
    }
    size_t fraction = (size_t)scale;
    if (n > fraction) {
        memcpy(at, digits, n - fraction);
        at += n - fraction;
    } else {
        *at++ = '0';
    }
    *at++ = '.';
    size_t n_zeros = fraction > n ? fraction - n : 0;
    memset(at, '0', n_zeros);
    at += n_zeros;
    memcpy(at, digits + n - (fraction - n_zeros), fraction - n_zeros);
    return (size_t)(at - to) + fraction - n_zeros;
}

size_t decimal_print_java(char *to, Int128 value, int scale) {
    char digits[DECIMAL_TEXT_MAX];
    size_t n = decimal_print_digits(digits, value);
    int exp = (int)n - 1 - scale;
    if (exp >= -6 || scale == 0) return decimal_print(to, value, scale);
    char *at = to;
    if (value < 0) *at++ = '-';
    *at++ = digits[0];
    if (n > 1) {
        *at++ = '.';
        memcpy(at, digits + 1, n - 1);
        at += n - 1;
    }
    *at++ = 'E';
    return (size_t)(at - to) + num_print_i64(at, exp);
}

double decimal_to_f64(Int128 value, int scale) {
    Uint128 magnitude = value < 0 ? 0 - (Uint128)value : (Uint128)value;
    double result;
    if (magnitude >> 64 == 0 && num_f64_from_digits((uint64_t)magnitude, -scale, &result))
        return value < 0 ? -result : result;
    char text[DECIMAL_TEXT_MAX + 8];
    size_t len = decimal_print(text, value, scale);
    if (num_parse_f64((Span){text, len}, &result) != NUM_OK) assert(!"a decimal is a number");
    return result;
}

float decimal_to_f32(Int128 value, int scale) {
    char text[DECIMAL_TEXT_MAX + 8];
    size_t len = decimal_print(text, value, scale);
    float result;
    if (num_parse_f32((Span){text, len}, &result) == NUM_BAD) assert(!"a decimal is a number");
    return result;
}

static bool decimal_from_digits(NumDigits d, bool is_negative, int scale, Int128 *out) {
    DecimalText t = {.is_negative = is_negative, .digits = d.digits, .exp10 = d.exp10};
    return decimal_place(&t, DECIMAL_DIGITS_MAX, scale, out) == NUM_OK;
}

bool decimal_from_f64(double value, int scale, Int128 *out) {
    if (!isfinite(value)) return false;
    return decimal_from_digits(num_shortest_f64(value), value < 0, scale, out);
}

bool decimal_from_f32(float value, int scale, Int128 *out) {
    if (!isfinite(value)) return false;
    return decimal_from_digits(num_shortest_f32(value), value < 0, scale, out);
}
