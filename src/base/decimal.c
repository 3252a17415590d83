/* decimal.c -- exact arithmetic on scaled 128-bit integers.
 *
 * Most values fit 64 bits, where the machine divides in one instruction, so each function tries
 * that first. Products and shifted dividends may need 256 bits; those are kept as two halves.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/base.h"

typedef unsigned __int128 Uint128;

#define E18 ((Int128)1000000000000000000)
const Int128 decimal_pow10_table[DECIMAL_DIGITS_MAX + 1] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    E18,
    E18 * 10,
    E18 * 100,
    E18 * 1000,
    E18 * 10000,
    E18 * 100000,
    E18 * 1000000,
    E18 * 10000000,
    E18 * 100000000,
    E18 * 1000000000,
    E18 * 10000000000,
    E18 * 100000000000,
    E18 * 1000000000000,
    E18 * 10000000000000,
    E18 * 100000000000000,
    E18 * 1000000000000000,
    E18 * 10000000000000000,
    E18 * 100000000000000000,
    E18 *E18,
    E18 *E18 * 10,
    E18 *E18 * 100,
};

static Uint128 decimal_abs(Int128 value) {
    return value < 0 ? 0 - (Uint128)value : (Uint128)value;
}
static Int128 decimal_signed(Uint128 magnitude, bool is_negative) {
    return is_negative ? (Int128)(0 - magnitude) : (Int128)magnitude;
}
/* Gives the result its sign unless it has too many digits. */
static bool decimal_result(Uint128 magnitude, bool is_negative, Int128 *out) {
    if (magnitude >= (Uint128)decimal_pow10(DECIMAL_DIGITS_MAX)) return false;
    *out = decimal_signed(magnitude, is_negative);
    return true;
}

int decimal_digits(Int128 value) {
    Uint128 magnitude = decimal_abs(value);
    if (magnitude == 0) return 1;
    uint64_t hi = (uint64_t)(magnitude >> 64);
    int bits = hi ? 128 - __builtin_clzll(hi) : 64 - __builtin_clzll((uint64_t)magnitude);
    int digits = bits * 1233 >> 12; /* log10(2); at most one too small */
    if (digits > DECIMAL_DIGITS_MAX) return digits;
    return digits + (magnitude >= (Uint128)decimal_pow10(digits));
}

/* ---- 256 bits ---- */

typedef struct Uint256 {
    Uint128 hi, lo;
} Uint256;

static Uint256 u256_mul(Uint128 a, Uint128 b) {
    uint64_t a1 = (uint64_t)(a >> 64), a0 = (uint64_t)a;
    uint64_t b1 = (uint64_t)(b >> 64), b0 = (uint64_t)b;
    Uint128 low = (Uint128)a0 * b0;
    Uint128 mid = (Uint128)a1 * b0 + (uint64_t)(low >> 64);
    Uint128 mid2 = (Uint128)a0 * b1 + (uint64_t)mid;
    return (Uint256){(Uint128)a1 * b1 + (mid >> 64) + (mid2 >> 64), mid2 << 64 | (uint64_t)low};
}

/* One 64-bit digit of the quotient of (rest, next) by d, whose top bit is set; rest < d. */
static uint64_t u256_div_digit(Uint128 *rest, uint64_t next, Uint128 d) {
    uint64_t d1 = (uint64_t)(d >> 64), d0 = (uint64_t)d;
    Uint128 digit = *rest / d1;
    Uint128 left = *rest % d1;
    while (digit >> 64 || digit * d0 > (left << 64 | next)) {
        digit--;
        left += d1;
        if (left >> 64) break;
    }
    *rest = (*rest << 64 | next) - (uint64_t)digit * d; /* exact modulo 2^128 */
    return (uint64_t)digit;
}

/* Quotient and remainder; false when the quotient needs more than 128 bits. */
static bool u256_div(Uint256 n, Uint128 d, Uint128 *quotient, Uint128 *remainder) {
    if (n.hi >= d) return false;
    if (n.hi == 0) {
        *quotient = n.lo / d;
        *remainder = n.lo % d;
        return true;
    }
    /* n.hi < d and n.hi != 0; bring d's top bit up. */
    uint64_t d_hi = (uint64_t)(d >> 64);
    if (d_hi == 0) { /* n.hi < d < 2^64: long division by one word */
        Uint128 part = n.hi << 64 | (uint64_t)(n.lo >> 64);
        Uint128 q1 = part / d;
        part = part % d << 64 | (uint64_t)n.lo;
        *quotient = q1 << 64 | (part / d);
        *remainder = part % d;
        return true;
    }
    int shift = __builtin_clzll(d_hi);
    if (shift) {
        d <<= shift;
        n.hi = n.hi << shift | n.lo >> (128 - shift);
        n.lo <<= shift;
    }
    Uint128 rest = n.hi;
    uint64_t q1 = u256_div_digit(&rest, (uint64_t)(n.lo >> 64), d);
    uint64_t q0 = u256_div_digit(&rest, (uint64_t)n.lo, d);
    *quotient = (Uint128)q1 << 64 | q0;
    *remainder = rest >> shift;
    return true;
}

