/* test_program.c -- evaluation: three-valued logic, overflow, laziness, selections, sharing.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr_util.h"
#include "random_data.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void check_values(Bench *b, Expr *expr, const int64_t *want, uint32_t n) {
    Column got = bench_eval(b, expr);
    assert_int_equal(got.n_rows, n);
    for (uint32_t i = 0; i < n; i++) {
        if (bench_at(&got, i) != want[i]) {
            fail_msg("%s: row %u is %lld, not %lld", bench_sql(b, expr), i,
                     (long long)bench_at(&got, i), (long long)want[i]);
        }
    }
}
#define CHECK(expr, ...)                                   \
    check_values(&b, expr, (const int64_t[]){__VA_ARGS__}, \
                 sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))
#define CALL(...) bench_call(&b, __VA_ARGS__, NULL)

static void check_error(Bench *b, Expr *expr, const char *sqlstate, const char *message) {
    Column out;
    assert_int_equal(bench_try_eval(b, expr, NULL, 0, &out), ST_INVALID);
    assert_string_equal(b->err.sqlstate, sqlstate);
    if (message) assert_string_equal(b->err.message, message);
    assert_int_equal(b->err.pos, 7); /* where bench_call says it is */
}

/* ---- logic ---- */

static void test_three_values(void **state) {
    /* all nine pairs of false, true, unknown */
    const int64_t x[] = {0, 0, 0, 1, 1, 1, NONE, NONE, NONE};
    const int64_t y[] = {0, 1, NONE, 0, 1, NONE, 0, 1, NONE};
    Bench b;
    Expr *p, *q;
    (void)state;
    bench_open(&b);
    bench_ints(&b, &type_boolean, x, 9);
    bench_ints(&b, &type_boolean, y, 9);
    p = bench_col(&b, 0);
    q = bench_col(&b, 1);
    CHECK(CALL("AND", p, q), 0, 0, 0, 0, 1, NONE, 0, NONE, NONE);
    CHECK(CALL("OR", p, q), 0, 1, NONE, 1, 1, 1, NONE, 1, NONE);
    CHECK(CALL("NOT", p), 1, 1, 1, 0, 0, 0, NONE, NONE, NONE);
    CHECK(CALL("=", p, q), 1, 0, NONE, 0, 1, NONE, NONE, NONE, NONE);
    CHECK(CALL("IS DISTINCT FROM", p, q), 0, 1, 1, 1, 0, 1, 1, 1, 0);
    CHECK(CALL("IS NOT DISTINCT FROM", p, q), 1, 0, 0, 0, 1, 0, 0, 0, 1);
    CHECK(CALL("IS TRUE", q), 0, 1, 0, 0, 1, 0, 0, 1, 0);
    CHECK(CALL("IS NOT TRUE", q), 1, 0, 1, 1, 0, 1, 1, 0, 1);
    CHECK(CALL("IS FALSE", q), 1, 0, 0, 1, 0, 0, 1, 0, 0);
    CHECK(CALL("IS NOT FALSE", q), 0, 1, 1, 0, 1, 1, 0, 1, 1);
    CHECK(CALL("IS UNKNOWN", q), 0, 0, 1, 0, 0, 1, 0, 0, 1);
    CHECK(CALL("IS NOT NULL", q), 1, 1, 0, 1, 1, 0, 1, 1, 0);
    CHECK(CALL("AND", p, expr_null(&b.plan, &type_boolean, -1)), 0, 0, 0, NONE, NONE, NONE, NONE,
          NONE, NONE);
    CHECK(CALL("OR", p, expr_bool(&b.plan, true)), 1, 1, 1, 1, 1, 1, 1, 1, 1);
    bench_close(&b);
}

