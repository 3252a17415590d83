/* test_op_order.c -- Top-N, deduplication, sort, limit and upsert streams over random changes,
 * against sorting what is alive.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { LIVE_MAX = 700, PARTS = 4 };

typedef struct Live {
    int part, score, id;
    uint32_t arrival;
} Live;

static int live_cmp(const void *a, const void *b) {
    const Live *x = a, *y = b;
    if (x->part != y->part) return x->part < y->part ? -1 : 1;
    if (x->score != y->score) return x->score > y->score ? -1 : 1; /* descending */
    return x->arrival < y->arrival ? -1 : 1;
}

static int text_cmp(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

typedef struct Case {
    int64_t offset, limit;
    bool with_rank, is_rank, is_dense, is_append;
} Case;

static char *expected(const Live *live, uint32_t n, Case c) {
    static char text[100000];
    char *lines[LIVE_MAX];
    static Live rows[LIVE_MAX];
    uint32_t n_lines = 0;
    int64_t rank = 0, place = 0;
    size_t len = 0;
    memcpy(rows, live, sizeof *rows * n);
    qsort(rows, n, sizeof *rows, live_cmp);
    for (uint32_t i = 0; i < n; i++) {
        char line[64];
        bool is_first = i == 0 || rows[i].part != rows[i - 1].part;
        bool is_tie = !is_first && rows[i].score == rows[i - 1].score;
        place = is_first ? 1 : place + 1;
        if (!c.is_rank)
            rank = place;
        else if (!is_tie)
            rank = c.is_dense ? (is_first ? 1 : rank + 1) : place;
        if (rank <= c.offset || rank > c.offset + c.limit) continue;
        snprintf(line, sizeof line, "1 %d|%d|%d", rows[i].part, rows[i].score, rows[i].id);
        if (c.with_rank)
            snprintf(line + strlen(line), sizeof line - strlen(line), "|%lld", (long long)rank);
        lines[n_lines++] = strdup(line);
    }
    qsort(lines, n_lines, sizeof *lines, text_cmp);
    text[0] = 0;
    for (uint32_t i = 0; i < n_lines; i++) {
        len += (size_t)snprintf(text + len, sizeof text - len, "%s\n", lines[i]);
        free(lines[i]);
    }
    return text;
}

static Node *topn_node(Harness *h, Node *in, Case c) {
    static const uint32_t part = 0;
    static const SortKey order = {.col = 1, .order = {.is_desc = true}};
    Node *node =
        harness_node(h, NODE_TOPN, c.with_rank ? "p:i s:i id:i r:i" : "p:i s:i id:i", in, NULL);
    node->topn.partition = &part;
    node->topn.n_partition = 1;
    node->topn.order = &order;
    node->topn.n_order = 1;
    node->topn.offset = c.offset;
    node->topn.limit = c.limit;
    node->topn.with_rank = c.with_rank;
    node->topn.is_rank = c.is_rank;
    node->topn.is_dense = c.is_dense;
    return node;
}

static void feed(Harness *h, Node *in, int weight, Live row) {
    char text[64];
    snprintf(text, sizeof text, "%d|%d|%d", row.part, row.score, row.id);
    harness_row(h, in, weight, text);
}

static void run_topn(uint64_t seed, Case c) {
    Harness h;
    static Live live[LIVE_MAX];
    uint32_t n = 0, step = 1 + (uint32_t)(seed % 15);
    harness_init(&h, seed);
    Node *in = harness_input(&h, "p:i s:i id:i", c.is_append);
    harness_open(&h, topn_node(&h, in, c));
    for (uint32_t i = 0; i < 500; i++) {
        if (!c.is_append && n && harness_below(&h, 100) < 46) {
            uint32_t at = harness_below(&h, n);
            feed(&h, in, -1, live[at]);
            memmove(live + at, live + at + 1, sizeof *live * (n - at - 1));
            n--;
        } else {
            Live row = {(int)harness_below(&h, PARTS), (int)harness_below(&h, 6), (int)i, i};
            live[n++] = row;
            feed(&h, in, 1, row);
        }
        if (harness_below(&h, step) == 0) {
            harness_step(&h);
            if (harness_below(&h, 5) == 0) harness_expect_net(&h, expected(live, n, c));
        }
    }
    harness_step(&h);
    harness_expect_net(&h, expected(live, n, c));
    while (!c.is_append && n) feed(&h, in, -1, live[--n]);
    harness_step(&h);
    if (!c.is_append) harness_expect_net(&h, "");
    harness_free(&h);
}

static void test_topn(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 64; seed++) {
        Case c = {.offset = seed % 3 == 2 ? 2 : 0,
                  .limit = 1 + (int64_t)(seed % 4) * 2,
                  .with_rank = seed % 2,
                  .is_append = seed / 2 % 2,
                  .is_rank = seed / 4 % 4 >= 2,
                  .is_dense = seed / 4 % 4 == 3};
        run_topn(seed, c);
    }
}

