/* prop_expr_print.c -- an expression, printed as SQL, parsed and bound again, computes the same:
 * the printer's parentheses, the binder's types and the folding of constants agree.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../unit/expr_util.h"
#include "../unit/plan_util.h"
#include "../unit/random_data.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { ROUNDS = 1500, ROWS = 20 };

static const char create_t[] = "CREATE TABLE t (a INT, b BIGINT, c DOUBLE, d DECIMAL(10, 2), "
                               "e STRING, f TIMESTAMP(3), g BOOLEAN) WITH ('connector' = 'test')";

static Expr *random_number(Bench *b, Rand *r, int depth);
static Expr *random_bool(Bench *b, Rand *r, int depth);

static Expr *random_text(Bench *b, Rand *r, int depth) {
    static const char *const texts[] = {"a", "", "it's", "`x`", "%_", "--", "\xc3\xa4"};
    if (depth > 0 && rand_below(r, 3) == 0) {
        return bench_call(b, "||", random_text(b, r, depth - 1), random_text(b, r, depth - 1),
                          NULL);
    }
    if (depth > 0 && rand_below(r, 4) == 0) {
        return bench_call(b, "CASE", random_bool(b, r, depth - 1), random_text(b, r, depth - 1),
                          random_text(b, r, depth - 1), NULL);
    }
    return rand_below(r, 2) ? bench_col(b, 4) : bench_text(b, texts[rand_below(r, 7)]);
}

static Expr *random_interval(Bench *b, Rand *r) {
    static const int64_t units[] = {1000, US_PER_SECOND, US_PER_MINUTE, US_PER_HOUR, US_PER_DAY};
    int64_t us = units[rand_below(r, 5)] * ((int64_t)rand_below(r, 90) - 40);
    if (rand_below(r, 4) == 0) {
        return expr_const_i64(&b->plan, type_with_null(&b->plan, &type_interval_ym, false),
                              (int64_t)rand_below(r, 40) - 20, -1);
    }
    return expr_const_i64(&b->plan, type_with_null(&b->plan, &type_interval_ds, false), us, -1);
}

static Expr *random_time(Bench *b, Rand *r, int depth) {
    if (depth > 0 && rand_below(r, 2)) {
        return bench_call(b, rand_below(r, 2) ? "+" : "-", random_time(b, r, depth - 1),
                          random_interval(b, r), NULL);
    }
    if (rand_below(r, 2)) return bench_col(b, 5);
    return expr_const_i64(&b->plan, type_with_null(&b->plan, &type_timestamp3, false),
                          (int64_t)rand_below(r, 1u << 31) * 1000000, -1);
}

static Expr *random_number(Bench *b, Rand *r, int depth) {
    static const char *const ops[] = {"+", "-", "*", "/", "%"};
    if (depth > 0 && rand_below(r, 2)) {
        Expr *x = random_number(b, r, depth - 1), *y = random_number(b, r, depth - 1);
        switch (rand_below(r, 8)) {
        case 0: return bench_call(b, "-", x, NULL);
        case 1: return bench_call(b, "COALESCE", x, y, NULL);
        case 2: return bench_call(b, "CASE", random_bool(b, r, depth - 1), x, NULL);
        case 3: return bench_call(b, "ABS", x, NULL);
        default: return bench_call(b, ops[rand_below(r, 5)], x, y, NULL);
        }
    }
    switch (rand_below(r, 6)) {
    case 0: return bench_int(b, (int64_t)rand_below(r, 20));
    case 1: return bench_dec(b, 10 + (int64_t)rand_below(r, 90), 2, 1);
    case 2: return bench_double(b, (double)rand_below(r, 9) / 4);
    default: return bench_col(b, rand_below(r, 4));
    }
}

static Expr *random_bool(Bench *b, Rand *r, int depth) {
    static const char *const ops[] = {
        "=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"};
    static const char *const tests[] = {"IS TRUE", "IS NOT TRUE", "IS FALSE", "IS NOT FALSE",
                                        "IS NULL", "IS NOT NULL", "NOT"};
    const char *op = ops[rand_below(r, 8)];
    if (depth == 0)
        return rand_below(r, 3) ? bench_col(b, 6) : expr_bool(&b->plan, rand_below(r, 2));
    switch (rand_below(r, 8)) {
    case 0:
    case 1:
        return bench_call(b, rand_below(r, 2) ? "AND" : "OR", random_bool(b, r, depth - 1),
                          random_bool(b, r, depth - 1), random_bool(b, r, depth - 1), NULL);
    case 2: return bench_call(b, tests[rand_below(r, 7)], random_bool(b, r, depth - 1), NULL);
    case 3:
        return bench_call(b, op, random_text(b, r, depth - 1), random_text(b, r, depth - 1), NULL);
    case 4:
        return bench_call(b, op, random_time(b, r, depth - 1), random_time(b, r, depth - 1), NULL);
    case 5:
        return bench_call(b, rand_below(r, 2) ? "BETWEEN" : "NOT BETWEEN",
                          random_number(b, r, depth - 1), random_number(b, r, depth - 1),
                          random_number(b, r, depth - 1), NULL);
    case 6:
        return bench_call(b, rand_below(r, 2) ? "IN" : "NOT IN", random_text(b, r, depth - 1),
                          bench_text(b, "a"), bench_text(b, "bb"), bench_text(b, "ccc"), NULL);
    default:
        return bench_call(b, op, random_number(b, r, depth - 1), random_number(b, r, depth - 1),
                          NULL);
    }
}

static void fill(Bench *b, Rand *r) {
    const Type *types[] = {
        &type_int,    &type_bigint,     &type_double, type_decimal(&b->plan, 10, 2),
        &type_string, &type_timestamp3, &type_boolean};
    for (uint32_t c = 0; c < 7; c++) {
        int64_t values[ROWS];
        const char *texts[ROWS];
        for (uint32_t i = 0; i < ROWS; i++) {
            static const char *const some[] = {"a", "", "bb", "it's", NULL};
            bool is_null = rand_below(r, 6) == 0;
            values[i] = is_null ? NONE : (int64_t)rand_below(r, c == 6 ? 2 : 50) - (c == 6 ? 0 : 9);
            if (c == 5 && !is_null) values[i] *= 86399 * US_PER_SECOND;
            texts[i] = some[rand_below(r, 5)];
        }
        if (c == 4)
            bench_texts(b, texts, ROWS);
        else
            bench_ints(b, types[c], values, ROWS);
    }
}

/* The expression that SELECT text FROM t computes. */
static Expr *bind_text(PlanTest *t, const char *text) {
    Buf sql;
    Node *node;
    Status status;
    buf_init(&sql, NULL);
    buf_printf(&sql, "SELECT %s FROM t", text);
    status = plan_test_run(t, buf_cstr(&sql));
    if (status != ST_OK) fail_msg("%s\n[%s] %s", buf_cstr(&sql), t->err.sqlstate, t->err.message);
    buf_deinit(&sql);
    for (node = t->plan->logical_roots[0]; node->kind != NODE_PROJECT; node = node->inputs[0]) {
        assert_true(node->n_inputs == 1);
    }
    return node->exprs[0];
}

