/* op_join.c -- regular joins of two streams: INNER, LEFT, RIGHT, FULL, SEMI and ANTI, with equal
 * columns (or none: a cross join) and an optional further condition.
 *
 * Both sides are kept by key. A row that comes in meets the rows of the other side and is then
 * kept itself. A row of an outer side that nothing matches comes out padded with NULLs: when its
 * first match comes, the padded row is taken back, and when the last one goes, it returns. SEMI and
 * ANTI joins do the same with the left row itself. Changes come out in Flink's order: for a new row
 * first what it takes back, for a retracted one last what returns.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/joinside.h"

enum { PAIRS = BATCH_ROWS };

typedef struct Join {
    Op op;
    JoinSide sides[2];
    Program *residual;
    bool is_counted; /* rows carry how many they match: not all rows of a group do, or for ever */
    Schema pairs;    /* left then right columns: what the condition sees */
    bool only_left;
    Program *ends[2];   /* when a row of the side meets nothing more; NULL = never known */
    uint64_t n_left[2]; /* rows that the last sweep of the side left */
    int64_t swept;      /* the watermark of the last sweep */
} Join;

/* One batch on its way through. */
typedef struct JoinPush {
    Join *self;
    OpCtx *ctx;
    const Batch *in;
    JoinSide *me, *other;
    MultiGroup **mine, **others; /* by slot; others NULL where absent */
    uint32_t *slots;             /* of each row; JOIN_NONE: a NULL key */
    int64_t *matched;            /* of each row: how many rows it has met so far */
    const JoinTimes *times;      /* of each row; NULL where neither side ends */
    ArenaMark mark;
    ColBuilder *builders; /* the other side's rows of the pairs */
    JoinRow *pairs;
    uint32_t *pair_rows; /* row of the batch */
    uint8_t *hits;       /* the condition holds */
    uint32_t n_pairs, n_done;
    uint32_t next_row; /* rows before it are finished */
    JoinOut out;
    Err *err;
} JoinPush;

static bool join_fits(const Node *node) {
    return node->kind == NODE_JOIN;
}

static Status join_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    static const char *const names[2] = {"left", "right"};
    Join *self = (Join *)op;
    JoinOp kind = node->join.kind;
    self->only_left = kind == JOINOP_SEMI || kind == JOINOP_ANTI;
    self->pairs = joinpairs_schema(ctx->arena, node);
    self->is_counted = node->join.residual || node->join.left_ttl_us || node->join.right_ttl_us;
    for (uint32_t i = 0; i < 2; i++) {
        JoinSide *side = &self->sides[i];
        side->schema = &node->inputs[i]->schema;
        side->keys = i ? node->join.right_keys : node->join.left_keys;
        side->null_safe = node->join.null_safe;
        side->n_keys = node->join.n_keys;
        side->is_append = op_only_inserts(node->inputs[i], ctx);
        side->is_outer = kind == JOINOP_FULL || kind == (i ? JOINOP_RIGHT : JOINOP_LEFT);
        side->ttl_us = i ? node->join.right_ttl_us : node->join.left_ttl_us;
        side->has_matches = self->is_counted && (side->is_outer || (self->only_left && i == 0));
        side->keeps_rows = i == 0 || !self->only_left || self->is_counted;
        side->has_end = node->join.ends[i] != NULL;
        side->has_wm = node->join.ends[1 - i] != NULL;
        if (side->has_end)
            TRY(program_compile(&self->ends[i], &node->join.ends[i], 1, ctx->arena, err));
        joinside_open(side, ctx, names[i]);
    }
    self->swept = WATERMARK_NONE;
    if (!node->join.residual) return ST_OK;
    return program_compile(&self->residual, (Expr *const *)&node->join.residual, 1, ctx->arena,
                           err);
}

/* ---- pairs ---- */

static void join_begin_chunk(JoinPush *p) {
    Arena *scratch = p->ctx->scratch;
    const Schema *schema = p->other->schema;
    arena_rewind(scratch, p->mark);
    p->builders = arena_alloc(scratch, sizeof *p->builders * (schema->n_fields + 1));
    for (uint32_t i = 0; i < schema->n_fields; i++)
        colb_init(&p->builders[i], scratch, schema->fields[i].type, 64);
    p->pairs = arena_alloc(scratch, sizeof *p->pairs * PAIRS);
    p->pair_rows = arena_alloc(scratch, sizeof *p->pair_rows * PAIRS);
    p->hits = NULL;
    p->n_pairs = p->n_done = 0;
    joinout_init(&p->out, PAIRS);
}

