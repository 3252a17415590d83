/* fn_temporal_math.c -- TIMESTAMPADD, TIMESTAMPDIFF and the current time.
 *
 * The current time is that of the step, so all rows of a step see the same one; in a bounded run in
 * batch mode it is the start of the query. SPDX-License-Identifier: Apache-2.0
 */
#include "expr/temporal.h"
#include "expr/value.h"

#define CLOCK_KERNEL(kernel)                                                                       \
    static Status kernel(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out, \
                         Err *err)

/* ---- TIMESTAMPADD ---- */

/* Months of units from MONTH on. */
static int64_t clock_unit_months(TimeUnit unit) {
    static const int64_t months[] = {1, 3, 12, 120, 1200, 12000};
    return months[unit - TU_MONTH];
}

static bool clock_add(TimeUnit unit, int64_t amount, int64_t us, int64_t *out) {
    int64_t step;
    if (unit <= TU_WEEK) {
        if (__builtin_mul_overflow(amount, temporal_unit_us(unit), &step)) return false;
        return !__builtin_add_overflow(us, step, out);
    }
    if (__builtin_mul_overflow(amount, clock_unit_months(unit), &step)) return false;
    int64_t months_max = 12 * (int64_t)CIVIL_YEAR_MAX;
    if (step > months_max || step < -months_max) return false;
    int32_t days = civil_us_to_days(us);
    *out = civil_add_months(days, step) * US_PER_DAY + civil_time_of_day(us);
    return true;
}

/* A DATE stays one for units of days and longer, else becomes a TIMESTAMP; fractions get room. */
static Status clock_derive_add(Arena *arena, Expr *const *args, uint32_t n_args, const Type **out,
                               Err *err) {
    const Type *type = args[2]->type;
    Span name = {"", 0};
    (void)n_args, (void)err;
    if (args[0]->kind == EXPR_CONST && !col_is_null(args[0]->value, 0))
        name = str_span(&args[0]->value->str[0]);
    TimeUnit unit = temporal_unit(name);
    int32_t digits = unit == TU_MICROSECOND ? 6 : unit == TU_MILLISECOND ? 3 : 0;
    bool is_nullable = type->is_nullable || args[1]->type->is_nullable;
    if (type->kind == TYPE_DATE && unit < TU_DAY) {
        type = &type_timestamp6;
    } else if (type->kind != TYPE_DATE && type->precision < digits) {
        type = type_with_len(arena, (TypeKind)type->kind, digits);
    }
    *out = type_with_attr(arena, type_with_null(arena, type, is_nullable), TIME_ATTR_NONE);
    return ST_OK;
}

CLOCK_KERNEL(clock_timestampadd) {
    TimeUnit unit;
    const Zone *zone = ctx->env->zone;
    (void)n_args;
    TRY(temporal_unit_arg(ctx->call, 0, TU_MILLENNIUM, &unit, err));
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        /* Hours of an instant are hours; days and longer are of the calendar. */
        bool is_instant = args[2].type->kind == TYPE_TIMESTAMP_LTZ && unit < TU_DAY;
        int64_t us =
            is_instant ? args[2].i64[col_at(&args[2], i)] : temporal_local(&args[2], i, zone);
        if (!clock_add(unit, fn_int(&args[1], i), us, &us))
            FN_FAIL(ctx, err, "22008", "TIMESTAMPADD leaves the range of times");
        if (is_instant) {
            fn_out_i64(out)[i] = us;
        } else {
            temporal_store(out, i, us, zone);
        }
    }
    return ST_OK;
}

/* ---- TIMESTAMPDIFF ---- */

CLOCK_KERNEL(clock_timestampdiff) {
    TimeUnit unit;
    const Zone *zone = ctx->env->zone;
    (void)n_args;
    TRY(temporal_unit_arg(ctx->call, 0, TU_MILLENNIUM, &unit, err));
    bool is_instant = unit <= TU_WEEK && args[1].type->kind == TYPE_TIMESTAMP_LTZ &&
                      args[2].type->kind == TYPE_TIMESTAMP_LTZ;
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        int64_t from, to, diff;
        if (is_instant) {
            from = args[1].i64[col_at(&args[1], i)];
            to = args[2].i64[col_at(&args[2], i)];
        } else {
            from = temporal_local(&args[1], i, zone);
            to = temporal_local(&args[2], i, zone);
        }
        diff = unit <= TU_WEEK ? (to - from) / temporal_unit_us(unit)
                               : civil_months_between(from, to) / clock_unit_months(unit);
        if (diff != (int32_t)diff) return fn_fail_overflow(ctx, err);
        fn_out_i32(out)[i] = (int32_t)diff;
    }
    return ST_OK;
}

/* ---- the clock ---- */

/* now, cut to the result's precision. */
static int64_t clock_now(const FnCtx *ctx, const Column *out, bool of_query) {
    int64_t us = of_query && ctx->env->is_batch ? ctx->env->query_us : ctx->env->now_us;
    return value_floor_us(us, out->type->precision);
}

