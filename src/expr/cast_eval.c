/* cast_eval.c -- what a cast computes: chooses the file that knows the two groups of types, and
 * says what a value that cannot be converted becomes.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/cast_private.h"

Status cast_bad_row(const Cast *cast, uint32_t row, ParseResult why, Err *err) {
    if (cast->is_try) {
        fn_make_null(cast->ctx, cast->out, row);
        return ST_OK;
    }
    Buf text;
    buf_init(&text, NULL);
    value_print(cast->in, row, TEXT_CAST, cast->ctx->env->zone, &text);
    Status status = value_fail(why, buf_as_span(&text), cast->to, err);
    buf_deinit(&text);
    if (err && cast->ctx->call) err->pos = cast->ctx->call->pos;
    return status;
}

Status cast_eval(FnCtx *ctx, const Column *in, const Type *to, bool is_try, Column *out, Err *err) {
    Cast cast = {ctx, in, to, is_try, out};
    if (in->type->kind == TYPE_NULL) {
        *out = col_null(ctx->scratch, to, out->n_rows);
        return ST_OK;
    }
    if (type_is_string(to)) return cast_to_text(&cast, err);
    if (type_is_binary(to)) return cast_bytes(&cast, err);
    if (type_is_string(in->type)) return cast_from_text(&cast, err);
    if (to->kind >= TYPE_ARRAY) return cast_nested_eval(&cast, err);
    if (type_is_datetime(in->type) && type_is_datetime(to)) return cast_time(&cast, err);
    return cast_number(&cast, err);
}
