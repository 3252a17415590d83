/* agg_regr.c -- statistics of pairs: CORR, COVAR_POP, REGR_SLOPE ...; pairs with a NULL do not
 * count.
 *
 * The state is the count and the sums of x, y, x * x, y * y and x * y to about 159 bits, so rows
 * can be retracted without a trace. As in the SQL standard, y is the first argument.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/aggpairs.h"

typedef enum RegrKind {
    REGR_COUNT,
    REGR_CORR,
    REGR_COVAR_POP,
    REGR_COVAR_SAMP,
    REGR_SLOPE,
    REGR_INTERCEPT,
    REGR_R2,
    REGR_AVGX,
    REGR_AVGY,
    REGR_SXX,
    REGR_SYY,
    REGR_SXY
} RegrKind;

static Status regr_add(AggCtx *ctx, char *const *states, const Column *args, const int32_t *weights,
                       uint32_t n, Err *err) {
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        if (col_is_null(&args[0], i) || col_is_null(&args[1], i)) continue;
        pairs_add((PairSums *)(void *)states[i], agg_real(&args[1], i), agg_real(&args[0], i),
                  agg_weight(weights, i));
    }
    return ST_OK;
}

static Status regr_merge(AggCtx *ctx, char *into, const char *from, Err *err) {
    (void)ctx, (void)err;
    pairs_merge((PairSums *)(void *)into, (const PairSums *)(const void *)from);
    return ST_OK;
}

/* false: there is no value. */
static bool regr_value(const PairSums *s, RegrKind kind, double *out) {
    long double n = (long double)s->n;
    PairMoments m = pairs_moments(s);
    if (s->n <= 0) return false;
    switch (kind) {
    case REGR_CORR:
        if (m.sxx <= 0 || m.syy <= 0) return false;
        *out = (double)(m.sxy / sqrtl(m.sxx * m.syy));
        if (*out > 1) *out = 1;
        if (*out < -1) *out = -1;
        return true;
    case REGR_COVAR_POP: *out = (double)(m.sxy / n); return true;
    case REGR_COVAR_SAMP: *out = (double)(m.sxy / (n - 1)); return s->n > 1;
    case REGR_SLOPE: *out = (double)(m.sxy / m.sxx); return m.sxx > 0;
    case REGR_INTERCEPT: *out = (double)(m.avg_y - m.avg_x * m.sxy / m.sxx); return m.sxx > 0;
    case REGR_R2:
        if (m.sxx <= 0) return false;
        *out = m.syy <= 0 ? 1 : (double)(m.sxy * m.sxy / (m.sxx * m.syy));
        return true;
    case REGR_AVGX: *out = (double)m.avg_x; return true;
    case REGR_AVGY: *out = (double)m.avg_y; return true;
    case REGR_SXX: *out = (double)m.sxx; return true;
    case REGR_SYY: *out = (double)m.syy; return true;
    default: *out = (double)m.sxy; return true;
    }
}

static Status regr_results(const char *const *states, uint32_t n, ColBuilder *out, RegrKind kind) {
    for (uint32_t i = 0; i < n; i++) {
        const PairSums *s = (const PairSums *)(const void *)states[i];
        double value;
        if (kind == REGR_COUNT)
            colb_i64(out, s->n);
        else if (regr_value(s, kind, &value))
            colb_f64(out, value);
        else
            colb_null(out);
    }
    return ST_OK;
}

#define REGR_RESULT(name, KIND)                                                             \
    static Status name(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out, \
                       Err *err) {                                                          \
        (void)ctx, (void)err;                                                               \
        return regr_results(states, n, out, KIND);                                          \
    }
