/* op_dedup.c -- the first or the last row of each key by time (ROW_NUMBER() ... = 1 over a time
 * attribute), on append-only input.
 *
 * By processing time the first row of a key is final: it goes on at once and only the key is kept.
 * In the other cases one row is kept for each key: a row with a later time (or the same, as in
 * Flink) takes the place of the last one, a row with an earlier time that of the first one.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/lastrow.h"

typedef struct Dedup {
    Op op;
    bool is_final;  /* the first row to arrive stays */
    StateMap *keys; /* is_final: to when the key came */
    Ttl ttl;        /* is_final */
    LastRows last;
} Dedup;

static bool dedup_fits(const Node *node) {
    return node->kind == NODE_DEDUP;
}

static Status dedup_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    Dedup *self = (Dedup *)op;
    if (!op_only_inserts(node->inputs[0], ctx))
        FAIL(err, ST_UNSUPPORTED, "0A000", node->pos,
             "deduplication by a time attribute over rows that change is not supported");
    self->is_final = node->dedup.is_proctime && !node->dedup.keep_last;
    ttl_open(&self->ttl, ctx, "ttl", self->is_final ? node->ttl_us : 0);
    if (self->is_final)
        self->keys =
            state_map(ctx->state, ctx->name,
                      &(MapSpec){.name = "keys", .entry_size = node->ttl_us ? sizeof(int64_t) : 0});
    else
        lastrows_open(&self->last, ctx, node->ttl_us);
    return ST_OK;
}

static void dedup_expire(Dedup *self, OpCtx *ctx) {
    Span key;
    while (ttl_next(&self->ttl, ctx, &key)) {
        RowKeys keys;
        char *entry;
        op_keys_of(ctx->scratch, &key, 1, &keys);
        map_find(self->keys, &keys, NULL, &entry);
        if (entry && ttl_is_over(&self->ttl, ctx, *(int64_t *)(void *)entry, key))
            map_remove(self->keys, entry);
    }
}

static Status dedup_first(Dedup *self, OpCtx *ctx, const Batch *in, const RowKeys *keys, Out *out,
                          Err *err) {
    char **entries = arena_alloc(ctx->scratch, sizeof *entries * in->n_rows);
    uint8_t *is_new = arena_alloc(ctx->scratch, in->n_rows);
    uint32_t *sel = arena_alloc(ctx->scratch, sizeof *sel * in->n_rows), n = 0;
    Batch first;
    dedup_expire(self, ctx);
    map_upsert(self->keys, keys, NULL, entries, is_new);
    for (uint32_t i = 0; i < in->n_rows; i++) {
        if (!is_new[i]) continue;
        sel[n++] = batch_row(in, i);
        ttl_write(&self->ttl, ctx, (int64_t *)(void *)entries[i], true, rowkey_get(keys, i));
    }
    first = batch_select(in, sel, n);
    first.schema = &self->op.node->schema;
    first.weights = NULL; /* of equal rows one is enough */
    return emit(out, &first, err);
}

static Status dedup_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *in, Out *out, Err *err) {
    Dedup *self = (Dedup *)op;
    const Node *node = op->node;
    const Column *time = &in->cols[node->dedup.time_col];
    char **entries = arena_alloc(ctx->scratch, sizeof *entries * in->n_rows);
    uint8_t *is_new = arena_alloc(ctx->scratch, in->n_rows);
    RowKeys keys;
    (void)port;
    rowkey_encode(ctx->scratch,
                  op_row_cols(ctx->scratch, in, node->dedup.partition, node->dedup.n_partition),
                  node->dedup.n_partition, NULL, in->n_rows, &keys);
    if (self->is_final) return dedup_first(self, ctx, in, &keys, out, err);
    lastrows_expire(&self->last, ctx);
    map_upsert(self->last.map, &keys, NULL, entries, is_new);
    for (uint32_t i = 0; i < in->n_rows; i++) {
        LastEntry *entry = (LastEntry *)(void *)entries[i];
        uint32_t row = batch_row(in, i);
        int64_t at = 0;
        if (!node->dedup.is_proctime) {
            if (col_is_null(time, row))
                FAIL(err, ST_INVALID, "22004", node->pos,
                     "RowTime field should not be null, please convert it to a non-null long "
                     "value");
            at = time->i64[col_at(time, row)];
        }
        if (!is_new[i] && (node->dedup.keep_last ? at < entry->time : at >= entry->time)) continue;
        entry->time = at;
        lastrows_set(&self->last, ctx, entry, in, row);
    }
    return ST_OK;
}

static Status dedup_flush(Op *op, OpCtx *ctx, Out *out, Err *err) {
    Dedup *self = (Dedup *)op;
    if (self->is_final) return mem_check(ctx->mem, err);
    if (op_waits_for_end(op->node, ctx) && ctx->watermark != WATERMARK_MAX) return ST_OK;
    return lastrows_flush(&self->last, ctx, &op->node->schema, out, err);
}

static void dedup_explain(const Op *op, Buf *out) {
    const Node *node = op->node;
    buf_printf(out, "keep=%s, time=%s", node->dedup.keep_last ? "last" : "first",
               node->dedup.is_proctime ? "processing" : "event");
}

static void dedup_close(Op *op) {
    lastrows_close(&((Dedup *)op)->last);
    ttl_close(&((Dedup *)op)->ttl);
}

const OpType op_dedup = {
    .name = "dedup",
    .size = sizeof(Dedup),
    .traits = OP_KEYED,
    .fits = dedup_fits,
    .open = dedup_open,
    .push = dedup_push,
    .flush = dedup_flush,
    .explain = dedup_explain,
    .close = dedup_close,
};
