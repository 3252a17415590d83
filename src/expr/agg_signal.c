/* agg_signal.c -- measurements over time: averages that forget, how unusual the last value is,
 * rates of counters, numbers of sessions.
 *
 * Made for OVER (PARTITION BY sensor ORDER BY ts ...), where rows come in order of time; as
 * plain aggregates those that say "last" mean the row that arrived last.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/agg.h"

/* ---- EXP_AVG ---- */

typedef struct ExpAvg {
    int64_t n;
    double value;
} ExpAvg;

static Status exp_avg_add(AggCtx *ctx, char *const *states, const Column *args,
                          const int32_t *weights, uint32_t n, Err *err) {
    const Column *factor = ctx->call->args[1]->value;
    double alpha = col_is_null(factor, 0) ? 0 : agg_real(factor, 0);
    if (!(alpha > 0 && alpha <= 1)) {
        FAIL(err, ST_INVALID, "22003", ctx->call->pos,
             "the factor of EXP_AVG is above 0 and at most 1");
    }
    for (uint32_t i = 0; i < n; i++) {
        ExpAvg *s = (ExpAvg *)(void *)states[i];
        if (col_is_null(&args[0], i)) continue;
        for (int64_t w = agg_weight(weights, i); w > 0; w--) {
            double x = agg_real(&args[0], i);
            s->value = s->n ? alpha * x + (1 - alpha) * s->value : x;
            s->n++;
        }
    }
    return ST_OK;
}

static Status exp_avg_result(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                             Err *err) {
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        const ExpAvg *s = (const ExpAvg *)(const void *)states[i];
        if (s->n)
            colb_f64(out, s->value);
        else
            colb_null(out);
    }
    return ST_OK;
}

/* ---- DECAYED_SUM, DECAYED_AVG, DECAYED_COUNT ---- */

/* Sums as of `last`: a value counts half as much for every half-life that it is older. */
typedef struct Decayed {
    int64_t n, last;
    double sum, weight;
} Decayed;

static Status decayed_half_life(const AggCtx *ctx, double *out, Err *err) {
    const Column *value = ctx->call->args[ctx->call->n_args - 1]->value;
    *out = col_is_null(value, 0) ? 0 : (double)value->i64[0];
    if (*out > 0) return ST_OK;
    FAIL(err, ST_INVALID, "22023", ctx->call->pos, "the half-life of %s must be above zero",
         ctx->call->agg->name);
}

static void decayed_put(Decayed *s, int64_t time, double sum, double weight, double half_life) {
    if (!s->n || time > s->last) {
        double factor = s->n ? exp2((double)(s->last - time) / half_life) : 0;
        s->sum *= factor;
        s->weight *= factor;
        s->last = time;
    }
    double factor = exp2((double)(time - s->last) / half_life);
    s->sum += sum * factor;
    s->weight += weight * factor;
    s->n++;
}

static Status decayed_add(AggCtx *ctx, char *const *states, const Column *args,
                          const int32_t *weights, uint32_t n, Err *err) {
    bool has_value = ctx->call->n_args > 2; /* DECAYED_COUNT(ts, half-life) has none */
    const Column *times = &args[has_value];
    double half_life;
    TRY(decayed_half_life(ctx, &half_life, err));
    for (uint32_t i = 0; i < n; i++) {
        double weight = (double)agg_weight(weights, i), x = 1;
        if (col_is_null(times, i) || col_is_null(&args[0], i)) continue;
        if (has_value) x = agg_real(&args[0], i);
        decayed_put((Decayed *)(void *)states[i], times->i64[col_at(times, i)], x * weight, weight,
                    half_life);
    }
    return ST_OK;
}

static Status decayed_merge(AggCtx *ctx, char *into, const char *from, Err *err) {
    const Decayed *b = (const Decayed *)(const void *)from;
    double half_life;
    TRY(decayed_half_life(ctx, &half_life, err));
    if (b->n) decayed_put((Decayed *)(void *)into, b->last, b->sum, b->weight, half_life);
    return ST_OK;
}

static Status decayed_result(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                             Err *err) {
    bool is_avg = strcmp(ctx->call->agg->name, "DECAYED_AVG") == 0;
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        const Decayed *s = (const Decayed *)(const void *)states[i];
        if (!s->n)
            colb_null(out);
        else
            colb_f64(out, is_avg ? s->sum / s->weight : s->sum);
    }
    return ST_OK;
}