/* What takes a row's place comes after what it displaces. */
static void test_topn_order(void **state) {
    Case c = {.limit = 2}, ranked = {.limit = 2, .with_rank = true};
    (void)state;
    for (int with_rank = 0; with_rank < 2; with_rank++) {
        Harness h;
        harness_init(&h, 0);
        Node *in = harness_input(&h, "p:i s:i id:i", true);
        harness_open(&h, topn_node(&h, in, with_rank ? ranked : c));
        harness_row(&h, in, 1, "1|5|1");
        harness_row(&h, in, 1, "1|5|2");
        harness_step(&h);
        harness_expect_take(&h, with_rank ? "+1 1|5|1|1\n+1 1|5|2|2\n" : "+1 1|5|1\n+1 1|5|2\n");
        harness_row(&h, in, 1, "1|9|3");
        harness_row(&h, in, 1, "1|5|4");
        harness_step(&h);
        harness_expect_take(&h, with_rank ? "-1 1|5|1|1\n+1 1|9|3|1\n-1 1|5|2|2\n+1 1|5|1|2\n"
                                          : "-1 1|5|2\n+1 1|9|3\n");
        harness_free(&h);
    }
}

static void test_dedup(void **state) {
    static const uint32_t part = 0;
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        bool keep_last = kind & 1, is_proctime = kind & 2;
        for (uint64_t seed = 0; seed < 6; seed++) {
            Harness h;
            int best[PARTS], best_time[PARTS], n_lines = 0;
            char text[64], all[256] = "";
            harness_init(&h, seed);
            Node *in = harness_input(&h, "p:i ts:r v:i", true);
            Node *node = harness_node(&h, NODE_DEDUP, "p:i ts:t v:i", in, NULL);
            node->dedup.partition = &part;
            node->dedup.n_partition = 1;
            node->dedup.time_col = 1;
            node->dedup.keep_last = keep_last;
            node->dedup.is_proctime = is_proctime;
            harness_open(&h, node);
            for (int p = 0; p < PARTS; p++) best[p] = -1;
            for (int i = 0; i < 200; i++) {
                int p = (int)harness_below(&h, PARTS), ts = (int)harness_below(&h, 50);
                int old = best[p] < 0 ? 0 : best_time[p];
                bool wins = best[p] < 0 || (is_proctime ? keep_last
                                            : keep_last ? ts >= old
                                                        : ts < old);
                if (wins) best[p] = i, best_time[p] = ts;
                snprintf(text, sizeof text, "%d|%d|%d", p, ts, i);
                harness_row(&h, in, 1, text);
                if (harness_below(&h, 8) == 0) harness_step(&h);
            }
            harness_step(&h);
            for (int p = 0; p < PARTS; p++)
                n_lines += snprintf(all + n_lines, sizeof all - (size_t)n_lines, "1 %d|%d|%d\n", p,
                                    best_time[p], best[p]);
            harness_expect_net(&h, all);
            harness_free(&h);
        }
    }
}

static void test_normalize(void **state) {
    static const uint32_t key = 0;
    Harness h;
    (void)state;
    harness_init(&h, 2);
    Node *in = harness_input(&h, "k:i v:s", false);
    Node *node = harness_node(&h, NODE_NORMALIZE, "k:i v:s", in, NULL);
    node->key = &key;
    node->n_key = 1;
    harness_open(&h, node);
    harness_row(&h, in, 1, "1|a");
    harness_row(&h, in, 1, "2|a text of some length");
    harness_row(&h, in, 1, "1|b");
    harness_row(&h, in, -1, "3|~");
    harness_step(&h);
    harness_expect_take(&h, "+1 1|b\n+1 2|a text of some length\n");
    harness_row(&h, in, -1, "2|~");
    harness_row(&h, in, 1, "1|b");
    harness_row(&h, in, 1, "3|c");
    harness_step(&h);
    harness_expect_take(&h, "-1 2|a text of some length\n+1 3|c\n");
    harness_row(&h, in, 1, "1|z");
    harness_row(&h, in, -1, "3|~");
    harness_row(&h, in, 1, "3|c2");
    harness_step(&h);
    harness_expect_take(&h, "-1 1|b\n+1 1|z\n-1 3|c\n+1 3|c2\n");
    harness_free(&h);
}

