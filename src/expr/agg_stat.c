/* agg_stat.c -- variance, standard deviation, covariance-free statistics, and percentiles.
 *
 * Variances are linear: the state is the count and the sums of x and x * x, which are exact for
 * integers and carried to about 159 bits for the rest, so that nothing cancels away. For integers
 * the divisions cut, as in Flink: VAR = (sum(x * x) - sum(x) * sum(x) / n) / n.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/agg.h"
#include "expr/typing.h"

typedef enum StatKind { STAT_VAR_POP, STAT_VAR_SAMP, STAT_STDDEV_POP, STAT_STDDEV_SAMP } StatKind;

static bool stat_is_sample(StatKind kind) {
    return kind == STAT_VAR_SAMP || kind == STAT_STDDEV_SAMP;
}
static bool stat_is_root(StatKind kind) {
    return kind >= STAT_STDDEV_POP;
}
static StatKind stat_kind(const AggCtx *ctx) {
    const char *name = ctx->call->agg->name;
    if (!strcmp(name, "VAR_POP")) return STAT_VAR_POP;
    if (!strcmp(name, "STDDEV_POP")) return STAT_STDDEV_POP;
    return !strcmp(name, "STDDEV_SAMP") || !strcmp(name, "STDDEV") ? STAT_STDDEV_SAMP
                                                                   : STAT_VAR_SAMP;
}

/* ---- integers ---- */

typedef struct IntStat {
    int64_t n;
    AggInt128 sum, squares;
} IntStat;

static Status int_stat_add(AggCtx *ctx, char *const *states, const Column *args,
                           const int32_t *weights, uint32_t n, Err *err) {
    for (uint32_t i = 0; i < n; i++) {
        IntStat *s = (IntStat *)(void *)states[i];
        int64_t weight = agg_weight(weights, i);
        Int128 squares;
        if (col_is_null(&args[0], i)) continue;
        Int128 x = fn_int(&args[0], i);
        if (__builtin_mul_overflow(x * x, (Int128)weight, &squares) ||
            __builtin_add_overflow((Int128)s->squares, squares, &squares))
            return agg_fail_range(ctx, err);
        s->n += weight;
        s->sum += x * weight;
        s->squares = squares;
    }
    return ST_OK;
}

static Status int_stat_merge(AggCtx *ctx, char *into, const char *from, Err *err) {
    IntStat *a = (IntStat *)(void *)into;
    const IntStat *b = (const IntStat *)(const void *)from;
    Int128 squares;
    if (__builtin_add_overflow((Int128)a->squares, (Int128)b->squares, &squares))
        return agg_fail_range(ctx, err);
    a->n += b->n;
    a->sum += b->sum;
    a->squares = squares;
    return ST_OK;
}

static void stat_put_int(ColBuilder *out, int64_t value) {
    switch (type_phys(out->type)) {
    case PHYS_I8: colb_i8(out, (int8_t)value); break;
    case PHYS_I16: colb_i16(out, (int16_t)value); break;
    case PHYS_I32: colb_i32(out, (int32_t)value); break;
    default: colb_i64(out, value); break;
    }
}

static Status int_stat_result(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                              Err *err) {
    StatKind kind = stat_kind(ctx);
    int bits = 8 * (int)phys_width(type_phys(out->type));
    int64_t limit = INT64_MAX >> (64 - bits);
    for (uint32_t i = 0; i < n; i++) {
        const IntStat *s = (const IntStat *)(const void *)states[i];
        int64_t divisor = s->n - stat_is_sample(kind);
        Int128 product, value;
        if (s->n <= 0 || divisor <= 0) {
            colb_null(out);
            continue;
        }
        if (__builtin_mul_overflow((Int128)s->sum, (Int128)s->sum, &product))
            return agg_fail_range(ctx, err);
        value = (s->squares - product / s->n) / divisor;
        if (stat_is_root(kind)) value = (Int128)sqrtl((long double)value);
        if (value > limit) return agg_fail_range(ctx, err);
        stat_put_int(out, (int64_t)value);
    }
    return ST_OK;
}

/* ---- floats and decimals ---- */

typedef struct RealStat {
    int64_t n;
    RealSum sum, squares;
} RealStat;

static Status real_stat_add(AggCtx *ctx, char *const *states, const Column *args,
                            const int32_t *weights, uint32_t n, Err *err) {
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        RealStat *s = (RealStat *)(void *)states[i];
        int64_t weight = agg_weight(weights, i);
        if (col_is_null(&args[0], i)) continue;
        double x = agg_real(&args[0], i), square = x * x;
        s->n += weight;
        real_sum_add(&s->sum, x, weight);
        real_sum_add(&s->squares, square, weight);
        if (isfinite(square)) real_sum_add_rest(&s->squares, fma(x, x, -square) * (double)weight);
    }
    return ST_OK;
}

static Status real_stat_merge(AggCtx *ctx, char *into, const char *from, Err *err) {
    RealStat *a = (RealStat *)(void *)into;
    const RealStat *b = (const RealStat *)(const void *)from;
    (void)ctx, (void)err;
    a->n += b->n;
    real_sum_merge(&a->sum, &b->sum);
    real_sum_merge(&a->squares, &b->squares);
    return ST_OK;
}

