/* op_emit.c -- holds the changes of an aggregate over windows back until they may be shown: early,
 * at every so much of processing time; when the watermark closes the window; and behind that at
 * once, as corrections.
 *
 * Kept for each key: the row that is shown, and the row as it is now. Queues by time say when which
 * key is due, so a step looks only at those.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/ttl.h"
#include "op/windows.h"

typedef struct EmitEntry {
    StateVar shown, now; /* rowcodec; empty: no row */
    int64_t fire;        /* the watermark that closes the window */
    bool is_early;       /* waits for the next early result */
    bool is_closed;      /* was shown when the window was over */
} EmitEntry;

typedef struct EmitOp {
    Op op;
    Windows windows;
    StateMap *map;
    StateHeap *heap;
    Ttl early;   /* keys by the time of their next early result */
    Ttl closing; /* keys by the watermark that closes them */
    Ttl gone;    /* keys by the watermark that ends their corrections */
    Buf row;
    Mem *mem;
} EmitOp;

static bool emit_fits(const Node *node) {
    return node->kind == NODE_EMIT;
}

static Status emit_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    static const uint32_t vars[2] = {offsetof(EmitEntry, shown), offsetof(EmitEntry, now)};
    EmitOp *self = (EmitOp *)op;
    MapSpec spec = {
        .name = "rows", .entry_size = sizeof(EmitEntry), .n_var_slots = 2, .var_offsets = vars};
    (void)err;
    self->windows = (Windows){.kind = WINDOW_TUMBLE, .size = 1, .slide = 1, .slice = 1};
    if (node->emit.agg.is_local) self->windows.zone = ctx->env->zone;
    self->map = state_map(ctx->state, ctx->name, &spec);
    self->heap = state_heap(ctx->state);
    self->mem = ctx->mem;
    ttl_open_queue(&self->early, ctx, "early");
    ttl_open_queue(&self->closing, ctx, "closing");
    ttl_open_queue(&self->gone, ctx, "gone");
    buf_init(&self->row, ctx->mem);
    ctx->takes_updates = true;
    return ST_OK;
}

static EmitEntry *emit_find(EmitOp *self, OpCtx *ctx, Span key) {
    RowKeys keys;
    char *entry;
    op_keys_of(ctx->scratch, &key, 1, &keys);
    map_find(self->map, &keys, NULL, &entry);
    return (EmitEntry *)(void *)entry;
}

static Status emit_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *in, Out *out, Err *err) {
    EmitOp *self = (EmitOp *)op;
    const Node *node = op->node;
    const Column *end = &in->cols[node->emit.agg.end_key];
    char **entries = arena_alloc(ctx->scratch, sizeof *entries * in->n_rows);
    uint8_t *is_new = arena_alloc(ctx->scratch, in->n_rows);
    int64_t early = node->emit.agg.early_us;
    RowKeys keys;
    (void)port, (void)out;
    rowkey_encode(ctx->scratch, op_row_cols(ctx->scratch, in, node->emit.keys, node->emit.n_keys),
                  node->emit.n_keys, NULL, in->n_rows, &keys);
    map_upsert(self->map, &keys, NULL, entries, is_new);
    for (uint32_t i = 0; i < in->n_rows; i++) {
        EmitEntry *entry = (EmitEntry *)(void *)entries[i];
        uint32_t row = batch_row(in, i);
        if (is_new[i]) {
            entry->fire = windows_fire_time(&self->windows, end->i64[col_at(end, row)]);
            ttl_put(&self->closing, entry->fire, rowkey_get(&keys, i));
        }
        buf_reset(&self->row);
        if (batch_weight(in, row) > 0) rowcodec_encode(in->cols, in->n_cols, row, &self->row);
        statevar_set(self->heap, &entry->now, self->row.ptr, (uint32_t)self->row.len);
        map_mark_dirty(self->map, entries[i]);
        if (!early || entry->is_early) continue;
        entry->is_early = true;
        ttl_put(&self->early, windows_floor(ctx->env->now_us, early, 0) + early,
                rowkey_get(&keys, i));
    }
    return mem_check(ctx->mem, err);
}

/* Shows the row as it is now in place of the one that is shown. */
static Status emit_show(EmitOp *self, RowSender *to, EmitEntry *entry) {
    Span shown = {entry->shown.ptr, entry->shown.len}, now = {entry->now.ptr, entry->now.len};
    bool is_update = shown.len && now.len;
    if (span_eq(shown, now)) return ST_OK;
    if (shown.len) {
        TRY(sender_row(to, shown));
        TRY(sender_end(to, -1, is_update));
    }
    if (now.len) {
        TRY(sender_row(to, now));
        TRY(sender_end(to, 1, is_update));
    }
    TRY(sender_flush(to)); /* its strings lie in the entry, which changes now */
    statevar_set(self->heap, &entry->shown, entry->now.ptr, entry->now.len);
    return ST_OK;
}

static Status emit_early(EmitOp *self, OpCtx *ctx, RowSender *to) {
    Span key;
    while (ttl_take(&self->early, ctx->env->now_us, &key)) {
        EmitEntry *entry = emit_find(self, ctx, key);
        if (!entry) continue;
        entry->is_early = false;
        if (entry->fire > ctx->watermark) TRY(emit_show(self, to, entry));
    }
    ctx->wake_us = ttl_first(&self->early);
    return ST_OK;
}

static Status emit_flush(Op *op, OpCtx *ctx, Out *out, Err *err) {
    EmitOp *self = (EmitOp *)op;
    int64_t within = op->node->emit.agg.within_us;
    uint32_t n;
    char *const *dirty = map_dirty(self->map, &n);
    RowSender to;
    Span key;
    sender_init(&to, ctx, &op->node->schema, op->node->schema.n_fields, out, err);
    for (uint32_t i = 0; i < n; i++) { /* corrections */
        EmitEntry *entry = (EmitEntry *)(void *)dirty[i];
        if (entry->is_closed) TRY(emit_show(self, &to, entry));
    }
    map_clear_dirty(self->map);
    if (!op_waits_for_end(op->node, ctx)) TRY(emit_early(self, ctx, &to));
    while (ttl_take(&self->closing, ctx->watermark, &key)) {
        EmitEntry *entry = emit_find(self, ctx, key);
        if (!entry) continue;
        entry->is_closed = true;
        TRY(emit_show(self, &to, entry));
        if (within != INT64_MAX) ttl_put(&self->gone, op_time_add(entry->fire, within), key);
    }
    while (ttl_take(&self->gone, ctx->watermark, &key)) {
        EmitEntry *entry = emit_find(self, ctx, key);
        if (entry) map_remove(self->map, (char *)entry);
    }
    return mem_check(ctx->mem, err);
}

static void emit_close(Op *op) {
    EmitOp *self = (EmitOp *)op;
    ttl_close(&self->early);
    ttl_close(&self->closing);
    ttl_close(&self->gone);
    buf_deinit(&self->row);
}

const OpType op_emit = {
    .name = "emit",
    .size = sizeof(EmitOp),
    .traits = OP_KEYED,
    .fits = emit_fits,
    .open = emit_open,
    .push = emit_push,
    .flush = emit_flush,
    .close = emit_close,
};
