/* oputil.c -- what several operators do to batches: see oputil.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/oputil.h"

const int32_t *op_weights(Arena *scratch, const Batch *batch) {
    int32_t *dense;
    if (!batch->weights || !batch->sel) return batch->weights;
    dense = arena_alloc(scratch, sizeof *dense * batch->n_rows);
    for (uint32_t i = 0; i < batch->n_rows; i++) dense[i] = batch->weights[batch->sel[i]];
    return dense;
}

const int64_t *op_row_wm(Arena *scratch, const Batch *batch) {
    int64_t *dense;
    if (!batch->row_wm || !batch->sel) return batch->row_wm;
    dense = arena_alloc(scratch, sizeof *dense * batch->n_rows);
    for (uint32_t i = 0; i < batch->n_rows; i++) dense[i] = batch->row_wm[batch->sel[i]];
    return dense;
}

Batch op_batch_like(Arena *scratch, const Batch *in, const Schema *schema, const Column *cols) {
    return (Batch){.schema = schema,
                   .n_rows = in->n_rows,
                   .n_phys = in->n_rows,
                   .n_cols = schema->n_fields,
                   .split = in->split,
                   .cols = cols,
                   .weights = op_weights(scratch, in),
                   .row_wm = op_row_wm(scratch, in)};
}
