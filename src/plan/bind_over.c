/* bind_over.c -- OVER calls. Each becomes a placeholder while the select list is bound; calls of
 * one window share one NODE_OVER. ROW_NUMBER with a filter on it is recognised later, by rule_topn.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/bind.h"

typedef struct OverOrder {
    Expr *expr;
    KeyOrder order;
} OverOrder;

/* One OVER call as bound; equal windows are found again when the nodes are made. */
typedef struct OverItem {
    OverCall call;
    Expr **partition;
    uint32_t n_partition;
    OverOrder *order;
    uint32_t n_order;
    OverFrame frame;
    int32_t pos;
    bool is_placed;
    uint32_t column; /* of the node, once placed */
} OverItem;

struct OverBinding {
    OverItem *items;
    uint32_t n, cap;
    const AstList *windows; /* WINDOW w AS (...) */
};

typedef struct OverName {
    const char *name;
    OverFn fn;
    uint32_t min_args, max_args;
} OverName;

static const OverName over_names[] = {
    {"ROW_NUMBER", OVER_ROW_NUMBER, 0, 0},
    {"RANK", OVER_RANK, 0, 0},
    {"DENSE_RANK", OVER_DENSE_RANK, 0, 0},
    {"PERCENT_RANK", OVER_PERCENT_RANK, 0, 0},
    {"CUME_DIST", OVER_CUME_DIST, 0, 0},
    {"NTILE", OVER_NTILE, 1, 1},
    {"LAG", OVER_LAG, 1, 3},
    {"LEAD", OVER_LEAD, 1, 3},
};

static const OverName *over_name_find(Span name) {
    for (size_t i = 0; i < sizeof over_names / sizeof *over_names; i++) {
        if (span_is_nocase(name, over_names[i].name)) return &over_names[i];
    }
    return NULL;
}

bool bind_is_over_only(Span name) {
    return over_name_find(name) != NULL;
}

OverBinding *bind_over_new(Binder *b, const AstList *windows) {
    OverBinding *over = arena_new(b->arena, OverBinding);
    over->windows = windows;
    return over;
}

bool bind_over_is_used(const OverBinding *over) {
    return over->n > 0;
}

/* ---- the window of a call ---- */

/* OVER w and OVER (w ORDER BY ...) with the named window's parts filled in. */
static Status over_resolve(ExprCtx *ctx, const AstWindowSpec *spec, int depth, AstWindowSpec *out,
                           Err *err) {
    const AstList *windows = ctx->over->windows;
    *out = *spec;
    if (!spec->base.text.ptr) return ST_OK;
    for (int32_t i = 0; windows && i < windows->n && depth < 16; i++) {
        const AstWindowDef *def = (const AstWindowDef *)windows->items[i];
        AstWindowSpec base;
        if (!span_eq(def->name.text, spec->base.text)) continue;
        TRY(over_resolve(ctx, def->spec, depth + 1, &base, err));
        if (!out->partition_by.n) out->partition_by = base.partition_by;
        if (!out->order_by.n) out->order_by = base.order_by;
        if (out->unit == FRAME_NONE) {
            out->unit = base.unit;
            out->start = base.start;
            out->stop = base.stop;
            out->exclude = base.exclude;
        }
        return ST_OK;
    }
    err_set(err, ST_INVALID, "42704", bind_pos(ctx->b, spec->base.pos), __FILE__, __LINE__,
            "window `" SPAN_FMT "` is not defined", SPAN_ARG(spec->base.text));
    return err_hint(err, "add WINDOW " SPAN_FMT " AS (...) behind the FROM clause",
                    SPAN_ARG(spec->base.text));
}

/* The offset of a bound in rows, microseconds or units of the order key. */
static Status over_bound(ExprCtx *ctx, const AstFrameBound *bound, int64_t *offset,
                         bool *is_unbounded, Err *err) {
    bool is_before = bound->bound == BOUND_PRECEDING;
    Expr *expr;
    *offset = 0;
    *is_unbounded =
        bound->bound == BOUND_UNBOUNDED_PRECEDING || bound->bound == BOUND_UNBOUNDED_FOLLOWING;
    if (*is_unbounded || bound->bound == BOUND_CURRENT_ROW) return ST_OK;
    TRY(bind_constant(ctx->b, bound->offset, "a frame", &expr, err));
    if (!expr_const_int(expr, offset) || *offset < 0) {
        FAIL(err, ST_INVALID, "22013", bind_pos(ctx->b, bound->ast.pos),
             "the offset of a frame must be a number or interval that is not negative");
    }
    if (is_before) *offset = -*offset;
    return ST_OK;
}

