/* op_match.c -- MATCH_RECOGNIZE: finds row patterns in the rows of each partition, in order of
 * time.
 *
 * Rows wait until the watermark has passed them, then the partition is searched from where its
 * last match ended. When a match needs rows that are not there yet, those that it may use are
 * kept; WITHIN bounds how long. A long search is put aside and goes on with the new rows; rows that
 * it has taken are read again only when a condition or measure looks at them. What was put aside is
 * no state: without it the search begins anew. Conditions that look only at the row itself and its
 * neighbours are computed for all rows at once, others when the search asks.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/match_program.h"
#include "op/oputil.h"
#include "op/timed.h"
#include "os/os.h"

typedef struct MatchGroup { /* operator data of a partition */
    uint64_t n_before;      /* rows at the front that only PREV still looks at */
    int64_t n_matches;
    uint64_t n_forgotten; /* rows that were there once: row 0 is not the partition's first */
    uint64_t n_shown;     /* rows at the front that were matched or shown as unmatched */
    uint64_t touched;
    int64_t pending; /* time of the row that the next match may begin with, if is_pending */
    bool is_pending;
    uint64_t aside; /* number of the partition's search that was put aside, 0 = none */
    uint32_t slot;  /* where it is in MatchOp.asides */
} MatchGroup;

/* A long search that waits for rows. It begins at row n_before of its group. */
typedef struct MatchAside {
    uint64_t number; /* 0: the slot is free */
    MatchSaved saved;
    uint32_t n_rows; /* that it has seen; of a free slot: the next free one, from 1 */
    int64_t start_time;
} MatchAside;
/* Shorter searches are repeated. */
enum { ASIDE_STEPS_MIN = 32 };

typedef struct MatchOp {
    Op op;
    const MatchSpec *spec;
    TimedRows timed;
    MatchProgram program;
    Program **defines; /* one a variable; NULL = always true */
    Program **measures;
    Program ***agg_args; /* [variable or n_vars + measure][navigation] */
    StateHeap *heap;
    Matcher matcher;
    Arena eval; /* of one condition or measure */
    Mem *mem;
    MultiGroup **touched;
    uint32_t n_touched, cap_touched;
    MatchAside *asides;
    uint32_t n_asides, cap_asides, free_aside; /* from 1, 0 = none */
    uint64_t n_aside;  /* the last number; no two runs of the program count from the same */
    MultiMap *pending; /* MATCH_ROWTIME() goes on as a time: those times, in one group */
    bool is_counted;   /* MATCH_NUMBER() or ^ is asked for: partitions are not forgotten */
    /* the partition being searched */
    OpCtx *ctx;
    const MultiGroup *group;
    Column *cols; /* rows base and on */
    uint32_t base;
    uint32_t n_rows;
    int64_t n_matches;
    int64_t start_time; /* of the match */
    uint32_t known_from;
    int8_t **known; /* [variable][row - base], from row known_from on; NULL = ask */
} MatchOp;

static MatchTest matchop_test;

static bool matchop_fits(const Node *node) {
    return node->kind == NODE_MATCH;
}

/* ---- opening ---- */

static Status matchop_compile(MatchOp *self, const MatchExpr *expr, Program **program,
                              Program ***args, OpCtx *ctx, Err *err) {
    Expr *exprs[1] = {expr->expr};
    *program = NULL;
    *args = arena_array(ctx->arena, Program *, expr->n_navs);
    (void)self;
    if (!expr->expr) return ST_OK;
    for (uint32_t i = 0; i < expr->n_navs; i++) {
        const AggCall *call = &expr->navs[i].agg;
        if (expr->navs[i].kind != MATCH_NAV_AGG || !call->n_args) continue;
        TRY(program_compile(&(*args)[i], call->args, call->n_args, ctx->arena, err));
    }
    return program_compile(program, exprs, 1, ctx->arena, err);
}

/* Does the condition look at nothing but the row itself and rows a fixed way back? */
static bool matchop_is_local(const MatchExpr *expr, uint32_t var) {
    for (uint32_t i = 0; i < expr->n_navs; i++) {
        const MatchNav *nav = &expr->navs[i];
        if (nav->kind != MATCH_NAV_ROW || nav->from_first || nav->skip || nav->step > 0)
            return false;
        if (!(nav->vars >> var & 1)) return false;
    }
    return true;
}

