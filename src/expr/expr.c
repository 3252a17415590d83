/* expr.c -- making, comparing and walking typed expressions.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/expr.h"

static Expr *expr_new(Arena *arena, ExprKind kind, const Type *type, int32_t pos) {
    Expr *expr = arena_new(arena, Expr);
    expr->kind = kind;
    expr->type = type;
    expr->pos = pos;
    return expr;
}

Expr *expr_column(Arena *arena, uint32_t column, const Type *type, int32_t pos) {
    Expr *expr = expr_new(arena, EXPR_COLUMN, type, pos);
    expr->column = column;
    return expr;
}

Expr *expr_const(Arena *arena, const Column *value, int32_t pos) {
    Expr *expr = expr_new(arena, EXPR_CONST, value->type, pos);
    Column *copy = arena_new(arena, Column);
    *copy = *value;
    copy->is_const = true;
    copy->n_rows = 1;
    expr->value = copy;
    return expr;
}

Expr *expr_const_i64(Arena *arena, const Type *type, int64_t value, int32_t pos) {
    Column col = {.type = type, .n_rows = 1, .is_const = true};
    int64_t *data = arena_new(arena, int64_t);
    switch (type_phys(type)) {
    case PHYS_I8: *(int8_t *)data = (int8_t)value; break;
    case PHYS_I16: *(int16_t *)data = (int16_t)value; break;
    case PHYS_I32: *(int32_t *)data = (int32_t)value; break;
    default: assert(type_phys(type) == PHYS_I64); *data = value;
    }
    col.data = data;
    return expr_const(arena, &col, pos);
}

Expr *expr_const_str(Arena *arena, const Type *type, Span text, int32_t pos) {
    Column col = {.type = type, .n_rows = 1, .is_const = true};
    Str *str = arena_new(arena, Str);
    assert(type_phys(type) == PHYS_STR && text.len <= UINT32_MAX);
    *str = str_make(text.ptr, (uint32_t)text.len);
    col.str = str;
    return expr_const(arena, &col, pos);
}

Expr *expr_null(Arena *arena, const Type *type, int32_t pos) {
    Column col = col_null(arena, type_with_null(arena, type, true), 1);
    return expr_const(arena, &col, pos);
}

Expr *expr_bool(Arena *arena, bool value) {
    return expr_const_i64(arena, type_with_null(arena, &type_boolean, false), value, -1);
}

Expr *expr_field(Arena *arena, Expr *row, uint32_t field, int32_t pos) {
    const Type *type = type_child(row->type, field);
    Expr *expr;
    assert(row->type->kind == TYPE_ROW);
    if (row->type->is_nullable) type = type_with_null(arena, type, true);
    expr = expr_new(arena, EXPR_FIELD, type, pos);
    expr->column = field;
    expr->n_args = 1;
    expr->args = arena_array(arena, Expr *, 1);
    expr->args[0] = row;
    return expr;
}

/* ---- copies ---- */

static Expr *expr_copy_mapped(Arena *arena, const Expr *expr, const int32_t *map) {
    Expr *copy = arena_new(arena, Expr);
    *copy = *expr;
    if (map && expr->kind == EXPR_COLUMN) {
        assert(map[expr->column] >= 0);
        copy->column = (uint32_t)map[expr->column];
    }
    if (expr->n_args) copy->args = arena_array(arena, Expr *, expr->n_args);
    for (uint32_t i = 0; i < expr->n_args; i++) {
        copy->args[i] = expr_copy_mapped(arena, expr->args[i], map);
    }
    return copy;
}

Expr *expr_copy(Arena *arena, const Expr *expr) {
    return expr_copy_mapped(arena, expr, NULL);
}

Expr *expr_remap(Arena *arena, const Expr *expr, const int32_t *map) {
    return expr_copy_mapped(arena, expr, map);
}

/* ---- questions ---- */

/* Two constants are the same only when no function can tell them apart: 0.0 and -0.0 are not. */
static bool expr_const_eq(const Column *a, const Column *b) {
    Phys phys = type_phys(a->type);
    bool a_null = col_is_null(a, 0), b_null = col_is_null(b, 0);
    if (a_null || b_null) return a_null && b_null;
    if (phys == PHYS_F32 || phys == PHYS_F64) {
        return memcmp(a->data, b->data, phys_width(phys)) == 0;
    }
    return col_value_eq(a, 0, b, 0);
}

bool expr_eq(const Expr *a, const Expr *b) {
    if (a == b) return true;
    if (a->kind != b->kind || a->n_args != b->n_args || a->column != b->column) return false;
    if (a->fn != b->fn || a->is_try != b->is_try || !type_eq_exact(a->type, b->type)) return false;
    if (a->kind == EXPR_CONST && !expr_const_eq(a->value, b->value)) return false;
    for (uint32_t i = 0; i < a->n_args; i++) {
        if (!expr_eq(a->args[i], b->args[i])) return false;
    }
    return true;
}

static bool expr_has_trait(const Expr *expr, uint32_t traits) {
    if (expr->kind == EXPR_CALL && (expr->fn->traits & traits)) return true;
    for (uint32_t i = 0; i < expr->n_args; i++) {
        if (expr_has_trait(expr->args[i], traits)) return true;
    }
    return false;
}

static bool expr_has_columns(const Expr *expr) {
    if (expr->kind == EXPR_COLUMN) return true;
    for (uint32_t i = 0; i < expr->n_args; i++) {
        if (expr_has_columns(expr->args[i])) return true;
    }
    return false;
}

bool expr_is_const(const Expr *expr) {
    return !expr_has_columns(expr) && !expr_has_trait(expr, FN_VOLATILE);
}

bool expr_is_deterministic(const Expr *expr) {
    return !expr_has_trait(expr, FN_VOLATILE | FN_STABLE);
}

typedef struct ColumnVisit {
    void (*visit)(void *ctx, uint32_t column, const uint32_t *path, uint32_t n_path);
    void *ctx;
} ColumnVisit;

enum { VISIT_PATH_MAX = 64 };

/* path[from..VISIT_PATH_MAX) are the fields taken of this expression, outermost field last. */
static void expr_visit(const Expr *expr, const ColumnVisit *v, uint32_t *path, uint32_t from) {
    if (expr->kind == EXPR_COLUMN) {
        v->visit(v->ctx, expr->column, path + from, VISIT_PATH_MAX - from);
        return;
    }
    if (expr->kind == EXPR_FIELD && from > 0) {
        path[from - 1] = expr->column;
        expr_visit(expr->args[0], v, path, from - 1);
        return;
    }
    for (uint32_t i = 0; i < expr->n_args; i++) expr_visit(expr->args[i], v, path, VISIT_PATH_MAX);
}

void expr_visit_columns(const Expr *expr,
                        void (*visit)(void *ctx, uint32_t column, const uint32_t *path,
                                      uint32_t n_path),
                        void *ctx) {
    ColumnVisit v = {visit, ctx};
    uint32_t path[VISIT_PATH_MAX];
    expr_visit(expr, &v, path, VISIT_PATH_MAX);
}
