/* map_commit.c -- entries of maps as records of commits, and back.
 *
 * A record's key is the slice (of sliced maps), the key group and the key; its value the hash, the
 * entry's place in its slice, the entry's bytes with its StateVars emptied, and their contents one
 * after another.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store/map_table.h"

static void map_record_value(const StateMap *map, const char *entry, Buf *value) {
    size_t at;
    buf_reset(value);
    buf_put(value, &map_head(entry)->hash, sizeof(uint64_t));
    if (map->spec.is_sliced) buf_put(value, &map_place(entry)->index, sizeof(uint64_t));
    at = value->len;
    buf_put(value, entry, map->spec.entry_size);
    for (uint32_t i = 0; i < map->spec.n_var_slots; i++) {
        const StateVar *var = (const StateVar *)(const void *)(entry + map->spec.var_offsets[i]);
        memset(value->ptr + at + map->spec.var_offsets[i], 0, sizeof *var);
        buf_put(value, &var->len, sizeof var->len);
        buf_put(value, var->ptr, var->len);
    }
}

typedef struct MapCollect {
    StateMap *map;
    StateWriter *to;
} MapCollect;

static void map_collect_entry(void *ctx, char *entry, bool is_removed, bool is_unsaved) {
    const MapCollect *collect = ctx;
    const StateMap *map = collect->map;
    StateWriter *to = collect->to;
    if (is_removed && is_unsaved) return;
    statewriter_begin(to);
    if (map->spec.is_sliced) statewriter_time(to, map_place(entry)->table->slice);
    buf_putc(&to->key, (char)key_group(map_head(entry)->hash));
    buf_span(&to->key, map_key(map, entry));
    if (is_removed) {
        kvbatch_delete(to->batch, buf_as_span(&to->key));
        return;
    }
    map_record_value(map, entry, &to->value);
    kvbatch_put(to->batch, buf_as_span(&to->key), buf_as_span(&to->value));
}

void map_collect(void *table, StateWriter *to) {
    StateMap *map = table;
    MapCollect collect = {map, to};
    for (uint32_t i = 0; i < map->n_dropped; i++) {
        statewriter_begin(to);
        statewriter_time(to, map->dropped[i]);
        kvbatch_delete_prefix(to->batch, buf_as_span(&to->key));
    }
    map->n_dropped = 0;
    map_take_changed(map, map_collect_entry, &collect);
}

Status map_load(void *table, Span key, Span value, Err *err) {
    StateMap *map = table;
    const MapSpec *spec = &map->spec;
    bool is_sliced = spec->is_sliced;
    size_t fixed = (is_sliced ? 16u : 8u) + spec->entry_size, skip = is_sliced ? 9 : 1;
    uint64_t hash, index = 0;
    int64_t slice = 0;
    char *entry;
    if (key.len < skip || value.len < fixed) return state_corrupt(spec->name, err);
    if (is_sliced) slice = state_read_time(key.ptr);
    key = (Span){key.ptr + skip, key.len - skip};
    memcpy(&hash, value.ptr, sizeof hash);
    if (is_sliced) memcpy(&index, value.ptr + 8, sizeof index);
    if (index > UINT32_MAX) return state_corrupt(spec->name, err);
    entry = map_restore(map, slice, key, hash, index);
    memcpy(entry, value.ptr + fixed - spec->entry_size, spec->entry_size);
    value = (Span){value.ptr + fixed, value.len - fixed};
    for (uint32_t i = 0; i < spec->n_var_slots; i++) {
        StateVar *var = (StateVar *)(void *)(entry + spec->var_offsets[i]);
        uint32_t len;
        *var = (StateVar){0};
        if (value.len < sizeof len) return state_corrupt(spec->name, err);
        memcpy(&len, value.ptr, sizeof len);
        value = (Span){value.ptr + sizeof len, value.len - sizeof len};
        if (value.len < len) return state_corrupt(spec->name, err);
        if (len) statevar_set(map->state->heap, var, value.ptr, len);
        value = (Span){value.ptr + len, value.len - len};
    }
    return value.len ? state_corrupt(spec->name, err) : ST_OK;
}
