/* op_over.c -- OVER: every row with what its calls say of the rows around it.
 *
 * Two ways. "In time": the input only inserts and is ordered by its time attribute, and no frame
 * looks ahead; a row is answered once, when the watermark has passed its time, and only what
 * later frames can reach is kept. "Any": the input may retract, or be ordered by anything, or
 * frames look ahead; a partition keeps its rows, and when a step has touched it the difference
 * between its old and its new answer is emitted.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/oputil.h"
#include "op/over.h"
#include "op/timed.h"
#include "op/ttl.h"

typedef struct OverGroup { /* operator data of a partition */
    uint64_t n_done;  /* in time: rows at the front that were answered and are kept for frames */
    uint64_t touched; /* step + 1 of the last touch */
    int64_t written_us;
} OverGroup;

/* The answer of a partition: its rows by sort key (order and arrival, which tell a row from all
 * others) and as bytes. */
typedef struct OverTable {
    uint32_t n;
    Span *sorts, *rows;
} OverTable;
typedef struct OverTouched {
    MultiGroup *group;
    OverTable old;
} OverTouched;

typedef struct Over {
    Op op;
    TimedRows timed; /* partition -> rows by (order, arrival); in time, timers too */
    StateMap *accs;  /* in time, frames without start: partition -> states */
    StateHeap *heap;
    Program *args; /* argument expressions that are not columns; NULL = none */
    Schema stored; /* input columns, then those */
    uint32_t n_in;
    OverSlot *slots;
    uint32_t n_slots, acc_size;
    bool in_time;
    bool comes_of_update; /* the last row to come was half of an update */
    int64_t time_unit;
    int64_t reach_us;   /* in time, RANGE: how far back frames look */
    int64_t reach_rows; /* in time: rows that stay behind for ROWS frames and LAG */
    bool has_acc;
    OverTouched *touched; /* partitions of this step */
    uint32_t n_touched, cap_touched;
    Arena olds; /* any: answers as they were before the step */
    Ttl ttl;
    Buf found; /* sort key of a row to take back */
    Mem *mem;
} Over;

static bool over_fits(const Node *node) {
    return node->kind == NODE_OVER;
}

/* ---- opening ---- */

static bool over_const_int(const Expr *expr, int64_t *out) {
    if (expr->kind != EXPR_CONST || col_is_null(expr->value, 0)) return false;
    switch (type_phys(expr->type)) {
    case PHYS_I8: *out = expr->value->i8[0]; return true;
    case PHYS_I16: *out = expr->value->i16[0]; return true;
    case PHYS_I32: *out = expr->value->i32[0]; return true;
    case PHYS_I64: *out = expr->value->i64[0]; return true;
    default: return false;
    }
}

static Status over_open_slot(OverSlot *slot, const OverCall *call, Err *err) {
    int64_t n = 1;
    slot->call = call;
    slot->lag = 1;
    if (call->fn == OVER_AGG)
        slot->is_linear =
            (call->agg.agg->traits & (AGG_LINEAR | AGG_SLIDES)) && !call->agg.is_distinct;
    if ((call->fn == OVER_LAG || call->fn == OVER_LEAD) && call->agg.n_args > 1) {
        if (!over_const_int(call->agg.args[1], &slot->lag) || slot->lag < 0) {
            FAIL(err, ST_UNSUPPORTED, "0A000", call->agg.pos,
                 "the offset of LAG and LEAD must be a constant that is not negative");
        }
    }
    if (call->fn == OVER_NTILE) {
        if (!over_const_int(call->agg.args[0], &n) || n < 1 || n > INT32_MAX) {
            FAIL(err, ST_INVALID, "22014", call->agg.pos,
                 "the argument of NTILE must be a constant greater than zero");
        }
        slot->n_tiles = (uint32_t)n;
    }
    return ST_OK;
}

/* Gives every argument a column of the stored row: the input's own, or one computed when the row
 * comes. */
