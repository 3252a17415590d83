/* bind_expr.c -- expressions: names become columns and fields, operators become calls of the tables
 * of expr. What an expression may contain where it stands is in its ExprCtx.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/bind.h"

/* ---- small helpers over Expr ---- */

bool expr_is_null_const(const Expr *expr) {
    return expr->kind == EXPR_CONST &&
           (expr->type->kind == TYPE_NULL || col_is_null(expr->value, 0));
}

bool expr_const_int(const Expr *expr, int64_t *out) {
    if (expr->kind != EXPR_CONST || expr_is_null_const(expr)) return false;
    switch (type_phys(expr->type)) {
    case PHYS_I8: *out = expr->value->i8[0]; return true;
    case PHYS_I16: *out = expr->value->i16[0]; return true;
    case PHYS_I32: *out = expr->value->i32[0]; return true;
    case PHYS_I64: *out = expr->value->i64[0]; return true;
    default: return false;
    }
}

Expr *bind_strip_attr(Arena *arena, Expr *expr) {
    Expr *copy;
    if (expr->type->attr == TIME_ATTR_NONE) return expr;
    copy = arena_new(arena, Expr);
    *copy = *expr;
    copy->type = type_with_attr(arena, expr->type, TIME_ATTR_NONE);
    return copy;
}

Expr *expr_and(Arena *arena, Expr **args, uint32_t n) {
    Expr *out;
    bool is_nullable = false;
    if (n == 0) return NULL;
    if (n == 1) return args[0];
    for (uint32_t i = 0; i < n; i++) is_nullable |= args[i]->type->is_nullable;
    out = arena_new(arena, Expr);
    *out = (Expr){.kind = EXPR_AND,
                  .type = type_with_null(arena, &type_boolean, is_nullable),
                  .pos = args[0]->pos,
                  .n_args = n,
                  .args = arena_array(arena, Expr *, n)};
    memcpy(out->args, args, n * sizeof(Expr *));
    return out;
}

static void expr_conjuncts_add(Expr *expr, Expr **out, uint32_t *n) {
    if (expr->kind != EXPR_AND) {
        if (out) out[*n] = expr;
        (*n)++;
        return;
    }
    for (uint32_t i = 0; i < expr->n_args; i++) expr_conjuncts_add(expr->args[i], out, n);
}

void expr_conjuncts(Arena *arena, Expr *expr, Expr ***out, uint32_t *n) {
    *n = 0;
    *out = NULL;
    if (!expr) return;
    expr_conjuncts_add(expr, NULL, n);
    *out = arena_array(arena, Expr *, *n);
    *n = 0;
    expr_conjuncts_add(expr, *out, n);
}

static Status bind_apply(const Binder *b, const char *name, Expr **args, uint32_t n, int32_t pos,
                         Expr **out, Err *err) {
    TRY(expr_call(b->arena, span_of(name), args, n, bind_pos(b, pos), out, err));
    *out = bind_strip_attr(b->arena, *out);
    return ST_OK;
}

/* ---- names ---- */

Expr *bind_field(Arena *arena, Expr *row, uint32_t field, int32_t pos) {
    Expr *out = arena_new(arena, Expr);
    const Type *type = row->type->row.fields[field].type;
    *out = (Expr){.kind = EXPR_FIELD,
                  .type = type_with_null(arena, type, type->is_nullable || row->type->is_nullable),
                  .pos = pos,
                  .column = field,
                  .n_args = 1,
                  .args = arena_new(arena, Expr *)};
    out->args[0] = row;
    return out;
}

