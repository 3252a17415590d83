/* fn.c -- helpers of kernels that are not worth inlining.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/fn.h"

enum { FN_TEXT_BLOCK = 8192 };

int64_t fn_int(const Column *col, uint32_t row) {
    uint32_t at = col_at(col, row);
    switch (type_phys(col->type)) {
    case PHYS_I8: return col->i8[at];
    case PHYS_I16: return col->i16[at];
    case PHYS_I32: return col->i32[at];
    case PHYS_I64: return col->i64[at];
    default: assert(!"an integer column"); return 0;
    }
}

char *fn_text_grow(FnText *text, size_t max) {
    size_t size = max > FN_TEXT_BLOCK / 4 ? max : FN_TEXT_BLOCK;
    text->at = arena_alloc(text->arena, size);
    text->end = text->at + size;
    return text->at;
}

bool fn_const_text(const Expr *call, uint32_t i, Span *out) {
    if (i >= call->n_args || call->args[i]->kind != EXPR_CONST) return false;
    const Column *value = call->args[i]->value;
    if (type_phys(value->type) != PHYS_STR || col_is_null(value, 0)) return false;
    *out = str_span(&value->str[0]);
    return true;
}

Status fn_fail_overflow(FnCtx *ctx, Err *err) {
    Arena arena;
    arena_init(&arena, NULL);
    err_set(err, ST_INVALID, "22003", ctx->call ? ctx->call->pos : -1, __FILE__, __LINE__,
            "%s out of range", ctx->call ? type_text(&arena, ctx->call->type) : "value");
    if (ctx->call && ctx->call->fn) err_detail(err, "in %s", ctx->call->fn->name);
    arena_deinit(&arena);
    return ST_INVALID;
}

Status fn_fail_too_long(FnCtx *ctx, Err *err) {
    FN_FAIL(ctx, err, "54000", "the result of %s is longer than %d MB",
            ctx->call && ctx->call->fn ? ctx->call->fn->name : "a function", FN_TEXT_MAX >> 20);
}
