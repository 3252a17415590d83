/* fn_math.c -- exact arithmetic by function: ABS, SIGN, MOD, rounding. Results keep the argument's
 * type; what leaves its range is an error, never a wrap.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/fn.h"
#include "expr/typing.h"

#include <math.h>

/* Runs BODY with T the C type of the column's values and `from`, `to` its arrays. */
#define MATH_EACH(T, field, BODY)          \
    do {                                   \
        const T *from = args[0].field;     \
        T *to = (T *)(uintptr_t)out->data; \
        uint32_t step = fn_step(&args[0]); \
        for (uint32_t i = 0; i < n; i++) { \
            T x = from[i * step];          \
            BODY;                          \
        }                                  \
    } while (0)

/* ---- ABS, SIGN ---- */

#define MATH_ABS_INT(T, field, MIN)                                              \
    do {                                                                         \
        bool has_min = false;                                                    \
        MATH_EACH(T, field, (has_min |= x == MIN, to[i] = (T)(x < 0 ? -x : x))); \
        if (has_min) return math_abs_overflow(ctx, args, n, out, err);           \
    } while (0)

/* A row that is not NULL holds the one number whose opposite does not exist. */
static Status math_abs_overflow(FnCtx *ctx, const Column *args, uint32_t n, Column *out, Err *err) {
    for (uint32_t i = 0; i < n; i++) {
        int64_t x = fn_int(&args[0], i);
        int bits = 8 * (int)phys_width(type_phys(args[0].type));
        if (fn_is_valid(out, i) && x == INT64_MIN >> (64 - bits)) return fn_fail_overflow(ctx, err);
    }
    return ST_OK;
}

static Status math_abs(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                       Err *err) {
    (void)n_args;
    switch (type_phys(args[0].type)) {
    case PHYS_I8: MATH_ABS_INT(int8_t, i8, INT8_MIN); break;
    case PHYS_I16: MATH_ABS_INT(int16_t, i16, INT16_MIN); break;
    case PHYS_I32: MATH_ABS_INT(int32_t, i32, INT32_MIN); break;
    case PHYS_I64:
        MATH_EACH(int64_t, i64, to[i] = x < 0 ? (int64_t)(0 - (uint64_t)x) : x);
        return math_abs_overflow(ctx, args, n, out, err);
    case PHYS_F32: MATH_EACH(float, f32, to[i] = fabsf(x)); break;
    case PHYS_F64: MATH_EACH(double, f64, to[i] = fabs(x)); break;
    default: MATH_EACH(Int128, i128, to[i] = x < 0 ? -x : x); break;
    }
    return ST_OK;
}

static Status math_sign(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                        Err *err) {
    (void)ctx, (void)n_args, (void)err;
    switch (type_phys(args[0].type)) {
    case PHYS_I8: MATH_EACH(int8_t, i8, to[i] = (int8_t)((x > 0) - (x < 0))); break;
    case PHYS_I16: MATH_EACH(int16_t, i16, to[i] = (int16_t)((x > 0) - (x < 0))); break;
    case PHYS_I32: MATH_EACH(int32_t, i32, to[i] = (x > 0) - (x < 0)); break;
    case PHYS_I64: MATH_EACH(int64_t, i64, to[i] = (x > 0) - (x < 0)); break;
    case PHYS_F32: MATH_EACH(float, f32, to[i] = x > 0 ? 1 : x < 0 ? -1 : x); break;
    case PHYS_F64: MATH_EACH(double, f64, to[i] = x > 0 ? 1 : x < 0 ? -1 : x); break;
    default: {
        Int128 one = decimal_pow10(args[0].type->scale);
        MATH_EACH(Int128, i128, to[i] = x > 0 ? one : x < 0 ? -one : 0);
        break;
    }
    }
    return ST_OK;
}

/* ---- CEIL, FLOOR ---- */