Status bind_field_named(const Binder *b, Expr *row, const AstIdent *name, Expr **out, Err *err) {
    int32_t field;
    if (row->type->kind != TYPE_ROW) {
        err_set(err, ST_INVALID, "42809", bind_pos(b, name->pos), __FILE__, __LINE__,
                "there is no field `" SPAN_FMT "` in a value of type %s", SPAN_ARG(name->text),
                type_text(b->arena, row->type));
        return err_hint(err, "only a ROW has fields");
    }
    field = schema_find(&row->type->row, name->text);
    if (field < 0) {
        uint32_t n = row->type->row.n_fields;
        Span best, *names = arena_array(b->arena, Span, n);
        for (uint32_t i = 0; i < n; i++) names[i] = row->type->row.fields[i].name;
        best = span_nearest(name->text, names, n);
        err_set(err, ST_INVALID, "42703", bind_pos(b, name->pos), __FILE__, __LINE__,
                "field `" SPAN_FMT "` does not exist in %s", SPAN_ARG(name->text),
                type_text(b->arena, row->type));
        return best.len ? err_hint(err, "did you mean `" SPAN_FMT "`?", SPAN_ARG(best))
                        : ST_INVALID;
    }
    *out = bind_field(b->arena, row, (uint32_t)field, bind_pos(b, name->pos));
    return ST_OK;
}

/* The expression that the select list gives the name to, or NULL. */
static Expr *bind_named(const ExprCtx *ctx, const AstName *name) {
    for (uint32_t i = 0; ctx->named && name->parts.n == 1 && i < ctx->named->n; i++) {
        if (span_eq(ctx->named->names[i], name->parts.items[0].text)) return ctx->named->exprs[i];
    }
    return NULL;
}

static Status bind_name(ExprCtx *ctx, const AstName *name, Expr **out, Err *err) {
    Binder *b = ctx->b;
    static const Scope empty = {0};
    const Scope *scope = ctx->rel ? &ctx->rel->scope : &empty;
    NameMatch match;
    Status status;
    if (ctx->match) return match_bind_name(ctx, name, out, err);
    status = scope_resolve(b, scope, name, ctx->sub != NULL, &match, err);
    if (status != ST_OK) {
        *out = bind_named(ctx, name);
        return *out ? ST_OK : status;
    }
    *out = expr_column(b->arena, match.col->index + (match.is_outer ? COLUMN_OUTER : 0),
                       match.col->type, bind_pos(b, name->parts.items[match.n_used - 1].pos));
    for (int32_t i = match.n_used; i < name->parts.n; i++) {
        TRY(bind_field_named(b, *out, &name->parts.items[i], out, err));
    }
    return ST_OK;
}

/* ---- operators ---- */

static const char *const bind_binary_names[BINARY_N_OPS] = {
    [BINARY_ADD] = "+",
    [BINARY_SUB] = "-",
    [BINARY_MUL] = "*",
    [BINARY_DIV] = "/",
    [BINARY_MOD] = "%",
    [BINARY_CONCAT] = "||",
    [BINARY_EQ] = "=",
    [BINARY_NE] = "<>",
    [BINARY_LT] = "<",
    [BINARY_LE] = "<=",
    [BINARY_GT] = ">",
    [BINARY_GE] = ">=",
    [BINARY_IS_DISTINCT] = "IS DISTINCT FROM",
    [BINARY_IS_NOT_DISTINCT] = "IS NOT DISTINCT FROM",
    [BINARY_AT_TIME_ZONE] = "AT TIME ZONE",
};

/* One side of OVERLAPS: (start, end) or (start, length), as its earlier and its later end. */
static Status bind_period(ExprCtx *ctx, const Ast *ast, Expr **ends, Err *err) {
    const AstRow *row = (const AstRow *)ast;
    Expr *args[2], *sum[2];
    if (ast->kind != AST_ROW || row->items.n != 2) {
        FAIL(err, ST_INVALID, "42804", bind_pos(ctx->b, ast->pos),
             "OVERLAPS compares (start, end) with (start, end)");
    }
    TRY(bind_expr(ctx, row->items.items[0], &args[0], err));
    TRY(bind_expr(ctx, row->items.items[1], &args[1], err));
    if (args[1]->type->kind == TYPE_INTERVAL_DS || args[1]->type->kind == TYPE_INTERVAL_YM) {
        memcpy(sum, args, sizeof sum);
        TRY(bind_apply(ctx->b, "+", sum, 2, ast->pos, &args[1], err));
    }
    memcpy(sum, args, sizeof sum);
    TRY(bind_apply(ctx->b, "LEAST", sum, 2, ast->pos, &ends[0], err));
    return bind_apply(ctx->b, "GREATEST", args, 2, ast->pos, &ends[1], err);
}

