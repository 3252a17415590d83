/* op_materialize.c -- in front of a sink whose key is not the key of the query's rows: several rows
 * may then claim one key, and one of them is shown.
 *
 * The rows of each key of the sink are kept in order of arrival, and found by the query's own key
 * (by all columns when it has none). DEDUPLICATE shows the last row that is still there, and falls
 * back on the one before when it goes. ERROR and NOTHING decide when the watermark has moved, so
 * that a key which passes from one row to another between two watermarks is no conflict: then ERROR
 * stops at a key with two rows, and NOTHING keeps the one that is shown, or the first.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/ttl.h"

typedef struct Materialize {
    Op op;
    MultiMap *rows;    /* key -> (number of arrival) -> identity and row; number 0: what is shown */
    MultiMap *index;   /* key -> (identity, number of arrival) */
    MultiMap *pending; /* keys that wait for the watermark; one group */
    uint64_t *arrivals;
    int64_t *watermark;
    const uint32_t *ident_cols;
    uint32_t n_ident;
    MultiGroup **touched; /* in this step */
    uint32_t n_touched, cap_touched;
    Buf row, sort, ident;
    Ttl ttl;
    Mem *mem;
} Materialize;

/* Kept with each key. */
typedef struct MaterializeGroup {
    bool is_touched;
    int64_t written_us;
} MaterializeGroup;

enum { NUMBER_BYTES = 8 };
static const char materialize_shown[NUMBER_BYTES]; /* the sort key of the row that is shown */

static bool materialize_fits(const Node *node) {
    return node->kind == NODE_MATERIALIZE;
}

static Status materialize_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    Materialize *self = (Materialize *)op;
    uint32_t *all = arena_array(ctx->arena, uint32_t, node->schema.n_fields);
    (void)err;
    for (uint32_t i = 0; i < node->schema.n_fields; i++) all[i] = i;
    self->ident_cols = node->materialize.ident ? node->materialize.ident : all;
    self->n_ident = node->materialize.ident ? node->materialize.n_ident : node->schema.n_fields;
    self->mem = ctx->mem;
    self->rows =
        state_multimap(ctx->state, ctx->name,
                       &(MultiSpec){.name = "rows", .extra_size = sizeof(MaterializeGroup)});
    self->index = state_multimap(ctx->state, ctx->name, &(MultiSpec){.name = "index"});
    self->pending = state_multimap(ctx->state, ctx->name, &(MultiSpec){.name = "pending"});
    self->arrivals = state_value(ctx->state, ctx->name, "arrivals", sizeof *self->arrivals);
    self->watermark = state_value(ctx->state, ctx->name, "watermark", sizeof *self->watermark);
    *self->watermark = WATERMARK_NONE;
    ttl_open(&self->ttl, ctx, "ttl", node->ttl_us);
    buf_init(&self->row, ctx->mem);
    buf_init(&self->sort, ctx->mem);
    buf_init(&self->ident, ctx->mem);
    return ST_OK;
}

