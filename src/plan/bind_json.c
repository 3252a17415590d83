/* bind_json.c -- the clauses of JSON_VALUE, JSON_QUERY and JSON_EXISTS as arguments: keywords and
 * defaults; RETURNING is a cast of the result.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/bind.h"

static const char *const json_words[] = {
    [JSON_ON_NONE] = NULL,
    [JSON_ON_NULL] = "NULL",
    [JSON_ON_ERROR] = "ERROR",
    [JSON_ON_DEFAULT] = "DEFAULT",
    [JSON_ON_EMPTY_ARRAY] = "EMPTY ARRAY",
    [JSON_ON_EMPTY_OBJECT] = "EMPTY OBJECT",
    [JSON_ON_TRUE] = "TRUE",
    [JSON_ON_FALSE] = "FALSE",
    [JSON_ON_UNKNOWN] = "UNKNOWN",
};

/* The behaviour as a keyword argument; only those in `allowed` go with the function. */
static Status json_behavior(const Binder *b, const AstJsonClauses *json, AstJsonBehavior behavior,
                            const char *usual, uint32_t allowed, Expr **out, Err *err) {
    const char *word = json_words[behavior] ? json_words[behavior] : usual;
    if (behavior != JSON_ON_NONE && !(allowed >> behavior & 1)) {
        FAIL(err, ST_INVALID, "42601", bind_pos(b, json->ast.pos),
             "%s does not go with this JSON function", word);
    }
    *out = bind_string_const(b, span_of(word), json->ast.pos);
    return ST_OK;
}

static Status json_default(ExprCtx *ctx, const Ast *ast, int32_t pos, Expr **out, Err *err) {
    if (!ast) {
        *out = expr_null(ctx->b->arena, &type_string, pos);
        return ST_OK;
    }
    TRY(bind_expr(ctx, ast, out, err));
    return expr_cast(ctx->b->arena, *out, &type_string, false, pos, out, err);
}

static Status json_value_args(ExprCtx *ctx, const AstJsonClauses *json, Expr **more, uint32_t *n,
                              Err *err) {
    uint32_t allowed = 1u << JSON_ON_NULL | 1u << JSON_ON_ERROR | 1u << JSON_ON_DEFAULT;
    int32_t pos = json->ast.pos;
    TRY(json_behavior(ctx->b, json, json->on_empty, "NULL", allowed, &more[0], err));
    TRY(json_default(ctx, json->empty_default, pos, &more[1], err));
    TRY(json_behavior(ctx->b, json, json->on_error, "NULL", allowed, &more[2], err));
    TRY(json_default(ctx, json->error_default, pos, &more[3], err));
    *n = 4;
    return ST_OK;
}

static Status json_query_args(const Binder *b, const AstJsonClauses *json, Expr **more, uint32_t *n,
                              Err *err) {
    uint32_t allowed = 1u << JSON_ON_NULL | 1u << JSON_ON_ERROR | 1u << JSON_ON_EMPTY_ARRAY |
                       1u << JSON_ON_EMPTY_OBJECT;
    const char *wrapper = json->wrapper == JSON_WRAPPER_CONDITIONAL     ? "CONDITIONAL"
                          : json->wrapper == JSON_WRAPPER_UNCONDITIONAL ? "UNCONDITIONAL"
                                                                        : "WITHOUT";
    more[0] = bind_string_const(b, span_of(wrapper), json->ast.pos);
    TRY(json_behavior(b, json, json->on_empty, "NULL", allowed, &more[1], err));
    TRY(json_behavior(b, json, json->on_error, "NULL", allowed, &more[2], err));
    *n = 3;
    return ST_OK;
}

Status bind_json_args(ExprCtx *ctx, const AstCall *call, Span name, Expr ***args, uint32_t *n,
                      Err *err) {
    const AstJsonClauses *json = call->json;
    Expr **all = arena_array(ctx->b->arena, Expr *, *n + 4);
    uint32_t n_more = 0;
    if (*n) memcpy(all, *args, *n * sizeof *all);
    if (span_is_nocase(name, "JSON_VALUE")) {
        TRY(json_value_args(ctx, json, all + *n, &n_more, err));
    } else if (span_is_nocase(name, "JSON_QUERY")) {
        TRY(json_query_args(ctx->b, json, all + *n, &n_more, err));
    } else if (span_is_nocase(name, "JSON_EXISTS") && !json->returning) {
        uint32_t allowed =
            1u << JSON_ON_TRUE | 1u << JSON_ON_FALSE | 1u << JSON_ON_UNKNOWN | 1u << JSON_ON_ERROR;
        TRY(json_behavior(ctx->b, json, json->on_error, "FALSE", allowed, &all[*n], err));
        n_more = 1;
    } else {
        return bind_unsupported(ctx->b, json->ast.pos, "this clause of a JSON function", NULL, err);
    }
    *args = all;
    *n += n_more;
    return ST_OK;
}