CLOCK_KERNEL(clock_current_timestamp) {
    (void)args, (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) fn_out_i64(out)[i] = clock_now(ctx, out, true);
    return ST_OK;
}
CLOCK_KERNEL(clock_row_timestamp) {
    (void)args, (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) fn_out_i64(out)[i] = clock_now(ctx, out, false);
    return ST_OK;
}
CLOCK_KERNEL(clock_local_timestamp) {
    (void)args, (void)n_args, (void)err;
    int64_t local = zone_to_local(ctx->env->zone, clock_now(ctx, out, true));
    for (uint32_t i = 0; i < n; i++) fn_out_i64(out)[i] = local;
    return ST_OK;
}
CLOCK_KERNEL(clock_local_time) {
    (void)args, (void)n_args, (void)err;
    int64_t local = zone_to_local(ctx->env->zone, clock_now(ctx, out, true));
    for (uint32_t i = 0; i < n; i++) fn_out_i64(out)[i] = civil_time_of_day(local);
    return ST_OK;
}
CLOCK_KERNEL(clock_current_date) {
    int64_t us = ctx->env->is_batch ? ctx->env->query_us : ctx->env->now_us;
    (void)args, (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++)
        fn_out_i32(out)[i] = civil_us_to_days(zone_to_local(ctx->env->zone, us));
    return ST_OK;
}
CLOCK_KERNEL(clock_unix_timestamp) {
    int64_t us = ctx->env->is_batch ? ctx->env->query_us : ctx->env->now_us;
    (void)args, (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) fn_out_i64(out)[i] = civil_floor_div(us, US_PER_SECOND);
    return ST_OK;
}

/* NULL as long as there is none. Ours is the first time that may still come, Flink's the last one
 * that may not: one unit of the column before. */
CLOCK_KERNEL(clock_watermark) {
    int64_t unit = args[0].type->precision <= 3 ? 1000 : 1;
    (void)n_args, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        if (ctx->env->watermark == WATERMARK_NONE) {
            fn_make_null(ctx, out, i);
        } else {
            fn_out_i64(out)[i] = value_floor_us(ctx->env->watermark - unit, out->type->precision);
        }
    }
    return ST_OK;
}

static Status clock_derive_watermark(Arena *arena, Expr *const *args, uint32_t n_args,
                                     const Type **out, Err *err) {
    const Type *type = type_with_len(arena, (TypeKind)args[0]->type->kind, 3);
    (void)n_args, (void)err;
    *out = type_with_null(arena, type, true);
    return ST_OK;
}

#define NOW_ROW(name, sig, kernel, help, example) \
    { name, "temporal", sig, kernel, FN_STABLE, NULL, NULL, NULL, help, example }

const Fn fns_temporal_math[] = {
    {"TIMESTAMPADD", "temporal", "(SYMBOL, INTEGER, TEMPORAL) -> *", clock_timestampadd,
     FN_STRICT | FN_CAN_FAIL, clock_derive_add, NULL, NULL,
     "The time so many units later: TIMESTAMPADD(DAY, 1, x).",
     "TIMESTAMPADD(MONTH, 1, DATE '2024-01-31') => 2024-02-29"},
    {"TIMESTAMPDIFF", "temporal", "(SYMBOL, TEMPORAL, TEMPORAL) -> INT", clock_timestampdiff,
     FN_STRICT | FN_CAN_FAIL, NULL, NULL, NULL,
     "Whole units from the first time to the second: TIMESTAMPDIFF(HOUR, a, b).",
     "TIMESTAMPDIFF(DAY, DATE '2024-01-01', DATE '2024-03-01') => 60"},
    NOW_ROW("NOW", "() -> TIMESTAMP_LTZ(3)!", clock_current_timestamp, "Same as CURRENT_TIMESTAMP.",
            "NOW() >= CURRENT_TIMESTAMP => TRUE"),
    NOW_ROW("CURRENT_TIMESTAMP", "() -> TIMESTAMP_LTZ(3)!", clock_current_timestamp,
            "The time of the step; in batch mode the start of the query.",
            "CURRENT_TIMESTAMP > TO_TIMESTAMP_LTZ(0, 3) => TRUE"),
    NOW_ROW("CURRENT_ROW_TIMESTAMP", "() -> TIMESTAMP_LTZ(3)!", clock_row_timestamp,
            "The time of the step, also in batch mode.",
            "CURRENT_ROW_TIMESTAMP() > TO_TIMESTAMP_LTZ(0, 3) => TRUE"),
    NOW_ROW("PROCTIME", "() -> TIMESTAMP_LTZ(3)!", clock_row_timestamp,
            "Processing time: the time of the step, as a time attribute.",
            "PROCTIME() > TO_TIMESTAMP_LTZ(0, 3) => TRUE"),
    NOW_ROW("LOCALTIMESTAMP", "() -> TIMESTAMP(3)!", clock_local_timestamp,
            "The time of the step in the session's zone.",
            "LOCALTIMESTAMP > TIMESTAMP '2020-01-01 00:00:00' => TRUE"),
    NOW_ROW("LOCALTIME", "() -> TIME(0)!", clock_local_time,
            "The time of day in the session's zone.", "LOCALTIME >= TIME '00:00:00' => TRUE"),
    NOW_ROW("CURRENT_TIME", "() -> TIME(0)!", clock_local_time, "Same as LOCALTIME.",
            "CURRENT_TIME >= TIME '00:00:00' => TRUE"),
    NOW_ROW("CURRENT_DATE", "() -> DATE!", clock_current_date, "The date in the session's zone.",
            "CURRENT_DATE > DATE '2020-01-01' => TRUE"),
    NOW_ROW("UNIX_TIMESTAMP", "() -> BIGINT!", clock_unix_timestamp,
            "Seconds since 1970-01-01 00:00:00 UTC.", "UNIX_TIMESTAMP() > 1600000000 => TRUE"),
    {"CURRENT_WATERMARK", "temporal", "(TIMESTAMPS) -> *", clock_watermark, FN_STABLE | FN_CAN_NULL,
     clock_derive_watermark, NULL, NULL,
     "The watermark of the input at this row, NULL before the first one; the argument is the "
     "column "
     "that has it.",
     NULL},
    FN_END};
