/* op_limit.c -- LIMIT and OFFSET without an order: the first rows to arrive, on append-only input.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/oputil.h"

typedef struct Limit {
    Op op;
    uint64_t *n_seen; /* part of the state */
} Limit;

static bool limit_fits(const Node *node) {
    return node->kind == NODE_LIMIT;
}

static Status limit_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    if (!op_only_inserts(node->inputs[0], ctx))
        FAIL(err, ST_UNSUPPORTED, "0A000", node->pos,
             "LIMIT without ORDER BY over rows that change is not supported");
    ((Limit *)op)->n_seen = state_value(ctx->state, ctx->name, "seen", sizeof(uint64_t));
    return ST_OK;
}

static Status limit_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *in, Out *out, Err *err) {
    Limit *self = (Limit *)op;
    const Node *node = op->node;
    uint64_t from = (uint64_t)node->sort.offset, to = UINT64_MAX, at = *self->n_seen;
    uint32_t *sel, n = 0;
    int32_t *weights;
    Batch taken;
    (void)port;
    if (node->sort.limit >= 0) to = from + (uint64_t)node->sort.limit;
    if (at >= to) {
        ctx->is_done = true;
        return ST_OK;
    }
    if (!in->weights && at >= from && to - at >= in->n_rows) { /* all of them */
        *self->n_seen += in->n_rows;
        ctx->is_done = *self->n_seen == to;
        taken = *in;
        taken.schema = &node->schema;
        return emit(out, &taken, err);
    }
    sel = arena_alloc(ctx->scratch, sizeof *sel * in->n_rows);
    weights = arena_zalloc(ctx->scratch, sizeof *weights * in->n_phys);
    for (uint32_t i = 0; i < in->n_rows && at < to; i++) {
        uint32_t row = batch_row(in, i);
        uint64_t end = at + (uint64_t)batch_weight(in, row);
        uint64_t first = at < from ? from : at, last = end < to ? end : to;
        at = end;
        if (first >= last) continue;
        weights[row] = (int32_t)(last - first);
        sel[n++] = row;
    }
    *self->n_seen = at;
    ctx->is_done = at >= to;
    taken = batch_select(in, sel, n);
    taken.weights = weights;
    taken.schema = &node->schema;
    return emit(out, &taken, err);
}

static void limit_explain(const Op *op, Buf *out) {
    buf_printf(out, "offset=%lld, limit=%lld", (long long)op->node->sort.offset,
               (long long)op->node->sort.limit);
}

const OpType op_limit = {
    .name = "limit",
    .size = sizeof(Limit),
    .fits = limit_fits,
    .open = limit_open,
    .push = limit_push,
    .explain = limit_explain,
};