static Status over_open_args(Over *self, const Node *node, OpCtx *ctx, Err *err) {
    const Schema *in = &node->inputs[0]->schema;
    uint32_t n_max = 0;
    Field *fields;
    Expr **computed;
    uint32_t n = 0;
    for (uint32_t i = 0; i < self->n_slots; i++) n_max += node->over.calls[i].agg.n_args + 1;
    fields = arena_array(ctx->arena, Field, in->n_fields + n_max);
    computed = arena_array(ctx->arena, Expr *, n_max);
    memcpy(fields, in->fields, in->n_fields * sizeof *fields);
    for (uint32_t i = 0; i < self->n_slots; i++) {
        const AggCall *call = &node->over.calls[i].agg;
        OverSlot *slot = &self->slots[i];
        slot->arg_cols = arena_array(ctx->arena, uint32_t, call->n_args);
        slot->filter_col = -1;
        TRY(over_open_slot(slot, &node->over.calls[i], err));
        for (uint32_t a = 0; a <= call->n_args; a++) {
            Expr *expr = a < call->n_args ? call->args[a] : call->filter;
            uint32_t col;
            if (!expr) continue;
            col = expr->kind == EXPR_COLUMN ? expr->column : in->n_fields + n;
            if (expr->kind != EXPR_COLUMN) {
                fields[in->n_fields + n] = (Field){SPAN("arg"), expr->type};
                computed[n++] = expr;
            }
            if (a < call->n_args)
                slot->arg_cols[a] = col;
            else
                slot->filter_col = (int32_t)col;
        }
    }
    self->stored = (Schema){in->n_fields + n, fields};
    return n ? program_compile(&self->args, computed, n, ctx->arena, err) : ST_OK;
}

static Status over_open_accs(Over *self, const Node *node, OpCtx *ctx) {
    uint32_t *offsets = arena_array(ctx->arena, uint32_t, self->n_slots * 32 + 1);
    uint32_t n = 0;
    MapSpec spec = {.name = "accumulators", .var_offsets = offsets};
    for (uint32_t i = 0; i < self->n_slots; i++) {
        const Agg *agg = node->over.calls[i].agg.agg;
        if (node->over.calls[i].fn != OVER_AGG) continue;
        if (agg->state_size % 16 == 0) self->acc_size = (self->acc_size + 15) & ~15u;
        self->slots[i].state_off = self->acc_size;
        for (uint32_t v = 0; v < 32; v++) {
            if (agg->var_slots >> v & 1) offsets[n++] = self->acc_size + 8 * v;
        }
        self->acc_size += agg->state_size;
    }
    spec.entry_size =
        self->acc_size ? (self->acc_size + 15) & ~15u : 16; /* 128-bit numbers may be inside */
    spec.n_var_slots = n;
    self->accs = state_map(ctx->state, ctx->name, &spec);
    return ST_OK;
}

static Status over_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    Over *self = (Over *)op;
    const OverFrame *frame = &node->over.frame;
    const Type *time =
        node->over.n_order ? node->inputs[0]->schema.fields[node->over.order[0].col].type : NULL;
    self->mem = ctx->mem;
    self->heap = state_heap(ctx->state);
    self->n_in = node->inputs[0]->schema.n_fields;
    self->n_slots = node->over.n_calls;
    self->slots = arena_array(ctx->arena, OverSlot, self->n_slots);
    TRY(over_open_args(self, node, ctx, err));
    self->in_time = node_over_in_time(node);
    buf_init(&self->found, ctx->mem);
    timed_open(&self->timed, ctx, time,
               node->over.n_order ? node->over.order[0].order : (KeyOrder){0}, sizeof(OverGroup));
    arena_init(&self->olds, ctx->mem);
    ttl_open(&self->ttl, ctx, "ttl", node->ttl_us);
    if (!self->in_time) return ST_OK;
    self->time_unit = op_time_unit(time);
    self->has_acc = frame->start_unbounded;
    self->reach_us = frame->unit == FRAME_UNIT_RANGE && !frame->start_unbounded ? -frame->start : 0;
    self->reach_rows =
        frame->unit == FRAME_UNIT_ROWS && !frame->start_unbounded ? -frame->start : 0;
    for (uint32_t i = 0; i < self->n_slots; i++) {
        if (self->slots[i].call->fn == OVER_LAG && self->slots[i].lag > self->reach_rows) {
            self->reach_rows = self->slots[i].lag;
        }
    }
    return self->has_acc ? over_open_accs(self, node, ctx) : ST_OK;
}

/* ---- rows come in ---- */

static Status over_table(Over *self, OpCtx *ctx, MultiGroup *group, Arena *arena, OverTable *out,
                         Err *err);

