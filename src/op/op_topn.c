/* op_topn.c -- the first rows of each partition in an order: ROW_NUMBER, RANK and DENSE_RANK with a
 * bound, and ORDER BY with LIMIT over streams.
 *
 * A partition's rows are kept in order; rows that tie are ordered by arrival. Input that never
 * retracts keeps no row behind the bound. Without a rank column a row's change moves at most one
 * row in and one out, so changes are noted one by one and the net of the step is sent. With a rank
 * column every row behind the change moves: the partition's window is copied when a step first
 * touches it, and compared, rank by rank, at the end of the step.
 *
 * Where the partition names a window, nothing changes after the window is over and nothing is sent
 * before: then its rows come in the order of their ranks, and the partition is forgotten.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/netchange.h"
#include "op/ttl.h"
#include "op/windows.h"

typedef struct Topn {
    Op op;
    MultiMap *rows; /* partition -> (order, arrival) -> row */
    uint32_t *order_cols;
    KeyOrder *orders;
    int64_t from, to;   /* ranks above from, up to to */
    bool is_append;     /* input never retracts */
    bool by_window;     /* ranks come out: compare windows */
    bool is_single;     /* one row of each partition */
    bool is_update;     /* what came last was an update by itself */
    bool shows_updates; /* a new first row is an update of the one before */
    uint64_t *arrivals;
    Net net;    /* !by_window */
    Arena step; /* windows before the step */
    MultiGroup **touched;
    uint32_t n_touched, cap_touched;
    Buf row, sort;
    Mem *mem;
    Ttl ttl;
    const OpCtx *ctx;
    bool in_window, last_of_ties;
    uint32_t end_col;
    Windows windows;
    MultiMap *timers;   /* (window end, number) -> partition; one group */
    int64_t *watermark; /* up to which windows have been sent */
} Topn;

typedef struct TopnWindow {
    Span *rows;
    int64_t *ranks;
    uint32_t n;
} TopnWindow;

/* Kept with each partition. */
typedef struct TopnGroup {
    bool is_touched;
    int64_t written_us;
    TopnWindow before; /* by_window: valid during the step */
} TopnGroup;

static bool topn_fits(const Node *node) {
    return node->kind == NODE_TOPN;
}

static void topn_open_window(Topn *self, const Node *node, OpCtx *ctx) {
    const NodeWindow *window = node->inputs[0]->in_window;
    const SortKey *order = node->topn.order;
    self->in_window = node_topn_in_window(node);
    if (!self->in_window) return;
    /* The last row of a window by time: of equal times the last to arrive, as in deduplication. */
    self->last_of_ties = node->topn.limit == 1 && node->topn.n_order == 1 &&
                         order[0].order.is_desc &&
                         type_is_datetime(node->inputs[0]->schema.fields[order[0].col].type);
    self->end_col = (uint32_t)window->end_col;
    self->windows = (Windows){.kind = WINDOW_TUMBLE, .size = 1, .slide = 1, .slice = 1};
    if (window->spec.is_local) self->windows.zone = ctx->env->zone;
    self->timers = state_multimap(ctx->state, ctx->name, &(MultiSpec){.name = "timers"});
    self->watermark = state_value(ctx->state, ctx->name, "watermark", sizeof(int64_t));
    *self->watermark = WATERMARK_NONE;
}

