/* op_join_temporal.c -- JOIN ... FOR SYSTEM_TIME AS OF: each left row meets the version of the
 * right table that was valid at its time.
 *
 * Left rows wait until the watermark has passed their time: then every version up to it is known.
 * Versions lie under their key in order of time; a deletion is a version without a row. Of the
 * versions before the watermark only the last can still be asked for, the others are forgotten. A
 * left row that comes late is answered from what is still known, as in Flink. Left rows that are
 * taken back wait in the same way: both answers are given when their time has come.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/joinside.h"
#include "op/timed.h"

typedef struct TemporalJoin {
    Op op;
    JoinSide keys[2]; /* only how keys are made */
    TimedRows timed;  /* left rows by (time, arrival), timers of both sides */
    MultiMap *versions;
    Program *residual;
    Schema both;
    uint32_t left_time, right_time;
    bool is_outer;
    Mem *mem;
    Buf sort, value;
} TemporalJoin;

static bool tjoin_fits(const Node *node) {
    return node->kind == NODE_TEMPORAL_JOIN;
}

static Status tjoin_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    TemporalJoin *self = (TemporalJoin *)op;
    MultiSpec versions = {.name = "versions"};
    const Type *time = node->inputs[0]->schema.fields[node->join.left_time].type;
    if (!node->join.n_keys) {
        err_set(err, ST_INVALID, "42P20", node->pos, __FILE__, __LINE__,
                "a temporal join needs an equality with the key of the versioned table");
        return err_hint(err, "add ON left.column = right.key");
    }
    ctx->takes_updates = true; /* a version that is replaced was not deleted */
    self->mem = ctx->mem;
    self->both = joinpairs_schema(ctx->arena, node);
    self->left_time = node->join.left_time;
    self->right_time = node->join.right_time;
    self->is_outer = node->join.kind == JOINOP_LEFT;
    buf_init(&self->sort, ctx->mem);
    buf_init(&self->value, ctx->mem);
    for (uint32_t i = 0; i < 2; i++)
        self->keys[i] = (JoinSide){.schema = &node->inputs[i]->schema,
                                   .keys = i ? node->join.right_keys : node->join.left_keys,
                                   .null_safe = node->join.null_safe,
                                   .n_keys = node->join.n_keys};
    timed_open(&self->timed, ctx, time, (KeyOrder){0}, 0);
    self->versions = state_multimap(ctx->state, ctx->name, &versions);
    if (!node->join.residual) return ST_OK;
    return program_compile(&self->residual, (Expr *const *)&node->join.residual, 1, ctx->arena,
                           err);
}

/* ---- rows come in ---- */

static void tjoin_sort_of(TemporalJoin *self, int64_t time) {
    Column bound = {.type = self->timed.time_type, .n_rows = 1, .i64 = &time};
    buf_reset(&self->sort);
    rowkey_encode_row(&bound, 1, NULL, 0, &self->sort);
}

/* A left row lies as these flags and its bytes. */
enum { TJOIN_NULL_KEY = 1, TJOIN_TAKEN_BACK = 2 };

static void tjoin_put_left(TemporalJoin *self, OpCtx *ctx, const Batch *rows) {
    const Column *time = &rows->cols[self->left_time];
    MultiGroup **groups = arena_array(ctx->scratch, MultiGroup *, rows->n_rows);
    const uint8_t *has_null;
    RowKeys keys;
    joinside_keys(&self->keys[0], ctx->scratch, rows, &keys, &has_null);
    multi_upsert(self->timed.rows, &keys, groups);
    for (uint32_t i = 0; i < rows->n_rows; i++) {
        int64_t at = col_is_null(time, i) ? INT64_MIN : time->i64[i];
        buf_reset(&self->value);
        int32_t weight = batch_weight(rows, i);
        buf_putc(&self->value, (char)((has_null && has_null[i] ? TJOIN_NULL_KEY : 0) |
                                      (weight < 0 ? TJOIN_TAKEN_BACK : 0)));
        rowcodec_encode(rows->cols, rows->n_cols, i, &self->value);
        timed_set(&self->timed, at, rowkey_get(&keys, i));
        for (int32_t w = weight < 0 ? -weight : weight; w > 0; w--) {
            tjoin_sort_of(self, at);
            timed_put_seq(&self->timed, &self->sort);
            multi_add(self->timed.rows, groups[i], buf_as_span(&self->sort),
                      buf_as_span(&self->value), 1, false, NULL);
        }
    }
}

