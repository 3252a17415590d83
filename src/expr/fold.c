/* fold.c -- evaluates what does not depend on rows, once, before the query runs.
 *
 * Folding never raises: what fails stays as it is and fails when a row reaches it. Without an
 * environment, what depends on the session's time zone stays as well: only casts and operators are
 * computed.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/expr.h"

/* Whether the value depends on the time zone: conversions between local and universal time. */
static bool fold_needs_zone(const Expr *expr) {
    bool has_ltz = expr->type->kind == TYPE_TIMESTAMP_LTZ;
    bool is_mixed = false;
    for (uint32_t i = 0; i < expr->n_args; i++) {
        bool arg_ltz = expr->args[i]->type->kind == TYPE_TIMESTAMP_LTZ;
        is_mixed |= arg_ltz != has_ltz;
        has_ltz |= arg_ltz;
    }
    if (expr->kind == EXPR_CAST) return has_ltz && is_mixed;
    return expr->kind == EXPR_CALL && has_ltz;
}

static bool fold_can(const Expr *expr, const ExprEnv *env) {
    switch (expr->kind) {
    case EXPR_CALL:
        if (expr->fn->traits & (FN_VOLATILE | FN_STABLE)) return false;
        if (!env && !(expr->fn->traits & FN_OPERATOR)) return false; /* may ask for the zone */
        break;
    case EXPR_COLUMN:
    case EXPR_CONST: return false;
    default: break;
    }
    for (uint32_t i = 0; i < expr->n_args; i++) {
        if (expr->args[i]->kind != EXPR_CONST) return false;
    }
    return env || !fold_needs_zone(expr);
}

/* A copy of one value that owns all its bytes. */
static Expr *fold_constant(Arena *arena, const Column *value, const Type *type, int32_t pos) {
    ColBuilder b;
    Column copy;
    if (col_is_null(value, 0)) return expr_null(arena, type, pos);
    colb_init(&b, arena, value->type, 1);
    colb_append(&b, value, 0, true);
    colb_finish(&b, &copy);
    copy.type = type;
    return expr_const(arena, &copy, pos);
}

/* The value of an expression over constants, or NULL when it fails. */
static Expr *fold_evaluate(Arena *arena, Expr *expr, const ExprEnv *env) {
    static const ExprEnv no_env = {.now_us = 0};
    Batch one_row = {.n_rows = 1, .n_phys = 1, .split = SPLIT_NONE};
    Program *program;
    Column value;
    Expr *result = NULL;
    if (program_compile(&program, &expr, 1, arena, NULL) != ST_OK) return NULL;
    if (program_eval(program, &one_row, env ? env : &no_env, arena, &value, NULL) == ST_OK) {
        result = fold_constant(arena, &value, expr->type, expr->pos);
    }
    program_free(program);
    return result;
}

static bool fold_is_bool(const Expr *expr, bool value) {
    return expr->kind == EXPR_CONST && expr->type->kind == TYPE_BOOLEAN &&
           !col_is_null(expr->value, 0) && (expr->value->i8[0] != 0) == value;
}

static bool fold_is_null(const Expr *expr) {
    return expr->kind == EXPR_CONST && col_is_null(expr->value, 0);
}

/* AND without its TRUEs, cut behind its first FALSE; OR likewise with the values swapped. What
 * stands before a FALSE stays, because it may fail. */
static Expr *fold_logic(Arena *arena, Expr *expr) {
    bool neutral = expr->kind == EXPR_AND;
    uint32_t n = 0;
    for (uint32_t i = 0; i < expr->n_args; i++) {
        if (fold_is_bool(expr->args[i], neutral)) continue;
        expr->args[n++] = expr->args[i];
        if (fold_is_bool(expr->args[i], !neutral)) break;
    }
    expr->n_args = n;
    if (n == 0) return expr_const_i64(arena, expr->type, neutral, expr->pos);
    return n == 1 ? expr->args[0] : expr;
}

/* CASE without the branches that are never taken; a branch that always is ends it. */
static Expr *fold_case(Arena *arena, Expr *expr) {
    uint32_t n = 0, k = 0;
    for (; k + 1 < expr->n_args; k += 2) {
        Expr *cond = expr->args[k];
        if (fold_is_bool(cond, false) || fold_is_null(cond)) continue;
        if (fold_is_bool(cond, true)) {
            expr->args[n++] = expr->args[k + 1];
            break;
        }
        expr->args[n++] = cond;
        expr->args[n++] = expr->args[k + 1];
    }
    if (k + 1 == expr->n_args) expr->args[n++] = expr->args[k];
    expr->n_args = n;
    if (n == 0) return expr_null(arena, expr->type, expr->pos);
    if (n == 1 && type_eq(expr->args[0]->type, expr->type)) return expr->args[0];
    if (n == 1) { /* only the type is left of it */
        expr->kind = EXPR_CAST;
        return expr;
    }
    return expr;
}

static Expr *fold_coalesce(Expr *expr) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < expr->n_args; i++) {
        bool is_last = i + 1 == expr->n_args;
        if (fold_is_null(expr->args[i]) && !(is_last && n == 0)) continue;
        expr->args[n++] = expr->args[i];
        if (expr->args[n - 1]->kind == EXPR_CONST || !expr->args[n - 1]->type->is_nullable) break;
    }
    expr->n_args = n;
    return n == 1 ? expr->args[0] : expr;
}

Expr *expr_fold(Arena *arena, Expr *expr, const ExprEnv *env) {
    Expr *copy, *value;
    if (expr->n_args == 0 && expr->kind != EXPR_CALL) return expr;
    copy = arena_new(arena, Expr);
    *copy = *expr;
    copy->args = arena_array(arena, Expr *, expr->n_args);
    for (uint32_t i = 0; i < expr->n_args; i++) {
        copy->args[i] = expr_fold(arena, expr->args[i], env);
    }
    if (fold_can(copy, env)) {
        value = fold_evaluate(arena, copy, env);
        if (value) return value;
    }
    switch (copy->kind) {
    case EXPR_AND:
    case EXPR_OR: return fold_logic(arena, copy);
    case EXPR_CASE: return fold_case(arena, copy);
    case EXPR_COALESCE: return fold_coalesce(copy);
    default: return copy;
    }
}
