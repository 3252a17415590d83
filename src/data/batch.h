/* batch.h -- a Z-set of rows: columns, and optionally a weight a row (+n inserts, -n deletes;
 * absent = all +1).
 *
 * A hint may say which rows are halves of an update, the old row or the new one. The answer of a
 * query never depends on it: it decides only whether a sink is shown -U and +U or -D and +I.
 *
 * Read-only once made. `sel`, when present, narrows the batch to n_rows of its n_phys physical
 * rows: row i of the batch is physical row sel[i] of every column, weight and row watermark.
 * Filters set it instead of copying.
 *
 * A batch and all it points to live until the push() or flush() that received it returns. Who keeps
 * a row copies it.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_BATCH_H
#define WEIR_BATCH_H

#include "data/column.h"

enum { BATCH_ROWS = 2048, SPLIT_NONE = -1 };
#define WATERMARK_NONE INT64_MIN /* nothing is known yet */
#define WATERMARK_MAX INT64_MAX  /* the input has ended */

typedef struct Batch {
    const Schema *schema;
    uint32_t n_rows; /* after selection */
    uint32_t n_phys; /* of each column */
    uint32_t n_cols;
    int32_t split;       /* the source split that all rows come from, or SPLIT_NONE */
    const Column *cols;  /* n_cols; constants allowed */
    const uint32_t *sel; /* NULL = all physical rows, in order */
    const int32_t *weights;
    const uint8_t *updates; /* by physical row: it is half of an update; NULL = no row is */
    const int64_t *row_wm; /* W(row): the watermark of the row's split just before it; NULL = no row
                              is behind its own */
} Batch;

static inline uint32_t batch_row(const Batch *batch, uint32_t i) {
    return batch->sel ? batch->sel[i] : i;
}
static inline bool batch_is_update(const Batch *batch, uint32_t phys_row) {
    return batch->updates && batch->updates[phys_row];
}
static inline int32_t batch_weight(const Batch *batch, uint32_t phys_row) {
    return batch->weights ? batch->weights[phys_row] : 1;
}

/* The same rows without selection and constants. Itself when it is so already. */
const Batch *batch_dense(Arena *arena, const Batch *batch);
/* Physical rows rows[0..n) as a batch without selection that shares nothing with this one. */
Batch *batch_copy(Arena *arena, const Batch *batch, const uint32_t *rows, uint32_t n);
/* Narrows to the rows sel[0..n) (physical indexes, ascending); sel must outlive the batch. */
Batch batch_select(const Batch *batch, const uint32_t *sel, uint32_t n);

/* Adds up the weights of equal rows and drops those that cancel out; keeps the order of first
 * arrival. Dense result. */
const Batch *batch_consolidate(Arena *arena, const Batch *batch);

#endif
