/* bind_group.c -- GROUP BY and aggregates. Expressions of the select list are bound over the input
 * first, with a placeholder for each aggregate; then keys and placeholders become columns of the
 * aggregate's output, and any other column left is a grouping error.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/bind.h"

/* ---- is there an aggregate? ---- */

typedef struct AggSearch {
    const Binder *b;
    bool is_found;
} AggSearch;

static bool agg_call_is_agg(const Binder *b, const AstCall *call) {
    Span parts[3];
    const UserFn *fn = NULL;
    if (call->over || call->name->parts.n > 3) return false;
    for (int32_t i = 0; i < call->name->parts.n; i++) parts[i] = call->name->parts.items[i].text;
    fn = catalog_function(b->env->catalog, parts, (uint32_t)call->name->parts.n);
    return agg_is_name(fn ? fn->builtin : ast_name_last(call->name));
}

static void agg_search(const Ast *ast, void *arg) {
    AggSearch *search = arg;
    if (!ast || search->is_found || ast->kind == AST_QUERY) return;
    if (ast->kind == AST_CALL && agg_call_is_agg(search->b, (const AstCall *)ast)) {
        search->is_found = true;
        return;
    }
    ast_each_child(ast, agg_search, arg);
}

bool bind_has_agg(const Binder *b, const Ast *ast) {
    AggSearch search = {.b = b};
    agg_search(ast, &search);
    return search.is_found;
}

/* ---- keys ---- */

void bind_agg_add_key(const Binder *b, AggBinding *agg, Expr *key) {
    for (uint32_t i = 0; i < agg->n_keys; i++) {
        if (expr_eq(agg->keys[i], key)) return;
    }
    if (agg->n_keys == agg->cap_keys) {
        uint32_t cap = agg->cap_keys ? agg->cap_keys * 2 : 8;
        Expr **keys = arena_array(b->arena, Expr *, cap);
        if (agg->n_keys) memcpy(keys, agg->keys, agg->n_keys * sizeof *keys);
        agg->keys = keys;
        agg->cap_keys = cap;
    }
    agg->keys[agg->n_keys++] = key;
}

static Status agg_key_is_hashable(const Binder *b, const Expr *key, Err *err) {
    if (key->type->kind != TYPE_NULL) return ST_OK;
    FAIL(err, ST_INVALID, "42804", key->pos >= 0 ? key->pos : bind_pos(b, -1),
         "GROUP BY NULL has no type");
}

/* The number of the key that the item is. */
Status bind_group_key(ExprCtx *ctx, const Ast *item, uint32_t *index, Err *err) {
    Binder *b = ctx->b;
    Expr *key;
    if (bind_has_agg(b, item)) {
        FAIL(err, ST_INVALID, "42803", bind_pos(b, item->pos),
             "aggregates cannot stand in GROUP BY");
    }
    TRY(bind_expr(ctx, item, &key, err));
    TRY(agg_key_is_hashable(b, key, err));
    bind_agg_add_key(b, ctx->agg, key);
    for (*index = 0; !expr_eq(ctx->agg->keys[*index], key); ++*index) continue;
    return ST_OK;
}

/* GROUP BY TUMBLE(...): the window's bounds and time. */
Status bind_group_window_item(ExprCtx *ctx, const AstCall *item, Err *err) {
    Binder *b = ctx->b;
    const GroupWindow *window = ctx->window;
    TRY(bind_group_window(ctx, item, err));
    bind_agg_add_key(b, ctx->agg, node_column(b->arena, ctx->rel->node, window->start_col, -1));
    bind_agg_add_key(b, ctx->agg, node_column(b->arena, ctx->rel->node, window->end_col, -1));
    bind_agg_add_key(b, ctx->agg, node_column(b->arena, ctx->rel->node, window->time_col, -1));
    return ST_OK;
}

static Status bind_group_item(ExprCtx *ctx, const Ast *item, Err *err) {
    const AstGrouping *grouping = (const AstGrouping *)item;
    const AstRow *row = (const AstRow *)item;
    const AstList *list = NULL;
    uint32_t index;
    if (item->kind == AST_GROUPING) list = &grouping->items;
    if (item->kind == AST_ROW && !row->is_explicit) list = &row->items;
    for (int32_t i = 0; list && i < list->n; i++) TRY(bind_group_item(ctx, list->items[i], err));
    if (list) return ST_OK;
    if (bind_is_group_window(item)) {
        return bind_group_window_item(ctx, (const AstCall *)item, err);
    }
    return bind_group_key(ctx, item, &index, err);
}

