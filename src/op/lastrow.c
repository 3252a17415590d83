/* lastrow.c -- the current row of each key. See lastrow.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/lastrow.h"

void lastrows_open(LastRows *last, OpCtx *ctx, int64_t ttl_us) {
    static const uint32_t vars[1] = {offsetof(LastEntry, row)};
    MapSpec spec = {
        .name = "rows", .entry_size = sizeof(LastEntry), .n_var_slots = 1, .var_offsets = vars};
    last->map = state_map(ctx->state, ctx->name, &spec);
    last->heap = state_heap(ctx->state);
    last->mem = ctx->mem;
    buf_init(&last->row, ctx->mem);
    ttl_open(&last->ttl, ctx, "ttl", ttl_us);
}

void lastrows_expire(LastRows *last, OpCtx *ctx) {
    Span key;
    while (ttl_next(&last->ttl, ctx, &key)) {
        RowKeys keys;
        char *entry;
        op_keys_of(ctx->scratch, &key, 1, &keys);
        map_find(last->map, &keys, NULL, &entry);
        if (!entry) continue;
        if (ttl_is_over(&last->ttl, ctx, ((LastEntry *)(void *)entry)->written_us, key))
            map_remove(last->map, entry);
    }
}

void lastrows_close(LastRows *last) {
    buf_deinit(&last->row);
    ttl_close(&last->ttl);
    mem_free(last->mem, last->before, sizeof *last->before * last->cap);
    last->before = NULL;
}

void lastrows_set(LastRows *last, OpCtx *ctx, LastEntry *entry, const Batch *in, uint32_t row) {
    uint32_t n;
    ttl_write(&last->ttl, ctx, &entry->written_us, !entry->written_us,
              map_key(last->map, (const char *)entry));
    buf_reset(&last->row);
    if (in) rowcodec_encode(in->cols, in->n_cols, row, &last->row);
    if (map_mark_dirty(last->map, (char *)entry)) {
        map_dirty(last->map, &n);
        if (n > last->cap) {
            uint32_t cap = last->cap ? 2 * last->cap : 64;
            last->before = mem_realloc(last->mem, last->before, sizeof *last->before * last->cap,
                                       sizeof *last->before * cap);
            last->cap = cap;
        }
        /* The bytes move over to the list instead of being copied. */
        last->before[n - 1] = entry->row;
        entry->row = (StateVar){0};
    }
    statevar_set(last->heap, &entry->row, last->row.ptr, (uint32_t)last->row.len);
}

Status lastrows_flush(LastRows *last, OpCtx *ctx, const Schema *schema, Out *out, Err *err) {
    uint32_t n;
    char *const *dirty = map_dirty(last->map, &n);
    RowSender to;
    if (!n) return ST_OK;
    sender_init(&to, ctx, schema, schema->n_fields, out, err);
    for (uint32_t i = 0; i < n; i++) {
        const LastEntry *entry = (const LastEntry *)(const void *)dirty[i];
        Span old = {last->before[i].ptr, last->before[i].len};
        Span now = {entry->row.ptr, entry->row.len};
        if (span_eq(old, now)) continue;
        bool is_update = old.len && now.len;
        if (old.len) {
            TRY(sender_row(&to, old));
            TRY(sender_end(&to, -1, is_update));
        }
        if (now.len) {
            TRY(sender_row(&to, now));
            TRY(sender_end(&to, 1, is_update));
        }
    }
    TRY(sender_flush(&to));
    for (uint32_t i = 0; i < n; i++) {
        statevar_clear(last->heap, &last->before[i]);
        if (!((const LastEntry *)(const void *)dirty[i])->row.len) map_remove(last->map, dirty[i]);
    }
    map_clear_dirty(last->map);
    return mem_check(ctx->mem, err);
}