static void test_limit(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 8; seed++) {
        Harness h;
        harness_init(&h, seed);
        Node *in = harness_input(&h, "v:i", true);
        Node *node = harness_node(&h, NODE_LIMIT, "v:i", in, NULL);
        node->sort.offset = 2;
        node->sort.limit = 4;
        node->is_append = true;
        harness_open(&h, node);
        harness_row(&h, in, 1, "1");
        harness_row(&h, in, 3, "2");
        if (seed % 2) harness_step(&h);
        harness_row(&h, in, 1, "3");
        harness_row(&h, in, 5, "4");
        harness_row(&h, in, 1, "5");
        harness_step(&h);
        harness_expect_net(&h, "2 2\n1 3\n1 4\n");
        harness_free(&h);
    }
}

/* Changing and append-only input, with and without a limit; ties by arrival. */
static void test_sort(void **state) {
    static const SortKey keys[2] = {{.col = 0, .order = {.is_desc = true, .nulls_first = true}},
                                    {.col = 1}};
    (void)state;
    for (uint64_t seed = 0; seed < 24; seed++) {
        bool is_append = seed % 2;
        int64_t offset = seed % 3 == 1 ? 3 : 0, limit = seed % 4 >= 2 ? 10 : -1;
        Harness h;
        static Live live[20000];
        uint32_t n = 0, rows = seed % 6 == 5 ? 19000 : 300;
        harness_init(&h, seed);
        Node *in = harness_input(&h, "a:i b:i id:i", is_append);
        in->is_bounded = true;
        Node *node = harness_node(&h, NODE_SORT, "a:i b:i id:i", in, NULL);
        node->sort.keys = keys;
        node->sort.n_keys = 2;
        node->sort.offset = offset;
        node->sort.limit = limit;
        harness_open(&h, node);
        for (uint32_t i = 0; i < rows; i++) {
            if (!is_append && n && harness_below(&h, 100) < 30) {
                uint32_t at = harness_below(&h, n);
                feed(&h, in, -1, live[at]);
                memmove(live + at, live + at + 1, sizeof *live * (n - at - 1));
                n--;
            } else {
                Live row = {(int)harness_below(&h, 5), (int)harness_below(&h, 5), (int)i, i};
                live[n++] = row;
                feed(&h, in, 1, row);
            }
            if (harness_below(&h, rows / 20) == 0) harness_step(&h);
        }
        harness_step(&h);
        harness_expect_take(&h, "");
        harness_end(&h);
        for (uint32_t i = 0; i < n; i++) { /* as live_cmp orders: part up, score down */
            int part = live[i].part;
            live[i].part = -part;
            live[i].score = -live[i].score;
        }
        qsort(live, n, sizeof *live, live_cmp);
        Buf expected_rows;
        buf_init(&expected_rows, NULL);
        for (uint32_t i = (uint32_t)offset; i < n && (limit < 0 || i < offset + limit); i++)
            buf_printf(&expected_rows, "+1 %d|%d|%d\n", -live[i].part, -live[i].score, live[i].id);
        harness_expect_take(&h, buf_cstr(&expected_rows));
        buf_deinit(&expected_rows);
        harness_free(&h);
    }
}

/* An endless input in order of its event time: rows below the watermark, late ones dropped. */
static void test_sort_by_time(void **state) {
    static const SortKey keys[2] = {{.col = 0}, {.col = 1}};
    Harness h;
    (void)state;
    harness_init(&h, 0);
    Node *in = harness_input(&h, "ts:r v:i", true);
    Node *node = harness_node(&h, NODE_SORT, "ts:r v:i", in, NULL);
    node->sort.keys = keys;
    node->sort.n_keys = 2;
    node->sort.limit = -1;
    harness_open(&h, node);
    harness_row(&h, in, 1, "5|1");
    harness_row(&h, in, 1, "3|9");
    harness_row(&h, in, 1, "3|8");
    harness_watermark(&h, in, 5);
    harness_step(&h);
    harness_expect_take(&h, "+1 3|8\n+1 3|9\n");
    harness_row_wm(&h, in, 1, 5, "4|0");
    harness_row(&h, in, 1, "7|2");
    harness_end(&h);
    harness_expect_take(&h, "+1 5|1\n+1 7|2\n");
    assert_int_equal(h.n_late, 1);
    harness_free(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_topn),         cmocka_unit_test(test_topn_order),
        cmocka_unit_test(test_dedup),        cmocka_unit_test(test_normalize),
        cmocka_unit_test(test_limit),        cmocka_unit_test(test_sort),
        cmocka_unit_test(test_sort_by_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
