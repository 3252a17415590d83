/* test_type.c -- equality and text of types.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "data/data.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void check_text(const Type *type, bool with_null, const char *want) {
    Buf buf;
    buf_init(&buf, NULL);
    type_print(type, with_null, &buf);
    assert_string_equal(buf_cstr(&buf), want);
    buf_deinit(&buf);
}

static void test_text(void **state) {
    Arena arena;
    const Type *row;
    Field fields[2] = {{SPAN("a"), NULL}, {SPAN("b`c"), &type_string}};
    (void)state;
    arena_init(&arena, NULL);
    fields[0].type = type_with_null(&arena, &type_int, false);
    row = type_row(&arena, (Schema){2, fields});
    check_text(row, true, "ROW<`a` INT NOT NULL, `b``c` STRING>");
    check_text(row, false, "ROW<`a` INT, `b``c` STRING>");
    check_text(type_decimal(&arena, 10, 2), false, "DECIMAL(10, 2)");
    check_text(type_with_len(&arena, TYPE_CHAR, 3), false, "CHAR(3)");
    check_text(type_with_len(&arena, TYPE_VARBINARY, 9), false, "VARBINARY(9)");
    check_text(type_map(&arena, &type_string, type_array(&arena, &type_bytes)), false,
               "MAP<STRING, ARRAY<BYTES>>");
    check_text(type_with_attr(&arena, &type_timestamp3, TIME_ATTR_ROWTIME), true,
               "TIMESTAMP(3) *ROWTIME*");
    assert_string_equal(type_text(&arena, &type_interval_ds), "INTERVAL DAY TO SECOND");
    arena_deinit(&arena);
}

static void test_equality(void **state) {
    Arena arena;
    const Type *a, *b;
    (void)state;
    arena_init(&arena, NULL);
    a = type_array(&arena, type_with_null(&arena, &type_int, false));
    b = type_array(&arena, &type_int);
    assert_true(type_eq(a, b));
    assert_false(type_eq_exact(a, b));
    assert_true(type_eq_exact(a, type_copy(&arena, a)));
    assert_false(type_eq(type_decimal(&arena, 10, 2), type_decimal(&arena, 10, 3)));
    assert_false(type_eq(&type_int, &type_date));
    arena_deinit(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_equality),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
