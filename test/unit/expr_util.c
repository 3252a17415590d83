/* expr_util.c -- see expr_util.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr_util.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

void bench_open(Bench *b) {
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    Err err = ERR_INIT;
    memset(b, 0, sizeof *b);
    arena_init(&b->plan, NULL);
    arena_init(&b->scratch, NULL);
    for (uint32_t i = 0; i < 8; i++) b->fields[i].name = span_of(names[i]);
    b->schema.fields = b->fields;
    assert_int_equal(zone_find(SPAN("UTC"), &b->env.zone, &err), ST_OK);
}

void bench_close(Bench *b) {
    arena_deinit(&b->plan);
    arena_deinit(&b->scratch);
}

static void bench_add(Bench *b, ColBuilder *builder) {
    uint32_t i = b->schema.n_fields++;
    colb_finish(builder, &b->cols[i]);
    b->fields[i].type = builder->type;
    assert_true(i == 0 || b->n_rows == b->cols[i].n_rows);
    b->n_rows = b->cols[i].n_rows;
}

void bench_ints(Bench *b, const Type *type, const int64_t *values, uint32_t n) {
    ColBuilder c;
    colb_init(&c, &b->plan, type, n);
    for (uint32_t i = 0; i < n; i++) {
        if (values[i] == NONE) {
            colb_null(&c);
            continue;
        }
        switch (type_phys(type)) {
        case PHYS_I8: colb_i8(&c, (int8_t)values[i]); break;
        case PHYS_I16: colb_i16(&c, (int16_t)values[i]); break;
        case PHYS_I32: colb_i32(&c, (int32_t)values[i]); break;
        case PHYS_F32: colb_f32(&c, (float)values[i]); break;
        case PHYS_F64: colb_f64(&c, (double)values[i]); break;
        case PHYS_I128: colb_i128(&c, values[i]); break;
        default: colb_i64(&c, values[i]);
        }
    }
    bench_add(b, &c);
}

void bench_doubles(Bench *b, const double *values, uint32_t n) {
    ColBuilder c;
    colb_init(&c, &b->plan, &type_double, n);
    for (uint32_t i = 0; i < n; i++) colb_f64(&c, values[i]);
    bench_add(b, &c);
}

void bench_texts(Bench *b, const char *const *values, uint32_t n) {
    ColBuilder c;
    colb_init(&c, &b->plan, &type_string, n);
    for (uint32_t i = 0; i < n; i++) {
        if (values[i])
            colb_str(&c, values[i], strlen(values[i]));
        else
            colb_null(&c);
    }
    bench_add(b, &c);
}

Expr *bench_col(Bench *b, uint32_t i) {
    return expr_column(&b->plan, i, b->fields[i].type, -1);
}

static Expr *bench_literal(Bench *b, const Type *type, int64_t v) {
    return expr_const_i64(&b->plan, type_with_null(&b->plan, type, false), v, -1);
}

Expr *bench_int(Bench *b, int64_t v) {
    return bench_literal(b, v == (int32_t)v ? &type_int : &type_bigint, v);
}

Expr *bench_big(Bench *b, int64_t v) {
    return bench_literal(b, &type_bigint, v);
}

Expr *bench_dec(Bench *b, int64_t unscaled, int precision, int scale) {
    const Type *type = type_decimal(&b->plan, precision, scale);
    Int128 *value = arena_new(&b->plan, Int128);
    Column col = {.type = type_with_null(&b->plan, type, false), .n_rows = 1, .i128 = value};
    *value = unscaled;
    return expr_const(&b->plan, &col, -1);
}

Expr *bench_double(Bench *b, double v) {
    double *value = arena_new(&b->plan, double);
    Column col = {.type = type_with_null(&b->plan, &type_double, false), .n_rows = 1, .f64 = value};
    *value = v;
    return expr_const(&b->plan, &col, -1);
}

Expr *bench_text(Bench *b, const char *v) {
    int32_t n_chars = 0;
    const Type *type;
    for (const char *p = v; *p; p++) n_chars += (*p & 0xc0) != 0x80;
    type = type_with_len(&b->plan, TYPE_CHAR, n_chars);
    return expr_const_str(&b->plan, type_with_null(&b->plan, type, false), span_of(v), -1);
}

static Status bench_vcall(Bench *b, Expr **out, const char *name, va_list list) {
    Expr *args[32];
    uint32_t n = 0;
    while ((args[n] = va_arg(list, Expr *)) != NULL) n++;
    b->err = (Err)ERR_INIT;
    return expr_call(&b->plan, span_of(name), args, n, 7, out, &b->err);
}

Expr *bench_call(Bench *b, const char *name, ...) {
    va_list list;
    Expr *out;
    Status status;
    va_start(list, name);
    status = bench_vcall(b, &out, name, list);
    va_end(list);
    if (status != ST_OK) fail_msg("%s: %s (%s)", name, b->err.message, b->err.detail);
    return out;
}

Status bench_try_call(Bench *b, Expr **out, const char *name, ...) {
    va_list list;
    Status status;
    va_start(list, name);
    status = bench_vcall(b, out, name, list);
    va_end(list);
    return status;
}

Status bench_try_eval(Bench *b, Expr *expr, const uint32_t *sel, uint32_t n_sel, Column *out) {
    Program *program;
    Status status;
    Batch batch = {.schema = &b->schema,
                   .n_rows = sel         ? n_sel
                             : b->n_rows ? b->n_rows
                                         : 1,
                   .n_phys = b->n_rows ? b->n_rows : 1,
                   .n_cols = b->schema.n_fields,
                   .split = SPLIT_NONE,
                   .cols = b->cols,
                   .sel = sel};
    b->err = (Err)ERR_INIT;
    status = program_compile(&program, &expr, 1, &b->plan, &b->err);
    if (status != ST_OK) return status;
    status = program_eval(program, &batch, &b->env, &b->scratch, out, &b->err);
    program_free(program);
    return status;
}

Column bench_eval(Bench *b, Expr *expr) {
    Column out;
    if (bench_try_eval(b, expr, NULL, 0, &out) != ST_OK) fail_msg("%s", b->err.message);
    return out;
}

int64_t bench_at(const Column *col, uint32_t row) {
    uint32_t at = col_at(col, row);
    assert_true(row < col->n_rows);
    if (col_is_null(col, row)) return NONE;
    switch (type_phys(col->type)) {
    case PHYS_I8: return col->i8[at];
    case PHYS_I16: return col->i16[at];
    case PHYS_I32: return col->i32[at];
    case PHYS_F32: return (int64_t)col->f32[at];
    case PHYS_F64: return (int64_t)col->f64[at];
    case PHYS_I128: return (int64_t)col->i128[at];
    default: return col->i64[at];
    }
}

const char *bench_type(Bench *b, const Expr *expr) {
    Buf buf;
    const char *text;
    buf_init(&buf, NULL);
    type_print(expr->type, true, &buf);
    text = arena_strndup(&b->plan, buf.ptr, buf.len);
    buf_deinit(&buf);
    return text;
}

const char *bench_sql(Bench *b, const Expr *expr) {
    Buf buf;
    const char *text;
    buf_init(&buf, NULL);
    expr_print(expr, &b->schema, &buf);
    text = arena_strndup(&b->plan, buf.ptr, buf.len);
    buf_deinit(&buf);
    return text;
}
