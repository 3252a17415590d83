/* op_input.c -- where rows enter the graph: computes the columns of a scan from the decoded ones
 * and keeps the event-time clock of every split.
 *
 * Lateness is decided here, row by row: W(row) is the watermark of the row's own split just before
 * it. A batch carries the W of its rows only when some row is behind its own, so in nearly every
 * batch nobody pays for it. Rows that the pushed-down predicate drops still move the watermark.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/oputil.h"

typedef struct InputSplit {
    int64_t watermark;
    bool is_idle, has_ended;
} InputSplit;

typedef struct Input {
    Op op;
    Program *time; /* row time and watermark over the decoded columns; NULL without watermark */
    Program *predicate; /* NULL = none */
    Expr **exprs;       /* the outputs; the row time is a column behind the decoded ones */
    Program *outputs;   /* of them; NULL when each is a column as it is */
    Mem *mem;
    InputSplit *splits; /* by split number */
    uint32_t n_splits;
    int64_t watermark; /* the highest minimum so far: never goes back */
    int64_t time_unit;
    bool has_ended;
} Input;

static bool input_fits(const Node *node) {
    return node->kind == NODE_SCAN;
}

/* A split that was not followed comes (back) in: what was promised without it holds for it too. */
static void input_activate(const Input *self, InputSplit *split) {
    if (!split->is_idle && !split->has_ended) return;
    split->is_idle = split->has_ended = false;
    if (self->watermark > split->watermark) split->watermark = self->watermark;
}

/* The expression with its columns (of the scan's output) replaced by what computes them. */
static Expr *input_inline(Arena *arena, const Expr *expr, Expr *const *outputs) {
    Expr *copy;
    if (expr->kind == EXPR_COLUMN) return expr_copy(arena, outputs[expr->column]);
    copy = arena_alloc(arena, sizeof *copy);
    *copy = *expr;
    if (!expr->n_args) return copy;
    copy->args = arena_array(arena, Expr *, expr->n_args);
    for (uint32_t i = 0; i < expr->n_args; i++)
        copy->args[i] = input_inline(arena, expr->args[i], outputs);
    return copy;
}

/* The row time is computed once, for the clock. */
static Expr *input_time_column(Arena *arena, const Node *node) {
    const Expr *time = node->exprs[node->scan.rowtime];
    return expr_column(arena, node->scan.decoded.n_fields, time->type, time->pos);
}

static Status input_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    Input *self = (Input *)op;
    const ScanSpec *scan = &node->scan;
    bool only_columns = true;
    bool has_clock = scan->rowtime >= 0 && scan->watermark;
    self->mem = ctx->mem;
    self->watermark = WATERMARK_NONE;
    self->exprs = arena_array(ctx->arena, Expr *, node->n_exprs);
    for (uint32_t i = 0; i < node->n_exprs; i++) {
        self->exprs[i] = has_clock && (int32_t)i == scan->rowtime
                             ? input_time_column(ctx->arena, node)
                             : node->exprs[i];
        only_columns = only_columns && self->exprs[i]->kind == EXPR_COLUMN;
    }
    if (!only_columns)
        TRY(program_compile(&self->outputs, self->exprs, node->n_exprs, ctx->arena, err));
    if (scan->predicate) {
        Expr *predicate = scan->predicate;
        TRY(program_compile(&self->predicate, &predicate, 1, ctx->arena, err));
    }
    if (has_clock) {
        Expr *time[2] = {node->exprs[scan->rowtime],
                         input_inline(ctx->arena, scan->watermark, node->exprs)};
        self->time_unit = op_time_unit(node->schema.fields[scan->rowtime].type);
        TRY(program_compile(&self->time, time, 2, ctx->arena, err));
    }
    return ST_OK;
}

static InputSplit *input_split_at(Input *self, int32_t split) {
    uint32_t index = split < 0 ? 0 : (uint32_t)split;
    if (index >= self->n_splits) {
        uint32_t n = index + 8;
        self->splits = mem_realloc(self->mem, self->splits, sizeof *self->splits * self->n_splits,
                                   sizeof *self->splits * n);
        /* Numbers in between may never be used: until seen, a split holds nothing back. */
        for (uint32_t i = self->n_splits; i < n; i++)
            self->splits[i] = (InputSplit){.watermark = WATERMARK_NONE, .has_ended = true};
        self->n_splits = n;
    }
    return &self->splits[index];
}

