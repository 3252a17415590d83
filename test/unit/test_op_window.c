/* test_op_window.c -- window aggregates over rows that come out of order, from two splits, in
 * random steps, against counting each window by hand.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ROWS = 400, KEYS = 4 };

typedef struct Event {
    int64_t ts, wm; /* ms; wm = W(row) */
    int key, value, weight;
} Event;

static Node *make(Harness *h, Node *in, WindowSpec spec, bool with_distinct) {
    Node *agg = harness_node(h, NODE_WINDOW_AGG, "k:i n:i s:i hi:i d:i ws:t we:t wt:r", in, NULL);
    AggCall *calls = arena_array(&h->arena, AggCall, 4);
    agg->exprs = arena_array(&h->arena, Expr *, 1);
    agg->exprs[0] = harness_col(h, in, 0);
    agg->n_exprs = agg->agg.n_keys = 1;
    calls[0] = harness_call(h, "COUNT*", NULL, NULL, false);
    calls[1] = harness_call(h, "SUM", harness_col(h, in, 1), NULL, false);
    calls[2] = harness_call(h, "MAX", harness_col(h, in, 1), NULL, false);
    calls[3] = harness_call(h, "COUNT", harness_col(h, in, 1), NULL, with_distinct);
    agg->agg.calls = calls;
    agg->agg.n_calls = 4;
    agg->agg.window = spec;
    agg->agg.window_cols = "set";
    agg->is_append = true;
    return agg;
}

static bool is_window(WindowSpec w, int64_t start, int64_t end) {
    int64_t size = w.size / 1000, slide = w.slide / 1000, offset = w.offset / 1000;
    int64_t len = end - start;
    switch (w.kind) {
    case WINDOW_TUMBLE: return len == size && (start - offset + 1000 * size) % size == 0;
    case WINDOW_HOP: return len == size && (start - offset + 1000 * slide) % slide == 0;
    default:
        return (start - offset + 1000 * size) % size == 0 && len > 0 && len <= size &&
               len % slide == 0;
    }
}