/* DECIMAL(p, s) becomes DECIMAL(p, 0), all else stays as it is. */
static Status math_derive_whole(Arena *arena, Expr *const *args, uint32_t n_args, const Type **out,
                                Err *err) {
    const Type *type = args[0]->type;
    (void)n_args, (void)err;
    if (type->kind == TYPE_DECIMAL) {
        type = type_with_null(arena, type_decimal(arena, type->precision, 0), type->is_nullable);
    }
    *out = type;
    return ST_OK;
}

static Status math_copy(const Column *args, uint32_t n, Column *out) {
    uint32_t width = phys_width(type_phys(args[0].type));
    char *to = (char *)(uintptr_t)out->data;
    const char *from = args[0].data;
    uint32_t step = fn_step(&args[0]) * width;
    for (uint32_t i = 0; i < n; i++) memcpy(to + i * width, from + i * step, width);
    return ST_OK;
}

static Status math_floor(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                         Err *err) {
    (void)ctx, (void)n_args, (void)err;
    int scale = args[0].type->scale;
    switch (type_phys(args[0].type)) {
    case PHYS_F32: MATH_EACH(float, f32, to[i] = floorf(x)); break;
    case PHYS_F64: MATH_EACH(double, f64, to[i] = floor(x)); break;
    case PHYS_I128: MATH_EACH(Int128, i128, to[i] = decimal_floor(x, scale, 0)); break;
    default: return math_copy(args, n, out);
    }
    return ST_OK;
}

static Status math_ceil(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                        Err *err) {
    (void)ctx, (void)n_args, (void)err;
    int scale = args[0].type->scale;
    switch (type_phys(args[0].type)) {
    /* + 0 makes a negative zero positive, as Java's long arithmetic does. */
    case PHYS_F32: MATH_EACH(float, f32, to[i] = ceilf(x) + 0.0f); break;
    case PHYS_F64: MATH_EACH(double, f64, to[i] = ceil(x) + 0.0); break;
    case PHYS_I128: MATH_EACH(Int128, i128, to[i] = -decimal_floor(-x, scale, 0)); break;
    default: return math_copy(args, n, out);
    }
    return ST_OK;
}

/* ---- ROUND, TRUNCATE ---- */

/* How to cut: HALF_UP or towards zero. */
typedef enum MathCut { CUT_ROUND, CUT_TRUNCATE } MathCut;

/* x at `digits` places (negative: before the point) as an integer of the same unit; false when it
 * leaves 64 bits. */
static bool math_cut_int(int64_t x, int32_t digits, MathCut cut, int64_t *out) {
    if (digits >= 0) return *out = x, true;
    if (digits < -19) return *out = 0, true;
    Int128 unit = decimal_pow10(-digits);
    Int128 q = x / unit, rest = x % unit;
    if (cut == CUT_ROUND && 2 * (rest < 0 ? -rest : rest) >= unit) q += x < 0 ? -1 : 1;
    Int128 whole = q * unit;
    *out = (int64_t)whole;
    return whole == (int64_t)whole;
}

/* Works on the shortest decimal text of the number, as BigDecimal.valueOf does: 1.005 is rounded as
 * it is read. */
static double math_cut_f64(double x, NumDigits d, int32_t digits, MathCut cut) {
    if (!isfinite(x) || x == 0 || d.exp10 >= -(int64_t)digits) return x == 0 ? 0 : x;
    int64_t drop = -(int64_t)digits - d.exp10;
    if (drop > 19) return 0;
    Int128 unit = decimal_pow10((int)drop);
    Int128 q = d.digits / unit, rest = d.digits % unit;
    if (cut == CUT_ROUND && 2 * rest >= unit) q++;
    char text[NUM_I64_MAX_LEN + 24];
    size_t len = num_print_u64(text, (uint64_t)q);
    len += (size_t)snprintf(text + len, 16, "e%d", -digits);
    double magnitude;
    if (num_parse_f64((Span){text, len}, &magnitude) == NUM_BAD) return x;
    return q == 0 ? 0 : x < 0 ? -magnitude : magnitude;
}

