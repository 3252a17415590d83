/* fn_temporal_pg.c -- time functions of PostgreSQL that Flink has no name for: DATE_TRUNC,
 * DATE_PART, DATE_BIN, MAKE_DATE and its kin.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/temporal.h"

#include <math.h>

#define TIMEPG_KERNEL(kernel)                                                                      \
    static Status kernel(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out, \
                         Err *err)

/* The unit that a row names. */
static Status timepg_unit(FnCtx *ctx, const Column *names, uint32_t row, TimeUnit max,
                          TimeUnit *out, Err *err) {
    Span name = fn_span(names, row);
    *out = temporal_unit(name);
    if (*out != TU_NONE && *out <= max) return ST_OK;
    FN_FAIL(ctx, err, "22023", "%s: '%.*s' is not a unit of time", ctx->call->fn->name,
            (int)(name.len > 40 ? 40 : name.len), name.ptr);
}

/* Weeks begin on Monday, as ISO and PostgreSQL say (FLOOR(x TO WEEK), Flink's, on Sunday). */
static int64_t timepg_floor(TimeUnit unit, int64_t local) {
    int32_t days = civil_us_to_days(local);
    if (unit == TU_WEEK) return (days - (civil_weekday(days) - 1)) * US_PER_DAY;
    return temporal_floor(unit, local);
}

TIMEPG_KERNEL(timepg_trunc) {
    const Zone *zone = ctx->env->zone;
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        TimeUnit unit;
        if (!fn_is_valid(out, i)) continue;
        TRY(timepg_unit(ctx, &args[0], i, TU_MILLENNIUM, &unit, err));
        temporal_store(out, i, timepg_floor(unit, temporal_local(&args[1], i, zone)), zone);
    }
    return ST_OK;
}

/* As PostgreSQL counts: seconds with their fraction, Sunday is 0. */
static double timepg_field(TimeUnit unit, int64_t local) {
    double second_us = (double)(civil_time_of_day(local) % US_PER_MINUTE);
    switch (unit) {
    case TU_SECOND: return second_us / 1e6;
    case TU_MILLISECOND: return second_us / 1e3;
    case TU_MICROSECOND: return second_us;
    case TU_EPOCH: return (double)local / 1e6;
    case TU_DOW: return (double)(temporal_field(TU_DOW, local) - 1);
    default: return (double)temporal_field(unit, local);
    }
}

TIMEPG_KERNEL(timepg_part) {
    const Zone *zone = ctx->env->zone;
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        TimeUnit unit;
        if (!fn_is_valid(out, i)) continue;
        TRY(timepg_unit(ctx, &args[0], i, TU_ISOYEAR, &unit, err));
        bool is_instant = unit == TU_EPOCH && args[1].type->kind == TYPE_TIMESTAMP_LTZ;
        int64_t local =
            is_instant ? args[1].i64[col_at(&args[1], i)] : temporal_local(&args[1], i, zone);
        fn_out_f64(out)[i] = timepg_field(unit, local);
    }
    return ST_OK;
}

/* DATE_BIN(stride, time, origin) */
TIMEPG_KERNEL(timepg_bin) {
    const Zone *zone = ctx->env->zone;
    for (uint32_t i = 0; i < n; i++) {
        int64_t stride, local, origin = 0, since;
        if (!fn_is_valid(out, i)) continue;
        stride = args[0].i64[col_at(&args[0], i)];
        if (stride <= 0) FN_FAIL(ctx, err, "22023", "DATE_BIN: the stride must be above zero");
        local = temporal_local(&args[1], i, zone);
        if (n_args > 2) origin = temporal_local(&args[2], i, zone);
        if (__builtin_sub_overflow(local, origin, &since)) return fn_fail_overflow(ctx, err);
        temporal_store(out, i, origin + civil_floor_div(since, stride) * stride, zone);
    }
    return ST_OK;
}

/* ---- making times ---- */

static Status timepg_civil(FnCtx *ctx, const Column *args, uint32_t row, Civil *out, Err *err) {
    int64_t year = fn_int(&args[0], row), month = fn_int(&args[1], row),
            day = fn_int(&args[2], row);
    bool is_good = year > CIVIL_YEAR_MIN && year < CIVIL_YEAR_MAX && month >= 1 && month <= 12 &&
                   day >= 1 && day <= 31;
    *out = (Civil){.year = (int32_t)year, .month = (int32_t)month, .day = (int32_t)day};
    if (is_good && civil_is_valid(out)) return ST_OK;
    FN_FAIL(ctx, err, "22008", "%s: there is no date %lld-%lld-%lld", ctx->call->fn->name,
            (long long)year, (long long)month, (long long)day);
}

