/* fn.h -- what kernels share: reading arguments, writing results, raising errors at the call.
 *
 * A column is read with its step: 1, or 0 for a constant, so that one typed loop serves both
 * without a branch. SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_FN_H
#define WEIR_FN_H

#include "expr/expr.h"

/* Bytes of one text result; what would be longer is an error, not a crash. */
enum { FN_TEXT_MAX = 64 << 20 };

#define FN_END \
    { .name = NULL }

/* Distance between the values of consecutive rows. */
static inline uint32_t fn_step(const Column *col) {
    return col->is_const ? 0 : 1;
}
static inline Span fn_span(const Column *col, uint32_t row) {
    return str_span(&col->str[col_at(col, row)]);
}
/* A row of a strict call that has to be computed. */
static inline bool fn_is_valid(const Column *out, uint32_t row) {
    return !out->valid || bit_get(out->valid, row);
}
/* An argument of any integer type. */
int64_t fn_int(const Column *col, uint32_t row);

/* Results: the data array of *out is this call's own. */
static inline int8_t *fn_out_i8(Column *out) {
    return (int8_t *)(uintptr_t)out->data;
}
static inline int32_t *fn_out_i32(Column *out) {
    return (int32_t *)(uintptr_t)out->data;
}
static inline int64_t *fn_out_i64(Column *out) {
    return (int64_t *)(uintptr_t)out->data;
}
static inline double *fn_out_f64(Column *out) {
    return (double *)(uintptr_t)out->data;
}
static inline Int128 *fn_out_i128(Column *out) {
    return (Int128 *)(uintptr_t)out->data;
}
static inline Str *fn_out_str(Column *out) {
    return (Str *)(uintptr_t)out->data;
}

/* Bytes of text results, cut from blocks of the scratch arena. room() gives a place for at most
 * `max` bytes, take() keeps the first `len` of them. */
typedef struct FnText {
    Arena *arena;
    char *at, *end;
} FnText;
char *fn_text_grow(FnText *text, size_t max);
static inline char *fn_text_room(FnText *text, size_t max) {
    if ((size_t)(text->end - text->at) < max) return fn_text_grow(text, max);
    return text->at;
}
static inline Str fn_text_take(FnText *text, size_t len) {
    Str s = str_make(text->at, (uint32_t)len);
    if (len > STR_INLINE_MAX) text->at += len;
    return s;
}
static inline Str fn_text_copy(FnText *text, Span bytes) {
    if (bytes.len <= STR_INLINE_MAX) return str_make(bytes.ptr, (uint32_t)bytes.len);
    memcpy(fn_text_room(text, bytes.len), bytes.ptr, bytes.len);
    return fn_text_take(text, bytes.len);
}

/* The constant text of argument i, or false when it is not constant or NULL. For Fn.prepare. */
bool fn_const_text(const Expr *call, uint32_t i, Span *out);

/* Errors of one row, at the position of the call. */
#define FN_FAIL(ctx, err, sqlstate, ...) \
    FAIL((err), ST_INVALID, (sqlstate), (ctx)->call ? (ctx)->call->pos : -1, __VA_ARGS__)
Status fn_fail_overflow(FnCtx *ctx, Err *err); /* 22003, naming the function and its type */
Status fn_fail_too_long(FnCtx *ctx, Err *err); /* 54000 */

#endif
