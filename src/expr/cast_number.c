/* cast_number.c -- between numbers, booleans and the integers that intervals are.
 *
 * Widening loops cannot fail and are plain. Narrowing ones convert all rows and remember whether
 * any did not fit; only then the rows are looked at one by one.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/cast_private.h"

#include <math.h>

/* Reads row i of an integer-like column; the loops below hoist the switch by being instantiated for
 * each width. */
#define CAST_LOOP(F, from_field, T, EXPR)                 \
    do {                                                  \
        const F *restrict from = cast->in->from_field;    \
        T *restrict to = (T *)(uintptr_t)cast->out->data; \
        for (uint32_t i = 0; i < n; i++) {                \
            F x = from[i];                                \
            EXPR;                                         \
        }                                                 \
    } while (0)

/* Integers to integers; is_bad gathers the rows that lose bits. */
#define CAST_INTS(F, from_field)                                                                   \
    switch (type_phys(cast->to)) {                                                                 \
    case PHYS_I8: CAST_LOOP(F, from_field, int8_t, (to[i] = (int8_t)x, bad |= to[i] != x)); break; \
    case PHYS_I16:                                                                                 \
        CAST_LOOP(F, from_field, int16_t, (to[i] = (int16_t)x, bad |= to[i] != x));                \
        break;                                                                                     \
    case PHYS_I32:                                                                                 \
        CAST_LOOP(F, from_field, int32_t, (to[i] = (int32_t)x, bad |= to[i] != x));                \
        break;                                                                                     \
    default: CAST_LOOP(F, from_field, int64_t, to[i] = (int64_t)x); break;                         \
    }
#define CAST_INT_TO_FLOAT(F, from_field)                         \
    do {                                                         \
        if (cast->to->kind == TYPE_FLOAT)                        \
            CAST_LOOP(F, from_field, float, to[i] = (float)x);   \
        else                                                     \
            CAST_LOOP(F, from_field, double, to[i] = (double)x); \
    } while (0)

static int64_t cast_limit(const Type *type) {
    int bits = 8 * (int)phys_width(type_phys(type));
    return bits == 64 ? INT64_MAX : (INT64_C(1) << (bits - 1)) - 1;
}

static void cast_store_int(const Cast *cast, uint32_t i, int64_t value) {
    void *data = (void *)(uintptr_t)cast->out->data;
    switch (type_phys(cast->to)) {
    case PHYS_I8: ((int8_t *)data)[i] = (int8_t)value; break;
    case PHYS_I16: ((int16_t *)data)[i] = (int16_t)value; break;
    case PHYS_I32: ((int32_t *)data)[i] = (int32_t)value; break;
    default: ((int64_t *)data)[i] = value; break;
    }
}

/* The loop met a value that does not fit: find the rows. */
static Status cast_narrow_slow(const Cast *cast, uint32_t n, Err *err) {
    int64_t limit = cast_limit(cast->to);
    for (uint32_t i = 0; i < n; i++) {
        int64_t x = fn_int(cast->in, i);
        if (col_is_null(cast->in, i) || (x <= limit && x >= -limit - 1)) continue;
        cast_store_int(cast, i, 0);
        TRY(cast_bad_row(cast, i, PARSE_RANGE, err));
    }
    return ST_OK;
}

static Status cast_int_to_int(const Cast *cast, uint32_t n, Err *err) {
    bool bad = false;
    switch (type_phys(cast->in->type)) {
    case PHYS_I8: CAST_INTS(int8_t, i8); break;
    case PHYS_I16: CAST_INTS(int16_t, i16); break;
    case PHYS_I32: CAST_INTS(int32_t, i32); break;
    default: CAST_INTS(int64_t, i64); break;
    }
    return bad ? cast_narrow_slow(cast, n, err) : ST_OK;
}

static Status cast_int_to_float(const Cast *cast, uint32_t n) {
    switch (type_phys(cast->in->type)) {
    case PHYS_I8: CAST_INT_TO_FLOAT(int8_t, i8); break;
    case PHYS_I16: CAST_INT_TO_FLOAT(int16_t, i16); break;
    case PHYS_I32: CAST_INT_TO_FLOAT(int32_t, i32); break;
    default: CAST_INT_TO_FLOAT(int64_t, i64); break;
    }
    return ST_OK;
}

static Status cast_int_to_decimal(const Cast *cast, uint32_t n, Err *err) {
    Int128 *to = fn_out_i128(cast->out);
    Int128 unit = decimal_pow10(cast->to->scale);
    int whole_digits = cast->to->precision - cast->to->scale;
    for (uint32_t i = 0; i < n; i++) {
        int64_t x = fn_int(cast->in, i);
        if (decimal_fits(x, whole_digits)) {
            to[i] = x * unit;
        } else if (!col_is_null(cast->in, i)) {
            TRY(cast_bad_row(cast, i, PARSE_RANGE, err));
        }
    }
    return ST_OK;
}

static double cast_load_float(const Column *in, uint32_t i) {
    return in->type->kind == TYPE_FLOAT ? (double)in->f32[i] : in->f64[i];
}

/* Towards zero; NaN and what does not fit cannot be converted. */
static Status cast_float_to_int(const Cast *cast, uint32_t n, Err *err) {
    int64_t limit = cast_limit(cast->to);
    double high = cast->to->kind == TYPE_BIGINT ? 0x1p63 : (double)limit + 1;
    for (uint32_t i = 0; i < n; i++) {
        double x = trunc(cast_load_float(cast->in, i));
        if (x < high && x >= -high) {
            cast_store_int(cast, i, (int64_t)x);
        } else if (!col_is_null(cast->in, i)) {
            TRY(cast_bad_row(cast, i, PARSE_RANGE, err));
        }
    }
    return ST_OK;
}