/* ---- ZSCORE ---- */

typedef struct Zscore {
    int64_t n;
    RealSum sum, squares;
    double last;
} Zscore;

static Status zscore_add(AggCtx *ctx, char *const *states, const Column *args,
                         const int32_t *weights, uint32_t n, Err *err) {
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        Zscore *s = (Zscore *)(void *)states[i];
        int64_t weight = agg_weight(weights, i);
        if (col_is_null(&args[0], i)) continue;
        double x = agg_real(&args[0], i), square = x * x;
        s->n += weight;
        real_sum_add(&s->sum, x, weight);
        real_sum_add(&s->squares, square, weight);
        if (isfinite(square)) real_sum_add_rest(&s->squares, fma(x, x, -square) * (double)weight);
        if (weight > 0) s->last = x;
    }
    return ST_OK;
}

static Status zscore_result(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                            Err *err) {
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        const Zscore *s = (const Zscore *)(const void *)states[i];
        if (s->n < 2) {
            colb_null(out);
            continue;
        }
        long double count = (long double)s->n, sum = real_sum_long(&s->sum);
        long double squares = real_sum_long(&s->squares);
        long double variance = real_sum_spread(squares - sum * sum / count, squares) / (count - 1);
        long double away = (long double)s->last - sum / count;
        colb_f64(out, variance > 0 ? (double)(away / sqrtl(variance)) : 0);
    }
    return ST_OK;
}

/* ---- ANOMALY_SCORE ---- */

/* All values; the last is that of the last row. */
typedef struct Anomaly {
    int64_t n;
    StateVar values;
} Anomaly;

static Status anomaly_add(AggCtx *ctx, char *const *states, const Column *args,
                          const int32_t *weights, uint32_t n, Err *err) {
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        Anomaly *s = (Anomaly *)(void *)states[i];
        if (col_is_null(&args[0], i)) continue;
        double x = agg_real(&args[0], i);
        for (int64_t w = agg_weight(weights, i); w > 0; w--, s->n++)
            statevar_append(ctx->heap, &s->values, &x, sizeof x);
    }
    return ST_OK;
}

static int signal_order(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double signal_median(double *values, uint32_t n) {
    qsort(values, n, sizeof *values, signal_order);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* Distance from the median in units that are standard deviations of a normal distribution. Where
 * half of the values are equal, the mean distance serves as the unit. */
static double anomaly_score(double *values, uint32_t n) {
    double last = values[n - 1], median = signal_median(values, n), mean = 0, unit;
    for (uint32_t i = 0; i < n; i++) {
        values[i] = fabs(values[i] - median);
        mean += values[i] / n;
    }
    unit = 1.4826 * signal_median(values, n);
    if (unit <= 0) unit = 1.2533 * mean;
    return unit > 0 ? fabs(last - median) / unit : 0;
}

static Status anomaly_result(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                             Err *err) {
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        const Anomaly *s = (const Anomaly *)(const void *)states[i];
        double *values = arena_array(ctx->scratch, double, s->n + 1);
        if (s->n < 2) {
            colb_null(out);
            continue;
        }
        memcpy(values, s->values.ptr, s->values.len);
        colb_f64(out, anomaly_score(values, (uint32_t)s->n));
    }
    return ST_OK;
}

/* ---- RATE, INCREASE, DELTA ---- */

typedef struct Sample {
    int64_t time;
    double value;
} Sample;

static Status sample_add(AggCtx *ctx, char *const *states, const Column *args,
                         const int32_t *weights, uint32_t n, Err *err) {
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        Anomaly *s = (Anomaly *)(void *)states[i];
        if (col_is_null(&args[0], i) || col_is_null(&args[1], i)) continue;
        Sample sample = {args[1].i64[col_at(&args[1], i)], agg_real(&args[0], i)};
        if (agg_weight(weights, i) <= 0) continue;
        statevar_append(ctx->heap, &s->values, &sample, sizeof sample);
        s->n++;
    }
    return ST_OK;
}

static Status sample_merge(AggCtx *ctx, char *into, const char *from, Err *err) {
    Anomaly *a = (Anomaly *)(void *)into;
    const Anomaly *b = (const Anomaly *)(const void *)from;
    (void)err;
    if (b->values.len) statevar_append(ctx->heap, &a->values, b->values.ptr, b->values.len);
    a->n += b->n;
    return ST_OK;
}

