/* op_temporal_filter.c -- rows that are part of the answer for a time: from when a condition on the
 * present comes to hold until it ceases to. Linear: a row's times depend on its columns alone, so
 * what is taken back finds its row, waiting or shown. Rows wait in two queues by time, and a timer
 * brings the next step.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/oputil.h"

typedef struct TemporalFilter {
    Op op;
    Program *times;
    MultiMap *coming, *leaving; /* one group each: (time, row) with its weight */
    Buf key;
} TemporalFilter;

enum { TEMPORAL_TIME_BYTES = 8, TEMPORAL_UNIT_US = 1000 }; /* the present has milliseconds */

static bool temporal_fits(const Node *node) {
    return node->kind == NODE_TEMPORAL_FILTER;
}

static Status temporal_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    TemporalFilter *self = (TemporalFilter *)op;
    self->coming = state_multimap(ctx->state, ctx->name, &(MultiSpec){.name = "coming"});
    self->leaving = state_multimap(ctx->state, ctx->name, &(MultiSpec){.name = "leaving"});
    buf_init(&self->key, ctx->mem);
    return program_compile(&self->times, node->exprs, node->n_exprs, ctx->arena, err);
}

static MultiGroup *temporal_group(MultiMap *map) {
    static const uint32_t starts[2] = {0, 0};
    uint64_t hash = rowkey_hash((Span){"", 0});
    RowKeys keys = {.n = 1, .starts = starts, .bytes = "", .hashes = &hash};
    MultiGroup *group;
    multi_upsert(map, &keys, &group);
    return group;
}

static void temporal_wait(TemporalFilter *self, MultiMap *map, int64_t at, Span row,
                          int64_t weight) {
    uint64_t time = __builtin_bswap64((uint64_t)at ^ UINT64_C(1) << 63);
    buf_reset(&self->key);
    buf_put(&self->key, &time, sizeof time);
    buf_span(&self->key, row);
    multi_add(map, temporal_group(map), buf_as_span(&self->key), (Span){NULL, 0}, weight, false,
              NULL);
}

static int64_t tfilter_ceil(int64_t us) {
    int64_t rest = us % TEMPORAL_UNIT_US;
    if (rest < 0) rest += TEMPORAL_UNIT_US;
    return rest ? op_time_add(us, TEMPORAL_UNIT_US - rest) : us;
}

/* The row is in the answer in [*from, *to); false: never, a time is NULL. */
static bool temporal_span(const Node *node, const Column *times, uint32_t row, int64_t *from,
                          int64_t *to) {
    *from = INT64_MIN;
    *to = INT64_MAX;
    for (uint32_t i = 0; i < node->n_exprs; i++) {
        const TemporalBound *bound = &node->temporal.bounds[i];
        int64_t at;
        if (col_is_null(&times[i], row)) return false;
        at = tfilter_ceil(op_time_add(times[i].i64[col_at(&times[i], row)], bound->offset_us));
        if (bound->is_end && at < *to) *to = at;
        if (!bound->is_end && at > *from) *from = at;
    }
    return *from < *to;
}

static Status temporal_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *in, Out *out,
                            Err *err) {
    TemporalFilter *self = (TemporalFilter *)op;
    const Node *node = op->node;
    Column *times = arena_array(ctx->scratch, Column, node->n_exprs);
    uint32_t *sel = arena_alloc(ctx->scratch, sizeof *sel * (in->n_rows + 1)), n = 0;
    int64_t now = ctx->env->now_us;
    Buf row;
    Batch shown;
    (void)port;
    TRY(program_eval(self->times, in, ctx->env, ctx->scratch, times, err));
    buf_init(&row, ctx->mem);
    for (uint32_t i = 0; i < in->n_rows; i++) {
        uint32_t phys = batch_row(in, i);
        int64_t from, to;
        if (!temporal_span(node, times, i, &from, &to) || to <= now) continue;
        buf_reset(&row);
        if (from > now || to != INT64_MAX) rowcodec_encode(in->cols, in->n_cols, phys, &row);
        if (from > now)
            temporal_wait(self, self->coming, from, buf_as_span(&row), batch_weight(in, phys));
        if (to != INT64_MAX)
            temporal_wait(self, self->leaving, to, buf_as_span(&row), batch_weight(in, phys));
        if (from <= now) sel[n++] = phys;
    }
    buf_deinit(&row);
    shown = batch_select(in, sel, n);
    shown.schema = &node->schema;
    TRY(emit(out, &shown, err));
    return mem_check(ctx->mem, err);
}

/* Sends the rows of a queue whose time has come; the time of the next one lowers the timer. */
static Status temporal_due(MultiMap *map, OpCtx *ctx, RowSender *to, int64_t sign) {
    MultiGroup *group = temporal_group(map);
    MultiRow row;
    while (multi_at(group, 0, &row)) {
        uint64_t time;
        int64_t at;
        memcpy(&time, row.sort.ptr, sizeof time);
        at = (int64_t)(__builtin_bswap64(time) ^ UINT64_C(1) << 63);
        if (at > ctx->env->now_us) {
            if (at < ctx->wake_us) ctx->wake_us = at;
            return ST_OK;
        }
        TRY(sender_row(
            to, (Span){row.sort.ptr + TEMPORAL_TIME_BYTES, row.sort.len - TEMPORAL_TIME_BYTES}));
        TRY(sender_end(to, sign * row.count, false));
        TRY(sender_flush(to)); /* its strings lie in the row, which goes now */
        multi_erase(map, group, 0, 1);
    }
    return ST_OK;
}

static Status temporal_flush(Op *op, OpCtx *ctx, Out *out, Err *err) {
    TemporalFilter *self = (TemporalFilter *)op;
    RowSender to;
    ctx->wake_us = INT64_MAX;
    sender_init(&to, ctx, &op->node->schema, op->node->schema.n_fields, out, err);
    TRY(temporal_due(self->coming, ctx, &to, 1));
    return temporal_due(self->leaving, ctx, &to, -1);
}

static void temporal_close(Op *op) {
    TemporalFilter *self = (TemporalFilter *)op;
    program_free(self->times);
    buf_deinit(&self->key);
}

const OpType op_temporal_filter = {
    .name = "temporal_filter",
    .size = sizeof(TemporalFilter),
    .fits = temporal_fits,
    .open = temporal_open,
    .push = temporal_push,
    .flush = temporal_flush,
    .close = temporal_close,
};