/* Notes that the step changes the partition, with its answer from before. */
static Status over_touch(Over *self, OpCtx *ctx, MultiGroup *group, Err *err) {
    OverGroup *extra = multi_extra(group);
    OverTouched *touched;
    ttl_write(&self->ttl, ctx, &extra->written_us, !extra->written_us,
              multi_key(self->timed.rows, group));
    if (extra->touched == ctx->step + 1) return ST_OK;
    extra->touched = ctx->step + 1;
    if (self->n_touched == self->cap_touched) {
        uint32_t cap = self->cap_touched ? self->cap_touched * 2 : 64;
        self->touched =
            mem_realloc(self->mem, self->touched, self->cap_touched * sizeof *self->touched,
                        cap * sizeof *self->touched);
        self->cap_touched = cap;
    }
    touched = &self->touched[self->n_touched++];
    *touched = (OverTouched){.group = group};
    return self->in_time ? ST_OK : over_table(self, ctx, group, &self->olds, &touched->old, err);
}

/* The sort key without arrival, as in the state: equal keys are peers. */
static SortKey over_order_key(const Node *node, uint32_t i) {
    return node->over.order[i];
}

static void over_encode_order(const Over *self, const Column *cols, uint32_t row, Buf *out) {
    const Node *node = self->op.node;
    for (uint32_t i = 0; i < node->over.n_order; i++) {
        SortKey key = over_order_key(node, i);
        if (self->in_time && self->timed.is_proctime) return; /* arrival is the order */
        rowkey_encode_row(&cols[key.col], 1, &key.order, row, out);
    }
}

/* The row to take back: among the peers, the last to arrive with the same values. */
static bool over_find_row(MultiGroup *group, Span order, Span value, Buf *found) {
    for (uint64_t at = multi_lower_bound(group, order);; at++) {
        MultiRow row;
        if (!multi_at(group, at, &row)) return false;
        if (row.sort.len < order.len) return false;
        if (order.len && memcmp(row.sort.ptr, order.ptr, order.len) != 0) return false;
        if (!span_eq(row.value, value)) continue;
        buf_reset(found);
        buf_span(found, row.sort);
        return true;
    }
}

static Status over_insert(Over *self, OpCtx *ctx, MultiGroup *group, const Column *cols,
                          uint32_t row, int32_t weight, Err *err) {
    Buf *sort = &self->timed.sort, *value = &self->timed.value;
    TRY(over_touch(self, ctx, group, err));
    buf_reset(sort);
    buf_reset(value);
    over_encode_order(self, cols, row, sort);
    rowcodec_encode(cols, self->stored.n_fields, row, value);
    for (; weight > 0; weight--) {
        size_t len = sort->len;
        timed_put_seq(&self->timed, sort);
        multi_add(self->timed.rows, group, buf_as_span(sort), buf_as_span(value), 1, false, NULL);
        sort->len = len;
    }
    for (; weight < 0; weight++) {
        if (over_find_row(group, buf_as_span(sort), buf_as_span(value), &self->found)) {
            multi_add(self->timed.rows, group, buf_as_span(&self->found), (Span){NULL, 0}, -1,
                      false, NULL);
        }
    }
    return ST_OK;
}

/* Stored columns of the batch's rows, dense. */
static Status over_columns(Over *self, OpCtx *ctx, const Batch *rows, Column *cols, Err *err) {
    for (uint32_t i = 0; i < self->n_in; i++) cols[i] = rows->cols[i];
    if (!self->args) return ST_OK;
    TRY(program_eval(self->args, rows, ctx->env, ctx->scratch, cols + self->n_in, err));
    for (uint32_t i = self->n_in; i < self->stored.n_fields; i++)
        cols[i] = col_flatten(ctx->scratch, &cols[i]);
    return ST_OK;
}

/* Forgets the partitions that no row came to for too long, unless rows still wait for their
 * time. */
static void over_expire(Over *self, OpCtx *ctx) {
    Span key;
    while (ttl_next(&self->ttl, ctx, &key)) {
        RowKeys keys;
        MultiGroup *group;
        OverGroup *extra;
        char *acc;
        op_keys_of(ctx->scratch, &key, 1, &keys);
        multi_find(self->timed.rows, &keys, &group);
        if (self->accs) map_find(self->accs, &keys, NULL, &acc);
        extra = group ? multi_extra(group) : NULL;
        if (extra && self->in_time && extra->n_done < multi_rows(group))
            extra->written_us = ctx->env->now_us;
        if (extra && !ttl_is_over(&self->ttl, ctx, extra->written_us, key)) continue;
        if (self->accs && acc) map_remove(self->accs, acc);
        if (group) multi_remove(self->timed.rows, group);
    }
}

