/* op_harness.h -- runs a few operators without src/flow, for tests: inputs that the test pushes by
 * hand, op_check and op_shake behind every operator, and the output as a Z-set of row texts.
 *
 *   Harness h; harness_init(&h, seed);
 *   Node *in = harness_input(&h, "k:i v:i", false);          i BIGINT, s STRING, t TIMESTAMP(3)
 *   Node *node = ... node_new-like, filled by the test ...
 *   harness_open(&h, node);
 *   harness_row(&h, in, +1, "1|10"); harness_step(&h);       '~' is NULL
 *   harness_expect(&h, "...");
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_TEST_OP_HARNESS_H
#define WEIR_TEST_OP_HARNESS_H

#include "op/op.h"

enum { HARNESS_STAGES = 48, HARNESS_INPUTS = 4 };

typedef struct HarnessStage HarnessStage;
struct HarnessStage {
    Out out;
    struct Harness *h;
    Op *op;
    OpCtx ctx;
    HarnessStage *to[4];
    uint32_t ports[4], n_to;
    HarnessStage *from[4];
    uint32_t n_from;
    int64_t watermark;
};

typedef struct HarnessInput {
    Node *node;
    BatchBuilder rows;
    int64_t *row_wm; /* of the rows being built; NULL = none */
    uint32_t n_row_wm;
    int64_t watermark;
    HarnessStage stage;
} HarnessInput;

/* An output row: its text and its weight. */
typedef struct HarnessRow {
    char *text;
    int64_t weight;
} HarnessRow;

typedef struct Harness {
    Mem mem;
    Arena arena, scratch, batch;
    State *state;
    ExprEnv env;
    uint64_t rng, seed;
    HarnessInput inputs[HARNESS_INPUTS];
    uint32_t n_inputs;
    HarnessStage stages[HARNESS_STAGES];
    uint32_t n_stages;
    HarnessRow *rows; /* in order of arrival */
    uint32_t n_rows, cap_rows;
    bool is_plain; /* no wrappers: for counting allocations */
    uint64_t n_late;
    Err err;
} Harness;

void harness_init(Harness *h, uint64_t seed);
void harness_free(Harness *h); /* also asserts that all memory was given back */
uint64_t harness_next(Harness *h);
uint32_t harness_below(Harness *h, uint32_t n);

const Schema *harness_schema(Harness *h, const char *spec);
Node *harness_input(Harness *h, const char *spec, bool is_append);
Node *harness_node(Harness *h, NodeKind kind, const char *spec, Node *a, Node *b);
Expr *harness_col(Harness *h, const Node *input, uint32_t col);
/* Calls of the test's own aggregates: "COUNT*", "COUNT", "SUM", "MIN", "MAX", "FIRST", "LIST". */
AggCall harness_call(Harness *h, const char *name, Expr *arg, Expr *filter, bool is_distinct);

void harness_open(Harness *h, Node *root);
/* Columns separated by '|'; "~" is NULL; times in milliseconds. */
void harness_row(Harness *h, Node *input, int32_t weight, const char *text);
void harness_row_wm(Harness *h, Node *input, int32_t weight, int64_t wm_ms, const char *text);
/* Pushes what was given and flushes. Watermarks in milliseconds; harness_end: the maximum. */
void harness_watermark(Harness *h, Node *input, int64_t wm_ms);
void harness_step(Harness *h);
void harness_end(Harness *h);
Status harness_try_step(Harness *h); /* with the error in h->err */

/* The net of all output so far, one row a line "weight text\n", sorted. */
char *harness_net(Harness *h);
/* The output since the last take in order, "+1 text\n". */
char *harness_take(Harness *h);
void harness_expect_net(Harness *h, const char *expected);
void harness_expect_take(Harness *h, const char *expected);

#endif