static double real_stat_value(const RealStat *s, StatKind kind) {
    if (s->sum.n_nan || s->sum.n_plus || s->sum.n_minus) return (double)NAN;
    long double n = (long double)s->n;
    long double sum = real_sum_long(&s->sum);
    long double squares = real_sum_long(&s->squares);
    long double value =
        real_sum_spread(squares - sum * sum / n, squares) / (n - (stat_is_sample(kind) ? 1 : 0));
    return (double)(stat_is_root(kind) ? sqrtl(value) : value);
}

static Status real_stat_result(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                               Err *err) {
    StatKind kind = stat_kind(ctx);
    for (uint32_t i = 0; i < n; i++) {
        const RealStat *s = (const RealStat *)(const void *)states[i];
        Int128 wide;
        if (s->n <= 0 || (stat_is_sample(kind) && s->n == 1)) {
            colb_null(out);
            continue;
        }
        double value = real_stat_value(s, kind);
        if (out->type->kind == TYPE_DOUBLE) {
            colb_f64(out, value);
        } else if (out->type->kind == TYPE_FLOAT) {
            colb_f32(out, (float)value);
        } else if (decimal_from_f64(value, out->type->scale, &wide) &&
                   decimal_fits(wide, out->type->precision)) {
            colb_i128(out, wide);
        } else {
            return agg_fail_range(ctx, err);
        }
    }
    return ST_OK;
}

static Status stat_derive_decimal(Arena *arena, Expr *const *args, uint32_t n_args,
                                  const Type **out, Err *err) {
    DecimalType t = typing_decimal_avg(typing_as_decimal(args[0]->type));
    (void)n_args, (void)err;
    *out = type_with_null(arena, type_decimal(arena, t.precision, t.scale), true);
    return ST_OK;
}

/* ---- PERCENTILE ---- */

/* All values as doubles, sorted when the result is taken. */
typedef struct Percentile {
    int64_t n;
    StateVar values;
    StateVar wanted; /* doubles: the percentages of the first row; they are constants */
} Percentile;

static Status percentile_want(AggCtx *ctx, Percentile *s, const Column *arg, uint32_t row,
                              Err *err) {
    bool is_list = arg->type->kind == TYPE_ARRAY;
    uint32_t from = is_list ? arg->offsets[col_at(arg, row)] : row;
    uint32_t n = is_list ? arg->offsets[col_at(arg, row) + 1] - from : 1;
    const Column *values = is_list ? &arg->children[0] : arg;
    for (uint32_t k = 0; k < n; k++) {
        double p = col_is_null(values, from + k) ? (double)NAN : agg_real(values, from + k);
        if (!(p >= 0 && p <= 1))
            FAIL(err, ST_INVALID, "22023", ctx->call->pos, "a percentage is a number from 0 to 1");
        statevar_append(ctx->heap, &s->wanted, &p, sizeof p);
    }
    return ST_OK;
}

/* The third argument says how often the value counts. */
static Status percentile_add(AggCtx *ctx, char *const *states, const Column *args,
                             const int32_t *weights, uint32_t n, Err *err) {
    for (uint32_t i = 0; i < n; i++) {
        Percentile *s = (Percentile *)(void *)states[i];
        int64_t count = agg_weight(weights, i);
        if (s->wanted.len == 0) TRY(percentile_want(ctx, s, &args[1], i, err));
        if (col_is_null(&args[0], i)) continue;
        if (ctx->call->n_args > 2) count *= col_is_null(&args[2], i) ? 0 : fn_int(&args[2], i);
        double x = agg_real(&args[0], i);
        for (; count > 0; count--) {
            statevar_append(ctx->heap, &s->values, &x, sizeof x);
            s->n++;
        }
    }
    return ST_OK;
}

static int percentile_order(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Between the two nearest values, in proportion. */
static double percentile_at(const double *sorted, int64_t n, double p) {
    double place = p * (double)(n - 1);
    int64_t low = (int64_t)floor(place);
    if (low >= n - 1) return sorted[n - 1];
    double part = place - (double)low;
    return sorted[low] * (1 - part) + sorted[low + 1] * part;
}

static Status percentile_result(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                                Err *err) {
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        const Percentile *s = (const Percentile *)(const void *)states[i];
        double *sorted = arena_array(ctx->scratch, double, s->n + 1), p;
        if (s->n == 0) {
            colb_null(out);
            continue;
        }
        memcpy(sorted, s->values.ptr, s->values.len);
        qsort(sorted, (size_t)s->n, sizeof *sorted, percentile_order);
        bool is_list = out->type->kind == TYPE_ARRAY;
        for (uint32_t k = 0; k < s->wanted.len / sizeof p; k++) {
            memcpy(&p, s->wanted.ptr + k * sizeof p, sizeof p);
            colb_f64(is_list ? &out->children[0] : out, percentile_at(sorted, s->n, p));
        }
        if (is_list) colb_list_end(out);
    }
    return ST_OK;
}

