/* op_session.c -- SESSION windows: rows of a key that are at most a gap apart belong together. Both
 * as an aggregate and as a table function, which holds rows back until their session is over.
 *
 * A row opens a session [time, time + gap) and joins all sessions that it touches; the oldest one
 * goes on, the others are merged into it. Sessions are kept by key in order of their start; timers
 * by their end tell which are over. Calls that can be merged keep a state a session; for the
 * others, and for the table function, the rows themselves are kept. A row whose session ends at or
 * before its W(row) is late.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/aggset.h"
#include "op/windows.h"

typedef struct Session {
    int64_t start, end;
    uint64_t id; /* in order of first arrival */
} Session;

typedef struct SessionOp {
    Op op;
    const WindowSpec *spec;
    AggSet set;
    Windows windows;
    bool is_agg, keeps_rows, is_append;
    StateMap *states;   /* id -> states (without rows: while rows come; with: only at the end) */
    MultiMap *rows;     /* id -> rows by arrival: keeps_rows */
    MultiMap *sessions; /* key -> (start, id) -> end */
    MultiMap *timers;   /* (end, id) -> start, key; one group */
    int64_t *watermark; /* up to which sessions have been sent; part of the state */
    uint64_t *next_id, *arrivals;
    Buf buf;
} SessionOp;

/* The sessions of a batch's rows, and which of them were merged into others on the way. */
typedef struct SessionRows {
    uint32_t *rows; /* of the batch */
    uint64_t *ids;
    uint32_t n;
    uint64_t *merged, *into;
    uint32_t n_merged, cap_merged;
} SessionRows;

static bool session_fits(const Node *node) {
    return (node->kind == NODE_WINDOW && node->window.kind == WINDOW_SESSION) ||
           (node->kind == NODE_WINDOW_AGG && node->agg.window.kind == WINDOW_SESSION &&
            !node->agg.window.is_attached);
}

static Status session_open_agg(SessionOp *self, const Node *node, OpCtx *ctx, Err *err) {
    MapSpec states = {.name = "states"};
    TRY(aggset_open(&self->set, ctx, node, sizeof(int64_t), self->is_append, true, err));
    self->keeps_rows = !aggset_can_merge(&self->set);
    states.entry_size = self->set.entry_size;
    states.n_var_slots = self->set.n_vars;
    states.var_offsets = self->set.vars;
    self->states = state_map(ctx->state, ctx->name, &states);
    return ST_OK;
}

static Status session_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    SessionOp *self = (SessionOp *)op;
    const Schema *in = &node->inputs[0]->schema;
    self->is_agg = node->kind == NODE_WINDOW_AGG;
    self->spec = self->is_agg ? &node->agg.window : &node->window;
    self->is_append = op_only_inserts(node->inputs[0], ctx);
    self->keeps_rows = true;
    buf_init(&self->buf, ctx->mem);
    windows_init(&self->windows, self->spec, in->fields[self->spec->time_col].type, ctx->env);
    if (self->is_agg) TRY(session_open_agg(self, node, ctx, err));
    if (self->keeps_rows)
        self->rows = state_multimap(ctx->state, ctx->name, &(MultiSpec){.name = "rows"});
    self->sessions = state_multimap(ctx->state, ctx->name, &(MultiSpec){.name = "sessions"});
    self->timers = state_multimap(ctx->state, ctx->name, &(MultiSpec){.name = "timers"});
    self->watermark = state_value(ctx->state, ctx->name, "watermark", sizeof(int64_t));
    self->next_id = state_value(ctx->state, ctx->name, "ids", sizeof(uint64_t));
    self->arrivals = state_value(ctx->state, ctx->name, "rows-arrived", sizeof(uint64_t));
    *self->watermark = WATERMARK_NONE;
    return ST_OK;
}

/* ---- sessions of a key ---- */

static uint64_t session_order(int64_t value) {
    return __builtin_bswap64((uint64_t)value ^ UINT64_C(1) << 63);
}
static int64_t session_value(const char *bytes) {
    uint64_t big;
    memcpy(&big, bytes, sizeof big);
    return (int64_t)(__builtin_bswap64(big) ^ UINT64_C(1) << 63);
}

static Span session_pair(int64_t first, uint64_t id, uint64_t out[2]) {
    out[0] = session_order(first);
    out[1] = __builtin_bswap64(id);
    return (Span){(const char *)out, 16};
}