/* value: 1 and the row, or 0: deleted. */
static void tjoin_put_version(TemporalJoin *self, MultiGroup *group, int64_t time) {
    MultiRow known;
    tjoin_sort_of(self, time);
    multi_add(self->versions, group, buf_as_span(&self->sort), buf_as_span(&self->value),
              !multi_get(group, buf_as_span(&self->sort), &known), true, NULL);
}

static void tjoin_put_right(TemporalJoin *self, OpCtx *ctx, const Batch *rows) {
    const Column *time = &rows->cols[self->right_time];
    MultiGroup **groups = arena_array(ctx->scratch, MultiGroup *, rows->n_rows);
    const uint8_t *has_null;
    RowKeys keys;
    joinside_keys(&self->keys[1], ctx->scratch, rows, &keys, &has_null);
    multi_upsert(self->versions, &keys, groups);
    for (uint32_t i = 0; i < rows->n_rows; i++) {
        int64_t at = col_is_null(time, i) ? INT64_MIN : time->i64[i];
        if (batch_weight(rows, i) < 0) {
            if (batch_is_update(rows, i)) continue; /* the version that replaces it follows */
            buf_reset(&self->value);
            buf_putc(&self->value, 0);
            tjoin_put_version(self, groups[i], at);
            timed_set(&self->timed, at, rowkey_get(&keys, i));
            continue;
        }
        buf_reset(&self->value);
        buf_putc(&self->value, 1);
        rowcodec_encode(rows->cols, rows->n_cols, i, &self->value);
        tjoin_put_version(self, groups[i], at);
        timed_set(&self->timed, at, rowkey_get(&keys, i)); /* to forget what it replaces */
    }
}

static Status tjoin_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *in, Out *out, Err *err) {
    TemporalJoin *self = (TemporalJoin *)op;
    const Batch *rows = batch_dense(ctx->scratch, in);
    (void)out, (void)err;
    if (port)
        tjoin_put_right(self, ctx, rows);
    else
        tjoin_put_left(self, ctx, rows);
    return ST_OK;
}

/* ---- rows go out ---- */

/* The version valid at the time, as columns of one row appended to the builders; false: none. */
static bool tjoin_version(TemporalJoin *self, const MultiGroup *versions, int64_t time,
                          MultiRow *out) {
    uint64_t after;
    if (!versions) return false;
    tjoin_sort_of(self, op_time_add(time, 1));
    after = multi_lower_bound(versions, buf_as_span(&self->sort));
    return after && multi_at(versions, after - 1, out) && out->value.ptr[0];
}

static Status tjoin_read_row(Span value, ColBuilder *cols, uint32_t n, Err *err) {
    return rowcodec_decode((Span){value.ptr + 1, value.len - 1}, cols, n, false, err);
}