static void test_in(void **state) {
    const int64_t x[] = {1, 5, NONE, 40};
    Bench b;
    Expr *a, *null;
    (void)state;
    bench_open(&b);
    bench_ints(&b, &type_int, x, 4);
    a = bench_col(&b, 0);
    null = expr_null(&b.plan, &type_int, -1);
    CHECK(CALL("IN", a, bench_int(&b, 1), bench_int(&b, 2)), 1, 0, NONE, 0);
    CHECK(CALL("IN", a, bench_int(&b, 1), bench_int(&b, 5), bench_int(&b, 7)), 1, 1, NONE, 0);
    CHECK(CALL("IN", a, bench_int(&b, 1), null, bench_int(&b, 7)), 1, NONE, NONE, NONE);
    CHECK(CALL("NOT IN", a, bench_int(&b, 1), null, bench_int(&b, 7)), 0, NONE, NONE, NONE);
    CHECK(CALL("IN", a, bench_int(&b, 1), bench_int(&b, 2), bench_int(&b, 3), bench_int(&b, 4),
               bench_int(&b, 6), bench_int(&b, 7), bench_int(&b, 8), bench_int(&b, 9),
               bench_int(&b, 40), bench_int(&b, 40)),
          1, 0, NONE, 1);
    bench_close(&b);
}

/* ---- arithmetic ---- */

static void test_overflow(void **state) {
    const int64_t x[] = {1, INT64_MAX, INT64_MIN, NONE, 0};
    const int64_t i[] = {1, INT32_MAX, INT32_MIN, NONE, 0};
    const int64_t t[] = {1, 127, -128, NONE, 0};
    Bench b;
    Expr *a;
    (void)state;
    bench_open(&b);
    bench_ints(&b, &type_bigint, x, 5);
    bench_ints(&b, &type_int, i, 5);
    bench_ints(&b, &type_tinyint, t, 5);
    a = bench_col(&b, 0);
    check_error(&b, CALL("+", a, bench_big(&b, 1)), "22003",
                "9223372036854775807 + 1 is out of range for BIGINT");
    check_error(&b, CALL("-", a, bench_big(&b, 1)), "22003",
                "-9223372036854775808 - 1 is out of range for BIGINT");
    check_error(&b, CALL("-", bench_big(&b, 0), a), "22003", NULL);
    check_error(&b, CALL("*", a, a), "22003", NULL);
    check_error(&b, CALL("/", a, bench_big(&b, -1)), "22003", NULL);
    check_error(&b, CALL("-", a), "22003", NULL);
    check_error(&b, CALL("/", bench_big(&b, 1), a), "22012", NULL);
    check_error(&b, CALL("%", bench_big(&b, 1), a), "22012", NULL);
    check_error(&b, CALL("/", a, bench_big(&b, 0)), "22012", NULL);
    check_error(&b, CALL("+", bench_col(&b, 1), bench_int(&b, 1)), "22003",
                "2147483647 + 1 is out of range for INT");
    check_error(&b, CALL("*", bench_col(&b, 2), bench_col(&b, 2)), "22003",
                "127 * 127 is out of range for TINYINT");
    CHECK(CALL("%", a, bench_big(&b, -1)), 0, 0, 0, NONE, 0);
    CHECK(CALL("/", a, bench_big(&b, 2)), 0, INT64_MAX / 2, INT64_MIN / 2, NONE, 0);
    CHECK(CALL("+", a, expr_null(&b.plan, &type_bigint, -1)), NONE, NONE, NONE, NONE, NONE);
    CHECK(CALL("%", bench_col(&b, 1), bench_int(&b, 10)), 1, 7, -8, NONE, 0);
    bench_close(&b);
}