static void join_finish_columns(JoinPush *p) {
    const Schema *schema = p->other->schema;
    p->out.others = arena_array(p->ctx->scratch, Column, schema->n_fields);
    for (uint32_t i = 0; i < schema->n_fields; i++) colb_finish(&p->builders[i], &p->out.others[i]);
}

/* Which pairs satisfy the condition. */
static Status join_test(JoinPush *p) {
    Arena *scratch = p->ctx->scratch;
    uint32_t *rows = arena_alloc(scratch, sizeof *rows * (p->n_pairs + 1)), n_hits;
    Column *cols = arena_array(scratch, Column, p->self->pairs.n_fields);
    const uint32_t *sel;
    bool left = p->out.delta_is_left;
    uint32_t n_left = left ? p->in->n_cols : p->other->schema->n_fields;
    Column *mine = cols + (left ? 0 : n_left), *others = cols + (left ? n_left : 0);
    Batch batch = {.schema = &p->self->pairs,
                   .n_rows = p->n_pairs,
                   .n_phys = p->n_pairs,
                   .n_cols = p->self->pairs.n_fields,
                   .split = SPLIT_NONE,
                   .cols = cols};
    join_finish_columns(p);
    for (uint32_t i = 0; i < p->n_pairs; i++) rows[i] = batch_row(p->in, p->pair_rows[i]);
    for (uint32_t c = 0; c < p->in->n_cols; c++)
        mine[c] = col_gather(scratch, &p->in->cols[c], rows, p->n_pairs);
    memcpy(others, p->out.others, sizeof *cols * p->other->schema->n_fields);
    p->hits = arena_zalloc(scratch, p->n_pairs);
    TRY(program_select(p->self->residual, &batch, p->ctx->env, scratch, &sel, &n_hits, p->err));
    for (uint32_t i = 0; i < n_hits; i++) p->hits[sel ? sel[i] : i] = 1;
    for (uint32_t i = 0; p->times && i < p->n_pairs; i++) {
        const JoinTimes *mine_at = &p->times[p->pair_rows[i]];
        const JoinRow *pair = &p->pairs[i];
        if ((p->other->has_end && pair->end < mine_at->wm) ||
            (p->me->has_end && mine_at->end < pair->wm))
            p->hits[i] = 0;
    }
    return ST_OK;
}

/* ---- what comes out ---- */

/* A row of the other side gains (weight > 0) or loses matches: padded rows, or rows of a SEMI or
 * ANTI join, go or return. */
static void join_change_matches(JoinPush *p, uint32_t row, uint32_t pair, int64_t weight) {
    MultiGroup *mine = p->mine[p->slots[row]], *group = p->others[p->slots[row]];
    int64_t before, after;
    JoinOp kind = p->self->op.node->join.kind;
    if (p->other->has_matches) {
        MultiRow now; /* an earlier row of the batch may have changed it */
        bool found = multi_get(group, p->pairs[pair].sort, &now);
        assert(found);
        (void)found;
        memcpy(&before, now.value.ptr, sizeof before);
        joinside_set_matches(p->other, p->ctx, group, &p->pairs[pair], before + weight);
    } else {
        before = joinside_total(mine);
    }
    after = before + weight;
    if ((before > 0) == (after > 0)) return;
    p->out.is_update = kind == JOINOP_SEMI && batch_is_update(p->in, batch_row(p->in, row));
    joinout_row(&p->out, JOIN_NONE, pair,
                (after > 0) == (kind == JOINOP_SEMI) ? p->pairs[pair].count
                                                     : -p->pairs[pair].count);
}

/* The pairs [from, to) of one row, all that are known now. */
static void join_row_pairs(JoinPush *p, uint32_t row, uint32_t from, uint32_t to) {
    bool has_pairs = !p->self->only_left;
    bool has_changes = p->other->is_outer || (p->self->only_left && !p->out.delta_is_left);
    uint32_t phys = batch_row(p->in, row);
    int64_t weight = batch_weight(p->in, phys);
    bool first_all = weight > 0 && p->me->is_outer; /* take everything back before the pairs */
    /* As Flink says it: what an outer join adds is new, what its outer side loses is deleted. */
    bool is_update =
        batch_is_update(p->in, phys) && !p->me->is_outer && !(weight > 0 && p->other->is_outer);
    for (uint32_t i = from; i < to && first_all && has_changes; i++)
        if (!p->hits || p->hits[i]) join_change_matches(p, row, i, weight);
    for (uint32_t i = from; i < to; i++) {
        if (p->hits && !p->hits[i]) continue;
        p->matched[row] += p->pairs[i].count;
        if (has_changes && weight > 0 && !first_all) join_change_matches(p, row, i, weight);
        p->out.is_update = is_update;
        if (has_pairs) joinout_row(&p->out, phys, i, weight * p->pairs[i].count);
    }
    for (uint32_t i = from; i < to && weight < 0 && has_changes; i++)
        if (!p->hits || p->hits[i]) join_change_matches(p, row, i, weight);
}