/* How many rows behind the last one of the match the expression looks at. */
static uint32_t matchop_ahead(const MatchExpr *expr) {
    int64_t ahead = 0;
    for (uint32_t i = 0; i < expr->n_navs; i++)
        if (expr->navs[i].kind == MATCH_NAV_ROW && expr->navs[i].step > ahead)
            ahead = expr->navs[i].step;
    return ahead < UINT32_MAX ? (uint32_t)ahead : UINT32_MAX;
}

static Status matchop_open(Op *op, const Node *node, OpCtx *ctx, Err *err) {
    MatchOp *self = (MatchOp *)op;
    const MatchSpec *spec = self->spec = node->match;
    const Type *time = node->inputs[0]->schema.fields[spec->order_cols[0]].type;
    self->mem = ctx->mem;
    self->heap = state_heap(ctx->state);
    self->n_aside = (uint64_t)clock_wall_us() << 12;
    arena_init(&self->eval, ctx->mem);
    timed_open(&self->timed, ctx, time, spec->orders[0], sizeof(MatchGroup));
    TRY(match_compile(spec->pattern, ctx->arena, &self->program, err));
    self->defines = arena_array(ctx->arena, Program *, spec->n_vars);
    self->measures = arena_array(ctx->arena, Program *, spec->n_measures);
    self->agg_args = arena_array(ctx->arena, Program **, spec->n_vars + spec->n_measures);
    for (uint32_t i = 0; i < spec->n_vars; i++) {
        TRY(matchop_compile(self, &spec->defines[i], &self->defines[i], &self->agg_args[i], ctx,
                            err));
    }
    for (uint32_t i = 0; i < spec->n_measures; i++) {
        TRY(matchop_compile(self, &spec->measures[i], &self->measures[i],
                            &self->agg_args[spec->n_vars + i], ctx, err));
    }
    self->known = arena_array(ctx->arena, int8_t *, spec->n_vars);
    self->matcher = (Matcher){.program = &self->program, .mem = ctx->mem, .ctx = self};
    self->matcher.marks = arena_array(ctx->arena, uint32_t, self->program.n_slots + 1);
    self->matcher.test = matchop_test;
    self->matcher.is_timed = spec->within_us;
    if (node->rowtime_col >= 0 && !spec->is_proctime)
        self->pending = state_multimap(ctx->state, ctx->name, &(MultiSpec){.name = "pending"});
    self->matcher.is_pure = true;
    for (uint32_t i = 0; i < spec->n_vars; i++)
        self->matcher.is_pure &= !self->defines[i] || matchop_is_local(&spec->defines[i], i);
    for (uint32_t i = 0; i < spec->n_measures; i++) {
        uint32_t ahead = matchop_ahead(&spec->measures[i]);
        if (ahead > self->matcher.n_ahead) self->matcher.n_ahead = ahead;
        for (uint32_t k = 0; k < spec->measures[i].n_navs; k++)
            self->is_counted |= spec->measures[i].navs[k].kind == MATCH_NAV_NUMBER;
    }
    for (uint32_t i = 0; i < self->program.n; i++)
        self->is_counted |= self->program.code[i].code == CODE_START;
    return ST_OK;
}

/* ---- rows come in ---- */

static void matchop_touch(MatchOp *self, MultiGroup *group) {
    MatchGroup *extra = multi_extra(group);
    if (extra->touched == self->ctx->step + 1) return;
    extra->touched = self->ctx->step + 1;
    if (self->n_touched == self->cap_touched) {
        uint32_t cap = self->cap_touched ? self->cap_touched * 2 : 64;
        self->touched =
            mem_realloc(self->mem, self->touched, self->cap_touched * sizeof *self->touched,
                        cap * sizeof *self->touched);
        self->cap_touched = cap;
    }
    self->touched[self->n_touched++] = group;
}