static int text_cmp(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All windows over all events, at the resolution of the test's millisecond grid. */
static char *expected(const Event *events, uint32_t n, WindowSpec w, bool with_distinct,
                      uint64_t *n_late) {
    static char all[200000];
    static char *lines[20000];
    uint32_t n_lines = 0;
    size_t len = 0;
    int64_t step = w.kind == WINDOW_TUMBLE ? w.size / 1000 : w.slide / 1000;
    *n_late = 0;
    for (uint32_t i = 0; i < n; i++) {
        bool is_open = false, is_in = false;
        for (int64_t start = -300; start < 1500; start++)
            for (int64_t end = start + 1; end <= start + w.size / 1000; end++)
                if (events[i].ts >= start && events[i].ts < end && is_window(w, start, end)) {
                    is_in = true;
                    is_open = is_open || end > events[i].wm;
                }
        *n_late += is_in && !is_open;
    }
    for (int64_t start = -300; start < 1500; start++) {
        for (int64_t end = start + 1; end <= start + w.size / 1000; end++) {
            if (!is_window(w, start, end)) continue;
            for (int k = 0; k < KEYS; k++) {
                int64_t count = 0, sum = 0, hi = -1, d = 0;
                bool seen[10] = {0};
                char line[128];
                for (uint32_t i = 0; i < n; i++) {
                    const Event *e = &events[i];
                    if (e->key != k || e->ts < start || e->ts >= end || end <= e->wm) continue;
                    count += e->weight;
                    sum += e->weight * e->value;
                    if (e->value > hi) hi = e->value;
                    d += with_distinct ? !seen[e->value] : 1;
                    seen[e->value] = true;
                }
                if (!count) continue;
                snprintf(line, sizeof line, "1 %d|%lld|%lld|%lld|%lld|%lld|%lld|%lld\n", k,
                         (long long)count, (long long)sum, (long long)hi, (long long)d,
                         (long long)start, (long long)end, (long long)end - 1);
                lines[n_lines++] = strdup(line);
            }
        }
    }
    (void)step;
    qsort(lines, n_lines, sizeof *lines, text_cmp);
    all[0] = 0;
    for (uint32_t i = 0; i < n_lines; i++) {
        len += (size_t)snprintf(all + len, sizeof all - len, "%s", lines[i]);
        free(lines[i]);
    }
    return all;
}

static void run(uint64_t seed, WindowSpec spec, bool with_distinct) {
    Harness h;
    static Event events[ROWS];
    int64_t wm[2] = {-100, -100}, now = 0;
    uint64_t n_late;
    harness_init(&h, seed);
    Node *in = harness_input(&h, "k:i v:i ts:r", true);
    harness_open(&h, make(&h, in, spec, with_distinct));
    for (uint32_t i = 0; i < ROWS; i++) {
        uint32_t split = harness_below(&h, 2);
        Event *e = &events[i];
        char text[64];
        now += harness_below(&h, 5);
        e->ts = now - harness_below(&h, split ? 60 : 10) + (split ? 0 : 30);
        if (e->ts < 0) e->ts = 0;
        e->wm = wm[split];
        e->key = (int)harness_below(&h, KEYS);
        e->value = (int)harness_below(&h, 10);
        e->weight = 1;
        snprintf(text, sizeof text, "%d|%d|%lld", e->key, e->value, (long long)e->ts);
        harness_row_wm(&h, in, 1, e->wm, text);
        if (e->ts - 5 > wm[split]) wm[split] = e->ts - 5;
        if (harness_below(&h, 10) == 0) {
            harness_watermark(&h, in, wm[0] < wm[1] ? wm[0] : wm[1]);
            harness_step(&h);
        }
    }
    harness_end(&h);
    harness_expect_net(&h, expected(events, ROWS, spec, with_distinct, &n_late));
    assert_int_equal(h.n_late, n_late);
    harness_free(&h);
}

static void test_windows(void **state) {
    static const WindowSpec specs[] = {
        {.kind = WINDOW_TUMBLE, .time_col = 2, .size = 10000},
        {.kind = WINDOW_TUMBLE, .time_col = 2, .size = 7000, .offset = 3000},
        {.kind = WINDOW_HOP, .time_col = 2, .size = 10000, .slide = 5000},
        {.kind = WINDOW_HOP, .time_col = 2, .size = 20000, .slide = 5000, .offset = -2000},
        {.kind = WINDOW_HOP, .time_col = 2, .size = 9000, .slide = 6000},
        {.kind = WINDOW_HOP, .time_col = 2, .size = 5000, .slide = 8000},
        {.kind = WINDOW_CUMULATE, .time_col = 2, .size = 20000, .slide = 5000},
        {.kind = WINDOW_CUMULATE, .time_col = 2, .size = 12000, .slide = 4000, .offset = 1000},
    };
    (void)state;
    for (uint32_t i = 0; i < sizeof specs / sizeof specs[0]; i++)
        for (uint64_t seed = 0; seed < 4; seed++) run(seed, specs[i], seed % 2 == 1);
}

/* By window end, then in order of first arrival; nothing before the watermark has passed the
 * end. */
static void test_order(void **state) {
    Harness h;
    WindowSpec spec = {.kind = WINDOW_HOP, .time_col = 2, .size = 10000, .slide = 5000};
    (void)state;
    harness_init(&h, 0);
    Node *in = harness_input(&h, "k:i v:i ts:r", true);
    harness_open(&h, make(&h, in, spec, false));
    harness_row(&h, in, 1, "3|1|7");
    harness_row(&h, in, 1, "1|2|2");
    harness_row(&h, in, 1, "2|3|8");
    harness_watermark(&h, in, 4);
    harness_step(&h);
    harness_expect_take(&h, "");
    harness_watermark(&h, in, 5);
    harness_step(&h);
    harness_expect_take(&h, "+1 1|1|2|2|1|-5|5|4\n");
    harness_watermark(&h, in, 10);
    harness_step(&h);
    harness_expect_take(&h, "+1 1|1|2|2|1|0|10|9\n+1 3|1|1|1|1|0|10|9\n+1 2|1|3|3|1|0|10|9\n");
    harness_step(&h);
    harness_expect_take(&h, "");
    harness_end(&h);
    harness_expect_take(&h, "+1 3|1|1|1|1|5|15|14\n+1 2|1|3|3|1|5|15|14\n");
    harness_free(&h);
}

/* Retractions inside an open window; a group without rows gives no result. */
static void test_retract(void **state) {
    (void)state;
    for (int with_distinct = 0; with_distinct < 2; with_distinct++) {
        Harness h;
        WindowSpec spec = {.kind = WINDOW_CUMULATE, .time_col = 2, .size = 20000, .slide = 10000};
        harness_init(&h, 11);
        Node *in = harness_input(&h, "k:i v:i ts:r", false);
        harness_open(&h, make(&h, in, spec, with_distinct));
        harness_row(&h, in, 1, "1|4|1");
        harness_row(&h, in, 1, "1|9|2");
        harness_row(&h, in, 1, "1|4|3");
        harness_row(&h, in, 1, "2|5|4");
        harness_step(&h);
        harness_row(&h, in, -1, "2|5|4");
        harness_row(&h, in, -1, "1|9|2");
        harness_watermark(&h, in, 10);
        harness_step(&h);
        harness_expect_take(&h, with_distinct ? "+1 1|2|8|4|1|0|10|9\n" : "+1 1|2|8|4|2|0|10|9\n");
        harness_end(&h);
        harness_expect_take(&h,
                            with_distinct ? "+1 1|2|8|4|1|0|20|19\n" : "+1 1|2|8|4|2|0|20|19\n");
        harness_free(&h);
    }
}

/* The table function alone, then an aggregate over its columns ("attached"). */
static void test_attached(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 5; seed++) {
        Harness h;
        WindowSpec spec = {.kind = WINDOW_HOP, .time_col = 2, .size = 10000, .slide = 5000};
        WindowSpec attached = {.is_attached = true, .start_col = 3, .end_col = 4, .time_col = 5};
        harness_init(&h, seed);
        Node *in = harness_input(&h, "k:i v:i ts:r", true);
        Node *window = harness_node(&h, NODE_WINDOW, "k:i v:i ts:t ws:t we:t wt:r", in, NULL);
        window->window = spec;
        window->is_append = true;
        harness_open(&h, make(&h, window, attached, true));
        harness_row(&h, in, 1, "1|4|1");
        harness_row(&h, in, 1, "1|4|6");
        harness_row(&h, in, 1, "2|9|12");
        harness_row_wm(&h, in, 1, 12, "2|8|7");
        harness_watermark(&h, in, 12);
        harness_step(&h);
        harness_expect_take(&h, "+1 1|1|4|4|1|-5|5|4\n+1 1|2|8|4|1|0|10|9\n");
        assert_int_equal(h.n_late, 1);
        harness_end(&h);
        harness_expect_net(&h, "1 1|1|4|4|1|5|15|14\n1 2|1|9|9|1|10|20|19\n"
                               "1 2|2|17|9|2|5|15|14\n");
        harness_free(&h);
    }
}

