/* op_project.c -- computes the output columns from each row. Linear and stateless. When every
 * output is an input column as it is, no value moves: the batch gets another list of columns and
 * keeps its selection.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/oputil.h"

typedef struct Project {
    Op op;
    Program *program; /* NULL when all outputs are input columns */
} Project;

static bool project_fits(const Node *node) {
    return node->kind == NODE_PROJECT;
}

static Status project_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    Project *self = (Project *)op;
    bool only_columns = true;
    for (uint32_t i = 0; i < node->n_exprs; i++)
        only_columns = only_columns && node->exprs[i]->kind == EXPR_COLUMN;
    if (only_columns) return ST_OK;
    return program_compile(&self->program, node->exprs, node->n_exprs, ctx->arena, err);
}

static Status project_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *in, Out *out, Err *err) {
    Project *self = (Project *)op;
    const Node *node = op->node;
    Column *cols = arena_alloc(ctx->scratch, sizeof *cols * (node->n_exprs + 1));
    Batch result;
    (void)port;
    if (self->program) {
        ctx->env->watermark = ctx->watermark;
        TRY(op_compute(self->program, in, ctx, &node->schema, cols, &result, err));
        return emit(out, &result, err);
    }
    for (uint32_t i = 0; i < node->n_exprs; i++) cols[i] = in->cols[node->exprs[i]->column];
    result = *in;
    result.schema = &node->schema;
    result.cols = cols;
    result.n_cols = node->n_exprs;
    return emit(out, &result, err);
}

static void project_explain(const Op *op, Buf *out) {
    const Node *node = op->node;
    buf_puts(out, "exprs=[");
    for (uint32_t i = 0; i < node->n_exprs; i++) {
        if (i) buf_puts(out, ", ");
        expr_print(node->exprs[i], &node->inputs[0]->schema, out);
    }
    buf_puts(out, "]");
}

static void project_close(Op *op) {
    program_free(((Project *)op)->program);
}

const OpType op_project = {
    .name = "project",
    .size = sizeof(Project),
    .traits = OP_STATELESS | OP_LINEAR,
    .fits = project_fits,
    .open = project_open,
    .push = project_push,
    .explain = project_explain,
    .close = project_close,
};