static bool session_at(const MultiGroup *group, uint64_t index, Session *out) {
    MultiRow row;
    uint64_t id;
    if (!multi_at(group, index, &row)) return false;
    memcpy(&id, row.sort.ptr + 8, sizeof id);
    *out = (Session){.start = session_value(row.sort.ptr), .id = __builtin_bswap64(id)};
    memcpy(&out->end, row.value.ptr, sizeof out->end);
    return true;
}

/* The group of the table without keys, and of a session's id. */
static MultiGroup *session_group(MultiMap *map, uint64_t id, bool add) {
    uint32_t starts[2] = {0, sizeof id};
    uint64_t hash = hash_u64(id, 0);
    RowKeys key = {.n = 1, .starts = starts, .bytes = (const char *)&id, .hashes = &hash};
    MultiGroup *group;
    if (add)
        multi_upsert(map, &key, &group);
    else
        multi_find(map, &key, &group);
    return group;
}

static char *session_state(SessionOp *self, uint64_t id, bool add) {
    uint32_t starts[2] = {0, sizeof id};
    uint64_t hash = hash_u64(id, 0);
    RowKeys key = {.n = 1, .starts = starts, .bytes = (const char *)&id, .hashes = &hash};
    char *entry;
    if (add)
        map_upsert(self->states, &key, NULL, &entry, NULL);
    else
        map_find(self->states, &key, NULL, &entry);
    return entry;
}

/* Adds (weight 1) or removes (-1) a session and its timer. */
static void session_put(SessionOp *self, MultiGroup *group, Span key, const Session *s,
                        int64_t weight) {
    MultiGroup *timers = session_group(self->timers, 0, true);
    uint64_t sort[2];
    multi_add(self->sessions, group, session_pair(s->start, s->id, sort),
              (Span){(const char *)&s->end, sizeof s->end}, weight, false, NULL);
    buf_reset(&self->buf);
    buf_put(&self->buf, &s->start, sizeof s->start);
    buf_span(&self->buf, key);
    multi_add(self->timers, timers, session_pair(s->end, s->id, sort), buf_as_span(&self->buf),
              weight, false, NULL);
}

static void session_note_merge(SessionRows *rows, Arena *scratch, uint64_t from, uint64_t into) {
    if (rows->n_merged == rows->cap_merged) {
        uint32_t cap = rows->cap_merged ? 2 * rows->cap_merged : 16;
        uint64_t *merged = arena_alloc(scratch, sizeof *merged * cap);
        uint64_t *targets = arena_alloc(scratch, sizeof *targets * cap);
        if (rows->n_merged) {
            memcpy(merged, rows->merged, sizeof *merged * rows->n_merged);
            memcpy(targets, rows->into, sizeof *targets * rows->n_merged);
        }
        rows->merged = merged;
        rows->into = targets;
        rows->cap_merged = cap;
    }
    rows->merged[rows->n_merged] = from;
    rows->into[rows->n_merged++] = into;
}

/* What session `from` has goes over to session `into`. */
static Status session_move(SessionOp *self, OpCtx *ctx, uint64_t from, uint64_t into, Err *err) {
    if (self->keeps_rows) {
        MultiGroup *old = session_group(self->rows, from, false), *new;
        MultiRow row;
        if (!old) return ST_OK;
        new = session_group(self->rows, into, true);
        for (uint64_t i = 0; multi_at(old, i, &row); i++)
            multi_add(self->rows, new, row.sort, row.value, row.count, false, NULL);
        multi_remove(self->rows, old);
        return ST_OK;
    }
    char *old = session_state(self, from, false), *new;
    if (!old) return ST_OK;
    new = session_state(self, into, true);
    *(int64_t *)(void *)new += *(const int64_t *)(const void *)old;
    TRY(aggset_merge(&self->set, ctx, new, old, err));
    map_remove(self->states, old);
    return ST_OK;
}