static Status matchop_push(Op *op, OpCtx *ctx, uint32_t port, const Batch *batch, Out *out,
                           Err *err) {
    MatchOp *self = (MatchOp *)op;
    const MatchSpec *spec = self->spec;
    const Batch *rows = batch_dense(ctx->scratch, batch);
    Column *parts = arena_array(ctx->scratch, Column, spec->n_partition + 1);
    MultiGroup **groups = arena_array(ctx->scratch, MultiGroup *, rows->n_rows);
    RowKeys keys;
    Buf *sort = &self->timed.sort, *value = &self->timed.value;
    (void)port, (void)out, (void)err;
    self->ctx = ctx;
    for (uint32_t i = 0; i < spec->n_partition; i++) parts[i] = rows->cols[spec->partition[i]];
    rowkey_encode(ctx->scratch, parts, spec->n_partition, NULL, rows->n_rows, &keys);
    multi_upsert(self->timed.rows, &keys, groups);
    for (uint32_t i = 0; i < rows->n_rows; i++) {
        const Column *time = &rows->cols[spec->order_cols[0]];
        buf_reset(sort);
        buf_reset(value);
        if (spec->is_proctime) {
            matchop_touch(self, groups[i]);
        } else {
            int64_t at = col_is_null(time, i) ? INT64_MIN : time->i64[i];
            if (rows->row_wm && at < rows->row_wm[i]) {
                ctx->n_late++;
                continue;
            }
            timed_set(&self->timed, at, rowkey_get(&keys, i));
            for (uint32_t k = 0; k < spec->n_order; k++) {
                rowkey_encode_row(&rows->cols[spec->order_cols[k]], 1, &spec->orders[k], i, sort);
            }
        }
        rowcodec_encode(rows->cols, rows->n_cols, i, value);
        for (int32_t w = batch_weight(rows, i); w > 0; w--) {
            size_t len = sort->len;
            timed_put_seq(&self->timed, sort);
            multi_add(self->timed.rows, groups[i], buf_as_span(sort), buf_as_span(value), 1, false,
                      NULL);
            sort->len = len;
        }
    }
    return ST_OK;
}

/* ---- reading rows ---- */

static Status matchop_know(MatchOp *self, Err *err);

/* Reads the partition's rows from `base` on. */
static Status matchop_read(MatchOp *self, uint32_t base, Err *err) {
    const Schema *schema = &self->op.node->inputs[0]->schema;
    ColBuilder *builders = arena_array(self->ctx->scratch, ColBuilder, schema->n_fields);
    self->base = base;
    self->cols = arena_array(self->ctx->scratch, Column, schema->n_fields);
    for (uint32_t c = 0; c < schema->n_fields; c++)
        colb_init(&builders[c], self->ctx->scratch, schema->fields[c].type, self->n_rows - base);
    for (uint32_t i = base; i < self->n_rows; i++) {
        MultiRow row;
        if (!multi_at(self->group, i, &row)) break;
        TRY(rowcodec_decode(row.value, builders, schema->n_fields, false, err));
    }
    for (uint32_t c = 0; c < schema->n_fields; c++) colb_finish(&builders[c], &self->cols[c]);
    return matchop_know(self, err);
}

/* Makes sure that the row is among those that were read: goes back at least as far again as what
 * was read, so that reading all of a long match takes no more than twice its rows. */
static Status matchop_reach(MatchOp *self, uint32_t row, Err *err) {
    uint32_t n = self->n_rows - self->base, back = n + 64;
    if (row >= self->base) return ST_OK;
    back = self->base > back ? self->base - back : 0;
    return matchop_read(self, row < back ? row : back, err);
}

static Status matchop_reach_known(MatchOp *self, uint32_t row, Err *err) {
    uint32_t look_back = (uint32_t)self->spec->look_back;
    return matchop_reach(self, row > look_back ? row - look_back : 0, err);
}

/* ---- navigating ---- */

/* The row that the navigation leads to from a match of n_steps rows, or -1. */
static int64_t matchop_row(const MatchOp *self, const MatchNav *nav, uint32_t n_steps) {
    const Matcher *m = &self->matcher;
    int64_t left = nav->skip;
    int64_t row = -1;
    for (uint32_t k = 0; k < n_steps && row < 0; k++) {
        uint32_t at = nav->from_first ? k : n_steps - 1 - k;
        if (!(nav->vars >> m->steps[at].var & 1)) continue;
        if (left-- == 0) row = m->start + at;
    }
    if (row < 0) return -1;
    row += nav->step;
    return row >= 0 && row < (int64_t)self->n_rows ? row : -1;
}

