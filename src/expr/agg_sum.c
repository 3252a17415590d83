/* agg_sum.c -- COUNT, SUM, AVG: linear, so a retracted row is a row of negative weight.
 *
 * Integers and decimals are summed in 128 bits; whether the result fits its type is asked when it
 * is taken, so a sum may pass beyond its range on the way. Doubles see agg.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/agg.h"
#include "expr/typing.h"

/* ---- COUNT ---- */

/* COUNT(*), and COUNT(x, ...): rows in which no argument is NULL. */
static Status count_add(AggCtx *ctx, char *const *states, const Column *args,
                        const int32_t *weights, uint32_t n, Err *err) {
    uint32_t n_args = ctx->call->n_args;
    bool has_null = false;
    (void)err;
    for (uint32_t k = 0; k < n_args; k++) has_null |= args[k].valid != NULL;
    if (!has_null) {
        for (uint32_t i = 0; i < n; i++) *(int64_t *)(void *)states[i] += agg_weight(weights, i);
        return ST_OK;
    }
    for (uint32_t i = 0; i < n; i++) {
        bool is_counted = true;
        for (uint32_t k = 0; k < n_args; k++) is_counted &= !col_is_null(&args[k], i);
        if (is_counted) *(int64_t *)(void *)states[i] += agg_weight(weights, i);
    }
    return ST_OK;
}

static Status count_merge(AggCtx *ctx, char *into, const char *from, Err *err) {
    (void)ctx, (void)err;
    *(int64_t *)(void *)into += *(const int64_t *)(const void *)from;
    return ST_OK;
}

static Status count_result(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                           Err *err) {
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++) colb_i64(out, *(const int64_t *)(const void *)states[i]);
    return ST_OK;
}

/* ---- exact sums ---- */

typedef struct ExactSum {
    int64_t n; /* values, by weight */
    AggInt128 sum;
} ExactSum;

/* The values are integers of some width: they cannot leave 128 bits before 2^63 rows. */
#define SUM_INTS(field)                                     \
    for (uint32_t i = 0; i < n; i++) {                      \
        ExactSum *s = (ExactSum *)(void *)states[i];        \
        int64_t weight = agg_weight(weights, i);            \
        if (valid && !bit_get(valid, i * step)) continue;   \
        s->n += weight;                                     \
        s->sum += (Int128)args[0].field[i * step] * weight; \
    }

static Status exact_add_decimal(AggCtx *ctx, char *const *states, const Column *args,
                                const int32_t *weights, uint32_t n, Err *err) {
    for (uint32_t i = 0; i < n; i++) {
        ExactSum *s = (ExactSum *)(void *)states[i];
        int64_t weight = agg_weight(weights, i);
        Int128 product, sum;
        if (col_is_null(&args[0], i)) continue;
        Int128 x = args[0].i128[col_at(&args[0], i)];
        if (__builtin_mul_overflow(x, (Int128)weight, &product) ||
            __builtin_add_overflow((Int128)s->sum, product, &sum))
            return agg_fail_range(ctx, err);
        s->sum = sum;
        s->n += weight;
    }
    return ST_OK;
}

static Status exact_add(AggCtx *ctx, char *const *states, const Column *args,
                        const int32_t *weights, uint32_t n, Err *err) {
    const uint64_t *valid = args[0].valid;
    uint32_t step = fn_step(&args[0]);
    switch (type_phys(args[0].type)) {
    case PHYS_I8: SUM_INTS(i8); break;
    case PHYS_I16: SUM_INTS(i16); break;
    case PHYS_I32: SUM_INTS(i32); break;
    case PHYS_I64: SUM_INTS(i64); break;
    default: return exact_add_decimal(ctx, states, args, weights, n, err);
    }
    return ST_OK;
}

static Status exact_merge(AggCtx *ctx, char *into, const char *from, Err *err) {
    ExactSum *a = (ExactSum *)(void *)into;
    const ExactSum *b = (const ExactSum *)(const void *)from;
    Int128 sum;
    a->n += b->n;
    if (__builtin_add_overflow((Int128)a->sum, (Int128)b->sum, &sum))
        return agg_fail_range(ctx, err);
    a->sum = sum;
    return ST_OK;
}

