/* op_normalize.c -- turns a stream of upserts and deletions by key (Kafka upserts, CDC without
 * before images) into a stream of changes: the row that a key had is taken back first. A row with
 * weight -1 deletes its key, whatever else it says; deleting an unknown key is nothing.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/lastrow.h"

typedef struct Normalize {
    Op op;
    LastRows last;
} Normalize;

static bool normalize_fits(const Node *node) {
    return node->kind == NODE_NORMALIZE;
}

static Status normalize_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    if (!node->n_key) FAIL(err, ST_INTERNAL, "XX000", node->pos, "an upsert stream has no key");
    ctx->takes_updates = true; /* the old row of an update says nothing that the new one does not */
    lastrows_open(&((Normalize *)op)->last, ctx, node->ttl_us);
    return ST_OK;
}

static Status normalize_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *in, Out *out,
                             Err *err) {
    Normalize *self = (Normalize *)op;
    const Node *node = op->node;
    char **entries = arena_alloc(ctx->scratch, sizeof *entries * in->n_rows);
    RowKeys keys;
    (void)port, (void)out, (void)err;
    lastrows_expire(&self->last, ctx);
    rowkey_encode(ctx->scratch, op_row_cols(ctx->scratch, in, node->key, node->n_key), node->n_key,
                  NULL, in->n_rows, &keys);
    map_upsert(self->last.map, &keys, NULL, entries, NULL);
    for (uint32_t i = 0; i < in->n_rows; i++) {
        uint32_t row = batch_row(in, i);
        bool is_deletion = batch_weight(in, row) < 0;
        lastrows_set(&self->last, ctx, (LastEntry *)(void *)entries[i], is_deletion ? NULL : in,
                     row);
    }
    return ST_OK;
}

static Status normalize_flush(Op *op, OpCtx *ctx, Out *out, Err *err) {
    if (op_waits_for_end(op->node, ctx) && ctx->watermark != WATERMARK_MAX) return ST_OK;
    return lastrows_flush(&((Normalize *)op)->last, ctx, &op->node->schema, out, err);
}

static void normalize_explain(const Op *op, Buf *out) {
    const Node *node = op->node;
    for (uint32_t i = 0; i < node->n_key; i++)
        buf_printf(out, "%s" SPAN_FMT "%s", i ? ", " : "key=[",
                   SPAN_ARG(node->schema.fields[node->key[i]].name),
                   i + 1 == node->n_key ? "]" : "");
}

static void normalize_close(Op *op) {
    lastrows_close(&((Normalize *)op)->last);
}

const OpType op_normalize = {
    .name = "normalize",
    .size = sizeof(Normalize),
    .traits = OP_KEYED,
    .fits = normalize_fits,
    .open = normalize_open,
    .push = normalize_push,
    .flush = normalize_flush,
    .explain = normalize_explain,
    .close = normalize_close,
};