/* Against 128-bit arithmetic: a result, or an error exactly when one row does not fit. */
static void test_random_arithmetic(void **state) {
    static const Type *const types[] = {&type_tinyint, &type_smallint, &type_int, &type_bigint};
    static const char *const ops[] = {"+", "-", "*", "/", "%"};
    Bench b;
    (void)state;
    for (uint32_t round = 0; round < 600; round++) {
        Rand r = {round};
        const Type *type = types[round % 4];
        int bits = 8 * (int)phys_width(type_phys(type));
        Int128 limit = (Int128)1 << (bits - 1);
        const char *op = ops[round / 4 % 5];
        uint32_t n = 1 + rand_below(&r, 100);
        bool fits = true;
        Column got;
        Expr *expr, *x, *y;
        Int128 want[100];
        bench_open(&b);
        b.cols[0] = random_column(&r, &b.plan, type, n);
        b.cols[1] = random_column(&r, &b.plan, type, n);
        if (rand_below(&r, 3) == 0) b.cols[1] = col_constant(&b.cols[1], 0, n);
        if (rand_below(&r, 3) == 0) b.cols[0] = col_constant(&b.cols[0], 0, n);
        b.fields[0].type = b.fields[1].type = type;
        b.schema.n_fields = 2;
        b.n_rows = n;
        for (uint32_t i = 0; i < n; i++) {
            Int128 p = bench_at(&b.cols[0], i), q = bench_at(&b.cols[1], i);
            if (p == NONE || q == NONE) continue;
            if (q == 0 && (*op == '/' || *op == '%')) {
                fits = false;
                continue;
            }
            want[i] = *op == '+'   ? p + q
                      : *op == '-' ? p - q
                      : *op == '*' ? p * q
                      : *op == '/' ? p / q
                                   : p % q;
            fits &= want[i] >= -limit && want[i] < limit;
        }
        x = bench_col(&b, 0);
        y = bench_col(&b, 1);
        expr = bench_call(&b, op, x, y, NULL);
        if (fits) {
            got = bench_eval(&b, expr);
            for (uint32_t i = 0; i < n; i++) {
                bool is_null = col_is_null(&b.cols[0], i) || col_is_null(&b.cols[1], i);
                assert_int_equal(col_is_null(&got, i), is_null);
                if (!is_null) assert_true(bench_at(&got, i) == (int64_t)want[i]);
            }
        } else {
            assert_int_equal(bench_try_eval(&b, expr, NULL, 0, &got), ST_INVALID);
        }
        bench_close(&b);
    }
}

static void test_decimals(void **state) {
    const int64_t price[] = {100, 12345, NONE, -7}, n[] = {3, -2, 5, 0};
    Bench b;
    Column got;
    (void)state;
    bench_open(&b);
    bench_ints(&b, type_decimal(&b.plan, 10, 2), price, 4);
    bench_ints(&b, &type_bigint, n, 4);
    CHECK(CALL("*", bench_col(&b, 1), bench_dec(&b, 908, 4, 3)), 2724, -1816, 4540, 0);
    CHECK(CALL("+", bench_col(&b, 0), bench_dec(&b, 5, 2, 1)), 150, 12395, NONE, 43);
    CHECK(CALL("-", bench_col(&b, 1), bench_col(&b, 0)), 200, -12545, NONE, 7);
    CHECK(CALL("*", bench_col(&b, 0), bench_col(&b, 0)), 10000, 152399025, NONE, 49);
    CHECK(CALL("-", bench_col(&b, 0)), -100, -12345, NONE, 7);
    CHECK(CALL("%", bench_col(&b, 0), bench_dec(&b, 3, 1, 0)), 100, 45, NONE, -7);
    CHECK(CALL("=", bench_col(&b, 0), bench_dec(&b, 1, 1, 0)), 1, 0, NONE, 0);
    CHECK(CALL("<", bench_col(&b, 0), bench_dec(&b, 100000, 6, 4)), 1, 0, NONE, 1);
    check_error(&b, CALL("/", bench_col(&b, 0), bench_col(&b, 1)), "22012",
                "division by zero: -0.07 / 0");
    got = bench_eval(&b, CALL("/", bench_col(&b, 0), bench_dec(&b, 3, 1, 0))); /* (14, 6)? */
    assert_string_equal(type_text(&b.plan, got.type), "DECIMAL(14, 6)");
    assert_int_equal(bench_at(&got, 0), 333333);
    assert_int_equal(bench_at(&got, 1), 41150000);
    assert_int_equal(bench_at(&got, 3), -23333);
    bench_close(&b);
}

static void test_decimal_overflow(void **state) {
    Bench b;
    ColBuilder c;
    Int128 big = decimal_pow10(38) - 1;
    (void)state;
    bench_open(&b);
    colb_init(&c, &b.plan, type_decimal(&b.plan, 38, 0), 1);
    colb_i128(&c, big);
    colb_finish(&c, &b.cols[0]);
    b.fields[0].type = c.type;
    b.schema.n_fields = b.n_rows = 1;
    check_error(&b, CALL("+", bench_col(&b, 0), bench_dec(&b, 1, 1, 0)), "22003",
                "99999999999999999999999999999999999999 + 1 is out of range for DECIMAL(38, 0)");
    check_error(&b, CALL("*", bench_col(&b, 0), bench_col(&b, 0)), "22003", NULL);
    CHECK(CALL("=", bench_col(&b, 0), bench_dec(&b, 1, 38, 38)), 0);
    CHECK(CALL(">", bench_col(&b, 0), bench_dec(&b, 1, 38, 38)), 1);
    bench_close(&b);
}