static Status over_frame(ExprCtx *ctx, const AstWindowSpec *spec, bool has_order, OverFrame *out,
                         Err *err) {
    /* The default: all rows up to the current one and its peers; without order, the partition. */
    *out = (OverFrame){
        .unit = FRAME_UNIT_RANGE, .start_unbounded = true, .stop_unbounded = !has_order};
    if (spec->unit == FRAME_NONE) return ST_OK;
    out->unit = spec->unit == FRAME_ROWS    ? FRAME_UNIT_ROWS
                : spec->unit == FRAME_RANGE ? FRAME_UNIT_RANGE
                                            : FRAME_UNIT_GROUPS;
    if (spec->exclude != EXCLUDE_NONE) {
        return bind_unsupported(ctx->b, spec->ast.pos, "EXCLUDE in a frame", NULL, err);
    }
    TRY(over_bound(ctx, spec->start, &out->start, &out->start_unbounded, err));
    out->stop_unbounded = false;
    if (spec->stop) TRY(over_bound(ctx, spec->stop, &out->stop, &out->stop_unbounded, err));
    return ST_OK;
}

static Status over_window(ExprCtx *ctx, const AstWindowSpec *written, OverItem *item, Err *err) {
    Binder *b = ctx->b;
    AstWindowSpec spec;
    TRY(over_resolve(ctx, written, 0, &spec, err));
    TRY(bind_exprs(ctx, &spec.partition_by, &item->partition, err));
    item->n_partition = (uint32_t)spec.partition_by.n;
    item->n_order = (uint32_t)spec.order_by.n;
    item->order = arena_array(b->arena, OverOrder, item->n_order);
    for (uint32_t i = 0; i < item->n_order; i++) {
        const AstOrderItem *order = (const AstOrderItem *)spec.order_by.items[i];
        TRY(bind_expr(ctx, order->expr, &item->order[i].expr, err));
        item->order[i].order = bind_key_order(order);
    }
    return over_frame(ctx, &spec, item->n_order > 0, &item->frame, err);
}

/* ---- the call ---- */

static Status over_function(ExprCtx *ctx, const AstCall *call, const OverName *known,
                            OverItem *item, Err *err) {
    Binder *b = ctx->b;
    int32_t pos = bind_pos(b, call->name->ast.pos);
    uint32_t n = (uint32_t)call->args.n;
    item->call.fn = known->fn;
    item->call.agg.pos = pos;
    if (call->nulls == NULLS_IGNORE)
        return bind_unsupported(b, call->ast.pos, "IGNORE NULLS of a window function", NULL, err);
    if (n < known->min_args || n > known->max_args) {
        FAIL(err, ST_INVALID, "42883", pos, "%s takes %u%s%s arguments, not %u", known->name,
             known->min_args, known->max_args > known->min_args ? " to " : "",
             known->max_args > known->min_args ? arena_printf(b->arena, "%u", known->max_args) : "",
             n);
    }
    if (!item->n_order && known->fn != OVER_ROW_NUMBER) {
        err_set(err, ST_INVALID, "42P20", pos, __FILE__, __LINE__,
                "%s needs ORDER BY in its window", known->name);
        return err_hint(err, "write OVER (PARTITION BY ... ORDER BY ...)");
    }
    TRY(bind_exprs(ctx, &call->args, &item->call.agg.args, err));
    item->call.agg.n_args = n;
    if (known->fn == OVER_LAG || known->fn == OVER_LEAD) {
        const Type *type = item->call.agg.args[0]->type;
        bool has_default = n == 3 && !item->call.agg.args[2]->type->is_nullable;
        if (n == 3) {
            TRY(expr_coerce(b->arena, item->call.agg.args[2], type, pos, &item->call.agg.args[2],
                            err));
        }
        type = type_with_attr(b->arena, type, TIME_ATTR_NONE);
        item->call.agg.type = type_with_null(b->arena, type, type->is_nullable || !has_default);
        return ST_OK;
    }
    item->call.agg.type = type_with_null(
        b->arena,
        known->fn == OVER_PERCENT_RANK || known->fn == OVER_CUME_DIST ? &type_double : &type_bigint,
        false);
    return ST_OK;
}

