/* agg_trend.c -- trends and forecasts of measurements over time: TREND, FORECAST_LINEAR,
 * FORECAST_SEASONAL.
 *
 * A line is fitted to the values by least squares; the seasonal forecast adds to it how far the
 * values of the same part of the period (one of 24) are from the line on average. All of the state
 * are sums, so its size does not depend on the number of rows.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/aggpairs.h"

enum { TREND_PARTS = 24 };

typedef struct Trend {
    PairSums sums; /* x: seconds, y: the value */
    int64_t last;  /* microseconds */
} Trend;

typedef struct Season {
    Trend trend;
    int64_t n[TREND_PARTS];
    RealSum x[TREND_PARTS], y[TREND_PARTS];
} Season;

static void trend_put(Trend *s, int64_t time, double value, int64_t weight) {
    if (!s->sums.n || time > s->last) s->last = time;
    pairs_add(&s->sums, (double)time / 1e6, value, weight);
}

static Status trend_add(AggCtx *ctx, char *const *states, const Column *args,
                        const int32_t *weights, uint32_t n, Err *err) {
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        if (col_is_null(&args[0], i) || col_is_null(&args[1], i)) continue;
        trend_put((Trend *)(void *)states[i], args[1].i64[col_at(&args[1], i)],
                  agg_real(&args[0], i), agg_weight(weights, i));
    }
    return ST_OK;
}

static void trend_join(Trend *into, const Trend *from) {
    if (!into->sums.n || from->last > into->last) into->last = from->last;
    pairs_merge(&into->sums, &from->sums);
}

static Status trend_merge(AggCtx *ctx, char *into, const char *from, Err *err) {
    const Trend *b = (const Trend *)(const void *)from;
    (void)ctx, (void)err;
    if (b->sums.n) trend_join((Trend *)(void *)into, b);
    return ST_OK;
}

/* The line: false when there are not two different times. */
static bool trend_line(const Trend *s, long double *slope, PairMoments *m) {
    if (s->sums.n < 2) return false;
    *m = pairs_moments(&s->sums);
    if (!(m->sxx > 0)) return false;
    *slope = m->sxy / m->sxx;
    return true;
}

static Status trend_slope(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                          Err *err) {
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        long double slope;
        PairMoments m;
        if (trend_line((const Trend *)(const void *)states[i], &slope, &m))
            colb_f64(out, (double)slope);
        else
            colb_null(out);
    }
    return ST_OK;
}

/* A constant interval of microseconds. */
static int64_t trend_interval(const AggCtx *ctx, uint32_t arg) {
    const Column *value = ctx->call->args[arg]->value;
    return col_is_null(value, 0) ? 0 : value->i64[0];
}

static Status trend_forecast(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                             Err *err) {
    int64_t horizon = trend_interval(ctx, 2);
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        const Trend *s = (const Trend *)(const void *)states[i];
        long double slope;
        PairMoments m;
        if (!trend_line(s, &slope, &m)) {
            colb_null(out);
            continue;
        }
        long double at = (long double)(s->last + horizon) / 1e6L;
        colb_f64(out, (double)(m.avg_y + slope * (at - m.avg_x)));
    }
    return ST_OK;
}

/* ---- seasons ---- */

static Status season_period(const AggCtx *ctx, int64_t *out, Err *err) {
    *out = trend_interval(ctx, 2);
    if (*out >= TREND_PARTS) return ST_OK;
    FAIL(err, ST_INVALID, "22023", ctx->call->pos, "the period of a season must be above zero");
}

static uint32_t season_part(int64_t time, int64_t period) {
    int64_t phase = time % period;
    if (phase < 0) phase += period;
    return (uint32_t)((Int128)phase * TREND_PARTS / period);
}

