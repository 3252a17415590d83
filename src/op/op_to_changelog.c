/* op_to_changelog.c -- changes as rows: every row comes out as an insertion, with a column that
 * says what it was. Stateless. What the changes are depends on how many a step folds into one.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/oputil.h"

typedef struct ToChangelog {
    Op op;
    Span codes[4]; /* by RowKind; ptr NULL: such changes are dropped */
} ToChangelog;

static bool to_changelog_fits(const Node *node) {
    return node->kind == NODE_TO_CHANGELOG;
}

static Status to_changelog_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    ToChangelog *self = (ToChangelog *)op;
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < node->changelog.n_codes; i++) {
        Span code = node->changelog.codes[i].code;
        self->codes[node->changelog.codes[i].kind] = code.ptr ? code : SPAN("");
    }
    return ST_OK;
}

static RowKind to_changelog_kind(const Batch *in, uint32_t row) {
    bool is_update = batch_is_update(in, row);
    if (batch_weight(in, row) < 0) return is_update ? ROW_UPDATE_BEFORE : ROW_DELETE;
    return is_update ? ROW_UPDATE_AFTER : ROW_INSERT;
}

static Status to_changelog_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *in, Out *out,
                                Err *err) {
    const ToChangelog *self = (const ToChangelog *)op;
    const Node *node = op->node;
    uint32_t n = 0, *rows, n_fields = node->schema.n_fields;
    uint64_t n_all = 0;
    Column *cols = arena_array(ctx->scratch, Column, n_fields);
    ColBuilder kinds;
    Batch kept = *in, result;
    (void)port;
    for (uint32_t i = 0; i < in->n_rows; i++)
        n_all += (uint64_t)llabs((long long)batch_weight(in, batch_row(in, i)));
    rows = arena_alloc(ctx->scratch, sizeof *rows * (n_all + 1));
    colb_init(&kinds, ctx->scratch, node->schema.fields[node->changelog.op_col].type, in->n_rows);
    for (uint32_t i = 0; i < in->n_rows; i++) {
        uint32_t row = batch_row(in, i);
        Span code = self->codes[to_changelog_kind(in, row)];
        int32_t weight = batch_weight(in, row);
        for (int32_t k = weight < 0 ? -weight : weight; k > 0 && code.ptr; k--) {
            colb_str_ref(&kinds, code.ptr, code.len);
            rows[n++] = row;
        }
    }
    if (!n) return ST_OK;
    for (uint32_t i = 0, c = 0; i < n_fields; i++) {
        if (i == node->changelog.op_col)
            colb_finish(&kinds, &cols[i]);
        else
            cols[i] = col_gather(ctx->scratch, &in->cols[node->changelog.cols[c++]], rows, n);
    }
    kept.sel = rows;
    kept.n_rows = n;
    kept.weights = NULL;
    kept.updates = NULL;
    result = op_batch_like(ctx->scratch, &kept, &node->schema, cols);
    return emit(out, &result, err);
}

const OpType op_to_changelog = {
    .name = "to_changelog",
    .size = sizeof(ToChangelog),
    .traits = OP_STATELESS,
    .fits = to_changelog_fits,
    .open = to_changelog_open,
    .push = to_changelog_push,
};
