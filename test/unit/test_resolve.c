/* test_resolve.c -- which function a call means, what type it has, what is cast, what is refused.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr_util.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const Type *dec(Bench *b, int precision, int scale) {
    return type_decimal(&b->plan, precision, scale);
}

static const char *binary_type(Bench *b, const char *op, const Type *x, const Type *y) {
    Expr *out;
    Status status = bench_try_call(b, &out, op, expr_column(&b->plan, 0, x, -1),
                                   expr_column(&b->plan, 1, y, -1), NULL);
    return status == ST_OK ? bench_type(b, out) : b->err.sqlstate;
}

/* Precision and scale of results, from Flink's documentation and its planner. */
static void test_decimal_types(void **state) {
    static const struct {
        const char *op;
        int p1, s1, p2, s2; /* s -1: BIGINT (p 19) or INT (p 10) */
        const char *want;
    } cases[] = {
        {"+", 10, 2, 10, 2, "DECIMAL(11, 2)"},    {"+", 10, 2, 5, 4, "DECIMAL(13, 4)"},
        {"-", 38, 10, 38, 10, "DECIMAL(38, 9)"},  {"+", 38, 8, 32, 8, "DECIMAL(38, 7)"},
        {"+", 38, 38, 38, 38, "DECIMAL(38, 37)"}, {"+", 10, 2, 10, -1, "DECIMAL(13, 2)"},
        {"*", 10, 2, 10, 2, "DECIMAL(21, 4)"},    {"*", 19, -1, 4, 3, "DECIMAL(24, 3)"},
        {"*", 38, 10, 38, 10, "DECIMAL(38, 6)"},  {"*", 20, 4, 20, 4, "DECIMAL(38, 6)"},
        {"*", 38, 2, 38, 2, "DECIMAL(38, 4)"},    {"/", 10, 2, 10, 2, "DECIMAL(23, 13)"},
        {"/", 5, 0, 3, 0, "DECIMAL(11, 6)"},      {"/", 38, 18, 38, 18, "DECIMAL(38, 6)"},
        {"/", 38, 10, 20, 0, "DECIMAL(38, 10)"},  {"%", 10, 2, 5, 4, "DECIMAL(5, 4)"},
        {"%", 38, 0, 10, 5, "DECIMAL(10, 5)"},    {"%", 10, -1, 5, 2, "DECIMAL(5, 2)"},
    };
    Bench b;
    (void)state;
    bench_open(&b);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const Type *x = cases[i].s1 < 0 ? (cases[i].p1 == 19 ? &type_bigint : &type_int)
                                        : dec(&b, cases[i].p1, cases[i].s1);
        const Type *y = cases[i].s2 < 0 ? &type_int : dec(&b, cases[i].p2, cases[i].s2);
        assert_string_equal(binary_type(&b, cases[i].op, x, y), cases[i].want);
    }
    bench_close(&b);
}

static void test_arithmetic_types(void **state) {
    Bench b;
    (void)state;
    bench_open(&b);
    assert_string_equal(binary_type(&b, "+", &type_int, &type_int), "INT");
    assert_string_equal(binary_type(&b, "+", &type_tinyint, &type_bigint), "BIGINT");
    assert_string_equal(binary_type(&b, "*", &type_bigint, &type_float), "FLOAT");
    assert_string_equal(binary_type(&b, "*", &type_float, &type_double), "DOUBLE");
    assert_string_equal(binary_type(&b, "/", dec(&b, 5, 2), &type_float), "DOUBLE");
    assert_string_equal(binary_type(&b, "%", &type_bigint, &type_int), "INT");
    assert_string_equal(binary_type(&b, "MOD", &type_int, &type_bigint), "BIGINT");
    assert_string_equal(binary_type(&b, "+", &type_int, &type_string), "42883");
    assert_string_equal(binary_type(&b, "+", &type_timestamp3, &type_interval_ds), "TIMESTAMP(3)");
    assert_string_equal(binary_type(&b, "+", &type_interval_ym, &type_timestamp_ltz6),
                        "TIMESTAMP_LTZ(6)");
    assert_string_equal(binary_type(&b, "-", &type_date, &type_interval_ym), "DATE");
    assert_string_equal(binary_type(&b, "-", &type_timestamp3, &type_timestamp6),
                        "INTERVAL DAY TO SECOND");
    assert_string_equal(binary_type(&b, "+", &type_timestamp3, &type_timestamp3), "42883");
    assert_string_equal(binary_type(&b, "*", &type_interval_ds, &type_int),
                        "INTERVAL DAY TO SECOND");
    bench_close(&b);
}