/* GROUP BY knows the columns of FROM, not the names that the select list gives. */
static Status agg_key_failed(const AstSelect *select, const Ast *item, Status status, Err *err) {
    if (!err || strcmp(err->sqlstate, "42703") != 0 || item->kind != AST_NAME) return status;
    for (int32_t i = 0; i < select->items.n; i++) {
        const AstSelectItem *selected = (const AstSelectItem *)select->items.items[i];
        if (!selected->alias.text.ptr ||
            !span_eq(selected->alias.text, ((const AstName *)item)->parts.items[0].text)) {
            continue;
        }
        return err_hint(err,
                        "GROUP BY cannot use a name of the select list: repeat its expression");
    }
    return status;
}

Status bind_group_by(ExprCtx *ctx, const AstSelect *select, Err *err) {
    if (bind_has_sets(select)) return bind_group_sets(ctx, select, err);
    for (int32_t i = 0; i < select->group_by.n; i++) {
        const Ast *item = select->group_by.items[i];
        Status status = bind_group_item(ctx, item, err);
        if (status != ST_OK) return agg_key_failed(select, item, status, err);
    }
    return ST_OK;
}

/* ---- calls ---- */

static bool agg_call_eq(const AggCall *a, const AggCall *b) {
    if (a->agg != b->agg || a->n_args != b->n_args || a->is_distinct != b->is_distinct ||
        a->n_order != b->n_order) {
        return false;
    }
    for (uint32_t i = 0; i < a->n_order; i++) {
        if (a->order[i].is_desc != b->order[i].is_desc ||
            a->order[i].nulls_first != b->order[i].nulls_first)
            return false;
    }
    if (!a->filter != !b->filter || (a->filter && !expr_eq(a->filter, b->filter))) return false;
    for (uint32_t i = 0; i < a->n_args; i++) {
        if (!expr_eq(a->args[i], b->args[i])) return false;
    }
    return true;
}

/* The number of the call among those of the SELECT; equal calls are computed once. */
static uint32_t agg_add_call(const Binder *b, AggBinding *agg, const AggCall *call) {
    for (uint32_t i = 0; i < agg->n_calls; i++) {
        if (agg_call_eq(&agg->calls[i], call)) return i;
    }
    if (agg->n_calls == agg->cap_calls) {
        uint32_t cap = agg->cap_calls ? agg->cap_calls * 2 : 8;
        AggCall *calls = arena_array(b->arena, AggCall, cap);
        if (agg->n_calls) memcpy(calls, agg->calls, agg->n_calls * sizeof *calls);
        agg->calls = calls;
        agg->cap_calls = cap;
    }
    agg->calls[agg->n_calls] = *call;
    return agg->n_calls++;
}

Status bind_agg_call(ExprCtx *ctx, const AstCall *call, Span name, Expr **out, Err *err) {
    Binder *b = ctx->b;
    int32_t pos = bind_pos(b, call->name->ast.pos);
    ExprCtx inner = *ctx;
    AggCall agg = {0};
    if (!ctx->agg) {
        err_set(err, ST_INVALID, "42803", pos, __FILE__, __LINE__,
                "aggregate " SPAN_FMT " cannot stand in %s", SPAN_ARG(name), ctx->clause);
        return err_hint(err, strcmp(ctx->clause, "WHERE") == 0
                                 ? "conditions on aggregates belong in HAVING"
                                 : "compute it in a subquery");
    }
    if (ctx->in_agg) {
        err_set(err, ST_INVALID, "42803", pos, __FILE__, __LINE__,
                "aggregate " SPAN_FMT " stands inside another aggregate", SPAN_ARG(name));
        return err_hint(err, "compute the inner one in a subquery");
    }
    inner.in_agg = true;
    inner.over = NULL;
    inner.clause = "an aggregate";
    /* A FILTER may leave a group without rows, as if there were no groups. */
    TRY(bind_agg_whole(&inner, call, name, ctx->agg->n_keys > 0, &agg, err));
    *out = expr_column(b->arena, COLUMN_AGG + agg_add_call(b, ctx->agg, &agg), agg.type, pos);
    return ST_OK;
}

/* ---- the node ---- */