/* ---- scale ---- */

/* magnitude / 10^drop, HALF_UP; drop 0..38. */
static Uint128 decimal_drop(Uint128 magnitude, int drop) {
    if (drop == 0) return magnitude;
    if (drop <= 18 && magnitude >> 64 == 0) {
        uint64_t unit = (uint64_t)decimal_pow10(drop);
        uint64_t q = (uint64_t)magnitude / unit;
        return q + ((uint64_t)magnitude - q * unit >= unit / 2);
    }
    Uint128 unit = (Uint128)decimal_pow10(drop);
    Uint128 q = magnitude / unit;
    return q + (magnitude - q * unit >= unit / 2);
}

/* value * 10^exp in 128 bits; exp 0..38. */
static bool decimal_shift_up(Int128 value, int exp, Int128 *out) {
    return !__builtin_mul_overflow(value, decimal_pow10(exp), out);
}

bool decimal_rescale(Int128 value, int from_scale, int to_scale, Int128 *out) {
    if (to_scale >= from_scale) {
        Int128 shifted;
        if (value == 0) return *out = 0, true;
        if (to_scale - from_scale > DECIMAL_DIGITS_MAX) return false;
        if (!decimal_shift_up(value, to_scale - from_scale, &shifted)) return false;
        if (!decimal_fits(shifted, DECIMAL_DIGITS_MAX)) return false;
        *out = shifted;
        return true;
    }
    int drop = from_scale - to_scale;
    if (drop > DECIMAL_DIGITS_MAX) return *out = 0, true;
    return decimal_result(decimal_drop(decimal_abs(value), drop), value < 0, out);
}

Int128 decimal_truncate(Int128 value, int from_scale, int to_scale) {
    assert(to_scale <= from_scale);
    if (from_scale - to_scale > DECIMAL_DIGITS_MAX) return 0;
    return value / decimal_pow10(from_scale - to_scale);
}

Int128 decimal_floor(Int128 value, int from_scale, int to_scale) {
    Int128 unit = decimal_pow10(from_scale - to_scale);
    Int128 q = value / unit;
    return q - (q * unit > value);
}

bool decimal_ceil(Int128 value, int from_scale, int to_scale, Int128 *out) {
    Int128 unit = decimal_pow10(from_scale - to_scale);
    Int128 q = value / unit;
    Int128 up = q + (q * unit < value);
    if (!decimal_fits(up, DECIMAL_DIGITS_MAX)) return false;
    *out = up;
    return true;
}

/* ---- arithmetic ---- */

/* The sum when aligning the scales or adding needs more than 128 bits. The result can only fit when
 * `scale` drops digits again. */
static bool decimal_add_wide(Decimal a, Decimal b, int scale, Int128 *out) {
    if (a.scale < b.scale) {
        Decimal swap = a;
        a = b;
        b = swap;
    }
    /* a has the greater scale; b * 10^k + a, with k = a.scale - b.scale. */
    Uint256 wide = u256_mul(decimal_abs(b.value), (Uint128)decimal_pow10(a.scale - b.scale));
    Uint128 other = decimal_abs(a.value);
    bool is_negative = b.value < 0;
    if ((a.value < 0) == is_negative) {
        wide.lo += other;
        wide.hi += wide.lo < other;
    } else { /* only a shift can have failed here, so |wide| >= 2^127 > |a|: the sign stays */
        wide.hi -= wide.lo < other;
        wide.lo -= other;
    }
    int drop = a.scale - scale;
    if (drop <= 0 || drop > DECIMAL_DIGITS_MAX) return false;
    Uint128 unit = (Uint128)decimal_pow10(drop), q, rest;
    if (!u256_div(wide, unit, &q, &rest)) return false;
    return decimal_result(q + (rest >= unit - rest), is_negative, out);
}

bool decimal_add(Decimal a, Decimal b, int scale, Int128 *out) {
    int common = a.scale > b.scale ? a.scale : b.scale;
    Int128 x, y, sum;
    if (!decimal_shift_up(a.value, common - a.scale, &x) ||
        !decimal_shift_up(b.value, common - b.scale, &y) || __builtin_add_overflow(x, y, &sum))
        return decimal_add_wide(a, b, scale, out);
    return decimal_rescale(sum, common, scale, out);
}

bool decimal_sub(Decimal a, Decimal b, int scale, Int128 *out) {
    b.value = -b.value;
    return decimal_add(a, b, scale, out);
}

