/* op_aggregate.c -- GROUP BY without a window, and DISTINCT: one change per touched group and step.
 *
 * When a step touches a group for the first time its old result is taken, before the rows are
 * added; flush takes the new result of every touched group, in order of first touch, and sends -old
 * and +new where they differ. So the state holds no results, only what makes them. Input that can
 * retract also counts the rows of a group: at zero the group is deleted. DISTINCT on append-only
 * input sends a new row at once.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/aggset.h"
#include "op/ttl.h"
#include "op/windows.h"

enum { CHUNK = BATCH_ROWS / 2 }; /* touched groups of one output batch */

typedef struct Aggregate {
    Op op;
    AggSet set;
    StateMap *groups;
    bool is_append;   /* the input never retracts: no counts, no deletions */
    bool is_distinct; /* no calls, append-only: nothing to remember but the key */
    bool is_started;  /* the global group of a batch run is there */
    bool waits;       /* results at the end of the input only */
    Arena old;        /* old results of the groups touched in this step */
    ColBuilder *old_cols;
    uint8_t *has_old; /* by order of touch */
    Ttl ttl;
    Windows windows;    /* EMIT and ON LATE: of the keys' window */
    Ttl ends;           /* groups by the watermark behind which no row changes them */
    int64_t *watermark; /* up to which groups were forgotten */
    uint32_t n_old, cap_old;
    Mem *mem;
} Aggregate;

/* At the head of an entry when rows can be retracted or state is forgotten. */
typedef struct GroupHead {
    int64_t n_rows;
    int64_t written_us; /* only where state is forgotten */
} GroupHead;

static bool aggregate_fits(const Node *node) {
    return node->kind == NODE_AGGREGATE;
}

static void aggregate_begin_step(Aggregate *self) {
    arena_reset(&self->old);
    self->n_old = 0;
    for (uint32_t i = 0; i < self->set.n_slots; i++)
        colb_init(&self->old_cols[i], &self->old, self->set.slots[i].call->type, 64);
}

static void aggregate_open_windows(Aggregate *self, OpCtx *ctx) {
    self->windows = (Windows){.kind = WINDOW_TUMBLE, .size = 1, .slide = 1, .slice = 1};
    if (self->op.node->agg.emit.is_local) self->windows.zone = ctx->env->zone;
    ttl_open_queue(&self->ends, ctx, "ends");
    self->watermark = state_value(ctx->state, ctx->name, "watermark", sizeof *self->watermark);
    *self->watermark = WATERMARK_NONE;
}

static Status aggregate_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    Aggregate *self = (Aggregate *)op;
    MapSpec spec = {.name = "groups"};
    uint32_t head_size = 0;
    self->mem = ctx->mem;
    self->waits = op_waits_for_end(node, ctx);
    self->is_append = op_only_inserts(node->inputs[0], ctx);
    arena_init(&self->old, ctx->mem);
    ttl_open(&self->ttl, ctx, "ttl", node->agg.ttl_us);
    if (node->agg.emit.is_on) aggregate_open_windows(self, ctx);
    if (!self->is_append) head_size = offsetof(GroupHead, written_us);
    if (self->ttl.us) head_size = sizeof(GroupHead);
    TRY(aggset_open(&self->set, ctx, node, head_size, self->is_append, false, err));
    self->is_distinct = self->is_append && !node->agg.n_calls && node->agg.n_keys;
    spec.entry_size = self->set.entry_size;
    spec.n_var_slots = self->set.n_vars;
    spec.var_offsets = self->set.vars;
    self->groups = state_map(ctx->state, ctx->name, &spec);
    self->old_cols = arena_array(ctx->arena, ColBuilder, self->set.n_slots);
    aggregate_begin_step(self);
    return ST_OK;
}

/* Does the group exist, that is, has its result been sent (outside a step) or will it be? */
static bool aggregate_exists(const Aggregate *self, const char *entry) {
    return self->is_append || ((const GroupHead *)(const void *)entry)->n_rows > 0;
}