static Status input_null_time(const Input *self, Err *err) {
    const ScanSpec *scan = &self->op.node->scan;
    Span name = self->op.node->schema.fields[scan->rowtime].name;
    err_set(err, ST_INVALID, "22004", scan->watermark->pos, __FILE__, __LINE__,
            "RowTime field should not be null, please convert it to a non-null long value");
    err_detail(err, "column \"" SPAN_FMT "\" of table \"" SPAN_FMT "\" is NULL", SPAN_ARG(name),
               SPAN_ARG(scan->table->name));
    return err_hint(err, "give the column a default with COALESCE, or declare 'dead-letter' and "
                         "NOT NULL to set such records aside");
}

/* The watermark after the batch; *n_behind = rows whose time is behind the watermark before them.
 * With row_wm also writes that watermark for every row. */
static int64_t input_advance(const Input *self, const Column *time, const Column *mark, uint32_t n,
                             int64_t now, int64_t *row_wm, uint32_t *n_behind) {
    uint32_t behind = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = col_at(mark, i);
        behind += time->i64[col_at(time, i)] < now;
        if (row_wm) row_wm[i] = now;
        if (col_is_null(mark, i)) continue;
        if (op_time_add(mark->i64[at], self->time_unit) > now)
            now = op_time_add(mark->i64[at], self->time_unit);
    }
    *n_behind = behind;
    return now;
}

/* Time and watermark of the rows. */
static Status input_eval(const Input *self, OpCtx *ctx, const Batch *rows, Arena *arena,
                         Column *cols, Err *err) {
    TRY(program_eval(self->time, rows, ctx->env, arena, cols, err));
    if (cols[0].valid)
        for (uint32_t i = 0; i < rows->n_rows; i++)
            if (col_is_null(&cols[0], i)) return input_null_time(self, err);
    return ST_OK;
}

/* The watermark after the rows; the batch gets their time as one more column, and row_wm when a
 * row is behind. */
static int64_t input_mark(const Input *self, OpCtx *ctx, const Column *cols, int64_t before,
                          Batch *rows) {
    Column *all;
    uint32_t n_behind, n = rows->n_rows;
    int64_t now = input_advance(self, &cols[0], &cols[1], n, before, NULL, &n_behind);
    if (n_behind) {
        int64_t *row_wm = arena_alloc(ctx->scratch, sizeof *row_wm * n);
        input_advance(self, &cols[0], &cols[1], n, before, row_wm, &n_behind);
        rows->row_wm = row_wm;
    }
    all = arena_alloc(ctx->scratch, sizeof *all * (rows->n_cols + 1));
    memcpy(all, rows->cols, sizeof *all * rows->n_cols);
    all[rows->n_cols++] = cols[0];
    rows->cols = all;
    return now;
}

Status input_times(Op *op, OpCtx *ctx, const Batch *rows, Arena *arena, InputClock *out, Err *err) {
    const Input *self = (const Input *)op;
    const Column *mark = &out->cols[1];
    out->latest = WATERMARK_NONE;
    if (!self->time) return ST_OK;
    TRY(input_eval(self, ctx, rows, arena, out->cols, err));
    for (uint32_t i = 0; i < rows->n_rows; i++) {
        int64_t at = mark->i64[col_at(mark, i)];
        if (at > out->latest && !col_is_null(mark, i)) out->latest = at;
    }
    if (out->latest != WATERMARK_NONE) out->latest = op_time_add(out->latest, self->time_unit);
    return ST_OK;
}

int64_t input_turn(Op *op, int32_t split, int64_t latest) {
    Input *self = (Input *)op;
    InputSplit *at = input_split_at(self, split);
    int64_t before;
    input_activate(self, at);
    before = at->watermark;
    if (latest > before) at->watermark = latest;
    return before;
}

/* What comes of rows whose lateness is known. */
static Status input_send(Input *self, OpCtx *ctx, Batch rows, Out *out, Err *err) {
    const Node *node = self->op.node;
    Batch result;
    Column *cols;
    if (self->predicate) {
        const uint32_t *sel;
        uint32_t n;
        TRY(program_select(self->predicate, &rows, ctx->env, ctx->scratch, &sel, &n, err));
        rows = batch_select(&rows, sel, n);
        if (!n) return ST_OK;
    }
    cols = arena_alloc(ctx->scratch, sizeof *cols * (node->n_exprs + 1));
    if (self->outputs) {
        TRY(op_compute(self->outputs, &rows, ctx, &node->schema, cols, &result, err));
        return emit(out, &result, err);
    }
    for (uint32_t i = 0; i < node->n_exprs; i++) cols[i] = rows.cols[self->exprs[i]->column];
    result = rows;
    result.schema = &node->schema;
    result.cols = cols;
    result.n_cols = node->n_exprs;
    return emit(out, &result, err);
}