/* All pairs of the row are done: what it gives by itself, and its place in the state. */
static void join_end_row(JoinPush *p, uint32_t row) {
    uint32_t phys = batch_row(p->in, row), slot = p->slots[row];
    int64_t weight = batch_weight(p->in, phys), matched = p->matched[row];
    JoinOp kind = p->self->op.node->join.kind;
    bool is_left = p->out.delta_is_left;
    if (slot != JOIN_NONE && !p->self->is_counted) matched = joinside_total(p->others[slot]);
    p->out.is_update = p->self->only_left && batch_is_update(p->in, phys);
    if ((p->me->is_outer && matched <= 0) || (kind == JOINOP_ANTI && is_left && matched <= 0) ||
        (kind == JOINOP_SEMI && is_left && matched > 0))
        joinout_row(&p->out, phys, JOIN_NONE, weight);
    if (slot != JOIN_NONE)
        joinside_add(p->me, p->ctx, p->mine[slot], p->in, phys, weight, matched,
                     p->times ? &p->times[row] : NULL);
}

/* Works off the pairs that are waiting; rows before end_row have no more to come. */
static void join_process(JoinPush *p, uint32_t end_row) {
    while (p->next_row < end_row || p->n_done < p->n_pairs) {
        uint32_t row = p->next_row, from = p->n_done;
        while (p->n_done < p->n_pairs && p->pair_rows[p->n_done] == row) p->n_done++;
        if (p->n_done > from) join_row_pairs(p, row, from, p->n_done);
        if (row >= end_row) return;
        join_end_row(p, row);
        p->next_row++;
    }
}

static Status join_send(JoinPush *p, uint32_t end_row) {
    if (p->self->residual && p->n_pairs) TRY(join_test(p));
    join_process(p, end_row);
    if (p->out.n && !p->hits) join_finish_columns(p);
    TRY(joinout_send(&p->out));
    join_begin_chunk(p);
    return ST_OK;
}

/* Does the row have to meet the rows of the other side one by one? */
static bool join_needs_pairs(const JoinPush *p, uint32_t row) {
    uint32_t slot = p->slots[row];
    if (slot == JOIN_NONE || !p->others[slot]) return false;
    if (!p->self->only_left || p->self->is_counted) return true;
    if (p->out.delta_is_left) return false;
    int64_t before = joinside_total(p->mine[slot]);
    int64_t after = before + batch_weight(p->in, batch_row(p->in, row));
    return (before > 0) != (after > 0);
}

static Status join_row(JoinPush *p, uint32_t row) {
    const MultiGroup *group;
    uint64_t n;
    if (!join_needs_pairs(p, row)) return ST_OK;
    group = p->others[p->slots[row]];
    n = multi_rows(group);
    for (uint64_t i = 0; i < n; i++) {
        if (p->n_pairs == PAIRS) TRY(join_send(p, row));
        joinside_at(p->other, group, i, &p->pairs[p->n_pairs]);
        p->pair_rows[p->n_pairs] = row;
        TRY(rowcodec_decode(p->pairs[p->n_pairs].bytes, p->builders, p->other->schema->n_fields,
                            true, p->err));
        p->n_pairs++;
    }
    return ST_OK;
}

/* ---- the operator ---- */

/* Finds the groups of the rows on both sides; rows with a NULL key have none. */
static uint32_t join_find_groups(JoinPush *p) {
    Arena *scratch = p->ctx->scratch;
    const Batch *in = p->in;
    const uint8_t *has_null;
    RowKeys keys;
    uint32_t n = 0;
    p->slots = arena_alloc(scratch, sizeof *p->slots * in->n_rows);
    joinside_keys(p->me, scratch, in, &keys, &has_null);
    if (has_null) {
        uint32_t *sel = arena_alloc(scratch, sizeof *sel * in->n_rows);
        Batch rest;
        for (uint32_t i = 0; i < in->n_rows; i++) {
            p->slots[i] = has_null[i] ? JOIN_NONE : n;
            if (!has_null[i]) sel[n++] = batch_row(in, i);
        }
        rest = batch_select(in, sel, n);
        joinside_keys(p->me, scratch, &rest, &keys, &has_null);
    } else {
        for (uint32_t i = 0; i < in->n_rows; i++) p->slots[i] = i;
        n = in->n_rows;
    }
    p->mine = arena_alloc(scratch, sizeof *p->mine * (n + 1));
    p->others = arena_alloc(scratch, sizeof *p->others * (n + 1));
    if (!n) return 0;
    multi_find(p->other->map, &keys, p->others);
    multi_upsert(p->me->map, &keys, p->mine);
    return n;
}

