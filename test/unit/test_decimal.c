/* test_decimal.c -- decimal arithmetic and text, against Python's exact integers.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "vectors.h"

#include <math.h>

static Int128 int128_of(const char *text) {
    Int128 value;
    if (decimal_parse(span_of(text), 38, 0, &value) != NUM_OK) fail_msg("bad vector %s", text);
    return value;
}

static void expect(const char *what, bool has, Int128 value, const char *expected) {
    char text[DECIMAL_TEXT_MAX + 1] = "over";
    if (has) text[decimal_print(text, value, 0)] = '\0';
    if (strcmp(text, expected) != 0) fail_msg("%s: %s, expected %s", what, text, expected);
}

/* a, its scale, b, its scale, scale, comparison, "add sub mul div div_int mod", rescaled a */
static void check_dec(const char *const *f, int n) {
    assert_int_equal(n, 8);
    Decimal a = {int128_of(f[0]), atoi(f[1])}, b = {int128_of(f[2]), atoi(f[3])};
    int scale = atoi(f[4]);
    char what[300], results[400], *rest = results;
    snprintf(what, sizeof what, "%s/%s %s/%s -> %s", f[0], f[1], f[2], f[3], f[4]);
    snprintf(results, sizeof results, "%s", f[6]);
    assert_int_equal(decimal_cmp(a, b), atoi(f[5]));
    Int128 v = 0;
    bool has = decimal_add(a, b, scale, &v);
    expect(what, has, v, strsep(&rest, " "));
    has = decimal_sub(a, b, scale, &v);
    expect(what, has, v, strsep(&rest, " "));
    has = decimal_mul(a, b, scale, &v);
    expect(what, has, v, strsep(&rest, " "));
    if (b.value != 0) {
        has = decimal_div(a, b, scale, &v);
        expect(what, has, v, strsep(&rest, " "));
        has = decimal_div_int(a, b, scale, &v);
        expect(what, has, v, strsep(&rest, " "));
        has = decimal_mod(a, b, &v);
        expect(what, has, v, strsep(&rest, " "));
    }
    has = decimal_rescale(a.value, a.scale, scale, &v);
    expect(what, has, v, f[7]);
}

/* unscaled, scale, plain text, BigDecimal's text, nearest double */
static void check_dectext(const char *const *f, int n) {
    assert_int_equal(n, 5);
    Int128 value = int128_of(f[0]), back;
    int scale = atoi(f[1]);
    char text[DECIMAL_TEXT_MAX + 1];
    size_t len = decimal_print(text, value, scale);
    assert_true(len < sizeof text);
    text[len] = '\0';
    /* An unscaled integer has no negative zero, so Python's "-0.0" cannot come up here. */
    assert_string_equal(text, f[2]);
    assert_int_equal(decimal_parse(span_of(text), 38, scale, &back), NUM_OK);
    assert_true(back == value);
    text[decimal_print_java(text, value, scale)] = '\0';
    assert_string_equal(text, f[3]);
    assert_int_equal(decimal_parse(span_of(text), 38, scale, &back), NUM_OK);
    assert_true(back == value);
    uint64_t bits;
    double near = decimal_to_f64(value, scale);
    memcpy(&bits, &near, 8);
    if (bits != strtoull(f[4], NULL, 16)) fail_msg("%s: %.17g", f[2], near);
    float narrow = decimal_to_f32(value, scale), expected = strtof(f[2], NULL);
    assert_memory_equal(&narrow, &expected, 4);
    const char *digits = f[0] + (f[0][0] == '-');
    assert_int_equal(decimal_digits(value), (int)strlen(digits));
}

static void check_decparse(const char *const *f, int n) {
    assert_int_equal(n, 4);
    Int128 value = 0;
    NumResult result = decimal_parse(span_of(f[0]), atoi(f[1]), atoi(f[2]), &value);
    assert_int_not_equal(result, NUM_BAD);
    char what[200];
    snprintf(what, sizeof what, "%s as (%s, %s)", f[0], f[1], f[2]);
    expect(what, result == NUM_OK, value, f[3]);
}

static void decimal_arithmetic_random(void **state) {
    (void)state;
    vectors_run("dec", 20000, check_dec);
}
static void decimal_text_random(void **state) {
    (void)state;
    vectors_run("dectext", 10000, check_dectext);
}
static void decimal_parse_random(void **state) {
    (void)state;
    vectors_run("decparse", 10000, check_decparse);
}

static void decimal_edges(void **state) {
    (void)state;
    char text[DECIMAL_TEXT_MAX + 1];
    Int128 v;
    text[decimal_print_java(text, 0, 18)] = '\0';
    assert_string_equal(text, "0E-18");
    text[decimal_print_java(text, 0, 2)] = '\0';
    assert_string_equal(text, "0.00");
    text[decimal_print(text, -5, 2)] = '\0';
    assert_string_equal(text, "-0.05");
    static const char *const bad[] = {"", ".", "-", "1e", "a", "1.2.3", " 1", "0x1", "NaN", "1e1x"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(decimal_parse(span_of(bad[i]), 10, 2, &v), NUM_BAD);
    assert_int_equal(decimal_parse(SPAN("1e999999999"), 38, 0, &v), NUM_RANGE);
    assert_int_equal(decimal_parse(SPAN("1e-999999999"), 38, 0, &v), NUM_OK);
    assert_true(v == 0);
    assert_int_equal(decimal_parse(SPAN("0e999999999"), 38, 0, &v), NUM_OK);
    assert_int_equal(decimal_parse(SPAN("99.995"), 4, 2, &v), NUM_RANGE);
    assert_true(decimal_floor(-15, 1, 0) == -2 && decimal_truncate(-15, 1, 0) == -1);
    assert_true(decimal_ceil(-15, 1, 0, &v) && v == -1);
    assert_true(decimal_ceil(11, 1, 0, &v) && v == 2);
    assert_false(decimal_from_f64(NAN, 2, &v));
    assert_false(decimal_from_f64(1e38, 0, &v));
    assert_true(decimal_from_f64(0.1, 20, &v) && v == decimal_pow10(19));
    assert_true(decimal_from_f32(0.1f, 10, &v) && v == decimal_pow10(9));
    assert_true(decimal_from_f64(-2.5, 0, &v) && v == -3);
    assert_true(decimal_fits(99, 2) && !decimal_fits(100, 2) && !decimal_fits(-100, 2));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimal_edges), cmocka_unit_test(decimal_arithmetic_random),
        cmocka_unit_test(decimal_text_random), cmocka_unit_test(decimal_parse_random)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