/* Periods that only touch overlap, as in Flink. */
static Status bind_overlaps(ExprCtx *ctx, const AstBinary *ast, Expr **out, Err *err) {
    Expr *a[2], *b[2], *left[2], *right[2], *both[2];
    TRY(bind_period(ctx, ast->left, a, err));
    TRY(bind_period(ctx, ast->right, b, err));
    left[0] = a[1], left[1] = b[0];
    right[0] = b[1], right[1] = a[0];
    TRY(bind_apply(ctx->b, ">=", left, 2, ast->op_pos, &both[0], err));
    TRY(bind_apply(ctx->b, ">=", right, 2, ast->op_pos, &both[1], err));
    return bind_apply(ctx->b, "AND", both, 2, ast->op_pos, out, err);
}

static Status bind_binary(ExprCtx *ctx, const AstBinary *ast, Expr **out, Err *err) {
    const char *name = bind_binary_names[ast->op];
    Expr *args[2];
    if (ast->op == BINARY_OVERLAPS) return bind_overlaps(ctx, ast, out, err);
    if (!name) {
        return bind_unsupported(ctx->b, ast->op_pos, ast_binary_op_text(ast->op), NULL, err);
    }
    TRY(bind_expr(ctx, ast->left, &args[0], err));
    TRY(bind_expr(ctx, ast->right, &args[1], err));
    return bind_apply(ctx->b, name, args, 2, ast->op_pos, out, err);
}

static Status bind_unary(ExprCtx *ctx, const AstUnary *ast, Expr **out, Err *err) {
    Expr *arg;
    if (ast->op == UNARY_RUNNING || ast->op == UNARY_FINAL) {
        if (ctx->match) return match_bind_final(ctx, ast->arg, ast->op == UNARY_FINAL, out, err);
        FAIL(err, ST_INVALID, "42P20", bind_pos(ctx->b, ast->ast.pos),
             "RUNNING and FINAL stand only in MEASURES of MATCH_RECOGNIZE");
    }
    TRY(bind_expr(ctx, ast->arg, &arg, err));
    if (ast->op == UNARY_PLUS) {
        if (!type_is_numeric(arg->type) && arg->type->kind != TYPE_NULL) {
            FAIL(err, ST_INVALID, "42883", bind_pos(ctx->b, ast->ast.pos),
                 "the sign + needs a number, not %s", type_text(ctx->b->arena, arg->type));
        }
        *out = arg;
        return ST_OK;
    }
    return bind_apply(ctx->b, ast->op == UNARY_NOT ? "NOT" : "-", &arg, 1, ast->ast.pos, out, err);
}

static Status bind_logic(ExprCtx *ctx, const AstLogic *ast, Expr **out, Err *err) {
    Expr **args;
    TRY(bind_exprs(ctx, &ast->args, &args, err));
    for (int32_t i = 0; i < ast->args.n; i++) {
        if (args[i]->type->kind == TYPE_BOOLEAN || args[i]->type->kind == TYPE_NULL) continue;
        FAIL(err, ST_INVALID, "42804", bind_pos(ctx->b, ast->args.items[i]->pos),
             "%s joins conditions; this is %s", ast->is_or ? "OR" : "AND",
             type_text(ctx->b->arena, args[i]->type));
    }
    return bind_apply(ctx->b, ast->is_or ? "OR" : "AND", args, (uint32_t)ast->args.n, ast->ast.pos,
                      out, err);
}