static Status over_aggregate(ExprCtx *ctx, const AstCall *call, Span name, OverItem *item,
                             Err *err) {
    Binder *b = ctx->b;
    int32_t pos = bind_pos(b, call->name->ast.pos);
    const OverFrame *frame = &item->frame;
    bool has_row = (frame->start_unbounded || frame->start <= 0) &&
                   (frame->stop_unbounded || frame->stop >= 0);
    item->call.fn = OVER_AGG;
    if (!agg_is_name(name)) {
        FAIL(err, ST_INVALID, "42809", pos,
             SPAN_FMT " is neither an aggregate nor a window function: OVER does not go with it",
             SPAN_ARG(name));
    }
    if (call->order_by.n || call->within_group.n) {
        return bind_unsupported(
            b, call->order_by.n ? call->order_by.items[0]->pos : call->within_group.items[0]->pos,
            "ORDER BY inside an aggregate with OVER", "the window itself has an ORDER BY", err);
    }
    TRY(bind_agg_whole(ctx, call, name, has_row, &item->call.agg, err));
    return ST_OK;
}

Status bind_over_call(ExprCtx *ctx, const AstCall *call, Span name, Expr **out, Err *err) {
    Binder *b = ctx->b;
    int32_t pos = bind_pos(b, call->name->ast.pos);
    const OverName *known = over_name_find(name);
    ExprCtx inner = *ctx;
    OverItem item = {.pos = pos};
    if (!ctx->over) {
        err_set(err, ST_INVALID, "42P20", pos, __FILE__, __LINE__, "OVER cannot stand in %s",
                ctx->in_agg ? "an aggregate" : ctx->clause);
        return err_hint(err, "compute it in a subquery's select list");
    }
    TRY(over_window(&inner, call->over, &item, err));
    inner.over = NULL; /* not inside each other */
    inner.clause = "the argument of an OVER call";
    if (known) {
        TRY(over_function(&inner, call, known, &item, err));
    } else {
        TRY(over_aggregate(&inner, call, name, &item, err));
    }
    if (ctx->over->n == ctx->over->cap) {
        uint32_t cap = ctx->over->cap ? ctx->over->cap * 2 : 4;
        OverItem *items = arena_array(b->arena, OverItem, cap);
        if (ctx->over->n) memcpy(items, ctx->over->items, ctx->over->n * sizeof *items);
        ctx->over->items = items;
        ctx->over->cap = cap;
    }
    *out = expr_column(b->arena, COLUMN_OVER + ctx->over->n, item.call.agg.type, pos);
    ctx->over->items[ctx->over->n++] = item;
    return ST_OK;
}

void bind_over_partition_by(Binder *b, OverBinding *over, Expr *const *exprs, uint32_t n) {
    for (uint32_t i = 0; i < over->n; i++) {
        OverItem *item = &over->items[i];
        Expr **partition = arena_array(b->arena, Expr *, item->n_partition + n);
        if (item->n_partition) {
            memcpy(partition, item->partition, item->n_partition * sizeof *partition);
        }
        memcpy(partition + item->n_partition, exprs, n * sizeof *partition);
        item->partition = partition;
        item->n_partition += n;
    }
}

Status bind_over_after_agg(ExprCtx *ctx, Err *err) {
    for (uint32_t i = 0; i < ctx->over->n; i++) {
        OverItem *item = &ctx->over->items[i];
        AggCall *call = &item->call.agg;
        for (uint32_t j = 0; j < item->n_partition; j++) {
            TRY(bind_after_agg(ctx, item->partition[j], &item->partition[j], err));
        }
        for (uint32_t j = 0; j < item->n_order; j++) {
            TRY(bind_after_agg(ctx, item->order[j].expr, &item->order[j].expr, err));
        }
        for (uint32_t j = 0; j < call->n_args; j++) {
            TRY(bind_after_agg(ctx, call->args[j], &call->args[j], err));
        }
        if (call->filter) TRY(bind_after_agg(ctx, call->filter, &call->filter, err));
    }
    return ST_OK;
}

/* ---- the nodes ---- */

static bool over_same_window(const OverItem *a, const OverItem *b) {
    if (a->n_partition != b->n_partition || a->n_order != b->n_order) return false;
    if (a->frame.unit != b->frame.unit || a->frame.start != b->frame.start ||
        a->frame.stop != b->frame.stop || a->frame.start_unbounded != b->frame.start_unbounded ||
        a->frame.stop_unbounded != b->frame.stop_unbounded) {
        return false;
    }
    for (uint32_t i = 0; i < a->n_partition; i++) {
        if (!expr_eq(a->partition[i], b->partition[i])) return false;
    }
    for (uint32_t i = 0; i < a->n_order; i++) {
        if (!expr_eq(a->order[i].expr, b->order[i].expr) ||
            a->order[i].order.is_desc != b->order[i].order.is_desc ||
            a->order[i].order.nulls_first != b->order[i].order.nulls_first) {
            return false;
        }
    }
    return true;
}

