/* op_sort.c -- ORDER BY: all rows at the end of the input, in order, with OFFSET and LIMIT. Rows
 * that tie keep their order of arrival.
 *
 * With a limit, rows that cannot be among the first are thrown away from time to time. Input that
 * retracts is netted first. An input without an end can be ordered by its event time: then the rows
 * below the watermark go out in every step, and late rows are dropped, as in Flink.
 *
 * In a durable run a table of the store holds the rows too, by arrival, and the first step of the
 * next run reads them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/netchange.h"
#include "op/oputil.h"

enum { PRUNE_MIN = 8192 };

typedef struct SortRow {
    uint64_t prefix; /* of the key bytes, big-endian */
    uint64_t arrival;
    const char *bytes; /* key, then the row as rowcodec bytes */
    uint32_t key_len, row_len;
    int64_t time;
    int32_t weight;
} SortRow;

/* Part of the state. */
typedef struct SortProgress {
    int64_t sent; /* watermark up to which rows are out */
    uint64_t arrivals;
    uint64_t is_done;
} SortProgress;

/* A row as the store has it; key and row (or the row alone) follow. */
typedef struct SortSaved {
    int64_t time;
    int32_t weight;
    uint32_t key_len;
} SortSaved;

typedef struct SortOp {
    Op op;
    uint32_t *cols;
    KeyOrder *orders;
    bool is_append, by_time;
    uint64_t keep; /* rows that can come out, UINT64_MAX = all */
    Arena bytes, spare;
    SortRow *rows;
    uint64_t n, cap;
    Net net;
    Buf row;
    Mem *mem;
    SortProgress *progress;
    MultiMap *saved; /* durable: arrival -> row; else NULL */
    bool is_loaded;  /* what the store held is in `rows` or `net` */
    Buf record;
} SortOp;

static bool sort_fits(const Node *node) {
    return node->kind == NODE_SORT;
}

static Status sort_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    SortOp *self = (SortOp *)op;
    uint32_t n = node->sort.n_keys;
    self->mem = ctx->mem;
    self->is_append = op_only_inserts(node->inputs[0], ctx);
    self->keep = node->sort.limit < 0 ? UINT64_MAX
                                      : (uint64_t)node->sort.offset + (uint64_t)node->sort.limit;
    self->by_time = !node->inputs[0]->is_bounded;
    self->progress = state_value(ctx->state, ctx->name, "progress", sizeof *self->progress);
    self->progress->sent = WATERMARK_NONE;
    if (state_is_durable(ctx->state))
        self->saved = state_multimap(ctx->state, ctx->name, &(MultiSpec){.name = "rows"});
    buf_init(&self->record, ctx->mem);
    self->cols = arena_array(ctx->arena, uint32_t, n);
    self->orders = arena_array(ctx->arena, KeyOrder, n);
    for (uint32_t i = 0; i < n; i++) {
        self->cols[i] = node->sort.keys[i].col;
        self->orders[i] = node->sort.keys[i].order;
    }
    arena_init(&self->bytes, ctx->mem);
    arena_init(&self->spare, ctx->mem);
    net_init(&self->net, ctx->mem);
    buf_init(&self->row, ctx->mem);
    if (!self->by_time) return ST_OK;
    if (n && self->is_append && !node->sort.keys[0].order.is_desc && node->sort.limit < 0 &&
        (int32_t)self->cols[0] == node->inputs[0]->rowtime_col)
        return ST_OK;
    FAIL(err, ST_UNSUPPORTED, "0A000", node->pos,
         "a sort over an input that never ends is supported only by its event time, ascending");
}

/* ---- the rows in the store ---- */

static MultiGroup *sort_saved(SortOp *self) {
    static const uint32_t starts[2] = {0, 0};
    static const uint64_t hash[1] = {0};
    RowKeys none = {.n = 1, .starts = starts, .bytes = "", .hashes = hash};
    MultiGroup *group;
    multi_upsert(self->saved, &none, &group);
    return group;
}