static Status percentile_merge(AggCtx *ctx, char *into, const char *from, Err *err) {
    Percentile *a = (Percentile *)(void *)into;
    const Percentile *b = (const Percentile *)(const void *)from;
    (void)err;
    if (b->values.len) statevar_append(ctx->heap, &a->values, b->values.ptr, b->values.len);
    if (!a->wanted.len && b->wanted.len)
        statevar_set(ctx->heap, &a->wanted, b->wanted.ptr, b->wanted.len);
    a->n += b->n;
    return ST_OK;
}

enum {
    STAT_TRAITS = AGG_LINEAR | AGG_MERGEABLE,
    PERCENTILE_VARS =
        1 << (offsetof(Percentile, values) / 8) | 1 << (offsetof(Percentile, wanted) / 8)
};

#define STAT_ROWS(NAME, HELP, EXAMPLE_INT, EXAMPLE_REAL)                                \
    {.name = NAME,                                                                      \
     .sig = "(INTEGER) -> $1?",                                                         \
     .traits = STAT_TRAITS,                                                             \
     .state_size = sizeof(IntStat),                                                     \
     .add = int_stat_add,                                                               \
     .merge = int_stat_merge,                                                           \
     .result = int_stat_result,                                                         \
     .help = HELP " of integers, cut to one.",                                          \
     .example = EXAMPLE_INT},                                                           \
        {.name = NAME,                                                                  \
         .sig = "(DECIMAL) -> *",                                                       \
         .traits = STAT_TRAITS,                                                         \
         .state_size = sizeof(RealStat),                                                \
         .derive = stat_derive_decimal,                                                 \
         .add = real_stat_add,                                                          \
         .merge = real_stat_merge,                                                      \
         .result = real_stat_result,                                                    \
         .help = HELP " of decimals.",                                                  \
         .example = NAME "(x) OVER 1.0, 1.0, 1.0 => 0.000000"},                         \
    {                                                                                   \
        .name = NAME, .sig = "(APPROX) -> $1?", .traits = STAT_TRAITS,                  \
        .state_size = sizeof(RealStat), .add = real_stat_add, .merge = real_stat_merge, \
        .result = real_stat_result, .help = HELP ".", .example = EXAMPLE_REAL           \
    }

/* clang-format off */
const Agg aggs_stat[] = {
    STAT_ROWS("VAR_POP", "Variance of the whole population", "VAR_POP(x) OVER 1, 2, 4 => 1",
              "VAR_POP(x) OVER 1.5E0, 2E0, 4E0 => 1.1666666666666667"),
    STAT_ROWS("VAR_SAMP", "Variance of a sample", "VAR_SAMP(x) OVER 1, 2, 4 => 2",
              "VAR_SAMP(x) OVER 1.5E0, 2E0, 4E0 => 1.75"),
    STAT_ROWS("VARIANCE", "Variance of a sample", "VARIANCE(x) OVER 1, 2, 4 => 2",
              "VARIANCE(x) OVER 1.5E0, 2E0, 4E0 => 1.75"),
    STAT_ROWS("STDDEV_POP", "Standard deviation of the whole population",
              "STDDEV_POP(x) OVER 1, 2, 4 => 1",
              "STDDEV_POP(x) OVER 1.5E0, 2E0, 4E0 => 1.0801234497346435"),
    STAT_ROWS("STDDEV_SAMP", "Standard deviation of a sample", "STDDEV_SAMP(x) OVER 1, 2, 4 => 1",
              "STDDEV_SAMP(x) OVER 1.5E0, 2E0, 4E0 => 1.3228756555322954"),
    STAT_ROWS("STDDEV", "Standard deviation of a sample", "STDDEV(x) OVER 1, 2, 4 => 1",
              "STDDEV(x) OVER 1.5E0, 2E0, 4E0 => 1.3228756555322954"),
    {.name = "PERCENTILE", .sig = "(NUMERIC, NUMERIC [, INTEGER]) -> DOUBLE?",
     .traits = AGG_MERGEABLE, .state_size = sizeof(Percentile), .var_slots = PERCENTILE_VARS,
     .add = percentile_add, .merge = percentile_merge, .result = percentile_result,
     .help = "The value below which a part of all values lies, between two values in proportion; a "
             "third argument says how often each counts.",
     .example = "PERCENTILE(x, 0.5) OVER 3, 1, 2, 10 => 2.5"},
    {.name = "PERCENTILE", .sig = "(NUMERIC, ARRAY [, INTEGER]) -> ARRAY<DOUBLE>?",
     .traits = AGG_MERGEABLE, .state_size = sizeof(Percentile), .var_slots = PERCENTILE_VARS,
     .add = percentile_add, .merge = percentile_merge, .result = percentile_result,
     .help = "The same for several percentages at once.",
     .example = "PERCENTILE(x, ARRAY[0.0, 0.5]) OVER 3, 1, 2 => [1.0, 2.0]"},
    AGG_END};
/* clang-format on */
