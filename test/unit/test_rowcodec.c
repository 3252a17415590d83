/* test_rowcodec.c -- rows survive their byte form, and damaged bytes are refused.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "random_data.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { ROWS = 16, ROUNDS = 300, COLS = 3 };

static void test_round_trip(void **state) {
    Arena arena;
    (void)state;
    arena_init(&arena, NULL);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        Rand r = {round};
        Column cols[COLS], decoded;
        ColBuilder out[COLS];
        Err err = ERR_INIT;
        Buf bytes[ROWS];
        bool borrow = round % 2 == 0;
        arena_reset(&arena);
        for (uint32_t c = 0; c < COLS; c++) {
            cols[c] = random_column(&r, &arena, random_type(&r, &arena, 2), ROWS);
            colb_init(&out[c], &arena, cols[c].type, 1);
        }
        for (uint32_t i = 0; i < ROWS; i++) {
            buf_init(&bytes[i], NULL);
            rowcodec_encode(cols, COLS, i, &bytes[i]);
            assert_int_equal(rowcodec_decode(buf_as_span(&bytes[i]), out, COLS, borrow, &err),
                             ST_OK);
            if (!borrow) buf_deinit(&bytes[i]); /* the column must not point into it */
        }
        for (uint32_t c = 0; c < COLS; c++) {
            colb_finish(&out[c], &decoded);
            for (uint32_t i = 0; i < ROWS; i++) {
                assert_true(col_value_eq(&cols[c], i, &decoded, i));
            }
        }
        for (uint32_t i = 0; i < ROWS; i++) buf_deinit(&bytes[i]);
    }
    arena_deinit(&arena);
}

static void test_damage(void **state) {
    Arena arena;
    (void)state;
    arena_init(&arena, NULL);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        Rand r = {round};
        Column col = random_column(&r, &arena, random_type(&r, &arena, 2), 1);
        ColBuilder out;
        Buf bytes;
        Err err = ERR_INIT;
        buf_init(&bytes, NULL);
        rowcodec_encode(&col, 1, 0, &bytes);
        for (size_t len = 0; len < bytes.len; len++) {
            char *copy = mem_alloc(NULL, len);
            memcpy(copy, bytes.ptr, len);
            colb_init(&out, &arena, col.type, 1);
            assert_int_equal(rowcodec_decode((Span){copy, len}, &out, 1, false, &err), ST_CORRUPT);
            mem_free(NULL, copy, len);
        }
        for (size_t at = 0; at < bytes.len; at++) {
            char old = bytes.ptr[at];
            Status status;
            bytes.ptr[at] = (char)rand_next(&r);
            colb_init(&out, &arena, col.type, 1);
            status = rowcodec_decode(buf_as_span(&bytes), &out, 1, false, &err);
            assert_true(status == ST_OK || status == ST_CORRUPT);
            bytes.ptr[at] = old;
        }
        buf_putc(&bytes, 0);
        colb_init(&out, &arena, col.type, 1);
        assert_int_equal(rowcodec_decode(buf_as_span(&bytes), &out, 1, false, &err), ST_CORRUPT);
        buf_deinit(&bytes);
        arena_reset(&arena);
    }
    arena_deinit(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
