/* cast_text.c -- to and from strings and bytes.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/cast_private.h"

/* Cut or padded to the length of the target; for STRING there is nothing to do. */
static Str cast_fit(const Cast *cast, Str value) {
    Span text = str_span(&value);
    bool is_fixed = cast->to->kind == TYPE_CHAR || cast->to->kind == TYPE_BINARY;
    if (!is_fixed && text.len <= (size_t)cast->to->precision) return value;
    Span fit = value_fit_text(text, cast->to, cast->ctx->scratch);
    return str_make(fit.ptr, (uint32_t)fit.len);
}

/* Texts are texts already; bytes are read as UTF-8, what is not becomes U+FFFD. */
static Str cast_from_bytes(const Cast *cast, FnText *room, Str value) {
    Span bytes = str_span(&value);
    if (type_is_string(cast->in->type) || utf8_is_valid(bytes)) return value;
    char *to = fn_text_room(room, bytes.len * 3);
    size_t put = 0;
    for (size_t at = 0; at < bytes.len;) {
        size_t good = utf8_valid_len((Span){bytes.ptr + at, bytes.len - at});
        if (good) memcpy(to + put, bytes.ptr + at, good);
        put += good;
        at += good;
        if (at == bytes.len) break;
        put += utf8_encode(to + put, 0xfffd);
        at++;
    }
    return fn_text_take(room, put);
}

static Status cast_text_to_text(const Cast *cast) {
    FnText room = {cast->ctx->scratch, NULL, NULL};
    Str *to = fn_out_str(cast->out);
    for (uint32_t i = 0; i < cast->out->n_rows; i++) {
        if (col_is_null(cast->in, i)) continue;
        to[i] = cast_fit(cast, cast_from_bytes(cast, &room, cast->in->str[i]));
    }
    return ST_OK;
}

/* Integers are the common case and need no buffer of their own. */
static void cast_ints_to_text(const Cast *cast) {
    FnText room = {cast->ctx->scratch, NULL, NULL};
    Str *to = fn_out_str(cast->out);
    for (uint32_t i = 0; i < cast->out->n_rows; i++) {
        char *at = fn_text_room(&room, NUM_I64_MAX_LEN);
        size_t len = num_print_i64(at, fn_int(cast->in, i));
        to[i] = cast_fit(cast, fn_text_take(&room, len));
    }
}

Status cast_to_text(const Cast *cast, Err *err) {
    const Type *from = cast->in->type;
    (void)err;
    if (type_phys(from) == PHYS_STR) return cast_text_to_text(cast);
    if (type_is_integer(from)) {
        cast_ints_to_text(cast);
        return ST_OK;
    }
    Buf text;
    FnText room = {cast->ctx->scratch, NULL, NULL};
    buf_init(&text, NULL);
    for (uint32_t i = 0; i < cast->out->n_rows; i++) {
        if (col_is_null(cast->in, i)) continue;
        buf_reset(&text);
        value_print(cast->in, i, TEXT_CAST, cast->ctx->env->zone, &text);
        fn_out_str(cast->out)[i] = cast_fit(cast, fn_text_copy(&room, buf_as_span(&text)));
    }
    buf_deinit(&text);
    return ST_OK;
}

Status cast_bytes(const Cast *cast, Err *err) {
    (void)err;
    for (uint32_t i = 0; i < cast->out->n_rows; i++) {
        if (!col_is_null(cast->in, i)) fn_out_str(cast->out)[i] = cast_fit(cast, cast->in->str[i]);
    }
    return ST_OK;
}

static void cast_store(const Cast *cast, uint32_t i, Value v) {
    void *data = (void *)(uintptr_t)cast->out->data;
    switch (type_phys(cast->to)) {
    case PHYS_I8: ((int8_t *)data)[i] = (int8_t)v.i64; break;
    case PHYS_I16: ((int16_t *)data)[i] = (int16_t)v.i64; break;
    case PHYS_I32: ((int32_t *)data)[i] = (int32_t)v.i64; break;
    case PHYS_I64: ((int64_t *)data)[i] = v.i64; break;
    case PHYS_F32: ((float *)data)[i] = v.f32; break;
    case PHYS_F64: ((double *)data)[i] = v.f64; break;
    default: ((Int128 *)data)[i] = v.i128; break;
    }
}

Status cast_from_text(const Cast *cast, Err *err) {
    if (cast->to->kind >= TYPE_ARRAY)
        FAIL(err, ST_UNSUPPORTED, "0A000", -1, "a string cannot be cast to a nested type");
    for (uint32_t i = 0; i < cast->out->n_rows; i++) {
        Value v = {0};
        if (col_is_null(cast->in, i)) continue;
        ParseResult result = value_read(fn_span(cast->in, i), cast->to, TEXT_CAST,
                                        cast->ctx->env->zone, cast->ctx->scratch, &v);
        if (result == PARSE_OK) {
            cast_store(cast, i, v);
        } else {
            TRY(cast_bad_row(cast, i, result, err));
        }
    }
    return ST_OK;
}
