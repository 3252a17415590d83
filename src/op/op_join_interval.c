/* op_join_interval.c -- joins rows whose times lie within an interval of each other:
 * lower <= left.time - right.time <= upper.
 *
 * Pairs come out as soon as the later row has come. A row is forgotten when the watermark says that
 * no partner can come any more; on an outer side it comes out then, alone, if it never met one. So
 * the output only inserts and state is bounded by the interval.
 *
 * Late rows: one that is farther behind the watermark of its split than results may be is dropped.
 * Another meets the rows that could not have been forgotten when it came, by that watermark, and
 * which of the two came first makes no difference; so the steps make none either.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/joinside.h"
#include "op/timed.h"

typedef struct IntervalSide {
    JoinSide keys;  /* only how keys are made */
    MultiMap *rows; /* key -> rows by (time, arrival); value = flags [, watermark], row */
    const Schema *schema;
    uint32_t time_col;
    int64_t before, after; /* partners' times lie in [time - before, time + after] */
    bool is_outer;
} IntervalSide;

typedef struct IntervalJoin {
    Op op;
    IntervalSide sides[2];
    TimedRows timed;
    Program *residual;
    Schema both;
    int64_t delay; /* how far behind the watermark results may be */
    Mem *mem;
    Buf sort, value;
} IntervalJoin;

static bool ijoin_fits(const Node *node) {
    const Schema *left;
    if (node->kind != NODE_INTERVAL_JOIN || node->join.kind > JOINOP_FULL) return false;
    left = &node->inputs[0]->schema;
    return left->fields[node->join.left_time].type->attr == TIME_ATTR_ROWTIME;
}

static Status ijoin_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    static const char *const names[2] = {"left", "right"};
    IntervalJoin *self = (IntervalJoin *)op;
    JoinOp kind = node->join.kind;
    int64_t lower = node->join.lower_us, upper = node->join.upper_us;
    self->mem = ctx->mem;
    self->both = joinpairs_schema(ctx->arena, node);
    buf_init(&self->sort, ctx->mem);
    buf_init(&self->value, ctx->mem);
    for (uint32_t i = 0; i < 2; i++) {
        IntervalSide *side = &self->sides[i];
        MultiSpec spec = {.name = names[i], .extra_size = sizeof(uint64_t)};
        side->schema = &node->inputs[i]->schema;
        side->keys = (JoinSide){.schema = side->schema,
                                .keys = i ? node->join.right_keys : node->join.left_keys,
                                .null_safe = node->join.null_safe,
                                .n_keys = node->join.n_keys};
        side->rows = state_multimap(ctx->state, ctx->name, &spec);
        side->time_col = i ? node->join.right_time : node->join.left_time;
        side->before = i ? -lower : upper;
        side->after = i ? upper : -lower;
        side->is_outer = kind == JOINOP_FULL || kind == (i ? JOINOP_RIGHT : JOINOP_LEFT);
    }
    self->delay = upper > -lower ? upper : -lower;
    if (self->delay < 0) self->delay = 0;
    timed_open_over(&self->timed, ctx, self->sides[0].rows);
    if (!node->join.residual) return ST_OK;
    return program_compile(&self->residual, (Expr *const *)&node->join.residual, 1, ctx->arena,
                           err);
}

/* ---- rows of a side ---- */

/* Flags in front of a row. A late one is followed by the watermark that it was behind of. */
enum { IJOIN_MET = 1, IJOIN_LATE = 2 };

static Span ijoin_bytes(Span value) {
    size_t head = value.ptr[0] & IJOIN_LATE ? 1 + sizeof(int64_t) : 1;
    return (Span){value.ptr + head, value.len - head};
}

static int64_t ijoin_watermark(Span value) {
    int64_t watermark = WATERMARK_NONE;
    if (value.ptr[0] & IJOIN_LATE) memcpy(&watermark, value.ptr + 1, sizeof watermark);
    return watermark;
}

static void ijoin_put_time(Buf *sort, int64_t time) {
    uint64_t big = __builtin_bswap64((uint64_t)time ^ (UINT64_C(1) << 63));
    buf_put(sort, &big, sizeof big);
}