static Status timepg_clock(FnCtx *ctx, const Column *args, uint32_t row, int64_t *us, Err *err) {
    int64_t hour = fn_int(&args[0], row), minute = fn_int(&args[1], row);
    double second = args[2].f64[col_at(&args[2], row)];
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || !(second >= 0 && second < 60)) {
        FN_FAIL(ctx, err, "22008", "%s: there is no time %lld:%lld:%g", ctx->call->fn->name,
                (long long)hour, (long long)minute, second);
    }
    *us = hour * US_PER_HOUR + minute * US_PER_MINUTE + (int64_t)llround(second * 1e6);
    return ST_OK;
}

TIMEPG_KERNEL(timepg_make_date) {
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        Civil date;
        if (!fn_is_valid(out, i)) continue;
        TRY(timepg_civil(ctx, args, i, &date, err));
        fn_out_i32(out)[i] = civil_days(date.year, date.month, date.day);
    }
    return ST_OK;
}

TIMEPG_KERNEL(timepg_make_time) {
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        if (fn_is_valid(out, i)) TRY(timepg_clock(ctx, args, i, &fn_out_i64(out)[i], err));
    }
    return ST_OK;
}

TIMEPG_KERNEL(timepg_make_timestamp) {
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        Civil date;
        int64_t us = 0;
        if (!fn_is_valid(out, i)) continue;
        TRY(timepg_civil(ctx, args, i, &date, err));
        TRY(timepg_clock(ctx, args + 3, i, &us, err));
        fn_out_i64(out)[i] = civil_days(date.year, date.month, date.day) * US_PER_DAY + us;
    }
    return ST_OK;
}

#define S FN_STRICT
#define SF (FN_STRICT | FN_CAN_FAIL)

const Fn fns_temporal_pg[] = {
    {"DATE_TRUNC", "temporal", "(STRING, TEMPORAL) -> $2", timepg_trunc, SF, NULL, NULL, NULL,
     "Cut down to a unit that is given as text; weeks begin on Monday.",
     "DATE_TRUNC('hour', TIMESTAMP '2024-02-29 10:20:30') => 2024-02-29 10:00:00"},
    {"DATE_PART", "temporal", "(STRING, TEMPORAL) -> DOUBLE", timepg_part, SF, NULL, NULL, NULL,
     "A field of a time as PostgreSQL counts it: seconds have fractions, Sunday is 0.",
     "DATE_PART('second', TIMESTAMP '2024-02-29 10:20:30.5') => 30.5"},
    {"DATE_BIN", "temporal", "(INTERVAL_DS, TIMESTAMPS [, TIMESTAMPS]) -> $2", timepg_bin, SF, NULL,
     NULL, NULL,
     "The start of the interval of a length, counted from an origin (1970), that a time "
     "is in.",
     "DATE_BIN(INTERVAL '15' MINUTE, TIMESTAMP '2024-02-29 10:20:30') => 2024-02-29 10:15:00"},
    {"MAKE_DATE", "temporal", "(INTEGER, INTEGER, INTEGER) -> DATE", timepg_make_date, SF, NULL,
     NULL, NULL, "The date of a year, month and day.", "MAKE_DATE(2024, 2, 29) => 2024-02-29"},
    {"MAKE_TIME", "temporal", "(INTEGER, INTEGER, DOUBLE) -> TIME(6)", timepg_make_time, SF, NULL,
     NULL, NULL, "The time of an hour, minute and second.",
     "MAKE_TIME(8, 15, 23.5) => 08:15:23.500000"},
    {"MAKE_TIMESTAMP", "temporal",
     "(INTEGER, INTEGER, INTEGER, INTEGER, INTEGER, DOUBLE) -> TIMESTAMP(6)", timepg_make_timestamp,
     SF, NULL, NULL, NULL, "The timestamp of year, month, day, hour, minute and second.",
     "MAKE_TIMESTAMP(2024, 2, 29, 8, 15, 23.5) => 2024-02-29 08:15:23.500000"},
    FN_END};