static Status topn_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    Topn *self = (Topn *)op;
    MultiSpec spec = {.name = "rows", .extra_size = sizeof(TopnGroup)};
    (void)err;
    self->mem = ctx->mem;
    self->is_append = op_only_inserts(node->inputs[0], ctx);
    self->by_window = node->topn.with_rank || node->topn.is_rank;
    ctx->takes_updates = node_topn_updates(node);
    /* As Flink shows it: what changes its rank is updated; without ranks one row is deleted and
     * another inserted. The only row of a partition is an update, unless rows may get worse. */
    self->is_single = node->topn.offset == 0 && node->topn.limit == 1;
    self->shows_updates = self->is_single ? self->is_append || ctx->takes_updates : self->by_window;
    self->from = node->topn.offset;
    self->to = node->topn.limit < 0 ? INT64_MAX : op_time_add(node->topn.offset, node->topn.limit);
    self->order_cols = arena_array(ctx->arena, uint32_t, node->topn.n_order);
    self->orders = arena_array(ctx->arena, KeyOrder, node->topn.n_order);
    for (uint32_t i = 0; i < node->topn.n_order; i++) {
        self->order_cols[i] = node->topn.order[i].col;
        self->orders[i] = node->topn.order[i].order;
    }
    self->rows = state_multimap(ctx->state, ctx->name, &spec);
    self->arrivals = state_value(ctx->state, ctx->name, "arrivals", sizeof *self->arrivals);
    net_init(&self->net, ctx->mem);
    arena_init(&self->step, ctx->mem);
    buf_init(&self->row, ctx->mem);
    buf_init(&self->sort, ctx->mem);
    topn_open_window(self, node, ctx);
    self->ctx = ctx;
    ttl_open(&self->ttl, ctx, "ttl", self->in_window ? 0 : node->ttl_us);
    return ST_OK;
}

/* ---- windows ---- */

static bool topn_same_order(Span a, Span b) {
    return a.len == b.len && memcmp(a.ptr, b.ptr, a.len - 8) == 0; /* but for the arrival */
}

/* The rows of the partition that are in the result now. copy: into the step's arena. */
static TopnWindow topn_window(const Topn *self, const MultiGroup *group, Arena *arena, bool copy) {
    const Node *node = self->op.node;
    uint64_t n = multi_rows(group), i = node->topn.is_rank ? 0 : (uint64_t)self->from;
    int64_t rank = (int64_t)i;
    uint64_t cap = n - (i < n ? i : n), most = (uint64_t)(self->to - self->from);
    TopnWindow window = {0};
    MultiRow row, last = {0};
    if (!node->topn.is_rank && cap > most) cap = most;
    window.rows = arena_alloc(arena, sizeof *window.rows * (cap + 1));
    window.ranks = arena_alloc(arena, sizeof *window.ranks * (cap + 1));
    for (; multi_at(group, i, &row); i++) {
        if (!node->topn.is_rank || i == 0 || !topn_same_order(row.sort, last.sort))
            rank = node->topn.is_dense ? rank + 1 : (int64_t)i + 1;
        last = row;
        if (rank > self->to) break;
        if (rank <= self->from) continue;
        window.rows[window.n] = row.value;
        if (copy) window.rows[window.n].ptr = arena_strndup(arena, row.value.ptr, row.value.len);
        window.ranks[window.n++] = node->topn.with_rank ? rank : 0; /* unseen ranks are all one */
    }
    return window;
}

/* The step's first change of a partition. */
static void topn_touch(Topn *self, MultiGroup *group) {
    TopnGroup *extra = multi_extra(group);
    if (extra->is_touched) return;
    extra->is_touched = true;
    if (self->by_window) extra->before = topn_window(self, group, &self->step, true);
    if (self->n_touched == self->cap_touched) {
        uint32_t cap = self->cap_touched ? 2 * self->cap_touched : 64;
        self->touched =
            mem_realloc(self->mem, self->touched, sizeof *self->touched * self->cap_touched,
                        sizeof *self->touched * cap);
        self->cap_touched = cap;
    }
    self->touched[self->n_touched++] = group;
}

/* The timers of windows, and a partition by its key. */
static MultiGroup *topn_group(MultiMap *map, Span key, bool add) {
    uint32_t starts[2] = {0, (uint32_t)key.len};
    uint64_t hash = rowkey_hash(key);
    RowKeys keys = {.n = 1, .starts = starts, .bytes = key.ptr, .hashes = &hash};
    MultiGroup *group;
    if (add)
        multi_upsert(map, &keys, &group);
    else
        multi_find(map, &keys, &group);
    return group;
}

/* ---- changes ---- */

static void topn_note(Topn *self, const MultiGroup *group, uint64_t hash, uint64_t index,
                      int64_t weight) {
    MultiRow row;
    if (self->by_window || !multi_at(group, index, &row)) return;
    net_add_one(&self->net, multi_key(self->rows, group), hash, row.value, weight);
}

