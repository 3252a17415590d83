/* oputil.h -- small helpers shared by operators: batches of computed columns, weights and row
 * watermarks in row order. Not for other directories.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_OPUTIL_H
#define WEIR_OPUTIL_H

#include "op/op.h"

/* The weights (row watermarks) of the batch's rows in row order, without its selection; NULL when
 * the batch has none. */
const int32_t *op_weights(Arena *scratch, const Batch *batch);
const int64_t *op_row_wm(Arena *scratch, const Batch *batch);

/* In batch mode only final rows count, so grouping operators wait for the end of their input. */
static inline bool op_waits_for_end(const Node *node, const OpCtx *ctx) {
    return ctx->env->is_batch && !node->keeps_versions;
}
/* Does the node's operator only ever insert? More often than the plan says in batch mode. */
bool op_only_inserts(const Node *node, const OpCtx *ctx);

/* A batch of dense columns computed from the rows of `in`, which keep their weights, split and row
 * watermarks. */
Batch op_batch_like(Arena *scratch, const Batch *in, const Schema *schema, const Column *cols);
/* Computes cols[] of the batch's rows: *out has them dense; or, where copying columns would cost
 * more than computing for all rows, with the selection of `in`. */
Status op_compute(Program *program, const Batch *in, OpCtx *ctx, const Schema *schema, Column *cols,
                  Batch *out, Err *err) WARN_UNUSED;

/* A column of n values taken from two columns of the same type: pick >> 1 is the row, pick & 1 the
 * column. String bytes are shared. */
Column op_merge_cols(Arena *scratch, const Column *a, const Column *b, const uint32_t *picks,
                     uint32_t n);

/* The columns in row order, without the selection. */
Column *op_row_cols(Arena *scratch, const Batch *batch, const uint32_t *cols, uint32_t n);

/* Output rows made one by one from rowcodec bytes, sent in batches as they fill up. Strings are
 * borrowed: the bytes must live until the rows are sent. */
typedef struct RowSender {
    const Schema *schema;
    OpCtx *ctx;
    Out *out;
    Err *err;
    BatchBuilder rows;
    ArenaMark mark;
    uint32_t n_stored; /* columns that come from the bytes; the rest is the operator's to append */
} RowSender;
void sender_init(RowSender *sender, OpCtx *ctx, const Schema *schema, uint32_t n_stored, Out *out,
                 Err *err);
/* Appends the stored columns of one row; the caller appends the others and then calls
 * sender_end. */
Status sender_row(RowSender *sender, Span row) WARN_UNUSED;
/* is_update: the row is half of an update (Batch.updates). */
Status sender_end(RowSender *sender, int64_t weight, bool is_update) WARN_UNUSED;
Status sender_flush(RowSender *sender) WARN_UNUSED;

/* Keys from the bytes of map entries or groups, to look them up in other tables. */
void op_keys_of(Arena *scratch, const Span *keys, uint32_t n, RowKeys *out);

/* One unit of a time column, in microseconds: 1 ms up to precision 3, as in Flink, else 1 us. */
static inline int64_t op_time_unit(const Type *type) {
    return type->precision <= 3 ? 1000 : 1;
}
/* Adds without wrapping: times near the ends of int64 stay there. */
static inline int64_t op_time_add(int64_t a, int64_t b) {
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum)) return b < 0 ? INT64_MIN : INT64_MAX;
    return sum;
}

#endif
