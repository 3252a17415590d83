/* op_shake.c -- stands behind an operator in shaken test runs: the same rows in the same order, but
 * cut at random places and encoded differently (selections with other rows in between, constants,
 * flat copies), so that nobody relies on how batches happen to arrive.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/oputil.h"

typedef struct Shake {
    Op op;
    uint64_t rng;
} Shake;

static bool shake_fits(const Node *node) {
    (void)node; /* put in by flow, never chosen for a node */
    return false;
}

static Status shake_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    (void)node, (void)ctx, (void)err;
    ((Shake *)op)->rng = 88172645463325252u;
    return ST_OK;
}

static uint64_t shake_next(Shake *self) {
    self->rng ^= self->rng << 13;
    self->rng ^= self->rng >> 7;
    self->rng ^= self->rng << 17;
    return self->rng;
}

void shake_seed(Op *op, uint64_t seed) {
    Shake *self = (Shake *)op;
    self->rng = hash_u64(seed, 1) | 1;
    shake_next(self);
}

/* Rows [from, from + n) written out flat. With `spread`, each row is followed by a copy of another
 * one that the selection leaves out. */
static Batch shake_copy(Shake *self, Arena *scratch, const Batch *in, uint32_t from, uint32_t n,
                        bool spread) {
    uint32_t step = spread ? 2 : 1, n_phys = n * step;
    uint32_t *rows = arena_alloc(scratch, sizeof *rows * (n_phys + 1));
    uint32_t *sel = arena_alloc(scratch, sizeof *sel * (n + 1));
    Column *cols = arena_alloc(scratch, sizeof *cols * (in->n_cols + 1));
    int32_t *weights = arena_alloc(scratch, sizeof *weights * (n_phys + 1));
    int64_t *row_wm = arena_alloc(scratch, sizeof *row_wm * (n_phys + 1));
    uint8_t *updates = arena_alloc(scratch, n_phys + 1);
    Batch copy = *in;
    for (uint32_t i = 0; i < n; i++) {
        sel[i] = i * step;
        rows[i * step] = batch_row(in, from + i);
        if (spread) rows[i * step + 1] = (uint32_t)(shake_next(self) % in->n_phys);
    }
    for (uint32_t i = 0; i < n_phys; i++) {
        weights[i] = batch_weight(in, rows[i]);
        updates[i] = batch_is_update(in, rows[i]);
        row_wm[i] = in->row_wm ? in->row_wm[rows[i]] : 0;
    }
    for (uint32_t c = 0; c < in->n_cols; c++)
        cols[c] = n == 1 && !spread && type_phys(in->cols[c].type) != PHYS_ROW
                      ? col_constant(&in->cols[c], rows[0], 1)
                      : col_gather(scratch, &in->cols[c], rows, n_phys);
    copy.n_rows = n;
    copy.n_phys = n_phys;
    copy.cols = cols;
    copy.sel = spread ? sel : NULL;
    copy.weights = weights; /* also where all are +1: absent and written out mean the same */
    copy.updates = updates;
    copy.row_wm = in->row_wm ? row_wm : NULL;
    return copy;
}

static Batch shake_narrow(Arena *scratch, const Batch *in, uint32_t from, uint32_t n) {
    uint32_t *sel = arena_alloc(scratch, sizeof *sel * (n + 1));
    for (uint32_t i = 0; i < n; i++) sel[i] = batch_row(in, from + i);
    return batch_select(in, sel, n);
}

/* Are this row and the next the old and the new row of an update? Those stay together. */
static bool shake_is_pair(const Batch *in, uint32_t i) {
    uint32_t old = batch_row(in, i), now = batch_row(in, i + 1);
    return batch_is_update(in, old) && batch_weight(in, old) < 0 && batch_is_update(in, now) &&
           batch_weight(in, now) > 0;
}

static Status shake_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *in, Out *out, Err *err) {
    Shake *self = (Shake *)op;
    uint32_t from = 0;
    (void)port;
    if (shake_next(self) % 4 == 0) return emit(out, in, err);
    while (from < in->n_rows) {
        uint64_t dice = shake_next(self);
        uint32_t n = 1 + (uint32_t)(dice % (dice % 3 ? 7 : in->n_rows));
        Batch piece;
        if (n > in->n_rows - from) n = in->n_rows - from;
        if (from + n < in->n_rows) n += shake_is_pair(in, from + n - 1);
        switch ((dice >> 32) % 3) {
        case 0: piece = shake_narrow(ctx->scratch, in, from, n); break;
        case 1: piece = shake_copy(self, ctx->scratch, in, from, n, true); break;
        default: piece = shake_copy(self, ctx->scratch, in, from, n, false); break;
        }
        TRY(emit(out, &piece, err));
        from += n;
    }
    return ST_OK;
}

const OpType op_shake = {
    .name = "shake",
    .size = sizeof(Shake),
    .traits = OP_STATELESS | OP_LINEAR,
    .fits = shake_fits,
    .open = shake_open,
    .push = shake_push,
};
