/* bind_call.c -- function calls: built-in scalar functions, the names that CREATE FUNCTION gave
 * them, aggregates and window functions where they may stand.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/bind.h"

static Status bind_call_args(ExprCtx *ctx, const AstCall *call, Expr ***args, Err *err) {
    *args = arena_array(ctx->b->arena, Expr *, (uint32_t)call->args.n);
    for (int32_t i = 0; i < call->args.n; i++) {
        const Ast *arg = call->args.items[i];
        if (arg->kind == AST_NAMED_ARG) {
            return bind_unsupported(ctx->b, arg->pos, "named arguments of a scalar function",
                                    "give the arguments by position", err);
        }
        if (arg->kind == AST_STAR || arg->kind == AST_TABLE_ARG || arg->kind == AST_DESCRIPTOR) {
            FAIL(err, ST_INVALID, "42601", bind_pos(ctx->b, arg->pos),
                 "`" SPAN_FMT "` takes expressions", SPAN_ARG(ast_name_last(call->name)));
        }
        TRY(bind_expr(ctx, arg, &(*args)[i], err));
    }
    return ST_OK;
}

/* Clauses that only aggregates and window functions take. */
static Status bind_call_is_plain(const Binder *b, const AstCall *call, Span name, Err *err) {
    const char *clause = call->quantifier == QUANTIFIER_DISTINCT ? "DISTINCT"
                         : call->filter                          ? "FILTER"
                         : call->over                            ? "OVER"
                         : call->order_by.n                      ? "ORDER BY"
                         : call->within_group.n                  ? "WITHIN GROUP"
                         : call->nulls != NULL_TREATMENT_NONE    ? "IGNORE or RESPECT NULLS"
                                                                 : NULL;
    if (!clause) return ST_OK;
    FAIL(err, ST_INVALID, "42809", bind_pos(b, call->ast.pos),
         "%s does not go with the scalar function " SPAN_FMT, clause, SPAN_ARG(name));
}

/* The built-in function a name stands for. */
static Status bind_call_name(const Binder *b, const AstName *name, Span *out, Err *err) {
    Span parts[3];
    const UserFn *fn = NULL;
    if (name->parts.n <= 3) {
        for (int32_t i = 0; i < name->parts.n; i++) parts[i] = name->parts.items[i].text;
        fn = catalog_function(b->env->catalog, parts, (uint32_t)name->parts.n);
    }
    if (!fn && name->parts.n > 1) {
        FAIL(err, ST_NOT_FOUND, "42883", bind_pos(b, name->ast.pos),
             "there is no function `" SPAN_FMT "` in that database", SPAN_ARG(ast_name_last(name)));
    }
    *out = fn ? fn->builtin : name->parts.items[0].text;
    return ST_OK;
}

/* TRIM([side] [chars] FROM x) in one form: side, chars, x. */
static void bind_trim_args(const Binder *b, Expr ***args, uint32_t *n, int32_t pos) {
    Expr **full = arena_array(b->arena, Expr *, 3);
    if (*n != 2) return;
    full[0] = (*args)[0];
    full[1] = bind_string_const(b, SPAN(" "), pos);
    full[2] = (*args)[1];
    *args = full;
    *n = 3;
}

static Status bind_call_checks(ExprCtx *ctx, Span name, Expr **args, uint32_t n, int32_t pos,
                               Err *err) {
    if (span_is_nocase(name, "CURRENT_WATERMARK") && n == 1 && !type_is_rowtime(args[0]->type)) {
        err_set(err, ST_INVALID, "42804", bind_pos(ctx->b, pos), __FILE__, __LINE__,
                "CURRENT_WATERMARK needs a column with a watermark");
        return err_hint(err, "add WATERMARK FOR the column AS ... to its table");
    }
    return ST_OK;
}

static Status bind_call_arguments(ExprCtx *ctx, const AstCall *call, Span name, Expr ***args,
                                  uint32_t *n, Err *err) {
    if (bind_is_json_constructor(name)) return bind_json_construct(ctx, call, name, args, n, err);
    if (span_is_nocase(name, "JSON")) {
        err_set(err, ST_UNSUPPORTED, "0A000", bind_pos(ctx->b, call->ast.pos), __FILE__, __LINE__,
                "JSON() stands only as a value of JSON_OBJECT, JSON_ARRAY and their aggregates");
        return err_hint(err, "a JSON text elsewhere is a STRING");
    }
    TRY(bind_call_args(ctx, call, args, err));
    return call->json ? bind_json_args(ctx, call, name, args, n, err) : ST_OK;
}

/* CURRENT_DATABASE(), CURRENT_CATALOG: texts that the session knows. */
static bool bind_session_name(const Binder *b, const AstCall *call, Span name, Expr **out) {
    const Catalog *catalog = b->env->catalog;
    Span text;
    if (call->args.n) return false;
    if (span_is_nocase(name, "CURRENT_DATABASE"))
        text = catalog_current_database(catalog);
    else if (span_is_nocase(name, "CURRENT_CATALOG"))
        text = catalog_current(catalog);
    else
        return false;
    *out = expr_const_str(b->arena, type_with_null(b->arena, &type_string, false),
                          span_copy(b->arena, text), bind_pos(b, call->ast.pos));
    return true;
}

Status bind_call(ExprCtx *ctx, const AstCall *call, Expr **out, Err *err) {
    Binder *b = ctx->b;
    int32_t pos = call->name->ast.pos;
    uint32_t n = (uint32_t)call->args.n;
    bool is_handled = false;
    Expr **args;
    Span name;
    TRY(bind_call_name(b, call->name, &name, err));
    if (ctx->match && !call->over) {
        TRY(match_bind_call(ctx, call, name, &is_handled, out, err));
        if (is_handled) return ST_OK;
    }
    if (call->over) return bind_over_call(ctx, call, name, out, err);
    TRY(bind_group_window_call(ctx, call, name, &is_handled, out, err));
    if (is_handled) return ST_OK;
    if (span_is_nocase(name, "GROUPING") || span_is_nocase(name, "GROUPING_ID")) {
        return bind_grouping_call(ctx, call, out, err);
    }
    if (span_is_nocase(name, "GROUP_ID")) return bind_group_id(ctx, call, out, err);
    if (bind_session_name(b, call, name, out)) return ST_OK;
    if (agg_is_name(name)) return bind_agg_call(ctx, call, name, out, err);
    if (bind_is_over_only(name)) {
        FAIL(err, ST_INVALID, "42809", bind_pos(b, pos), SPAN_FMT " needs an OVER clause",
             SPAN_ARG(name));
    }
    TRY(bind_call_is_plain(b, call, name, err));
    TRY(bind_call_arguments(ctx, call, name, &args, &n, err));
    if (call->form == CALL_TRIM) bind_trim_args(b, &args, &n, pos);
    TRY(bind_call_checks(ctx, name, args, n, pos, err));
    TRY(expr_call(b->arena, name, args, n, bind_pos(b, pos), out, err));
    if (call->json && !bind_is_json_constructor(name)) TRY(bind_json_returning(b, call, out, err));
    if (span_is_nocase(name, "PROCTIME")) {
        Expr *copy = arena_new(b->arena, Expr);
        *copy = **out;
        copy->type = type_with_attr(b->arena, (*out)->type, TIME_ATTR_PROCTIME);
        *out = copy;
    } else {
        *out = bind_strip_attr(b->arena, *out);
    }
    return ST_OK;
}