static MultiGroup *materialize_group(MultiMap *map, Span key, bool add) {
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

/* A stored value is the length of the identity, the identity and the row. */
static Span materialize_ident(Span value) {
    uint32_t len;
    memcpy(&len, value.ptr, sizeof len);
    return (Span){value.ptr + sizeof len, len};
}
static Span materialize_row(Span value) {
    Span ident = materialize_ident(value);
    size_t skip = (size_t)(ident.ptr - value.ptr) + ident.len;
    return (Span){value.ptr + skip, value.len - skip};
}

/* ---- rows come in ---- */

static void materialize_touch(Materialize *self, OpCtx *ctx, MultiGroup *group) {
    MaterializeGroup *extra = multi_extra(group);
    ttl_write(&self->ttl, ctx, &extra->written_us, !extra->written_us,
              multi_key(self->rows, group));
    if (extra->is_touched) return;
    extra->is_touched = true;
    if (self->n_touched == self->cap_touched) {
        uint32_t cap = self->cap_touched ? 2 * self->cap_touched : 64;
        self->touched =
            mem_realloc(self->mem, self->touched, sizeof *self->touched * self->cap_touched,
                        sizeof *self->touched * cap);
        self->cap_touched = cap;
    }
    self->touched[self->n_touched++] = group;
}

/* The oldest row of the identity; its number is copied. */
static bool materialize_find(const MultiGroup *index, Span ident, char *number) {
    MultiRow at;
    if (!multi_at(index, multi_lower_bound(index, ident), &at)) return false;
    if (at.sort.len != ident.len + NUMBER_BYTES || memcmp(at.sort.ptr, ident.ptr, ident.len) != 0)
        return false;
    memcpy(number, at.sort.ptr + ident.len, NUMBER_BYTES);
    return true;
}

static void materialize_sort(Materialize *self, Span ident, const char *number) {
    buf_reset(&self->sort);
    buf_span(&self->sort, ident);
    buf_put(&self->sort, number, NUMBER_BYTES);
}

static void materialize_erase(MultiMap *map, MultiGroup *group, Span sort) {
    uint64_t at = multi_lower_bound(group, sort);
    multi_erase(map, group, at, at + 1);
}

/* Takes the oldest row of the identity out; false when there is none. */
static bool materialize_take(Materialize *self, MultiGroup *group, MultiGroup *index, Span ident) {
    char number[NUMBER_BYTES];
    if (!materialize_find(index, ident, number)) return false;
    materialize_sort(self, ident, number);
    materialize_erase(self->index, index, buf_as_span(&self->sort));
    materialize_erase(self->rows, group, (Span){number, sizeof number});
    return true;
}

static void materialize_put(Materialize *self, MultiGroup *group, MultiGroup *index, Span ident,
                            const Batch *in, uint32_t row) {
    uint64_t number = __builtin_bswap64(++*self->arrivals);
    uint32_t len = (uint32_t)ident.len;
    buf_reset(&self->row);
    buf_put(&self->row, &len, sizeof len);
    buf_span(&self->row, ident);
    rowcodec_encode(in->cols, in->n_cols, row, &self->row);
    materialize_sort(self, ident, (const char *)&number);
    multi_add(self->index, index, buf_as_span(&self->sort), (Span){NULL, 0}, 1, false, NULL);
    multi_add(self->rows, group, (Span){(const char *)&number, sizeof number},
              buf_as_span(&self->row), 1, false, NULL);
}

/* Forgets the keys that nothing was written to for too long. */
static void materialize_expire(Materialize *self, OpCtx *ctx) {
    Span key;
    while (ttl_next(&self->ttl, ctx, &key)) {
        MultiGroup *group = materialize_group(self->rows, key, false);
        MultiGroup *index = materialize_group(self->index, key, false);
        MaterializeGroup *extra = group ? multi_extra(group) : NULL;
        if (extra && !ttl_is_over(&self->ttl, ctx, extra->written_us, key)) continue;
        if (index) multi_remove(self->index, index);
        if (group) multi_remove(self->rows, group);
    }
}

static Status materialize_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *in, Out *out,
                               Err *err) {
    Materialize *self = (Materialize *)op;
    const Node *node = op->node;
    MultiGroup **groups, **indexes;
    RowKeys keys, idents;
    (void)port, (void)out;
    in = batch_dense(ctx->scratch, in);
    groups = arena_alloc(ctx->scratch, sizeof *groups * in->n_rows);
    indexes = arena_alloc(ctx->scratch, sizeof *indexes * in->n_rows);
    rowkey_encode(ctx->scratch,
                  op_row_cols(ctx->scratch, in, node->materialize.key, node->materialize.n_key),
                  node->materialize.n_key, NULL, in->n_rows, &keys);
    rowkey_encode(ctx->scratch, op_row_cols(ctx->scratch, in, self->ident_cols, self->n_ident),
                  self->n_ident, NULL, in->n_rows, &idents);
    materialize_expire(self, ctx);
    multi_upsert(self->rows, &keys, groups);
    multi_upsert(self->index, &keys, indexes);
    for (uint32_t i = 0; i < in->n_rows; i++) {
        int32_t weight = batch_weight(in, i);
        Span ident = rowkey_get(&idents, i);
        materialize_touch(self, ctx, groups[i]);
        for (; weight < 0; weight++)
            if (!materialize_take(self, groups[i], indexes[i], ident)) break;
        for (; weight > 0; weight--) {
            if (node->materialize.ident) materialize_take(self, groups[i], indexes[i], ident);
            materialize_put(self, groups[i], indexes[i], ident, in, i);
        }
    }
    return mem_check(ctx->mem, err);
}

/* ---- what is shown ---- */

/* Shows the row at an index of the group (no row when it is out of range) in place of the one that
 * is shown now. */
static Status materialize_show(Materialize *self, RowSender *to, MultiGroup *group, uint64_t at) {
    MultiRow shown, next;
    bool had = multi_get(group, (Span){materialize_shown, NUMBER_BYTES}, &shown);
    bool has = multi_at(group, at, &next);
    if (had && has && span_eq(shown.value, next.value)) return ST_OK;
    if (had) {
        TRY(sender_row(to, materialize_row(shown.value)));
        TRY(sender_end(to, -1, has));
    }
    if (has) {
        TRY(sender_row(to, materialize_row(next.value)));
        TRY(sender_end(to, 1, had));
    }
    TRY(sender_flush(to)); /* its strings lie in the group, which changes now */
    buf_reset(&self->row);
    if (has) buf_span(&self->row, next.value);
    if (has)
        multi_add(self->rows, group, (Span){materialize_shown, NUMBER_BYTES},
                  buf_as_span(&self->row), had ? 0 : 1, true, NULL);
    else
        multi_erase(self->rows, group, 0, 1);
    return ST_OK;
}