static Status matchop_agg(MatchOp *self, const MatchNav *nav, Program *args, uint32_t n_steps,
                          Column *out, Err *err) {
    const Matcher *m = &self->matcher;
    const AggCall *call = &nav->agg;
    AggCtx agg = {.heap = self->heap, .env = self->ctx->env, .scratch = &self->eval, .call = call};
    char *state = arena_zalloc(&self->eval, call->agg->state_size);
    uint32_t *pick = arena_array(&self->eval, uint32_t, n_steps);
    char **states = arena_array(&self->eval, char *, n_steps);
    Column *cols = arena_array(&self->eval, Column, call->n_args + 1);
    Batch rows = {.schema = &self->op.node->inputs[0]->schema, .split = SPLIT_NONE};
    ColBuilder result;
    const char *done = state;
    Status status;
    rows.n_cols = rows.schema->n_fields;
    for (uint32_t k = 0; k < n_steps; k++) {
        if (!(nav->vars >> m->steps[k].var & 1)) continue;
        if (!rows.n_rows) TRY(matchop_reach(self, m->start + k, err));
        states[rows.n_rows] = state;
        pick[rows.n_rows++] = m->start + k - self->base;
    }
    rows.cols = self->cols;
    rows.n_phys = self->n_rows - self->base;
    rows.sel = pick;
    if (rows.n_rows && args) TRY(program_eval(args, &rows, self->ctx->env, &self->eval, cols, err));
    status = rows.n_rows ? call->agg->add(&agg, states, cols, NULL, rows.n_rows, err) : ST_OK;
    colb_init(&result, &self->eval, nav->type, 1);
    if (status == ST_OK) status = call->agg->result(&agg, &done, 1, &result, err);
    for (uint32_t v = 0; v < 32; v++) {
        if (call->agg->var_slots >> v & 1) statevar_clear(self->heap, (StateVar *)(state + 8 * v));
    }
    if (status == ST_OK) colb_finish(&result, out);
    return status;
}

static Status matchop_nav(MatchOp *self, const MatchNav *nav, Program *args, uint32_t n_steps,
                          Column *out, Err *err) {
    ColBuilder made;
    int64_t row;
    uint32_t n = nav->is_final ? self->matcher.n_steps : n_steps;
    colb_init(&made, &self->eval, nav->type, 1);
    switch (nav->kind) {
    case MATCH_NAV_AGG: return matchop_agg(self, nav, args, n, out, err);
    case MATCH_NAV_NUMBER: colb_i64(&made, self->n_matches); break;
    case MATCH_NAV_ROW:
        row = matchop_row(self, nav, n);
        if (row < 0) {
            colb_null(&made);
            break;
        }
        TRY(matchop_reach(self, (uint32_t)row, err));
        *out = col_constant(&self->cols[nav->col], (uint32_t)row - self->base, 1);
        return ST_OK;
    case MATCH_NAV_TIME:
        row = self->matcher.start + (n ? n - 1 : 0);
        TRY(matchop_reach(self, (uint32_t)row, err));
        *out = col_constant(&self->cols[self->spec->order_cols[0]], (uint32_t)row - self->base, 1);
        return ST_OK;
    case MATCH_NAV_CLASSIFIER:
        row = matchop_row(self, nav, n);
        row -= self->matcher.start;
        if (row < 0 || row >= (int64_t)n) {
            colb_null(&made);
        } else {
            Span name = self->spec->vars[self->matcher.steps[row].var];
            colb_str(&made, name.ptr, name.len);
        }
        break;
    }
    colb_finish(&made, out);
    return ST_OK;
}

/* The value of an expression for the first n_steps rows of the match; in self->eval. */
static Status matchop_value(MatchOp *self, const MatchExpr *expr, Program *program, Program **args,
                            uint32_t n_steps, Column *out, Err *err) {
    Column *navs = arena_array(&self->eval, Column, expr->n_navs + 1);
    Batch row = {.schema = &expr->schema,
                 .n_rows = 1,
                 .n_phys = 1,
                 .n_cols = expr->n_navs,
                 .split = SPLIT_NONE,
                 .cols = navs};
    for (uint32_t i = 0; i < expr->n_navs; i++)
        TRY(matchop_nav(self, &expr->navs[i], args[i], n_steps, &navs[i], err));
    return program_eval(program, &row, self->ctx->env, &self->eval, out, err);
}

/* ---- conditions ---- */

