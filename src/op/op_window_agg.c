/* op_window_agg.c -- aggregates over TUMBLE, HOP and CUMULATE windows, and over windows that were
 * assigned below ("attached").
 *
 * State is kept by slice, the greatest width that all windows are made of: a row touches one slice,
 * and a window merges its slices when it is complete (watermark, or the clock, at its end). Then
 * slices that no later window needs are dropped as a whole. Results come by window end, then in
 * order of first arrival.
 *
 * A row is late for the windows that end at or before its W(row); if that is only some of the
 * windows of its slice, the row is kept for each of the others by itself, in `direct` (slice = the
 * window's end). Calls that cannot be merged (DISTINCT, side tables) keep all rows that way.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/slicemerge.h"
#include "op/windows.h"

/* Part of the state. */
typedef struct WindowProgress {
    int64_t watermark; /* up to which windows have been sent; or the clock */
    int64_t end;       /* of the last window sent */
} WindowProgress;

typedef struct WindowAgg {
    Op op;
    AggSet set;
    Windows windows;
    StateMap *slices; /* (slice end, keys) -> states; NULL when all rows are kept in direct */
    StateMap *direct; /* (window end, keys) -> states */
    WindowProgress *progress;
    bool is_append;
    uint32_t head_size;
    uint32_t n_start_cols; /* attached: the window's start is the last key column */
} WindowAgg;

/* Rows on their way into a map: which, into which slice. */
typedef struct WindowRows {
    uint32_t *rows;
    int64_t *slices;
    uint32_t n, cap;
} WindowRows;

/* The slice of the row before, which mostly is the next row's too: times from <= t < to lie in it,
 * and rows go there as a whole as long as the watermark is below `open`. */
typedef struct WindowSlice {
    int64_t from, to, end, open;
} WindowSlice;

static bool window_agg_fits(const Node *node) {
    return node->kind == NODE_WINDOW_AGG &&
           (node->agg.window.is_attached || node->agg.window.kind != WINDOW_SESSION);
}

static StateMap *window_agg_map(WindowAgg *self, OpCtx *ctx, const char *name) {
    MapSpec spec = {.name = name,
                    .entry_size = self->set.entry_size,
                    .n_var_slots = self->set.n_vars,
                    .var_offsets = self->set.vars,
                    .is_sliced = true};
    return state_map(ctx->state, ctx->name, &spec);
}

static Status window_agg_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    WindowAgg *self = (WindowAgg *)op;
    const WindowSpec *spec = &node->agg.window;
    const Schema *in = &node->inputs[0]->schema;
    const Type *time = in->fields[spec->is_attached ? spec->end_col : spec->time_col].type;
    bool has_slices;
    self->is_append = op_only_inserts(node->inputs[0], ctx);
    self->head_size = self->is_append ? 0 : sizeof(int64_t);
    TRY(aggset_open(&self->set, ctx, node, self->head_size, self->is_append, true, err));
    if (spec->is_attached) {
        self->windows = (Windows){.kind = WINDOW_TUMBLE, .size = 1, .slide = 1, .slice = 1};
        if (spec->is_local) self->windows.zone = ctx->env->zone;
        self->n_start_cols = 1;
    } else {
        windows_init(&self->windows, spec, time, ctx->env);
    }
    has_slices = aggset_can_merge(&self->set) && self->windows.kind != WINDOW_TUMBLE;
    if (has_slices) {
        self->slices = window_agg_map(self, ctx, "slices");
    }
    self->direct = window_agg_map(self, ctx, "windows");
    self->progress = state_value(ctx->state, ctx->name, "progress", sizeof *self->progress);
    *self->progress = (WindowProgress){WATERMARK_NONE, INT64_MIN};
    return ST_OK;
}

/* ---- rows ---- */

static inline void window_rows_add(Arena *scratch, WindowRows *to, uint32_t row, int64_t slice) {
    if (to->n == to->cap) {
        uint32_t cap = 2 * to->cap + 64;
        uint32_t *rows = arena_alloc(scratch, sizeof *rows * cap);
        int64_t *slices = arena_alloc(scratch, sizeof *slices * cap);
        if (to->n) {
            memcpy(rows, to->rows, sizeof *rows * to->n);
            memcpy(slices, to->slices, sizeof *slices * to->n);
        }
        *to = (WindowRows){rows, slices, to->n, cap};
    }
    to->rows[to->n] = row;
    to->slices[to->n++] = slice;
}