Status input_push(Op *op, OpCtx *ctx, const Batch *decoded, Out *out, Err *err) {
    Input *self = (Input *)op;
    Batch rows = *batch_dense(ctx->scratch, decoded);
    InputSplit *split = input_split_at(self, rows.split);
    Column cols[2];
    input_activate(self, split);
    if (self->time) {
        TRY(input_eval(self, ctx, &rows, ctx->scratch, cols, err));
        split->watermark = input_mark(self, ctx, cols, split->watermark, &rows);
    }
    return input_send(self, ctx, rows, out, err);
}

Status input_rows(Op *op, OpCtx *ctx, Batch *rows, const InputClock *clock, Out *out, Err *err) {
    Input *self = (Input *)op;
    if (self->time) input_mark(self, ctx, clock->cols, clock->before, rows);
    return input_send(self, ctx, *rows, out, err);
}

void input_split(Op *op, OpCtx *ctx, int32_t split, SplitEvent event) {
    InputSplit *at = input_split_at((Input *)op, split);
    (void)ctx;
    if (event == SPLIT_ACTIVE) input_activate((Input *)op, at);
    at->is_idle = event == SPLIT_IDLE;
    at->has_ended = event == SPLIT_ENDED;
}

int64_t input_watermark(const Op *op) {
    const Input *self = (const Input *)op;
    int64_t min = INT64_MAX;
    bool is_held = false;
    if (self->has_ended) return WATERMARK_MAX;
    for (uint32_t i = 0; i < self->n_splits; i++) {
        const InputSplit *split = &self->splits[i];
        if (split->is_idle || split->has_ended) continue;
        is_held = true;
        if (split->watermark < min) min = split->watermark;
    }
    /* The highest minimum is kept: a split that joins late starts below what was promised. */
    if (is_held && min > self->watermark) ((Input *)op)->watermark = min;
    return self->watermark;
}

void input_end(Op *op) {
    ((Input *)op)->has_ended = true;
}

void input_set_watermark(Op *op, int64_t watermark) {
    Input *self = (Input *)op;
    if (watermark > self->watermark) self->watermark = watermark;
    for (uint32_t i = 0; i < self->n_splits; i++)
        if (watermark > self->splits[i].watermark) self->splits[i].watermark = watermark;
}

void input_save(const Op *op, Buf *out) {
    const Input *self = (const Input *)op;
    record_put_i64(out, self->watermark);
    record_put_u64(out, self->has_ended);
    record_put_u64(out, self->n_splits);
    for (uint32_t i = 0; i < self->n_splits; i++) {
        record_put_i64(out, self->splits[i].watermark);
        record_put_u64(out, (uint64_t)self->splits[i].is_idle << 1 | self->splits[i].has_ended);
    }
}

void input_load(Op *op, Record *in) {
    Input *self = (Input *)op;
    uint64_t n;
    self->watermark = record_i64(in);
    self->has_ended = record_u64(in) != 0;
    n = record_count(in, 16);
    for (uint64_t i = 0; i < n; i++) {
        InputSplit *split = input_split_at(self, (int32_t)i);
        uint64_t flags;
        split->watermark = record_i64(in);
        flags = record_u64(in);
        split->is_idle = flags >> 1 & 1;
        split->has_ended = flags & 1;
    }
}

static void input_explain(const Op *op, Buf *out) {
    const Node *node = op->node;
    const ScanSpec *scan = &node->scan;
    buf_printf(out, "table=" SPAN_FMT ", columns=[", SPAN_ARG(scan->table->name));
    for (uint32_t i = 0; i < scan->decoded.n_fields; i++)
        buf_printf(out, "%s" SPAN_FMT, i ? ", " : "", SPAN_ARG(scan->decoded.fields[i].name));
    buf_puts(out, "]");
    if (scan->predicate) {
        buf_puts(out, ", predicate=");
        expr_print(scan->predicate, &scan->decoded, out);
    }
    if (scan->watermark) {
        buf_puts(out, ", watermark=");
        expr_print(scan->watermark, &node->schema, out);
    }
}

static void input_close(Op *op) {
    Input *self = (Input *)op;
    program_free(self->time);
    program_free(self->predicate);
    program_free(self->outputs);
    mem_free(self->mem, self->splits, sizeof *self->splits * self->n_splits);
    self->splits = NULL;
}

const OpType op_input = {
    .name = "input",
    .size = sizeof(Input),
    .traits = OP_SOURCE,
    .fits = input_fits,
    .open = input_open,
    .explain = input_explain,
    .close = input_close,
};