/* Is the place `index` behind every rank that can come out? */
static bool topn_is_behind(const Topn *self, const MultiGroup *group, uint64_t index, Span sort) {
    MultiRow row;
    if ((int64_t)index < self->to) return false;
    if (!self->op.node->topn.is_rank) return true;
    if (self->op.node->topn.is_dense) return false; /* counted only when the window is made */
    return !(multi_at(group, (uint64_t)self->to - 1, &row) && topn_same_order(row.sort, sort));
}

/* Append-only input: rows behind the bound are of no use any more. */
static void topn_prune(Topn *self, MultiGroup *group) {
    uint64_t n = multi_rows(group), keep = (uint64_t)self->to;
    MultiRow row, last;
    if (!self->is_append || n <= keep) return;
    if (self->op.node->topn.is_dense) {
        int64_t rank = 0;
        for (keep = 0; multi_at(group, keep, &row); keep++) {
            rank += keep == 0 || !topn_same_order(row.sort, last.sort);
            last = row;
            if (rank > self->to) break;
        }
    } else if (self->op.node->topn.is_rank && keep > 0) {
        multi_at(group, keep - 1, &last);
        while (multi_at(group, keep, &row) && topn_same_order(row.sort, last.sort)) keep++;
    }
    multi_erase(self->rows, group, keep, n);
}

/* A row that is not among the first of an append-only input leaves the state as it is. */
static void topn_written(Topn *self, MultiGroup *group) {
    TopnGroup *extra = multi_extra(group);
    ttl_write(&self->ttl, self->ctx, &extra->written_us, !extra->written_us,
              multi_key(self->rows, group));
}

static void topn_insert(Topn *self, MultiGroup *group, uint64_t hash, Span order, Span row) {
    uint64_t arrival = ++*self->arrivals, at, n = multi_rows(group);
    uint64_t number = __builtin_bswap64(self->last_of_ties ? ~arrival : arrival);
    uint64_t from = (uint64_t)self->from, to = (uint64_t)self->to;
    Span sort;
    buf_reset(&self->sort);
    buf_span(&self->sort, order);
    buf_put(&self->sort, &number, sizeof number);
    sort = buf_as_span(&self->sort);
    at = multi_lower_bound(group, sort);
    if (topn_is_behind(self, group, at, sort)) {
        if (self->is_append) return;
        topn_written(self, group);
        multi_add(self->rows, group, sort, row, 1, false, NULL);
        return;
    }
    if (!self->in_window) topn_touch(self, group);
    topn_written(self, group);
    multi_add(self->rows, group, sort, row, 1, false, NULL);
    if (self->in_window) {
        topn_prune(self, group);
        return;
    }
    topn_note(self, group, hash, at > from ? at : from, 1);
    if (n + 1 > to) topn_note(self, group, hash, to, -1);
    topn_prune(self, group);
}

/* The index of the oldest row with these bytes; false when there is none. */
static bool topn_find(const MultiGroup *group, Span order, Span row, uint64_t *index) {
    MultiRow now;
    *index = multi_lower_bound(group, order);
    for (; multi_at(group, *index, &now); ++*index) {
        if (now.sort.len != order.len + 8 || memcmp(now.sort.ptr, order.ptr, order.len) != 0)
            return false;
        if (span_eq(now.value, row)) return true;
    }
    return false;
}

static void topn_delete(Topn *self, MultiGroup *group, uint64_t hash, Span order, Span row) {
    uint64_t from = (uint64_t)self->from, to = (uint64_t)self->to, at;
    if (!topn_find(group, order, row, &at)) {
        if (!multi_rows(group)) topn_touch(self, group); /* to be forgotten */
        return;
    }
    if (at < to || self->op.node->topn.is_rank) topn_touch(self, group);
    if (at < to) topn_note(self, group, hash, at > from ? at : from, -1);
    self->is_update = at < to;
    topn_written(self, group);
    multi_erase(self->rows, group, at, at + 1);
    if (at < to) topn_note(self, group, hash, to - 1, 1);
}