/* Computes local conditions for all rows that were read at once. */
static Status matchop_know(MatchOp *self, Err *err) {
    uint32_t n = self->n_rows - self->base;
    self->known_from = self->base ? self->base + (uint32_t)self->spec->look_back : 0;
    for (uint32_t v = 0; v < self->spec->n_vars; v++) {
        const MatchExpr *expr = &self->spec->defines[v];
        Column *navs;
        Column result;
        Batch rows = {.schema = &expr->schema,
                      .n_rows = n,
                      .n_phys = n,
                      .n_cols = expr->n_navs,
                      .split = SPLIT_NONE};
        self->known[v] = NULL;
        if (!self->defines[v] || !matchop_is_local(expr, v) || !expr->n_navs) continue;
        rows.cols = navs = arena_array(self->ctx->scratch, Column, expr->n_navs);
        for (uint32_t i = 0; i < expr->n_navs; i++) {
            const MatchNav *nav = &expr->navs[i];
            ColBuilder moved;
            if (!nav->step) {
                navs[i] = self->cols[nav->col];
                continue;
            }
            colb_init(&moved, self->ctx->scratch, nav->type, n);
            for (uint32_t row = 0; row < n; row++) {
                int64_t at = row + nav->step;
                if (at < 0)
                    colb_null(&moved);
                else
                    colb_append(&moved, &self->cols[nav->col], (uint32_t)at, false);
            }
            colb_finish(&moved, &navs[i]);
        }
        if (program_eval(self->defines[v], &rows, self->ctx->env, self->ctx->scratch, &result,
                         err) != ST_OK)
            continue;
        self->known[v] = arena_alloc(self->ctx->scratch, n);
        for (uint32_t row = 0; row < n; row++) {
            self->known[v][row] = !col_is_null(&result, row) && result.i8[col_at(&result, row)];
        }
    }
    return ST_OK;
}

/* Is the row out of the time that a match may span? */
static Status matchop_is_too_late(MatchOp *self, uint32_t row, bool *is_too_late, Err *err) {
    *is_too_late = false;
    if (!self->spec->within_us) return ST_OK;
    TRY(matchop_reach(self, row, err));
    *is_too_late = self->cols[self->spec->order_cols[0]].i64[row - self->base] - self->start_time >=
                   self->spec->within_us;
    return ST_OK;
}

static Status matchop_test(void *ctx, const Matcher *matcher, uint32_t var, uint32_t row,
                           bool *is_true, Err *err) {
    MatchOp *self = ctx;
    Matcher *m = &self->matcher;
    const MatchExpr *define = &self->spec->defines[var];
    Column result;
    Status status;
    bool is_too_late;
    *is_true = false;
    TRY(matchop_is_too_late(self, row, &is_too_late, err));
    if (is_too_late) return ST_OK;
    *is_true = true;
    if (!self->defines[var]) return ST_OK;
    if (self->known[var]) {
        if (row < self->known_from) TRY(matchop_reach_known(self, row, err));
        if (self->known[var]) {
            *is_true = self->known[var][row - self->base];
            return ST_OK;
        }
    }
    if (!m->is_final && (uint64_t)row + matchop_ahead(define) >= m->n_rows) return ST_AGAIN;
    /* The row counts as taken while its own condition is asked. */
    (void)matcher;
    match_take(m, var);
    arena_reset(&self->eval);
    status = matchop_value(self, define, self->defines[var], self->agg_args[var], m->n_steps,
                           &result, err);
    m->n_steps--;
    if (status == ST_OK) *is_true = !col_is_null(&result, 0) && result.i8[0];
    return status;
}

/* ---- matches go out ---- */

static Status matchop_put_measures(MatchOp *self, uint32_t n_steps, BatchBuilder *out,
                                   uint32_t first, Err *err) {
    const MatchSpec *spec = self->spec;
    for (uint32_t i = 0; i < spec->n_measures; i++) {
        Column value;
        arena_reset(&self->eval);
        TRY(matchop_value(self, &spec->measures[i], self->measures[i],
                          self->agg_args[spec->n_vars + i], n_steps, &value, err));
        colb_append(&out->cols[first + i], &value, 0, true);
    }
    return ST_OK;
}

/* One row of ALL ROWS PER MATCH; at is of the partition. is_matched: with measures. */
static Status matchop_put_row(MatchOp *self, uint32_t at, uint32_t n_steps, bool is_matched,
                              BatchBuilder *out, Err *err) {
    const MatchSpec *spec = self->spec;
    uint32_t n = 0, row;
    TRY(matchop_reach(self, at, err));
    row = at - self->base;
    for (uint32_t i = 0; i < spec->n_partition; i++)
        colb_append(&out->cols[n++], &self->cols[spec->partition[i]], row, true);
    for (uint32_t i = 0; i < spec->n_order; i++) {
        bool is_partition = false;
        for (uint32_t k = 0; k < spec->n_partition; k++)
            is_partition |= spec->partition[k] == spec->order_cols[i];
        if (!is_partition)
            colb_append(&out->cols[n++], &self->cols[spec->order_cols[i]], row, true);
    }
    if (is_matched) TRY(matchop_put_measures(self, n_steps, out, n, err));
    row = at - self->base; /* measures may have read more rows */
    for (uint32_t i = 0; i < spec->n_measures && !is_matched; i++) colb_null(&out->cols[n + i]);
    n += spec->n_measures;
    for (uint32_t i = 0; i < spec->n_rest; i++)
        colb_append(&out->cols[n++], &self->cols[spec->rest_cols[i]], row, true);
    batchb_row_end(out, 1);
    return ST_OK;
}