static void test_processing_time(void **state) {
    Harness h;
    WindowSpec spec = {.kind = WINDOW_TUMBLE, .time_col = 2, .size = 10000, .is_proctime = true};
    (void)state;
    harness_init(&h, 0);
    h.env.now_us = 3000;
    Node *in = harness_input(&h, "k:i v:i ts:t", true);
    Node *agg = make(&h, in, spec, false);
    harness_open(&h, agg);
    harness_row(&h, in, 1, "1|4|~");
    harness_step(&h);
    harness_expect_take(&h, "");
    assert_int_equal(h.stages[1].ctx.wake_us, 10000);
    h.env.now_us = 12000;
    harness_row(&h, in, 1, "1|5|~");
    harness_step(&h);
    harness_expect_take(&h, "+1 1|1|4|4|1|0|10|9\n");
    h.env.now_us = 11000; /* the system's clock was set back */
    harness_row(&h, in, 1, "1|6|~");
    harness_step(&h);
    h.env.now_us = 20000;
    harness_step(&h);
    harness_expect_take(&h, "+1 1|2|11|6|2|10|20|19\n");
    harness_free(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),    cmocka_unit_test(test_retract),
        cmocka_unit_test(test_attached), cmocka_unit_test(test_processing_time),
        cmocka_unit_test(test_windows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