static void test_floats(void **state) {
    const double x[] = {1.5, NAN, INFINITY, -0.0}, y[] = {NAN, NAN, 1.0, 0.0};
    Bench b;
    Column got;
    (void)state;
    bench_open(&b);
    bench_doubles(&b, x, 4);
    bench_doubles(&b, y, 4);
    CHECK(CALL("=", bench_col(&b, 0), bench_col(&b, 1)), 0, 1, 0, 1);
    CHECK(CALL("<", bench_col(&b, 0), bench_col(&b, 1)), 1, 0, 0, 0);
    CHECK(CALL("<=", bench_col(&b, 0), bench_col(&b, 1)), 1, 1, 0, 1);
    CHECK(CALL(">", bench_col(&b, 0), bench_double(&b, 1.0)), 1, 1, 1, 0);
    CHECK(CALL("<>", bench_double(&b, NAN), bench_col(&b, 0)), 1, 0, 1, 1);
    got = bench_eval(&b, CALL("/", bench_col(&b, 0), bench_double(&b, 0)));
    assert_true(isinf(got.f64[0]) && isnan(got.f64[1]) && isnan(got.f64[3]));
    bench_close(&b);
}

/* ---- laziness ---- */

static void test_unselected_branches_never_fail(void **state) {
    const int64_t x[] = {0, 2, NONE, 5}, y[] = {10, 10, 10, 10};
    Bench b;
    Expr *a, *c, *ratio, *zero, *is_zero, *big;
    (void)state;
    bench_open(&b);
    bench_ints(&b, &type_int, x, 4);
    bench_ints(&b, &type_int, y, 4);
    a = bench_col(&b, 0);
    c = bench_col(&b, 1);
    zero = bench_int(&b, 0);
    ratio = CALL("/", c, a);
    is_zero = CALL("=", a, zero);
    big = CALL(">", ratio, bench_int(&b, 3));
    check_error(&b, ratio, "22012", "division by zero: 10 / 0");
    CHECK(CALL("AND", CALL("<>", a, zero), big), 0, 1, NONE, 0);
    CHECK(CALL("OR", is_zero, big), 1, 1, NONE, 0);
    CHECK(CALL("CASE", is_zero, bench_int(&b, -1), ratio), -1, 5, NONE, 2);
    CHECK(CALL("CASE", is_zero, bench_int(&b, -1), big, bench_int(&b, 1)), -1, 1, NONE, NONE);
    CHECK(CALL("COALESCE", CALL("NULLIF", a, zero), CALL("/", c, CALL("+", a, bench_int(&b, 1)))),
          10, 2, NONE, 5);
    CHECK(CALL("IF", is_zero, zero, ratio), 0, 5, NONE, 2);
    check_error(&b, CALL("AND", big, CALL("<>", a, zero)), "22012", NULL);
    check_error(&b, CALL("CASE", CALL("IS NULL", a), zero, ratio), "22012", NULL);
    bench_close(&b);
}

static void test_no_rows_no_error(void **state) {
    const int64_t x[] = {1};
    Bench b;
    Column out;
    Expr *expr;
    (void)state;
    bench_open(&b);
    bench_ints(&b, &type_int, x, 1);
    expr = CALL("/", bench_int(&b, 1), bench_int(&b, 0));
    assert_int_equal(bench_try_eval(&b, expr, (uint32_t[]){0}, 0, &out), ST_OK);
    assert_int_equal(out.n_rows, 0);
    check_error(&b, expr, "22012", NULL);
    assert_ptr_not_equal(expr_fold(&b.plan, expr, &b.env), NULL);
    assert_int_equal(expr_fold(&b.plan, expr, &b.env)->kind, EXPR_CALL); /* stays to fail later */
    bench_close(&b);
}