/* Appends a value of the result's type, an integer or a decimal. */
static Status exact_put(AggCtx *ctx, ColBuilder *out, Int128 value, Err *err) {
    switch (type_phys(out->type)) {
    case PHYS_I8:
        if (value != (int8_t)value) return agg_fail_range(ctx, err);
        colb_i8(out, (int8_t)value);
        break;
    case PHYS_I16:
        if (value != (int16_t)value) return agg_fail_range(ctx, err);
        colb_i16(out, (int16_t)value);
        break;
    case PHYS_I32:
        if (value != (int32_t)value) return agg_fail_range(ctx, err);
        colb_i32(out, (int32_t)value);
        break;
    case PHYS_I64:
        if (value != (int64_t)value) return agg_fail_range(ctx, err);
        colb_i64(out, (int64_t)value);
        break;
    default:
        if (!decimal_fits(value, out->type->precision)) return agg_fail_range(ctx, err);
        colb_i128(out, value);
        break;
    }
    return ST_OK;
}

static Status exact_result(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                           Err *err) {
    for (uint32_t i = 0; i < n; i++) {
        const ExactSum *s = (const ExactSum *)(const void *)states[i];
        if (s->n == 0) {
            colb_null(out);
        } else {
            TRY(exact_put(ctx, out, s->sum, err));
        }
    }
    return ST_OK;
}

/* SUM0: 0 instead of NULL when there are no values. */
static Status exact_result0(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                            Err *err) {
    for (uint32_t i = 0; i < n; i++)
        TRY(exact_put(ctx, out, ((const ExactSum *)(const void *)states[i])->sum, err));
    return ST_OK;
}

/* The average of integers is cut towards zero, of decimals rounded to the result's scale. */
static Status exact_average(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                            Err *err) {
    int scale = ctx->call->args[0]->type->scale;
    for (uint32_t i = 0; i < n; i++) {
        const ExactSum *s = (const ExactSum *)(const void *)states[i];
        if (s->n == 0) {
            colb_null(out);
        } else if (type_phys(out->type) != PHYS_I128) {
            TRY(exact_put(ctx, out, s->sum / s->n, err));
        } else {
            Int128 value;
            if (!decimal_div((Decimal){s->sum, scale}, (Decimal){s->n, 0}, out->type->scale,
                             &value))
                return agg_fail_range(ctx, err);
            TRY(exact_put(ctx, out, value, err));
        }
    }
    return ST_OK;
}

static Status sum_derive(Arena *arena, Expr *const *args, uint32_t n_args, const Type **out,
                         Err *err) {
    const Type *type = args[0]->type;
    (void)n_args, (void)err;
    if (type->kind == TYPE_DECIMAL) {
        DecimalType t = typing_decimal_sum(typing_as_decimal(type));
        type = type_with_null(arena, type_decimal(arena, t.precision, t.scale), type->is_nullable);
    }
    *out = type;
    return ST_OK;
}

static Status avg_derive(Arena *arena, Expr *const *args, uint32_t n_args, const Type **out,
                         Err *err) {
    const Type *type = args[0]->type;
    (void)n_args, (void)err;
    if (type->kind == TYPE_DECIMAL) {
        DecimalType t = typing_decimal_avg(typing_as_decimal(type));
        type = type_with_null(arena, type_decimal(arena, t.precision, t.scale), type->is_nullable);
    }
    *out = type;
    return ST_OK;
}

/* ---- sums of floats ---- */

typedef struct FloatSum {
    int64_t n;
    RealSum sum;
} FloatSum;

static Status float_sum_add(AggCtx *ctx, char *const *states, const Column *args,
                            const int32_t *weights, uint32_t n, Err *err) {
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        FloatSum *s = (FloatSum *)(void *)states[i];
        int64_t weight = agg_weight(weights, i);
        if (col_is_null(&args[0], i)) continue;
        s->n += weight;
        real_sum_add(&s->sum, agg_real(&args[0], i), weight);
    }
    return ST_OK;
}