static Status over_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *batch, Out *out, Err *err) {
    Over *self = (Over *)op;
    const Node *node = op->node;
    const Batch *rows = batch_dense(ctx->scratch, batch);
    Column *cols = arena_array(ctx->scratch, Column, self->stored.n_fields);
    Column *parts = arena_array(ctx->scratch, Column, node->over.n_partition + 1);
    MultiGroup **groups = arena_array(ctx->scratch, MultiGroup *, rows->n_rows);
    RowKeys keys;
    Status status = ST_OK;
    (void)port, (void)out;
    TRY(over_columns(self, ctx, rows, cols, err));
    for (uint32_t i = 0; i < node->over.n_partition; i++) parts[i] = cols[node->over.partition[i]];
    rowkey_encode(ctx->scratch, parts, node->over.n_partition, NULL, rows->n_rows, &keys);
    over_expire(self, ctx);
    multi_upsert(self->timed.rows, &keys, groups);
    for (uint32_t i = 0; i < rows->n_rows && status == ST_OK; i++) {
        const Column *time = &cols[node->over.n_order ? node->over.order[0].col : 0];
        if (self->in_time && !self->timed.is_proctime) {
            int64_t at = col_is_null(time, i) ? INT64_MIN : time->i64[i];
            int64_t late_below = rows->row_wm ? rows->row_wm[i] : WATERMARK_NONE;
            if (at < late_below) {
                ctx->n_late++;
                continue;
            }
            timed_set(&self->timed, at, rowkey_get(&keys, i));
        }
        self->comes_of_update = batch_is_update(rows, i);
        status = over_insert(self, ctx, groups[i], cols, i, batch_weight(rows, i), err);
    }
    return status;
}

/* ---- answers ---- */

typedef struct OverAnswer {
    uint32_t n;
    Column *cols; /* stored columns */
    uint32_t *peers;
    int64_t *order; /* NULL unless RANGE frames have offsets */
} OverAnswer;

/* The order value of RANGE offsets as a number: microseconds, or the integer. */
static int64_t over_order_value(const Column *col, uint32_t row, bool is_desc) {
    int64_t v;
    if (col_is_null(col, row)) return INT64_MAX;
    switch (type_phys(col->type)) {
    case PHYS_I8: v = col->i8[row]; break;
    case PHYS_I16: v = col->i16[row]; break;
    case PHYS_I32:
        v = col->type->kind == TYPE_DATE ? col->i32[row] * INT64_C(86400000000) : col->i32[row];
        break;
    default: v = col->i64[row]; break;
    }
    return is_desc ? -v : v;
}

/* Rows [0, n) of the group as columns. */
static Status over_read(Over *self, OpCtx *ctx, const MultiGroup *group, uint32_t n,
                        OverAnswer *out, Err *err) {
    const Node *node = self->op.node;
    uint32_t n_cols = self->stored.n_fields;
    ColBuilder *builders = arena_array(ctx->scratch, ColBuilder, n_cols);
    Span last = {NULL, 0};
    *out = (OverAnswer){.n = n};
    out->cols = arena_array(ctx->scratch, Column, n_cols);
    out->peers = arena_array(ctx->scratch, uint32_t, n);
    for (uint32_t c = 0; c < n_cols; c++)
        colb_init(&builders[c], ctx->scratch, self->stored.fields[c].type, n);
    for (uint32_t i = 0; i < n; i++) {
        MultiRow row;
        Span order;
        if (!multi_at(group, i, &row)) break;
        order = (Span){row.sort.ptr, row.sort.len - TIMED_SEQ_BYTES};
        TRY(rowcodec_decode(row.value, builders, n_cols, false, err));
        out->peers[i] = i ? out->peers[i - 1] + !span_eq(order, last) : 0;
        if (self->timed.is_proctime && self->in_time) out->peers[i] = i;
        last = order;
    }
    for (uint32_t c = 0; c < n_cols; c++) colb_finish(&builders[c], &out->cols[c]);
    if (node->over.frame.unit == FRAME_UNIT_RANGE && node->over.n_order &&
        (node->over.frame.start || node->over.frame.stop)) {
        SortKey key = node->over.order[0];
        out->order = arena_array(ctx->scratch, int64_t, n);
        for (uint32_t i = 0; i < n; i++)
            out->order[i] = over_order_value(&out->cols[key.col], i, key.order.is_desc);
    }
    return ST_OK;
}

