/* slicemerge.h -- the groups of a window that is made of several slices. Not for other directories.
 *
 * Entries of the slices are put together by key in scratch memory, in order of first arrival. A
 * group that only one slice knows is that slice's entry itself: most groups of a long tail cost
 * one look at a small table, and neither copies nor merges.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_SLICEMERGE_H
#define WEIR_SLICEMERGE_H

#include "op/aggset.h"

typedef struct SliceMerge {
    AggSet *set;
    OpCtx *ctx;
    bool is_counted; /* entries begin with a count of rows; groups without rows are left out */
    Span *keys;      /* of the groups */
    char **entries;
    uint8_t *is_own; /* the entry is a merged state, not a slice's */
    uint32_t n, cap;
    struct SliceMergeSlot *slots;
    uint64_t mask;
} SliceMerge;

/* Room for `cap` entries in all. What is merged lives in ctx->scratch. */
void slicemerge_init(SliceMerge *merge, AggSet *set, OpCtx *ctx, bool is_counted, uint64_t cap);
Status slicemerge_add(SliceMerge *merge, const StateMap *map, int64_t slice, Err *err) WARN_UNUSED;
/* Gives back what the merged states own outside of scratch. */
void slicemerge_end(SliceMerge *merge);

#endif