/* Notes the groups that this batch is the first of the step to touch, with their old results. */
static Status aggregate_touch(Aggregate *self, OpCtx *ctx, char *const *entries,
                              const uint8_t *is_new, const RowKeys *keys, Err *err) {
    uint32_t n = 0, cap = self->cap_old;
    char **touched = arena_alloc(ctx->scratch, sizeof *touched * (keys->n + 1));
    Span *spans = arena_alloc(ctx->scratch, sizeof *spans * (keys->n + 1));
    RowKeys touched_keys;
    if (self->waits) { /* no results yet: only the order is kept */
        for (uint32_t i = 0; i < keys->n; i++)
            if (is_new[i]) map_mark_dirty(self->groups, entries[i]);
        return ST_OK;
    }
    while (cap < self->n_old + keys->n) cap = cap ? 2 * cap : 64;
    if (cap > self->cap_old) {
        self->has_old = mem_realloc(self->mem, self->has_old, self->cap_old, cap);
        self->cap_old = cap;
    }
    for (uint32_t i = 0; i < keys->n; i++) {
        if (!map_mark_dirty(self->groups, entries[i])) continue;
        touched[n] = entries[i];
        spans[n] = rowkey_get(keys, i);
        self->has_old[self->n_old + n++] = !is_new[i] && aggregate_exists(self, entries[i]);
    }
    self->n_old += n;
    if (!n) return ST_OK;
    if (self->set.has_values) op_keys_of(ctx->scratch, spans, n, &touched_keys);
    return aggset_results(&self->set, ctx, touched, n, &touched_keys, self->old_cols, err);
}

/* DISTINCT: the rows whose key is new, as they are. */
static Status aggregate_new_keys(Aggregate *self, OpCtx *ctx, const AggRows *rows,
                                 const uint8_t *is_new, Out *out, Err *err) {
    uint32_t *sel = arena_alloc(ctx->scratch, sizeof *sel * (rows->n + 1)), n = 0;
    Batch batch = {.schema = &self->op.node->schema,
                   .n_phys = rows->n,
                   .n_cols = self->set.n_keys - self->set.n_set_cols,
                   .split = SPLIT_NONE,
                   .cols = rows->cols + self->set.n_set_cols};
    for (uint32_t i = 0; i < rows->n; i++) {
        sel[n] = i;
        n += is_new[i];
    }
    batch.sel = sel;
    batch.n_rows = n;
    return emit(out, &batch, err);
}

/* When no row changes the window any more that the row belongs to. */
static int64_t aggregate_end(const Aggregate *self, const Column *end, uint32_t row) {
    const AggEmit *emit = &self->op.node->agg.emit;
    return op_time_add(windows_fire_time(&self->windows, end->i64[col_at(end, row)]),
                       emit->within_us);
}

static Status aggregate_rows(Aggregate *self, OpCtx *ctx, const AggRows *rows, Out *out, Err *err) {
    char **entries = arena_alloc(ctx->scratch, sizeof *entries * (rows->n + 1));
    uint8_t *is_new = arena_alloc(ctx->scratch, rows->n + 1);
    RowKeys row_keys;
    rowkey_encode(ctx->scratch, rows->cols, self->set.n_keys, NULL, rows->n, &row_keys);
    map_upsert(self->groups, &row_keys, NULL, entries, is_new);
    for (uint32_t i = 0; self->ttl.us && i < rows->n; i++)
        ttl_write(&self->ttl, ctx, &((GroupHead *)(void *)entries[i])->written_us, is_new[i],
                  rowkey_get(&row_keys, i));
    if (self->op.node->agg.emit.is_on) {
        const Column *end = &rows->cols[self->op.node->agg.emit.end_key];
        for (uint32_t i = 0; i < rows->n; i++)
            if (is_new[i])
                ttl_put(&self->ends, aggregate_end(self, end, i), rowkey_get(&row_keys, i));
    }
    if (self->is_distinct) return aggregate_new_keys(self, ctx, rows, is_new, out, err);
    TRY(aggregate_touch(self, ctx, entries, is_new, &row_keys, err));
    if (!self->is_append)
        for (uint32_t i = 0; i < rows->n; i++)
            ((GroupHead *)(void *)entries[i])->n_rows += rows->weights ? rows->weights[i] : 1;
    return aggset_add(&self->set, ctx, rows, entries, &row_keys, NULL, err);
}