static void sort_save(SortOp *self, uint64_t arrival, const SortSaved *head, Span key, Span row) {
    uint64_t big = __builtin_bswap64(arrival);
    if (!self->saved) return;
    buf_reset(&self->record);
    buf_put(&self->record, head, sizeof *head);
    buf_span(&self->record, key);
    buf_span(&self->record, row);
    multi_add(self->saved, sort_saved(self), (Span){(const char *)&big, sizeof big},
              buf_as_span(&self->record), 1, false, NULL);
}

static void sort_forget(SortOp *self, uint64_t arrival) {
    uint64_t big = __builtin_bswap64(arrival);
    if (!self->saved) return;
    multi_add(self->saved, sort_saved(self), (Span){(const char *)&big, sizeof big},
              (Span){NULL, 0}, -1, false, NULL);
}

static void sort_forget_all(SortOp *self) {
    if (!self->saved) return;
    multi_erase(self->saved, sort_saved(self), 0, UINT64_MAX);
}

/* ---- the rows ---- */

static uint64_t sort_prefix(Span key) {
    uint64_t prefix = 0;
    memcpy(&prefix, key.ptr, key.len < sizeof prefix ? key.len : sizeof prefix);
    return __builtin_bswap64(prefix);
}

static int sort_cmp(const SortRow *a, const SortRow *b) {
    uint32_t len = a->key_len < b->key_len ? a->key_len : b->key_len;
    int order;
    if (a->prefix != b->prefix) return a->prefix < b->prefix ? -1 : 1;
    order = len ? memcmp(a->bytes, b->bytes, len) : 0;
    if (order) return order;
    if (a->key_len != b->key_len) return a->key_len < b->key_len ? -1 : 1;
    return a->arrival < b->arrival ? -1 : a->arrival > b->arrival;
}

/* Merges the sorted runs [from, mid) and [mid, to) of `in` into `out`. */
static void sort_merge(const SortRow *in, SortRow *out, uint64_t from, uint64_t mid, uint64_t to) {
    uint64_t a = from, b = mid;
    for (uint64_t i = from; i < to; i++)
        out[i] = b >= to || (a < mid && sort_cmp(&in[a], &in[b]) <= 0) ? in[a++] : in[b++];
}

static void sort_rows(SortOp *self) {
    uint64_t n = self->n;
    SortRow *from = self->rows, *to;
    if (n < 2) return;
    to = mem_alloc(self->mem, sizeof *to * self->cap);
    for (uint64_t width = 1; width < n; width *= 2) {
        SortRow *swap = from;
        for (uint64_t at = 0; at < n; at += 2 * width)
            sort_merge(from, to, at, at + width < n ? at + width : n,
                       at + 2 * width < n ? at + 2 * width : n);
        from = to;
        to = swap;
    }
    self->rows = from;
    mem_free(self->mem, to, sizeof *to * self->cap);
}

static void sort_keep(SortOp *self, Span key, Span row, int64_t time, int32_t weight,
                      uint64_t arrival) {
    char *bytes = arena_alloc(&self->bytes, key.len + row.len);
    if (self->n == self->cap) {
        uint64_t cap = self->cap ? 2 * self->cap : 256;
        self->rows = mem_realloc(self->mem, self->rows, sizeof *self->rows * self->cap,
                                 sizeof *self->rows * cap);
        self->cap = cap;
    }
    if (key.len) memcpy(bytes, key.ptr, key.len);
    if (row.len) memcpy(bytes + key.len, row.ptr, row.len);
    self->rows[self->n++] = (SortRow){.prefix = sort_prefix(key),
                                      .arrival = arrival,
                                      .bytes = bytes,
                                      .key_len = (uint32_t)key.len,
                                      .row_len = (uint32_t)row.len,
                                      .time = time,
                                      .weight = weight};
}

/* Drops the first `gone` of the sorted rows, and those that the limit will never let out. */
static void sort_shrink(SortOp *self, uint64_t gone) {
    Arena old = self->bytes;
    uint64_t n = 0, total = 0;
    self->bytes = self->spare;
    for (uint64_t i = 0; i < gone; i++) sort_forget(self, self->rows[i].arrival);
    for (uint64_t i = gone; i < self->n; i++) {
        SortRow row = self->rows[i];
        char *bytes;
        if (total >= self->keep) {
            sort_forget(self, row.arrival);
            continue;
        }
        bytes = arena_alloc(&self->bytes, row.key_len + row.row_len);
        memcpy(bytes, row.bytes, row.key_len + row.row_len);
        row.bytes = bytes;
        total += (uint64_t)row.weight;
        self->rows[n++] = row;
    }
    self->n = n;
    arena_reset(&old);
    self->spare = old;
}