static Status season_add(AggCtx *ctx, char *const *states, const Column *args,
                         const int32_t *weights, uint32_t n, Err *err) {
    int64_t period;
    TRY(season_period(ctx, &period, err));
    for (uint32_t i = 0; i < n; i++) {
        Season *s = (Season *)(void *)states[i];
        int64_t weight = agg_weight(weights, i), time;
        double value;
        uint32_t part;
        if (col_is_null(&args[0], i) || col_is_null(&args[1], i)) continue;
        time = args[1].i64[col_at(&args[1], i)];
        value = agg_real(&args[0], i);
        part = season_part(time, period);
        trend_put(&s->trend, time, value, weight);
        s->n[part] += weight;
        real_sum_add(&s->x[part], (double)time / 1e6, weight);
        real_sum_add(&s->y[part], value, weight);
    }
    return ST_OK;
}

static Status season_merge(AggCtx *ctx, char *into, const char *from, Err *err) {
    Season *a = (Season *)(void *)into;
    const Season *b = (const Season *)(const void *)from;
    (void)ctx, (void)err;
    if (!b->trend.sums.n) return ST_OK;
    trend_join(&a->trend, &b->trend);
    for (uint32_t k = 0; k < TREND_PARTS; k++) {
        a->n[k] += b->n[k];
        real_sum_merge(&a->x[k], &b->x[k]);
        real_sum_merge(&a->y[k], &b->y[k]);
    }
    return ST_OK;
}

static Status season_forecast(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                              Err *err) {
    int64_t period, horizon = trend_interval(ctx, 3);
    TRY(season_period(ctx, &period, err));
    for (uint32_t i = 0; i < n; i++) {
        const Season *s = (const Season *)(const void *)states[i];
        long double slope, at, value;
        PairMoments m;
        if (!trend_line(&s->trend, &slope, &m)) {
            colb_null(out);
            continue;
        }
        int64_t time = s->trend.last + horizon;
        uint32_t part = season_part(time, period);
        at = (long double)time / 1e6L;
        value = m.avg_y + slope * (at - m.avg_x);
        if (s->n[part] > 0) {
            long double count = (long double)s->n[part];
            value += pairs_long(&s->y[part]) / count - m.avg_y -
                     slope * (pairs_long(&s->x[part]) / count - m.avg_x);
        }
        colb_f64(out, (double)value);
    }
    return ST_OK;
}

#define TREND_TIMES                                                                              \
    "(1, TIMESTAMP '2024-01-01 00:00:00'), (3, TIMESTAMP '2024-01-01 00:00:10'), (5, TIMESTAMP " \
    "'2024-01-01 00:00:20')"

const Agg aggs_trend[] = {
    {.name = "TREND",
     .sig = "(NUMERIC, TIMESTAMPS) -> DOUBLE?",
     .traits = AGG_LINEAR | AGG_MERGEABLE,
     .state_size = sizeof(Trend),
     .add = trend_add,
     .merge = trend_merge,
     .result = trend_slope,
     .help = "TREND(x, ts): the slope of the line that fits best, per second.",
     .example = "TREND(x, y) OVER " TREND_TIMES " => 0.2"},
    {.name = "FORECAST_LINEAR",
     .sig = "(NUMERIC, TIMESTAMPS, LITERAL INTERVAL_DS) -> DOUBLE?",
     .traits = AGG_MERGEABLE,
     .state_size = sizeof(Trend),
     .add = trend_add,
     .merge = trend_merge,
     .result = trend_forecast,
     .help = "FORECAST_LINEAR(x, ts, horizon): where that line is so long after the last time.",
     .example = "FORECAST_LINEAR(x, y, INTERVAL '10' SECOND) OVER " TREND_TIMES " => 7.0"},
    {.name = "FORECAST_SEASONAL",
     .sig = "(NUMERIC, TIMESTAMPS, LITERAL INTERVAL_DS, LITERAL INTERVAL_DS) -> DOUBLE?",
     .traits = AGG_MERGEABLE,
     .state_size = sizeof(Season),
     .add = season_add,
     .merge = season_merge,
     .result = season_forecast,
     .help = "FORECAST_SEASONAL(x, ts, period, horizon): the line, and how far values of the same "
             "24th part of the period usually are from it.",
     .example =
         "FORECAST_SEASONAL(x, y, INTERVAL '20' SECOND, INTERVAL '10' SECOND) OVER " TREND_TIMES
         " => 7.0"},
    AGG_END};