/* One row with local time or, attached, its window's end. *now is set when the next rows can go the
 * same way. */
static void window_agg_assign(WindowAgg *self, OpCtx *ctx, uint32_t row, int64_t local,
                              int64_t behind, WindowRows *slices, WindowRows *direct,
                              WindowSlice *now) {
    const Windows *windows = &self->windows;
    bool is_attached = self->op.node->agg.window.is_attached;
    int64_t slice_end = is_attached ? local : windows_slice_end(windows, local);
    int64_t last = is_attached ? local : windows_last_end(windows, slice_end);
    int64_t first = windows_first_end(windows, slice_end, slice_end), end;
    if (first > last) return; /* between two windows of a HOP with gaps */
    if (self->slices || first == last)
        *now = (WindowSlice){is_attached ? local : slice_end - windows->slice,
                             is_attached ? local + 1 : slice_end, self->slices ? slice_end : first,
                             windows_fire_time(windows, first)};
    if (behind != WATERMARK_NONE && windows_fire_time(windows, first) <= behind) {
        for (end = first; end <= last; end += windows->slide)
            if (windows_fire_time(windows, end) > behind) break;
        if (end > last) {
            ctx->n_late++;
            return;
        }
    } else if (self->slices) {
        window_rows_add(ctx->scratch, slices, row, slice_end);
        return;
    } else {
        end = first;
    }
    for (; end <= last; end += windows->slide) window_rows_add(ctx->scratch, direct, row, end);
}

/* The times of the rows: of the clock, of the time column, or the windows' ends. */
static Status window_agg_times(WindowAgg *self, OpCtx *ctx, const Batch *in, const Column **out,
                               Err *err) {
    const WindowSpec *spec = &self->op.node->agg.window;
    const Column *time = &in->cols[spec->is_attached ? spec->end_col : spec->time_col];
    *out = time;
    if (spec->is_proctime && !spec->is_attached) {
        *out = NULL;
        return ST_OK;
    }
    if (!time->valid) return ST_OK;
    for (uint32_t i = 0; i < in->n_rows; i++)
        if (col_is_null(time, batch_row(in, i)))
            FAIL(err, ST_INVALID, "22004", self->op.node->pos,
                 "RowTime field should not be null, please convert it to a non-null long value");
    (void)ctx;
    return ST_OK;
}

/* Keys of the rows' entries: the group's, and the start of an attached window. */
static void window_agg_keys(WindowAgg *self, OpCtx *ctx, const AggRows *rows, const Column *start,
                            const int64_t *slices, RowKeys *keys, RowKeys *value_keys) {
    uint32_t n_keys = self->set.n_keys;
    Column *cols = arena_array(ctx->scratch, Column, n_keys + 2);
    cols[0] = (Column){.type = &type_bigint, .n_rows = rows->n, .i64 = slices};
    memcpy(cols + 1, rows->cols, sizeof *cols * n_keys);
    if (start) cols[1 + n_keys++] = *start;
    rowkey_encode(ctx->scratch, cols + 1, n_keys, NULL, rows->n, keys);
    if (self->set.has_values)
        rowkey_encode(ctx->scratch, cols, n_keys + 1, NULL, rows->n, value_keys);
}

static Status window_agg_add(WindowAgg *self, OpCtx *ctx, StateMap *map, const AggRows *all,
                             const Column *start, const WindowRows *to, Err *err) {
    char **entries;
    AggRows picked = *all;
    Column picked_start;
    RowKeys keys, value_keys;
    bool is_all = to->n == all->n;
    if (!to->n) return ST_OK;
    for (uint32_t i = 0; is_all && i < to->n; i++) is_all = to->rows[i] == i;
    if (!is_all) {
        picked = aggrows_gather(ctx->scratch, &self->set, all, to->rows, to->n);
        if (start) {
            picked_start = col_gather(ctx->scratch, start, to->rows, to->n);
            start = &picked_start;
        }
    }
    entries = arena_alloc(ctx->scratch, sizeof *entries * to->n);
    for (uint32_t s = 0; s < aggset_n_sets(&self->set); s++) {
        AggRows rows = aggset_rows_of_set(&self->set, ctx->scratch, &picked, s);
        window_agg_keys(self, ctx, &rows, start, to->slices, &keys, &value_keys);
        map_upsert(map, &keys, to->slices, entries, NULL);
        if (!self->is_append)
            for (uint32_t i = 0; i < rows.n; i++)
                *(int64_t *)(void *)entries[i] += rows.weights ? rows.weights[i] : 1;
        TRY(aggset_add(&self->set, ctx, &rows, entries, &value_keys, to->slices, err));
    }
    return ST_OK;
}

