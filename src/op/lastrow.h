/* lastrow.h -- one current row for each key, and the changes of the step: what deduplication and
 * upsert streams keep. Not for other directories.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_LASTROW_H
#define WEIR_LASTROW_H

#include "op/ttl.h"

/* Head of an entry; `row` is empty (len 0, no bytes) when the key has no row. */
typedef struct LastEntry {
    StateVar row; /* rowcodec */
    int64_t time; /* the operator's own */
    int64_t written_us;
} LastEntry;

typedef struct LastRows {
    StateMap *map;
    StateHeap *heap;
    Mem *mem;
    StateVar *before; /* rows of the touched keys before the step, by order of touch */
    uint32_t cap;
    Buf row;
    Ttl ttl;
} LastRows;

void lastrows_open(LastRows *last, OpCtx *ctx, int64_t ttl_us);
void lastrows_close(LastRows *last);
/* Forgets rows that were not written for too long; before a batch. */
void lastrows_expire(LastRows *last, OpCtx *ctx);
/* Makes physical row `row` of the batch the key's row; in == NULL: the key has none any more. */
void lastrows_set(LastRows *last, OpCtx *ctx, LastEntry *entry, const Batch *in, uint32_t row);
/* Sends -before and +now of every touched key where they differ, in order of first touch. */
Status lastrows_flush(LastRows *last, OpCtx *ctx, const Schema *schema, Out *out,
                      Err *err) WARN_UNUSED;

#endif
