/* timed.h -- rows that wait, partition by partition, for the watermark to pass their time. Not
 * for other directories.
 *
 * A row's sort key is its order (time first) and the number of its arrival, so equal times keep
 * the order in which they came. A timer for each time and partition tells which partitions are
 * due, without looking at the others.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_TIMED_H
#define WEIR_TIMED_H

#include "op/op.h"

enum { TIMED_SEQ_BYTES = 8 };

typedef struct TimedRows {
    MultiMap *rows;
    MultiMap *timers; /* one group: sort = time, partition key */
    const Type *time_type;
    KeyOrder order;   /* of the time column */
    bool is_proctime; /* arrival is the order: every row is due at once */
    uint64_t *seq;    /* part of the state */
    Mem *mem;
    Buf key;
    Buf partition;   /* timed_next: its key */
    Buf sort, value; /* for the owner: bytes of a row on its way into `rows` */
} TimedRows;

void timed_open(TimedRows *t, OpCtx *ctx, const Type *time_type, KeyOrder order,
                uint32_t extra_size);
/* Timers over somebody else's rows. */
void timed_open_over(TimedRows *t, OpCtx *ctx, MultiMap *rows);
void timed_close(TimedRows *t);
void timed_put_seq(TimedRows *t, Buf *sort); /* appends the number of the next arrival */
void timed_set(TimedRows *t, int64_t time, Span partition);
/* The key of a timer: a time, then a partition; and the one group of a table of such keys. */
void timed_sort(Buf *sort, int64_t time, Span partition);
int64_t timed_sort_time(Span sort);
MultiGroup *timed_one_group(MultiMap *multi);
/* The next partition with a timer before the watermark: takes the timer, copies the partition's
 * key, which lives until the next call. False: none is due. *group is NULL when the partition is
 * gone. */
bool timed_next(TimedRows *t, const OpCtx *ctx, Span *partition, MultiGroup **group);
/* How many rows of the group are before the watermark, or before a time. */
uint32_t timed_due(TimedRows *t, const OpCtx *ctx, const MultiGroup *group);
uint32_t timed_before(TimedRows *t, const MultiGroup *group, int64_t time);

#endif
