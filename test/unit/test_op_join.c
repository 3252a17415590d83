/* test_op_join.c -- joins of random changing tables, in random steps and chunks, against nested
 * loops over what is alive; and the order of changes.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { LIVE_MAX = 400 };

typedef struct Live {
    int key, value; /* key -1 is NULL */
} Live;

typedef struct Side {
    Live rows[LIVE_MAX];
    uint32_t n;
} Side;

static Node *make(Harness *h, Node *left, Node *right, JoinOp kind, bool residual, bool no_keys) {
    static const uint32_t key = 0;
    bool only_left = kind == JOINOP_SEMI || kind == JOINOP_ANTI;
    Node *node =
        harness_node(h, NODE_JOIN, only_left ? "lk:i lv:i" : "lk:i lv:i rk:i rv:i", left, right);
    node->join.kind = kind;
    node->join.left_keys = node->join.right_keys = &key;
    node->join.n_keys = no_keys ? 0 : 1;
    if (residual) {
        Expr *args[2] = {expr_column(&h->arena, 1, &type_bigint, -1),
                         expr_column(&h->arena, 3, &type_bigint, -1)};
        if (expr_call(&h->arena, SPAN("<"), args, 2, -1, &node->join.residual, &h->err) != ST_OK)
            fail_msg("%s", h->err.message);
    }
    return node;
}

static bool matches(Live l, Live r, bool residual, bool no_keys) {
    if (!no_keys && (l.key < 0 || l.key != r.key)) return false;
    return !residual || l.value < r.value;
}