/* The session that a row at a time belongs to, made or joined as needed; false when it is late. */
static Status session_assign(SessionOp *self, OpCtx *ctx, MultiGroup *group, Span key, int64_t time,
                             int64_t behind, SessionRows *rows, bool *is_late, Err *err) {
    Session whole = {time, op_time_add(time, self->spec->size), UINT64_MAX}, s;
    const Session own = whole;
    uint32_t n_joined = 0;
    for (uint64_t i = 0; session_at(group, i, &s) && s.start <= own.end; i++) {
        if (s.end < own.start || windows_fire_time(&self->windows, s.end) <= behind) continue;
        if (s.start <= own.start && s.end >= own.end) { /* inside: nothing changes */
            rows->ids[rows->n] = s.id;
            *is_late = false;
            return ST_OK;
        }
        if (s.start < whole.start) whole.start = s.start;
        if (s.end > whole.end) whole.end = s.end;
        if (s.id < whole.id) whole.id = s.id;
        n_joined++;
    }
    *is_late = windows_fire_time(&self->windows, whole.end) <= behind;
    if (*is_late) return ST_OK;
    for (uint64_t i = 0; n_joined && session_at(group, i, &s);) {
        if (s.start > own.end || s.end < own.start ||
            windows_fire_time(&self->windows, s.end) <= behind) {
            i++;
            continue;
        }
        session_put(self, group, key, &s, -1);
        n_joined--;
        if (s.id == whole.id) continue;
        TRY(session_move(self, ctx, s.id, whole.id, err));
        session_note_merge(rows, ctx->scratch, s.id, whole.id);
    }
    if (whole.id == UINT64_MAX) whole.id = ++*self->next_id;
    session_put(self, group, key, &whole, 1);
    rows->ids[rows->n] = whole.id;
    return ST_OK;
}

/* ---- rows ---- */

static int64_t session_now(const SessionOp *self, const OpCtx *ctx) {
    int64_t now = ctx->env->now_us;
    return now > *self->watermark ? now : *self->watermark;
}

static Status session_find(SessionOp *self, OpCtx *ctx, const Batch *in, const RowKeys *keys,
                           SessionRows *rows, Err *err) {
    const Column *time = &in->cols[self->spec->time_col];
    MultiGroup **groups = arena_alloc(ctx->scratch, sizeof *groups * in->n_rows);
    multi_upsert(self->sessions, keys, groups);
    for (uint32_t i = 0; i < in->n_rows; i++) {
        uint32_t row = batch_row(in, i);
        int64_t at = session_now(self, ctx), behind = *self->watermark;
        bool is_late = false;
        if (!self->spec->is_proctime) {
            if (col_is_null(time, row))
                FAIL(err, ST_INVALID, "22004", self->op.node->pos,
                     "RowTime field should not be null, please convert it to a non-null long "
                     "value");
            at = time->i64[col_at(time, row)];
            if (in->row_wm && in->row_wm[row] > behind) behind = in->row_wm[row];
        }
        TRY(session_assign(self, ctx, groups[i], rowkey_get(keys, i),
                           windows_local(&self->windows, at), behind, rows, &is_late, err));
        rows->rows[rows->n] = i;
        rows->n += !is_late;
        ctx->n_late += is_late;
    }
    for (uint32_t m = 0; m < rows->n_merged; m++) /* in order: chains resolve by themselves */
        for (uint32_t i = 0; i < rows->n; i++)
            if (rows->ids[i] == rows->merged[m]) rows->ids[i] = rows->into[m];
    return ST_OK;
}

static Status session_add(SessionOp *self, OpCtx *ctx, const AggRows *all, const SessionRows *to,
                          Err *err) {
    char **entries = arena_alloc(ctx->scratch, sizeof *entries * (to->n + 1));
    AggRows rows = aggrows_gather(ctx->scratch, &self->set, all, to->rows, to->n);
    for (uint32_t i = 0; i < to->n; i++) {
        entries[i] = session_state(self, to->ids[i], true);
        *(int64_t *)(void *)entries[i] += rows.weights ? rows.weights[i] : 1;
    }
    return aggset_add(&self->set, ctx, &rows, entries, NULL, (const int64_t *)to->ids, err);
}

/* Keeps the rows: of the batch, or the columns that the calls need. A retraction takes away the
 * oldest equal row. */
static void session_keep(SessionOp *self, const Column *cols, uint32_t n_cols, const uint32_t *phys,
                         const int32_t *weights, const SessionRows *to) {
    for (uint32_t i = 0; i < to->n; i++) {
        MultiGroup *group = session_group(self->rows, to->ids[i], true);
        uint64_t number = __builtin_bswap64(++*self->arrivals);
        int32_t weight = weights ? weights[to->rows[i]] : 1;
        MultiRow row;
        buf_reset(&self->buf);
        rowcodec_encode(cols, n_cols, phys ? phys[to->rows[i]] : to->rows[i], &self->buf);
        if (weight > 0)
            multi_add(self->rows, group, (Span){(const char *)&number, sizeof number},
                      buf_as_span(&self->buf), weight, false, NULL);
        for (uint64_t at = 0; weight < 0 && multi_at(group, at, &row); at++) {
            if (!span_eq(row.value, buf_as_span(&self->buf))) continue;
            memcpy(&number, row.sort.ptr, sizeof number);
            multi_add(self->rows, group, (Span){(const char *)&number, sizeof number},
                      (Span){NULL, 0}, weight, false, NULL);
            break;
        }
    }
}

