/* test_cast_rules.c -- which casts exist (Flink's matrix), and that rules and kernels agree: what
 * "cannot fail" never fails, TRY_CAST never fails, what the rules allow is computed.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/cast.h"
#include "expr_util.h"
#include "random_data.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { KINDS = 14, ROWS = 60, ROUNDS = 4 };

static const Type *kind_type(Bench *b, int i) {
    const Type *types[KINDS] = {
        &type_boolean,     &type_tinyint,    &type_bigint,     type_decimal(&b->plan, 10, 2),
        &type_float,       &type_double,     &type_string,     &type_bytes,
        &type_date,        &type_time,       &type_timestamp3, &type_timestamp_ltz3,
        &type_interval_ym, &type_interval_ds};
    return types[i];
}

/* Rows: from, columns: to, in the order above. I inserted by itself, x only written, . none. */
static void test_matrix(void **state) {
    /* clang-format off */
    static const char *const want[KINDS] = {
        /*                bo ti bi de fl do st by da ti ts lt ym ds */
        /* boolean   */ "Ixxxxxx.......",
        /* tinyint   */ "xIIIIIx.....xx",
        /* bigint    */ "xxIIIIx.....xx",
        /* decimal   */ "xxxIIIx.......",
        /* float     */ "xxxIIIx.......",
        /* double    */ "xxxIxIx.......",
        /* string    */ "xxxxxxIxxxxx..",
        /* bytes     */ "......xI......",
        /* date      */ "......x.I.II..",
        /* time      */ "......x..Ixx..",
        /* timestamp */ "......x.IIII..",
        /* ltz       */ "......x.xxII..",
        /* ym        */ ".xx...x.....I.",
        /* ds        */ ".xx...x......I"};
    /* clang-format on */
    Bench b;
    (void)state;
    bench_open(&b);
    for (int from = 0; from < KINDS; from++) {
        for (int to = 0; to < KINDS; to++) {
            CastKind kind = cast_kind(kind_type(&b, from), kind_type(&b, to));
            char got = kind == CAST_NONE ? '.' : kind == CAST_EXPLICIT ? 'x' : 'I';
            char expected = want[from][to];
            if (got != expected) {
                fail_msg("%s to %s: %c, not %c", type_text(&b.plan, kind_type(&b, from)),
                         type_text(&b.plan, kind_type(&b, to)), got, expected);
            }
        }
    }
    bench_close(&b);
}

static void test_kernels_keep_to_the_rules(void **state) {
    (void)state;
    for (uint32_t round = 0; round < ROUNDS * KINDS * KINDS; round++) {
        Rand r = {round};
        Bench b;
        const Type *from, *to;
        Expr *cast;
        Column out;
        Status status;
        bench_open(&b);
        from = kind_type(&b, (int)(round % KINDS));
        to = kind_type(&b, (int)(round / KINDS % KINDS));
        if (round >= KINDS * KINDS * 3) { /* the same inside an array and a row */
            Field fields[2] = {{SPAN("x"), from}, {SPAN("y"), &type_int}};
            Field casted[2] = {{SPAN("x"), to}, {SPAN("y"), &type_int}};
            bool is_row = rand_below(&r, 2);
            from = is_row ? type_row(&b.plan, (Schema){2, fields}) : type_array(&b.plan, from);
            to = is_row ? type_row(&b.plan, (Schema){2, casted}) : type_array(&b.plan, to);
            from = type_copy(&b.plan, from);
            to = type_copy(&b.plan, to);
        }
        if (cast_kind(from, to) != CAST_NONE) {
            b.cols[0] = random_column(&r, &b.plan, from, ROWS);
            b.fields[0].type = from;
            b.schema.n_fields = 1;
            b.n_rows = ROWS;
            assert_int_equal(expr_cast(&b.plan, bench_col(&b, 0), to, true, 7, &cast, &b.err),
                             ST_OK);
            status = bench_try_eval(&b, cast, NULL, 0, &out);
            if (status != ST_OK) {
                fail_msg("TRY_CAST of %s to %s: %s", type_text(&b.plan, from),
                         type_text(&b.plan, to), b.err.message);
            }
            assert_int_equal(out.n_rows, ROWS);
            for (uint32_t i = 0; i < ROWS; i++) {
                if (col_is_null(&b.cols[0], i)) assert_true(col_is_null(&out, i));
            }
            assert_int_equal(expr_cast(&b.plan, bench_col(&b, 0), to, false, 7, &cast, &b.err),
                             ST_OK);
            status = bench_try_eval(&b, cast, NULL, 0, &out);
            if (status != ST_OK && !cast_can_fail(from, to)) {
                fail_msg("CAST of %s to %s: %s", type_text(&b.plan, from), type_text(&b.plan, to),
                         b.err.message);
            }
        }
        bench_close(&b);
    }
}

/* Decimals: the rule that tells whether rounding into fewer digits can overflow. */
static void test_decimal_casts(void **state) {
    static const struct {
        int p1, s1, p2, s2;
        bool can_fail;
    } cases[] = {
        {5, 2, 5, 2, false}, {5, 2, 10, 2, false}, {5, 2, 5, 1, false}, {5, 2, 4, 1, true},
        {5, 2, 3, 0, true},  {5, 2, 4, 0, false},  {5, 2, 6, 4, true},  {5, 2, 7, 4, false},
    };
    Bench b;
    (void)state;
    bench_open(&b);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const Type *from = type_decimal(&b.plan, cases[i].p1, cases[i].s1);
        const Type *to = type_decimal(&b.plan, cases[i].p2, cases[i].s2);
        assert_int_equal(cast_can_fail(from, to), cases[i].can_fail);
    }
    assert_true(cast_can_fail(&type_bigint, type_decimal(&b.plan, 10, 0)));
    assert_false(cast_can_fail(&type_int, type_decimal(&b.plan, 10, 0)));
    assert_false(cast_can_fail(&type_int, &type_bigint));
    assert_true(cast_can_fail(&type_bigint, &type_int));
    assert_true(cast_can_fail(&type_double, &type_bigint));
    assert_false(cast_can_fail(&type_bigint, &type_double));
    bench_close(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matrix),
        cmocka_unit_test(test_kernels_keep_to_the_rules),
        cmocka_unit_test(test_decimal_casts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
