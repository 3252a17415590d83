/* op_window.c -- the window table functions TUMBLE, HOP and CUMULATE by themselves: each row comes
 * out once for every window it belongs to, with window_start, window_end and window_time appended.
 * Stateless; weights pass through. Aggregates over these windows do not use it (op_window_agg).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/windows.h"

typedef struct WindowOp {
    Op op;
    Windows windows;
} WindowOp;

/* The pairs of rows and windows of one batch. */
typedef struct WindowPairs {
    uint32_t *rows; /* physical */
    int64_t *start, *end, *time;
    uint32_t n, cap;
} WindowPairs;

static bool window_fits(const Node *node) {
    return node->kind == NODE_WINDOW && node->window.kind != WINDOW_SESSION;
}

static Status window_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    const Type *time = node->inputs[0]->schema.fields[node->window.time_col].type;
    (void)err;
    windows_init(&((WindowOp *)op)->windows, &node->window, time, ctx->env);
    return ST_OK;
}

static void window_pair(const Windows *windows, Arena *scratch, WindowPairs *pairs, uint32_t row,
                        int64_t end) {
    uint32_t n = pairs->n;
    if (n == pairs->cap) {
        uint32_t cap = pairs->cap ? 2 * pairs->cap : BATCH_ROWS;
        WindowPairs more = {arena_alloc(scratch, sizeof *more.rows * cap),
                            arena_alloc(scratch, sizeof *more.start * cap),
                            arena_alloc(scratch, sizeof *more.end * cap),
                            arena_alloc(scratch, sizeof *more.time * cap),
                            n,
                            cap};
        if (n) {
            memcpy(more.rows, pairs->rows, sizeof *more.rows * n);
            memcpy(more.start, pairs->start, sizeof *more.start * n);
            memcpy(more.end, pairs->end, sizeof *more.end * n);
            memcpy(more.time, pairs->time, sizeof *more.time * n);
        }
        *pairs = more;
    }
    pairs->rows[n] = row;
    pairs->start[n] = windows_start(windows, end);
    pairs->end[n] = end;
    pairs->time[n] = windows_time_of(windows, end);
    pairs->n++;
}

/* In Flink's order: HOP from the latest window to the earliest, CUMULATE from the shortest on. */
static void window_assign(const Windows *windows, Arena *scratch, int64_t local, uint32_t row,
                          WindowPairs *pairs) {
    int64_t slice_end = windows_slice_end(windows, local);
    int64_t last = windows_last_end(windows, slice_end);
    int64_t first = windows_first_end(windows, slice_end, slice_end);
    if (windows->kind == WINDOW_HOP)
        for (int64_t end = last; end >= first; end -= windows->slide)
            window_pair(windows, scratch, pairs, row, end);
    else
        for (int64_t end = first; end <= last; end += windows->slide)
            window_pair(windows, scratch, pairs, row, end);
}

static Status window_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *in, Out *out, Err *err) {
    const Windows *windows = &((WindowOp *)op)->windows;
    const Node *node = op->node;
    const Column *time = &in->cols[node->window.time_col];
    WindowPairs pairs = {0};
    Column *cols = arena_array(ctx->scratch, Column, node->schema.n_fields);
    Batch picked = *in, result;
    (void)port;
    for (uint32_t i = 0; i < in->n_rows; i++) {
        uint32_t row = batch_row(in, i);
        int64_t at = ctx->env->now_us;
        if (!node->window.is_proctime) {
            if (col_is_null(time, row))
                FAIL(err, ST_INVALID, "22004", node->pos,
                     "RowTime field should not be null, please convert it to a non-null long "
                     "value");
            at = time->i64[col_at(time, row)];
        }
        window_assign(windows, ctx->scratch, windows_local(windows, at), row, &pairs);
    }
    picked.sel = pairs.rows;
    picked.n_rows = pairs.n;
    for (uint32_t c = 0; c < in->n_cols; c++)
        cols[c] = col_gather(ctx->scratch, &in->cols[c], pairs.rows, pairs.n);
    for (uint32_t i = 0; i < 3; i++)
        cols[in->n_cols + i] = (Column){.type = node->schema.fields[in->n_cols + i].type,
                                        .n_rows = pairs.n,
                                        .i64 = i == 0   ? pairs.start
                                               : i == 1 ? pairs.end
                                                        : pairs.time};
    result = op_batch_like(ctx->scratch, &picked, &node->schema, cols);
    return emit(out, &result, err);
}

static void window_explain(const Op *op, Buf *out) {
    windows_explain(&op->node->window, out);
}

const OpType op_window = {
    .name = "window",
    .size = sizeof(WindowOp),
    .traits = OP_STATELESS | OP_LINEAR,
    .fits = window_fits,
    .open = window_open,
    .push = window_push,
    .explain = window_explain,
};
