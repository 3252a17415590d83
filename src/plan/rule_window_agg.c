/* rule_window_agg.c -- an aggregate that groups by the bounds of a window shows each window once,
 * when it is over, and forgets it then.
 *
 * When the window is assigned just below, both become one node that adds each row to its slice.
 * When it was assigned further down (the rows come out of another window's aggregate or join), the
 * aggregate is attached to the bounds that the rows carry.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/optimize.h"

/* The aggregate's expressions moved down to the output of `base`, through projections and filters.
 */
typedef struct AggView {
    Node *base;
    Expr **keys;
    AggCall *calls;
    Expr **filters; /* over base */
    uint32_t n_filters;
} AggView;

static void wagg_substitute(RuleCtx *ctx, const Node *agg, AggView *view, Expr *const *exprs) {
    Expr **keys = arena_array(ctx->arena, Expr *, agg->agg.n_keys);
    AggCall *calls = arena_array(ctx->arena, AggCall, agg->agg.n_calls);
    for (uint32_t i = 0; i < agg->agg.n_keys; i++) {
        keys[i] = expr_substitute(ctx->arena, view->keys[i], exprs);
    }
    for (uint32_t i = 0; i < agg->agg.n_calls; i++) {
        AggCall *call = &calls[i];
        *call = view->calls[i];
        call->args = arena_array(ctx->arena, Expr *, call->n_args);
        for (uint32_t j = 0; j < call->n_args; j++) {
            call->args[j] = expr_substitute(ctx->arena, view->calls[i].args[j], exprs);
        }
        if (call->filter) call->filter = expr_substitute(ctx->arena, call->filter, exprs);
    }
    for (uint32_t i = 0; i < view->n_filters; i++) {
        view->filters[i] = expr_substitute(ctx->arena, view->filters[i], exprs);
    }
    view->keys = keys;
    view->calls = calls;
}

/* Goes down to a NODE_WINDOW, if only projections and filters are between. */
static bool wagg_descend(RuleCtx *ctx, const Node *agg, AggView *view) {
    uint32_t cap = 0;
    for (Node *node = agg->inputs[0]; node->kind == NODE_FILTER || node->kind == NODE_PROJECT;
         node = node->inputs[0]) {
        Expr **conds;
        uint32_t n;
        if (node->kind != NODE_FILTER) continue;
        expr_conjuncts(ctx->arena, node->exprs[0], &conds, &n);
        cap += n;
    }
    *view = (AggView){.base = agg->inputs[0],
                      .keys = agg->exprs,
                      .calls = agg->agg.calls,
                      .filters = arena_array(ctx->arena, Expr *, cap)};
    while (view->base->kind == NODE_FILTER || view->base->kind == NODE_PROJECT) {
        Node *node = view->base;
        if (node->kind == NODE_PROJECT) {
            for (uint32_t i = 0; i < node->n_exprs; i++) {
                if (!expr_is_deterministic(node->exprs[i])) return false;
            }
            wagg_substitute(ctx, agg, view, node->exprs);
        } else {
            Expr **conds;
            uint32_t n;
            expr_conjuncts(ctx->arena, node->exprs[0], &conds, &n);
            for (uint32_t i = 0; i < n; i++) view->filters[view->n_filters++] = conds[i];
        }
        view->base = node->inputs[0];
    }
    return view->base->kind == NODE_WINDOW;
}

/* Which window column a key is: 's', 'e', 't', or 0 for an ordinary key. */
static char wagg_key_kind(const Expr *key, int32_t start, int32_t end, int32_t time) {
    if (key->kind != EXPR_COLUMN) return 0;
    if ((int32_t)key->column == start) return 's';
    if ((int32_t)key->column == end) return 'e';
    return (int32_t)key->column == time ? 't' : 0;
}

/* Both bounds are keys, of every grouping set. */
static bool wagg_has_bounds(const Node *agg, Expr *const *keys, int32_t start, int32_t end) {
    bool has_start = false, has_end = false;
    for (uint32_t i = 0; i < agg->agg.n_keys; i++) {
        char kind = wagg_key_kind(keys[i], start, end, COLUMN_NONE);
        for (uint32_t s = 0; s < agg->agg.n_grouping_sets && kind; s++) {
            if (!(agg->agg.grouping_sets[s] >> i & 1)) kind = 0;
        }
        has_start |= kind == 's';
        has_end |= kind == 'e';
    }
    return has_start && has_end;
}

