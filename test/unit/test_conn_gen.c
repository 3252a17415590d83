/* test_conn_gen.c -- generated tables: the same seed gives the same rows, whatever is read of
 * them; the distributions of Nexmark; ranges, lengths, sequences and NULL rates of datagen.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/datagen.h"
#include "conn/nexmark_gen.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static NexmarkConfig nexmark_defaults(void) {
    return (NexmarkConfig){.seed = 1,
                           .rate = 10000,
                           .n_person = 1,
                           .n_auction = 3,
                           .n_bid = 46,
                           .person_bytes = 200,
                           .auction_bytes = 500,
                           .bid_bytes = 100,
                           .hot_auctions = 2,
                           .hot_bidders = 4,
                           .hot_sellers = 4};
}

static void test_nexmark_proportions_and_skew(void **state) {
    NexmarkConfig config = nexmark_defaults();
    NexmarkGen *gen = nexmark_gen_new(NULL, &config);
    uint32_t n[3] = {0};
    uint32_t n_hot = 0;
    (void)state;
    for (uint64_t number = 1; number <= 50000; number++) {
        NexmarkEvent event;
        nexmark_gen_event(gen, number, &event);
        n[event.kind]++;
        assert_int_equal(event.time_us, (int64_t)(number - 1) * 100 / 1000 * 1000);
        if (event.kind != NEXMARK_BID) continue;
        n_hot += event.auction == event.last_auction / 100 * 100 + 1000;
        assert_true(event.price >= 100 && event.price <= 100000000);
        assert_true(event.auction >= 1000 && event.auction <= event.last_auction + 1010);
    }
    assert_int_equal(n[NEXMARK_PERSON], 1000);
    assert_int_equal(n[NEXMARK_AUCTION], 3000);
    assert_int_equal(n[NEXMARK_BID], 46000);
    assert_true(n_hot > 46000 * 0.49 && n_hot < 46000 * 0.52);
    nexmark_gen_free(gen);
}

static void test_nexmark_is_repeatable(void **state) {
    NexmarkConfig config = nexmark_defaults();
    NexmarkGen *a = nexmark_gen_new(NULL, &config);
    NexmarkGen *b = nexmark_gen_new(NULL, &config);
    Arena arena;
    (void)state;
    arena_init(&arena, NULL);
    for (uint64_t number = 1; number <= 500; number++) {
        NexmarkEvent event;
        nexmark_gen_event(a, number, &event);
        for (uint32_t f = 0; nexmark_fields[event.kind][f].name; f++) {
            const Type *type =
                nexmark_fields[event.kind][f].type == TYPE_VARCHAR ? &type_string : &type_bigint;
            ColBuilder x;
            ColBuilder y;
            Column cx;
            Column cy;
            colb_init(&x, &arena, type, 1);
            colb_init(&y, &arena, type, 1);
            nexmark_gen_field(a, &event, f, &x);
            if (f % 2)
                nexmark_gen_event(b, number, &event); /* asking for more or less changes nothing */
            nexmark_gen_field(b, &event, f, &y);
            colb_finish(&x, &cx);
            colb_finish(&y, &cy);
            assert_true(col_value_eq(&cx, 0, &cy, 0));
        }
    }
    arena_deinit(&arena);
    nexmark_gen_free(a);
    nexmark_gen_free(b);
}

typedef struct Gen {
    Arena arena;
    Err err;
    ValueGen gen;
} Gen;

static void gen_init(Gen *g, const Type *type, const OptionPair *pairs, uint32_t n, Status want) {
    Options options = {.n = n, .pairs = pairs, .prefix = "", .specs = NULL};
    arena_init(&g->arena, NULL);
    g->err = (Err)ERR_INIT;
    assert_int_equal(valuegen_init(&g->gen, &g->arena, type, SPAN("c"), &options, &g->err), want);
}

static void gen_make(Gen *g, uint32_t n, Column *out) {
    ColBuilder col;
    Rng rng = {7};
    colb_init(&col, &g->arena, g->gen.type, n);
    for (uint32_t i = 0; i < n; i++)
        valuegen_append(&g->gen, &rng, INT64_C(1700000000000000), &col);
    colb_finish(&col, out);
}

static void test_datagen_ranges(void **state) {
    OptionPair pairs[] = {{SPAN("fields.c.min"), SPAN("-3"), -1},
                          {SPAN("fields.c.max"), SPAN("3"), -1},
                          {SPAN("fields.c.null-rate"), SPAN("0.25"), -1}};
    Gen g;
    Column col;
    uint32_t n_null = 0;
    bool seen[7] = {false};
    (void)state;
    gen_init(&g, &type_int, pairs, 3, ST_OK);
    gen_make(&g, 4000, &col);
    for (uint32_t i = 0; i < 4000; i++) {
        if (col_is_null(&col, i)) {
            n_null++;
            continue;
        }
        assert_true(col.i32[i] >= -3 && col.i32[i] <= 3);
        seen[col.i32[i] + 3] = true;
    }
    for (int i = 0; i < 7; i++) assert_true(seen[i]);
    assert_true(n_null > 800 && n_null < 1200);
    arena_deinit(&g.arena);
}

static void test_datagen_sequences_end(void **state) {
    OptionPair pairs[] = {{SPAN("fields.c.kind"), SPAN("sequence"), -1},
                          {SPAN("fields.c.start"), SPAN("5"), -1},
                          {SPAN("fields.c.end"), SPAN("9"), -1}};
    Gen g;
    Column col;
    (void)state;
    gen_init(&g, &type_bigint, pairs, 3, ST_OK);
    assert_int_equal(valuegen_rows(&g.gen), 5);
    gen_make(&g, 5, &col);
    for (uint32_t i = 0; i < 5; i++) assert_int_equal(col.i64[i], 5 + i);
    arena_deinit(&g.arena);
    gen_init(&g, &type_bigint, pairs, 2, ST_INVALID);
    arena_deinit(&g.arena);
}

static void test_datagen_text_and_nesting(void **state) {
    OptionPair pairs[] = {{SPAN("fields.c.s.length"), SPAN("5"), -1},
                          {SPAN("fields.c.a.length"), SPAN("3"), -1}};
    Gen g;
    Column col;
    Field fields[2];
    Arena types;
    (void)state;
    arena_init(&types, NULL);
    fields[0] = (Field){SPAN("s"), &type_string};
    fields[1] = (Field){SPAN("a"), type_array(&types, &type_double)};
    gen_init(&g, type_row(&types, (Schema){2, fields}), pairs, 2, ST_OK);
    gen_make(&g, 10, &col);
    for (uint32_t i = 0; i < 10; i++) {
        assert_int_equal(col.children[0].str[i].len, 5);
        assert_int_equal(col.children[1].offsets[i + 1] - col.children[1].offsets[i], 3);
    }
    arena_deinit(&g.arena);
    arena_deinit(&types);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nexmark_proportions_and_skew),
        cmocka_unit_test(test_nexmark_is_repeatable),
        cmocka_unit_test(test_datagen_ranges),
        cmocka_unit_test(test_datagen_sequences_end),
        cmocka_unit_test(test_datagen_text_and_nesting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