static Status session_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *in, Out *out, Err *err) {
    SessionOp *self = (SessionOp *)op;
    SessionRows to = {.rows = arena_alloc(ctx->scratch, sizeof *to.rows * in->n_rows),
                      .ids = arena_alloc(ctx->scratch, sizeof *to.ids * in->n_rows)};
    AggRows rows = {0};
    RowKeys keys;
    (void)port, (void)out;
    if (self->is_agg) {
        TRY(aggset_eval(&self->set, ctx, in, &rows, err));
        rowkey_encode(ctx->scratch, rows.cols, self->set.n_keys, NULL, in->n_rows, &keys);
    } else {
        const WindowSpec *spec = self->spec;
        rowkey_encode(ctx->scratch,
                      op_row_cols(ctx->scratch, in, spec->partition, spec->n_partition),
                      spec->n_partition, NULL, in->n_rows, &keys);
    }
    TRY(session_find(self, ctx, in, &keys, &to, err));
    if (!to.n) return ST_OK;
    if (!self->keeps_rows) return session_add(self, ctx, &rows, &to, err);
    if (self->is_agg)
        session_keep(self, rows.cols, self->set.n_cols, NULL, rows.weights, &to);
    else
        session_keep(self, in->cols, in->n_cols, in->sel, op_weights(ctx->scratch, in), &to);
    return mem_check(ctx->mem, err);
}

/* ---- results ---- */

/* The kept rows of a session become its states. */
static Status session_build(SessionOp *self, OpCtx *ctx, uint64_t id, char **entry, Err *err) {
    MultiGroup *group = session_group(self->rows, id, false);
    uint32_t n = group ? (uint32_t)multi_rows(group) : 0, n_cols = self->set.n_cols;
    ColBuilder *builders = arena_array(ctx->scratch, ColBuilder, n_cols);
    Column *cols = arena_array(ctx->scratch, Column, n_cols);
    int32_t *weights = arena_alloc(ctx->scratch, sizeof *weights * (n + 1));
    char **entries = arena_alloc(ctx->scratch, sizeof *entries * (n + 1));
    int64_t *ids = arena_alloc(ctx->scratch, sizeof *ids * (n + 1));
    AggRows rows = {.cols = cols, .weights = weights, .n = n};
    RowKeys keys;
    Column id_col = {.type = &type_bigint, .n_rows = n, .i64 = ids};
    *entry = session_state(self, id, true);
    for (uint32_t c = 0; c < n_cols; c++)
        colb_init(&builders[c], ctx->scratch, aggset_col_type(&self->set, c), n + 1);
    for (uint32_t i = 0; i < n; i++) {
        MultiRow row;
        multi_at(group, i, &row);
        TRY(rowcodec_decode(row.value, builders, n_cols, true, err));
        weights[i] = (int32_t)row.count;
        entries[i] = *entry;
        ids[i] = (int64_t)id;
        *(int64_t *)(void *)*entry += row.count;
    }
    for (uint32_t c = 0; c < n_cols; c++) colb_finish(&builders[c], &cols[c]);
    rowkey_encode(ctx->scratch, &id_col, 1, NULL, n, &keys);
    return n ? aggset_add(&self->set, ctx, &rows, entries, &keys, ids, err) : ST_OK;
}

static void session_forget(SessionOp *self, uint64_t id, char *entry) {
    MultiGroup *group = self->keeps_rows ? session_group(self->rows, id, false) : NULL;
    if (group) multi_remove(self->rows, group);
    if (entry) map_remove(self->states, entry);
    for (uint32_t i = 0; i < self->set.n_distincts; i++)
        map_slice_drop(self->set.distincts[i].map, (int64_t)id);
}

static void session_window_cols(const SessionOp *self, const OpCtx *ctx, const Session *s,
                                const char *what, ColBuilder *cols) {
    for (; *what; what++, cols++)
        colb_i64(cols, *what == 's'   ? s->start
                       : *what == 'e' ? s->end
                       : *what == 't' ? windows_time_of(&self->windows, s->end)
                                      : ctx->env->now_us);
}

