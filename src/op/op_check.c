/* op_check.c -- stands behind an operator in debug runs and fails when a batch breaks the contract:
 * types as the schema says, ordered selections, weights that are not zero (and not negative when
 * the node promises appends), watermarks that never go back, no row behind the watermark unless it
 * carries its own, and nobody who writes into a batch that was lent to him.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/op.h"

typedef struct Check {
    Op op;
    int64_t watermark;
} Check;

static bool check_fits(const Node *node) {
    (void)node; /* put in by flow, never chosen for a node */
    return false;
}

static Status check_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    (void)node, (void)ctx, (void)err;
    ((Check *)op)->watermark = WATERMARK_NONE;
    return ST_OK;
}

static Status check_fail(const Op *op, const char *what, uint64_t value, Err *err) {
    FAIL(err, ST_INTERNAL, "XX000", op->node->pos, "%s (node %u) breaks the contract: %s (%llu)",
         node_kind_name(op->node->kind), op->node->id, what, (unsigned long long)value);
}

static uint64_t check_mix(uint64_t sum, const void *bytes, size_t len) {
    return bytes && len ? hash_bytes(bytes, len, sum) : sum;
}

static uint64_t check_column(uint64_t sum, const Column *col) {
    uint32_t n = col->is_const && col->n_rows ? 1 : col->n_rows;
    Phys phys = type_phys(col->type);
    if (col->valid) sum = check_mix(sum, col->valid, n / 8);
    if (phys == PHYS_LIST) sum = check_mix(sum, col->offsets, n ? 4 * ((size_t)n + 1) : 0);
    if (phys_width(phys)) sum = check_mix(sum, col->data, (size_t)phys_width(phys) * n);
    if (phys == PHYS_STR)
        for (uint32_t i = 0; i < n; i++)
            if (!col_is_null(col, i))
                sum = check_mix(sum, str_bytes(&col->str[i]), col->str[i].len);
    for (uint32_t i = 0; i < col->n_children; i++) sum = check_column(sum, &col->children[i]);
    return sum;
}

static uint64_t check_batch(const Batch *batch) {
    uint64_t sum = batch->n_rows;
    for (uint32_t i = 0; i < batch->n_cols; i++) sum = check_column(sum, &batch->cols[i]);
    if (batch->sel) sum = check_mix(sum, batch->sel, sizeof *batch->sel * batch->n_rows);
    if (batch->weights)
        sum = check_mix(sum, batch->weights, sizeof *batch->weights * batch->n_phys);
    if (batch->updates) sum = check_mix(sum, batch->updates, batch->n_phys);
    return sum;
}

static Status check_shape(const Op *op, const Batch *in, Err *err) {
    const Schema *schema = &op->node->schema;
    if (in->n_cols != schema->n_fields || in->schema->n_fields != schema->n_fields)
        return check_fail(op, "number of columns", in->n_cols, err);
    for (uint32_t i = 0; i < in->n_cols; i++) {
        if (!type_eq(in->cols[i].type, schema->fields[i].type))
            return check_fail(op, "type of column", i, err);
        if (in->cols[i].n_rows != in->n_phys) return check_fail(op, "rows of column", i, err);
    }
    if (!in->sel && in->n_rows != in->n_phys) return check_fail(op, "rows", in->n_rows, err);
    for (uint32_t i = 0; in->sel && i < in->n_rows; i++)
        if (in->sel[i] >= in->n_phys || (i && in->sel[i] <= in->sel[i - 1]))
            return check_fail(op, "selection at", i, err);
    return ST_OK;
}

static Status check_rows(const Op *op, const Batch *in, Err *err) {
    const Check *self = (const Check *)op;
    const Node *node = op->node;
    const Column *time =
        node->is_append && node->rowtime_col >= 0 ? &in->cols[node->rowtime_col] : NULL;
    for (uint32_t i = 0; i < in->n_rows; i++) {
        uint32_t row = batch_row(in, i);
        int32_t weight = batch_weight(in, row);
        if (weight == 0) return check_fail(op, "weight 0 of row", i, err);
        if (weight < 0 && node->is_append)
            return check_fail(op, "retraction in an append-only stream, row", i, err);
        if (!time || col_is_null(time, row)) continue;
        int64_t at = time->i64[col_at(time, row)];
        if (at < self->watermark && !(in->row_wm && in->row_wm[row] > at))
            return check_fail(op, "unmarked row behind the watermark", i, err);
    }
    return ST_OK;
}

static Status check_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *in, Out *out, Err *err) {
    uint64_t sum;
    (void)port, (void)ctx;
    TRY(check_shape(op, in, err));
    TRY(check_rows(op, in, err));
    sum = check_batch(in);
    TRY(emit(out, in, err));
    return sum == check_batch(in) ? ST_OK : check_fail(op, "a consumer wrote into rows", sum, err);
}

static Status check_flush(Op *op, OpCtx *ctx, Out *out, Err *err) {
    Check *self = (Check *)op;
    (void)out;
    if (ctx->watermark < self->watermark)
        return check_fail(op, "watermark went back to", (uint64_t)ctx->watermark, err);
    self->watermark = ctx->watermark;
    return ST_OK;
}

const OpType op_check = {
    .name = "check",
    .size = sizeof(Check),
    .traits = OP_LINEAR,
    .fits = check_fits,
    .open = check_open,
    .push = check_push,
    .flush = check_flush,
};