/* Computes the calls for rows [first, last) and makes a batch of them. */
static Status over_answer(Over *self, OpCtx *ctx, const OverAnswer *rows, uint32_t first,
                          uint32_t last, char *acc, Batch **out, Err *err) {
    const Node *node = self->op.node;
    OverRows view = {rows->n, rows->cols, rows->peers, rows->order};
    uint32_t n = last - first;
    uint32_t *pick = arena_array(ctx->scratch, uint32_t, n);
    Column *cols = arena_array(ctx->scratch, Column, node->schema.n_fields);
    Batch *batch = arena_new(ctx->scratch, Batch);
    for (uint32_t i = 0; i < n; i++) pick[i] = first + i;
    for (uint32_t c = 0; c < self->n_in; c++) {
        cols[c] = first ? col_gather(ctx->scratch, &rows->cols[c], pick, n) : rows->cols[c];
        cols[c].n_rows = n;
    }
    for (uint32_t i = 0; i < self->n_slots; i++) {
        const OverSlot *slot = &self->slots[i];
        ColBuilder results;
        colb_init(&results, ctx->scratch, node->schema.fields[self->n_in + i].type, n);
        TRY(over_compute(slot, &node->over.frame, &view, first, last,
                         acc && slot->call->fn == OVER_AGG ? acc + slot->state_off : NULL, ctx,
                         self->heap, &results, err));
        colb_finish(&results, &cols[self->n_in + i]);
    }
    *batch = (Batch){.schema = &node->schema,
                     .n_rows = n,
                     .n_phys = n,
                     .n_cols = node->schema.n_fields,
                     .split = SPLIT_NONE,
                     .cols = cols};
    *out = batch;
    return ST_OK;
}

/* Any: the whole answer of a partition. */
static Status over_table(Over *self, OpCtx *ctx, MultiGroup *group, Arena *arena, OverTable *out,
                         Err *err) {
    uint32_t n = (uint32_t)multi_rows(group);
    OverAnswer rows;
    Batch *batch;
    Buf *bytes = &self->timed.value;
    *out = (OverTable){.n = n};
    if (!n) return ST_OK;
    TRY(over_read(self, ctx, group, n, &rows, err));
    TRY(over_answer(self, ctx, &rows, 0, n, NULL, &batch, err));
    out->sorts = arena_array(arena, Span, n);
    out->rows = arena_array(arena, Span, n);
    for (uint32_t i = 0; i < n; i++) {
        MultiRow row;
        buf_reset(bytes);
        rowcodec_encode(batch->cols, batch->n_cols, i, bytes);
        out->rows[i] = span_copy(arena, buf_as_span(bytes));
        if (multi_at(group, i, &row)) out->sorts[i] = span_copy(arena, row.sort);
    }
    return ST_OK;
}

static Status over_change(BatchBuilder *builder, Span row, int32_t weight, bool is_update,
                          Err *err) {
    TRY(rowcodec_decode(row, builder->cols, builder->n_cols, true, err));
    if (is_update)
        batchb_update_end(builder, weight);
    else
        batchb_row_end(builder, weight);
    return ST_OK;
}

/* Row by row in order: what is gone is taken back, what is new is given, what has another answer
 * is replaced. new_is_update: the new row comes of an update, as Flink shows it. */
static Status over_difference(const OverTable *old, const OverTable *now, bool new_is_update,
                              BatchBuilder *builder, Err *err) {
    uint32_t i = 0, k = 0;
    while (i < old->n || k < now->n) {
        int order = i == old->n ? 1 : k == now->n ? -1 : span_cmp(old->sorts[i], now->sorts[k]);
        bool is_same = order == 0 && span_eq(old->rows[i], now->rows[k]);
        if (order <= 0 && !is_same) TRY(over_change(builder, old->rows[i], -1, order == 0, err));
        if (order >= 0 && !is_same)
            TRY(over_change(builder, now->rows[k], 1, order == 0 || new_is_update, err));
        i += order <= 0;
        k += order >= 0;
    }
    return ST_OK;
}

static Status over_flush_any(Over *self, OpCtx *ctx, Out *out, Err *err) {
    for (uint32_t i = 0; i < self->n_touched; i++) {
        OverTouched *touched = &self->touched[i];
        BatchBuilder builder;
        OverTable now;
        TRY(over_table(self, ctx, touched->group, ctx->scratch, &now, err));
        batchb_init(&builder, ctx->scratch, &self->op.node->schema, now.n + 1);
        TRY(over_difference(&touched->old, &now, ctx->is_each && self->comes_of_update, &builder,
                            err));
        TRY(emit(out, batchb_finish(&builder), err));
        if (!multi_rows(touched->group)) multi_remove(self->timed.rows, touched->group);
    }
    self->n_touched = 0;
    arena_reset(&self->olds);
    return ST_OK;
}