static Status matchop_put(MatchOp *self, BatchBuilder *out, Err *err) {
    const MatchSpec *spec = self->spec;
    const Matcher *m = &self->matcher;
    self->n_matches++;
    TRY(matchop_reach(self, m->start, err));
    if (spec->rows == MATCH_ROWS_ONE) {
        for (uint32_t i = 0; i < spec->n_partition; i++)
            colb_append(&out->cols[i], &self->cols[spec->partition[i]], m->start - self->base,
                        true);
        TRY(matchop_put_measures(self, m->n_steps, out, spec->n_partition, err));
        batchb_row_end(out, 1);
        return ST_OK;
    }
    if (!m->n_steps && spec->rows != MATCH_ROWS_ALL_NO_EMPTY)
        return matchop_put_row(self, m->start, 0, true, out, err);
    for (uint32_t k = 0; k < m->n_steps; k++) {
        if (!m->steps[k].is_hidden) TRY(matchop_put_row(self, m->start + k, k + 1, true, out, err));
    }
    return ST_OK;
}

/* Where the search goes on after a match. */
static Status matchop_next(const MatchOp *self, uint32_t *next, Err *err) {
    const MatchSpec *spec = self->spec;
    const Matcher *m = &self->matcher;
    *next = m->start + (m->n_steps ? m->n_steps : 1);
    if (!m->n_steps || spec->skip == MATCH_SKIP_PAST) return ST_OK;
    if (spec->skip == MATCH_SKIP_NEXT) {
        *next = m->start + 1;
        return ST_OK;
    }
    for (uint32_t k = 0; k < m->n_steps; k++) {
        uint32_t at = spec->skip == MATCH_SKIP_FIRST ? k : m->n_steps - 1 - k;
        if (!(spec->skip_vars >> m->steps[at].var & 1)) continue;
        if (at == 0) {
            FAIL(err, ST_INVALID, "2201M", self->op.node->pos,
                 "AFTER MATCH SKIP leads back to the first row of the match: it would be found for "
                 "ever");
        }
        *next = m->start + at;
        return ST_OK;
    }
    FAIL(err, ST_INVALID, "2201M", self->op.node->pos,
         "AFTER MATCH SKIP names a variable that the match does not contain");
}

/* ---- searching ---- */

/* The partition's search that was put aside, if it is still known. */
static MatchAside *matchop_aside(MatchOp *self, const MatchGroup *extra) {
    if (!extra->aside || extra->slot >= self->n_asides) return NULL;
    return self->asides[extra->slot].number == extra->aside ? &self->asides[extra->slot] : NULL;
}

static void matchop_put_aside(MatchOp *self, MatchGroup *extra) {
    uint32_t slot = self->free_aside ? self->free_aside - 1 : self->n_asides;
    MatchAside *aside;
    if (self->matcher.n_steps < ASIDE_STEPS_MIN) return;
    if (slot == self->cap_asides) {
        uint32_t cap = self->cap_asides ? self->cap_asides * 2 : 16;
        self->asides = mem_realloc(self->mem, self->asides, self->cap_asides * sizeof *self->asides,
                                   cap * sizeof *self->asides);
        self->cap_asides = cap;
    }
    aside = &self->asides[slot];
    if (slot == self->n_asides)
        self->n_asides++;
    else
        self->free_aside = aside->n_rows;
    *aside = (MatchAside){.number = ++self->n_aside, .start_time = self->start_time};
    aside->n_rows = self->n_rows - self->matcher.start;
    match_save(&self->matcher, &aside->saved);
    extra->aside = aside->number;
    extra->slot = slot;
}

static void matchop_take_aside(MatchOp *self, MatchAside *aside) {
    match_restore(&self->matcher, &aside->saved);
    aside->number = 0;
    aside->n_rows = self->free_aside;
    self->free_aside = (uint32_t)(aside - self->asides) + 1;
}

