/* prop_sql.c -- for random SQL: it parses, its deparsed text parses to an equal tree, and that tree
 * deparses to the same text. PROP_SEED and PROP_N repeat or lengthen a run.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sql/ast_fields.h"
#include "sql/sql.h"
#include "sql_random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static uint64_t env_number(const char *name, uint64_t otherwise) {
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

static void show_error(const char *what, const Buf *text, const Err *err, uint64_t seed) {
    Buf out;
    buf_init(&out, NULL);
    err_render(err, buf_as_span(text), what, &out);
    fail_msg("PROP_SEED=%llu\n%.*s\n%s", (unsigned long long)seed, (int)text->len, text->ptr,
             buf_cstr(&out));
}

static void show_trees(const Buf *text, const Buf *again, const Ast *a, const Ast *b,
                       uint64_t seed) {
    Buf left, right;
    buf_init(&left, NULL);
    buf_init(&right, NULL);
    ast_dump(a, &left);
    ast_dump(b, &right);
    fail_msg("PROP_SEED=%llu\n%.*s\n%.*s\n%s\n%s", (unsigned long long)seed, (int)text->len,
             text->ptr, (int)again->len, again->ptr, buf_cstr(&left), buf_cstr(&right));
}

static const Ast *parse_one(Arena *arena, const Buf *text, const char *what, uint64_t seed) {
    AstList list;
    Err err = ERR_INIT;
    if (sql_parse_script(arena, buf_as_span(text), &list, &err) != ST_OK) {
        show_error(what, text, &err, seed);
    }
    if (list.n != 1) {
        fail_msg("PROP_SEED=%llu: %d statements in\n%.*s", (unsigned long long)seed, list.n,
                 (int)text->len, text->ptr);
    }
    return list.items[0];
}

static void round_trip(Arena *arena, uint64_t seed, Buf *text, Buf *again, Buf *third) {
    Rng rng = {seed};
    const Ast *tree, *copy;
    buf_reset(text);
    buf_reset(again);
    buf_reset(third);
    sql_random(&rng, "statement", text);
    tree = parse_one(arena, text, "random", seed);
    sql_deparse(tree, again);
    copy = parse_one(arena, again, "deparsed", seed);
    if (!ast_equal(tree, copy)) show_trees(text, again, tree, copy, seed);
    sql_deparse(copy, third);
    if (!span_eq(buf_as_span(again), buf_as_span(third)))
        show_trees(again, third, tree, copy, seed);
}

static void count_kind(const Ast *node, void *arg) {
    uint64_t *counts = arg;
    counts[node->kind]++;
    ast_each_child(node, count_kind, arg);
}

/* The random statements reach every kind of node, or the round trip would prove little. */
static void every_kind_is_generated(void **state) {
    uint64_t counts[AST_N_KINDS] = {0};
    Arena arena;
    Buf text;
    (void)state;
    arena_init(&arena, NULL);
    buf_init(&text, NULL);
    for (uint64_t seed = 0; seed < 3000; seed++) {
        Rng rng = {seed};
        buf_reset(&text);
        sql_random(&rng, "statement", &text);
        count_kind(parse_one(&arena, &text, "random", seed), counts);
        arena_reset(&arena);
    }
    for (int kind = 0; kind < AST_N_KINDS; kind++) {
        if (!counts[kind]) fail_msg("no %s in 3,000 statements", ast_kind_name((AstKind)kind));
    }
    buf_deinit(&text);
    arena_deinit(&arena);
}

static void statements_round_trip(void **state) {
    uint64_t seed = env_number("PROP_SEED", 1), n = env_number("PROP_N", 40000);
    Arena arena;
    Buf text, again, third;
    (void)state;
    arena_init(&arena, NULL);
    buf_init(&text, NULL);
    buf_init(&again, NULL);
    buf_init(&third, NULL);
    for (uint64_t i = 0; i < n; i++) {
        round_trip(&arena, seed + i, &text, &again, &third);
        arena_reset(&arena);
    }
    buf_deinit(&text);
    buf_deinit(&again);
    buf_deinit(&third);
    arena_deinit(&arena);
}

/* A text cut anywhere, or with a byte changed, is parsed or refused with a position in it. */
static void broken_text_is_refused(void **state) {
    uint64_t seed = env_number("PROP_SEED", 1);
    Arena arena;
    Buf text, shown;
    (void)state;
    arena_init(&arena, NULL);
    buf_init(&text, NULL);
    buf_init(&shown, NULL);
    for (uint64_t i = 0; i < env_number("PROP_N", 40000) / 4; i++) {
        Rng rng = {seed + i};
        AstList list;
        Err errs[3];
        int n_errs;
        buf_reset(&text);
        buf_reset(&shown);
        sql_random(&rng, "statement", &text);
        if (i % 2) {
            text.ptr[rng_below(&rng, text.len)] = (char)rng_next(&rng);
        } else {
            text.len = rng_below(&rng, text.len);
        }
        if (sql_parse_all(&arena, buf_as_span(&text), &list, errs, 3, &n_errs) == ST_OK) {
            assert_int_equal(n_errs, 0);
        } else {
            assert_true(n_errs > 0);
            assert_true(errs[0].message[0] != '\0');
            assert_in_range(errs[0].pos, 0, text.len);
            err_render(&errs[0], buf_as_span(&text), "f.sql", &shown);
        }
        arena_reset(&arena);
    }
    buf_deinit(&text);
    buf_deinit(&shown);
    arena_deinit(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_kind_is_generated),
                                       cmocka_unit_test(statements_round_trip),
                                       cmocka_unit_test(broken_text_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