/* Rows before this one are out of every later frame's reach. */
static uint64_t over_keep_from(Over *self, OpCtx *ctx, MultiGroup *group, uint64_t n_done) {
    uint64_t from = n_done;
    if (self->reach_rows)
        from = n_done > (uint64_t)self->reach_rows ? n_done - (uint64_t)self->reach_rows : 0;
    if (self->reach_us && ctx->watermark != WATERMARK_MAX) {
        uint64_t by_time =
            timed_before(&self->timed, group, op_time_add(ctx->watermark, -self->reach_us));
        if (by_time < from) from = by_time;
    }
    return from;
}

static char *over_acc(Over *self, const MultiGroup *group) {
    Span key = multi_key(self->timed.rows, group);
    uint32_t starts[2] = {0, (uint32_t)key.len};
    uint64_t hash = rowkey_hash(key);
    RowKeys one = {.n = 1, .starts = starts, .bytes = key.ptr, .hashes = &hash};
    char *acc;
    map_upsert(self->accs, &one, NULL, &acc, NULL);
    return acc;
}

/* In time: answers the rows of a partition that are due. */
static Status over_fire(Over *self, OpCtx *ctx, MultiGroup *group, Out *out, Err *err) {
    OverGroup *extra = multi_extra(group);
    uint32_t n_due = timed_due(&self->timed, ctx, group);
    uint64_t keep;
    OverAnswer rows;
    Batch *batch;
    if (n_due > extra->n_done) {
        char *acc = self->has_acc ? over_acc(self, group) : NULL;
        TRY(over_read(self, ctx, group, n_due, &rows, err));
        TRY(over_answer(self, ctx, &rows, (uint32_t)extra->n_done, n_due, acc, &batch, err));
        extra->n_done = n_due;
        TRY(emit(out, batch, err));
    }
    keep = over_keep_from(self, ctx, group, extra->n_done);
    multi_erase(self->timed.rows, group, 0, keep);
    extra->n_done -= keep;
    if (!multi_rows(group)) multi_remove(self->timed.rows, group);
    return ST_OK;
}

/* Fires the partitions that have a timer before the watermark. */
static Status over_flush_time(Over *self, OpCtx *ctx, Out *out, Err *err) {
    Span partition;
    MultiGroup *group;
    Status status = ST_OK;
    while (status == ST_OK && timed_next(&self->timed, ctx, &partition, &group)) {
        if (!group) continue;
        status = over_fire(self, ctx, group, out, err);
        if (status == ST_OK && self->reach_us && ctx->watermark != WATERMARK_MAX) {
            /* Comes back when the last of its rows is out of reach, to let go of them. */
            int64_t again =
                op_time_add(op_time_add(ctx->watermark, self->reach_us), self->time_unit);
            timed_set(&self->timed, again, partition);
        }
    }
    return status;
}

static Status over_flush(Op *op, OpCtx *ctx, Out *out, Err *err) {
    Over *self = (Over *)op;
    if (!self->in_time) return over_flush_any(self, ctx, out, err);
    if (self->timed.is_proctime) {
        for (uint32_t i = 0; i < self->n_touched; i++)
            TRY(over_fire(self, ctx, self->touched[i].group, out, err));
    } else {
        TRY(over_flush_time(self, ctx, out, err));
    }
    self->n_touched = 0;
    return ST_OK;
}

static void over_explain(const Op *op, Buf *out) {
    const Over *self = (const Over *)op;
    buf_puts(out, self->in_time ? "rows are answered once, in order of time"
                                : "partitions are kept and answered anew when they change");
}

static void over_close(Op *op) {
    Over *self = (Over *)op;
    arena_deinit(&self->olds);
    ttl_close(&self->ttl);
    timed_close(&self->timed);
    buf_deinit(&self->found);
    if (self->args) program_free(self->args);
    mem_free(self->mem, self->touched, self->cap_touched * sizeof *self->touched);
}

const OpType op_over = {
    .name = "over",
    .size = sizeof(Over),
    .traits = OP_KEYED,
    .fits = over_fits,
    .open = over_open,
    .push = over_push,
    .flush = over_flush,
    .explain = over_explain,
    .close = over_close,
};
