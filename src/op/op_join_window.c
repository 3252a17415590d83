/* op_join_window.c -- joins the rows of equal windows.
 *
 * The join keys contain the bounds of the window, so a group of rows belongs to one window. Both
 * sides are kept until the watermark has passed the window's end; then the pairs come out, once,
 * and the group is forgotten. So the output only inserts, also for outer joins, and state is
 * bounded.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/joinside.h"
#include "op/timed.h"

typedef struct WindowJoin {
    Op op;
    JoinSide sides[2];
    TimedRows timed;      /* timers of the groups of both sides */
    uint32_t end_cols[2]; /* window_end in each input */
    Program *residual;    /* over both sides' columns; NULL = none */
    Schema pairs;
    bool only_left, is_anti;
    Mem *mem;
} WindowJoin;

static bool wjoin_fits(const Node *node) {
    return node->kind == NODE_WINDOW_JOIN && !node->join.window.is_proctime;
}

static Status wjoin_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    static const char *const names[2] = {"left", "right"};
    WindowJoin *self = (WindowJoin *)op;
    JoinOp kind = node->join.kind;
    self->mem = ctx->mem;
    self->only_left = kind == JOINOP_SEMI || kind == JOINOP_ANTI;
    self->is_anti = kind == JOINOP_ANTI;
    self->pairs = joinpairs_schema(ctx->arena, node);
    for (uint32_t i = 0; i < 2; i++) {
        JoinSide *side = &self->sides[i];
        side->schema = &node->inputs[i]->schema;
        side->keys = i ? node->join.right_keys : node->join.left_keys;
        side->null_safe = node->join.null_safe;
        side->n_keys = node->join.n_keys;
        side->is_append = side->keeps_rows = true;
        side->is_outer = kind == JOINOP_FULL || kind == (i ? JOINOP_RIGHT : JOINOP_LEFT);
        joinside_open(side, ctx, names[i]);
        self->end_cols[i] = i ? node->join.right_time : node->join.left_time;
    }
    timed_open_over(&self->timed, ctx, self->sides[0].map);
    if (!node->join.residual) return ST_OK;
    return program_compile(&self->residual, (Expr *const *)&node->join.residual, 1, ctx->arena,
                           err);
}

static Status wjoin_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *in, Out *out, Err *err) {
    WindowJoin *self = (WindowJoin *)op;
    JoinSide *side = &self->sides[port];
    const Batch *rows = batch_dense(ctx->scratch, in);
    const Column *end = &rows->cols[self->end_cols[port]];
    MultiGroup **groups = arena_array(ctx->scratch, MultiGroup *, rows->n_rows);
    const uint8_t *has_null;
    RowKeys keys;
    (void)out, (void)err;
    joinside_keys(side, ctx->scratch, rows, &keys, &has_null);
    multi_upsert(side->map, &keys, groups);
    for (uint32_t i = 0; i < rows->n_rows; i++) {
        bool is_late = rows->row_wm && !col_is_null(end, i) && end->i64[i] <= rows->row_wm[i];
        if (is_late) {
            ctx->n_late++;
            continue;
        }
        joinside_add(side, ctx, groups[i], rows, i, batch_weight(rows, i), 0, NULL);
        if (!col_is_null(end, i)) timed_set(&self->timed, end->i64[i] - 1, rowkey_get(&keys, i));
    }
    joinside_tidy(side, groups, rows->n_rows);
    return ST_OK;
}

/* The rows of one side of a window, with how often each is there and whether it met a partner. */
typedef struct WindowSide {
    uint32_t n;
    Column *cols;
    int64_t *counts;
    bool *is_met;
    bool has_null_key; /* its rows match nothing */
} WindowSide;

static Status wjoin_read(const JoinSide *side, const MultiGroup *group, Arena *scratch,
                         WindowSide *out, Err *err) {
    uint32_t n_cols = side->schema->n_fields;
    ColBuilder *builders = arena_array(scratch, ColBuilder, n_cols);
    *out = (WindowSide){.n = group ? (uint32_t)multi_rows(group) : 0};
    out->cols = arena_array(scratch, Column, n_cols);
    out->counts = arena_array(scratch, int64_t, out->n);
    out->is_met = arena_array(scratch, bool, out->n);
    for (uint32_t c = 0; c < n_cols; c++)
        colb_init(&builders[c], scratch, side->schema->fields[c].type, out->n + 1);
    for (uint32_t i = 0; i < out->n; i++) {
        JoinRow row;
        joinside_at(side, group, i, &row);
        out->counts[i] = row.count;
        TRY(rowcodec_decode(row.bytes, builders, n_cols, false, err));
    }
    for (uint32_t c = 0; c < n_cols; c++) colb_finish(&builders[c], &out->cols[c]);
    for (uint32_t k = 0; k < side->n_keys && out->n; k++) {
        if (side->null_safe && side->null_safe[k]) continue;
        out->has_null_key |= col_is_null(&out->cols[side->keys[k]], 0);
    }
    return ST_OK;
}

typedef struct WindowFire {
    WindowJoin *self;
    OpCtx *ctx;
    WindowSide left, right;
    JoinOut *out;
    uint32_t *at[2]; /* pairs waiting for the condition: rows of each side */
    uint32_t n_pairs;
} WindowFire;

