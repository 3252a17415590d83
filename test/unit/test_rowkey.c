/* test_rowkey.c -- key bytes sort as values do, decode to what was encoded, and damaged keys are
 * refused.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "random_data.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { ROWS = 24, ROUNDS = 400 };

static int sign(int x) {
    return (x > 0) - (x < 0);
}

static int row_cmp(const Column *cols, uint32_t n_cols, const KeyOrder *orders, uint32_t a,
                   uint32_t b) {
    for (uint32_t c = 0; c < n_cols; c++) {
        bool a_null = col_is_null(&cols[c], a), b_null = col_is_null(&cols[c], b);
        int order;
        if (a_null != b_null) return a_null == orders[c].nulls_first ? -1 : 1;
        order = col_value_cmp(&cols[c], a, &cols[c], b);
        if (order != 0) return orders[c].is_desc ? -order : order;
    }
    return 0;
}

static void check_decode(Arena *arena, const Column *cols, uint32_t n_cols, const KeyOrder *orders,
                         const RowKeys *keys) {
    ColBuilder out[3];
    Column decoded;
    Err err = ERR_INIT;
    for (uint32_t c = 0; c < n_cols; c++) colb_init(&out[c], arena, cols[c].type, 4);
    for (uint32_t i = 0; i < keys->n; i++) {
        assert_int_equal(rowkey_decode(rowkey_get(keys, i), out, n_cols, orders, &err), ST_OK);
    }
    for (uint32_t c = 0; c < n_cols; c++) {
        colb_finish(&out[c], &decoded);
        for (uint32_t i = 0; i < keys->n; i++) assert_true(col_value_eq(&cols[c], i, &decoded, i));
    }
}

static void test_order(void **state) {
    Arena arena;
    (void)state;
    arena_init(&arena, NULL);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        Rand r = {round};
        uint32_t n_cols = 1 + rand_below(&r, 3);
        Column cols[3];
        KeyOrder orders[3];
        RowKeys keys;
        Buf one;
        arena_reset(&arena);
        for (uint32_t c = 0; c < n_cols; c++) {
            cols[c] = random_column(&r, &arena, random_type(&r, &arena, 2), ROWS);
            if (rand_below(&r, 8) == 0) cols[c] = col_constant(&cols[c], 0, ROWS);
            orders[c] = (KeyOrder){rand_below(&r, 2) != 0, rand_below(&r, 2) != 0};
        }
        rowkey_encode(&arena, cols, n_cols, orders, ROWS, &keys);
        for (uint32_t a = 0; a < ROWS; a++) {
            for (uint32_t b = 0; b < ROWS; b++) {
                int by_value = row_cmp(cols, n_cols, orders, a, b);
                int by_bytes = span_cmp(rowkey_get(&keys, a), rowkey_get(&keys, b));
                assert_int_equal(sign(by_value), sign(by_bytes));
                if (by_value == 0) assert_true(keys.hashes[a] == keys.hashes[b]);
            }
        }
        check_decode(&arena, cols, n_cols, orders, &keys);
        buf_init(&one, NULL);
        rowkey_encode_row(cols, n_cols, orders, 3, &one);
        assert_true(span_eq(buf_as_span(&one), rowkey_get(&keys, 3)));
        assert_true(rowkey_hash(buf_as_span(&one)) == keys.hashes[3]);
        buf_deinit(&one);
    }
    arena_deinit(&arena);
}

/* The loops for common shapes must write the same bytes as the general one. */
static void test_fast_paths(void **state) {
    static const Type not_null_bigint = {.kind = TYPE_BIGINT}, not_null_int = {.kind = TYPE_INT};
    static const Type not_null_double = {.kind = TYPE_DOUBLE};
    const Type *const shapes[][3] = {
        {&type_bigint, NULL, NULL},     {&type_int, NULL, NULL},
        {&type_string, NULL, NULL},     {&not_null_bigint, &not_null_int, &not_null_double},
        {&not_null_bigint, NULL, NULL}, {&not_null_double, &not_null_bigint, NULL},
    };
    Arena arena;
    (void)state;
    arena_init(&arena, NULL);
    for (uint32_t round = 0; round < 60; round++) {
        Rand r = {round + 1000};
        const Type *const *shape = shapes[round % 6];
        Column cols[3];
        uint32_t n_cols = 0;
        RowKeys keys;
        for (; n_cols < 3 && shape[n_cols]; n_cols++) {
            cols[n_cols] = random_column(&r, &arena, shape[n_cols], ROWS);
        }
        rowkey_encode(&arena, cols, n_cols, NULL, ROWS, &keys);
        for (uint32_t i = 0; i < ROWS; i++) {
            Buf one;
            buf_init(&one, NULL);
            rowkey_encode_row(cols, n_cols, NULL, i, &one);
            assert_true(span_eq(buf_as_span(&one), rowkey_get(&keys, i)));
            assert_true(rowkey_hash(buf_as_span(&one)) == keys.hashes[i]);
            buf_deinit(&one);
        }
    }
    arena_deinit(&arena);
}

static void test_bigint_is_nine_bytes(void **state) {
    Arena arena;
    ColBuilder b;
    Column col;
    RowKeys keys;
    (void)state;
    arena_init(&arena, NULL);
    colb_init(&b, &arena, &type_bigint, 2);
    colb_i64(&b, -1);
    colb_null(&b);
    colb_finish(&b, &col);
    rowkey_encode(&arena, &col, 1, NULL, 2, &keys);
    assert_int_equal(rowkey_get(&keys, 0).len, 9);
    assert_memory_equal(rowkey_get(&keys, 0).ptr, "\x01\x7f\xff\xff\xff\xff\xff\xff\xff", 9);
    assert_int_equal(rowkey_get(&keys, 1).len, 1);
    arena_deinit(&arena);
}

/* Every prefix of a key, and every key with a changed byte, is refused or decodes to something: no
 * reading beyond the end (the sanitizers watch). */
static void test_damage(void **state) {
    Arena arena;
    (void)state;
    arena_init(&arena, NULL);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        Rand r = {round};
        const Type *type = random_type(&r, &arena, 2);
        Column col = random_column(&r, &arena, type, 1);
        ColBuilder out;
        RowKeys keys;
        Span key;
        char *copy;
        Err err = ERR_INIT;
        rowkey_encode(&arena, &col, 1, NULL, 1, &keys);
        key = rowkey_get(&keys, 0);
        for (size_t len = 0; len < key.len; len++) {
            copy = mem_alloc(NULL, len);
            memcpy(copy, key.ptr, len);
            colb_init(&out, &arena, type, 1);
            assert_int_equal(rowkey_decode((Span){copy, len}, &out, 1, NULL, &err), ST_CORRUPT);
            mem_free(NULL, copy, len);
        }
        copy = mem_alloc(NULL, key.len);
        for (size_t at = 0; at < key.len; at++) {
            Status status;
            memcpy(copy, key.ptr, key.len);
            copy[at] = (char)rand_next(&r);
            colb_init(&out, &arena, type, 1);
            status = rowkey_decode((Span){copy, key.len}, &out, 1, NULL, &err);
            assert_true(status == ST_OK || status == ST_CORRUPT);
        }
        mem_free(NULL, copy, key.len);
        arena_reset(&arena);
    }
    arena_deinit(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_fast_paths),
        cmocka_unit_test(test_bigint_is_nine_bytes),
        cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