static void test_nullability(void **state) {
    Bench b;
    const Type *not_null;
    (void)state;
    bench_open(&b);
    not_null = type_with_null(&b.plan, &type_int, false);
    assert_string_equal(binary_type(&b, "+", not_null, not_null), "INT NOT NULL");
    assert_string_equal(binary_type(&b, "+", not_null, &type_int), "INT");
    assert_string_equal(binary_type(&b, "=", not_null, not_null), "BOOLEAN NOT NULL");
    assert_string_equal(binary_type(&b, "IS DISTINCT FROM", &type_int, not_null),
                        "BOOLEAN NOT NULL");
    assert_string_equal(binary_type(&b, "COALESCE", &type_int, not_null), "INT NOT NULL");
    assert_string_equal(binary_type(&b, "COALESCE", &type_int, &type_bigint), "BIGINT");
    assert_string_equal(binary_type(&b, "NULLIF", not_null, not_null), "INT");
    assert_string_equal(
        binary_type(&b, "*", dec(&b, 5, 2), type_with_null(&b.plan, dec(&b, 5, 2), false)),
        "DECIMAL(11, 4)");
    bench_close(&b);
}

static void test_common_types(void **state) {
    Bench b;
    const Type *c3, *c5, *v5;
    (void)state;
    bench_open(&b);
    c3 = type_with_len(&b.plan, TYPE_CHAR, 3);
    c5 = type_with_len(&b.plan, TYPE_CHAR, 5);
    v5 = type_with_len(&b.plan, TYPE_VARCHAR, 5);
#define COMMON(x, y) binary_type(&b, "IFNULL", x, y)
    assert_string_equal(COMMON(c3, c3), "CHAR(3)");
    assert_string_equal(COMMON(c3, c5), "VARCHAR(5)");
    assert_string_equal(COMMON(c3, v5), "VARCHAR(5)");
    assert_string_equal(COMMON(&type_string, c3), "STRING");
    assert_string_equal(binary_type(&b, "||", c3, c5), "CHAR(8)");
    assert_string_equal(binary_type(&b, "||", c3, v5), "VARCHAR(8)");
    assert_string_equal(binary_type(&b, "||", c3, &type_string), "STRING");
    assert_string_equal(COMMON(&type_int, dec(&b, 5, 2)), "DECIMAL(12, 2)");
    assert_string_equal(COMMON(&type_bigint, &type_float), "FLOAT");
    assert_string_equal(COMMON(dec(&b, 5, 2), &type_float), "DOUBLE");
    assert_string_equal(COMMON(dec(&b, 38, 0), dec(&b, 38, 38)), "DECIMAL(38, 0)");
    assert_string_equal(COMMON(&type_timestamp3, &type_timestamp_ltz6), "TIMESTAMP_LTZ(6)");
    assert_string_equal(COMMON(&type_date, &type_timestamp3), "TIMESTAMP(3)");
    assert_string_equal(COMMON(type_array(&b.plan, &type_int), type_array(&b.plan, &type_bigint)),
                        "ARRAY<BIGINT>");
    assert_string_equal(COMMON(&type_null, &type_date), "DATE");
    assert_string_equal(COMMON(&type_int, &type_string), "42804");
    assert_string_equal(COMMON(&type_time, &type_timestamp3), "42804");
    assert_string_equal(COMMON(&type_interval_ds, &type_interval_ym), "42804");
    bench_close(&b);
}

static void test_refusals(void **state) {
    Bench b;
    Expr *out, *x, *s;
    (void)state;
    bench_open(&b);
    x = expr_column(&b.plan, 0, &type_int, 3);
    s = expr_column(&b.plan, 1, &type_string, 9);
    assert_int_equal(bench_try_call(&b, &out, "COALESC", x, NULL), ST_NOT_FOUND);
    assert_string_equal(b.err.sqlstate, "42883");
    assert_int_equal(b.err.pos, 7);
    assert_int_equal(bench_try_call(&b, &out, "=", x, s, NULL), ST_INVALID);
    assert_string_equal(b.err.message, "operator = does not take (INT, STRING)");
    assert_true(b.err.hint[0] != '\0');
    assert_int_equal(bench_try_call(&b, &out, "AND", x, x, NULL), ST_INVALID);
    assert_string_equal(b.err.sqlstate, "42804");
    assert_int_equal(b.err.pos, 3);
    assert_int_equal(bench_try_call(&b, &out, "NOT", s, NULL), ST_INVALID);
    assert_int_equal(bench_try_call(&b, &out, "CASE", x, NULL), ST_INVALID);
    assert_int_equal(expr_cast(&b.plan, x, &type_timestamp3, false, 5, &out, &b.err), ST_INVALID);
    assert_string_equal(b.err.sqlstate, "42846");
    assert_int_equal(expr_coerce(&b.plan, s, &type_int, 5, &out, &b.err), ST_INVALID);
    assert_string_equal(b.err.sqlstate, "42804");
    assert_int_equal(expr_coerce(&b.plan, x, &type_bigint, 5, &out, &b.err), ST_OK);
    assert_int_equal(out->kind, EXPR_CAST);
    bench_close(&b);
}