/* The row's window: false when it is over. The first row of a partition sets its timer. */
static bool topn_enter_window(Topn *self, OpCtx *ctx, const Batch *in, uint32_t row,
                              const MultiGroup *group) {
    const Column *col = &in->cols[self->end_col];
    int64_t end = col->i64[col_at(col, row)], at = windows_fire_time(&self->windows, end);
    uint64_t sort[2] = {__builtin_bswap64((uint64_t)end ^ UINT64_C(1) << 63), 0};
    if (at <= *self->watermark || (in->row_wm && at <= in->row_wm[row])) {
        ctx->n_late++;
        return false;
    }
    if (multi_rows(group)) return true;
    sort[1] = __builtin_bswap64(++*self->arrivals);
    multi_add(self->timers, topn_group(self->timers, (Span){"", 0}, true),
              (Span){(const char *)sort, sizeof sort}, multi_key(self->rows, group), 1, false,
              NULL);
    return true;
}

/* Late rows made partitions that nothing else needs. The list may repeat groups. */
static void topn_tidy(Topn *self, MultiGroup **groups, uint32_t n) {
    uint32_t n_gone = 0;
    for (uint32_t i = 0; i < n; i++) {
        TopnGroup *extra = multi_extra(groups[i]);
        if (multi_rows(groups[i]) || extra->is_touched) continue;
        extra->is_touched = true;
        groups[n_gone++] = groups[i];
    }
    for (uint32_t i = 0; i < n_gone; i++) multi_remove(self->rows, groups[i]);
}

/* Forgets the partitions that no row came to for too long. */
static void topn_expire(Topn *self, OpCtx *ctx) {
    Span key;
    while (ttl_next(&self->ttl, ctx, &key)) {
        MultiGroup *group = topn_group(self->rows, key, false);
        TopnGroup *extra = group ? multi_extra(group) : NULL;
        if (extra && ttl_is_over(&self->ttl, ctx, extra->written_us, key))
            multi_remove(self->rows, group);
    }
}

static Status topn_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *in, Out *out, Err *err) {
    Topn *self = (Topn *)op;
    const Node *node = op->node;
    MultiGroup **groups = arena_alloc(ctx->scratch, sizeof *groups * in->n_rows);
    uint64_t n_late = ctx->n_late;
    RowKeys keys, orders;
    (void)port, (void)out;
    if (self->to <= self->from) return ST_OK;
    self->is_update = false;
    rowkey_encode(ctx->scratch,
                  op_row_cols(ctx->scratch, in, node->topn.partition, node->topn.n_partition),
                  node->topn.n_partition, NULL, in->n_rows, &keys);
    rowkey_encode(ctx->scratch, op_row_cols(ctx->scratch, in, self->order_cols, node->topn.n_order),
                  node->topn.n_order, self->orders, in->n_rows, &orders);
    topn_expire(self, ctx);
    multi_upsert(self->rows, &keys, groups);
    for (uint32_t i = 0; i < in->n_rows; i++) {
        uint32_t row = batch_row(in, i);
        int32_t weight = batch_weight(in, row);
        Span order = rowkey_get(&orders, i);
        MultiRow last;
        if (self->in_window && !topn_enter_window(self, ctx, in, row, groups[i])) continue;
        if (weight > 0 && self->is_append && !node->topn.is_rank &&
            multi_rows(groups[i]) >= (uint64_t)self->to) {
            /* Most rows of a long stream end here: they are not among the first. */
            multi_at(groups[i], (uint64_t)self->to - 1, &last);
            int order_now = memcmp(order.ptr, last.sort.ptr, order.len);
            if (order_now > 0 || (order_now == 0 && !self->last_of_ties)) continue;
        }
        buf_reset(&self->row);
        rowcodec_encode(in->cols, in->n_cols, row, &self->row);
        for (; weight > 0; weight--)
            topn_insert(self, groups[i], keys.hashes[i], order, buf_as_span(&self->row));
        for (; weight < 0; weight++)
            topn_delete(self, groups[i], keys.hashes[i], order, buf_as_span(&self->row));
    }
    /* An update that comes by itself and is among the first stays one. */
    self->is_update = self->is_update && ctx->is_each && ctx->takes_updates && in->n_rows == 2;
    if (self->in_window && ctx->n_late > n_late) topn_tidy(self, groups, in->n_rows);
    return mem_check(ctx->mem, err);
}

