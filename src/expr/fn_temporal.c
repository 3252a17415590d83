/* fn_temporal.c -- fields of times and cutting to units: EXTRACT, YEAR .. SECOND, FLOOR and CEIL
 * TO. A TIMESTAMP_LTZ is taken apart in the session's zone. SPDX-License-Identifier: Apache-2.0
 */
#include "expr/temporal.h"

#define TEMPORAL_KERNEL(kernel)                                                                    \
    static Status kernel(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out, \
                         Err *err)

/* ---- EXTRACT and its short forms ---- */

static Status temporal_fields(FnCtx *ctx, const Column *col, TimeUnit unit, uint32_t n,
                              Column *out) {
    int64_t *to = fn_out_i64(out);
    for (uint32_t i = 0; i < n; i++) {
        if (fn_is_valid(out, i))
            to[i] = temporal_field(unit, temporal_local(col, i, ctx->env->zone));
    }
    return ST_OK;
}

TEMPORAL_KERNEL(temporal_extract) {
    TimeUnit unit;
    (void)n_args;
    TRY(temporal_unit_arg(ctx->call, 0, TU_ISOYEAR, &unit, err));
    return temporal_fields(ctx, &args[1], unit, n, out);
}

/* Fields of an interval have the sign of the whole. */
TEMPORAL_KERNEL(temporal_extract_interval) {
    TimeUnit unit;
    bool is_months = args[1].type->kind == TYPE_INTERVAL_YM;
    (void)n_args;
    TRY(temporal_unit_arg(ctx->call, 0, TU_EPOCH, &unit, err));
    bool is_month_unit = unit >= TU_MONTH && unit <= TU_MILLENNIUM;
    if (is_months != is_month_unit)
        FN_FAIL(ctx, err, "42804", "this interval does not have the field asked for");
    for (uint32_t i = 0; i < n; i++) {
        int64_t x = fn_int(&args[1], i), *to = &fn_out_i64(out)[i];
        switch (unit) {
        case TU_MILLENNIUM: *to = x / 12000; break;
        case TU_CENTURY: *to = x / 1200; break;
        case TU_DECADE: *to = x / 120; break;
        case TU_YEAR: *to = x / 12; break;
        case TU_QUARTER: *to = x % 12 / 3 + 1; break;
        case TU_MONTH: *to = x % 12; break;
        case TU_WEEK:
        case TU_DAY: *to = x / temporal_unit_us(unit); break;
        case TU_HOUR: *to = x % US_PER_DAY / US_PER_HOUR; break;
        case TU_MINUTE: *to = x % US_PER_HOUR / US_PER_MINUTE; break;
        case TU_SECOND: *to = x % US_PER_MINUTE / US_PER_SECOND; break;
        case TU_MILLISECOND: *to = x % US_PER_SECOND / US_PER_MS; break;
        case TU_EPOCH: *to = x / US_PER_SECOND; break;
        case TU_NANOSECOND: *to = x % US_PER_SECOND * 1000; break;
        default: *to = x % US_PER_SECOND; break;
        }
    }
    return ST_OK;
}

#define TEMPORAL_FIELD(kernel, UNIT)                         \
    TEMPORAL_KERNEL(kernel) {                                \
        (void)n_args, (void)err;                             \
        return temporal_fields(ctx, &args[0], UNIT, n, out); \
    }
TEMPORAL_FIELD(temporal_year, TU_YEAR)
TEMPORAL_FIELD(temporal_quarter, TU_QUARTER)
TEMPORAL_FIELD(temporal_month, TU_MONTH)
TEMPORAL_FIELD(temporal_week, TU_WEEK)
TEMPORAL_FIELD(temporal_day_of_year, TU_DOY)
TEMPORAL_FIELD(temporal_day_of_month, TU_DAY)
TEMPORAL_FIELD(temporal_day_of_week, TU_DOW)
TEMPORAL_FIELD(temporal_hour, TU_HOUR)
TEMPORAL_FIELD(temporal_minute, TU_MINUTE)
TEMPORAL_FIELD(temporal_second, TU_SECOND)

/* ---- FLOOR, CEIL ---- */

