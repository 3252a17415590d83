/* slicemerge.c -- putting the entries of slices together by key. See slicemerge.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/slicemerge.h"

typedef struct SliceMergeSlot {
    uint32_t hash;  /* the upper half */
    uint32_t group; /* its index + 1, 0 = free */
} SliceMergeSlot;

void slicemerge_init(SliceMerge *merge, AggSet *set, OpCtx *ctx, bool is_counted, uint64_t cap) {
    uint64_t n_slots = 64;
    while (n_slots < 2 * cap) n_slots *= 2;
    assert(cap < UINT32_MAX / 2);
    *merge = (SliceMerge){.set = set, .ctx = ctx, .is_counted = is_counted, .cap = (uint32_t)cap};
    merge->mask = n_slots - 1;
    merge->slots = arena_array(ctx->scratch, SliceMergeSlot, n_slots);
    merge->keys = arena_alloc(ctx->scratch, sizeof *merge->keys * cap);
    merge->entries = arena_alloc(ctx->scratch, sizeof *merge->entries * cap);
    merge->is_own = arena_zalloc(ctx->scratch, cap);
}

/* The group of a key; a new one is the entry itself. */
static uint32_t slicemerge_group(SliceMerge *merge, char *entry, Span key, uint64_t hash) {
    for (uint64_t at = hash & merge->mask;; at = (at + 1) & merge->mask) {
        SliceMergeSlot *slot = &merge->slots[at];
        if (!slot->group) {
            *slot = (SliceMergeSlot){(uint32_t)(hash >> 32), merge->n + 1};
            merge->keys[merge->n] = key;
            merge->entries[merge->n] = entry;
            return merge->n++;
        }
        if (slot->hash == (uint32_t)(hash >> 32) && span_eq(merge->keys[slot->group - 1], key))
            return slot->group - 1;
    }
}

static int64_t *slicemerge_count(char *entry) {
    return (int64_t *)(void *)entry;
}

/* Makes the group's entry a state of its own, which may be added to. */
static Status slicemerge_own(SliceMerge *merge, uint32_t group, Err *err) {
    AggSet *set = merge->set;
    char *own = arena_alloc(merge->ctx->scratch, set->entry_size), *old = merge->entries[group];
    merge->entries[group] = own;
    merge->is_own[group] = true;
    if (!set->n_vars) {
        memcpy(own, old, set->entry_size);
        return ST_OK;
    }
    memset(own, 0, set->entry_size);
    if (merge->is_counted) *slicemerge_count(own) = *slicemerge_count(old);
    return aggset_merge(set, merge->ctx, own, old, err);
}

Status slicemerge_add(SliceMerge *merge, const StateMap *map, int64_t slice, Err *err) {
    uint64_t n;
    char *const *entries = map_slice_entries(map, slice, &n);
    for (uint64_t i = 0; i < n; i++) {
        char *entry = entries[i];
        uint32_t n_groups = merge->n, group;
        if (!entry || (merge->is_counted && *slicemerge_count(entry) <= 0)) continue;
        group = slicemerge_group(merge, entry, map_key(map, entry), map_hash(entry));
        if (merge->n > n_groups) continue;
        if (!merge->is_own[group]) TRY(slicemerge_own(merge, group, err));
        if (merge->is_counted) *slicemerge_count(merge->entries[group]) += *slicemerge_count(entry);
        TRY(aggset_merge(merge->set, merge->ctx, merge->entries[group], entry, err));
    }
    return ST_OK;
}

void slicemerge_end(SliceMerge *merge) {
    const AggSet *set = merge->set;
    for (uint32_t i = 0; set->n_vars && i < merge->n; i++)
        for (uint32_t v = 0; merge->is_own[i] && v < set->n_vars; v++)
            statevar_clear(set->heap, (StateVar *)(void *)(merge->entries[i] + set->vars[v]));
}