static void test_rewrites(void **state) {
    Bench b;
    int64_t values[] = {1, 2};
    Expr *a, *one, *two;
    (void)state;
    bench_open(&b);
    bench_ints(&b, &type_int, values, 2);
    bench_ints(&b, &type_timestamp3, values, 2);
    a = bench_col(&b, 0);
    one = bench_int(&b, 1);
    two = bench_int(&b, 2);
#define SQL(...) bench_sql(&b, bench_call(&b, __VA_ARGS__, NULL))
    assert_string_equal(SQL("BETWEEN", a, one, two), "a >= 1 AND a <= 2");
    assert_string_equal(SQL("NOT BETWEEN", a, one, two), "a < 1 OR a > 2");
    assert_string_equal(SQL("NOT", bench_call(&b, "=", a, one, NULL)), "a <> 1");
    assert_string_equal(SQL("IN", a, one, two), "a = 1 OR a = 2");
    assert_string_equal(SQL("IN", a, one, two, bench_int(&b, 3)), "a IN (1, 2, 3)");
    assert_string_equal(SQL("!=", a, one), "a <> 1");
    assert_string_equal(SQL("IS UNKNOWN", bench_call(&b, "=", a, one, NULL)), "(a = 1) IS NULL");
    assert_string_equal(SQL("NULLIF", a, one), "CASE WHEN a = 1 THEN NULL ELSE a END");
    assert_string_equal(SQL("*", bench_call(&b, "+", a, one, NULL), two), "(a + 1) * 2");
    assert_string_equal(SQL("-", a, bench_call(&b, "-", one, two, NULL)), "a - (1 - 2)");
    assert_string_equal(SQL("-", bench_call(&b, "-", a, one, NULL), two), "a - 1 - 2");
    assert_string_equal(SQL("AND",
                            bench_call(&b, "AND", bench_call(&b, "=", a, one, NULL),
                                       bench_call(&b, "=", a, two, NULL), NULL),
                            bench_call(&b, "OR", bench_call(&b, "<", a, one, NULL),
                                       bench_call(&b, ">", a, two, NULL), NULL)),
                        "a = 1 AND a = 2 AND (a < 1 OR a > 2)");
    assert_string_equal(SQL("=", bench_col(&b, 1), bench_text(&b, "2024-01-01 00:00:00")),
                        "b = CAST('2024-01-01 00:00:00' AS TIMESTAMP(3))");
    bench_close(&b);
}

/* ---- aggregates ---- */

static const char *agg_type(Bench *b, const char *name, const Type *type, bool is_grouped,
                            bool is_distinct, AggCall *call) {
    Expr *arg = type ? expr_column(&b->plan, 0, type, 3) : NULL, result = {.kind = EXPR_CALL};
    b->err = (Err)ERR_INIT;
    if (agg_bind(&b->plan, span_of(name), &arg, type ? 1 : 0, is_distinct, is_grouped, 7, call,
                 &b->err) != ST_OK) {
        return b->err.sqlstate;
    }
    result.type = call->type;
    return bench_type(b, &result);
}

static void test_aggregates(void **state) {
    Bench b;
    AggCall call;
    const Type *not_null;
    (void)state;
    bench_open(&b);
    not_null = type_with_null(&b.plan, &type_int, false);
#define AGG(name, type, grouped) agg_type(&b, name, type, grouped, false, &call)
    assert_string_equal(AGG("COUNT", NULL, false), "BIGINT NOT NULL");
    assert_string_equal(AGG("count", &type_string, false), "BIGINT NOT NULL");
    assert_string_equal(AGG("SUM", not_null, true), "INT NOT NULL");
    assert_string_equal(AGG("SUM", not_null, false), "INT");
    assert_string_equal(AGG("SUM", &type_int, true), "INT");
    assert_string_equal(AGG("SUM", dec(&b, 10, 2), true), "DECIMAL(38, 2)");
    assert_string_equal(AGG("AVG", dec(&b, 10, 2), true), "DECIMAL(38, 6)");
    assert_string_equal(AGG("AVG", &type_bigint, true), "BIGINT");
    assert_string_equal(AGG("MAX", type_with_len(&b.plan, TYPE_CHAR, 3), true), "CHAR(3)");
    assert_string_equal(AGG("SUM", &type_string, true), "42883");
    assert_string_equal(b.err.message, "SUM does not take (STRING)");
    assert_string_equal(AGG("SUMM", not_null, true), "42883");
    assert_string_equal(b.err.hint, "did you mean SUM?");
    assert_string_equal(agg_type(&b, "COUNT", &type_int, true, true, &call), "BIGINT NOT NULL");
    assert_true(call.is_distinct);
    assert_string_equal(agg_type(&b, "MIN", &type_int, true, true, &call), "INT");
    assert_false(call.is_distinct); /* changes nothing for MIN */
    assert_string_equal(agg_type(&b, "COUNT", NULL, true, true, &call), "42601");
    assert_true(agg_is_name(SPAN("Sum")) && !agg_is_name(SPAN("ABS")));
    bench_close(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decimal_types), cmocka_unit_test(test_arithmetic_types),
        cmocka_unit_test(test_nullability),   cmocka_unit_test(test_common_types),
        cmocka_unit_test(test_refusals),      cmocka_unit_test(test_rewrites),
        cmocka_unit_test(test_aggregates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