static Status bind_is(ExprCtx *ctx, const AstIs *ast, Expr **out, Err *err) {
    static const char *const names[][2] = {
        [IS_NULL] = {"IS NULL", "IS NOT NULL"},
        [IS_TRUE] = {"IS TRUE", "IS NOT TRUE"},
        [IS_FALSE] = {"IS FALSE", "IS NOT FALSE"},
        [IS_UNKNOWN] = {"IS UNKNOWN", "IS NOT UNKNOWN"},
        [IS_JSON] = {"IS JSON", "IS NOT JSON"},
        [IS_JSON_OBJECT] = {"IS JSON OBJECT", "IS NOT JSON OBJECT"},
        [IS_JSON_ARRAY] = {"IS JSON ARRAY", "IS NOT JSON ARRAY"},
        [IS_JSON_SCALAR] = {"IS JSON SCALAR", "IS NOT JSON SCALAR"},
        [IS_A_SET] = {"IS A SET", "IS NOT A SET"},
        [IS_EMPTY] = {"IS EMPTY", "IS NOT EMPTY"},
    };
    Expr *arg;
    TRY(bind_expr(ctx, ast->arg, &arg, err));
    return bind_apply(ctx->b, names[ast->is][ast->is_not], &arg, 1, ast->ast.pos, out, err);
}

static Status bind_not(const Binder *b, bool is_not, int32_t pos, Expr **expr, Err *err) {
    Expr *arg = *expr;
    if (!is_not) return ST_OK;
    return bind_apply(b, "NOT", &arg, 1, pos, expr, err);
}

/* low <= x AND x <= high; SYMMETRIC: or the other way round. */
static Status bind_between(ExprCtx *ctx, const AstBetween *ast, Expr **out, Err *err) {
    Binder *b = ctx->b;
    Expr *arg, *low, *high, *both[2], *either[2];
    TRY(bind_expr(ctx, ast->arg, &arg, err));
    TRY(bind_expr(ctx, ast->low, &low, err));
    TRY(bind_expr(ctx, ast->high, &high, err));
    for (int i = 0; i <= ast->is_symmetric; i++) {
        Expr *above[2] = {arg, i ? high : low}, *below[2] = {arg, i ? low : high};
        TRY(bind_apply(b, ">=", above, 2, ast->low->pos, &both[0], err));
        TRY(bind_apply(b, "<=", below, 2, ast->high->pos, &both[1], err));
        TRY(bind_apply(b, "AND", both, 2, ast->ast.pos, &either[i], err));
    }
    *out = either[0];
    if (ast->is_symmetric) TRY(bind_apply(b, "OR", either, 2, ast->ast.pos, out, err));
    return bind_not(b, ast->is_not, ast->ast.pos, out, err);
}

static Status bind_in_list(ExprCtx *ctx, const AstIn *ast, Expr **out, Err *err) {
    Binder *b = ctx->b;
    uint32_t n = (uint32_t)ast->items.n;
    Expr **args = arena_array(b->arena, Expr *, n + 1);
    if (ast->query) return bind_in_query(ctx, ast, out, err);
    TRY(bind_expr(ctx, ast->arg, &args[0], err));
    for (uint32_t i = 0; i < n; i++) TRY(bind_expr(ctx, ast->items.items[i], &args[i + 1], err));
    return bind_apply(b, ast->is_not ? "NOT IN" : "IN", args, n + 1, ast->ast.pos, out, err);
}