/* Pairs every due left row of the group with its version. */
static Status tjoin_pair(TemporalJoin *self, OpCtx *ctx, const MultiGroup *left, uint32_t n,
                         const MultiGroup *versions, Out *out, Err *err) {
    const Schema *schemas[2] = {self->keys[0].schema, self->keys[1].schema};
    ColBuilder *builders[2];
    Column *cols[2];
    uint32_t *at = arena_array(ctx->scratch, uint32_t, n),
             *of = arena_array(ctx->scratch, uint32_t, n);
    bool *is_met = arena_array(ctx->scratch, bool, n);
    int32_t *weights = arena_array(ctx->scratch, int32_t, n);
    Batch delta = {.schema = schemas[0], .n_rows = n, .n_phys = n, .split = SPLIT_NONE};
    JoinPairs pairs = {&self->both, self->residual, schemas[0]->n_fields};
    JoinOut joined = {.node = self->op.node,
                      .scratch = ctx->scratch,
                      .out = out,
                      .err = err,
                      .delta = &delta,
                      .other_schema = schemas[1],
                      .delta_is_left = true};
    const uint32_t *sel;
    uint32_t n_met;
    for (uint32_t s = 0; s < 2; s++) {
        builders[s] = arena_array(ctx->scratch, ColBuilder, schemas[s]->n_fields);
        cols[s] = arena_array(ctx->scratch, Column, schemas[s]->n_fields);
        for (uint32_t c = 0; c < schemas[s]->n_fields; c++)
            colb_init(&builders[s][c], ctx->scratch, schemas[s]->fields[c].type, n);
    }
    for (uint32_t i = 0; i < n; i++) {
        MultiRow row, version;
        const Column *time;
        Column done;
        if (!multi_at(left, i, &row)) break;
        weights[i] = row.value.ptr[0] & TJOIN_TAKEN_BACK ? -1 : 1;
        TRY(tjoin_read_row(row.value, builders[0], schemas[0]->n_fields, err));
        colb_finish(&builders[0][self->left_time], &done);
        time = &done;
        if (row.value.ptr[0] & TJOIN_NULL_KEY || col_is_null(time, i)) continue;
        if (!tjoin_version(self, versions, time->i64[i], &version)) continue;
        TRY(tjoin_read_row(version.value, builders[1], schemas[1]->n_fields, err));
        at[pairs.n] = i;
        of[pairs.n] = pairs.n;
        pairs.n++;
    }
    for (uint32_t s = 0; s < 2; s++)
        for (uint32_t c = 0; c < schemas[s]->n_fields; c++)
            colb_finish(&builders[s][c], &cols[s][c]);
    pairs.left = delta.cols = cols[0];
    pairs.right = joined.others = cols[1];
    pairs.left_at = at;
    pairs.right_at = of;
    delta.n_cols = schemas[0]->n_fields;
    TRY(joinpairs_select(&pairs, ctx, &sel, &n_met, err));
    joinout_init(&joined, n + 1);
    for (uint32_t i = 0; i < n_met; i++) {
        uint32_t pair = sel ? sel[i] : i;
        is_met[at[pair]] = true;
        joinout_row(&joined, at[pair], of[pair], weights[at[pair]]);
    }
    for (uint32_t i = 0; i < n && self->is_outer; i++)
        if (!is_met[i]) joinout_row(&joined, i, JOIN_NONE, weights[i]);
    return joinout_send(&joined);
}

/* Keeps the last version before the watermark and those behind it. */
static void tjoin_forget(TemporalJoin *self, const OpCtx *ctx, MultiGroup *versions) {
    uint64_t n;
    MultiRow row;
    if (ctx->watermark == WATERMARK_MAX) return; /* it ends anyway */
    tjoin_sort_of(self, ctx->watermark);
    n = multi_lower_bound(versions, buf_as_span(&self->sort));
    if (n > 1) multi_erase(self->versions, versions, 0, n - 1);
    if (multi_rows(versions) == 1 && n && multi_at(versions, 0, &row) && !row.value.ptr[0])
        multi_remove(self->versions, versions);
}

static Status tjoin_flush(Op *op, OpCtx *ctx, Out *out, Err *err) {
    TemporalJoin *self = (TemporalJoin *)op;
    MultiGroup *left;
    Span key;
    Status status = ST_OK;
    while (status == ST_OK && timed_next(&self->timed, ctx, &key, &left)) {
        uint32_t starts[2] = {0, (uint32_t)key.len};
        uint64_t hash = rowkey_hash(key);
        RowKeys one = {.n = 1, .starts = starts, .bytes = key.ptr, .hashes = &hash};
        MultiGroup *versions;
        uint32_t n = left ? timed_due(&self->timed, ctx, left) : 0;
        multi_find(self->versions, &one, &versions);
        if (n) {
            status = tjoin_pair(self, ctx, left, n, versions, out, err);
            multi_erase(self->timed.rows, left, 0, n);
            if (!multi_rows(left)) multi_remove(self->timed.rows, left);
        }
        if (versions) tjoin_forget(self, ctx, versions);
    }
    return status;
}

static void tjoin_close(Op *op) {
    TemporalJoin *self = (TemporalJoin *)op;
    timed_close(&self->timed);
    buf_deinit(&self->sort);
    buf_deinit(&self->value);
    if (self->residual) program_free(self->residual);
}

const OpType op_join_temporal = {
    .name = "join-temporal",
    .size = sizeof(TemporalJoin),
    .traits = OP_KEYED,
    .fits = tjoin_fits,
    .open = tjoin_open,
    .push = tjoin_push,
    .flush = tjoin_flush,
    .close = tjoin_close,
};