static void test_case_of_text(void **state) {
    const int64_t x[] = {1, 2, 3, NONE};
    const char *const t[] = {"one", "a rather long text", NULL, "four"};
    Bench b;
    Column got;
    Expr *a;
    (void)state;
    bench_open(&b);
    bench_ints(&b, &type_int, x, 4);
    bench_texts(&b, t, 4);
    a = bench_col(&b, 0);
    got = bench_eval(&b, CALL("CASE", CALL("=", a, bench_int(&b, 1)), bench_text(&b, "first"),
                              CALL("<", a, bench_int(&b, 4)), bench_col(&b, 1),
                              bench_text(&b, "none of these at all")));
    assert_true(span_is(str_span(&got.str[0]), "first"));
    assert_true(span_is(str_span(&got.str[1]), "a rather long text"));
    assert_true(col_is_null(&got, 2));
    assert_true(span_is(str_span(&got.str[3]), "none of these at all"));
    bench_close(&b);
}

static void test_rows_and_fields(void **state) {
    const int64_t x[] = {1, NONE, 3};
    const char *const t[] = {"x", "y", NULL};
    Bench b;
    Column got;
    Expr *row, *is_one, *chosen;
    (void)state;
    bench_open(&b);
    bench_ints(&b, &type_int, x, 3);
    bench_texts(&b, t, 3);
    row = CALL("ROW", bench_col(&b, 0), bench_col(&b, 1), bench_int(&b, 9));
    CHECK(CALL("[]", row, bench_int(&b, 1)), 1, NONE, 3);
    CHECK(expr_field(&b.plan, row, 2, -1), 9, 9, 9);
    is_one = CALL("=", bench_col(&b, 0), bench_int(&b, 1));
    chosen = CALL("CASE", is_one, row);
    got = bench_eval(&b, chosen);
    assert_false(col_is_null(&got, 0));
    assert_true(col_is_null(&got, 1) && col_is_null(&got, 2));
    CHECK(expr_field(&b.plan, chosen, 2, -1), 9, NONE, NONE);
    CHECK(CALL("=", row, row), 1, 1, 1);
    /* a column of ROWs, read by field under a selection */
    b.cols[2] = bench_eval(&b, row);
    b.fields[2].type = row->type;
    b.schema.n_fields = 3;
    assert_int_equal(bench_try_eval(&b, expr_field(&b.plan, bench_col(&b, 2), 0, -1),
                                    (uint32_t[]){0, 2}, 2, &got),
                     ST_OK);
    assert_int_equal(bench_at(&got, 1), 3);
    bench_close(&b);
}

/* ---- selections and filters ---- */

/* A random condition over columns a (INT), b (BIGINT), c (DOUBLE), d (STRING). */
static Expr *random_condition(Bench *b, Rand *r, int depth) {
    static const char *const ops[] = {"=", "<>", "<", "<=", ">", ">="};
    const char *op = ops[rand_below(r, 6)];
    Expr *x, *y;
    if (depth > 0 && rand_below(r, 3)) {
        Expr *p = random_condition(b, r, depth - 1), *q = random_condition(b, r, depth - 1);
        if (rand_below(r, 5) == 0) return bench_call(b, "NOT", p, NULL);
        return bench_call(b, rand_below(r, 2) ? "AND" : "OR", p, q,
                          random_condition(b, r, depth - 1), NULL);
    }
    switch (rand_below(r, 6)) {
    case 0: x = bench_col(b, 0), y = bench_int(b, rand_below(r, 4)); break;
    case 1: x = bench_big(b, rand_below(r, 4)), y = bench_col(b, 1); break;
    case 2: x = bench_col(b, 2), y = bench_double(b, rand_below(r, 3)); break;
    case 3: x = bench_col(b, 3), y = bench_text(b, rand_below(r, 2) ? "a" : "ab"); break;
    case 4:
        return bench_call(b, "IN", bench_col(b, 0), bench_int(b, 1), bench_int(b, 2),
                          bench_int(b, rand_below(r, 9)), NULL);
    default: return bench_call(b, "IS NULL", bench_col(b, rand_below(r, 4)), NULL);
    }
    return bench_call(b, op, x, y, NULL);
}

