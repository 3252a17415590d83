/* test_signature.c -- the signature language, and the tables written in it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/signature.h"
#include "expr_util.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* One form of each function has an example, unless what it gives changes with time. */
static bool has_example(const Fn *const *fns, uint32_t n, const Fn *fn) {
    if (fn->example || (fn->traits & (FN_STABLE | FN_VOLATILE))) return true;
    for (uint32_t i = 0; i < n; i++) {
        if (fns[i]->example && strcmp(fns[i]->name, fn->name) == 0) return true;
    }
    return false;
}

/* Every row of every table is well-formed, so that a slip shows here and not in a query. */
static void test_tables(void **state) {
    Arena arena;
    uint32_t n;
    const Fn *const *fns = fn_all(&n);
    const Agg *const *aggs;
    Err err = ERR_INIT;
    Sig sig;
    (void)state;
    arena_init(&arena, NULL);
    assert_true(n > 20);
    for (uint32_t i = 0; i < n; i++) {
        if (sig_parse(&arena, fns[i]->sig, &sig, &err) != ST_OK) fail_msg("%s", err.message);
        assert_true((sig.result.class == SIG_DERIVED) == (fns[i]->derive != NULL));
        assert_non_null(fns[i]->group);
        assert_non_null(fns[i]->help);
        assert_true(has_example(fns, n, fns[i]));
        assert_true(!fns[i]->unprepare || fns[i]->prepare);
        assert_false((fns[i]->traits & FN_VOLATILE) && (fns[i]->traits & FN_STABLE));
        for (const char *p = fns[i]->name; *p; p++) assert_false(*p >= 'a' && *p <= 'z');
        for (uint32_t k = 0; k < i; k++) { /* a second row of the same form is never reached */
            assert_false(strcmp(fns[i]->name, fns[k]->name) == 0 &&
                         strcmp(fns[i]->sig, fns[k]->sig) == 0);
        }
    }
    aggs = agg_all(&n);
    for (uint32_t i = 0; i < n; i++) {
        if (sig_parse(&arena, aggs[i]->sig, &sig, &err) != ST_OK) fail_msg("%s", err.message);
        assert_true((sig.result.class == SIG_DERIVED) == (aggs[i]->derive != NULL));
        assert_int_equal(aggs[i]->state_size % 8, 0);
        assert_true(!(aggs[i]->traits & AGG_MERGEABLE) || aggs[i]->merge);
    }
    arena_deinit(&arena);
}

static void test_malformed(void **state) {
    static const char *const bad[] = {
        "",           "INT -> INT",     "(INT",          "(INT) INT",     "(INT) ->",
        "(FOO)->T",   "(INT,) -> INT",  "(INT INT)->T",  "(T... , T)->T", "(INT(3)) -> INT",
        "(T) -> T x", "(ARRAY<T) -> T", "(MAP<T>) -> T", "() -> $0"};
    Arena arena;
    Sig sig;
    Err err = ERR_INIT;
    (void)state;
    arena_init(&arena, NULL);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (sig_parse(&arena, bad[i], &sig, &err) == ST_OK) fail_msg("accepted: %s", bad[i]);
    }
    arena_deinit(&arena);
}

/* The result type that arguments of these types give, "no" when they do not fit. */
static const char *match(Bench *b, const char *text, const Type *const *types, uint32_t n) {
    Expr *args[8];
    Sig sig;
    SigMatch m;
    Err err = ERR_INIT;
    uint32_t bad;
    Expr result = {.kind = EXPR_CALL};
    assert_int_equal(sig_parse(&b->plan, text, &sig, &err), ST_OK);
    for (uint32_t i = 0; i < n; i++) args[i] = expr_column(&b->plan, i, types[i], -1);
    if (!sig_match(&b->plan, &sig, args, n, &m, &bad)) return "no";
    result.type = sig_result(&b->plan, &sig, &m, args, n, true, false);
    return bench_type(b, &result);
}
#define MATCH(text, ...)                                \
    match(&b, text, (const Type *const[]){__VA_ARGS__}, \
          sizeof((const Type *const[]){__VA_ARGS__}) / sizeof(Type *))

static void test_matching(void **state) {
    Bench b;
    const Type *dec, *ints, *big, *map, *c3;
    (void)state;
    bench_open(&b);
    dec = type_decimal(&b.plan, 10, 2);
    ints = type_array(&b.plan, &type_int);
    map = type_map(&b.plan, &type_string, &type_int);
    big = type_with_null(&b.plan, &type_bigint, false);
    c3 = type_with_len(&b.plan, TYPE_CHAR, 3);
    assert_string_equal(MATCH("(STRING, INT [, INT]) -> STRING", c3, &type_int), "STRING");
    assert_string_equal(MATCH("(STRING, INT [, INT]) -> STRING", c3, &type_bigint), "no");
    assert_string_equal(MATCH("(STRING, INT [, INT]) -> STRING", c3), "no");
    assert_string_equal(MATCH("(STRING) -> $1", c3), "CHAR(3)");
    assert_string_equal(MATCH("(BIGINT) -> INT", &type_smallint), "INT");
    assert_string_equal(MATCH("(BIGINT) -> INT", big), "INT NOT NULL");
    assert_string_equal(MATCH("(BIGINT) -> INT?", big), "INT");
    assert_string_equal(MATCH("(BIGINT) -> INT!", &type_bigint), "INT NOT NULL");
    assert_string_equal(MATCH("(T, T...) -> T", &type_int, big, &type_tinyint), "BIGINT");
    assert_string_equal(MATCH("(T, T...) -> T", &type_int, &type_string), "no");
    assert_string_equal(MATCH("(T:INTEGER, T) -> T", &type_int, dec), "no");
    assert_string_equal(MATCH("(T:EXACT, T) -> T", &type_int, dec), "DECIMAL(12, 2)");
    assert_string_equal(MATCH("(ARRAY<T>, T) -> ARRAY<T>", ints, &type_bigint), "ARRAY<BIGINT>");
    assert_string_equal(MATCH("(ARRAY<T>, T) -> T", &type_int, &type_bigint), "no");
    assert_string_equal(MATCH("(MAP<K, V>, K) -> V", map, c3), "INT");
    assert_string_equal(MATCH("(MAP<K, V>) -> ARRAY<K>", map), "ARRAY<STRING>");
    assert_string_equal(MATCH("(DECIMAL) -> $1", &type_int), "DECIMAL(10, 0)");
    assert_string_equal(MATCH("(APPROX) -> $1", dec), "DOUBLE");
    assert_string_equal(MATCH("(APPROX) -> $1", &type_float), "FLOAT");
    assert_string_equal(MATCH("(TIMESTAMP(3)) -> $1", &type_timestamp6), "TIMESTAMP(3)");
    assert_string_equal(MATCH("(TIMESTAMP) -> $1", &type_timestamp6), "TIMESTAMP(6)");
    assert_string_equal(MATCH("(TEMPORAL) -> DATE", &type_string), "no");
    assert_string_equal(MATCH("(INT) -> INT", &type_null), "INT");
    assert_string_equal(MATCH("(T, T) -> T", &type_null, dec), "DECIMAL(10, 2)");
    bench_close(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_matching),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