/* The clock, which does not go back here even when the system's does. */
static int64_t window_agg_now(const WindowAgg *self, const OpCtx *ctx) {
    int64_t now = ctx->env->now_us;
    return now > self->progress->watermark ? now : self->progress->watermark;
}

static Status window_agg_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *in, Out *out,
                              Err *err) {
    WindowAgg *self = (WindowAgg *)op;
    const WindowSpec *spec = &op->node->agg.window;
    WindowRows slices = {0}, direct = {0}, *whole = self->slices ? &slices : &direct;
    WindowSlice slice = {.to = INT64_MIN};
    const Column *time;
    Column start;
    AggRows rows;
    int64_t now = window_agg_now(self, ctx);
    (void)port, (void)out;
    TRY(window_agg_times(self, ctx, in, &time, err));
    TRY(aggset_eval(&self->set, ctx, in, &rows, err));
    for (uint32_t i = 0; i < in->n_rows; i++) {
        uint32_t row = batch_row(in, i);
        int64_t at = time ? time->i64[col_at(time, row)] : now;
        int64_t behind = self->progress->watermark;
        if (in->row_wm && in->row_wm[row] > behind && !spec->is_proctime) behind = in->row_wm[row];
        if (!spec->is_attached) at = windows_local(&self->windows, at);
        if (at >= slice.from && at < slice.to && behind < slice.open)
            window_rows_add(ctx->scratch, whole, i, slice.end);
        else
            window_agg_assign(self, ctx, i, at, behind, &slices, &direct, &slice);
    }
    if (self->n_start_cols) {
        const Column *col = &in->cols[spec->start_col];
        start = in->sel ? col_gather(ctx->scratch, col, in->sel, in->n_rows) : *col;
    }
    if (self->slices) TRY(window_agg_add(self, ctx, self->slices, &rows, NULL, &slices, err));
    return window_agg_add(self, ctx, self->direct, &rows, self->n_start_cols ? &start : NULL,
                          &direct, err);
}

/* ---- results ---- */

static Column window_agg_const(Arena *scratch, const Type *type, int64_t value, uint32_t n) {
    int64_t *data = arena_alloc(scratch, sizeof *data);
    *data = value;
    return (Column){.type = type, .n_rows = n, .is_const = true, .i64 = data};
}

/* The columns after keys and results. `start` is the attached windows' own, one a row. */
static void window_agg_window_cols(const WindowAgg *self, OpCtx *ctx, int64_t end,
                                   const Column *start, uint32_t n, Column *cols) {
    const Node *node = self->op.node;
    uint32_t at = node->agg.n_keys + node->agg.n_calls;
    for (const char *what = node->agg.window_cols; what && *what; what++, at++) {
        const Type *type = node->schema.fields[at].type;
        if (*what == 's' && start) {
            cols[at] = *start;
            cols[at].type = type;
            continue;
        }
        cols[at] = window_agg_const(ctx->scratch, type,
                                    *what == 's'   ? windows_start(&self->windows, end)
                                    : *what == 'e' ? end
                                    : *what == 't' ? windows_time_of(&self->windows, end)
                                                   : ctx->env->now_us,
                                    n);
    }
}

/* Keys of entries of attached windows end with the start: decodes it, and cuts it off. */
static Status window_agg_starts(const WindowAgg *self, OpCtx *ctx, Span *spans, uint32_t n,
                                Column *out, Err *err) {
    enum { START_LEN = 9 }; /* a present BIGINT-like value */
    ColBuilder builder;
    (void)self;
    colb_init(&builder, ctx->scratch, &type_timestamp3, n);
    for (uint32_t i = 0; i < n; i++) {
        Span start = {spans[i].ptr + spans[i].len - START_LEN, START_LEN};
        TRY(rowkey_decode(start, &builder, 1, NULL, err));
        spans[i].len -= START_LEN;
    }
    colb_finish(&builder, out);
    return ST_OK;
}

