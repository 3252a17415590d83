/* test_num.c -- integers and floats as text, against Python.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "vectors.h"

#include <locale.h>
#include <math.h>

static void num_integers(void **state) {
    (void)state;
    static const struct {
        const char *text;
        NumResult result;
        int64_t value;
    } cases[] = {{"0", NUM_OK, 0},
                 {"-0", NUM_OK, 0},
                 {"+7", NUM_OK, 7},
                 {"000000000000000000000000012", NUM_OK, 12},
                 {"9223372036854775807", NUM_OK, INT64_MAX},
                 {"9223372036854775808", NUM_RANGE, 0},
                 {"-9223372036854775808", NUM_OK, INT64_MIN},
                 {"-9223372036854775809", NUM_RANGE, 0},
                 {"99999999999999999999999", NUM_RANGE, 0},
                 {"36893488147419103233", NUM_RANGE, 0},
                 {"", NUM_BAD, 0},
                 {"-", NUM_BAD, 0},
                 {"1x", NUM_BAD, 0},
                 {" 1", NUM_BAD, 0},
                 {"99999999999999999999999x", NUM_BAD, 0},
                 {"1.0", NUM_BAD, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t value = 0;
        assert_int_equal(num_parse_i64(span_of(cases[i].text), &value), cases[i].result);
        assert_true(value == cases[i].value);
    }
    for (int64_t i = 0; i < 200; i++) { /* powers of two and their neighbours, both signs */
        int64_t value = (int64_t)((UINT64_C(1) << (i % 64)) + (uint64_t)(i / 64) - 1);
        char expected[32], text[NUM_I64_MAX_LEN];
        snprintf(expected, sizeof expected, "%ld", value);
        size_t len = num_print_i64(text, value);
        assert_int_equal(len, strlen(expected));
        assert_memory_equal(text, expected, len);
        int64_t back;
        assert_int_equal(num_parse_i64((Span){text, len}, &back), NUM_OK);
        assert_true(back == value);
    }
}

static void check_f64(const char *const *f, int n) {
    assert_int_equal(n, 2);
    uint64_t bits = strtoull(f[0], NULL, 16);
    double value, back;
    memcpy(&value, &bits, 8);
    char text[NUM_F64_MAX_LEN + 1];
    size_t len = num_print_f64(text, value);
    assert_true(len <= NUM_F64_MAX_LEN);
    text[len] = '\0';
    assert_string_equal(text, f[1]);
    assert_int_equal(num_parse_f64((Span){text, len}, &back), NUM_OK);
    assert_memory_equal(&back, &value, 8);
}

static void check_f32(const char *const *f, int n) {
    assert_int_equal(n, 2);
    uint32_t bits = (uint32_t)strtoul(f[0], NULL, 16);
    float value, back;
    memcpy(&value, &bits, 4);
    char text[NUM_F64_MAX_LEN + 1];
    size_t len = num_print_f32(text, value);
    text[len] = '\0';
    assert_string_equal(text, f[1]);
    assert_int_equal(num_parse_f32((Span){text, len}, &back), NUM_OK);
    assert_memory_equal(&back, &value, 4);
}

static void check_parse64(const char *const *f, int n) {
    assert_int_equal(n, 2);
    double value;
    NumResult result = num_parse_f64(span_of(f[0]), &value);
    if (strcmp(f[1], "inf") == 0) {
        assert_int_equal(result, NUM_RANGE);
        return;
    }
    assert_int_equal(result, NUM_OK);
    uint64_t bits;
    memcpy(&bits, &value, 8);
    if (bits != strtoull(f[1], NULL, 16)) fail_msg("%s: %016lx, expected %s", f[0], bits, f[1]);
    float narrow; /* the C library is the reference for floats */
    assert_int_not_equal(num_parse_f32(span_of(f[0]), &narrow), NUM_BAD);
    float expected = strtof(f[0], NULL);
    if (memcmp(&narrow, &expected, 4)) fail_msg("%s: %a, expected %a", f[0], narrow, expected);
}

static void num_print_f64_random(void **state) {
    (void)state;
    vectors_run("f64", 20000, check_f64);
}
static void num_print_f32_random(void **state) {
    (void)state;
    vectors_run("f32", 5000, check_f32);
}
static void num_parse_random(void **state) {
    (void)state;
    vectors_run("parse64", 10000, check_parse64);
}

static void num_float_texts(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {{1e10, "1.0E10"},
                 {1e7, "1.0E7"},
                 {9999999, "9999999.0"},
                 {1e-5, "1.0E-5"},
                 {0.001, "0.001"},
                 {0.00099, "9.9E-4"},
                 {0, "0.0"},
                 {-0.0, "-0.0"},
                 {4.9e-324, "4.9E-324"},
                 {1e-323, "9.9E-324"},
                 {2e-323, "2.0E-323"},
                 {1e23, "1.0E23"},
                 {2e23, "2.0E23"},
                 {INFINITY, "Infinity"},
                 {-INFINITY, "-Infinity"},
                 {NAN, "NaN"},
                 {123456.75, "123456.75"},
                 {1.7976931348623157e308, "1.7976931348623157E308"}};
    char text[NUM_F64_MAX_LEN + 1];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        text[num_print_f64(text, cases[i].value)] = '\0';
        assert_string_equal(text, cases[i].text);
    }
    text[num_print_f32(text, 16777216.0f)] = '\0';
    assert_string_equal(text, "1.6777216E7");
    text[num_print_f32(text, 16777219.0f)] = '\0';
    assert_string_equal(text, "1.677722E7");
    text[num_print_f32(text, 1.4e-45f)] = '\0';
    assert_string_equal(text, "1.4E-45");
    text[num_print_f32(text, 3.4028235e38f)] = '\0';
    assert_string_equal(text, "3.4028235E38");
}

static void num_float_refusals(void **state) {
    (void)state;
    static const char *const bad[] = {"",      ".",     "-",   "e5",   "1e", "1e+",
                                      "1.2.3", "1 ",    " 1",  "0x10", "1f", "nanx",
                                      "--1",   "1e5.0", "+-1", "infi", "1,5"};
    double value;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(num_parse_f64(span_of(bad[i]), &value), NUM_BAD);
    assert_int_equal(num_parse_f64(SPAN("1e400"), &value), NUM_RANGE);
    assert_int_equal(num_parse_f64(SPAN("1e-400"), &value), NUM_OK);
    assert_true(value == 0);
    assert_int_equal(num_parse_f64(SPAN("-Infinity"), &value), NUM_OK);
    assert_true(value < 0 && isinf(value));
    assert_int_equal(num_parse_f64(SPAN("5."), &value), NUM_OK);
    assert_int_equal(num_parse_f64(SPAN(".5"), &value), NUM_OK);
    assert_true(value == 0.5);
    /* A process that prints commas still reads points. */
    char *old = setlocale(LC_ALL, "de_DE.UTF-8");
    assert_int_equal(num_parse_f64(SPAN("2.2250738585072011360574097967091319e-308"), &value),
                     NUM_OK);
    if (old) setlocale(LC_ALL, "C");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(num_integers),         cmocka_unit_test(num_float_texts),
        cmocka_unit_test(num_float_refusals),   cmocka_unit_test(num_print_f64_random),
        cmocka_unit_test(num_print_f32_random), cmocka_unit_test(num_parse_random)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