REGR_RESULT(regr_count, REGR_COUNT)
REGR_RESULT(regr_corr, REGR_CORR)
REGR_RESULT(regr_covar_pop, REGR_COVAR_POP)
REGR_RESULT(regr_covar_samp, REGR_COVAR_SAMP)
REGR_RESULT(regr_slope, REGR_SLOPE)
REGR_RESULT(regr_intercept, REGR_INTERCEPT)
REGR_RESULT(regr_r2, REGR_R2)
REGR_RESULT(regr_avgx, REGR_AVGX)
REGR_RESULT(regr_avgy, REGR_AVGY)
REGR_RESULT(regr_sxx, REGR_SXX)
REGR_RESULT(regr_syy, REGR_SYY)
REGR_RESULT(regr_sxy, REGR_SXY)

#define REGR_ROW(NAME, SIG, RESULT, HELP, EXAMPLE)                                              \
    {                                                                                           \
        .name = NAME, .sig = SIG, .traits = AGG_LINEAR | AGG_MERGEABLE,                         \
        .state_size = sizeof(PairSums), .add = regr_add, .merge = regr_merge, .result = RESULT, \
        .help = HELP, .example = EXAMPLE                                                        \
    }
#define REGR_SIG "(NUMERIC, NUMERIC) -> DOUBLE?"

const Agg aggs_regr[] = {
    REGR_ROW("CORR", REGR_SIG, regr_corr, "Correlation of two numbers, -1 to 1.",
             "CORR(y, x) OVER (1, 2), (2, 4), (3, 6) => 1.0"),
    REGR_ROW("COVAR_POP", REGR_SIG, regr_covar_pop, "Covariance of the whole population.",
             "COVAR_POP(y, x) OVER (1, 2), (2, 4), (3, 6) => 1.3333333333333333"),
    REGR_ROW("COVAR_SAMP", REGR_SIG, regr_covar_samp, "Covariance of a sample.",
             "COVAR_SAMP(y, x) OVER (1, 2), (2, 4), (3, 6) => 2.0"),
    REGR_ROW("REGR_COUNT", "(NUMERIC, NUMERIC) -> BIGINT!", regr_count,
             "How many pairs have no NULL.", "REGR_COUNT(y, x) OVER (1, 2), (NULL, 4) => 1"),
    REGR_ROW("REGR_SLOPE", REGR_SIG, regr_slope,
             "Slope of the line y = slope * x + intercept that fits best.",
             "REGR_SLOPE(x, y) OVER (1, 2), (2, 4), (3, 6) => 0.5"),
    REGR_ROW("REGR_INTERCEPT", REGR_SIG, regr_intercept, "Where that line is at x = 0.",
             "REGR_INTERCEPT(x, y) OVER (3, 1), (5, 2) => 1.0"),
    REGR_ROW("REGR_R2", REGR_SIG, regr_r2, "How well the line fits, 0 to 1.",
             "REGR_R2(x, y) OVER (1, 2), (2, 4), (3, 6) => 1.0"),
    REGR_ROW("REGR_AVGX", REGR_SIG, regr_avgx, "Average of x, the second argument.",
             "REGR_AVGX(x, y) OVER (1, 2), (NULL, 9), (3, 4) => 3.0"),
    REGR_ROW("REGR_AVGY", REGR_SIG, regr_avgy, "Average of y, the first argument.",
             "REGR_AVGY(x, y) OVER (1, 2), (NULL, 9), (3, 4) => 2.0"),
    REGR_ROW("REGR_SXX", REGR_SIG, regr_sxx, "Sum of the squared distances of x from its average.",
             "REGR_SXX(x, y) OVER (1, 2), (3, 4) => 2.0"),
    REGR_ROW("REGR_SYY", REGR_SIG, regr_syy, "Sum of the squared distances of y from its average.",
             "REGR_SYY(x, y) OVER (1, 2), (5, 4) => 8.0"),
    REGR_ROW("REGR_SXY", REGR_SIG, regr_sxy, "Sum of the products of both distances.",
             "REGR_SXY(x, y) OVER (1, 2), (5, 4) => 4.0"),
    AGG_END};