static Status bind_like(ExprCtx *ctx, const AstLike *ast, Expr **out, Err *err) {
    static const char *const names[] = {
        [LIKE_LIKE] = "LIKE",
        [LIKE_SIMILAR] = "SIMILAR TO",
        [LIKE_ILIKE] = "ILIKE",
        [LIKE_RLIKE] = "REGEXP",
    };
    Expr *args[3];
    uint32_t n = 2;
    TRY(bind_expr(ctx, ast->arg, &args[0], err));
    TRY(bind_expr(ctx, ast->pattern, &args[1], err));
    if (ast->escape) TRY(bind_expr(ctx, ast->escape, &args[n++], err));
    TRY(bind_apply(ctx->b, names[ast->like], args, n, ast->ast.pos, out, err));
    return bind_not(ctx->b, ast->is_not, ast->ast.pos, out, err);
}

/* x <op> ANY (list): OR of comparisons; ALL: AND. */
static Status bind_quantified(ExprCtx *ctx, const AstQuantified *ast, Expr **out, Err *err) {
    Binder *b = ctx->b;
    uint32_t n = (uint32_t)ast->items.n;
    Expr **args = arena_array(b->arena, Expr *, n);
    Expr *pair[2];
    if (ast->query) return bind_quantified_query(ctx, ast, out, err);
    TRY(bind_expr(ctx, ast->arg, &pair[0], err));
    for (uint32_t i = 0; i < n; i++) {
        TRY(bind_expr(ctx, ast->items.items[i], &pair[1], err));
        TRY(bind_apply(b, bind_binary_names[ast->op], pair, 2, ast->ast.pos, &args[i], err));
    }
    *out = args[0];
    if (n > 1) TRY(bind_apply(b, ast->is_all ? "AND" : "OR", args, n, ast->ast.pos, out, err));
    return ST_OK;
}

/* ---- CASE, CAST, constructors ---- */

static Status bind_case(ExprCtx *ctx, const AstCase *ast, Expr **out, Err *err) {
    Binder *b = ctx->b;
    uint32_t n = 0;
    Expr **args = arena_array(b->arena, Expr *, (uint32_t)ast->whens.n * 2 + 1);
    Expr *pair[2] = {NULL, NULL};
    if (ast->operand) TRY(bind_expr(ctx, ast->operand, &pair[0], err));
    for (int32_t i = 0; i < ast->whens.n; i++) {
        const AstWhen *when = (const AstWhen *)ast->whens.items[i];
        Expr **conds = arena_array(b->arena, Expr *, (uint32_t)when->values.n);
        for (int32_t j = 0; j < when->values.n; j++) {
            if (!ast->operand) {
                TRY(bind_condition(ctx, when->values.items[j], &conds[j], err));
                continue;
            }
            TRY(bind_expr(ctx, when->values.items[j], &pair[1], err));
            TRY(bind_apply(b, "=", pair, 2, when->values.items[j]->pos, &conds[j], err));
        }
        args[n] = conds[0];
        if (when->values.n > 1) {
            TRY(bind_apply(b, "OR", conds, (uint32_t)when->values.n, when->ast.pos, &args[n], err));
        }
        n++;
        TRY(bind_expr(ctx, when->result, &args[n++], err));
    }
    if (ast->otherwise) TRY(bind_expr(ctx, ast->otherwise, &args[n++], err));
    return bind_apply(b, "CASE", args, n, ast->ast.pos, out, err);
}

/* (a - b) MONTH counts whole months in the calendar; smaller units are what a - b is. */
static Status bind_difference(ExprCtx *ctx, const AstCast *ast, Expr **out, Err *err) {
    const AstBinary *minus = (const AstBinary *)ast->arg;
    bool is_months = ast->type->from >= UNIT_YEAR && ast->type->from <= UNIT_MONTH;
    Expr *args[3];
    args[0] = expr_const_str(ctx->b->arena, type_with_null(ctx->b->arena, &type_string, false),
                             SPAN("MONTH"), bind_pos(ctx->b, ast->ast.pos));
    TRY(bind_expr(ctx, minus->right, &args[1], err));
    TRY(bind_expr(ctx, minus->left, &args[2], err));
    for (int i = 1; i < 3; i++) {
        if (type_is_datetime(args[i]->type) && args[i]->type->kind != TYPE_TIME) continue;
        FAIL(err, ST_INVALID, "42804", args[i]->pos,
             "(a - b) with a unit behind it takes two dates or timestamps, not %s",
             type_text(ctx->b->arena, args[i]->type));
    }
    if (is_months) return bind_apply(ctx->b, "TIMESTAMPDIFF", args, 3, minus->op_pos, out, err);
    args[0] = args[2];
    return bind_apply(ctx->b, "-", args, 2, minus->op_pos, out, err);
}