/* Forgets the groups that nothing was added to for too long. Nothing is sent: their last results
 * stand. */
static void aggregate_expire(Aggregate *self, OpCtx *ctx) {
    Span key;
    while (ttl_next(&self->ttl, ctx, &key)) {
        RowKeys keys;
        char *entry;
        op_keys_of(ctx->scratch, &key, 1, &keys);
        map_find(self->groups, &keys, NULL, &entry);
        if (!entry) continue;
        if (!ttl_is_over(&self->ttl, ctx, ((GroupHead *)(void *)entry)->written_us, key)) continue;
        if (self->set.has_values) aggset_forget(&self->set, &keys, ctx->scratch);
        map_remove(self->groups, entry);
    }
}

/* The rows whose window may still change. */
static Status aggregate_drop_late(Aggregate *self, OpCtx *ctx, const Batch *in, Batch *out,
                                  Err *err) {
    const Node *node = self->op.node;
    const Column *end = &in->cols[node->exprs[node->agg.emit.end_key]->column];
    uint32_t *sel = arena_alloc(ctx->scratch, sizeof *sel * (in->n_rows + 1)), n = 0;
    for (uint32_t i = 0; i < in->n_rows; i++) {
        uint32_t row = batch_row(in, i);
        int64_t behind = *self->watermark;
        if (in->row_wm && in->row_wm[row] > behind) behind = in->row_wm[row];
        if (aggregate_end(self, end, row) > behind) {
            sel[n++] = row;
            continue;
        }
        if (node->agg.emit.fails_late)
            FAIL(err, ST_INVALID, "22008", node->pos,
                 "a row is late: its window was over when it came (ON LATE FAIL)");
        ctx->n_late++;
    }
    *out = batch_select(in, sel, n);
    return ST_OK;
}

/* Windows that no row changes any more are forgotten; their last results stand. */
static void aggregate_close_windows(Aggregate *self, OpCtx *ctx) {
    Span key;
    while (ttl_take(&self->ends, ctx->watermark, &key)) {
        RowKeys keys;
        char *entry;
        op_keys_of(ctx->scratch, &key, 1, &keys);
        map_find(self->groups, &keys, NULL, &entry);
        if (!entry) continue;
        if (self->set.has_values) aggset_forget(&self->set, &keys, ctx->scratch);
        map_remove(self->groups, entry);
    }
    if (ctx->watermark > *self->watermark) *self->watermark = ctx->watermark;
}

static Status aggregate_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *in, Out *out,
                             Err *err) {
    Aggregate *self = (Aggregate *)op;
    AggRows rows;
    Batch on_time;
    (void)port;
    aggregate_expire(self, ctx);
    if (op->node->agg.emit.is_on) TRY(aggregate_drop_late(self, ctx, in, &on_time, err));
    if (op->node->agg.emit.is_on) in = &on_time;
    TRY(aggset_eval(&self->set, ctx, in, &rows, err));
    for (uint32_t s = 0; s < aggset_n_sets(&self->set); s++) {
        AggRows of_set = aggset_rows_of_set(&self->set, ctx->scratch, &rows, s);
        TRY(aggregate_rows(self, ctx, &of_set, out, err));
    }
    return ST_OK;
}

/* New results of entries [from, from + n) of the touched groups. */
static Status aggregate_results(Aggregate *self, OpCtx *ctx, char *const *entries, uint32_t n,
                                Column *keys, Column *results, Err *err) {
    uint32_t n_slots = self->set.n_slots;
    ColBuilder *builders = arena_array(ctx->scratch, ColBuilder, n_slots);
    Span *spans = arena_alloc(ctx->scratch, sizeof *spans * (n + 1));
    RowKeys row_keys = {0};
    for (uint32_t i = 0; i < n_slots; i++)
        colb_init(&builders[i], ctx->scratch, self->set.slots[i].call->type, n);
    for (uint32_t i = 0; i < n; i++) spans[i] = map_key(self->groups, entries[i]);
    TRY(aggset_keys(&self->set, ctx->scratch, spans, n, keys, err));
    if (self->set.has_values) op_keys_of(ctx->scratch, spans, n, &row_keys);
    TRY(aggset_results(&self->set, ctx, entries, n, &row_keys, builders, err));
    for (uint32_t i = 0; i < n_slots; i++) colb_finish(&builders[i], &results[i]);
    return ST_OK;
}

