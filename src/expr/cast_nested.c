/* cast_nested.c -- ARRAY, MAP, MULTISET and ROW to the same shape: the children are cast, offsets
 * and validity stay.
 *
 * TRY_CAST makes the whole value NULL when a part of it cannot be converted.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/cast_private.h"

/* An all-zero result for n rows, as a strict function's, with the validity of `in`. */
static Column cast_child_frame(Arena *arena, const Column *in, const Type *to) {
    Column out = {.type = to, .n_rows = in->n_rows, .valid = in->valid};
    uint32_t width = phys_width(type_phys(to));
    if (width) out.data = arena_zalloc(arena, (size_t)width * (in->n_rows ? in->n_rows : 1));
    return out;
}

static Status cast_child(const Cast *cast, const Column *in, const Type *to, Column *out,
                         Err *err) {
    Column flat = col_flatten(cast->ctx->scratch, in);
    if (type_eq(flat.type, to)) {
        *out = flat;
        out->type = to;
        return ST_OK;
    }
    FnCtx inner = *cast->ctx;
    inner.owns_valid = false;
    *out = cast_child_frame(cast->ctx->scratch, &flat, to);
    return cast_eval(&inner, &flat, to, cast->is_try, out, err);
}

/* Whether rows [from, from + n) of the cast child hold a NULL that the original did not. */
static bool cast_lost_value(const Column *before, const Column *after, uint32_t from, uint32_t n) {
    for (uint32_t i = from; i < from + n; i++) {
        if (col_is_null(after, i) && !col_is_null(before, i)) return true;
    }
    return false;
}

Status cast_nested_eval(const Cast *cast, Err *err) {
    const Column *in = cast->in;
    uint32_t n = in->n_children;
    Column *children = arena_array(cast->ctx->scratch, Column, n);
    Column *out = cast->out;
    for (uint32_t k = 0; k < n; k++)
        TRY(cast_child(cast, &in->children[k], type_child(cast->to, k), &children[k], err));
    out->offsets = in->offsets;
    out->children = children;
    out->n_children = n;
    if (!cast->is_try) return ST_OK;
    for (uint32_t i = 0; i < out->n_rows; i++) {
        bool is_row = in->type->kind == TYPE_ROW;
        uint32_t from = is_row ? i : in->offsets[i], count = is_row ? 1 : in->offsets[i + 1] - from;
        bool is_lost = false;
        if (col_is_null(in, i)) continue;
        for (uint32_t k = 0; k < n && !is_lost; k++)
            is_lost = cast_lost_value(&in->children[k], &children[k], from, count);
        if (is_lost) fn_make_null(cast->ctx, out, i);
    }
    return ST_OK;
}