/* The groups with these keys, which are cut where they hold the start of an attached window. */
static Status window_agg_send(WindowAgg *self, OpCtx *ctx, Span *spans, char *const *entries,
                              uint32_t n, int64_t end, Out *out, Err *err) {
    const Node *node = self->op.node;
    Column *cols = arena_array(ctx->scratch, Column, node->schema.n_fields), starts;
    ColBuilder *builders = arena_array(ctx->scratch, ColBuilder, self->set.n_slots);
    RowKeys value_keys = {0};
    Batch batch;
    if (self->set.has_values) {
        char *prefix;
        Buf buf;
        Column slice = window_agg_const(ctx->scratch, &type_bigint, end, 1);
        Span *longer = arena_alloc(ctx->scratch, sizeof *longer * n);
        buf_init(&buf, NULL);
        rowkey_encode_row(&slice, 1, NULL, 0, &buf);
        for (uint32_t i = 0; i < n; i++) {
            prefix = arena_alloc(ctx->scratch, buf.len + spans[i].len);
            memcpy(prefix, buf.ptr, buf.len);
            if (spans[i].len) memcpy(prefix + buf.len, spans[i].ptr, spans[i].len);
            longer[i] = (Span){prefix, buf.len + spans[i].len};
        }
        buf_deinit(&buf);
        op_keys_of(ctx->scratch, longer, n, &value_keys);
    }
    for (uint32_t i = 0; i < self->set.n_slots; i++)
        colb_init(&builders[i], ctx->scratch, self->set.slots[i].call->type, n);
    TRY(aggset_results(&self->set, ctx, entries, n, &value_keys, builders, err));
    aggset_forget(&self->set, &value_keys, ctx->scratch);
    if (self->n_start_cols) TRY(window_agg_starts(self, ctx, spans, n, &starts, err));
    TRY(aggset_keys(&self->set, ctx->scratch, spans, n, cols, err));
    for (uint32_t i = 0; i < self->set.n_slots; i++)
        colb_finish(&builders[i], &cols[node->agg.n_keys + i]);
    window_agg_window_cols(self, ctx, end, self->n_start_cols ? &starts : NULL, n, cols);
    batch = (Batch){.schema = &node->schema,
                    .n_rows = n,
                    .n_phys = n,
                    .n_cols = node->schema.n_fields,
                    .split = SPLIT_NONE,
                    .cols = cols};
    return emit(out, &batch, err);
}

/* Sends groups in batches. */
static Status window_agg_send_all(WindowAgg *self, OpCtx *ctx, Span *keys, char *const *entries,
                                  uint64_t n_all, int64_t end, Out *out, Err *err) {
    for (uint64_t at = 0; at < n_all; at += BATCH_ROWS) {
        uint64_t n = n_all - at < BATCH_ROWS ? n_all - at : BATCH_ROWS;
        ArenaMark mark = arena_mark(ctx->scratch);
        TRY(window_agg_send(self, ctx, keys + at, entries + at, (uint32_t)n, end, out, err));
        arena_rewind(ctx->scratch, mark);
    }
    return ST_OK;
}

static Status window_agg_fire_slices(WindowAgg *self, OpCtx *ctx, int64_t end, Out *out, Err *err) {
    int64_t start = windows_start(&self->windows, end);
    uint64_t n_entries, n_all;
    uint32_t n, first = 0, last;
    const int64_t *slices = map_slices(self->slices, &n);
    SliceMerge merge;
    map_slice_entries(self->direct, end, &n_all);
    while (first < n && slices[first] <= start) first++;
    for (last = first; last < n && slices[last] <= end; last++) {
        map_slice_entries(self->slices, slices[last], &n_entries);
        n_all += n_entries;
    }
    slicemerge_init(&merge, &self->set, ctx, !self->is_append, n_all);
    for (uint32_t i = first; i < last; i++)
        TRY(slicemerge_add(&merge, self->slices, slices[i], err));
    TRY(slicemerge_add(&merge, self->direct, end, err));
    TRY(window_agg_send_all(self, ctx, merge.keys, merge.entries, merge.n, end, out, err));
    slicemerge_end(&merge);
    return ST_OK;
}