static Status bind_cast(ExprCtx *ctx, const AstCast *ast, Expr **out, Err *err) {
    Expr *arg;
    const Type *type;
    if (ast->form == CAST_DIFFERENCE) {
        TRY(bind_difference(ctx, ast, &arg, err));
        type = bind_interval_type(ctx->b, ast->type->from, ast->type->to);
        if (type->kind == TYPE_INTERVAL_YM) type = type_interval(ctx->b->arena, INTERVAL_MONTH);
        return expr_cast(ctx->b->arena, arg, type, false, arg->pos, out, err);
    }
    TRY(bind_expr(ctx, ast->arg, &arg, err));
    TRY(bind_type(ctx->b, ast->type, &type, err));
    TRY(expr_cast(ctx->b->arena, bind_strip_attr(ctx->b->arena, arg), type, ast->form == CAST_TRY,
                  bind_pos(ctx->b, ast->ast.pos), out, err));
    return ST_OK;
}

static Status bind_collection(ExprCtx *ctx, const AstCollection *ast, Expr **out, Err *err) {
    static const char *const names[] = {
        [COLLECTION_ARRAY] = "ARRAY",
        [COLLECTION_MAP] = "MAP",
        [COLLECTION_MULTISET] = "MULTISET",
    };
    Expr **args;
    if (ast->query) {
        return bind_unsupported(ctx->b, ast->ast.pos, "a collection of a subquery's rows",
                                "use ARRAY_AGG or COLLECT in a subquery", err);
    }
    TRY(bind_exprs(ctx, &ast->items, &args, err));
    return bind_apply(ctx->b, names[ast->collection], args, (uint32_t)ast->items.n, ast->ast.pos,
                      out, err);
}

static Status bind_row(ExprCtx *ctx, const AstRow *ast, Expr **out, Err *err) {
    Expr **args;
    TRY(bind_exprs(ctx, &ast->items, &args, err));
    return bind_apply(ctx->b, "ROW", args, (uint32_t)ast->items.n, ast->ast.pos, out, err);
}

static Status bind_index(ExprCtx *ctx, const AstIndex *ast, Expr **out, Err *err) {
    Expr *args[2];
    TRY(bind_expr(ctx, ast->base, &args[0], err));
    TRY(bind_expr(ctx, ast->index, &args[1], err));
    return bind_apply(ctx->b, "[]", args, 2, ast->ast.pos, out, err);
}

static Status bind_field_access(ExprCtx *ctx, const AstField *ast, Expr **out, Err *err) {
    Expr *row;
    if (!ast->field.text.ptr) {
        return bind_unsupported(ctx->b, ast->ast.pos, "all fields of a row (.*) at this place",
                                "name the fields", err);
    }
    TRY(bind_expr(ctx, ast->base, &row, err));
    return bind_field_named(ctx->b, row, &ast->field, out, err);
}

/* ---- dispatch ---- */