static void test_select_agrees_with_eval(void **state) {
    static const Type *const types[] = {&type_int, &type_bigint, &type_double, &type_string};
    Bench b;
    (void)state;
    for (uint32_t round = 0; round < 500; round++) {
        Rand r = {round};
        uint32_t n = 1 + rand_below(&r, 90), sel[90], n_sel = 0, n_got, k = 0;
        const uint32_t *got;
        bool use_sel = rand_below(&r, 2);
        Program *program;
        Column value;
        Expr *cond;
        Batch batch;
        bench_open(&b);
        for (uint32_t i = 0; i < 4; i++) {
            b.cols[i] = random_column(&r, &b.plan, types[i], n);
            if (rand_below(&r, 8) == 0) b.cols[i] = col_constant(&b.cols[i], 0, n);
            b.fields[i].type = types[i];
        }
        b.schema.n_fields = 4;
        b.n_rows = n;
        for (uint32_t i = 0; i < n; i++) {
            if (!use_sel || rand_below(&r, 2)) sel[n_sel++] = i;
        }
        cond = random_condition(&b, &r, 3);
        batch = (Batch){.schema = &b.schema,
                        .n_rows = n_sel,
                        .n_phys = n,
                        .n_cols = 4,
                        .cols = b.cols,
                        .sel = use_sel ? sel : NULL};
        assert_int_equal(program_compile(&program, &cond, 1, &b.plan, &b.err), ST_OK);
        assert_int_equal(program_eval(program, &batch, &b.env, &b.scratch, &value, &b.err), ST_OK);
        assert_int_equal(program_select(program, &batch, &b.env, &b.scratch, &got, &n_got, &b.err),
                         ST_OK);
        for (uint32_t i = 0; i < n_sel; i++) {
            if (bench_at(&value, i) != 1) continue;
            assert_true(k < n_got);
            assert_int_equal(got ? got[k] : k, batch_row(&batch, i));
            k++;
        }
        assert_int_equal(k, n_got);
        if (n_got == n_sel) assert_ptr_equal(got, batch.sel);
        program_free(program);
        bench_close(&b);
    }
}

static void test_select_is_lazy(void **state) {
    const int64_t x[] = {0, 2, 4, 5}, y[] = {10, 10, 10, 10};
    const uint32_t *sel;
    uint32_t n;
    Bench b;
    Program *program;
    Batch batch;
    Expr *cond;
    (void)state;
    bench_open(&b);
    bench_ints(&b, &type_int, x, 4);
    bench_ints(&b, &type_int, y, 4);
    cond = CALL("AND", CALL("<>", bench_col(&b, 0), bench_int(&b, 0)),
                CALL(">", CALL("/", bench_col(&b, 1), bench_col(&b, 0)), bench_int(&b, 2)),
                CALL("<", CALL("/", bench_col(&b, 1), bench_col(&b, 0)), bench_int(&b, 5)));
    batch = (Batch){.schema = &b.schema, .n_rows = 4, .n_phys = 4, .n_cols = 2, .cols = b.cols};
    assert_int_equal(program_compile(&program, &cond, 1, &b.plan, &b.err), ST_OK);
    assert_int_equal(program_select(program, &batch, &b.env, &b.scratch, &sel, &n, &b.err), ST_OK);
    assert_int_equal(n, 0);
    bench_close(&b);
}

/* ---- sharing and folding ---- */

static uint32_t spy_calls;

static Status spy_kernel(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                         Err *err) {
    (void)ctx;
    (void)n_args;
    (void)err;
    spy_calls++;
    memcpy((void *)(uintptr_t)out->data, args[0].i32, n * sizeof(int32_t));
    return ST_OK;
}

static Expr *spy(Bench *b, Expr *arg, uint32_t traits) {
    static Fn fns[2] = {{.name = "SPY", .kernel = spy_kernel}, {.name = "SPY2"}};
    Expr *call = arena_new(&b->plan, Expr);
    Fn *fn = traits & FN_VOLATILE ? &fns[1] : &fns[0];
    *fn = (Fn){.name = "SPY", .sig = "(INT) -> INT", .kernel = spy_kernel, .traits = traits};
    *call = (Expr){.kind = EXPR_CALL, .type = &type_int, .n_args = 1, .fn = fn, .pos = -1};
    call->args = arena_array(&b->plan, Expr *, 1);
    call->args[0] = arg;
    return call;
}