static void sort_batch(SortOp *self, Arena *scratch, const Batch *in, OpCtx *ctx) {
    uint32_t n_keys = self->op.node->sort.n_keys;
    const Column *time = self->by_time ? &in->cols[self->cols[0]] : NULL;
    RowKeys keys;
    rowkey_encode(scratch, op_row_cols(scratch, in, self->cols, n_keys), n_keys, self->orders,
                  in->n_rows, &keys);
    for (uint32_t i = 0; i < in->n_rows; i++) {
        uint32_t row = batch_row(in, i);
        int64_t at = time ? time->i64[col_at(time, row)] : 0;
        if (time && (at < self->progress->sent || (in->row_wm && at < in->row_wm[row]))) {
            ctx->n_late++;
            continue;
        }
        buf_reset(&self->row);
        rowcodec_encode(in->cols, in->n_cols, row, &self->row);
        sort_keep(self, rowkey_get(&keys, i), buf_as_span(&self->row), at, batch_weight(in, row),
                  ++self->progress->arrivals);
        if (self->is_append) {
            SortSaved head = {at, batch_weight(in, row), (uint32_t)rowkey_get(&keys, i).len};
            sort_save(self, self->progress->arrivals, &head, rowkey_get(&keys, i),
                      buf_as_span(&self->row));
        }
    }
    if (self->keep < UINT64_MAX / 4 && self->n > 2 * self->keep + PRUNE_MIN) {
        sort_rows(self);
        sort_shrink(self, 0);
    }
}

/* Changes of an input that retracts are kept as they came: their net, in order of first touch, is
 * made of them again. */
static void sort_save_changes(SortOp *self, const RowKeys *keys, const Batch *in) {
    for (uint32_t i = 0; self->saved && i < in->n_rows; i++) {
        uint32_t row = batch_row(in, i);
        SortSaved head = {0, batch_weight(in, row), (uint32_t)rowkey_get(keys, i).len};
        buf_reset(&self->row);
        rowcodec_encode(in->cols, in->n_cols, row, &self->row);
        sort_save(self, ++self->progress->arrivals, &head, rowkey_get(keys, i),
                  buf_as_span(&self->row));
    }
}

/* What an earlier run left in the store. */
static void sort_load(SortOp *self) {
    MultiGroup *group;
    MultiRow saved;
    if (self->is_loaded || !self->saved) return;
    self->is_loaded = true;
    group = sort_saved(self);
    for (uint64_t i = 0; multi_at(group, i, &saved); i++) {
        SortSaved head;
        uint64_t arrival;
        Span key, row;
        memcpy(&head, saved.value.ptr, sizeof head);
        memcpy(&arrival, saved.sort.ptr, sizeof arrival);
        key = (Span){saved.value.ptr + sizeof head, head.key_len};
        row = (Span){key.ptr + key.len, saved.value.len - sizeof head - key.len};
        if (self->is_append)
            sort_keep(self, key, row, head.time, head.weight, __builtin_bswap64(arrival));
        else
            net_add_one(&self->net, key, rowkey_hash(key), row, head.weight);
    }
}

static Status sort_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *in, Out *out, Err *err) {
    SortOp *self = (SortOp *)op;
    (void)port, (void)out;
    sort_load(self);
    if (self->is_append) {
        sort_batch(self, ctx->scratch, in, ctx);
    } else {
        uint32_t *all = arena_alloc(ctx->scratch, sizeof *all * (in->n_cols + 1));
        RowKeys keys;
        for (uint32_t i = 0; i < in->n_cols; i++) all[i] = i;
        rowkey_encode(ctx->scratch, op_row_cols(ctx->scratch, in, all, in->n_cols), in->n_cols,
                      NULL, in->n_rows, &keys);
        net_add(&self->net, &keys, in);
        sort_save_changes(self, &keys, in);
    }
    return mem_check(ctx->mem, err);
}

/* ---- the end ---- */