/* Tests the pairs that wait and puts out those that pass. */
static Status wjoin_pairs(WindowFire *f, Err *err) {
    WindowJoin *self = f->self;
    JoinPairs pairs = {&self->pairs, self->residual, self->sides[0].schema->n_fields,
                       f->left.cols, f->right.cols,  f->at[0],
                       f->at[1],     f->n_pairs};
    const uint32_t *sel;
    uint32_t n;
    TRY(joinpairs_select(&pairs, f->ctx, &sel, &n, err));
    for (uint32_t i = 0; i < n; i++) {
        uint32_t pair = sel ? sel[i] : i;
        uint32_t left = f->at[0][pair], right = f->at[1][pair];
        f->left.is_met[left] = f->right.is_met[right] = true;
        if (!self->only_left)
            joinout_row(f->out, left, right, f->left.counts[left] * f->right.counts[right]);
    }
    f->n_pairs = 0;
    return f->out->n >= BATCH_ROWS ? joinout_send(f->out) : ST_OK;
}

static Status wjoin_meet(WindowFire *f, Err *err) {
    if (f->left.has_null_key || f->right.has_null_key) return ST_OK;
    for (uint32_t l = 0; l < f->left.n; l++) {
        for (uint32_t r = 0; r < f->right.n; r++) {
            f->at[0][f->n_pairs] = l;
            f->at[1][f->n_pairs++] = r;
            if (f->n_pairs == BATCH_ROWS) TRY(wjoin_pairs(f, err));
        }
    }
    return wjoin_pairs(f, err);
}

/* Rows without a partner, where the kind of join shows them. */
static void wjoin_alone(WindowFire *f) {
    WindowJoin *self = f->self;
    for (uint32_t l = 0; l < f->left.n; l++) {
        bool is_shown = self->only_left ? f->left.is_met[l] != self->is_anti
                                        : self->sides[0].is_outer && !f->left.is_met[l];
        if (is_shown) joinout_row(f->out, l, JOIN_NONE, f->left.counts[l]);
    }
    for (uint32_t r = 0; r < f->right.n && self->sides[1].is_outer; r++) {
        if (!f->right.is_met[r]) joinout_row(f->out, JOIN_NONE, r, f->right.counts[r]);
    }
}

static Status wjoin_fire(WindowJoin *self, OpCtx *ctx, MultiGroup *left, MultiGroup *right,
                         Out *out, Err *err) {
    WindowFire f = {.self = self, .ctx = ctx};
    Batch delta = {.schema = self->sides[0].schema, .split = SPLIT_NONE};
    JoinOut joined = {.node = self->op.node,
                      .scratch = ctx->scratch,
                      .out = out,
                      .err = err,
                      .delta = &delta,
                      .other_schema = self->sides[1].schema,
                      .delta_is_left = true,
                      .only_left = self->only_left};
    f.out = &joined;
    TRY(wjoin_read(&self->sides[0], left, ctx->scratch, &f.left, err));
    TRY(wjoin_read(&self->sides[1], right, ctx->scratch, &f.right, err));
    delta.cols = f.left.cols;
    delta.n_rows = delta.n_phys = f.left.n;
    delta.n_cols = self->sides[0].schema->n_fields;
    joined.others = f.right.cols;
    f.at[0] = arena_array(ctx->scratch, uint32_t, BATCH_ROWS);
    f.at[1] = arena_array(ctx->scratch, uint32_t, BATCH_ROWS);
    joinout_init(&joined, 64);
    TRY(wjoin_meet(&f, err));
    wjoin_alone(&f);
    TRY(joinout_send(&joined));
    if (left) multi_remove(self->sides[0].map, left);
    if (right) multi_remove(self->sides[1].map, right);
    return ST_OK;
}

static MultiGroup *wjoin_find(const JoinSide *side, Span key) {
    uint32_t starts[2] = {0, (uint32_t)key.len};
    uint64_t hash = rowkey_hash(key);
    RowKeys one = {.n = 1, .starts = starts, .bytes = key.ptr, .hashes = &hash};
    MultiGroup *group;
    multi_find(side->map, &one, &group);
    return group;
}

static Status wjoin_flush(Op *op, OpCtx *ctx, Out *out, Err *err) {
    WindowJoin *self = (WindowJoin *)op;
    MultiGroup *left;
    Span key;
    Status status = ST_OK;
    while (status == ST_OK && timed_next(&self->timed, ctx, &key, &left)) {
        MultiGroup *right = wjoin_find(&self->sides[1], key);
        if (left || right) status = wjoin_fire(self, ctx, left, right, out, err);
    }
    return status;
}

static void wjoin_explain(const Op *op, Buf *out) {
    (void)op;
    buf_puts(out, "rows are kept until the watermark passes their window");
}

static void wjoin_close(Op *op) {
    WindowJoin *self = (WindowJoin *)op;
    joinside_close(&self->sides[0]);
    joinside_close(&self->sides[1]);
    timed_close(&self->timed);
    if (self->residual) program_free(self->residual);
}

const OpType op_join_window = {
    .name = "join-window",
    .size = sizeof(WindowJoin),
    .traits = OP_KEYED,
    .fits = wjoin_fits,
    .open = wjoin_open,
    .push = wjoin_push,
    .flush = wjoin_flush,
    .explain = wjoin_explain,
    .close = wjoin_close,
};
