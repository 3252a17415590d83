/* test_op_aggregate.c -- group aggregates over random inserts and retractions, in random steps and
 * chunks, against counting by hand.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { KEYS = 12, VALUES = 9, LIVE_MAX = 4000 };

typedef struct Live {
    int key, value; /* value -1 is NULL */
} Live;

static Node *make(Harness *h, Node *in, bool is_append) {
    Node *agg = harness_node(h, NODE_AGGREGATE, "k:i n:i c:i s:i lo:i hi:i d:i df:i first:i sd:i",
                             in, NULL);
    AggCall *calls = arena_array(&h->arena, AggCall, 9);
    Expr *v = harness_col(h, in, 1), *big = harness_col(h, in, 2);
    (void)is_append;
    agg->exprs = arena_array(&h->arena, Expr *, 1);
    agg->exprs[0] = harness_col(h, in, 0);
    agg->n_exprs = agg->agg.n_keys = 1;
    calls[0] = harness_call(h, "COUNT*", NULL, NULL, false);
    calls[1] = harness_call(h, "COUNT", v, big, false);
    calls[2] = harness_call(h, "SUM", v, NULL, false);
    calls[3] = harness_call(h, "MIN", v, NULL, false);
    calls[4] = harness_call(h, "MAX", v, big, false);
    calls[5] = harness_call(h, "COUNT", v, NULL, true);
    calls[6] = harness_call(h, "COUNT", v, big, true);
    calls[7] = harness_call(h, "FIRST", v, NULL, false);
    calls[8] = harness_call(h, "SUM", v, NULL, true);
    agg->agg.calls = calls;
    agg->agg.n_calls = 9;
    return agg;
}

static void append_num(char *out, size_t cap, bool is_null, int64_t v) {
    size_t len = strlen(out);
    if (is_null)
        snprintf(out + len, cap - len, "|~");
    else
        snprintf(out + len, cap - len, "|%lld", (long long)v);
}

/* What the rows alive give, sorted by text as harness_net sorts. */
static int text_cmp(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *expected(const Live *live, uint32_t n) {
    char *lines[KEYS];
    uint32_t n_lines = 0;
    static char all[8192];
    all[0] = 0;
    for (int k = 0; k < KEYS; k++) {
        int64_t count = 0, c = 0, sum = 0, n_sum = 0, lo = 99, hi = -1, first = -1, sd = 0;
        bool seen[VALUES] = {0};
        int64_t d = 0, df = 0;
        char line[256] = "";
        for (uint32_t i = 0; i < n; i++) {
            int v = live[i].value;
            bool is_big = v >= 4;
            if (live[i].key != k) continue;
            count++;
            if (v < 0) continue;
            if (first < 0) first = v;
            c += is_big;
            sum += v, n_sum++;
            if (v < lo) lo = v;
            if (is_big && v > hi) hi = v;
            if (!seen[v]) d++, df += is_big, sd += v;
            seen[v] = true;
        }
        if (!count) continue;
        snprintf(line, sizeof line, "1 %d|%lld|%lld", k, (long long)count, (long long)c);
        append_num(line, sizeof line, !n_sum, sum);
        append_num(line, sizeof line, !n_sum, lo);
        append_num(line, sizeof line, hi < 0, hi);
        append_num(line, sizeof line, false, d);
        append_num(line, sizeof line, false, df);
        append_num(line, sizeof line, first < 0, first);
        append_num(line, sizeof line, !d, sd);
        lines[n_lines++] = strdup(line);
    }
    qsort(lines, n_lines, sizeof *lines, text_cmp);
    for (uint32_t i = 0; i < n_lines; i++) {
        size_t len = strlen(all);
        snprintf(all + len, sizeof all - len, "%s\n", lines[i]);
        free(lines[i]);
    }
    return all;
}

static void feed(Harness *h, Node *in, int32_t weight, Live row) {
    char text[64];
    if (row.value < 0)
        snprintf(text, sizeof text, "%d|~|~", row.key);
    else
        snprintf(text, sizeof text, "%d|%d|%d", row.key, row.value, row.value >= 4);
    harness_row(h, in, weight, text);
}

static void run(uint64_t seed, bool is_append) {
    Harness h;
    static Live live[LIVE_MAX];
    uint32_t n = 0, step = 1 + (uint32_t)(seed % 40);
    harness_init(&h, seed);
    Node *in = harness_input(&h, "k:i v:i big:b", is_append);
    harness_open(&h, make(&h, in, is_append));
    for (uint32_t i = 0; i < 600; i++) {
        if (!is_append && n && harness_below(&h, 100) < 45) {
            /* Equal values retract the oldest, as FIRST sees it. */
            uint32_t at = harness_below(&h, n);
            for (uint32_t j = 0; j < at; j++)
                if (live[j].key == live[at].key && live[j].value == live[at].value) at = j;
            feed(&h, in, -1, live[at]);
            memmove(live + at, live + at + 1, sizeof *live * (n - at - 1));
            n--;
        } else {
            Live row = {(int)harness_below(&h, KEYS), (int)harness_below(&h, VALUES + 1) - 1};
            feed(&h, in, 1, row);
            live[n++] = row;
        }
        if (harness_below(&h, step) == 0) {
            harness_step(&h);
            if (harness_below(&h, 4) == 0) harness_expect_net(&h, expected(live, n));
        }
    }
    harness_step(&h);
    harness_expect_net(&h, expected(live, n));
    while (!is_append && n) feed(&h, in, -1, live[--n]);
    harness_step(&h);
    if (!is_append) harness_expect_net(&h, "");
    harness_free(&h);
}

static void test_retracting(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 30; seed++) run(seed, false);
}