/* ---- results ---- */

static Status topn_send(Topn *self, RowSender *to, Span row, int64_t rank, int64_t weight,
                        bool is_update) {
    TRY(sender_row(to, row));
    if (self->op.node->topn.with_rank) colb_i64(&to->rows.cols[to->n_stored], rank);
    return sender_end(to, weight, is_update);
}

static Status topn_send_changes(Topn *self, RowSender *to) {
    for (uint32_t k = 0; k < self->net.n_keys; k++) {
        const NetKey *key = &self->net.keys[k];
        bool has_minus = false, has_plus = false, is_update;
        for (const NetRow *row = key->first; row; row = row->next) {
            has_minus = has_minus || row->weight < 0;
            has_plus = has_plus || row->weight > 0;
        }
        is_update = has_minus && has_plus && (self->shows_updates || self->is_update);
        for (const NetRow *row = key->first; row; row = row->next)
            if (row->weight < 0)
                TRY(topn_send(self, to, (Span){row->bytes, row->len}, 0, row->weight, is_update));
        for (const NetRow *row = key->first; row; row = row->next)
            if (row->weight > 0)
                TRY(topn_send(self, to, (Span){row->bytes, row->len}, 0, row->weight, is_update));
    }
    return ST_OK;
}

/* ROW_NUMBER: what stood at each rank, and what stands there now. */
static Status topn_send_ranks(Topn *self, RowSender *to, const TopnWindow *old,
                              const TopnWindow *new) {
    for (uint32_t i = 0; i < old->n || i < new->n; i++) {
        int64_t rank = self->from + i + 1;
        if (i < old->n && i < new->n &&span_eq(old->rows[i], new->rows[i])) continue;
        bool is_update = self->shows_updates && i < old->n && i < new->n;
        if (i < old->n) TRY(topn_send(self, to, old->rows[i], rank, -1, is_update));
        if (i < new->n) TRY(topn_send(self, to, new->rows[i], rank, 1, is_update));
    }
    return ST_OK;
}

/* RANK and DENSE_RANK: a rank may have many rows; those that stay with their rank are not sent. */
static Status topn_send_ties(Topn *self, RowSender *to, const TopnWindow *old,
                             const TopnWindow *new) {
    uint8_t *stays = arena_zalloc(&self->step, old->n + new->n + 1);
    for (uint32_t i = 0, j = 0; i < old->n && j < new->n;) {
        uint32_t i_end = i, j_end = j;
        if (old->ranks[i] != new->ranks[j]) {
            old->ranks[i] < new->ranks[j] ? i++ : j++;
            continue;
        }
        while (i_end < old->n && old->ranks[i_end] == old->ranks[i]) i_end++;
        while (j_end < new->n &&new->ranks[j_end] == new->ranks[j]) j_end++;
        for (uint32_t a = i; a < i_end; a++)
            for (uint32_t b = j; b < j_end && !stays[a]; b++)
                if (!stays[old->n + b] && span_eq(old->rows[a], new->rows[b]))
                    stays[a] = stays[old->n + b] = 1;
        i = i_end;
        j = j_end;
    }
    for (uint32_t i = 0; i < old->n; i++)
        if (!stays[i]) TRY(topn_send(self, to, old->rows[i], old->ranks[i], -1, false));
    for (uint32_t j = 0; j < new->n; j++)
        if (!stays[old->n + j]) TRY(topn_send(self, to, new->rows[j], new->ranks[j], 1, false));
    return ST_OK;
}

static Status topn_flush_windows(Topn *self, OpCtx *ctx, RowSender *to) {
    MultiGroup *timers = topn_group(self->timers, (Span){"", 0}, true), *group;
    MultiRow timer;
    while (multi_at(timers, 0, &timer)) {
        TopnWindow window;
        uint64_t end;
        memcpy(&end, timer.sort.ptr, sizeof end);
        end = __builtin_bswap64(end) ^ UINT64_C(1) << 63;
        if (windows_fire_time(&self->windows, (int64_t)end) > ctx->watermark) break;
        group = topn_group(self->rows, timer.value, false);
        assert(group);
        window = topn_window(self, group, &self->step, false);
        for (uint32_t i = 0; i < window.n; i++)
            TRY(topn_send(self, to, window.rows[i], window.ranks[i], 1, false));
        TRY(sender_flush(to)); /* its strings lie in the group */
        multi_remove(self->rows, group);
        multi_erase(self->timers, timers, 0, 1);
        arena_reset(&self->step);
    }
    if (ctx->watermark > *self->watermark) *self->watermark = ctx->watermark;
    if (ctx->watermark != WATERMARK_MAX && ctx->watermark != WATERMARK_NONE)
        ctx->out_watermark = windows_floor(ctx->watermark, 1000, 0);
    return ST_OK;
}