/* The ends of the batch's rows, and where they are late, in row order; a row whose end is NULL
 * meets nothing. */
static Status join_find_times(JoinPush *p, uint32_t port) {
    const Node *node = p->self->op.node;
    Arena *scratch = p->ctx->scratch;
    JoinTimes *times;
    Column col;
    if (!p->me->has_end && !p->me->has_wm) return ST_OK;
    times = arena_alloc(scratch, sizeof *times * (p->in->n_rows + 1));
    p->times = times;
    for (uint32_t i = 0; i < p->in->n_rows; i++)
        times[i].wm = p->in->row_wm ? p->in->row_wm[batch_row(p->in, i)] : WATERMARK_NONE;
    if (!p->me->has_end) return ST_OK;
    TRY(program_eval(p->self->ends[port], p->in, p->ctx->env, scratch, &col, p->err));
    for (uint32_t i = 0; i < p->in->n_rows; i++) {
        times[i].end = col_is_null(&col, i)
                           ? INT64_MIN
                           : op_time_add(col.i64[col_at(&col, i)], node->join.end_offsets[port]);
    }
    return ST_OK;
}

static Status join_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *in, Out *out, Err *err) {
    Join *self = (Join *)op;
    JoinPush p = {.self = self,
                  .ctx = ctx,
                  .in = in,
                  .me = &self->sides[port],
                  .other = &self->sides[1 - port],
                  .err = err};
    uint32_t n_groups;
    joinside_expire(&self->sides[0], ctx);
    joinside_expire(&self->sides[1], ctx);
    n_groups = join_find_groups(&p);
    p.matched = arena_zalloc(ctx->scratch, sizeof *p.matched * in->n_rows);
    TRY(join_find_times(&p, port));
    p.out = (JoinOut){.node = op->node,
                      .scratch = ctx->scratch,
                      .out = out,
                      .err = err,
                      .delta = in,
                      .other_schema = p.other->schema,
                      .delta_is_left = port == 0,
                      .only_left = self->only_left};
    p.mark = arena_mark(ctx->scratch);
    join_begin_chunk(&p);
    for (uint32_t row = 0; row < in->n_rows; row++) {
        TRY(join_row(&p, row));
        if (!self->residual) join_process(&p, row + 1);
    }
    TRY(join_send(&p, in->n_rows));
    joinside_tidy(p.me, p.mine, n_groups);
    return mem_check(ctx->mem, err);
}

/* Rows that meet nothing more are dropped when there are several times as many as the last sweep
 * left: so each row is looked at a bounded number of times. */
static Status join_flush(Op *op, OpCtx *ctx, Out *out, Err *err) {
    enum { SWEEP_MIN = 1 << 14 };
    Join *self = (Join *)op;
    (void)out, (void)err;
    if (ctx->watermark == self->swept || ctx->watermark == WATERMARK_MAX) return ST_OK;
    for (uint32_t i = 0; i < 2; i++) {
        JoinSide *side = &self->sides[i];
        if (!side->has_end || side->n_rows < 3 * self->n_left[i] + SWEEP_MIN) continue;
        joinside_sweep(side, ctx->watermark);
        self->n_left[i] = side->n_rows;
        self->swept = ctx->watermark;
    }
    return ST_OK;
}

static void join_explain(const Op *op, Buf *out) {
    static const char *const kinds[] = {"inner", "left", "right", "full", "semi", "anti"};
    const Node *node = op->node;
    buf_printf(out, "type=%s, keys=[", kinds[node->join.kind]);
    for (uint32_t i = 0; i < node->join.n_keys; i++) {
        Span left = node->inputs[0]->schema.fields[node->join.left_keys[i]].name;
        Span right = node->inputs[1]->schema.fields[node->join.right_keys[i]].name;
        buf_printf(out, "%s" SPAN_FMT "=" SPAN_FMT, i ? ", " : "", SPAN_ARG(left), SPAN_ARG(right));
    }
    buf_puts(out, "]");
    if (!node->join.residual) return;
    buf_puts(out, ", condition=");
    expr_print(node->join.residual, &((const Join *)op)->pairs, out);
}

static void join_close(Op *op) {
    Join *self = (Join *)op;
    program_free(self->residual);
    program_free(self->ends[0]);
    program_free(self->ends[1]);
    joinside_close(&self->sides[0]);
    joinside_close(&self->sides[1]);
}

const OpType op_join = {
    .name = "join",
    .size = sizeof(Join),
    .traits = OP_KEYED,
    .fits = join_fits,
    .open = join_open,
    .push = join_push,
    .flush = join_flush,
    .explain = join_explain,
    .close = join_close,
};
