/* agg_quantile.c -- APPROX_QUANTILE and HISTOGRAM: values counted in buckets.
 *
 * APPROX_QUANTILE counts values in buckets whose bounds grow by a constant factor, so that each
 * answer is at most 0.5 % off the exact one. Unlike other sketches its state is a sum over the
 * rows: it does not depend on their order, parts are merged and rows retracted without a trace.
 * The number of buckets follows the span of the values (1,400 for a factor of a million), not
 * their number.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/agg.h"

/* ---- APPROX_QUANTILE ---- */

#define QUANTILE_LOG_GAMMA 0.01 /* ln(1.005 / 0.995), nearly */

/* Numbers of buckets: positive values from 1 on, zero 0, negative ones mirrored. */
enum { QUANTILE_BIAS = 80000, QUANTILE_INFINITE = 1000000, QUANTILE_NAN };

typedef struct QuantileBucket {
    int64_t index, count;
} QuantileBucket;

typedef struct Quantile {
    int64_t n;
    StateVar buckets; /* by index */
} Quantile;
enum { QUANTILE_VARS = 1 << (offsetof(Quantile, buckets) / 8) };

static int64_t quantile_index(double x) {
    int64_t index;
    if (isnan(x)) return QUANTILE_NAN;
    if (x == 0) return 0;
    index = isinf(x) ? QUANTILE_INFINITE
                     : QUANTILE_BIAS + (int64_t)ceil(log(fabs(x)) / QUANTILE_LOG_GAMMA);
    return x < 0 ? -index : index;
}

/* The value whose distance to both ends of the bucket is the same, in proportion. */
static double quantile_value(int64_t index) {
    int64_t size = index < 0 ? -index : index;
    double gamma = exp(QUANTILE_LOG_GAMMA), value;
    if (index == 0) return 0;
    if (index == QUANTILE_NAN) return (double)NAN;
    value = size == QUANTILE_INFINITE
                ? (double)INFINITY
                : exp((double)(size - QUANTILE_BIAS) * QUANTILE_LOG_GAMMA) * 2 / (1 + gamma);
    return index < 0 ? -value : value;
}

static void quantile_count(AggCtx *ctx, Quantile *s, int64_t index, int64_t count) {
    QuantileBucket *buckets = (QuantileBucket *)(void *)s->buckets.ptr;
    uint32_t n = s->buckets.len / (uint32_t)sizeof *buckets, low = 0, high = n;
    s->n += count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (buckets[mid].index < index)
            low = mid + 1;
        else
            high = mid;
    }
    if (low < n && buckets[low].index == index) {
        buckets[low].count += count;
        if (buckets[low].count) return;
        memmove(buckets + low, buckets + low + 1, (n - low - 1) * sizeof *buckets);
        s->buckets.len -= (uint32_t)sizeof *buckets;
        return;
    }
    QuantileBucket bucket = {index, count};
    statevar_append(ctx->heap, &s->buckets, &bucket, sizeof bucket);
    buckets = (QuantileBucket *)(void *)s->buckets.ptr;
    memmove(buckets + low + 1, buckets + low, (n - low) * sizeof *buckets);
    buckets[low] = bucket;
}

static Status quantile_add(AggCtx *ctx, char *const *states, const Column *args,
                           const int32_t *weights, uint32_t n, Err *err) {
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        if (col_is_null(&args[0], i)) continue;
        quantile_count(ctx, (Quantile *)(void *)states[i], quantile_index(agg_real(&args[0], i)),
                       agg_weight(weights, i));
    }
    return ST_OK;
}

static Status quantile_merge(AggCtx *ctx, char *into, const char *from, Err *err) {
    const Quantile *b = (const Quantile *)(const void *)from;
    const QuantileBucket *buckets = (const QuantileBucket *)(const void *)b->buckets.ptr;
    (void)err;
    for (uint32_t i = 0; i < b->buckets.len / sizeof *buckets; i++)
        quantile_count(ctx, (Quantile *)(void *)into, buckets[i].index, buckets[i].count);
    return ST_OK;
}

static Status quantile_result(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                              Err *err) {
    const Column *wanted = ctx->call->args[1]->value;
    double fraction = col_is_null(wanted, 0) ? (double)NAN : agg_real(wanted, 0);
    if (!(fraction >= 0 && fraction <= 1)) {
        FAIL(err, ST_INVALID, "22003", ctx->call->pos, "the fraction of %s is a number from 0 to 1",
             ctx->call->agg->name);
    }
    for (uint32_t i = 0; i < n; i++) {
        const Quantile *s = (const Quantile *)(const void *)states[i];
        const QuantileBucket *buckets = (const QuantileBucket *)(const void *)s->buckets.ptr;
        double rank = fraction * (double)(s->n - 1);
        int64_t seen = 0;
        uint32_t at = 0, n_buckets = s->buckets.len / (uint32_t)sizeof *buckets;
        if (s->n <= 0) {
            colb_null(out);
            continue;
        }
        while (at + 1 < n_buckets && (double)(seen + buckets[at].count) <= rank)
            seen += buckets[at++].count;
        colb_f64(out, quantile_value(buckets[at].index));
    }
    return ST_OK;
}