static uint64_t ijoin_first_at(IntervalJoin *self, const MultiGroup *group, int64_t time) {
    buf_reset(&self->sort);
    ijoin_put_time(&self->sort, time);
    return multi_lower_bound(group, buf_as_span(&self->sort));
}

/* Rows [from, to) of the group as columns. */
static Status ijoin_read(const IntervalSide *side, const MultiGroup *group, uint64_t from,
                         uint64_t to, Arena *scratch, Column *cols, Err *err) {
    uint32_t n = side->schema->n_fields;
    ColBuilder *builders = arena_array(scratch, ColBuilder, n);
    for (uint32_t c = 0; c < n; c++)
        colb_init(&builders[c], scratch, side->schema->fields[c].type, (uint32_t)(to - from) + 1);
    for (uint64_t i = from; i < to; i++) {
        MultiRow row;
        if (!multi_at(group, i, &row)) break;
        TRY(rowcodec_decode(ijoin_bytes(row.value), builders, n, false, err));
    }
    for (uint32_t c = 0; c < n; c++) colb_finish(&builders[c], &cols[c]);
    return ST_OK;
}

static void ijoin_mark_met(IntervalJoin *self, IntervalSide *side, MultiGroup *group, uint64_t i) {
    MultiRow row;
    if (!side->is_outer || !multi_at(group, i, &row)) return;
    if (row.value.ptr[0] & IJOIN_MET) return;
    buf_reset(&self->value);
    buf_span(&self->value, row.value);
    self->value.ptr[0] |= IJOIN_MET;
    buf_reset(&self->sort);
    buf_span(&self->sort, row.sort);
    multi_add(side->rows, group, buf_as_span(&self->sort), buf_as_span(&self->value), 0, true,
              NULL);
}

/* ---- pairs ---- */

typedef struct IntervalPush {
    IntervalJoin *self;
    OpCtx *ctx;
    uint32_t port;
    const Batch *rows;
    JoinOut out;
} IntervalPush;

static void ijoin_out_init(IntervalPush *p, const Batch *delta, Out *out, Err *err) {
    const IntervalJoin *self = p->self;
    p->out = (JoinOut){.node = self->op.node,
                       .scratch = p->ctx->scratch,
                       .out = out,
                       .err = err,
                       .delta = delta,
                       .other_schema = self->sides[!p->port].schema,
                       .delta_is_left = p->port == 0};
    joinout_init(&p->out, 16);
}

/* Pairs of row i with the other side's rows in reach; *is_met when there was one. */
static Status ijoin_meet(IntervalPush *p, uint32_t i, MultiGroup *group, int64_t time,
                         int64_t watermark, bool *is_met, Err *err) {
    IntervalJoin *self = p->self;
    const IntervalSide *side = &self->sides[p->port];
    IntervalSide *other = &self->sides[!p->port];
    int64_t first = op_time_add(time, -side->before);
    int64_t kept = watermark == WATERMARK_NONE ? first : op_time_add(watermark, -other->after);
    uint64_t from = ijoin_first_at(self, group, first > kept ? first : kept);
    uint64_t to = ijoin_first_at(self, group, op_time_add(op_time_add(time, side->after), 1));
    Column *cols = arena_array(p->ctx->scratch, Column, other->schema->n_fields);
    uint32_t n = to > from ? (uint32_t)(to - from) : 0, n_pairs = 0;
    uint32_t *mine = arena_array(p->ctx->scratch, uint32_t, n);
    uint32_t *theirs = arena_array(p->ctx->scratch, uint32_t, n);
    JoinPairs pairs = {&self->both, self->residual, self->sides[0].schema->n_fields};
    const uint32_t *sel;
    if (!n) return ST_OK;
    TRY(ijoin_read(other, group, from, to, p->ctx->scratch, cols, err));
    for (uint32_t k = 0; k < n; k++) {
        MultiRow row;
        if (!multi_at(group, from + k, &row)) break;
        if (op_time_add(time, side->after) < ijoin_watermark(row.value)) continue;
        mine[n_pairs] = i;
        theirs[n_pairs++] = k;
    }
    pairs.left = p->port ? cols : p->rows->cols;
    pairs.right = p->port ? p->rows->cols : cols;
    pairs.left_at = p->port ? theirs : mine;
    pairs.right_at = p->port ? mine : theirs;
    pairs.n = n_pairs;
    TRY(joinpairs_select(&pairs, p->ctx, &sel, &n, err));
    p->out.others = cols;
    for (uint32_t k = 0; k < n; k++) {
        uint32_t pair = theirs[sel ? sel[k] : k];
        joinout_row(&p->out, i, pair, 1);
        ijoin_mark_met(self, other, group, from + pair);
        *is_met = true;
    }
    return joinout_send(&p->out);
}