static bool aggregate_same(const Aggregate *self, const Column *old, uint32_t old_row,
                           const Column *results, uint32_t row) {
    for (uint32_t i = 0; i < self->set.n_slots; i++)
        if (!col_value_eq(&old[i], old_row, &results[i], row)) return false;
    return true;
}

/* Sends the changes of touched groups [from, from + n). */
static Status aggregate_send(Aggregate *self, OpCtx *ctx, char *const *entries, uint32_t from,
                             uint32_t n, const Column *old, Out *out, Err *err) {
    const Node *node = self->op.node;
    uint32_t n_keys = self->set.n_keys - self->set.n_set_cols, n_slots = self->set.n_slots;
    uint32_t n_out = 0;
    Column *keys = arena_array(ctx->scratch, Column, n_keys);
    Column *results = arena_array(ctx->scratch, Column, n_slots);
    Column *cols = arena_array(ctx->scratch, Column, n_keys + n_slots);
    uint32_t *key_picks = arena_alloc(ctx->scratch, sizeof *key_picks * (2 * n + 1));
    uint32_t *picks = arena_alloc(ctx->scratch, sizeof *picks * (2 * n + 1));
    int32_t *weights = arena_alloc(ctx->scratch, sizeof *weights * (2 * n + 1));
    uint8_t *updates = arena_alloc(ctx->scratch, 2 * n + 1);
    bool has_minus = false;
    Batch batch;
    TRY(aggregate_results(self, ctx, entries + from, n, keys, results, err));
    for (uint32_t i = 0; i < n; i++) {
        bool had = !self->waits && self->has_old[from + i];
        bool has = aggregate_exists(self, entries[from + i]);
        /* Where state is forgotten downstream must hear of the group, as from Flink. */
        if (had && has && !self->ttl.us && aggregate_same(self, old, from + i, results, i))
            continue;
        if (had) {
            key_picks[n_out] = i << 1;
            picks[n_out] = (from + i) << 1;
            updates[n_out] = had && has;
            weights[n_out++] = -1;
            has_minus = true;
        }
        if (has) {
            key_picks[n_out] = i << 1;
            picks[n_out] = i << 1 | 1;
            updates[n_out] = had && has;
            weights[n_out++] = 1;
        }
    }
    for (uint32_t i = 0; i < n_keys; i++)
        cols[i] = op_merge_cols(ctx->scratch, &keys[i], &keys[i], key_picks, n_out);
    for (uint32_t i = 0; i < n_slots; i++)
        cols[n_keys + i] = op_merge_cols(ctx->scratch, &old[i], &results[i], picks, n_out);
    batch = (Batch){.schema = &node->schema,
                    .n_rows = n_out,
                    .n_phys = n_out,
                    .n_cols = node->schema.n_fields,
                    .split = SPLIT_NONE,
                    .cols = cols,
                    .weights = has_minus ? weights : NULL,
                    .updates = has_minus ? updates : NULL};
    return emit(out, &batch, err);
}

/* Where state is forgotten a row may be taken back of which nothing is known any more. */
static bool aggregate_is_gone(const Aggregate *self, const char *entry) {
    int64_t n_rows = ((const GroupHead *)(const void *)entry)->n_rows;
    return self->ttl.us ? n_rows <= 0 : n_rows == 0;
}

