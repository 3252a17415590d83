/* agg_stat.c -- variance and standard deviation, of populations and of samples.
 *
 * Kept are the sums of the values and of their squares, each to about 106 bits, so that rows can be
 * retracted and slices merged in any order; the difference of the two is taken in 113 bits.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/agg.h"

typedef struct Moments {
    int64_t n;
    RealSum sum, squares;
} Moments;

static Status moments_add(AggCtx *ctx, char *const *states, const Column *args,
                          const int32_t *weights, uint32_t n, Err *err) {
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        Moments *m = (Moments *)(void *)states[i];
        int64_t weight = agg_weight(weights, i);
        double x, square;
        if (col_is_null(args, i)) continue;
        x = agg_real(args, i);
        square = x * x;
        m->n += weight;
        real_sum_add(&m->sum, x, weight);
        real_sum_add(&m->squares, square, weight);
        /* What rounding took from the square. */
        if (isfinite(square)) real_sum_add(&m->squares, fma(x, x, -square), weight);
    }
    return ST_OK;
}

static Status moments_merge(AggCtx *ctx, char *into, const char *from, Err *err) {
    Moments *m = (Moments *)(void *)into;
    const Moments *more = (const Moments *)(const void *)from;
    (void)ctx, (void)err;
    m->n += more->n;
    real_sum_merge(&m->sum, &more->sum);
    real_sum_merge(&m->squares, &more->squares);
    return ST_OK;
}

/* The variance over n - reduce values; false: too few. */
static bool moments_variance(const Moments *m, int64_t reduce, double *out) {
    double rough = real_sum_get(&m->sum) + real_sum_get(&m->squares);
    __float128 sum = (__float128)m->sum.sum + m->sum.rest;
    __float128 squares = (__float128)m->squares.sum + m->squares.rest;
    __float128 above;
    if (m->n <= reduce) return false;
    if (!isfinite(rough)) {
        *out = (double)NAN;
        return true;
    }
    above = squares - sum * sum / m->n;
    *out = above > 0 ? (double)(above / (m->n - reduce)) : 0;
    return true;
}

static Status moments_result(const char *const *states, uint32_t n, int64_t reduce, bool is_root,
                             ColBuilder *out) {
    for (uint32_t i = 0; i < n; i++) {
        double variance;
        if (!moments_variance((const Moments *)(const void *)states[i], reduce, &variance))
            colb_null(out);
        else
            colb_f64(out, is_root ? sqrt(variance) : variance);
    }
    return ST_OK;
}

#define MOMENTS_RESULT(name, reduce, is_root)                                               \
    static Status name(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out, \
                       Err *err) {                                                          \
        (void)ctx, (void)err;                                                               \
        return moments_result(states, n, reduce, is_root, out);                             \
    }
MOMENTS_RESULT(var_pop_result, 0, false)
MOMENTS_RESULT(var_samp_result, 1, false)
MOMENTS_RESULT(stddev_pop_result, 0, true)
MOMENTS_RESULT(stddev_samp_result, 1, true)

#define MOMENTS_ROW(call, of, text, sample)                                                      \
    {                                                                                            \
        .name = call, .sig = "(NUMERIC) -> DOUBLE", .traits = AGG_LINEAR | AGG_MERGEABLE,        \
        .state_size = sizeof(Moments), .add = moments_add, .merge = moments_merge, .result = of, \
        .help = text, .example = sample                                                          \
    }

const Agg aggs_stat[] = {
    MOMENTS_ROW("STDDEV_POP", stddev_pop_result, "Standard deviation of all the values there are.",
                "STDDEV_POP(x) OVER 1, 3 => 1.0"),
    MOMENTS_ROW("STDDEV_SAMP", stddev_samp_result,
                "Standard deviation estimated from a sample; NULL for a single value.",
                "STDDEV_SAMP(x) OVER 1, 2, 3 => 1.0"),
    MOMENTS_ROW("STDDEV", stddev_samp_result, "As STDDEV_SAMP.", "STDDEV(x) OVER 1, 2, 3 => 1.0"),
    MOMENTS_ROW("VAR_POP", var_pop_result, "Variance of all the values there are.",
                "VAR_POP(x) OVER 1, 3 => 1.0"),
    MOMENTS_ROW("VAR_SAMP", var_samp_result,
                "Variance estimated from a sample; NULL for a single value.",
                "VAR_SAMP(x) OVER 1, 3 => 2.0"),
    MOMENTS_ROW("VARIANCE", var_samp_result, "As VAR_SAMP.", "VARIANCE(x) OVER 1, 3 => 2.0"),
    AGG_END};