static int sample_order(const void *a, const void *b) {
    const Sample *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    return (x->value > y->value) - (x->value < y->value);
}

/* What a counter has grown by: one that is less than before began again at zero. */
static double sample_increase(const Sample *samples, uint32_t n) {
    double sum = 0;
    for (uint32_t i = 1; i < n; i++) {
        double step = samples[i].value - samples[i - 1].value;
        sum += step < 0 ? samples[i].value : step;
    }
    return sum;
}

static Status sample_result(AggCtx *ctx, const char *const *states, uint32_t n, ColBuilder *out,
                            Err *err) {
    char kind = ctx->call->agg->name[0]; /* RATE, INCREASE, DELTA */
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        const Anomaly *s = (const Anomaly *)(const void *)states[i];
        uint32_t n_samples = s->values.len / (uint32_t)sizeof(Sample);
        Sample *samples = arena_array(ctx->scratch, Sample, n_samples + 1);
        if (n_samples) memcpy(samples, s->values.ptr, s->values.len);
        qsort(samples, n_samples, sizeof *samples, sample_order);
        double seconds =
            n_samples ? (double)(samples[n_samples - 1].time - samples[0].time) / 1e6 : 0;
        if (n_samples < 2 || (kind == 'R' && seconds <= 0))
            colb_null(out);
        else if (kind == 'D')
            colb_f64(out, samples[n_samples - 1].value - samples[0].value);
        else
            colb_f64(out, sample_increase(samples, n_samples) / (kind == 'R' ? seconds : 1));
    }
    return ST_OK;
}

/* ---- SESSION_NUMBER ---- */

typedef struct SessionNumber {
    int64_t n, last;
} SessionNumber;

static Status session_number_add(AggCtx *ctx, char *const *states, const Column *args,
                                 const int32_t *weights, uint32_t n, Err *err) {
    const Column *gap = ctx->call->args[1]->value;
    int64_t gap_us = col_is_null(gap, 0) ? 0 : gap->i64[0];
    (void)weights;
    if (gap_us <= 0) {
        FAIL(err, ST_INVALID, "22023", ctx->call->pos, "the gap of sessions must be above zero");
    }
    for (uint32_t i = 0; i < n; i++) {
        SessionNumber *s = (SessionNumber *)(void *)states[i];
        if (col_is_null(&args[0], i)) continue;
        int64_t time = args[0].i64[col_at(&args[0], i)], since;
        if (s->n == 0 || __builtin_sub_overflow(time, s->last, &since) || since > gap_us) s->n++;
        if (s->n == 1 || time > s->last) s->last = time;
    }
    return ST_OK;
}

static Status session_number_result(AggCtx *ctx, const char *const *states, uint32_t n,
                                    ColBuilder *out, Err *err) {
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++)
        colb_i64(out, ((const SessionNumber *)(const void *)states[i])->n);
    return ST_OK;
}

enum { SAMPLE_VARS = 1 << (offsetof(Anomaly, values) / 8) };

#define DECAYED_ROW(NAME, SIG, HELP, EXAMPLE)                                               \
    {                                                                                       \
        .name = NAME, .sig = SIG, .traits = AGG_MERGEABLE, .state_size = sizeof(Decayed),   \
        .add = decayed_add, .merge = decayed_merge, .result = decayed_result, .help = HELP, \
        .example = EXAMPLE                                                                  \
    }
#define SAMPLE_ROW(NAME, HELP, EXAMPLE)                                                   \
    {                                                                                     \
        .name = NAME, .sig = "(NUMERIC, TIMESTAMPS) -> DOUBLE?", .traits = AGG_MERGEABLE, \
        .state_size = sizeof(Anomaly), .var_slots = SAMPLE_VARS, .add = sample_add,       \
        .merge = sample_merge, .result = sample_result, .help = HELP, .example = EXAMPLE  \
    }
#define SIGNAL_TIMES(a, b, c)                                                                 \
    "(" a ", TIMESTAMP '2024-01-01 00:00:00'), (" b ", TIMESTAMP '2024-01-01 00:00:10'), (" c \
    ", TIMESTAMP '2024-01-01 00:00:20')"

