/* over.h -- the two halves of OVER: keeping the rows of partitions (op_over.c), and computing
 * calls over the ordered rows of one partition (over_frame.c). Not for other directories.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_OVER_H
#define WEIR_OVER_H

#include "op/op.h"

/* One call, with the columns that its arguments were put into when the row came. */
typedef struct OverSlot {
    const OverCall *call;
    uint32_t *arg_cols; /* of the stored row */
    int32_t filter_col; /* -1: none */
    bool is_linear;     /* rows that leave the frame can be taken out of the state */
    uint32_t state_off; /* of an accumulator that outlives the step */
    int64_t lag;        /* LAG, LEAD: rows away */
    uint32_t n_tiles;   /* NTILE */
} OverSlot;

/* The ordered rows of one partition, or the part of them that frames can reach. */
typedef struct OverRows {
    uint32_t n;
    const Column *cols;    /* stored columns, dense */
    const uint32_t *peers; /* number of the group of peers, ascending from 0 */
    const int64_t *
        /* RANGE with offsets: the order value, ascending (negated for DESC); INT64_MAX where
         * NULL */
        order;
} OverRows;

/* Appends the call's results for rows [first, last) to out. acc: NULL, or the state of all rows
 * before row 0, which is moved on to cover the frame of row last - 1. */
Status over_compute(const OverSlot *slot, const OverFrame *frame, const OverRows *rows,
                    uint32_t first, uint32_t last, char *acc, OpCtx *ctx, StateHeap *heap,
                    ColBuilder *out, Err *err) WARN_UNUSED;

#endif
