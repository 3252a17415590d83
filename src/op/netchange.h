/* netchange.h -- the net change of a step: rows with weights, gathered by key in order of first
 * touch.
 *
 * Rows are kept as rowcodec bytes in the net's own arena until net_reset; a row whose weights
 * cancel out gives its bytes back. Not for other directories.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_NETCHANGE_H
#define WEIR_NETCHANGE_H

#include "op/op.h"

typedef struct NetRow {
    struct NetRow *next;
    int64_t weight; /* never 0 while it is in a key's list */
    uint32_t len;
    char bytes[]; /* rowcodec */
} NetRow;

typedef struct NetKey {
    uint64_t hash;
    const char *bytes;
    uint32_t len;
    NetRow *first; /* in order of arrival; NULL when all has cancelled out */
} NetKey;

enum { NET_CLASSES = 33 };
typedef struct Net {
    Mem *mem;
    Arena arena;
    Buf row;      /* scratch for encoding */
    NetKey *keys; /* in order of first touch */
    uint32_t n_keys, cap_keys, n_empty;
    uint32_t *slots; /* open addressing: key index + 1, 0 = free */
    uint32_t n_slots;
    NetRow *free[NET_CLASSES]; /* by the power of two of their room */
} Net;

void net_init(Net *net, Mem *mem);
void net_deinit(Net *net);
void net_reset(Net *net); /* forgets the rows, keeps the memory */

/* Adds the rows of a batch; keys are those of its rows, in row order. */
void net_add(Net *net, const RowKeys *keys, const Batch *batch);
/* One row, as rowcodec bytes. */
void net_add_one(Net *net, Span key, uint64_t hash, Span row, int64_t weight);
/* Drops keys without rows when they are most of the table, for nets that live longer than a step.
 */
void net_compact(Net *net);

#endif
