/* strmap.h -- a small map from names to pointers, kept in insertion order. For catalogs, options
 * and scopes, not for rows.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_STRMAP_H
#define WEIR_STRMAP_H

#include "base/span.h"

typedef struct StrMapEntry {
    Span key; /* owned by the map */
    void *value;
} StrMapEntry;

typedef struct StrMap {
    Mem *mem;
    bool is_nocase;       /* ASCII case of keys is ignored */
    StrMapEntry *entries; /* in insertion order */
    uint32_t n, cap;
    uint32_t *slots; /* open addressing: entry index + 1, 0 = free */
    uint32_t n_slots;
} StrMap;

void strmap_init(StrMap *map, Mem *mem, bool is_nocase);
void strmap_deinit(StrMap *map);                /* values are the caller's */
void *strmap_find(const StrMap *map, Span key); /* NULL when absent */
/* Replaces or adds; returns the value that was there, or NULL. value must not be NULL. The key is
 * copied. */
void *strmap_put(StrMap *map, Span key, void *value);
void *strmap_remove(StrMap *map,
                    Span key); /* the removed value, or NULL; keeps the order of the rest */

#endif