static Status window_agg_fire_direct(WindowAgg *self, OpCtx *ctx, int64_t end, Out *out, Err *err) {
    uint64_t n_all, n = 0;
    char *const *all = map_slice_entries(self->direct, end, &n_all);
    char **entries = arena_alloc(ctx->scratch, sizeof *entries * n_all);
    Span *keys = arena_alloc(ctx->scratch, sizeof *keys * n_all);
    for (uint64_t i = 0; i < n_all; i++) {
        if (!all[i]) continue;
        if (!self->is_append && *(const int64_t *)(const void *)all[i] <= 0) continue;
        keys[n] = map_key(self->direct, all[i]);
        entries[n++] = all[i];
    }
    return window_agg_send_all(self, ctx, keys, entries, n, end, out, err);
}

/* Sends the window ending at `end` and drops what only it needed. */
static Status window_agg_fire(WindowAgg *self, OpCtx *ctx, int64_t end, Out *out, Err *err) {
    if (self->slices)
        TRY(window_agg_fire_slices(self, ctx, end, out, err));
    else
        TRY(window_agg_fire_direct(self, ctx, end, out, err));
    map_slice_drop(self->direct, end);
    for (uint32_t i = 0; i < self->set.n_distincts; i++)
        map_slice_drop(self->set.distincts[i].map, end);
    return ST_OK;
}

/* The next window that has rows and was not sent; INT64_MAX when there is none. Drops slices that
 * no later window needs. */
static int64_t window_agg_next(WindowAgg *self) {
    int64_t next = INT64_MAX, after = self->progress->end;
    int64_t from = after == INT64_MIN ? after : after + 1;
    const int64_t *slices;
    uint32_t n;
    slices = map_slices(self->direct, &n);
    if (n) next = slices[0];
    if (!self->slices) return next;
    slices = map_slices(self->slices, &n);
    while (n) {
        int64_t end = windows_first_end(&self->windows, slices[0], from);
        if (end != INT64_MAX) return end < next ? end : next;
        map_slice_drop(self->slices, slices[0]);
        slices = map_slices(self->slices, &n);
    }
    return next;
}

static Status window_agg_flush(Op *op, OpCtx *ctx, Out *out, Err *err) {
    WindowAgg *self = (WindowAgg *)op;
    bool is_proctime = op->node->agg.window.is_proctime;
    int64_t watermark = is_proctime ? window_agg_now(self, ctx) : ctx->watermark;
    for (;;) {
        ArenaMark mark = arena_mark(ctx->scratch);
        int64_t end = window_agg_next(self);
        if (end == INT64_MAX || windows_fire_time(&self->windows, end) > watermark) {
            ctx->wake_us = is_proctime && end != INT64_MAX ? windows_fire_time(&self->windows, end)
                                                           : INT64_MAX;
            break;
        }
        TRY(window_agg_fire(self, ctx, end, out, err));
        self->progress->end = end;
        arena_rewind(ctx->scratch, mark);
    }
    if (watermark > self->progress->watermark) self->progress->watermark = watermark;
    aggset_sweep(&self->set);
    /* window_time is a millisecond: a finer watermark must not promise more than pending windows
     * will keep. */
    if (ctx->watermark != WATERMARK_MAX && ctx->watermark != WATERMARK_NONE)
        ctx->out_watermark = windows_floor(ctx->watermark, 1000, 0);
    return mem_check(ctx->mem, err);
}

static void window_agg_explain(const Op *op, Buf *out) {
    windows_explain(&op->node->agg.window, out);
    buf_puts(out, ", ");
    aggset_explain(op->node, out);
}

static void window_agg_close(Op *op) {
    aggset_close(&((WindowAgg *)op)->set);
}

const OpType op_window_agg = {
    .name = "window_agg",
    .size = sizeof(WindowAgg),
    .traits = OP_KEYED,
    .fits = window_agg_fits,
    .open = window_agg_open,
    .push = window_agg_push,
    .flush = window_agg_flush,
    .explain = window_agg_explain,
    .close = window_agg_close,
};