/* ---- constructors ---- */

static bool json_is_call(const Ast *ast, const char *name) {
    const AstCall *call = (const AstCall *)ast;
    return ast->kind == AST_CALL && call->name->parts.n == 1 &&
           span_is_nocase(call->name->parts.items[0].text, name);
}

bool bind_is_json_constructor(Span name) {
    return span_is_nocase(name, "JSON_OBJECT") || span_is_nocase(name, "JSON_ARRAY");
}

Status bind_json_value(ExprCtx *ctx, const Ast *ast, Expr **out, Err *err) {
    const AstCall *call = (const AstCall *)ast;
    Arena *arena = ctx->b->arena;
    Expr *arg;
    if (json_is_call(ast, "JSON") && call->args.n == 1) {
        TRY(bind_expr(ctx, call->args.items[0], &arg, err));
        return expr_call(arena, SPAN("JSON"), &arg, 1, bind_pos(ctx->b, ast->pos), out, err);
    }
    TRY(bind_expr(ctx, ast, &arg, err));
    *out = arg;
    if (json_is_call(ast, "JSON_OBJECT") || json_is_call(ast, "JSON_ARRAY")) return ST_OK;
    return expr_call(arena, SPAN("JSON_STRING"), &arg, 1, bind_pos(ctx->b, ast->pos), out, err);
}

Status bind_json_construct(ExprCtx *ctx, const AstCall *call, Span name, Expr ***args, uint32_t *n,
                           Err *err) {
    Binder *b = ctx->b;
    bool is_object = span_is_nocase(name, "JSON_OBJECT"), keeps_nulls = is_object;
    const AstJsonClauses *json = call->json;
    if (json && (json->returning || json->wrapper || json->on_empty || json->on_error))
        return bind_unsupported(b, json->ast.pos, "this clause of a JSON constructor", NULL, err);
    if (json && json->on_null) keeps_nulls = json->on_null == JSON_NULL_ON_NULL;
    *args = arena_array(b->arena, Expr *, 2 * (uint32_t)call->args.n + 1);
    (*args)[0] = bind_string_const(b, span_of(keeps_nulls ? "NULL" : "ABSENT"), call->ast.pos);
    *n = 1;
    for (int32_t i = 0; i < call->args.n; i++) {
        const Ast *arg = call->args.items[i];
        const AstJsonPair *pair = (const AstJsonPair *)arg;
        if ((arg->kind == AST_JSON_PAIR) != is_object) {
            FAIL(err, ST_INVALID, "42601", bind_pos(b, arg->pos),
                 is_object ? "JSON_OBJECT takes pairs: KEY k VALUE v" : "JSON_ARRAY takes values");
        }
        if (is_object) TRY(bind_expr(ctx, pair->key, &(*args)[(*n)++], err));
        TRY(bind_json_value(ctx, is_object ? pair->value : arg, &(*args)[(*n)++], err));
    }
    return ST_OK;
}

/* An ARRAY<STRING> is made of the text of the array. */
Status bind_json_returning(const Binder *b, const AstCall *call, Expr **out, Err *err) {
    const Type *type;
    if (!call->json->returning) return ST_OK;
    TRY(bind_type(b, call->json->returning, &type, err));
    bool is_try = call->json->on_error != JSON_ON_ERROR;
    int32_t pos = bind_pos(b, call->json->ast.pos);
    type = type_with_null(b->arena, type, true);
    if (type->kind == TYPE_ARRAY && type_is_string(type_child(type, 0))) {
        if (call->json->on_empty == JSON_ON_EMPTY_OBJECT ||
            call->json->on_error == JSON_ON_EMPTY_OBJECT) {
            FAIL(err, ST_INVALID, "42601", pos, "an EMPTY OBJECT is no ARRAY");
        }
        TRY(expr_call(b->arena, SPAN("JSON_ELEMENTS"), out, 1, pos, out, err));
        return expr_cast(b->arena, *out, type, is_try, pos, out, err);
    }
    if (!type_is_string(type) && span_is_nocase(ast_name_last(call->name), "JSON_QUERY")) {
        return bind_unsupported(b, pos, "this RETURNING type of JSON_QUERY",
                                "it returns STRING or ARRAY<STRING>", err);
    }
    return expr_cast(b->arena, *out, type, is_try, pos, out, err);
}