/* One result row: keys, results, window columns. */
static Status session_send_agg(SessionOp *self, OpCtx *ctx, const Session *s, Span key,
                               RowSender *to, Err *err) {
    const Node *node = self->op.node;
    ColBuilder *cols = to->rows.cols;
    int64_t id = (int64_t)s->id;
    Column id_col = {.type = &type_bigint, .n_rows = 1, .i64 = &id};
    char *entry = session_state(self, s->id, false);
    RowKeys keys;
    if (self->keeps_rows) TRY(session_build(self, ctx, s->id, &entry, err));
    if (entry && *(const int64_t *)(const void *)entry > 0) {
        rowkey_encode(ctx->scratch, &id_col, 1, NULL, 1, &keys);
        TRY(rowkey_decode(key, cols, node->agg.n_keys, NULL, err));
        TRY(aggset_results(&self->set, ctx, &entry, 1, &keys, cols + node->agg.n_keys, err));
        session_window_cols(self, ctx, s, node->agg.window_cols ? node->agg.window_cols : "",
                            cols + node->agg.n_keys + node->agg.n_calls);
        aggset_forget(&self->set, &keys, ctx->scratch);
        session_forget(self, s->id, entry);
        return sender_end(to, 1, false);
    }
    session_forget(self, s->id, entry);
    return ST_OK;
}

static Status session_send_rows(SessionOp *self, OpCtx *ctx, const Session *s, RowSender *to) {
    MultiGroup *group = session_group(self->rows, s->id, false);
    MultiRow row;
    for (uint64_t i = 0; group && multi_at(group, i, &row); i++) {
        TRY(sender_row(to, row.value));
        session_window_cols(self, ctx, s, "set", to->rows.cols + to->n_stored);
        TRY(sender_end(to, row.count, false));
    }
    TRY(sender_flush(to)); /* its strings lie in the state */
    session_forget(self, s->id, NULL);
    return ST_OK;
}

/* Takes the session out of the table of its key. */
static void session_close(SessionOp *self, const Session *s, Span key) {
    uint32_t starts[2] = {0, (uint32_t)key.len};
    uint64_t hash = rowkey_hash(key);
    RowKeys keys = {.n = 1, .starts = starts, .bytes = key.ptr, .hashes = &hash};
    MultiGroup *group;
    multi_find(self->sessions, &keys, &group);
    assert(group);
    session_put(self, group, key, s, -1);
    if (!multi_rows(group)) multi_remove(self->sessions, group);
}

static Status session_flush(Op *op, OpCtx *ctx, Out *out, Err *err) {
    SessionOp *self = (SessionOp *)op;
    int64_t watermark = self->spec->is_proctime ? session_now(self, ctx) : ctx->watermark;
    MultiGroup *timers = session_group(self->timers, 0, true);
    RowSender to;
    MultiRow timer;
    ctx->wake_us = INT64_MAX;
    sender_init(&to, ctx, &op->node->schema, op->node->inputs[0]->schema.n_fields, out, err);
    while (multi_at(timers, 0, &timer)) {
        Session s = {.end = session_value(timer.sort.ptr)};
        int64_t at = windows_fire_time(&self->windows, s.end);
        char *copy;
        Span key;
        if (at > watermark) {
            if (self->spec->is_proctime) ctx->wake_us = at;
            break;
        }
        memcpy(&s.id, timer.sort.ptr + 8, sizeof s.id);
        s.id = __builtin_bswap64(s.id);
        memcpy(&s.start, timer.value.ptr, sizeof s.start);
        key = (Span){timer.value.ptr + sizeof s.start, timer.value.len - sizeof s.start};
        copy = arena_strndup(ctx->scratch, key.ptr, key.len);
        key.ptr = copy;
        session_close(self, &s, key);
        TRY(self->is_agg ? session_send_agg(self, ctx, &s, key, &to, err)
                         : session_send_rows(self, ctx, &s, &to));
    }
    TRY(sender_flush(&to));
    if (self->is_agg) aggset_sweep(&self->set);
    if (watermark > *self->watermark) *self->watermark = watermark;
    if (ctx->watermark != WATERMARK_MAX && ctx->watermark != WATERMARK_NONE)
        ctx->out_watermark = windows_floor(ctx->watermark, 1000, 0);
    return mem_check(ctx->mem, err);
}

static void session_explain(const Op *op, Buf *out) {
    const SessionOp *self = (const SessionOp *)op;
    windows_explain(self->spec, out);
    if (!self->is_agg) return;
    buf_puts(out, ", ");
    aggset_explain(op->node, out);
}

static void session_close_op(Op *op) {
    aggset_close(&((SessionOp *)op)->set);
    buf_deinit(&((SessionOp *)op)->buf);
}

const OpType op_session = {
    .name = "session",
    .size = sizeof(SessionOp),
    .traits = OP_KEYED,
    .fits = session_fits,
    .open = session_open,
    .push = session_push,
    .flush = session_flush,
    .explain = session_explain,
    .close = session_close_op,
};
