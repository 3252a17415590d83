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

/* Flink filters inside its ChangelogNormalize: a row that enters the result is inserted, one that
 * leaves it is deleted. Elsewhere half of an update may pass by itself. */
static void filter_split_updates(Arena *scratch, Batch *kept) {
    uint8_t *updates;
    if (!kept->updates || !kept->weights) return;
    updates = arena_alloc(scratch, kept->n_phys + 1);
    memcpy(updates, kept->updates, kept->n_phys);
    for (uint32_t i = 0; i < kept->n_rows; i++) {
        uint32_t row = batch_row(kept, i);
        bool is_old = kept->weights[row] < 0;
        bool has_new = i + 1 < kept->n_rows && batch_row(kept, i + 1) == row + 1;
        bool has_old = i > 0 && batch_row(kept, i - 1) + 1 == row;
        if (kept->updates[row]) updates[row] = is_old ? has_new : has_old;
    }
    kept->updates = updates;
}

static Status filter_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    ctx->takes_updates = node->inputs[0]->kind == NODE_NORMALIZE;
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
    if (op->node->inputs[0]->kind == NODE_NORMALIZE) filter_split_updates(ctx->scratch, &kept);
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
