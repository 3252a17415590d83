/* strmap.c -- open addressing over an insertion-ordered array.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/base.h"

void strmap_init(StrMap *map, Mem *mem, bool is_nocase) {
    *map = (StrMap){.mem = mem, .is_nocase = is_nocase};
}

void strmap_deinit(StrMap *map) {
    for (uint32_t i = 0; i < map->n; i++) {
        mem_free(map->mem, (void *)(uintptr_t)map->entries[i].key.ptr, map->entries[i].key.len + 1);
    }
    mem_free(map->mem, map->entries, map->cap * sizeof *map->entries);
    mem_free(map->mem, map->slots, map->n_slots * sizeof *map->slots);
    strmap_init(map, map->mem, map->is_nocase);
}

static uint32_t strmap_hash(const StrMap *map, Span key) {
    uint32_t h = 2166136261u; /* FNV-1a: short keys, and case folds byte by byte */
    for (size_t i = 0; i < key.len; i++) {
        unsigned char c = (unsigned char)key.ptr[i];
        if (map->is_nocase && c >= 'A' && c <= 'Z') c = (unsigned char)(c + 32);
        h = (h ^ c) * 16777619u;
    }
    return h;
}

/* The slot that holds the key, or the free slot where it would go. */
static uint32_t strmap_slot(const StrMap *map, Span key) {
    uint32_t i = strmap_hash(map, key) & (map->n_slots - 1);
    while (map->slots[i]) {
        Span have = map->entries[map->slots[i] - 1].key;
        if (map->is_nocase ? span_eq_nocase(have, key) : span_eq(have, key)) break;
        i = (i + 1) & (map->n_slots - 1);
    }
    return i;
}

void *strmap_find(const StrMap *map, Span key) {
    uint32_t slot;
    if (!map->n) return NULL;
    slot = strmap_slot(map, key);
    return map->slots[slot] ? map->entries[map->slots[slot] - 1].value : NULL;
}

static void strmap_rebuild(StrMap *map, uint32_t n_slots) {
    mem_free(map->mem, map->slots, map->n_slots * sizeof *map->slots);
    map->n_slots = n_slots;
    map->slots = mem_zalloc(map->mem, n_slots * sizeof *map->slots);
    for (uint32_t i = 0; i < map->n; i++) map->slots[strmap_slot(map, map->entries[i].key)] = i + 1;
}

void *strmap_put(StrMap *map, Span key, void *value) {
    uint32_t slot;
    char *copy;
    assert(value);
    if ((map->n + 1) * 2 > map->n_slots) strmap_rebuild(map, map->n_slots ? map->n_slots * 2 : 16);
    slot = strmap_slot(map, key);
    if (map->slots[slot]) {
        void *old = map->entries[map->slots[slot] - 1].value;
        map->entries[map->slots[slot] - 1].value = value;
        return old;
    }
    if (map->n == map->cap) {
        uint32_t cap = map->cap ? map->cap * 2 : 8;
        map->entries = mem_realloc(map->mem, map->entries, map->cap * sizeof *map->entries,
                                   cap * sizeof *map->entries);
        map->cap = cap;
    }
    copy = mem_alloc(map->mem, key.len + 1);
    if (key.len) memcpy(copy, key.ptr, key.len);
    copy[key.len] = '\0';
    map->entries[map->n++] = (StrMapEntry){{copy, key.len}, value};
    map->slots[slot] = map->n;
    return NULL;
}

void *strmap_remove(StrMap *map, Span key) {
    uint32_t slot;
    uint32_t at;
    void *old;
    if (!map->n) return NULL;
    slot = strmap_slot(map, key);
    if (!map->slots[slot]) return NULL;
    at = map->slots[slot] - 1;
    old = map->entries[at].value;
    mem_free(map->mem, (void *)(uintptr_t)map->entries[at].key.ptr, map->entries[at].key.len + 1);
    memmove(&map->entries[at], &map->entries[at + 1], (map->n - at - 1) * sizeof *map->entries);
    map->n--;
    strmap_rebuild(map, map->n_slots);
    return old;
}
