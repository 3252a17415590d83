/* decimal.h -- DECIMAL(p <= 38, s): a scaled 128-bit integer. value = unscaled / 10^scale.
 *
 * All results are exact or rounded HALF_UP (away from zero), as Java's BigDecimal does for Flink.
 * A function that returns bool returns false, and leaves *out alone, when the result has more than
 * 38 digits; whether it fits a smaller precision is the caller's to ask with decimal_fits.
 * Arguments have at most 38 digits. SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_DECIMAL_H
#define WEIR_DECIMAL_H

#include "base/num.h"

typedef __int128 Int128;

enum { DECIMAL_DIGITS_MAX = 38, DECIMAL_TEXT_MAX = 48 };

extern const Int128 decimal_pow10_table[DECIMAL_DIGITS_MAX + 1];
static inline Int128 decimal_pow10(int exp) {
    assert(exp >= 0 && exp <= DECIMAL_DIGITS_MAX);
    return decimal_pow10_table[exp];
}
/* |value| < 10^precision */
static inline bool decimal_fits(Int128 value, int precision) {
    Int128 limit = decimal_pow10(precision);
    return value < limit && value > -limit;
}
int decimal_digits(Int128 value); /* of |value|; 1 for zero, as BigDecimal.precision */

/* [+-]digits[.digits][e[+-]digits], rounded to `scale`. NUM_RANGE when it does not fit. */
NumResult decimal_parse(Span text, int precision, int scale, Int128 *out);
/* Plain digits ("-0.00"), and BigDecimal.toString ("0E-18"). At most DECIMAL_TEXT_MAX bytes, no
 * NUL. */
size_t decimal_print(char *to, Int128 value, int scale);
size_t decimal_print_java(char *to, Int128 value, int scale);

bool decimal_rescale(Int128 value, int from_scale, int to_scale, Int128 *out);
/* Towards zero, downwards and upwards to to_scale <= from_scale. */
Int128 decimal_truncate(Int128 value, int from_scale, int to_scale);
Int128 decimal_floor(Int128 value, int from_scale, int to_scale);
bool decimal_ceil(Int128 value, int from_scale, int to_scale, Int128 *out);

/* A decimal with its scale, where two of them meet. */
typedef struct Decimal {
    Int128 value;
    int scale;
} Decimal;
bool decimal_add(Decimal a, Decimal b, int scale, Int128 *out);
bool decimal_sub(Decimal a, Decimal b, int scale, Int128 *out);
bool decimal_mul(Decimal a, Decimal b, int scale, Int128 *out);
bool decimal_div(Decimal a, Decimal b, int scale, Int128 *out);     /* b is not zero */
bool decimal_div_int(Decimal a, Decimal b, int scale, Int128 *out); /* towards zero */
/* The remainder has the sign of a; its scale is the greater one of both. b is not zero. */
bool decimal_mod(Decimal a, Decimal b, Int128 *out);
int decimal_cmp(Decimal a, Decimal b);

double decimal_to_f64(Int128 value, int scale); /* the nearest double */
float decimal_to_f32(Int128 value, int scale);
/* From the shortest text of the double, as BigDecimal.valueOf. false for NaN, infinities and more
 * than 38 digits. */
bool decimal_from_f64(double value, int scale, Int128 *out);
bool decimal_from_f32(float value, int scale, Int128 *out);

#endif