const Agg aggs_signal[] = {
    {.name = "EXP_AVG",
     .sig = "(NUMERIC, LITERAL NUMERIC) -> DOUBLE?",
     .traits = AGG_ARRIVAL_ORDER,
     .state_size = sizeof(ExpAvg),
     .add = exp_avg_add,
     .result = exp_avg_result,
     .help =
         "EXP_AVG(x, a): exponential moving average in the order of rows: a times the new value "
         "and 1 - a times the average so far.",
     .example = "EXP_AVG(x, 0.5) OVER 10, 20, 40 => 27.5"},
    DECAYED_ROW("DECAYED_AVG", "(NUMERIC, TIMESTAMPS, LITERAL INTERVAL_DS) -> DOUBLE?",
                "DECAYED_AVG(x, ts, half_life): average as of the latest time; a value counts half "
                "as much for every half-life that it is older.",
                "DECAYED_AVG(x, y, INTERVAL '10' SECOND) OVER " SIGNAL_TIMES(
                    "4", "2", "1") " => 1.7142857142857142"),
    DECAYED_ROW(
        "DECAYED_SUM", "(NUMERIC, TIMESTAMPS, LITERAL INTERVAL_DS) -> DOUBLE?",
        "The sum in which older values count less, likewise.",
        "DECAYED_SUM(x, y, INTERVAL '10' SECOND) OVER " SIGNAL_TIMES("4", "2", "1") " => 3.0"),
    DECAYED_ROW(
        "DECAYED_COUNT", "(TIMESTAMPS, LITERAL INTERVAL_DS) -> DOUBLE?",
        "The number of rows in which older ones count less, likewise.",
        "DECAYED_COUNT(y, INTERVAL '10' SECOND) OVER " SIGNAL_TIMES("4", "2", "1") " => 1.75"),
    {.name = "ZSCORE",
     .sig = "(NUMERIC) -> DOUBLE?",
     .traits = AGG_ARRIVAL_ORDER | AGG_SLIDES,
     .state_size = sizeof(Zscore),
     .add = zscore_add,
     .result = zscore_result,
     .help = "How many standard deviations the last value is away from the average; NULL for fewer "
             "than two values.",
     .example = "ZSCORE(x) OVER 1, 2, 3 => 1.0"},
    {.name = "ANOMALY_SCORE",
     .sig = "(NUMERIC) -> DOUBLE?",
     .traits = AGG_ARRIVAL_ORDER,
     .state_size = sizeof(Anomaly),
     .var_slots = SAMPLE_VARS,
     .add = anomaly_add,
     .result = anomaly_result,
     .help =
         "How far the last value is from the median, in units of the median distance (scaled as "
         "standard deviations); above 3.5 is unusual. Outliers before it do not hide it.",
     .example = "ROUND(ANOMALY_SCORE(x), 2) OVER 10, 11, 12, 11, 10, 100 => 60.03"},
    SAMPLE_ROW("RATE",
               "RATE(counter, ts): growth of a counter per second between the first and the last "
               "time; a counter that falls began again at zero.",
               "RATE(x, y) OVER " SIGNAL_TIMES("100", "150", "10") " => 3.0"),
    SAMPLE_ROW("INCREASE", "INCREASE(counter, ts): growth of a counter, likewise.",
               "INCREASE(x, y) OVER " SIGNAL_TIMES("100", "150", "10") " => 60.0"),
    SAMPLE_ROW("DELTA", "DELTA(x, ts): the value at the last time less that at the first.",
               "DELTA(x, y) OVER " SIGNAL_TIMES("100", "150", "10") " => -90.0"),
    {.name = "SESSION_NUMBER",
     .sig = "(TIMESTAMPS, LITERAL INTERVAL_DS) -> BIGINT!",
     .traits = AGG_ARRIVAL_ORDER,
     .state_size = sizeof(SessionNumber),
     .add = session_number_add,
     .result = session_number_result,
     .help =
         "SESSION_NUMBER(ts, gap) OVER (PARTITION BY user ORDER BY ts): the number of the session "
         "a row is in; more than the gap without a row begins a new one.",
     .example = "SESSION_NUMBER(y, INTERVAL '5' SECOND) OVER " SIGNAL_TIMES("1", "2", "3") " => 3"},
    AGG_END};