static void test_append(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) run(seed, true);
}

/* One change a group and step, in order of first touch; equal results are not sent. */
static void test_changes(void **state) {
    Harness h;
    (void)state;
    harness_init(&h, 0);
    Node *in = harness_input(&h, "k:s v:i", false);
    Node *agg = harness_node(&h, NODE_AGGREGATE, "k:s n:i list:s", in, NULL);
    AggCall calls[2] = {harness_call(&h, "SUM", harness_col(&h, in, 1), NULL, false),
                        harness_call(&h, "LIST", harness_col(&h, in, 0), NULL, false)};
    Expr *key = harness_col(&h, in, 0);
    agg->exprs = &key;
    agg->n_exprs = agg->agg.n_keys = 1;
    agg->agg.calls = calls;
    agg->agg.n_calls = 2;
    harness_open(&h, agg);
    harness_row(&h, in, 1, "b|1");
    harness_row(&h, in, 1, "a key of many letters|5");
    harness_row(&h, in, 1, "b|2");
    harness_step(&h);
    harness_expect_take(&h, "+1 b|3|b,b\n+1 a key of many letters|5|a key of many letters\n");
    harness_row(&h, in, 1, "c|0");
    harness_row(&h, in, -1, "c|0");
    harness_row(&h, in, 1, "~|4");
    harness_row(&h, in, -1, "a key of many letters|5");
    harness_row(&h, in, -1, "b|2");
    harness_row(&h, in, 1, "b|2");
    harness_step(&h);
    harness_expect_take(&h, "+1 ~|4|~\n-1 a key of many letters|5|a key of many letters\n");
    harness_row(&h, in, 1, "b|0");
    harness_step(&h);
    harness_expect_take(&h, "-1 b|3|b,b\n+1 b|3|b,b,b\n");
    harness_free(&h);
}

static void test_distinct_rows(void **state) {
    (void)state;
    for (int is_append = 0; is_append < 2; is_append++) {
        Harness h;
        harness_init(&h, 3);
        Node *in = harness_input(&h, "k:s v:i", is_append);
        Node *agg = harness_node(&h, NODE_AGGREGATE, "k:s v:i", in, NULL);
        Expr *keys[2] = {harness_col(&h, in, 0), harness_col(&h, in, 1)};
        agg->exprs = keys;
        agg->n_exprs = agg->agg.n_keys = 2;
        harness_open(&h, agg);
        harness_row(&h, in, 1, "x|1");
        harness_row(&h, in, 1, "x|2");
        harness_row(&h, in, 1, "x|1");
        harness_step(&h);
        harness_expect_take(&h, "+1 x|1\n+1 x|2\n");
        harness_row(&h, in, 1, "x|2");
        if (!is_append) harness_row(&h, in, -2, "x|1");
        harness_step(&h);
        harness_expect_take(&h, is_append ? "" : "-1 x|1\n");
        harness_free(&h);
    }
}