bool decimal_mul(Decimal a, Decimal b, int scale, Int128 *out) {
    int drop = a.scale + b.scale - scale;
    Int128 product;
    if (!__builtin_mul_overflow(a.value, b.value, &product))
        return decimal_rescale(product, a.scale + b.scale, scale, out);
    if (drop <= 0) return false;
    bool is_negative = (a.value < 0) != (b.value < 0);
    Uint256 wide = u256_mul(decimal_abs(a.value), decimal_abs(b.value));
    Uint128 q, rest;
    if (drop > DECIMAL_DIGITS_MAX) {
        /* Two cuts; the first one towards zero, so that the second one alone decides how to round.
         */
        if (!u256_div(wide, (Uint128)decimal_pow10(DECIMAL_DIGITS_MAX), &q, &rest)) return false;
        return decimal_result(decimal_drop(q, drop - DECIMAL_DIGITS_MAX), is_negative, out);
    }
    Uint128 unit = (Uint128)decimal_pow10(drop);
    if (!u256_div(wide, unit, &q, &rest)) return false;
    return decimal_result(q + (rest >= unit - rest), is_negative, out);
}

/* |a| * 10^shift / |b|, cut, with the remainder's relation to half of |b|. */
static bool decimal_div_wide(Decimal a, Decimal b, int shift, Uint128 *q, bool *is_half) {
    Uint128 dividend = decimal_abs(a.value), divisor = decimal_abs(b.value), rest;
    int first = shift > DECIMAL_DIGITS_MAX ? DECIMAL_DIGITS_MAX : shift;
    Uint256 wide = u256_mul(dividend, (Uint128)decimal_pow10(first));
    if (shift > first) {
        /* More than 77 digits cannot come down to 38 again, as the divisor has at most 38. */
        if (decimal_digits(a.value) + shift > 77) return false;
        Uint256 low = u256_mul(wide.lo, (Uint128)decimal_pow10(shift - first));
        low.hi += wide.hi * (Uint128)decimal_pow10(shift - first);
        wide = low;
    }
    if (!u256_div(wide, divisor, q, &rest)) return false;
    *is_half = rest >= divisor - rest;
    return true;
}

static bool decimal_divide(Decimal a, Decimal b, int scale, bool is_rounded, Int128 *out) {
    assert(b.value != 0);
    if (a.value == 0) return *out = 0, true;
    int shift = scale - a.scale + b.scale;
    bool is_negative = (a.value < 0) != (b.value < 0);
    Uint128 q;
    bool is_half;
    if (shift < 0) { /* the cut quotient still decides the rounding: half a unit is whole */
        q = decimal_abs(a.value) / decimal_abs(b.value);
        if (-shift > DECIMAL_DIGITS_MAX) return *out = 0, true;
        q = is_rounded ? decimal_drop(q, -shift) : q / (Uint128)decimal_pow10(-shift);
        return decimal_result(q, is_negative, out);
    }
    if (!decimal_div_wide(a, b, shift, &q, &is_half)) return false;
    return decimal_result(q + (is_rounded && is_half), is_negative, out);
}

bool decimal_div(Decimal a, Decimal b, int scale, Int128 *out) {
    return decimal_divide(a, b, scale, true, out);
}

bool decimal_div_int(Decimal a, Decimal b, int scale, Int128 *out) {
    Int128 whole;
    if (!decimal_divide(a, b, 0, false, &whole)) return false;
    return decimal_rescale(whole, 0, scale, out);
}

bool decimal_mod(Decimal a, Decimal b, Int128 *out) {
    assert(b.value != 0);
    Int128 x, y;
    if (a.scale >= b.scale) {
        /* A divisor beyond 128 bits is greater than any dividend. */
        *out = decimal_shift_up(b.value, a.scale - b.scale, &y) ? a.value % y : a.value;
        return true;
    }
    if (decimal_shift_up(a.value, b.scale - a.scale, &x)) return *out = x % b.value, true;
    Uint128 divisor = decimal_abs(b.value), q, rest;
    Uint256 wide = u256_mul(decimal_abs(a.value), (Uint128)decimal_pow10(b.scale - a.scale));
    wide.hi %= divisor; /* the quotient is not wanted: drop its upper part */
    if (!u256_div(wide, divisor, &q, &rest)) return false;
    *out = decimal_signed(rest, a.value < 0);
    return true;
}

int decimal_cmp(Decimal a, Decimal b) {
    Int128 x = a.value, y = b.value;
    if (a.scale < b.scale && !decimal_shift_up(x, b.scale - a.scale, &x))
        return a.value > 0 ? 1 : -1;
    if (b.scale < a.scale && !decimal_shift_up(y, a.scale - b.scale, &y))
        return b.value > 0 ? -1 : 1;
    return (x > y) - (x < y);
}
