/* joinside.h -- one side of a join: its rows by join key, and the output that pairs make. Not for
 * other directories.
 *
 * A side that only grows keeps its rows in order of arrival (the sort key is a number); a side that
 * can retract finds a row by its bytes. Where pairs must also satisfy a condition, a row of an
 * outer side carries how many rows of the other side it matches; without a condition that is the
 * total of the other side's group.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_JOINSIDE_H
#define WEIR_JOINSIDE_H

#include "op/ttl.h"

typedef struct JoinSide {
    MultiMap *map;
    const Schema *schema;
    const uint32_t *keys; /* columns */
    const bool *null_safe;
    uint32_t n_keys;
    bool is_append;
    bool is_outer;    /* its rows come out also when nothing matches them */
    bool keeps_rows;  /* else only the totals of groups */
    bool has_matches; /* rows carry their number of matches */
    bool has_end;     /* rows carry the time after which they meet nothing more */
    bool has_wm;      /* rows of the other side do: these carry W(row), or WATERMARK_NONE */
    uint64_t n_rows;  /* added since the last sweep, and left by it; with has_end only */
    uint64_t n_sweeps;
    uint64_t *arrivals;
    Buf row;
    int64_t ttl_us; /* 0 = rows are kept for ever */
    Ttl ttl;
    Buf name; /* of a row in the queue: length of its group's key, that key, its sort key */
} JoinSide;

/* Kept with each group. */
typedef struct JoinGroup {
    int64_t total; /* of the weights of its rows */
    bool is_leaving;
} JoinGroup;

/* A row of a group. */
typedef struct JoinRow {
    Span sort;  /* what names it in its group */
    Span bytes; /* rowcodec */
    int64_t count, matches, end, wm;
} JoinRow;

/* Of a row that is added; NULL where neither is kept. */
typedef struct JoinTimes {
    int64_t end, wm;
} JoinTimes;

void joinside_open(JoinSide *side, OpCtx *ctx, const char *name);
void joinside_close(JoinSide *side);

/* Forgets rows that were not written for too long; before a batch. What they were matched with does
 * not hear of it. */
void joinside_expire(JoinSide *side, OpCtx *ctx);

/* Keys of the batch's rows in row order. has_null[i] (NULL when no row has): it matches nothing. */
void joinside_keys(const JoinSide *side, Arena *scratch, const Batch *in, RowKeys *keys,
                   const uint8_t **has_null);
static inline int64_t joinside_total(MultiGroup *group) {
    return group ? ((const JoinGroup *)multi_extra(group))->total : 0;
}
/* The row at an index of the group. */
void joinside_at(const JoinSide *side, const MultiGroup *group, uint64_t index, JoinRow *out);
/* Adds physical row `row` of the batch with its weight. ctx: needed where rows are forgotten. */
void joinside_add(JoinSide *side, OpCtx *ctx, MultiGroup *group, const Batch *in, uint32_t row,
                  int64_t weight, int64_t matches, const JoinTimes *times);
/* Forgets all rows whose end is before the watermark. */
void joinside_sweep(JoinSide *side, int64_t watermark);
void joinside_set_matches(JoinSide *side, OpCtx *ctx, MultiGroup *group, const JoinRow *row,
                          int64_t matches);
/* Forgets those of the groups that have no rows left; the list may repeat groups. */
void joinside_tidy(JoinSide *side, MultiGroup **groups, uint32_t n);

/* Output rows made of a row of the batch being pushed (the delta) and a decoded row of the other
 * side; either may be missing. */
typedef struct JoinOut {
    const Node *node;
    Arena *scratch;
    Out *out;
    Err *err;
    const Batch *delta;
    const Schema *other_schema;
    bool delta_is_left;
    bool only_left;     /* SEMI and ANTI: the output has no columns of the right side */
    Column *others;     /* decoded rows of the other side that pairs refer to */
    uint32_t *delta_at; /* physical row, or JOIN_NONE */
    uint32_t *other_at; /* row of others, or JOIN_NONE */
    int32_t *weights;
    uint32_t n, cap;
    bool has_weights; /* one of them is not +1 */
    uint8_t *updates;
    bool has_updates;
    bool is_update; /* the rows added next are halves of updates */
} JoinOut;
#define JOIN_NONE UINT32_MAX

void joinout_init(JoinOut *out, uint32_t cap);
/* Adds an output row; a weight of 0 is nothing. */
void joinout_row(JoinOut *out, uint32_t delta, uint32_t other, int64_t weight);
/* Emits what was added. Called before `others` changes. */
Status joinout_send(JoinOut *out) WARN_UNUSED;

/* Which of n pairs (row left_at[i] of the left columns, row right_at[i] of the right ones) satisfy
 * the condition, a program over the columns of both; sel as of program_select, NULL = all. */
typedef struct JoinPairs {
    const Schema *both;
    Program *residual; /* NULL = none */
    uint32_t n_left;   /* columns */
    const Column *left, *right;
    uint32_t *left_at, *right_at;
    uint32_t n;
} JoinPairs;
Status joinpairs_select(const JoinPairs *pairs, OpCtx *ctx, const uint32_t **sel, uint32_t *n_sel,
                        Err *err) WARN_UNUSED;
/* The columns of both inputs of a join. */
Schema joinpairs_schema(Arena *arena, const Node *node);

#endif