/* The masks of the keys that are left when the window's are taken out. */
static const uint32_t *wagg_sets(RuleCtx *ctx, const Node *agg, const AggView *view,
                                 const NodeWindow *cols) {
    uint32_t *sets = arena_array(ctx->arena, uint32_t, agg->agg.n_grouping_sets);
    uint32_t n_plain = 0;
    for (uint32_t i = 0; i < agg->agg.n_keys; i++) {
        if (wagg_key_kind(view->keys[i], cols->start_col, cols->end_col, cols->time_col)) continue;
        for (uint32_t s = 0; s < agg->agg.n_grouping_sets; s++) {
            sets[s] |= (agg->agg.grouping_sets[s] >> i & 1) << n_plain;
        }
        n_plain++;
    }
    return agg->agg.n_grouping_sets ? sets : NULL;
}

/* The window aggregate, and above it the columns in the order of the plain one. */
static Node *wagg_make(RuleCtx *ctx, const Node *agg, const AggView *view, Node *in,
                       const WindowSpec *spec, const NodeWindow *cols) {
    uint32_t n_keys = agg->agg.n_keys, n_calls = agg->agg.n_calls, n_plain = 0, n_out;
    Node *node = node_new(ctx->arena, NODE_WINDOW_AGG, &in, 1);
    Expr **keys = arena_array(ctx->arena, Expr *, n_keys);
    uint32_t *keep = arena_array(ctx->arena, uint32_t, n_keys + n_calls);
    Field *fields = arena_array(ctx->arena, Field, n_keys + n_calls);
    char *window_cols = arena_alloc(ctx->arena, n_keys + 1);
    uint32_t n_window = 0;
    for (uint32_t i = 0; i < n_keys; i++) {
        if (wagg_key_kind(view->keys[i], cols->start_col, cols->end_col, cols->time_col)) continue;
        keep[i] = n_plain;
        keys[n_plain] = view->keys[i];
        fields[n_plain++] = agg->schema.fields[i];
    }
    for (uint32_t i = 0; i < n_calls; i++) {
        keep[n_keys + i] = n_plain + i;
        fields[n_plain + i] = agg->schema.fields[n_keys + i];
    }
    n_out = n_plain + n_calls;
    for (uint32_t i = 0; i < n_keys; i++) {
        char kind = wagg_key_kind(view->keys[i], cols->start_col, cols->end_col, cols->time_col);
        if (!kind) continue;
        keep[i] = n_out;
        fields[n_out++] = agg->schema.fields[i];
        window_cols[n_window++] = kind == 't' && spec->is_proctime ? 'p' : kind;
    }
    window_cols[n_window] = '\0';
    node->exprs = keys;
    node->n_exprs = n_plain;
    node->agg.n_keys = n_plain;
    node->agg.calls = view->calls;
    node->agg.n_calls = n_calls;
    node->agg.window = *spec;
    node->agg.window.n_partition = 0; /* sessions are of the keys */
    node->agg.grouping_sets = wagg_sets(ctx, agg, view, cols);
    node->agg.n_grouping_sets = agg->agg.n_grouping_sets;
    node->agg.window_cols = window_cols;
    node->pos = agg->pos;
    node->schema = (Schema){.n_fields = n_out, .fields = fields};
    node->id = NODE_NEW;
    node_properties(ctx->arena, node);
    node = node_keep(ctx->arena, node, keep, n_keys + n_calls);
    node->id = NODE_NEW;
    return node;
}

static bool wagg_uses(const Expr *expr, uint32_t first) {
    if (expr->kind == EXPR_COLUMN) return expr->column >= first;
    for (uint32_t i = 0; i < expr->n_args; i++) {
        if (wagg_uses(expr->args[i], first)) return true;
    }
    return false;
}

static bool wagg_uses_col(const Expr *expr, uint32_t col) {
    if (expr->kind == EXPR_COLUMN) return expr->column == col;
    for (uint32_t i = 0; i < expr->n_args; i++) {
        if (wagg_uses_col(expr->args[i], col)) return true;
    }
    return false;
}

/* Do keys and arguments look at the window only as bare keys? */
static bool wagg_is_separable(const Node *agg, const AggView *view, const NodeWindow *cols,
                              uint32_t n_in) {
    for (uint32_t i = 0; i < agg->agg.n_keys; i++) {
        const Expr *key = view->keys[i];
        if (wagg_key_kind(key, cols->start_col, cols->end_col, cols->time_col)) continue;
        if (wagg_uses(key, n_in)) return false;
    }
    for (uint32_t i = 0; i < agg->agg.n_calls; i++) {
        const AggCall *call = &view->calls[i];
        if (call->filter && wagg_uses(call->filter, n_in)) return false;
        for (uint32_t j = 0; j < call->n_args; j++) {
            if (wagg_uses(call->args[j], n_in)) return false;
        }
    }
    return true;
}

/* Conditions on rows go below, conditions on the bounds alone (keys of the aggregate) above; one on
 * both stops the fusion. */
