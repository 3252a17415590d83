/* bind_aggcall.c -- one aggregate call: its arguments, DISTINCT, FILTER, ORDER BY, WITHIN GROUP,
 * and what is to happen to NULLs.
 *
 * IGNORE NULLS is a filter on the first argument. ORDER BY keys become arguments of an aggregate
 * that sorts; for the others the order of rows makes no difference.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/bind.h"

/* JSON_OBJECTAGG(KEY k VALUE v [nulls]), JSON_ARRAYAGG(v [nulls]): the treatment of NULLs, then
 * JSON texts. */
static Status agg_json_args(ExprCtx *ctx, const AstCall *call, bool is_object, Expr **args,
                            uint32_t *n, Err *err) {
    Binder *b = ctx->b;
    const AstJsonClauses *json = call->json;
    bool keeps_nulls = is_object;
    if (json && (json->returning || json->wrapper || json->on_empty || json->on_error))
        return bind_unsupported(b, json->ast.pos, "this clause of a JSON aggregate", NULL, err);
    if (json && json->on_null) keeps_nulls = json->on_null == JSON_NULL_ON_NULL;
    if (call->args.n != 1 || (call->args.items[0]->kind == AST_JSON_PAIR) != is_object) {
        FAIL(err, ST_INVALID, "42601", bind_pos(b, call->ast.pos),
             is_object ? "write JSON_OBJECTAGG(KEY k VALUE v)" : "write JSON_ARRAYAGG(v)");
    }
    args[(*n)++] = bind_string_const(b, span_of(keeps_nulls ? "NULL" : "ABSENT"), call->ast.pos);
    if (is_object) {
        const AstJsonPair *pair = (const AstJsonPair *)call->args.items[0];
        TRY(bind_expr(ctx, pair->key, &args[(*n)++], err));
        return bind_json_value(ctx, pair->value, &args[(*n)++], err);
    }
    return bind_json_value(ctx, call->args.items[0], &args[(*n)++], err);
}

/* The arguments, without the star of COUNT(*). */
static Status agg_plain_args(ExprCtx *ctx, const AstCall *call, Expr **args, uint32_t *n,
                             Err *err) {
    if (call->json) {
        return bind_unsupported(ctx->b, call->json->ast.pos, "this clause of an aggregate", NULL,
                                err);
    }
    for (int32_t i = 0; i < call->args.n; i++) {
        const Ast *arg = call->args.items[i];
        if (arg->kind == AST_STAR && call->args.n == 1 && !((const AstStar *)arg)->of) break;
        TRY(bind_expr(ctx, arg, &args[(*n)++], err));
    }
    return ST_OK;
}

static Status agg_order(ExprCtx *ctx, const AstList *list, Expr ***keys, KeyOrder **order,
                        Err *err) {
    *keys = arena_array(ctx->b->arena, Expr *, (uint32_t)list->n);
    *order = arena_array(ctx->b->arena, KeyOrder, (uint32_t)list->n);
    for (int32_t i = 0; i < list->n; i++) {
        const AstOrderItem *item = (const AstOrderItem *)list->items[i];
        TRY(bind_expr(ctx, item->expr, &(*keys)[i], err));
        (*order)[i] = bind_key_order(item);
    }
    return ST_OK;
}

/* f(fraction) WITHIN GROUP (ORDER BY x [DESC]) is f(x, fraction [, TRUE]). */
static Status agg_within_group(ExprCtx *ctx, const AstCall *call, Expr **args, uint32_t *n,
                               Err *err) {
    const AstOrderItem *item = (const AstOrderItem *)call->within_group.items[0];
    if (call->within_group.n > 1) {
        return bind_unsupported(ctx->b, call->within_group.items[1]->pos,
                                "WITHIN GROUP with several expressions", NULL, err);
    }
    memmove(args + 1, args, *n * sizeof *args);
    ++*n;
    TRY(bind_expr(ctx, item->expr, &args[0], err));
    if (item->is_desc) args[(*n)++] = expr_bool(ctx->b->arena, true);
    return ST_OK;
}

/* With DISTINCT, equal values must not differ in what they are sorted by. */
static Status agg_order_is_distinct(const Binder *b, const AggCall *agg, const AstList *list,
                                    Expr *const *keys, Err *err) {
    for (int32_t i = 0; i < list->n; i++) {
        bool is_arg = false;
        for (uint32_t a = 0; a < agg->n_args; a++) is_arg |= expr_eq(agg->args[a], keys[i]);
        if (is_arg) continue;
        FAIL(err, ST_INVALID, "42P10", bind_pos(b, list->items[i]->pos),
             "with DISTINCT, an aggregate can be ordered only by its arguments");
    }
    return ST_OK;
}

static Status agg_nulls(ExprCtx *ctx, const AstCall *call, AggCall *agg, Err *err) {
    Expr *both[2] = {NULL, agg->filter};
    if (call->nulls == NULL_TREATMENT_NONE) return ST_OK;
    if (call->nulls == NULLS_RESPECT && strcmp(agg->agg->name, "ARRAY_AGG") != 0) {
        return bind_unsupported(ctx->b, call->ast.pos, "RESPECT NULLS of this aggregate",
                                "it leaves NULLs out", err);
    }
    if (call->nulls == NULLS_RESPECT || agg->n_args == 0) return ST_OK;
    TRY(expr_call(ctx->b->arena, SPAN("IS NOT NULL"), &agg->args[0], 1, agg->pos, &both[0], err));
    agg->filter = both[1] ? expr_and(ctx->b->arena, both, 2) : both[0];
    agg->type = type_with_null(ctx->b->arena, agg->type, true);
    return ST_OK;
}

Status bind_agg_whole(ExprCtx *ctx, const AstCall *call, Span name, bool is_grouped, AggCall *out,
                      Err *err) {
    Binder *b = ctx->b;
    bool is_object = span_is_nocase(name, "JSON_OBJECTAGG"), is_within = false;
    bool is_json = is_object || span_is_nocase(name, "JSON_ARRAYAGG");
    const AstList *list = call->within_group.n ? &call->within_group : &call->order_by;
    Expr **args = arena_array(b->arena, Expr *, (uint32_t)call->args.n + 4), **keys;
    KeyOrder *order;
    uint32_t n = 0;
    TRY(is_json ? agg_json_args(ctx, call, is_object, args, &n, err)
                : agg_plain_args(ctx, call, args, &n, err));
    if (call->within_group.n && agg_is_within_group(name)) {
        is_within = true;
        TRY(agg_within_group(ctx, call, args, &n, err));
    }
    TRY(agg_order(ctx, list, &keys, &order, err));
    TRY(agg_bind(b->arena, name, args, n, call->quantifier == QUANTIFIER_DISTINCT,
                 is_grouped && !call->filter, bind_pos(b, call->name->ast.pos), out, err));
    if (list->n && !is_within) {
        if (out->is_distinct) TRY(agg_order_is_distinct(b, out, list, keys, err));
        agg_add_order(b->arena, out, keys, order, (uint32_t)list->n);
    }
    if (call->filter) {
        ExprCtx inner = *ctx;
        inner.clause = "FILTER";
        TRY(bind_condition(&inner, call->filter, &out->filter, err));
    }
    return agg_nulls(ctx, call, out, err);
}
