/* timed.c -- waiting rows and their timers.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/timed.h"

static const uint32_t timed_no_starts[2] = {0, 0};
static const uint64_t timed_no_hash[1] = {0};

void timed_open_over(TimedRows *t, OpCtx *ctx, MultiMap *rows) {
    MultiSpec timers = {.name = "timers"};
    *t = (TimedRows){.rows = rows, .mem = ctx->mem};
    t->timers = state_multimap(ctx->state, ctx->name, &timers);
    t->seq = state_value(ctx->state, ctx->name, "arrivals", sizeof *t->seq);
    buf_init(&t->key, ctx->mem);
    buf_init(&t->partition, ctx->mem);
    buf_init(&t->sort, ctx->mem);
    buf_init(&t->value, ctx->mem);
}

void timed_open(TimedRows *t, OpCtx *ctx, const Type *time_type, KeyOrder order,
                uint32_t extra_size) {
    MultiSpec rows = {.name = "rows", .extra_size = extra_size};
    timed_open_over(t, ctx, state_multimap(ctx->state, ctx->name, &rows));
    t->time_type = time_type;
    t->order = order;
    t->is_proctime = time_type && time_type->attr == TIME_ATTR_PROCTIME;
}

void timed_close(TimedRows *t) {
    buf_deinit(&t->key);
    buf_deinit(&t->partition);
    buf_deinit(&t->sort);
    buf_deinit(&t->value);
}

void timed_put_seq(TimedRows *t, Buf *sort) {
    uint64_t big = __builtin_bswap64((*t->seq)++);
    buf_put(sort, &big, sizeof big);
}

MultiGroup *timed_one_group(MultiMap *multi) {
    RowKeys none = {.n = 1, .starts = timed_no_starts, .bytes = "", .hashes = timed_no_hash};
    MultiGroup *group;
    multi_upsert(multi, &none, &group);
    return group;
}

void timed_sort(Buf *sort, int64_t time, Span partition) {
    uint64_t big = __builtin_bswap64((uint64_t)time ^ (UINT64_C(1) << 63));
    buf_put(sort, &big, sizeof big);
    buf_span(sort, partition);
}

int64_t timed_sort_time(Span sort) {
    uint64_t big;
    memcpy(&big, sort.ptr, sizeof big);
    return (int64_t)(__builtin_bswap64(big) ^ (UINT64_C(1) << 63));
}

void timed_set(TimedRows *t, int64_t time, Span partition) {
    MultiGroup *group = timed_one_group(t->timers);
    MultiRow known;
    buf_reset(&t->key);
    timed_sort(&t->key, time, partition);
    if (multi_get(group, buf_as_span(&t->key), &known)) return;
    multi_add(t->timers, group, buf_as_span(&t->key), (Span){NULL, 0}, 1, false, NULL);
}

bool timed_next(TimedRows *t, const OpCtx *ctx, Span *partition, MultiGroup **group) {
    MultiGroup *timers = timed_one_group(t->timers);
    MultiRow due;
    uint64_t hash;
    uint32_t starts[2] = {0, 0};
    RowKeys one = {.n = 1, .starts = starts, .hashes = &hash};
    if (!multi_at(timers, 0, &due)) return false;
    if (timed_sort_time(due.sort) >= ctx->watermark && ctx->watermark != WATERMARK_MAX)
        return false;
    buf_reset(&t->partition);
    buf_put(&t->partition, due.sort.ptr + TIMED_SEQ_BYTES, due.sort.len - TIMED_SEQ_BYTES);
    *partition = buf_as_span(&t->partition);
    multi_erase(t->timers, timers, 0, 1);
    one.bytes = partition->ptr;
    starts[1] = (uint32_t)partition->len;
    hash = rowkey_hash(*partition);
    multi_find(t->rows, &one, group);
    return true;
}

uint32_t timed_before(TimedRows *t, const MultiGroup *group, int64_t time) {
    Column bound = {.type = t->time_type, .n_rows = 1, .i64 = &time};
    buf_reset(&t->key);
    rowkey_encode_row(&bound, 1, &t->order, 0, &t->key);
    return (uint32_t)multi_lower_bound(group, buf_as_span(&t->key));
}

uint32_t timed_due(TimedRows *t, const OpCtx *ctx, const MultiGroup *group) {
    if (t->is_proctime || ctx->watermark == WATERMARK_MAX) return (uint32_t)multi_rows(group);
    return timed_before(t, group, ctx->watermark);
}
