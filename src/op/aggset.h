/* aggset.h -- the aggregate calls of one node: their arguments, filters and DISTINCT sets, and the
 * state of a group that they share. Used by every aggregating operator; not for other directories.
 *
 * A group's entry is `head_size` bytes of the operator's own, then the state of every call. On
 * append-only input, and for aggregates that take negative weights, rows are added to the state.
 * Other aggregates keep the group's values in sorted side tables when rows can be retracted:
 *   MIN, MAX: the values by order; the first or last is the result
 *   FIRST_VALUE, LAST_VALUE: the values by arrival; the first or last is the result
 *   LISTAGG ...: the values by arrival; the state is built anew when asked for
 *   the rest: the values by order; the same
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_AGGSET_H
#define WEIR_AGGSET_H

#include "op/oputil.h"

typedef enum AggMode { AGGMODE_ADD, AGGMODE_FIRST, AGGMODE_BY_VALUE, AGGMODE_BY_ARRIVAL } AggMode;

typedef struct AggSlot {
    const AggCall *call;
    AggMode mode;
    uint32_t offset;  /* of the state in the entry */
    uint32_t *args;   /* columns of AggRows */
    int32_t filter;   /* column of AggRows, or -1 */
    int32_t distinct; /* index of the AggDistinct, or -1 */
    uint32_t variant; /* of it */
    MultiMap *values; /* by order, or by arrival */
    /* BY_ARRIVAL: value and arrival number, to find what a retraction takes away */
    MultiMap *places;
} AggSlot;

/* DISTINCT calls on the same arguments share one table: (group, value) -> a count for every
 * different filter. */
typedef struct AggDistinct {
    StateMap *map;
    const uint32_t *args; /* columns of AggRows */
    uint32_t n_args;
    int32_t *filters; /* of the variants: column of AggRows, or -1 */
    uint32_t n_variants;
} AggDistinct;

typedef struct AggSet {
    const Node *node;
    AggSlot *slots;
    uint32_t n_slots;
    AggDistinct *distincts;
    uint32_t n_distincts;
    Program *program; /* keys, then arguments and filters */
    Expr **exprs;     /* what it computes */
    uint32_t n_keys, n_cols;
    uint32_t n_set_cols; /* 1: the first key column is the number of the grouping set; else 0 */
    bool is_append;      /* no row is ever retracted */
    bool is_sliced;      /* entries belong to slices */
    bool has_values;     /* some call keeps side tables: keys are needed to add and to ask */
    uint32_t entry_size, n_vars;
    uint32_t *vars; /* places of StateVars in an entry */
    StateHeap *heap;
    Buf sort;           /* of the value being added */
    uint64_t *arrivals; /* counter of arrival numbers, part of the state */
} AggSet;

/* The computed columns of a batch's rows: keys first. */
typedef struct AggRows {
    Column *cols;
    const int32_t *weights; /* NULL = all +1 */
    uint32_t n;
} AggRows;

/* keys are computed together with the arguments; is_sliced: slices are passed to aggset_add. */
Status aggset_open(AggSet *set, OpCtx *ctx, const Node *node, uint32_t head_size, bool is_append,
                   bool is_sliced, Err *err) WARN_UNUSED;
void aggset_close(AggSet *set);

Status aggset_eval(AggSet *set, OpCtx *ctx, const Batch *in, AggRows *out, Err *err) WARN_UNUSED;
const Type *aggset_col_type(const AggSet *set, uint32_t col);
/* Rows rows[0..n) of `in`, in that order; repeats allowed. */
AggRows aggrows_gather(Arena *scratch, const AggSet *set, const AggRows *in, const uint32_t *rows,
                       uint32_t n);

/* How often each row is added, and the rows as grouping set number s sees them: its number in the
 * first column, so that a NULL key and a key that the set leaves out stay apart. */
static inline uint32_t aggset_n_sets(const AggSet *set) {
    return set->n_set_cols ? set->node->agg.n_grouping_sets : 1;
}
AggRows aggset_rows_of_set(const AggSet *set, Arena *scratch, const AggRows *rows, uint32_t s);
/* One builder for each key column of an entry; decodes the keys of n entries; the finished columns
 * are those of the output (without the number of the grouping set). */
Status aggset_keys(const AggSet *set, Arena *scratch, const Span *keys, uint32_t n, Column *out,
                   Err *err) WARN_UNUSED;

/* Adds the rows to their entries. keys: of the groups, as side tables know them (with the slice);
 * may be NULL when !has_values. slices: NULL unless is_sliced. */
Status aggset_add(AggSet *set, OpCtx *ctx, const AggRows *rows, char *const *entries,
                  const RowKeys *keys, const int64_t *slices, Err *err) WARN_UNUSED;
/* Adds one entry's states to another's (AGGMODE_ADD only, no DISTINCT). */
Status aggset_merge(AggSet *set, OpCtx *ctx, char *into, const char *from, Err *err) WARN_UNUSED;
bool aggset_can_merge(const AggSet *set);
/* Appends one result for each entry to out[0..n_slots). */
Status aggset_results(AggSet *set, OpCtx *ctx, char *const *entries, uint32_t n,
                      const RowKeys *keys, ColBuilder *out, Err *err) WARN_UNUSED;
/* The groups are gone: forgets their values. */
void aggset_forget(AggSet *set, const RowKeys *keys, Arena *scratch);
/* End of a step: drops DISTINCT values whose counts have become zero. */
void aggset_sweep(AggSet *set);
/* "calls=[COUNT(*), ...]" */
void aggset_explain(const Node *node, Buf *out);

#endif