/* The same values, or both fail. */
static void check_same(Bench *b, Expr *x, Expr *y, const char *text) {
    Column p, q;
    Status first = bench_try_eval(b, x, NULL, 0, &p), second = bench_try_eval(b, y, NULL, 0, &q);
    if (first != second) fail_msg("%s: %s", text, b->err.message);
    if (first != ST_OK) return;
    if (!type_eq(p.type, q.type)) {
        fail_msg("%s: %s became %s", text, bench_type(b, x), bench_type(b, y));
    }
    for (uint32_t i = 0; i < ROWS; i++) {
        if (!col_value_eq(&p, i, &q, i)) fail_msg("%s: row %u differs", text, i);
    }
}

static void test_print_and_bind(void **state) {
    PlanTest t;
    (void)state;
    plan_test_init(&t);
    assert_int_equal(plan_test_run(&t, create_t), ST_OK);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        Rand r = {round};
        Bench b;
        Expr *expr, *again;
        const char *text;
        bench_open(&b);
        fill(&b, &r);
        expr = round % 4 == 0   ? random_number(&b, &r, 3)
               : round % 4 == 1 ? random_text(&b, &r, 2)
                                : random_bool(&b, &r, 3);
        text = bench_sql(&b, expr);
        again = bind_text(&t, text);
        check_same(&b, expr, again, text);
        check_same(&b, expr, expr_fold(&b.plan, expr, &b.env), text);
        bench_close(&b);
    }
    plan_test_deinit(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_print_and_bind)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