Status bind_expr(ExprCtx *ctx, const Ast *ast, Expr **out, Err *err) {
    switch (ast->kind) {
    case AST_LITERAL: return bind_literal(ctx->b, (const AstLiteral *)ast, out, err);
    case AST_INTERVAL: return bind_interval(ctx, (const AstInterval *)ast, out, err);
    case AST_NAME: return bind_name(ctx, (const AstName *)ast, out, err);
    case AST_UNARY: return bind_unary(ctx, (const AstUnary *)ast, out, err);
    case AST_BINARY: return bind_binary(ctx, (const AstBinary *)ast, out, err);
    case AST_LOGIC: return bind_logic(ctx, (const AstLogic *)ast, out, err);
    case AST_IS: return bind_is(ctx, (const AstIs *)ast, out, err);
    case AST_BETWEEN: return bind_between(ctx, (const AstBetween *)ast, out, err);
    case AST_IN: return bind_in_list(ctx, (const AstIn *)ast, out, err);
    case AST_LIKE: return bind_like(ctx, (const AstLike *)ast, out, err);
    case AST_QUANTIFIED: return bind_quantified(ctx, (const AstQuantified *)ast, out, err);
    case AST_CASE: return bind_case(ctx, (const AstCase *)ast, out, err);
    case AST_CAST: return bind_cast(ctx, (const AstCast *)ast, out, err);
    case AST_CALL: return bind_call(ctx, (const AstCall *)ast, out, err);
    case AST_COLLECTION: return bind_collection(ctx, (const AstCollection *)ast, out, err);
    case AST_ROW: return bind_row(ctx, (const AstRow *)ast, out, err);
    case AST_INDEX: return bind_index(ctx, (const AstIndex *)ast, out, err);
    case AST_FIELD: return bind_field_access(ctx, (const AstField *)ast, out, err);
    case AST_SYMBOL:
        *out = bind_string_const(ctx->b, ((const AstSymbol *)ast)->text, ast->pos);
        return ST_OK;
    case AST_SUBQUERY: return bind_scalar_subquery(ctx, (const AstSubquery *)ast, out, err);
    case AST_EXISTS: return bind_exists(ctx, (const AstExists *)ast, out, err);
    case AST_STAR:
        FAIL(err, ST_INVALID, "42601", bind_pos(ctx->b, ast->pos),
             "* may stand in a select list and in COUNT(*) only");
    case AST_PARAM:
        return bind_unsupported(ctx->b, ast->pos, "a parameter", "write the value itself", err);
    case AST_DEFAULT: return bind_unsupported(ctx->b, ast->pos, "DEFAULT as a value", NULL, err);
    default:
        FAIL(err, ST_INVALID, "42601", bind_pos(ctx->b, ast->pos),
             "this is not an expression that has a value");
    }
}

Status bind_condition(ExprCtx *ctx, const Ast *ast, Expr **out, Err *err) {
    TRY(bind_expr(ctx, ast, out, err));
    if ((*out)->type->kind == TYPE_BOOLEAN) return ST_OK;
    if ((*out)->type->kind == TYPE_NULL) {
        *out = expr_null(ctx->b->arena, &type_boolean, (*out)->pos);
        return ST_OK;
    }
    FAIL(err, ST_INVALID, "42804", bind_pos(ctx->b, ast->pos),
         "%s needs a condition of type BOOLEAN, not %s", ctx->clause,
         type_text(ctx->b->arena, (*out)->type));
}

Status bind_exprs(ExprCtx *ctx, const AstList *list, Expr ***out, Err *err) {
    *out = arena_array(ctx->b->arena, Expr *, (uint32_t)list->n);
    for (int32_t i = 0; i < list->n; i++) TRY(bind_expr(ctx, list->items[i], &(*out)[i], err));
    return ST_OK;
}

Status bind_constant(Binder *b, const Ast *ast, const char *clause, Expr **out, Err *err) {
    ExprCtx ctx = {.b = b, .clause = clause};
    TRY(bind_expr(&ctx, ast, out, err));
    *out = expr_fold(b->arena, *out, b->env->expr_env);
    if ((*out)->kind != EXPR_CONST) {
        FAIL(err, ST_INVALID, "42804", bind_pos(b, ast->pos), "%s needs a constant", clause);
    }
    return ST_OK;
}