Node *bind_agg_node(ExprCtx *ctx, int32_t pos) {
    Arena *arena = ctx->b->arena;
    AggBinding *agg = ctx->agg;
    Node *node = node_new(arena, NODE_AGGREGATE, &ctx->rel->node, 1);
    Field *fields = arena_array(arena, Field, agg->n_keys + agg->n_calls);
    const Node *in = ctx->rel->node;
    node->exprs = arena_array(arena, Expr *, agg->n_keys);
    for (uint32_t i = 0; i < agg->n_keys; i++) {
        Expr *key = agg->keys[i];
        if (key->kind == EXPR_COLUMN && key->column >= COLUMN_MARK && key->column < COLUMN_OUTER) {
            key = expr_const_i64(arena, key->type, 1, key->pos);
        }
        node->exprs[i] = key;
        fields[i].name = key->kind == EXPR_COLUMN ? in->schema.fields[key->column].name
                                                  : span_of(arena_printf(arena, "$k%u", i));
        /* The time of a window lives on in its result; other times do not wait for the watermark.
         */
        fields[i].type = in->in_window && key->kind == EXPR_COLUMN &&
                                 (int32_t)key->column == in->in_window->time_col
                             ? key->type
                             : type_with_attr(arena, key->type, TIME_ATTR_NONE);
        if (!bind_key_is_in_all_sets(agg, i)) {
            fields[i].type = type_with_null(arena, fields[i].type, true);
        }
    }
    for (uint32_t i = 0; i < agg->n_calls; i++) {
        fields[agg->n_keys + i] =
            (Field){span_of(arena_printf(arena, "$a%u", i)), agg->calls[i].type};
    }
    node->n_exprs = agg->n_keys;
    node->agg.grouping_sets = agg->sets;
    node->agg.n_grouping_sets = agg->n_sets;
    node->agg.n_keys = agg->n_keys;
    node->agg.calls = agg->calls;
    node->agg.n_calls = agg->n_calls;
    node->agg.ttl_us =
        bind_state_ttl(ctx->b, &ctx->rel->scope, bind_setting_us(ctx->b, "table.exec.state.ttl"));
    node->pos = pos;
    node->schema = (Schema){.n_fields = agg->n_keys + agg->n_calls, .fields = fields};
    node_properties(arena, node);
    return node;
}

static Status agg_not_grouped(ExprCtx *ctx, const Expr *column, Err *err) {
    Span name = {0};
    const Schema *schema = &ctx->rel->node->schema;
    if (column->column < schema->n_fields) name = schema->fields[column->column].name;
    err_set(err, ST_INVALID, "42803", column->pos, __FILE__, __LINE__,
            "column `" SPAN_FMT "` must stand in GROUP BY or inside an aggregate", SPAN_ARG(name));
    if (!ctx->agg->n_keys) {
        return err_hint(err, "add GROUP BY `" SPAN_FMT "`", SPAN_ARG(name));
    }
    if (ctx->agg->keys[0]->kind == EXPR_CONST) {
        return err_hint(err, "GROUP BY 1 groups by the number 1: write the expression itself");
    }
    return err_hint(err, "add `" SPAN_FMT "` to GROUP BY, or take MAX or FIRST_VALUE of it",
                    SPAN_ARG(name));
}

Status bind_after_agg(ExprCtx *ctx, const Expr *expr, Expr **out, Err *err) {
    Arena *arena = ctx->b->arena;
    const AggBinding *agg = ctx->agg;
    Expr *copy;
    for (uint32_t i = 0; i < agg->n_keys; i++) {
        const Type *type = expr->type;
        if (!expr_eq(agg->keys[i], expr)) continue;
        if (!bind_key_is_in_all_sets(agg, i)) type = type_with_null(arena, type, true);
        *out = expr_column(arena, i, type, expr->pos);
        return ST_OK;
    }
    copy = arena_new(arena, Expr);
    *copy = *expr;
    *out = copy;
    if (expr->kind == EXPR_COLUMN) {
        if (expr->column >= COLUMN_RIGHT) return ST_OK;
        if (expr->column >= COLUMN_SUB) {
            copy->column = agg->n_keys + agg->n_calls + (expr->column - COLUMN_SUB);
            return ST_OK;
        }
        if (expr->column >= COLUMN_OVER) return ST_OK;
        if (expr->column < COLUMN_AGG) return agg_not_grouped(ctx, expr, err);
        copy->column = agg->n_keys + (expr->column - COLUMN_AGG);
        return ST_OK;
    }
    if (!expr->n_args) return ST_OK;
    copy->args = arena_array(arena, Expr *, expr->n_args);
    for (uint32_t i = 0; i < expr->n_args; i++) {
        TRY(bind_after_agg(ctx, expr->args[i], &copy->args[i], err));
    }
    return ST_OK;
}
