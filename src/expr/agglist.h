/* agglist.h -- the state of aggregates that keep values one behind the other: what each is, and
 * what it is to be sorted by when the call has an ORDER BY.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_AGGLIST_H
#define WEIR_AGGLIST_H

#include "expr/agg.h"

typedef struct AggList {
    int64_t n;
    StateVar items;
} AggList;
enum { AGG_LIST_VARS = 1 << (offsetof(AggList, items) / 8) };

/* One value, read back: views into the state. */
typedef struct AggItem {
    Span bytes, order;
    uint32_t at; /* in order of arrival */
    bool is_null;
} AggItem;

/* The value's own bytes for fixed-width types and strings, rowcodec's for nested ones. */
Span agglist_kept_bytes(const Column *col, uint32_t row, Buf *buf);
Status agglist_kept_put(ColBuilder *out, Span bytes, Err *err) WARN_UNUSED;

/* Appends one value. order: key bytes, empty without ORDER BY. */
void agglist_put(AggCtx *ctx, char *state, bool is_null, Span bytes, Span order);
/* Adds the rows' values of a column; args: all arguments, for the keys of ORDER BY. */
Status agglist_add(AggCtx *ctx, char *const *states, const Column *values, const Column *args,
                   const int32_t *weights, uint32_t n, bool with_nulls, Err *err) WARN_UNUSED;
Status agglist_merge(AggCtx *ctx, char *into, const char *from, Err *err) WARN_UNUSED;
/* The values, sorted when the call says so; they live in scratch and in the state. */
uint32_t agglist_items(AggCtx *ctx, const char *state, AggItem **out);

#endif
