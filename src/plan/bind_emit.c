/* bind_emit.c -- EMIT and ON LATE behind a query that aggregates windows: when results are shown,
 * and what becomes of rows that come when their window is over.
 *
 * Such an aggregate is not made into one that shows each window once (rule_window_agg): it counts
 * every row at once, forgets a window when no row can change it any more, and a NODE_EMIT above it
 * holds its changes back until they may be shown.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/bind.h"

static Status emit_interval(Binder *b, const Ast *ast, const char *what, int64_t *out, Err *err) {
    Expr *expr;
    TRY(bind_constant(b, ast, what, &expr, err));
    if (expr->type->kind != TYPE_INTERVAL_DS || !expr_const_int(expr, out) || *out <= 0) {
        err_set(err, ST_INVALID, "22023", bind_pos(b, ast->pos), __FILE__, __LINE__,
                "%s takes a positive interval of days to seconds", what);
        return err_hint(err, "write %s INTERVAL '10' SECOND", what);
    }
    return ST_OK;
}

/* The aggregate of the query, below what its select list and HAVING do; **at points to it. */
static Node **emit_aggregate(Node **at, uint32_t *depth) {
    for (*depth = 0; (*at)->kind == NODE_PROJECT || (*at)->kind == NODE_FILTER; ++*depth)
        at = &(*at)->inputs[0];
    return (*at)->kind == NODE_AGGREGATE ? at : NULL;
}

/* Which key is the window's end, or -1. */
static int32_t emit_end_key(const Node *agg) {
    const NodeWindow *window = agg->inputs[0]->in_window;
    if (!window || window->is_closed || window->spec.is_proctime ||
        window->spec.kind == WINDOW_SESSION || agg->agg.n_grouping_sets)
        return -1;
    for (uint32_t i = 0; i < agg->agg.n_keys; i++)
        if (agg->exprs[i]->kind == EXPR_COLUMN && (int32_t)agg->exprs[i]->column == window->end_col)
            return (int32_t)i;
    return -1;
}

static Status emit_not_a_window(const Binder *b, int32_t pos, const char *what, Err *err) {
    err_set(err, ST_UNSUPPORTED, "0A000", bind_pos(b, pos), __FILE__, __LINE__,
            "%s needs a query that groups by window_start and window_end of TUMBLE, HOP or "
            "CUMULATE over event time",
            what);
    return err_hint(err, "sessions, windows of processing time and windows over windows are shown "
                         "when they are over");
}

/* A node above the aggregate that holds its changes back. */
static void emit_node(Binder *b, Node **at, const AggEmit *spec) {
    Node *node = node_new(b->arena, NODE_EMIT, at, 1);
    uint32_t *key = arena_array(b->arena, uint32_t, (*at)->agg.n_keys);
    for (uint32_t i = 0; i < (*at)->agg.n_keys; i++) key[i] = i;
    node->pos = (*at)->pos;
    node->emit.agg = *spec;
    node->emit.keys = key;
    node->emit.n_keys = (*at)->agg.n_keys;
    node_properties(b->arena, node);
    *at = node;
}

static void emit_properties(Binder *b, Node *node, uint32_t depth) {
    if (depth) emit_properties(b, node->inputs[0], depth - 1);
    node_properties(b->arena, node);
}

void bind_emit_settings(Binder *b, Node **node) {
    AggEmit spec = {.is_on = true};
    uint32_t depth;
    Node **at = emit_aggregate(node, &depth);
    int32_t end_key = at ? emit_end_key(*at) : -1;
    if (end_key < 0 || !bind_setting_is(b, "table.exec.emit.early-fire.enabled", "true")) return;
    spec.end_key = (uint32_t)end_key;
    spec.is_local = (*at)->inputs[0]->in_window->spec.is_local;
    spec.early_us = bind_setting_us(b, "table.exec.emit.early-fire.delay");
    spec.shows_all = spec.early_us == 0;
    (*at)->agg.emit = spec;
    if (!spec.shows_all) emit_node(b, at, &spec);
    emit_properties(b, *node, depth);
}

Status bind_emit(Binder *b, const AstQuery *query, Node **node, Err *err) {
    const AstEmit *emit = query->emit;
    const AstOnLate *late = query->on_late;
    int32_t pos = emit ? emit->ast.pos : late->ast.pos;
    const char *what = emit ? "EMIT" : "ON LATE";
    AggEmit spec = {.is_on = true};
    uint32_t depth;
    Node **at = emit_aggregate(node, &depth);
    int32_t end_key = at ? emit_end_key(*at) : -1;
    if (end_key < 0) return emit_not_a_window(b, pos, what, err);
    if (emit && emit->on_update && (emit->early_every || emit->on_close))
        FAIL(err, ST_INVALID, "42601", bind_pos(b, pos),
             "EMIT ON UPDATE shows every change: it goes with nothing else");
    if (late && late->action == LATE_INTO)
        return bind_unsupported(b, late->ast.pos, "ON LATE INTO",
                                "ON LATE REVISE corrects the results", err);
    spec.end_key = (uint32_t)end_key;
    spec.is_local = (*at)->inputs[0]->in_window->spec.is_local;
    spec.shows_all = emit && emit->on_update;
    if (emit && emit->early_every)
        TRY(emit_interval(b, emit->early_every, "EARLY EVERY", &spec.early_us, err));
    if (late && late->action == LATE_REVISE) spec.within_us = INT64_MAX;
    if (late && late->within) TRY(emit_interval(b, late->within, "WITHIN", &spec.within_us, err));
    spec.fails_late = late && late->action == LATE_FAIL;
    if (!spec.shows_all && !spec.early_us && !spec.within_us && !spec.fails_late)
        return ST_OK; /* as windows are shown anyway */
    (*at)->agg.emit = spec;
    if (!spec.shows_all) emit_node(b, at, &spec);
    emit_properties(b, *node, depth);
    return ST_OK;
}
