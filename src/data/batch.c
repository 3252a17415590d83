/* batch.c -- narrowing, writing out and consolidating Z-sets of rows.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "data/data.h"

Batch batch_select(const Batch *batch, const uint32_t *sel, uint32_t n) {
    Batch narrowed = *batch;
    assert(n <= batch->n_rows);
    narrowed.sel = sel;
    narrowed.n_rows = n;
    return narrowed;
}

/* Rows rows[0..n) of a batch as one without selection; take makes the columns. weights overrides
 * the batch's own when given. */
static Batch *batch_take(Arena *arena, const Batch *batch, const uint32_t *rows, uint32_t n,
                         const int32_t *weights,
                         Column take(Arena *, const Column *, const uint32_t *, uint32_t)) {
    Batch *out = arena_new(arena, Batch);
    Column *cols = arena_array(arena, Column, batch->n_cols);
    *out = *batch;
    for (uint32_t c = 0; c < batch->n_cols; c++) {
        cols[c] = take(arena, &batch->cols[c], rows, n);
    }
    out->cols = cols;
    out->sel = NULL;
    out->n_rows = out->n_phys = n;
    out->weights = weights;
    if (batch->weights && !weights) {
        int32_t *copy = arena_alloc(arena, sizeof *copy * (size_t)n);
        for (uint32_t i = 0; i < n; i++) copy[i] = batch->weights[rows[i]];
        out->weights = copy;
    }
    if (batch->updates) {
        uint8_t *copy = arena_alloc(arena, n);
        for (uint32_t i = 0; i < n; i++) copy[i] = batch->updates[rows[i]];
        out->updates = copy;
    }
    if (batch->row_wm) {
        int64_t *copy = arena_alloc(arena, sizeof *copy * (size_t)n);
        for (uint32_t i = 0; i < n; i++) copy[i] = batch->row_wm[rows[i]];
        out->row_wm = copy;
    }
    return out;
}

static const Batch *batch_gather(Arena *arena, const Batch *batch, const uint32_t *rows, uint32_t n,
                                 const int32_t *weights) {
    return batch_take(arena, batch, rows, n, weights, col_gather);
}

Batch *batch_copy(Arena *arena, const Batch *batch, const uint32_t *rows, uint32_t n) {
    return batch_take(arena, batch, rows, n, NULL, col_copy);
}

static bool batch_is_dense(const Batch *batch) {
    if (batch->sel) return false;
    for (uint32_t c = 0; c < batch->n_cols; c++) {
        if (batch->cols[c].is_const) return false;
    }
    return true;
}

const Batch *batch_dense(Arena *arena, const Batch *batch) {
    const uint32_t *rows = batch->sel;
    if (batch_is_dense(batch)) return batch;
    if (!rows) {
        uint32_t *all = arena_alloc(arena, sizeof *all * (size_t)batch->n_rows);
        for (uint32_t i = 0; i < batch->n_rows; i++) all[i] = i;
        rows = all;
    }
    return batch_gather(arena, batch, rows, batch->n_rows, NULL);
}

/* ---- consolidate ---- */

typedef struct Consolidation {
    const Batch *batch; /* dense */
    RowKeys keys;
    uint32_t *slots; /* open addressing: row + 1, 0 = free */
    uint32_t mask;
    int64_t *sums; /* by first row */
} Consolidation;

/* The first row that equals row i, or i itself, which is then remembered. Rows with different row
 * watermarks stay apart: one may be late where the other is not. */
static uint32_t consolidate_find(Consolidation *c, uint32_t i) {
    const int64_t *row_wm = c->batch->row_wm;
    Span key = rowkey_get(&c->keys, i);
    for (uint32_t at = (uint32_t)c->keys.hashes[i] & c->mask;; at = (at + 1) & c->mask) {
        uint32_t row = c->slots[at];
        if (row == 0) {
            c->slots[at] = i + 1;
            return i;
        }
        row--;
        if (c->keys.hashes[row] == c->keys.hashes[i] && (!row_wm || row_wm[row] == row_wm[i]) &&
            span_eq(rowkey_get(&c->keys, row), key)) {
            return row;
        }
    }
}

const Batch *batch_consolidate(Arena *arena, const Batch *batch) {
    Consolidation c = {.batch = batch = batch_dense(arena, batch)};
    uint32_t n = batch->n_rows, n_kept = 0, n_slots = 16, *kept;
    int32_t *weights;
    if (n == 0 || (n == 1 && batch_weight(batch, 0) != 0)) return batch;
    rowkey_encode(arena, batch->cols, batch->n_cols, NULL, n, &c.keys);
    while (n_slots < n * 2) n_slots *= 2;
    c.slots = arena_array(arena, uint32_t, n_slots);
    c.mask = n_slots - 1;
    c.sums = arena_array(arena, int64_t, n);
    for (uint32_t i = 0; i < n; i++) c.sums[consolidate_find(&c, i)] += batch_weight(batch, i);
    kept = arena_alloc(arena, sizeof *kept * n);
    weights = arena_alloc(arena, sizeof *weights * n);
    for (uint32_t i = 0; i < n; i++) {
        if (c.sums[i] == 0) continue;
        assert(c.sums[i] >= INT32_MIN && c.sums[i] <= INT32_MAX);
        weights[n_kept] = (int32_t)c.sums[i];
        kept[n_kept++] = i;
    }
    if (n_kept == n) { /* no two rows were equal, no weight was 0 */
        return batch;
    }
    return batch_gather(arena, batch, kept, n_kept, weights);
}