static Status temporal_cut(FnCtx *ctx, const Column *args, uint32_t n, Column *out, bool is_up,
                           Err *err) {
    TimeUnit unit;
    const Zone *zone = ctx->env->zone;
    TRY(temporal_unit_arg(ctx->call, 1, TU_MILLENNIUM, &unit, err));
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        int64_t local = temporal_local(&args[0], i, zone);
        temporal_store(out, i, is_up ? temporal_ceil(unit, local) : temporal_floor(unit, local),
                       zone);
    }
    return ST_OK;
}
TEMPORAL_KERNEL(temporal_floor_to) {
    (void)n_args;
    return temporal_cut(ctx, args, n, out, false, err);
}
TEMPORAL_KERNEL(temporal_ceil_to) {
    (void)n_args;
    return temporal_cut(ctx, args, n, out, true, err);
}

#define FIELD_ROW(name, kernel, help, example) \
    { name, "temporal", "(TEMPORAL) -> BIGINT", kernel, FN_STRICT, NULL, NULL, NULL, help, example }

const Fn fns_temporal[] = {
    {"EXTRACT", "temporal", "(SYMBOL, TEMPORAL) -> BIGINT", temporal_extract, FN_STRICT, NULL, NULL,
     NULL,
     "A field of a time: EXTRACT(YEAR FROM x). MILLENNIUM to NANOSECOND, EPOCH, DOW (Sunday is 1), "
     "ISODOW, DOY, ISOYEAR.",
     "EXTRACT(HOUR FROM TIMESTAMP '2024-02-29 10:20:30') => 10"},
    {"EXTRACT", "temporal", "(SYMBOL, INTERVAL) -> BIGINT", temporal_extract_interval,
     FN_STRICT | FN_CAN_FAIL, NULL, NULL, NULL, "A field of an interval.",
     "EXTRACT(HOUR FROM INTERVAL '1 02:03:04' DAY TO SECOND) => 2"},
    FIELD_ROW("YEAR", temporal_year, "The year.", "YEAR(DATE '2024-02-29') => 2024"),
    FIELD_ROW("QUARTER", temporal_quarter, "The quarter, 1 to 4.",
              "QUARTER(DATE '2024-12-29') => 4"),
    FIELD_ROW("MONTH", temporal_month, "The month, 1 to 12.", "MONTH(DATE '2024-02-29') => 2"),
    FIELD_ROW("WEEK", temporal_week, "The ISO week, 1 to 53.", "WEEK(DATE '2024-02-29') => 9"),
    FIELD_ROW("DAYOFYEAR", temporal_day_of_year, "The day of the year, 1 to 366.",
              "DAYOFYEAR(DATE '2024-02-29') => 60"),
    FIELD_ROW("DAYOFMONTH", temporal_day_of_month, "The day of the month, 1 to 31.",
              "DAYOFMONTH(DATE '2024-02-29') => 29"),
    FIELD_ROW("DAYOFWEEK", temporal_day_of_week, "The day of the week, 1 (Sunday) to 7.",
              "DAYOFWEEK(DATE '2024-02-29') => 5"),
    FIELD_ROW("HOUR", temporal_hour, "The hour, 0 to 23.",
              "HOUR(TIMESTAMP '2024-02-29 10:20:30') => 10"),
    FIELD_ROW("MINUTE", temporal_minute, "The minute, 0 to 59.",
              "MINUTE(TIMESTAMP '2024-02-29 10:20:30') => 20"),
    FIELD_ROW("SECOND", temporal_second, "The second, 0 to 59.",
              "SECOND(TIMESTAMP '2024-02-29 10:20:30') => 30"),
    {"FLOOR", "temporal", "(TEMPORAL, SYMBOL) -> $1", temporal_floor_to, FN_STRICT, NULL, NULL,
     NULL,
     "The beginning of the unit that holds the time: FLOOR(x TO HOUR). Weeks begin on Sunday.",
     "FLOOR(TIMESTAMP '2024-02-29 10:20:30' TO HOUR) => 2024-02-29 10:00:00"},
    {"CEIL", "temporal", "(TEMPORAL, SYMBOL) -> $1", temporal_ceil_to, FN_STRICT, NULL, NULL, NULL,
     "The time itself or the beginning of the next unit: CEIL(x TO MONTH).",
     "CEIL(DATE '2024-02-29' TO MONTH) => 2024-03-01"},
    {"CEILING", "temporal", "(TEMPORAL, SYMBOL) -> $1", temporal_ceil_to, FN_STRICT, NULL, NULL,
     NULL, "Same as CEIL.", "CEILING(DATE '2024-02-29' TO YEAR) => 2025-01-01"},
    FN_END};