/* Can a partner of a row of that time still come? */
static bool ijoin_is_over(const IntervalSide *side, const OpCtx *ctx, int64_t time) {
    return ctx->watermark == WATERMARK_MAX || op_time_add(time, side->after) < ctx->watermark;
}

static Status ijoin_row(IntervalPush *p, uint32_t i, const RowKeys *keys, MultiGroup *mine,
                        MultiGroup *theirs, bool has_null, Err *err) {
    IntervalJoin *self = p->self;
    IntervalSide *side = &self->sides[p->port];
    const Column *time_col = &p->rows->cols[side->time_col];
    int64_t time, watermark = p->rows->row_wm ? p->rows->row_wm[i] : WATERMARK_NONE;
    bool is_met = false, is_late;
    if (col_is_null(time_col, i) || has_null) { /* matches nothing */
        if (side->is_outer) joinout_row(&p->out, i, JOIN_NONE, 1);
        return joinout_send(&p->out);
    }
    time = time_col->i64[i];
    is_late = time < watermark;
    if (is_late && time < op_time_add(watermark, -self->delay)) {
        p->ctx->n_late++;
        return ST_OK;
    }
    if (!is_late) watermark = WATERMARK_NONE;
    if (theirs) TRY(ijoin_meet(p, i, theirs, time, watermark, &is_met, err));
    if (ijoin_is_over(side, p->ctx, time)) {
        if (side->is_outer && !is_met) joinout_row(&p->out, i, JOIN_NONE, 1);
        return joinout_send(&p->out);
    }
    buf_reset(&self->sort);
    ijoin_put_time(&self->sort, time);
    timed_put_seq(&self->timed, &self->sort);
    buf_reset(&self->value);
    buf_putc(&self->value, (char)((is_met ? IJOIN_MET : 0) | (is_late ? IJOIN_LATE : 0)));
    if (is_late) buf_put(&self->value, &watermark, sizeof watermark);
    rowcodec_encode(p->rows->cols, p->rows->n_cols, i, &self->value);
    multi_add(side->rows, mine, buf_as_span(&self->sort), buf_as_span(&self->value), 1, false,
              NULL);
    timed_set(&self->timed, op_time_add(time, side->after), rowkey_get(keys, i));
    return ST_OK;
}

/* Forgets the groups that got no row after all; the list may repeat groups. */
static void ijoin_tidy(IntervalSide *side, MultiGroup **groups, uint32_t n) {
    uint32_t n_empty = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t *is_listed = multi_extra(groups[i]);
        if (multi_rows(groups[i]) || *is_listed) continue;
        *is_listed = 1;
        groups[n_empty++] = groups[i];
    }
    for (uint32_t i = 0; i < n_empty; i++) multi_remove(side->rows, groups[i]);
}