/* The rows that are left of a changing input, in order of arrival. */
static Status sort_take_net(SortOp *self, OpCtx *ctx, Err *err) {
    const Schema *schema = &self->op.node->inputs[0]->schema;
    uint32_t k = 0;
    while (k < self->net.n_keys) {
        ArenaMark mark = arena_mark(ctx->scratch);
        BatchBuilder rows;
        batchb_init(&rows, ctx->scratch, schema, BATCH_ROWS);
        for (; k < self->net.n_keys && rows.n_rows < BATCH_ROWS; k++) {
            for (const NetRow *row = self->net.keys[k].first; row; row = row->next) {
                if (row->weight <= 0) continue;
                TRY(rowcodec_decode((Span){row->bytes, row->len}, rows.cols, rows.n_cols, true,
                                    err));
                batchb_row_end(&rows, (int32_t)row->weight);
            }
        }
        if (rows.n_rows) sort_batch(self, ctx->scratch, batchb_finish(&rows), ctx);
        arena_rewind(ctx->scratch, mark);
    }
    net_reset(&self->net);
    return ST_OK;
}

/* Sends the first n of the sorted rows, but for OFFSET and LIMIT. */
static Status sort_send(SortOp *self, OpCtx *ctx, uint64_t n, Out *out, Err *err) {
    const Node *node = self->op.node;
    uint64_t from = (uint64_t)node->sort.offset, to = self->keep, at = 0;
    RowSender sender;
    sender_init(&sender, ctx, &node->schema, node->schema.n_fields, out, err);
    for (uint64_t i = 0; i < n && at < to; i++) {
        const SortRow *row = &self->rows[i];
        uint64_t end = at + (uint64_t)row->weight;
        uint64_t first = at < from ? from : at, last = end < to ? end : to;
        at = end;
        if (first >= last) continue;
        TRY(sender_row(&sender, (Span){row->bytes + row->key_len, row->row_len}));
        TRY(sender_end(&sender, (int64_t)(last - first), false));
    }
    return sender_flush(&sender);
}

static Status sort_flush(Op *op, OpCtx *ctx, Out *out, Err *err) {
    SortOp *self = (SortOp *)op;
    uint64_t n = 0;
    if (self->progress->is_done) return ST_OK;
    sort_load(self);
    if (ctx->watermark == WATERMARK_MAX) {
        self->progress->is_done = true;
        if (!self->is_append) TRY(sort_take_net(self, ctx, err));
        sort_rows(self);
        TRY(sort_send(self, ctx, self->n, out, err));
        self->n = 0;
        sort_forget_all(self);
        arena_deinit(&self->bytes);
        return ST_OK;
    }
    if (!self->by_time || ctx->watermark <= self->progress->sent) return ST_OK;
    self->progress->sent = ctx->watermark;
    sort_rows(self);
    while (n < self->n && self->rows[n].time < self->progress->sent) n++;
    if (!n) return ST_OK;
    TRY(sort_send(self, ctx, n, out, err));
    sort_shrink(self, n);
    return ST_OK;
}

static void sort_explain(const Op *op, Buf *out) {
    const Node *node = op->node;
    for (uint32_t i = 0; i < node->sort.n_keys; i++)
        buf_printf(out, "%s" SPAN_FMT " %s%s", i ? ", " : "order=[",
                   SPAN_ARG(node->schema.fields[node->sort.keys[i].col].name),
                   node->sort.keys[i].order.is_desc ? "DESC" : "ASC",
                   i + 1 == node->sort.n_keys ? "], " : "");
    buf_printf(out, "offset=%lld, limit=%lld", (long long)node->sort.offset,
               (long long)node->sort.limit);
}

static void sort_close(Op *op) {
    SortOp *self = (SortOp *)op;
    arena_deinit(&self->bytes);
    arena_deinit(&self->spare);
    net_deinit(&self->net);
    buf_deinit(&self->row);
    buf_deinit(&self->record);
    mem_free(self->mem, self->rows, sizeof *self->rows * self->cap);
    self->rows = NULL;
}

const OpType op_sort = {
    .name = "sort",
    .size = sizeof(SortOp),
    .fits = sort_fits,
    .open = sort_open,
    .push = sort_push,
    .flush = sort_flush,
    .explain = sort_explain,
    .close = sort_close,
};