/* Removes the touched groups that have no rows left. */
static void aggregate_remove(Aggregate *self, OpCtx *ctx, char *const *entries, uint32_t n) {
    Span *spans = arena_alloc(ctx->scratch, sizeof *spans * (n + 1));
    uint32_t n_gone = 0;
    RowKeys keys;
    if (self->is_append) return;
    for (uint32_t i = 0; i < n; i++)
        if (aggregate_is_gone(self, entries[i]))
            spans[n_gone++] = map_key(self->groups, entries[i]);
    if (!n_gone) return;
    if (self->set.has_values) {
        op_keys_of(ctx->scratch, spans, n_gone, &keys);
        aggset_forget(&self->set, &keys, ctx->scratch);
    }
    for (uint32_t i = 0; i < n; i++)
        if (aggregate_is_gone(self, entries[i])) map_remove(self->groups, entries[i]);
}

/* A batch query without keys has one result row even when no row comes. */
static Status aggregate_start(Aggregate *self, OpCtx *ctx, Err *err) {
    AggRows none = {0};
    char *entry;
    uint8_t is_new;
    RowKeys keys;
    if (self->is_started || self->set.n_keys || !ctx->env->is_batch) return ST_OK;
    if (ctx->watermark != WATERMARK_MAX) return ST_OK;
    self->is_started = true;
    rowkey_encode(ctx->scratch, none.cols, 0, NULL, 1, &keys);
    map_upsert(self->groups, &keys, NULL, &entry, &is_new);
    if (!is_new && aggregate_exists(self, entry)) return ST_OK;
    if (!self->is_append) ((GroupHead *)(void *)entry)->n_rows = 0;
    TRY(aggregate_touch(self, ctx, &entry, &is_new, &keys, err));
    if (!self->is_append) ((GroupHead *)(void *)entry)->n_rows = 1;
    return ST_OK;
}

static Status aggregate_flush(Op *op, OpCtx *ctx, Out *out, Err *err) {
    Aggregate *self = (Aggregate *)op;
    Column *old;
    char *const *entries;
    uint32_t n;
    if (self->waits && ctx->watermark != WATERMARK_MAX) {
        aggset_sweep(&self->set);
        return mem_check(ctx->mem, err);
    }
    TRY(aggregate_start(self, ctx, err));
    aggregate_expire(self, ctx);
    entries = map_dirty(self->groups, &n);
    if (!n && op->node->agg.emit.is_on) aggregate_close_windows(self, ctx);
    if (!n) return ST_OK;
    assert(self->waits || n == self->n_old);
    old = arena_array(ctx->scratch, Column, self->set.n_slots);
    for (uint32_t i = 0; i < self->set.n_slots; i++) colb_finish(&self->old_cols[i], &old[i]);
    for (uint32_t from = 0; from < n; from += CHUNK) {
        ArenaMark mark = arena_mark(ctx->scratch);
        TRY(aggregate_send(self, ctx, entries, from, n - from < CHUNK ? n - from : CHUNK, old, out,
                           err));
        arena_rewind(ctx->scratch, mark);
    }
    aggregate_remove(self, ctx, entries, n);
    map_clear_dirty(self->groups);
    if (op->node->agg.emit.is_on) aggregate_close_windows(self, ctx);
    aggset_sweep(&self->set);
    aggregate_begin_step(self);
    return mem_check(ctx->mem, err);
}

static void aggregate_explain(const Op *op, Buf *out) {
    const Aggregate *self = (const Aggregate *)op;
    aggset_explain(op->node, out);
    buf_printf(out, ", input=%s", self->is_append ? "append" : "retract");
}

static void aggregate_close(Op *op) {
    Aggregate *self = (Aggregate *)op;
    aggset_close(&self->set);
    ttl_close(&self->ttl);
    ttl_close(&self->ends);
    arena_deinit(&self->old);
    mem_free(self->mem, self->has_old, self->cap_old);
    self->has_old = NULL;
}

const OpType op_aggregate = {
    .name = "aggregate",
    .size = sizeof(Aggregate),
    .traits = OP_KEYED,
    .fits = aggregate_fits,
    .open = aggregate_open,
    .push = aggregate_push,
    .flush = aggregate_flush,
    .explain = aggregate_explain,
    .close = aggregate_close,
};