static Status ijoin_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *in, Out *out, Err *err) {
    IntervalJoin *self = (IntervalJoin *)op;
    IntervalSide *side = &self->sides[port];
    const Batch *rows = batch_dense(ctx->scratch, in);
    IntervalPush p = {.self = self, .ctx = ctx, .port = port, .rows = rows};
    MultiGroup **mine = arena_array(ctx->scratch, MultiGroup *, rows->n_rows);
    MultiGroup **theirs = arena_array(ctx->scratch, MultiGroup *, rows->n_rows);
    const uint8_t *has_null;
    RowKeys keys;
    joinside_keys(&side->keys, ctx->scratch, rows, &keys, &has_null);
    multi_upsert(side->rows, &keys, mine);
    multi_find(self->sides[!port].rows, &keys, theirs);
    ijoin_out_init(&p, rows, out, err);
    for (uint32_t i = 0; i < rows->n_rows; i++) {
        for (int32_t w = batch_weight(rows, i); w > 0; w--) {
            TRY(ijoin_row(&p, i, &keys, mine[i], theirs[i], has_null && has_null[i], err));
        }
    }
    ijoin_tidy(side, mine, rows->n_rows);
    return ST_OK;
}

/* ---- forgetting ---- */

/* Drops the rows of a group that no partner can meet any more. */
static Status ijoin_expire(IntervalJoin *self, OpCtx *ctx, uint32_t port, MultiGroup *group,
                           Out *out, Err *err) {
    IntervalSide *side = &self->sides[port];
    uint64_t n = multi_rows(group);
    IntervalPush p = {.self = self, .ctx = ctx, .port = port};
    Column *cols = arena_array(ctx->scratch, Column, side->schema->n_fields);
    Batch gone = {.schema = side->schema, .split = SPLIT_NONE, .cols = cols};
    if (ctx->watermark != WATERMARK_MAX)
        n = ijoin_first_at(self, group, op_time_add(ctx->watermark, -side->after));
    if (side->is_outer && n) {
        TRY(ijoin_read(side, group, 0, n, ctx->scratch, cols, err));
        gone.n_rows = gone.n_phys = (uint32_t)n;
        gone.n_cols = side->schema->n_fields;
        ijoin_out_init(&p, &gone, out, err);
        for (uint64_t i = 0; i < n; i++) {
            MultiRow row;
            if (multi_at(group, i, &row) && !(row.value.ptr[0] & IJOIN_MET))
                joinout_row(&p.out, (uint32_t)i, JOIN_NONE, 1);
        }
        TRY(joinout_send(&p.out));
    }
    multi_erase(side->rows, group, 0, n);
    if (!multi_rows(group)) multi_remove(side->rows, group);
    return ST_OK;
}

static Status ijoin_flush(Op *op, OpCtx *ctx, Out *out, Err *err) {
    IntervalJoin *self = (IntervalJoin *)op;
    MultiGroup *left;
    Span key;
    Status status = ST_OK;
    if (ctx->watermark != WATERMARK_MAX && ctx->watermark != WATERMARK_NONE)
        ctx->out_watermark = op_time_add(ctx->watermark, -self->delay);
    while (status == ST_OK && timed_next(&self->timed, ctx, &key, &left)) {
        uint32_t starts[2] = {0, (uint32_t)key.len};
        uint64_t hash = rowkey_hash(key);
        RowKeys one = {.n = 1, .starts = starts, .bytes = key.ptr, .hashes = &hash};
        MultiGroup *right;
        multi_find(self->sides[1].rows, &one, &right);
        if (left) status = ijoin_expire(self, ctx, 0, left, out, err);
        if (right && status == ST_OK) status = ijoin_expire(self, ctx, 1, right, out, err);
    }
    return status;
}

static void ijoin_explain(const Op *op, Buf *out) {
    const IntervalJoin *self = (const IntervalJoin *)op;
    buf_printf(out, "results are at most %lld us behind the watermark", (long long)self->delay);
}

static void ijoin_close(Op *op) {
    IntervalJoin *self = (IntervalJoin *)op;
    timed_close(&self->timed);
    buf_deinit(&self->sort);
    buf_deinit(&self->value);
    if (self->residual) program_free(self->residual);
}

const OpType op_join_interval = {
    .name = "join-interval",
    .size = sizeof(IntervalJoin),
    .traits = OP_KEYED,
    .fits = ijoin_fits,
    .open = ijoin_open,
    .push = ijoin_push,
    .flush = ijoin_flush,
    .explain = ijoin_explain,
    .close = ijoin_close,
};