/* Searches from a row on, or goes on with the search that was put aside. */
static Status matchop_run(MatchOp *self, uint32_t row, MatchAside *aside, Err *err) {
    Matcher *m = &self->matcher;
    const OpCtx *ctx = self->ctx;
    int64_t within = self->spec->within_us;
    if (aside) {
        self->start_time = aside->start_time;
    } else {
        const Column *time = &self->cols[self->spec->order_cols[0]];
        TRY(matchop_reach(self, row, err));
        time = &self->cols[self->spec->order_cols[0]];
        self->start_time = col_is_null(time, row - self->base) ? 0 : time->i64[row - self->base];
    }
    m->is_final = ctx->watermark == WATERMARK_MAX;
    if (within && ctx->watermark != WATERMARK_NONE && !self->spec->is_proctime)
        m->is_final |= ctx->watermark >= op_time_add(self->start_time, within);
    if (!aside) return match_run(m, row, err);
    matchop_take_aside(self, aside);
    m->start = row;
    return match_again(m, err);
}

/* Searches the rows of the partition; *kept = the first row that is still needed. */
static Status matchop_search(MatchOp *self, MatchGroup *extra, MatchAside *aside, BatchBuilder *out,
                             uint32_t *kept, Err *err) {
    uint32_t row = (uint32_t)extra->n_before;
    bool waits = false;
    while (row < self->n_rows) {
        Status status = matchop_run(self, row, aside, err);
        aside = NULL;
        if (status == ST_AGAIN) {
            waits = true;
            break;
        }
        if (status == ST_NOT_FOUND) {
            if (self->spec->rows == MATCH_ROWS_ALL_UNMATCHED && row >= extra->n_shown)
                TRY(matchop_put_row(self, row, 0, false, out, err));
            row++;
            continue;
        }
        TRY(status);
        TRY(matchop_put(self, out, err));
        if (row + self->matcher.n_steps > extra->n_shown)
            extra->n_shown = row + self->matcher.n_steps;
        TRY(matchop_next(self, &row, err));
    }
    *kept = row < self->n_rows ? row : self->n_rows;
    if (!waits) self->matcher.n_steps = 0;
    return ST_OK;
}

static Status matchop_fire(MatchOp *self, MultiGroup *group, Out *out, Err *err) {
    MatchGroup *extra = multi_extra(group);
    MatchAside *aside = matchop_aside(self, extra);
    uint32_t look_back = (uint32_t)self->spec->look_back, base = 0, kept, dropped;
    BatchBuilder builder;
    self->n_rows = timed_due(&self->timed, self->ctx, group);
    if (self->n_rows <= extra->n_before && self->ctx->watermark != WATERMARK_MAX &&
        !self->spec->within_us)
        return ST_OK;
    if (aside) {
        base = (uint32_t)extra->n_before + aside->n_rows;
        base = base > look_back ? base - look_back : 0;
        if (base > self->n_rows) base = self->n_rows;
    }
    extra->aside = 0;
    self->group = group;
    self->n_matches = extra->n_matches;
    self->matcher.n_rows = self->n_rows;
    self->matcher.is_first_known = extra->n_forgotten == 0;
    match_forget(&self->matcher);
    TRY(matchop_read(self, base, err));
    batchb_init(&builder, self->ctx->scratch, &self->op.node->schema, 16);
    TRY(matchop_search(self, extra, aside, &builder, &kept, err));
    extra->n_matches = self->n_matches;
    dropped = kept > look_back ? kept - look_back : 0;
    self->matcher.start = kept;
    matchop_put_aside(self, extra);
    multi_erase(self->timed.rows, group, 0, dropped);
    extra->n_before = kept - dropped;
    extra->n_shown = extra->n_shown > dropped ? extra->n_shown - dropped : 0;
    extra->n_forgotten += dropped;
    return emit(out, batchb_finish(&builder), err);
}

/* Is there nothing to know of the partition any more? */
static bool matchop_is_idle(const MatchOp *self, MultiGroup *group) {
    const MatchGroup *extra = multi_extra(group);
    return !self->is_counted && !self->spec->is_proctime && multi_rows(group) == extra->n_before &&
           !extra->n_before;
}

/* A match that is found later has a time not before that of its first row: the watermark of the
 * output waits for the earliest of those rows. */