/* ---- HISTOGRAM ---- */

enum { HISTOGRAM_MAX = 10000 };

typedef struct Histogram {
    StateVar counts; /* below, the buckets, above */
} Histogram;

typedef struct HistogramShape {
    double low, high;
    uint32_t n;
} HistogramShape;

static Status histogram_shape(const AggCtx *ctx, HistogramShape *out, Err *err) {
    Expr *const *args = ctx->call->args;
    int64_t n = 0;
    bool is_null = false;
    for (uint32_t a = 1; a < 4; a++) is_null |= col_is_null(args[a]->value, 0);
    if (!is_null) {
        out->low = agg_real(args[1]->value, 0);
        out->high = agg_real(args[2]->value, 0);
        n = fn_int(args[3]->value, 0);
        out->n = (uint32_t)n;
        if (n > 0 && n <= HISTOGRAM_MAX && isfinite(out->low) && out->low < out->high &&
            isfinite(out->high))
            return ST_OK;
    }
    FAIL(err, ST_INVALID, "22023", ctx->call->pos,
         "HISTOGRAM(x, low, high, n) needs low < high and 1 to %d buckets", HISTOGRAM_MAX);
}

static int64_t *histogram_counts(AggCtx *ctx, char *state, uint32_t n) {
    Histogram *s = (Histogram *)(void *)state;
    if (!s->counts.len) {
        int64_t *zeros = arena_array(ctx->scratch, int64_t, n + 2);
        statevar_set(ctx->heap, &s->counts, zeros, (uint32_t)sizeof *zeros * (n + 2));
    }
    return (int64_t *)(void *)s->counts.ptr;
}

static Status histogram_add(AggCtx *ctx, char *const *states, const Column *args,
                            const int32_t *weights, uint32_t n, Err *err) {
    HistogramShape shape;
    TRY(histogram_shape(ctx, &shape, err));
    for (uint32_t i = 0; i < n; i++) {
        double x;
        uint32_t at;
        if (col_is_null(&args[0], i)) continue;
        x = agg_real(&args[0], i);
        if (x < shape.low) {
            at = 0;
        } else if (!(x < shape.high)) {
            at = shape.n + 1;
        } else {
            at = (uint32_t)floor((x - shape.low) / (shape.high - shape.low) * shape.n);
            at = at >= shape.n ? shape.n : at + 1;
        }
        histogram_counts(ctx, states[i], shape.n)[at] += agg_weight(weights, i);
    }
    return ST_OK;
}

static Status histogram_merge(AggCtx *ctx, char *into, const char *from, Err *err) {
    const StateVar *counts = &((const Histogram *)(const void *)from)->counts;
    const int64_t *b = (const int64_t *)(const void *)counts->ptr;
    uint32_t n = counts->len / (uint32_t)sizeof *b;
    (void)err;
    if (n < 2) return ST_OK;
    int64_t *a = histogram_counts(ctx, into, n - 2);
    for (uint32_t k = 0; k < n; k++) a[k] += b[k];
    return ST_OK;
}

static Status histogram_result(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                               Err *err) {
    HistogramShape shape;
    TRY(histogram_shape(ctx, &shape, err));
    for (uint32_t i = 0; i < n; i++) {
        const StateVar *counts = &((const Histogram *)(const void *)states[i])->counts;
        const int64_t *values = (const int64_t *)(const void *)counts->ptr;
        for (uint32_t k = 0; k < shape.n + 2; k++)
            colb_i64(&out->children[0], counts->len ? values[k] : 0);
        colb_list_end(out);
    }
    return ST_OK;
}

const Agg aggs_quantile[] = {
    {.name = "APPROX_QUANTILE",
     .sig = "(NUMERIC, LITERAL NUMERIC) -> DOUBLE?",
     .traits = AGG_LINEAR | AGG_MERGEABLE,
     .state_size = sizeof(Quantile),
     .var_slots = QUANTILE_VARS,
     .add = quantile_add,
     .merge = quantile_merge,
     .result = quantile_result,
     .help = "The value that a fraction of all values is not above, at most 0.5 % off; its memory "
             "does not grow with the number of values.",
     .example = "ROUND(APPROX_QUANTILE(x, 0.5)) OVER 10, 20, 30, 40, 50 => 30.0"},
    {.name = "HISTOGRAM",
     .sig = "(NUMERIC, LITERAL NUMERIC, LITERAL NUMERIC, LITERAL INTEGER) -> ARRAY<BIGINT>!",
     .traits = AGG_LINEAR | AGG_MERGEABLE,
     .state_size = sizeof(Histogram),
     .var_slots = 1,
     .add = histogram_add,
     .merge = histogram_merge,
     .result = histogram_result,
     .help =
         "HISTOGRAM(x, low, high, n): how many values are below low, in each of n buckets of one "
         "width, and from high on.",
     .example = "HISTOGRAM(x, 0, 10, 2) OVER -1, 1, 2, 7, 10 => [1, 2, 1, 1]"},
    AGG_END};
