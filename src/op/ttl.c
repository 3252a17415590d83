/* ttl.c -- the queue of state that may be forgotten. See ttl.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/ttl.h"

enum { TTL_TIME_BYTES = 8 };

void ttl_open(Ttl *ttl, OpCtx *ctx, const char *name, int64_t us) {
    *ttl = (Ttl){.us = ctx->env->is_batch ? 0 : us};
    buf_init(&ttl->sort, ctx->mem);
    buf_init(&ttl->key, ctx->mem);
    if (ttl->us) ttl->queue = state_multimap(ctx->state, ctx->name, &(MultiSpec){.name = name});
}

void ttl_open_queue(Ttl *ttl, OpCtx *ctx, const char *name) {
    *ttl = (Ttl){0};
    buf_init(&ttl->sort, ctx->mem);
    buf_init(&ttl->key, ctx->mem);
    ttl->queue = state_multimap(ctx->state, ctx->name, &(MultiSpec){.name = name});
}

void ttl_close(Ttl *ttl) {
    buf_deinit(&ttl->sort);
    buf_deinit(&ttl->key);
}

static MultiGroup *ttl_group(Ttl *ttl) {
    static const uint32_t starts[2] = {0, 0};
    uint64_t hash = rowkey_hash((Span){"", 0});
    RowKeys keys = {.n = 1, .starts = starts, .bytes = "", .hashes = &hash};
    MultiGroup *group;
    multi_upsert(ttl->queue, &keys, &group);
    return group;
}

void ttl_put(Ttl *ttl, int64_t at, Span key) {
    uint64_t time = __builtin_bswap64((uint64_t)at ^ UINT64_C(1) << 63);
    MultiGroup *group = ttl_group(ttl);
    MultiRow row;
    buf_reset(&ttl->sort);
    buf_put(&ttl->sort, &time, sizeof time);
    buf_span(&ttl->sort, key);
    if (multi_get(group, buf_as_span(&ttl->sort), &row)) return;
    multi_add(ttl->queue, group, buf_as_span(&ttl->sort), (Span){NULL, 0}, 1, false, NULL);
}

void ttl_write(Ttl *ttl, const OpCtx *ctx, int64_t *last, bool is_new, Span key) {
    if (!ttl->us) return;
    *last = ctx->env->now_us;
    if (is_new) ttl_put(ttl, *last, key);
}

static int64_t ttl_time(Span sort) {
    uint64_t time;
    memcpy(&time, sort.ptr, sizeof time);
    return (int64_t)(__builtin_bswap64(time) ^ UINT64_C(1) << 63);
}

int64_t ttl_first(Ttl *ttl) {
    MultiRow row;
    return multi_at(ttl_group(ttl), 0, &row) ? ttl_time(row.sort) : INT64_MAX;
}

bool ttl_take(Ttl *ttl, int64_t limit, Span *key) {
    MultiGroup *group = ttl_group(ttl);
    MultiRow row;
    if (!multi_at(group, 0, &row) || ttl_time(row.sort) > limit) return false;
    buf_reset(&ttl->key);
    buf_span(&ttl->key, (Span){row.sort.ptr + TTL_TIME_BYTES, row.sort.len - TTL_TIME_BYTES});
    multi_erase(ttl->queue, group, 0, 1);
    *key = buf_as_span(&ttl->key);
    return true;
}

bool ttl_next(Ttl *ttl, const OpCtx *ctx, Span *key) {
    return ttl->us && ttl_take(ttl, op_time_add(ctx->env->now_us, -ttl->us), key);
}

bool ttl_is_over(Ttl *ttl, const OpCtx *ctx, int64_t last, Span key) {
    if (op_time_add(last, ttl->us) <= ctx->env->now_us) return true;
    ttl_put(ttl, last, key);
    return false;
}
