/* test_batch.c -- builders, gathering, selection and consolidation.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "random_data.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { ROWS = 40, ROUNDS = 200 };

static Batch one_column(const Column *col, const int32_t *weights) {
    return (Batch){.n_rows = col->n_rows,
                   .n_phys = col->n_rows,
                   .n_cols = 1,
                   .split = SPLIT_NONE,
                   .cols = col,
                   .weights = weights};
}

static void test_gather_and_append(void **state) {
    Arena arena;
    (void)state;
    arena_init(&arena, NULL);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        Rand r = {round};
        Column col = random_column(&r, &arena, random_type(&r, &arena, 3), ROWS), got, flat;
        uint32_t rows[ROWS], n = rand_below(&r, ROWS);
        ColBuilder b;
        for (uint32_t i = 0; i < n; i++) rows[i] = rand_below(&r, ROWS);
        got = col_gather(&arena, &col, rows, n);
        assert_int_equal(got.n_rows, n);
        for (uint32_t i = 0; i < n; i++) assert_true(col_value_eq(&got, i, &col, rows[i]));
        colb_init(&b, &arena, col.type, 1);
        for (uint32_t i = 0; i < n; i++) colb_append(&b, &col, rows[i], i % 2 == 0);
        colb_finish(&b, &got);
        for (uint32_t i = 0; i < n; i++) assert_true(col_value_eq(&got, i, &col, rows[i]));
        got = col_constant(&col, 0, 7);
        flat = col_flatten(&arena, &got);
        assert_false(flat.is_const);
        for (uint32_t i = 0; i < 7; i++) assert_true(col_value_eq(&flat, i, &col, 0));
        got = col_null(&arena, col.type, 5);
        flat = col_flatten(&arena, &got);
        for (uint32_t i = 0; i < 5; i++) assert_true(col_is_null(&flat, i) && col_is_null(&got, i));
        arena_reset(&arena);
    }
    arena_deinit(&arena);
}

/* An unfinished row leaves no trace, however deep it was. */
static void test_truncate(void **state) {
    Arena arena;
    (void)state;
    arena_init(&arena, NULL);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        Rand r = {round}, again;
        Field fields[2] = {{SPAN("a"), random_type(&r, &arena, 3)},
                           {SPAN("b"), random_type(&r, &arena, 3)}};
        Schema schema = {2, fields};
        BatchBuilder bad, good;
        const Batch *x, *y;
        batchb_init(&bad, &arena, &schema, 1);
        batchb_init(&good, &arena, &schema, 1);
        for (uint32_t i = 0; i < ROWS; i++) {
            ColBuilder *first = &bad.cols[0];
            again = r;
            random_value(&r, &bad.cols[0]);
            random_value(&r, &bad.cols[1]);
            batchb_row_end(&bad, i % 7 == 3 ? -2 : 1);
            random_value(&again, &good.cols[0]);
            random_value(&again, &good.cols[1]);
            batchb_row_end(&good, i % 7 == 3 ? -2 : 1);
            random_value(&r, first); /* a row that fails in its second column, ... */
            if (first->n_children) random_value(&r, &first->children[0]); /* or inside a value */
            batchb_truncate(&bad);
        }
        x = batchb_finish(&bad);
        y = batchb_finish(&good);
        assert_int_equal(x->n_rows, y->n_rows);
        for (uint32_t i = 0; i < ROWS; i++) {
            assert_true(col_value_eq(&x->cols[0], i, &y->cols[0], i));
            assert_true(col_value_eq(&x->cols[1], i, &y->cols[1], i));
            assert_int_equal(batch_weight(x, i), i % 7 == 3 ? -2 : 1);
        }
        arena_reset(&arena);
    }
    arena_deinit(&arena);
}

static int64_t weight_of(const Batch *batch, const Column *col, uint32_t row) {
    int64_t sum = 0;
    for (uint32_t i = 0; i < batch->n_rows; i++) {
        uint32_t phys = batch_row(batch, i);
        if (col_value_eq(&batch->cols[0], phys, col, row)) sum += batch_weight(batch, phys);
    }
    return sum;
}

static void test_consolidate(void **state) {
    Arena arena;
    (void)state;
    arena_init(&arena, NULL);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        Rand r = {round};
        Column col = random_column(&r, &arena, random_type(&r, &arena, 1), ROWS);
        int32_t weights[ROWS];
        uint32_t sel[ROWS], n_sel = 0;
        Batch batch = one_column(&col, weights), narrowed;
        const Batch *got;
        for (uint32_t i = 0; i < ROWS; i++) {
            weights[i] = (int32_t)rand_below(&r, 5) - 2;
            if (rand_below(&r, 3)) sel[n_sel++] = i;
        }
        narrowed = batch_select(&batch, sel, n_sel);
        got = batch_consolidate(&arena, &narrowed);
        assert_null(got->sel);
        for (uint32_t i = 0; i < ROWS; i++) {
            assert_int_equal(weight_of(&narrowed, &col, i), weight_of(got, &col, i));
        }
        for (uint32_t i = 0; i < got->n_rows; i++) {
            assert_int_not_equal(batch_weight(got, i), 0);
            for (uint32_t k = 0; k < i; k++) {
                assert_false(col_value_eq(&got->cols[0], i, &got->cols[0], k));
            }
        }
        arena_reset(&arena);
    }
    arena_deinit(&arena);
}

static void test_dense_shares(void **state) {
    Arena arena;
    Rand r = {1};
    Column col;
    Batch batch;
    (void)state;
    arena_init(&arena, NULL);
    col = random_column(&r, &arena, &type_bigint, ROWS);
    batch = one_column(&col, NULL);
    assert_ptr_equal(batch_dense(&arena, &batch), &batch);
    col = col_constant(&col, 2, ROWS);
    assert_ptr_not_equal(batch_dense(&arena, &batch), &batch);
    assert_false(batch_dense(&arena, &batch)->cols[0].is_const);
    arena_deinit(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gather_and_append),
        cmocka_unit_test(test_truncate),
        cmocka_unit_test(test_consolidate),
        cmocka_unit_test(test_dense_shares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