static bool wagg_split_filters(RuleCtx *ctx, const Node *agg, const AggView *view, uint32_t n_in,
                               Expr **below, uint32_t *n_below, Expr **above, uint32_t *n_above) {
    uint32_t n_window = view->base->schema.n_fields - n_in;
    int32_t *map = arena_array(ctx->arena, int32_t, view->base->schema.n_fields);
    for (uint32_t i = 0; i < n_in + n_window; i++) map[i] = COLUMN_NONE;
    for (uint32_t i = 0; i < agg->agg.n_keys; i++) {
        if (view->keys[i]->kind == EXPR_COLUMN) map[view->keys[i]->column] = (int32_t)i;
    }
    *n_below = *n_above = 0;
    for (uint32_t i = 0; i < view->n_filters; i++) {
        Expr *cond = view->filters[i];
        if (!expr_is_deterministic(cond)) return false;
        if (expr_uses_only(cond, 0, n_in)) {
            below[(*n_below)++] = cond;
            continue;
        }
        if (!expr_uses_only(cond, n_in, n_window)) return false;
        for (uint32_t c = 0; c < n_window; c++) {
            if (map[n_in + c] == COLUMN_NONE && wagg_uses_col(cond, n_in + c)) return false;
        }
        above[(*n_above)++] = expr_remap(ctx->arena, cond, map);
    }
    return true;
}

/* Sessions are made by the columns that they are partitioned by: those must be the plain keys. */
static bool wagg_session_fits(const Node *agg, const AggView *view, const NodeWindow *cols) {
    const WindowSpec *spec = &cols->spec;
    uint32_t n_plain = 0, n_found = 0;
    if (spec->kind != WINDOW_SESSION || spec->by_group_keys) return true;
    for (uint32_t i = 0; i < agg->agg.n_keys; i++) {
        const Expr *key = view->keys[i];
        if (wagg_key_kind(key, cols->start_col, cols->end_col, cols->time_col)) continue;
        n_plain++;
        for (uint32_t j = 0; j < spec->n_partition && key->kind == EXPR_COLUMN; j++) {
            n_found += spec->partition[j] == key->column;
        }
    }
    return n_plain == spec->n_partition && n_found == n_plain;
}

static Node *wagg_fuse(RuleCtx *ctx, Node *agg) {
    AggView view;
    Node *window, *in, *node;
    Expr **below, **above;
    uint32_t n_in, n_below, n_above;
    if (!wagg_descend(ctx, agg, &view)) return NULL;
    window = view.base;
    n_in = window->inputs[0]->schema.n_fields;
    if (!wagg_has_bounds(agg, view.keys, window->in_window->start_col,
                         window->in_window->end_col) ||
        !wagg_is_separable(agg, &view, window->in_window, n_in) ||
        !wagg_session_fits(agg, &view, window->in_window)) {
        return NULL;
    }
    below = arena_array(ctx->arena, Expr *, view.n_filters);
    above = arena_array(ctx->arena, Expr *, view.n_filters);
    if (!wagg_split_filters(ctx, agg, &view, n_in, below, &n_below, above, &n_above)) return NULL;
    in = window->inputs[0];
    if (n_below) {
        in = node_filter(ctx->arena, in, expr_and(ctx->arena, below, n_below));
        in->id = NODE_NEW;
    }
    node = wagg_make(ctx, agg, &view, in, &window->window, window->in_window);
    if (n_above) {
        node = node_filter(ctx->arena, node, expr_and(ctx->arena, above, n_above));
        node->id = NODE_NEW;
    }
    return node;
}

/* The rows carry the bounds of the window that they belong to. */
static Node *wagg_attach(RuleCtx *ctx, Node *agg) {
    Node *in = agg->inputs[0];
    const NodeWindow *cols = in->in_window;
    AggView view = {.base = in, .keys = agg->exprs, .calls = agg->agg.calls};
    WindowSpec spec;
    if (!cols || cols->start_col < 0 || cols->end_col < 0 ||
        (cols->spec.kind == WINDOW_SESSION && !cols->is_closed) ||
        !wagg_has_bounds(agg, agg->exprs, cols->start_col, cols->end_col)) {
        return agg;
    }
    spec = cols->spec;
    spec.is_attached = true;
    spec.start_col = (uint32_t)cols->start_col;
    spec.end_col = (uint32_t)cols->end_col;
    spec.time_col = cols->time_col >= 0 ? (uint32_t)cols->time_col : spec.end_col;
    return wagg_make(ctx, agg, &view, in, &spec, cols);
}

static Node *wagg_node(RuleCtx *ctx, Node *node) {
    Node *fused;
    if (node->kind != NODE_AGGREGATE || node->agg.emit.is_on) return node;
    fused = wagg_fuse(ctx, node);
    return fused ? fused : wagg_attach(ctx, node);
}

void rule_window_agg(RuleCtx *ctx) {
    rule_rewrite(ctx, wagg_node);
}