static Status float_sum_merge(AggCtx *ctx, char *into, const char *from, Err *err) {
    FloatSum *a = (FloatSum *)(void *)into;
    const FloatSum *b = (const FloatSum *)(const void *)from;
    (void)ctx, (void)err;
    a->n += b->n;
    real_sum_merge(&a->sum, &b->sum);
    return ST_OK;
}

static void float_put(ColBuilder *out, double value) {
    if (out->type->kind == TYPE_FLOAT) {
        colb_f32(out, (float)value);
    } else {
        colb_f64(out, value);
    }
}

static Status float_sum_result(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                               Err *err) {
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        const FloatSum *s = (const FloatSum *)(const void *)states[i];
        if (s->n == 0) {
            colb_null(out);
        } else {
            float_put(out, real_sum_get(&s->sum));
        }
    }
    return ST_OK;
}

static Status float_sum_result0(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                                Err *err) {
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++)
        float_put(out, real_sum_get(&((const FloatSum *)(const void *)states[i])->sum));
    return ST_OK;
}

static Status float_average(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                            Err *err) {
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        const FloatSum *s = (const FloatSum *)(const void *)states[i];
        if (s->n == 0) {
            colb_null(out);
        } else {
            float_put(out, real_sum_get(&s->sum) / (double)s->n);
        }
    }
    return ST_OK;
}

enum { SUM_TRAITS = AGG_LINEAR | AGG_MERGEABLE };

const Agg aggs_sum[] = {
    {.name = "COUNT",
     .sig = "([ANY...]) -> BIGINT!",
     .traits = SUM_TRAITS,
     .state_size = 8,
     .add = count_add,
     .merge = count_merge,
     .result = count_result,
     .help = "Rows, with arguments only those in which none of them is NULL.",
     .example = "COUNT(x) OVER 1, 2, NULL => 2"},
    {.name = "SUM",
     .sig = "(EXACT) -> *",
     .traits = SUM_TRAITS,
     .state_size = sizeof(ExactSum),
     .derive = sum_derive,
     .add = exact_add,
     .merge = exact_merge,
     .result = exact_result,
     .help = "Sum, in the argument's type (a DECIMAL with all 38 digits); an overflow is an error.",
     .example = "SUM(x) OVER 1, 2, NULL => 3"},
    {.name = "SUM",
     .sig = "(APPROX) -> $1",
     .traits = SUM_TRAITS,
     .state_size = sizeof(FloatSum),
     .add = float_sum_add,
     .merge = float_sum_merge,
     .result = float_sum_result,
     .help = "Sum of floating point numbers, independent of their order.",
     .example = "SUM(x) OVER 1.5E0, 2E0 => 3.5"},
    {.name = "SUM0",
     .sig = "(EXACT) -> *",
     .traits = SUM_TRAITS,
     .state_size = sizeof(ExactSum),
     .derive = sum_derive,
     .add = exact_add,
     .merge = exact_merge,
     .result = exact_result0,
     .help = "Sum, 0 when there are no values.",
     .example = "SUM0(x) OVER 1, 2 => 3"},
    {.name = "SUM0",
     .sig = "(APPROX) -> $1",
     .traits = SUM_TRAITS,
     .state_size = sizeof(FloatSum),
     .add = float_sum_add,
     .merge = float_sum_merge,
     .result = float_sum_result0,
     .help = "Sum, 0 when there are no values.",
     .example = "SUM0(x) OVER 1.5E0 => 1.5"},
    {.name = "AVG",
     .sig = "(EXACT) -> *",
     .traits = SUM_TRAITS,
     .state_size = sizeof(ExactSum),
     .derive = avg_derive,
     .add = exact_add,
     .merge = exact_merge,
     .result = exact_average,
     .help = "Average, in the argument's type: that of integers is cut towards zero.",
     .example = "AVG(x) OVER 1, 2, 2 => 1"},
    {.name = "AVG",
     .sig = "(APPROX) -> $1",
     .traits = SUM_TRAITS,
     .state_size = sizeof(FloatSum),
     .add = float_sum_add,
     .merge = float_sum_merge,
     .result = float_average,
     .help = "Average of floating point numbers.",
     .example = "AVG(x) OVER 1E0, 2E0 => 1.5"},
    AGG_END};
