/* list.h -- rows of ARRAY, MAP and MULTISET columns as ranges of their children, and sets of
 * elements for what compares many of them. SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_LIST_H
#define WEIR_LIST_H

#include "expr/fn.h"

/* Elements from .. from + n of the children. */
typedef struct ListRange {
    uint32_t from, n;
} ListRange;

static inline ListRange list_range(const Column *col, uint32_t row) {
    uint32_t at = col_at(col, row);
    return (ListRange){col->offsets[at], col->offsets[at + 1] - col->offsets[at]};
}

/* The elements of a column of lists as bytes that are equal when the values are (NULLs too). */
void list_keys(Arena *arena, const Column *lists, uint32_t n, RowKeys *out);

/* A hash set of such keys. */
typedef struct ListSet {
    Span *slots; /* ptr NULL = free */
    uint32_t n_slots;
} ListSet;
void list_set_init(ListSet *set, Arena *arena, uint32_t n_max);
/* false when it was there already. */
bool list_set_add(ListSet *set, const RowKeys *keys, uint32_t element);
bool list_set_has(const ListSet *set, const RowKeys *keys, uint32_t element);

#endif