static Status materialize_conflict(const Materialize *self, Err *err) {
    const Node *node = self->op.node;
    err_set(err, ST_INVALID, "23505", node->pos, __FILE__, __LINE__,
            "two rows of the query have one primary key of the sink");
    return err_hint(err, "ON CONFLICT DO DEDUPLICATE shows the last of them, DO NOTHING the first");
}

/* ERROR and NOTHING: which row is shown, and that there is no other. */
static Status materialize_resolve(Materialize *self, RowSender *to, MultiGroup *group, Span key,
                                  Err *err) {
    const Node *node = self->op.node;
    MultiGroup *index = materialize_group(self->index, key, true);
    MultiRow shown, row;
    bool had = multi_get(group, (Span){materialize_shown, NUMBER_BYTES}, &shown);
    uint64_t first = had, keep = first, n = multi_rows(group);
    char number[NUMBER_BYTES];
    if (had && materialize_find(index, materialize_ident(shown.value), number))
        keep = multi_lower_bound(group, (Span){number, sizeof number});
    if (n > first + 1 && node->materialize.conflict == CONFLICT_ERROR)
        return materialize_conflict(self, err);
    for (uint64_t at = n; at-- > first;) {
        if (at == keep || !multi_at(group, at, &row)) continue;
        buf_reset(&self->ident);
        buf_span(&self->ident, materialize_ident(row.value));
        memcpy(number, row.sort.ptr, sizeof number);
        materialize_sort(self, buf_as_span(&self->ident), number);
        materialize_erase(self->index, index, buf_as_span(&self->sort));
        multi_erase(self->rows, group, at, at + 1);
        keep -= at < keep;
    }
    return materialize_show(self, to, group, keep);
}

/* A key without rows is forgotten. */
static void materialize_tidy(Materialize *self, MultiGroup *group, Span key) {
    MultiGroup *index;
    if (multi_rows(group)) return;
    index = materialize_group(self->index, key, false);
    if (index) multi_remove(self->index, index);
    multi_remove(self->rows, group);
}

static Status materialize_flush_last(Materialize *self, RowSender *to) {
    for (uint32_t i = 0; i < self->n_touched; i++) {
        MultiGroup *group = self->touched[i];
        MultiRow first;
        uint64_t n = multi_rows(group);
        bool had = multi_at(group, 0, &first) &&
                   memcmp(first.sort.ptr, materialize_shown, NUMBER_BYTES) == 0;
        ((MaterializeGroup *)multi_extra(group))->is_touched = false;
        TRY(materialize_show(self, to, group, n > had ? n - 1 : UINT64_MAX));
        materialize_tidy(self, group, multi_key(self->rows, group));
    }
    return ST_OK;
}

static Status materialize_flush_waiting(Materialize *self, OpCtx *ctx, RowSender *to, Err *err) {
    MultiGroup *pending = materialize_group(self->pending, (Span){"", 0}, true);
    MultiRow key;
    for (uint32_t i = 0; i < self->n_touched; i++) {
        MultiGroup *group = self->touched[i];
        ((MaterializeGroup *)multi_extra(group))->is_touched = false;
        if (!multi_get(pending, multi_key(self->rows, group), &key))
            multi_add(self->pending, pending, multi_key(self->rows, group), (Span){NULL, 0}, 1,
                      false, NULL);
    }
    if (ctx->watermark <= *self->watermark) return ST_OK;
    *self->watermark = ctx->watermark;
    while (multi_at(pending, 0, &key)) {
        MultiGroup *group = materialize_group(self->rows, key.sort, false);
        if (group) {
            TRY(materialize_resolve(self, to, group, key.sort, err));
            materialize_tidy(self, group, key.sort);
        }
        multi_erase(self->pending, pending, 0, 1);
    }
    return ST_OK;
}

static Status materialize_flush(Op *op, OpCtx *ctx, Out *out, Err *err) {
    Materialize *self = (Materialize *)op;
    RowSender to;
    if (op_waits_for_end(op->node, ctx) && ctx->watermark != WATERMARK_MAX) return ST_OK;
    sender_init(&to, ctx, &op->node->schema, op->node->schema.n_fields, out, err);
    if (op->node->materialize.conflict == CONFLICT_ERROR ||
        op->node->materialize.conflict == CONFLICT_NOTHING)
        TRY(materialize_flush_waiting(self, ctx, &to, err));
    else
        TRY(materialize_flush_last(self, &to));
    self->n_touched = 0;
    return mem_check(ctx->mem, err);
}

static void materialize_close(Op *op) {
    Materialize *self = (Materialize *)op;
    buf_deinit(&self->row);
    ttl_close(&self->ttl);
    buf_deinit(&self->sort);
    buf_deinit(&self->ident);
    mem_free(self->mem, self->touched, sizeof *self->touched * self->cap_touched);
    self->touched = NULL;
}

const OpType op_materialize = {
    .name = "materialize",
    .size = sizeof(Materialize),
    .traits = OP_KEYED,
    .fits = materialize_fits,
    .open = materialize_open,
    .push = materialize_push,
    .flush = materialize_flush,
    .close = materialize_close,
};