static float math_cut_f32(float x, int32_t digits, MathCut cut) {
    if (!isfinite(x) || x == 0) return x;
    return (float)math_cut_f64((double)x, num_shortest_f32(x), digits, cut);
}

/* From scale `from` to at most `digits` places, then to the result's scale. */
static bool math_cut_decimal(Int128 x, int from, int32_t digits, int to, MathCut cut, Int128 *out) {
    if (digits >= from) return decimal_rescale(x, from, to, out);
    if (digits < -DECIMAL_DIGITS_MAX || from - digits > DECIMAL_DIGITS_MAX) return *out = 0, true;
    Int128 q;
    if (cut == CUT_TRUNCATE) {
        q = decimal_truncate(x, from, digits);
    } else if (!decimal_rescale(x, from, digits, &q)) {
        return false;
    }
    return decimal_rescale(q, digits, to, out);
}

static Status math_cut_row(FnCtx *ctx, const Column *in, uint32_t at, uint32_t i, int32_t digits,
                           MathCut cut, Column *out, Err *err) {
    int64_t whole = 0;
    Phys phys = type_phys(in->type);
    switch (phys) {
    case PHYS_F32:
        ((float *)(uintptr_t)out->data)[i] = math_cut_f32(in->f32[at], digits, cut);
        break;
    case PHYS_F64: {
        double x = in->f64[at];
        NumDigits d = isfinite(x) ? num_shortest_f64(x) : (NumDigits){0, 0};
        fn_out_f64(out)[i] = math_cut_f64(x, d, digits, cut);
        break;
    }
    case PHYS_I128:
        if (!math_cut_decimal(in->i128[at], in->type->scale, digits, out->type->scale, cut,
                              &fn_out_i128(out)[i]))
            return fn_fail_overflow(ctx, err);
        break;
    default:
        if (!math_cut_int(fn_int(in, at), digits, cut, &whole)) return fn_fail_overflow(ctx, err);
        if (phys == PHYS_I8) {
            fn_out_i8(out)[i] = (int8_t)whole;
            if (whole != (int8_t)whole) return fn_fail_overflow(ctx, err);
        } else if (phys == PHYS_I16) {
            ((int16_t *)(uintptr_t)out->data)[i] = (int16_t)whole;
            if (whole != (int16_t)whole) return fn_fail_overflow(ctx, err);
        } else if (phys == PHYS_I32) {
            fn_out_i32(out)[i] = (int32_t)whole;
            if (whole != (int32_t)whole) return fn_fail_overflow(ctx, err);
        } else {
            fn_out_i64(out)[i] = whole;
        }
        break;
    }
    return ST_OK;
}

static Status math_cut(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                       MathCut cut, Err *err) {
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        int64_t digits = n_args > 1 ? fn_int(&args[1], i) : 0;
        if (digits > 1000) digits = 1000;
        if (digits < -1000) digits = -1000;
        TRY(math_cut_row(ctx, &args[0], col_at(&args[0], i), i, (int32_t)digits, cut, out, err));
    }
    return ST_OK;
}

static Status math_round(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                         Err *err) {
    return math_cut(ctx, args, n_args, n, out, CUT_ROUND, err);
}
static Status math_truncate(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n,
                            Column *out, Err *err) {
    return math_cut(ctx, args, n_args, n, out, CUT_TRUNCATE, err);
}

/* Decimals lose digits of scale when the place is a constant. */
static Status math_derive_cut(Arena *arena, Expr *const *args, uint32_t n_args, const Type **out,
                              Err *err) {
    const Type *type = args[0]->type;
    const Expr *place = n_args > 1 ? expr_fold(arena, args[1], NULL) : NULL;
    bool is_constant = !place || (place->kind == EXPR_CONST && !col_is_null(place->value, 0));
    (void)err;
    if (type->kind == TYPE_DECIMAL && is_constant) {
        int64_t digits = place ? fn_int(place->value, 0) : 0;
        digits = digits > 1000 ? 1000 : digits < -1000 ? -1000 : digits;
        DecimalType t =
            typing_decimal_round((DecimalType){type->precision, type->scale}, (int)digits);
        type = type_with_null(arena, type_decimal(arena, t.precision, t.scale), type->is_nullable);
    }
    *out = type;
    return ST_OK;
}