static int text_cmp(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void live_text(const Live *row, char *out, size_t cap) {
    if (!row)
        snprintf(out, cap, "~|~");
    else if (row->key < 0)
        snprintf(out, cap, "~|%d", row->value);
    else
        snprintf(out, cap, "%d|%d", row->key, row->value);
}

typedef struct Lines {
    char *lines[LIVE_MAX * LIVE_MAX];
    uint32_t n;
} Lines;

static void put(Lines *to, const Live *l, const Live *r, bool only_left) {
    char a[32], b[32], line[80];
    live_text(l, a, sizeof a);
    live_text(r, b, sizeof b);
    snprintf(line, sizeof line, only_left ? "%s" : "%s|%s", a, b);
    to->lines[to->n++] = strdup(line);
}

static char *expected(const Side *l, const Side *r, JoinOp kind, bool residual, bool no_keys) {
    static Lines all;
    static char text[1000000];
    size_t len = 0;
    all.n = 0;
    for (uint32_t i = 0; i < l->n; i++) {
        uint32_t n = 0;
        for (uint32_t j = 0; j < r->n; j++) {
            if (!matches(l->rows[i], r->rows[j], residual, no_keys)) continue;
            n++;
            if (kind <= JOINOP_FULL) put(&all, &l->rows[i], &r->rows[j], false);
        }
        if (!n && (kind == JOINOP_LEFT || kind == JOINOP_FULL)) put(&all, &l->rows[i], NULL, false);
        if (kind == JOINOP_SEMI ? n > 0 : kind == JOINOP_ANTI && !n)
            put(&all, &l->rows[i], NULL, true);
    }
    for (uint32_t j = 0; j < r->n && (kind == JOINOP_RIGHT || kind == JOINOP_FULL); j++) {
        uint32_t n = 0;
        for (uint32_t i = 0; i < l->n; i++) n += matches(l->rows[i], r->rows[j], residual, no_keys);
        if (!n) put(&all, NULL, &r->rows[j], false);
    }
    qsort(all.lines, all.n, sizeof *all.lines, text_cmp);
    text[0] = 0;
    for (uint32_t i = 0; i < all.n;) {
        uint32_t from = i;
        while (i < all.n && strcmp(all.lines[i], all.lines[from]) == 0) i++;
        len +=
            (size_t)snprintf(text + len, sizeof text - len, "%u %s\n", i - from, all.lines[from]);
    }
    for (uint32_t i = 0; i < all.n; i++) free(all.lines[i]);
    return text;
}

static void feed(Harness *h, Node *in, int weight, Live row) {
    char text[32];
    live_text(&row, text, sizeof text);
    harness_row(h, in, weight, text);
}

static void run(uint64_t seed, JoinOp kind, bool residual, bool no_keys, bool is_append) {
    Harness h;
    static Side sides[2];
    uint32_t n_changes = no_keys ? 60 : 300, step = 1 + (uint32_t)(seed % 20);
    harness_init(&h, seed);
    Node *in[2];
    in[0] = harness_input(&h, "k:i v:i", is_append);
    in[1] = harness_input(&h, "k:i v:i", is_append);
    sides[0].n = sides[1].n = 0;
    harness_open(&h, make(&h, in[0], in[1], kind, residual, no_keys));
    for (uint32_t i = 0; i < n_changes; i++) {
        uint32_t s = harness_below(&h, 2);
        Side *side = &sides[s];
        if (!is_append && side->n && harness_below(&h, 100) < 46) {
            uint32_t at = harness_below(&h, side->n);
            feed(&h, in[s], -1, side->rows[at]);
            side->rows[at] = side->rows[--side->n];
        } else {
            Live row = {(int)harness_below(&h, 8) - 1, (int)harness_below(&h, 5)};
            side->rows[side->n++] = row;
            feed(&h, in[s], 1, row);
        }
        if (harness_below(&h, step) == 0) {
            harness_step(&h);
            if (harness_below(&h, 6) == 0)
                harness_expect_net(&h, expected(&sides[0], &sides[1], kind, residual, no_keys));
        }
    }
    harness_step(&h);
    harness_expect_net(&h, expected(&sides[0], &sides[1], kind, residual, no_keys));
    for (uint32_t s = 0; s < 2 && !is_append; s++)
        while (sides[s].n) feed(&h, in[s], -1, sides[s].rows[--sides[s].n]);
    harness_step(&h);
    if (!is_append) harness_expect_net(&h, "");
    harness_free(&h);
}

static void test_random(void **state) {
    (void)state;
    for (int kind = JOINOP_INNER; kind <= JOINOP_ANTI; kind++)
        for (uint64_t seed = 0; seed < 12; seed++)
            run(seed, (JoinOp)kind, seed % 2, seed % 5 == 4, seed % 4 >= 2);
}

/* The order of changes is Flink's. */
static void test_order(void **state) {
    Harness h;
    (void)state;
    harness_init(&h, 0);
    Node *left = harness_input(&h, "k:i v:i", false), *right = harness_input(&h, "k:i v:i", false);
    harness_open(&h, make(&h, left, right, JOINOP_FULL, false, false));
    harness_row(&h, left, 1, "1|10");
    harness_row(&h, left, 1, "~|11");
    harness_step(&h);
    harness_expect_take(&h, "+1 1|10|~|~\n+1 ~|11|~|~\n");
    harness_row(&h, right, 1, "1|20");
    harness_step(&h);
    harness_expect_take(&h, "-1 1|10|~|~\n+1 1|10|1|20\n");
    harness_row(&h, right, 1, "1|21");
    harness_row(&h, right, -1, "1|20");
    harness_row(&h, right, -1, "1|21");
    harness_step(&h);
    harness_expect_take(&h, "+1 1|10|1|21\n-1 1|10|1|20\n-1 1|10|1|21\n+1 1|10|~|~\n");
    harness_free(&h);
}

/* More pairs than fit into a chunk, with and without a condition. */
static void test_many_pairs(void **state) {
    (void)state;
    for (int residual = 0; residual < 2; residual++) {
        for (int kind = JOINOP_INNER; kind <= JOINOP_ANTI; kind++) {
            Harness h;
            static Side sides[2];
            sides[0].n = sides[1].n = 0;
            harness_init(&h, 0);
            Node *in[2];
            in[0] = harness_input(&h, "k:i v:i", false);
            in[1] = harness_input(&h, "k:i v:i", false);
            harness_open(&h, make(&h, in[0], in[1], (JoinOp)kind, residual, false));
            for (int i = 0; i < 160; i++) {
                Live l = {i % 2, i}, r = {i % 3, i + 30};
                sides[0].rows[sides[0].n++] = l;
                feed(&h, in[0], 1, l);
                sides[1].rows[sides[1].n++] = r;
                feed(&h, in[1], 1, r);
            }
            harness_step(&h);
            harness_expect_net(&h, expected(&sides[0], &sides[1], (JoinOp)kind, residual, false));
            harness_free(&h);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_many_pairs),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