static void matchop_hold(MatchOp *self, MatchGroup *extra, bool is_pending, int64_t time,
                         Span partition) {
    MultiGroup *times = timed_one_group(self->pending);
    Buf *sort = &self->timed.sort;
    if (extra->is_pending == is_pending && extra->pending == time) return;
    buf_reset(sort);
    if (extra->is_pending) {
        timed_sort(sort, extra->pending, partition);
        multi_erase(self->pending, times, multi_lower_bound(times, buf_as_span(sort)), 1);
    }
    if (is_pending) {
        buf_reset(sort);
        timed_sort(sort, time, partition);
        multi_add(self->pending, times, buf_as_span(sort), (Span){NULL, 0}, 1, false, NULL);
    }
    extra->is_pending = is_pending;
    extra->pending = time;
}

static void matchop_hold_watermark(MatchOp *self, OpCtx *ctx) {
    MultiRow first;
    if (!self->pending || ctx->watermark == WATERMARK_MAX) return;
    if (!multi_at(timed_one_group(self->pending), 0, &first)) return;
    if (timed_sort_time(first.sort) < ctx->watermark)
        ctx->out_watermark = timed_sort_time(first.sort);
}

/* An unfinished match: when its time is over, or the input is, it has to be looked at again. */
static Status matchop_set_timer(MatchOp *self, MultiGroup *group, Span partition, Err *err) {
    MatchGroup *extra = multi_extra(group);
    int64_t start = 0, due = INT64_MAX - 1;
    bool waits;
    MultiRow row;
    if (self->ctx->watermark == WATERMARK_MAX) return ST_OK;
    self->n_rows = (uint32_t)extra->n_before;
    waits = multi_at(group, self->n_rows, &row);
    if (waits) {
        self->n_rows++;
        self->group = group;
        if (self->spec->within_us || self->pending) {
            TRY(matchop_read(self, self->n_rows - 1, err));
            start = self->cols[self->spec->order_cols[0]].i64[0];
        }
        /* Timers go off when the watermark has passed them. */
        if (self->spec->within_us && !self->spec->is_proctime)
            due = op_time_add(start, self->spec->within_us) - 1;
        timed_set(&self->timed, due, partition);
    }
    if (self->pending) matchop_hold(self, extra, waits, start, partition);
    return ST_OK;
}

static Status matchop_flush(Op *op, OpCtx *ctx, Out *out, Err *err) {
    MatchOp *self = (MatchOp *)op;
    Span partition;
    MultiGroup *group;
    self->ctx = ctx;
    for (uint32_t i = 0; i < self->n_touched; i++) {
        partition = multi_key(self->timed.rows, self->touched[i]);
        TRY(matchop_fire(self, self->touched[i], out, err));
        TRY(matchop_set_timer(self, self->touched[i], partition, err));
    }
    self->n_touched = 0;
    while (timed_next(&self->timed, ctx, &partition, &group)) {
        if (!group) continue;
        TRY(matchop_fire(self, group, out, err));
        TRY(matchop_set_timer(self, group, partition, err));
        if (matchop_is_idle(self, group)) multi_remove(self->timed.rows, group);
    }
    matchop_hold_watermark(self, ctx);
    return mem_check(ctx->mem, err);
}

static void matchop_close(Op *op) {
    MatchOp *self = (MatchOp *)op;
    const MatchSpec *spec = self->spec;
    for (uint32_t i = 0; spec && i < spec->n_vars + spec->n_measures; i++) {
        bool is_var = i < spec->n_vars;
        const MatchExpr *expr = is_var ? &spec->defines[i] : &spec->measures[i - spec->n_vars];
        Program *program = is_var ? self->defines[i] : self->measures[i - spec->n_vars];
        if (program) program_free(program);
        for (uint32_t k = 0; self->agg_args[i] && k < expr->n_navs; k++) {
            if (self->agg_args[i][k]) program_free(self->agg_args[i][k]);
        }
    }
    for (uint32_t i = 0; i < self->n_asides; i++)
        if (self->asides[i].number) match_drop(&self->matcher, &self->asides[i].saved);
    mem_free(self->mem, self->asides, self->cap_asides * sizeof *self->asides);
    if (self->matcher.program) match_deinit(&self->matcher);
    timed_close(&self->timed);
    arena_deinit(&self->eval);
    mem_free(self->mem, self->touched, self->cap_touched * sizeof *self->touched);
}

const OpType op_match = {
    .name = "match",
    .size = sizeof(MatchOp),
    .traits = OP_KEYED,
    .fits = matchop_fits,
    .open = matchop_open,
    .push = matchop_push,
    .flush = matchop_flush,
    .close = matchop_close,
};