/* Without keys: nothing before the first row, except in batch mode. */
static void test_global(void **state) {
    (void)state;
    for (int is_batch = 0; is_batch < 2; is_batch++) {
        Harness h;
        harness_init(&h, 1);
        h.env.is_batch = is_batch;
        Node *in = harness_input(&h, "v:i", false);
        Node *agg = harness_node(&h, NODE_AGGREGATE, "n:i s:i", in, NULL);
        AggCall calls[2] = {harness_call(&h, "COUNT*", NULL, NULL, false),
                            harness_call(&h, "SUM", harness_col(&h, in, 0), NULL, false)};
        agg->agg.calls = calls;
        agg->agg.n_calls = 2;
        harness_open(&h, agg);
        harness_row(&h, in, 1, "5");
        harness_row(&h, in, 1, "7");
        harness_step(&h);
        harness_expect_take(&h, is_batch ? "" : "+1 2|12\n");
        harness_row(&h, in, -1, "5");
        harness_row(&h, in, -1, "7");
        harness_step(&h);
        harness_expect_take(&h, is_batch ? "" : "-1 2|12\n");
        harness_end(&h);
        harness_expect_take(&h, is_batch ? "+1 0|~\n" : "");
        harness_free(&h);
    }
}

static void test_grouping_sets(void **state) {
    Harness h;
    uint32_t sets[3] = {3, 1, 0};
    (void)state;
    harness_init(&h, 5);
    Node *in = harness_input(&h, "a:s b:s", true);
    Node *agg = harness_node(&h, NODE_AGGREGATE, "a:s b:s n:i d:i", in, NULL);
    Expr *keys[2] = {harness_col(&h, in, 0), harness_col(&h, in, 1)};
    AggCall calls[2] = {harness_call(&h, "COUNT*", NULL, NULL, false),
                        harness_call(&h, "COUNT", harness_col(&h, in, 1), NULL, true)};
    agg->exprs = keys;
    agg->n_exprs = agg->agg.n_keys = 2;
    agg->agg.calls = calls;
    agg->agg.n_calls = 2;
    agg->agg.grouping_sets = sets;
    agg->agg.n_grouping_sets = 3;
    harness_open(&h, agg);
    harness_row(&h, in, 1, "x|p");
    harness_row(&h, in, 1, "x|~");
    harness_row(&h, in, 1, "y|p");
    harness_step(&h);
    harness_expect_net(&h, "1 x|p|1|1\n1 x|~|1|0\n1 x|~|2|1\n1 y|p|1|1\n1 y|~|1|1\n1 ~|~|3|1\n");
    harness_free(&h);
}

/* After warm-up a step allocates nothing. */
static void test_no_allocations(void **state) {
    Harness h;
    uint64_t n_allocs = 0;
    (void)state;
    harness_init(&h, 0);
    h.is_plain = true;
    Node *in = harness_input(&h, "k:i v:i big:b", false);
    harness_open(&h, make(&h, in, false));
    for (uint32_t step = 0; step < 60; step++) {
        for (int i = 0; i < 300; i++) {
            Live row = {(i * 7) % KEYS, i % VALUES};
            feed(&h, in, step % 2 ? -1 : 1, row);
        }
        harness_step(&h);
        if (step == 20) n_allocs = h.mem.n_allocs;
    }
    assert_int_equal(h.mem.n_allocs, n_allocs);
    harness_free(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes),        cmocka_unit_test(test_distinct_rows),
        cmocka_unit_test(test_global),         cmocka_unit_test(test_grouping_sets),
        cmocka_unit_test(test_retracting),     cmocka_unit_test(test_append),
        cmocka_unit_test(test_no_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
