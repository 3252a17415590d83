/* test_op_session.c -- session windows over rows that come out of order, in random steps, against
 * sorting all rows of a key; as an aggregate with states, with kept rows, and as a table function.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ROWS = 300, KEYS = 4, GAP = 10 };

typedef struct Event {
    int key, value, ts;
} Event;

static Node *make(Harness *h, Node *in, int mode) {
    static const uint32_t key = 0;
    WindowSpec spec = {.kind = WINDOW_SESSION, .time_col = 2, .size = GAP * 1000};
    Node *node;
    AggCall *calls;
    if (mode == 2) {
        node = harness_node(h, NODE_WINDOW, "k:i v:i ts:t ws:t we:t wt:r", in, NULL);
        spec.partition = &key;
        spec.n_partition = 1;
        node->window = spec;
        node->is_append = true;
        return node;
    }
    node = harness_node(h, NODE_WINDOW_AGG, "k:i n:i s:i d:i ws:t we:t wt:r", in, NULL);
    calls = arena_array(&h->arena, AggCall, 3);
    node->exprs = arena_array(&h->arena, Expr *, 1);
    node->exprs[0] = harness_col(h, in, 0);
    node->n_exprs = node->agg.n_keys = 1;
    calls[0] = harness_call(h, "COUNT*", NULL, NULL, false);
    calls[1] = harness_call(h, "SUM", harness_col(h, in, 1), NULL, false);
    calls[2] = harness_call(h, "COUNT", harness_col(h, in, 1), NULL, mode == 1);
    node->agg.calls = calls;
    node->agg.n_calls = 3;
    node->agg.window = spec;
    node->agg.window_cols = "set";
    node->is_append = true;
    return node;
}

static int event_cmp(const void *a, const void *b) {
    const Event *x = a, *y = b;
    return x->key != y->key ? x->key - y->key : x->ts - y->ts;
}

static int text_cmp(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *expected(const Event *given, int mode) {
    static char text[64000];
    static Event events[ROWS];
    char *lines[ROWS];
    uint32_t n_lines = 0;
    size_t len = 0;
    memcpy(events, given, sizeof events);
    qsort(events, ROWS, sizeof *events, event_cmp);
    for (uint32_t i = 0; i < ROWS;) {
        uint32_t from = i;
        int sum = 0, d = 0, end;
        bool seen[10] = {0};
        char line[100];
        do {
            sum += events[i].value;
            d += mode == 1 ? !seen[events[i].value] : 1;
            seen[events[i].value] = true;
            end = events[i].ts + GAP;
            i++;
        } while (i < ROWS && events[i].key == events[from].key && events[i].ts <= end);
        for (uint32_t j = from; j < i && mode == 2; j++) {
            snprintf(line, sizeof line, "%d|%d|%d|%d|%d|%d", events[j].key, events[j].value,
                     events[j].ts, events[from].ts, end, end - 1);
            lines[n_lines++] = strdup(line);
        }
        if (mode == 2) continue;
        snprintf(line, sizeof line, "%d|%d|%d|%d|%d|%d|%d", events[from].key, (int)(i - from), sum,
                 d, events[from].ts, end, end - 1);
        lines[n_lines++] = strdup(line);
    }
    qsort(lines, n_lines, sizeof *lines, text_cmp);
    text[0] = 0;
    for (uint32_t i = 0; i < n_lines;) {
        uint32_t from = i;
        while (i < n_lines && strcmp(lines[i], lines[from]) == 0) i++;
        len += (size_t)snprintf(text + len, sizeof text - len, "%u %s\n", i - from, lines[from]);
    }
    for (uint32_t i = 0; i < n_lines; i++) free(lines[i]);
    return text;
}

static void test_random(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 24; seed++) {
        int mode = (int)(seed % 3), now = 60, most = 0;
        Harness h;
        static Event events[ROWS];
        harness_init(&h, seed);
        Node *in = harness_input(&h, "k:i v:i ts:r", true);
        harness_open(&h, make(&h, in, mode));
        for (uint32_t i = 0; i < ROWS; i++) {
            char text[64];
            Event *e = &events[i];
            now += (int)harness_below(&h, 6);
            e->ts = now - (int)harness_below(&h, 40);
            e->key = (int)harness_below(&h, KEYS);
            e->value = (int)harness_below(&h, 10);
            if (now > most) most = now;
            snprintf(text, sizeof text, "%d|%d|%d", e->key, e->value, e->ts);
            harness_row(&h, in, 1, text);
            if (harness_below(&h, 1 + (uint32_t)seed) == 0) {
                harness_watermark(&h, in, now - 40);
                harness_step(&h);
            }
        }
        harness_end(&h);
        harness_expect_net(&h, expected(events, mode));
        assert_int_equal(h.n_late, 0);
        harness_free(&h);
    }
}

/* Sessions come by end; a row that bridges two joins them; a row whose session is over is late. */
static void test_order(void **state) {
    (void)state;
    for (int mode = 0; mode < 2; mode++) {
        Harness h;
        harness_init(&h, 0);
        Node *in = harness_input(&h, "k:i v:i ts:r", true);
        harness_open(&h, make(&h, in, mode));
        harness_row(&h, in, 1, "1|1|0");
        harness_row(&h, in, 1, "2|1|3");
        harness_row(&h, in, 1, "1|2|20");
        harness_step(&h);
        harness_row(&h, in, 1, "1|4|10");
        harness_watermark(&h, in, 13);
        harness_step(&h);
        harness_expect_take(&h, "+1 2|1|1|1|3|13|12\n");
        harness_row_wm(&h, in, 1, 13, "2|9|2"); /* late */
        harness_row_wm(&h, in, 1, 13, "1|8|5"); /* behind, but its session is open */
        harness_end(&h);
        harness_expect_take(&h, "+1 1|4|15|4|0|30|29\n");
        assert_int_equal(h.n_late, 1);
        harness_free(&h);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
