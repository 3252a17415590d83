/* list.c -- keys and sets of list elements.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/list.h"

void list_keys(Arena *arena, const Column *lists, uint32_t n, RowKeys *out) {
    uint32_t total = lists->is_const ? lists->offsets[1] : n ? lists->offsets[n] : 0;
    rowkey_encode(arena, &lists->children[0], 1, NULL, total, out);
}

void list_set_init(ListSet *set, Arena *arena, uint32_t n_max) {
    set->n_slots = 8;
    while (set->n_slots < 2 * (uint64_t)n_max) set->n_slots *= 2;
    set->slots = arena_array(arena, Span, set->n_slots);
}

/* The slot of the key, or the free one where it would go. */
static Span *list_set_slot(const ListSet *set, const RowKeys *keys, uint32_t element) {
    Span key = rowkey_get(keys, element);
    uint32_t slot = (uint32_t)hash_bytes(key.ptr, key.len, 0) & (set->n_slots - 1);
    while (set->slots[slot].ptr && !span_eq(set->slots[slot], key))
        slot = (slot + 1) & (set->n_slots - 1);
    return &set->slots[slot];
}

bool list_set_add(ListSet *set, const RowKeys *keys, uint32_t element) {
    Span *slot = list_set_slot(set, keys, element);
    if (slot->ptr) return false;
    *slot = rowkey_get(keys, element);
    return true;
}

bool list_set_has(const ListSet *set, const RowKeys *keys, uint32_t element) {
    return list_set_slot(set, keys, element)->ptr != NULL;
}
