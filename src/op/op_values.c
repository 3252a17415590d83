/* op_values.c -- VALUES: literal rows, sent once, in the first step. Then the input has ended.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/op.h"

typedef struct Values {
    Op op;
    uint64_t *is_sent; /* part of the state */
} Values;

static bool values_fits(const Node *node) {
    return node->kind == NODE_VALUES;
}

static Status values_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    (void)node, (void)err;
    ((Values *)op)->is_sent = state_value(ctx->state, ctx->name, "sent", sizeof(uint64_t));
    return ST_OK;
}

static Status values_flush(Op *op, OpCtx *ctx, Out *out, Err *err) {
    Values *self = (Values *)op;
    const Node *node = op->node;
    Batch rows = {.schema = &node->schema,
                  .n_rows = node->values.n_rows,
                  .n_phys = node->values.n_rows,
                  .n_cols = node->schema.n_fields,
                  .split = SPLIT_NONE,
                  .cols = node->values.cols};
    ctx->out_watermark = WATERMARK_MAX;
    if (*self->is_sent) return ST_OK;
    *self->is_sent = 1;
    return emit(out, &rows, err);
}

static void values_explain(const Op *op, Buf *out) {
    buf_printf(out, "rows=%u", op->node->values.n_rows);
}

const OpType op_values = {
    .name = "values",
    .size = sizeof(Values),
    .traits = OP_SOURCE,
    .fits = values_fits,
    .open = values_open,
    .flush = values_flush,
    .explain = values_explain,
};
