/* op_filter.c -- keeps the rows whose predicate is true. Linear and stateless: weights pass
 * through, and nothing is copied, because the batch is only narrowed.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/op.h"

typedef struct Filter {
    Op op;
    Program *predicate;
} Filter;

static bool filter_fits(const Node *node) {
    return node->kind == NODE_FILTER;
}

static Status filter_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    return program_compile(&((Filter *)op)->predicate, node->exprs, 1, ctx->arena, err);
}

static Status filter_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *in, Out *out, Err *err) {
    Filter *self = (Filter *)op;
    const uint32_t *sel;
    uint32_t n;
    Batch kept;
    (void)port;
    ctx->env->watermark = ctx->watermark;
    TRY(program_select(self->predicate, in, ctx->env, ctx->scratch, &sel, &n, err));
    kept = batch_select(in, sel, n);
    kept.schema = &op->node->schema;
    return emit(out, &kept, err);
}

static void filter_explain(const Op *op, Buf *out) {
    buf_puts(out, "predicate=");
    expr_print(op->node->exprs[0], &op->node->inputs[0]->schema, out);
}

static void filter_close(Op *op) {
    program_free(((Filter *)op)->predicate);
}

const OpType op_filter = {
    .name = "filter",
    .size = sizeof(Filter),
    .traits = OP_STATELESS | OP_LINEAR,
    .fits = filter_fits,
    .open = filter_open,
    .push = filter_push,
    .explain = filter_explain,
    .close = filter_close,
};