/* The column that holds an expression; one that is no column yet goes into `more`. */
static uint32_t over_column(const Node *in, Expr *expr, Expr **more, uint32_t *n_more) {
    if (expr->kind == EXPR_COLUMN) return expr->column;
    for (uint32_t i = 0; i < *n_more; i++) {
        if (expr_eq(more[i], expr)) return in->schema.n_fields + i;
    }
    more[(*n_more)++] = expr;
    return in->schema.n_fields + *n_more - 1;
}

static Node *over_node(Binder *b, Node *in, const OverItem *item, uint32_t n_calls) {
    Expr **more = arena_array(b->arena, Expr *, item->n_partition + item->n_order);
    uint32_t *partition = arena_array(b->arena, uint32_t, item->n_partition);
    SortKey *order = arena_array(b->arena, SortKey, item->n_order);
    uint32_t n_more = 0;
    Node *node;
    for (uint32_t i = 0; i < item->n_partition; i++) {
        partition[i] = over_column(in, item->partition[i], more, &n_more);
    }
    for (uint32_t i = 0; i < item->n_order; i++) {
        order[i] =
            (SortKey){over_column(in, item->order[i].expr, more, &n_more), item->order[i].order};
    }
    if (n_more) in = node_append(b->arena, in, more, NULL, n_more);
    node = node_new(b->arena, NODE_OVER, &in, 1);
    node->pos = item->pos;
    node->over.partition = partition;
    node->over.n_partition = item->n_partition;
    node->over.order = order;
    node->over.n_order = item->n_order;
    node->over.frame = item->frame;
    node->over.n_calls = n_calls;
    return node;
}

/* One node for all calls of the window of item `first`. */
static void over_place(Binder *b, OverBinding *over, uint32_t first, Node **at) {
    OverCall *calls = arena_array(b->arena, OverCall, over->n);
    uint32_t n = 0, n_in;
    Field *fields;
    Node *node;
    for (uint32_t i = first; i < over->n; i++) {
        OverItem *item = &over->items[i];
        if (item->is_placed || !over_same_window(item, &over->items[first])) continue;
        item->is_placed = true;
        item->column = n; /* among the calls, until the nodes are made */
        calls[n++] = item->call;
    }
    node = over_node(b, *at, &over->items[first], n);
    n_in = node->inputs[0]->schema.n_fields;
    fields = arena_array(b->arena, Field, n_in + n);
    memcpy(fields, node->inputs[0]->schema.fields, n_in * sizeof *fields);
    for (uint32_t i = 0; i < n; i++) {
        fields[n_in + i] = (Field){span_of(arena_printf(b->arena, "$w%u", i)), calls[i].agg.type};
    }
    for (uint32_t i = first; i < over->n; i++) {
        OverItem *item = &over->items[i];
        if (i == first || (item->is_placed && over_same_window(item, &over->items[first]))) {
            item->column += n_in;
        }
    }
    node->schema = (Schema){.n_fields = n_in + n, .fields = fields};
    node->over.calls = calls;
    node_properties(b->arena, node);
    *at = node;
}

Status bind_over_nodes(ExprCtx *ctx, Node **node, Err *err) {
    (void)err;
    for (uint32_t i = 0; i < ctx->over->n; i++) {
        if (!ctx->over->items[i].is_placed) over_place(ctx->b, ctx->over, i, node);
    }
    return ST_OK;
}

Expr *bind_after_over(Binder *b, const OverBinding *over, Expr *expr) {
    Expr *copy;
    if (expr->kind == EXPR_COLUMN) {
        if (expr->column < COLUMN_OVER) return expr;
        return expr_column(b->arena, over->items[expr->column - COLUMN_OVER].column, expr->type,
                           expr->pos);
    }
    if (!expr->n_args) return expr;
    copy = arena_new(b->arena, Expr);
    *copy = *expr;
    copy->args = arena_array(b->arena, Expr *, expr->n_args);
    for (uint32_t i = 0; i < expr->n_args; i++) {
        copy->args[i] = bind_after_over(b, over, expr->args[i]);
    }
    return copy;
}