static void test_equal_parts_are_computed_once(void **state) {
    const int64_t x[] = {1, 2, 3};
    Bench b;
    Expr *sum;
    (void)state;
    bench_open(&b);
    bench_ints(&b, &type_int, x, 3);
    sum = CALL("+", spy(&b, bench_col(&b, 0), FN_STRICT), spy(&b, bench_col(&b, 0), FN_STRICT));
    spy_calls = 0;
    CHECK(sum, 2, 4, 6);
    assert_int_equal(spy_calls, 1);
    sum = CALL("+", spy(&b, bench_col(&b, 0), FN_STRICT | FN_VOLATILE),
               spy(&b, bench_col(&b, 0), FN_STRICT | FN_VOLATILE));
    spy_calls = 0;
    CHECK(sum, 2, 4, 6);
    assert_int_equal(spy_calls, 2);
    bench_close(&b);
}

static void test_constants_stay_constants(void **state) {
    const int64_t x[] = {1, 2, 3};
    Bench b;
    Column got;
    (void)state;
    bench_open(&b);
    bench_ints(&b, &type_int, x, 3);
    b.cols[0] = col_constant(&b.cols[0], 1, 3);
    got = bench_eval(&b, CALL("+", bench_col(&b, 0), bench_int(&b, 5)));
    assert_true(got.is_const);
    assert_int_equal(got.n_rows, 3);
    assert_int_equal(bench_at(&got, 2), 7);
    bench_close(&b);
}

static void test_fold(void **state) {
    const int64_t x[] = {1};
    Bench b;
    Expr *a, *sum, *yes, *no;
    (void)state;
    bench_open(&b);
    bench_ints(&b, &type_int, x, 1);
    a = bench_col(&b, 0);
    sum = CALL("+", bench_int(&b, 1), CALL("*", bench_int(&b, 2), bench_int(&b, 3)));
    yes = expr_bool(&b.plan, true);
    no = expr_bool(&b.plan, false);
#define FOLDED(expr) bench_sql(&b, expr_fold(&b.plan, expr, &b.env))
    assert_string_equal(FOLDED(CALL("+", a, sum)), "a + 7");
    assert_string_equal(FOLDED(CALL("AND", yes, CALL("=", a, sum))), "a = 7");
    assert_string_equal(FOLDED(CALL("AND", CALL("=", a, sum), no, CALL("=", a, a))),
                        "a = 7 AND FALSE");
    assert_string_equal(FOLDED(CALL("OR", no, yes, CALL("=", a, sum))), "TRUE");
    assert_string_equal(FOLDED(CALL("CASE", no, sum, CALL("=", a, a), a, yes, sum, a)),
                        "CASE WHEN a = a THEN a ELSE 7 END");
    assert_string_equal(FOLDED(CALL("CASE", yes, a, sum)), "a");
    assert_string_equal(FOLDED(CALL("COALESCE", expr_null(&b.plan, &type_int, -1), a, sum, a)),
                        "COALESCE(a, 7)");
    assert_string_equal(FOLDED(spy(&b, bench_int(&b, 4), FN_VOLATILE)), "SPY(4)");
    bench_close(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_three_values),
        cmocka_unit_test(test_in),
        cmocka_unit_test(test_overflow),
        cmocka_unit_test(test_random_arithmetic),
        cmocka_unit_test(test_decimals),
        cmocka_unit_test(test_decimal_overflow),
        cmocka_unit_test(test_floats),
        cmocka_unit_test(test_unselected_branches_never_fail),
        cmocka_unit_test(test_no_rows_no_error),
        cmocka_unit_test(test_case_of_text),
        cmocka_unit_test(test_rows_and_fields),
        cmocka_unit_test(test_select_agrees_with_eval),
        cmocka_unit_test(test_select_is_lazy),
        cmocka_unit_test(test_equal_parts_are_computed_once),
        cmocka_unit_test(test_constants_stay_constants),
        cmocka_unit_test(test_fold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