static Status cast_float_to_float(const Cast *cast, uint32_t n, Err *err) {
    if (cast->to->kind == TYPE_DOUBLE) {
        CAST_LOOP(float, f32, double, to[i] = (double)x);
        return ST_OK;
    }
    (void)err; /* too large becomes an infinity, as in Java */
    CAST_LOOP(double, f64, float, to[i] = (float)x);
    return ST_OK;
}

static Status cast_float_to_decimal(const Cast *cast, uint32_t n, Err *err) {
    const Column *in = cast->in;
    int scale = cast->to->scale;
    for (uint32_t i = 0; i < n; i++) {
        Int128 value;
        if (col_is_null(in, i)) continue;
        bool is_good = in->type->kind == TYPE_FLOAT ? decimal_from_f32(in->f32[i], scale, &value)
                                                    : decimal_from_f64(in->f64[i], scale, &value);
        if (is_good && decimal_fits(value, cast->to->precision)) {
            fn_out_i128(cast->out)[i] = value;
        } else {
            TRY(cast_bad_row(cast, i, PARSE_RANGE, err));
        }
    }
    return ST_OK;
}

static Status cast_decimal_to_decimal(const Cast *cast, uint32_t n, Err *err) {
    int from = cast->in->type->scale, scale = cast->to->scale, precision = cast->to->precision;
    Int128 *to = fn_out_i128(cast->out);
    for (uint32_t i = 0; i < n; i++) {
        Int128 value;
        if (decimal_rescale(cast->in->i128[i], from, scale, &value) &&
            decimal_fits(value, precision)) {
            to[i] = value;
        } else if (!col_is_null(cast->in, i)) {
            TRY(cast_bad_row(cast, i, PARSE_RANGE, err));
        }
    }
    return ST_OK;
}

static Status cast_decimal_to_int(const Cast *cast, uint32_t n, Err *err) {
    int64_t limit = cast_limit(cast->to);
    for (uint32_t i = 0; i < n; i++) {
        Int128 whole = decimal_truncate(cast->in->i128[i], cast->in->type->scale, 0);
        if (whole <= limit && whole >= -(Int128)limit - 1) {
            cast_store_int(cast, i, (int64_t)whole);
        } else if (!col_is_null(cast->in, i)) {
            TRY(cast_bad_row(cast, i, PARSE_RANGE, err));
        }
    }
    return ST_OK;
}

static Status cast_decimal_to_float(const Cast *cast, uint32_t n) {
    int scale = cast->in->type->scale;
    const Int128 *from = cast->in->i128;
    for (uint32_t i = 0; i < n; i++) {
        if (cast->to->kind == TYPE_FLOAT) {
            ((float *)(uintptr_t)cast->out->data)[i] = decimal_to_f32(from[i], scale);
        } else {
            fn_out_f64(cast->out)[i] = decimal_to_f64(from[i], scale);
        }
    }
    return ST_OK;
}

static Status cast_to_boolean(const Cast *cast, uint32_t n) {
    int8_t *to = fn_out_i8(cast->out);
    const Column *in = cast->in;
    switch (type_phys(in->type)) {
    case PHYS_F32:
    case PHYS_F64:
        for (uint32_t i = 0; i < n; i++) to[i] = cast_load_float(in, i) != 0;
        break;
    case PHYS_I128:
        for (uint32_t i = 0; i < n; i++) to[i] = in->i128[i] != 0;
        break;
    default:
        for (uint32_t i = 0; i < n; i++) to[i] = fn_int(in, i) != 0;
        break;
    }
    return ST_OK;
}

/* A number counts the smallest field: CAST(5 AS INTERVAL HOUR) is 5 hours, and 5 again as an INT.
 */
static Status cast_interval(const Cast *cast, uint32_t n, Err *err) {
    bool is_from = type_is_interval(cast->in->type);
    int64_t unit = type_interval_unit(is_from ? cast->in->type : cast->to);
    int64_t limit = cast->to->kind == TYPE_INTERVAL_YM ? INT32_MAX : cast_limit(cast->to);
    for (uint32_t i = 0; i < n; i++) {
        int64_t x = fn_int(cast->in, i), value = x / unit;
        bool is_over = !is_from && __builtin_mul_overflow(x, unit, &value);
        if (!is_over && value <= limit && value >= -limit - 1) {
            cast_store_int(cast, i, value);
        } else if (!col_is_null(cast->in, i)) {
            TRY(cast_bad_row(cast, i, PARSE_RANGE, err));
        }
    }
    return ST_OK;
}

Status cast_number(const Cast *cast, Err *err) {
    const Type *from = cast->in->type, *to = cast->to;
    uint32_t n = cast->out->n_rows;
    bool is_real = from->kind == TYPE_FLOAT || from->kind == TYPE_DOUBLE;
    if (to->kind == TYPE_BOOLEAN) return cast_to_boolean(cast, n);
    if (type_is_interval(from) || type_is_interval(to)) return cast_interval(cast, n, err);
    if (to->kind == TYPE_DECIMAL) {
        if (from->kind == TYPE_DECIMAL) return cast_decimal_to_decimal(cast, n, err);
        return is_real ? cast_float_to_decimal(cast, n, err) : cast_int_to_decimal(cast, n, err);
    }
    if (to->kind == TYPE_FLOAT || to->kind == TYPE_DOUBLE) {
        if (from->kind == TYPE_DECIMAL) return cast_decimal_to_float(cast, n);
        return is_real ? cast_float_to_float(cast, n, err) : cast_int_to_float(cast, n);
    }
    if (from->kind == TYPE_DECIMAL) return cast_decimal_to_int(cast, n, err);
    return is_real ? cast_float_to_int(cast, n, err) : cast_int_to_int(cast, n, err);
}