/* ---- GREATEST, LEAST ---- */

/* Copies per row the extreme argument, so that every comparable type is served by one loop. */
static Status math_extreme(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                           int sign) {
    uint32_t width = phys_width(type_phys(args[0].type));
    char *to = (char *)(uintptr_t)out->data;
    (void)ctx;
    for (uint32_t i = 0; i < n; i++) {
        const Column *best = &args[0];
        if (!fn_is_valid(out, i)) continue;
        for (uint32_t k = 1; k < n_args; k++) {
            if (sign * col_value_cmp(&args[k], i, best, i) > 0) best = &args[k];
        }
        memcpy(to + i * width, (const char *)best->data + col_at(best, i) * width, width);
    }
    return ST_OK;
}

static Status math_greatest(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n,
                            Column *out, Err *err) {
    (void)err;
    return math_extreme(ctx, args, n_args, n, out, 1);
}
static Status math_least(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                         Err *err) {
    (void)err;
    return math_extreme(ctx, args, n_args, n, out, -1);
}

const Fn fns_math[] = {
    {"ABS", "math", "(NUMERIC) -> $1", math_abs, FN_STRICT | FN_CAN_FAIL, NULL, NULL, NULL,
     "Absolute value.", "ABS(-5) => 5"},
    {"SIGN", "math", "(NUMERIC) -> $1", math_sign, FN_STRICT, NULL, NULL, NULL,
     "-1, 0 or 1, in the argument's type.", "SIGN(-2.5) => -1.0"},
    {"CEIL", "math", "(NUMERIC) -> *", math_ceil, FN_STRICT, math_derive_whole, NULL, NULL,
     "The least whole number that is not below x.", "CEIL(1.2) => 2"},
    {"CEILING", "math", "(NUMERIC) -> *", math_ceil, FN_STRICT, math_derive_whole, NULL, NULL,
     "Same as CEIL.", "CEILING(-1.2) => -1"},
    {"FLOOR", "math", "(NUMERIC) -> *", math_floor, FN_STRICT, math_derive_whole, NULL, NULL,
     "The greatest whole number that is not above x.", "FLOOR(-1.2) => -2"},
    {"ROUND", "math", "(NUMERIC [, INTEGER]) -> *", math_round, FN_STRICT | FN_CAN_FAIL,
     math_derive_cut, NULL, NULL,
     "Rounds half away from zero to n decimal places (default 0, negative: before the point).",
     "ROUND(1.255, 2) => 1.26"},
    {"TRUNCATE", "math", "(NUMERIC [, INTEGER]) -> *", math_truncate, FN_STRICT | FN_CAN_FAIL,
     math_derive_cut, NULL, NULL, "Cuts to n decimal places.", "TRUNCATE(42.345, 2) => 42.34"},
    {"TRUNC", "math", "(NUMERIC [, INTEGER]) -> *", math_truncate, FN_STRICT | FN_CAN_FAIL,
     math_derive_cut, NULL, NULL, "Same as TRUNCATE.", "TRUNC(-42.345) => -42"},
    {"GREATEST", "math", "(T:COMPARABLE, T...) -> T", math_greatest, FN_STRICT, NULL, NULL, NULL,
     "The greatest argument; NULL when any is NULL.", "GREATEST(1, 3, 2) => 3"},
    {"LEAST", "math", "(T:COMPARABLE, T...) -> T", math_least, FN_STRICT, NULL, NULL, NULL,
     "The least argument; NULL when any is NULL.", "LEAST('b', 'a') => a"},
    FN_END};