static Status topn_flush(Op *op, OpCtx *ctx, Out *out, Err *err) {
    Topn *self = (Topn *)op;
    RowSender to;
    if (self->in_window) {
        sender_init(&to, ctx, &op->node->schema, op->node->inputs[0]->schema.n_fields, out, err);
        return topn_flush_windows(self, ctx, &to);
    }
    if (!self->n_touched || (op_waits_for_end(op->node, ctx) && ctx->watermark != WATERMARK_MAX))
        return ST_OK;
    sender_init(&to, ctx, &op->node->schema, op->node->inputs[0]->schema.n_fields, out, err);
    if (!self->by_window) TRY(topn_send_changes(self, &to));
    for (uint32_t i = 0; i < self->n_touched; i++) {
        MultiGroup *group = self->touched[i];
        TopnGroup *extra = multi_extra(group);
        extra->is_touched = false;
        if (self->by_window) {
            TopnWindow now = topn_window(self, group, &self->step, false);
            if (op->node->topn.is_rank)
                TRY(topn_send_ties(self, &to, &extra->before, &now));
            else
                TRY(topn_send_ranks(self, &to, &extra->before, &now));
        }
    }
    TRY(sender_flush(&to)); /* its strings lie in the groups */
    for (uint32_t i = 0; i < self->n_touched; i++)
        if (!multi_rows(self->touched[i])) multi_remove(self->rows, self->touched[i]);
    net_reset(&self->net);
    arena_reset(&self->step);
    self->n_touched = 0;
    return ST_OK;
}

static void topn_explain(const Op *op, Buf *out) {
    const Topn *self = (const Topn *)op;
    const Node *node = op->node;
    const Schema *in = &node->inputs[0]->schema;
    buf_printf(out, "strategy=%s",
               self->in_window   ? "window"
               : self->is_append ? "append"
                                 : "retract");
    for (uint32_t i = 0; i < node->topn.n_partition; i++)
        buf_printf(out, "%s" SPAN_FMT "%s", i ? ", " : ", partition=[",
                   SPAN_ARG(in->fields[node->topn.partition[i]].name),
                   i + 1 == node->topn.n_partition ? "]" : "");
    for (uint32_t i = 0; i < node->topn.n_order; i++)
        buf_printf(out, "%s" SPAN_FMT " %s%s", i ? ", " : ", order=[",
                   SPAN_ARG(in->fields[node->topn.order[i].col].name),
                   node->topn.order[i].order.is_desc ? "DESC" : "ASC",
                   i + 1 == node->topn.n_order ? "]" : "");
    buf_printf(out, ", offset=%lld, limit=%lld, rank=%s", (long long)node->topn.offset,
               (long long)node->topn.limit,
               !node->topn.is_rank   ? node->topn.with_rank ? "row_number" : "none"
               : node->topn.is_dense ? "dense_rank"
                                     : "rank");
}

static void topn_close(Op *op) {
    Topn *self = (Topn *)op;
    net_deinit(&self->net);
    ttl_close(&self->ttl);
    arena_deinit(&self->step);
    buf_deinit(&self->row);
    buf_deinit(&self->sort);
    mem_free(self->mem, self->touched, sizeof *self->touched * self->cap_touched);
    self->touched = NULL;
}

const OpType op_topn = {
    .name = "topn",
    .size = sizeof(Topn),
    .traits = OP_KEYED,
    .fits = topn_fits,
    .open = topn_open,
    .push = topn_push,
    .flush = topn_flush,
    .explain = topn_explain,
    .close = topn_close,
};
