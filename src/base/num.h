/* num.h -- numbers as text: exact both ways, and independent of the process's locale.
 *
 * Parsers take the whole text or refuse it; they skip no white space. Printers write no NUL and
 * return the number of bytes written. SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_NUM_H
#define WEIR_NUM_H

#include "base/span.h"

typedef enum NumResult {
    NUM_OK,
    NUM_BAD,  /* not a number */
    NUM_RANGE /* a number, but outside the type */
} NumResult;

enum { NUM_I64_MAX_LEN = 20, NUM_F64_MAX_LEN = 26 };

/* [+-]digits */
NumResult num_parse_i64(Span text, int64_t *out);
/* [+-]digits[.digits][e[+-]digits], a point may lead or trail; NaN, [+-]Infinity, [+-]Inf in any
 * case. The nearest double (float), ties to even. Too large: NUM_RANGE and an infinity in *out; too
 * small: 0. */
NumResult num_parse_f64(Span text, double *out);
NumResult num_parse_f32(Span text, float *out);
/* The double (float) nearest to digits * 10^exp10; digits must be exact. false: the caller has to
 * take the slow path (strtod), which happens about never for up to 19 digits. */
bool num_f64_from_digits(uint64_t digits, int exp10, double *out);
/* The nearest double to digits that may have been cut: text is the number's whole text, already
 * known to be well-formed. */
double num_f64_slow(Span text);

size_t num_print_i64(char *to, int64_t value); /* at most NUM_I64_MAX_LEN bytes */
size_t num_print_u64(char *to, uint64_t value);
/* The shortest text that reads back as the same value, as Java writes it: "1.0", "0.001",
 * "1.0E10", "NaN", "-Infinity". At most NUM_F64_MAX_LEN bytes. */
size_t num_print_f64(char *to, double value);
size_t num_print_f32(char *to, float value);

/* The shortest decimal: |value| = digits * 10^exp10. value must be finite. */
typedef struct NumDigits {
    uint64_t digits;
    int exp10;
} NumDigits;
NumDigits num_shortest_f64(double value);
NumDigits num_shortest_f32(float value);

/* Reads 1..8 ASCII digits at once; false when one is not a digit. */
static inline bool num_digits_fixed(const char *text, int n, int *out) {
    int value = 0;
    for (int i = 0; i < n; i++) {
        unsigned digit = (unsigned)(unsigned char)text[i] - '0';
        if (digit > 9) return false;
        value = value * 10 + (int)digit;
    }
    *out = value;
    return true;
}

#endif
