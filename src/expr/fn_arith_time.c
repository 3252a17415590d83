/* fn_arith_time.c -- dates, times and intervals: adding, subtracting, scaling.
 *
 * Months are counted in the calendar (the day is cut to the length of the month), days and less in
 * microseconds. A TIMESTAMP_LTZ moves in UTC by days and less, and in the session's calendar by
 * months. A TIME wraps at midnight. Results outside 64 bits are errors.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/expr.h"

static Status time_overflow(const char *what, Err *err) {
    FAIL(err, ST_INVALID, "22008", -1, "%s is out of range", what);
}

static int64_t time_value(const Column *col, uint32_t row) {
    uint32_t at = col_at(col, row);
    return type_phys(col->type) == PHYS_I32 ? col->i32[at] : col->i64[at];
}

/* ---- one value ---- */

typedef struct TimeSum {
    FnCtx *ctx;
    const Type *time, *interval, *result;
    bool is_minus;
} TimeSum;

static bool time_add_months(const TimeSum *sum, int64_t time, int64_t months, int64_t *out) {
    const Zone *zone = sum->time->kind == TYPE_TIMESTAMP_LTZ ? sum->ctx->env->zone : NULL;
    bool is_date = sum->time->kind == TYPE_DATE;
    int64_t days, of_day, year;
    Civil civil;
    if (zone) time = zone_to_local(zone, time);
    of_day = civil_time_of_day(time);
    days = is_date ? time : civil_us_to_days(time);
    civil_from_days((int32_t)days, &civil);
    year = civil.year + months / 12;
    if (year <= CIVIL_YEAR_MIN || year >= CIVIL_YEAR_MAX) return false;
    days = civil_add_months((int32_t)days, months);
    if (is_date) {
        *out = days;
        return true;
    }
    if (__builtin_mul_overflow(days, US_PER_DAY, &time) ||
        __builtin_add_overflow(time, of_day, out)) {
        return false;
    }
    if (zone) *out = zone_to_utc(zone, *out);
    return true;
}

static bool time_add(const TimeSum *sum, int64_t time, int64_t interval, int64_t *out) {
    if (sum->is_minus && __builtin_sub_overflow(INT64_C(0), interval, &interval)) return false;
    if (sum->time->kind == TYPE_TIME) {
        if (sum->interval->kind == TYPE_INTERVAL_YM) interval = 0;
        *out = civil_time_of_day(time + interval % US_PER_DAY);
        return true;
    }
    if (sum->interval->kind == TYPE_INTERVAL_YM) return time_add_months(sum, time, interval, out);
    if (sum->time->kind == TYPE_DATE) {
        if (sum->result->kind == TYPE_DATE) {
            *out = time + interval / US_PER_DAY;
            return *out >= INT32_MIN && *out <= INT32_MAX;
        }
        if (__builtin_mul_overflow(time, US_PER_DAY, &time)) return false;
    }
    return !__builtin_add_overflow(time, interval, out);
}

/* ---- kernels ---- */

static void time_store(Column *out, uint32_t row, int64_t v) {
    if (type_phys(out->type) == PHYS_I32)
        ((int32_t *)(uintptr_t)out->i32)[row] = (int32_t)v;
    else
        ((int64_t *)(uintptr_t)out->i64)[row] = v;
}

/* TIMESTAMP plus or minus a constant DAY TO SECOND interval, as watermarks are written. */
static bool time_shift_loop(const TimeSum *sum, const Column *time, const Column *interval,
                            uint32_t n, Column *out) {
    int64_t by, bad = 0, *restrict to = (int64_t *)(uintptr_t)out->i64;
    const int64_t *restrict from = time->i64;
    if (time->is_const || !interval->is_const || sum->interval->kind != TYPE_INTERVAL_DS ||
        (sum->time->kind != TYPE_TIMESTAMP && sum->time->kind != TYPE_TIMESTAMP_LTZ)) {
        return false;
    }
    by = interval->i64[0];
    if (by == INT64_MIN) return false;
    if (sum->is_minus) by = -by;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t r = (uint64_t)from[i] + (uint64_t)by;
        to[i] = (int64_t)r;
        bad |= (from[i] ^ (int64_t)r) & (by ^ (int64_t)r);
    }
    return bad >= 0;
}

static Status time_sum(FnCtx *ctx, const Column *time, const Column *interval, bool is_minus,
                       uint32_t n, Column *out, Err *err) {
    TimeSum sum = {ctx, time->type, interval->type, out->type, is_minus};
    if (time_shift_loop(&sum, time, interval, n, out)) return ST_OK;
    for (uint32_t i = 0; i < n; i++) {
        int64_t v;
        if (col_is_null(out, i)) continue;
        if (!time_add(&sum, time_value(time, i), time_value(interval, i), &v)) {
            return time_overflow(is_minus ? "a time minus an interval" : "a time plus an interval",
                                 err);
        }
        time_store(out, i, v);
    }
    return ST_OK;
}

static Status time_plus(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                        Err *err) {
    bool is_first = type_is_datetime(args[0].type);
    (void)n_args;
    return time_sum(ctx, &args[is_first ? 0 : 1], &args[is_first ? 1 : 0], false, n, out, err);
}

static Status time_minus(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                         Err *err) {
    (void)n_args;
    return time_sum(ctx, &args[0], &args[1], true, n, out, err);
}

static int64_t time_unit(const Type *type) {
    return type->kind == TYPE_DATE ? US_PER_DAY : 1;
}

static Status time_between(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                           Err *err) {
    (void)ctx;
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        int64_t a, b, v;
        if (col_is_null(out, i)) continue;
        if (__builtin_mul_overflow(time_value(&args[0], i), time_unit(args[0].type), &a) ||
            __builtin_mul_overflow(time_value(&args[1], i), time_unit(args[1].type), &b) ||
            __builtin_sub_overflow(a, b, &v)) {
            return time_overflow("the difference of two times", err);
        }
        time_store(out, i, v);
    }
    return ST_OK;
}

/* Interval with interval, number with interval: plain integers of the result's width. */
static Status interval_arith(char op, const Column *args, uint32_t n, Column *out, Err *err) {
    bool is_months = out->type->kind == TYPE_INTERVAL_YM;
    for (uint32_t i = 0; i < n; i++) {
        int64_t a = time_value(&args[0], i), b = time_value(&args[1], i), v = 0;
        bool wraps;
        if (col_is_null(out, i)) continue;
        if (op == '/' && b == 0) FAIL(err, ST_INVALID, "22012", -1, "division by zero");
        wraps = op == '+'   ? __builtin_add_overflow(a, b, &v)
                : op == '-' ? __builtin_sub_overflow(a, b, &v)
                : op == '*' ? __builtin_mul_overflow(a, b, &v)
                            : a == INT64_MIN && b == -1;
        if (op == '/' && !wraps) v = a / b;
        if (wraps || (is_months && (v > INT32_MAX || v < INT32_MIN))) {
            FAIL(err, ST_INVALID, "22015", -1, "an interval is out of range: %lld %c %lld",
                 (long long)a, op, (long long)b);
        }
        time_store(out, i, v);
    }
    return ST_OK;
}

#define INTERVAL_KERNEL(name, op)                                                                \
    static Status name(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out, \
                       Err *err) {                                                               \
        (void)ctx;                                                                               \
        (void)n_args;                                                                            \
        return interval_arith(op, args, n, out, err);                                            \
    }
INTERVAL_KERNEL(interval_plus, '+')
INTERVAL_KERNEL(interval_minus, '-')
INTERVAL_KERNEL(interval_times, '*')
INTERVAL_KERNEL(interval_over, '/')

static Status interval_neg(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out,
                           Err *err) {
    (void)ctx;
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        int64_t v = time_value(&args[0], i);
        if (v == INT64_MIN || (out->type->kind == TYPE_INTERVAL_YM && v == INT32_MIN)) {
            return time_overflow("a negated interval", err);
        }
        time_store(out, i, -v);
    }
    return ST_OK;
}

/* DATE + days stays a DATE; with a smaller field it is a TIMESTAMP(6), as in Flink. The fields of a
 * difference of two times are not known: only a constant of whole days is a DATE then. */
static Status derive_date(Arena *arena, Expr *const *args, uint32_t n_args, const Type **out,
                          Err *err) {
    bool is_first = args[0]->type->kind == TYPE_DATE;
    const Expr *interval = expr_fold(arena, args[is_first ? 1 : 0], NULL);
    (void)n_args;
    (void)err;
    *out = &type_timestamp6;
    if (interval->type->precision == INTERVAL_ANY) {
        bool is_known = interval->kind == EXPR_CONST && !col_is_null(interval->value, 0);
        if (is_known && interval->value->i64[0] % US_PER_DAY == 0) *out = &type_date;
    } else if (interval->type->precision <= INTERVAL_DAY) {
        *out = &type_date;
    }
    *out = type_with_null(arena, *out, false);
    return ST_OK;
}

enum { TIME_OP = FN_STRICT | FN_CAN_FAIL | FN_OPERATOR, TIME_SAFE = FN_STRICT | FN_OPERATOR };

#define TIME_ROW(op, sig, kernel, traits, derive, help, example) \
    { op, "temporal", sig, kernel, traits, derive, NULL, NULL, help, example }

/* Sums of timestamps are not marked as failing: they do so 292,000 years from now. */
const Fn fns_arith_time[] = {
    TIME_ROW("+", "(TIMESTAMPS, INTERVAL) -> $1", time_plus, TIME_SAFE, NULL,
             "A time moved forward by an interval.",
             "TIMESTAMP '2024-01-31 10:00:00' + INTERVAL '1' MONTH => 2024-02-29 10:00:00"),
    TIME_ROW("+", "(INTERVAL, TIMESTAMPS) -> $2", time_plus, TIME_SAFE, NULL,
             "A time moved forward by an interval.",
             "INTERVAL '1' HOUR + TIMESTAMP '2024-01-31 10:00:00' => 2024-01-31 11:00:00"),
    TIME_ROW("+", "(DATE, INTERVAL_YM) -> DATE", time_plus, TIME_SAFE, NULL,
             "A date moved forward by months.",
             "DATE '2024-01-31' + INTERVAL '1' MONTH => 2024-02-29"),
    TIME_ROW("+", "(INTERVAL_YM, DATE) -> DATE", time_plus, TIME_SAFE, NULL,
             "A date moved forward by months.",
             "INTERVAL '1' MONTH + DATE '2024-01-31' => 2024-02-29"),
    TIME_ROW("+", "(DATE, INTERVAL_DS) -> *", time_plus, TIME_SAFE, derive_date,
             "A date moved forward; with days it stays a DATE.",
             "DATE '2024-01-31' + INTERVAL '1' DAY => 2024-02-01"),
    TIME_ROW("+", "(INTERVAL_DS, DATE) -> *", time_plus, TIME_SAFE, derive_date,
             "A date moved forward; with days it stays a DATE.",
             "INTERVAL '1' DAY + DATE '2024-01-31' => 2024-02-01"),
    TIME_ROW("+", "(TIME, INTERVAL) -> $1", time_plus, TIME_SAFE, NULL,
             "A time of day moved forward, around midnight.",
             "TIME '23:30:00' + INTERVAL '1' HOUR => 00:30:00"),
    TIME_ROW("+", "(INTERVAL, TIME) -> $2", time_plus, TIME_SAFE, NULL,
             "A time of day moved forward, around midnight.",
             "INTERVAL '1' HOUR + TIME '23:30:00' => 00:30:00"),
    TIME_ROW("-", "(TIMESTAMPS, INTERVAL) -> $1", time_minus, TIME_SAFE, NULL,
             "A time moved back by an interval.",
             "TIMESTAMP '2024-03-31 10:00:00' - INTERVAL '1' MONTH => 2024-02-29 10:00:00"),
    TIME_ROW("-", "(DATE, INTERVAL_YM) -> DATE", time_minus, TIME_SAFE, NULL,
             "A date moved back by months.",
             "DATE '2024-03-31' - INTERVAL '1' MONTH => 2024-02-29"),
    TIME_ROW("-", "(DATE, INTERVAL_DS) -> *", time_minus, TIME_SAFE, derive_date,
             "A date moved back; with days it stays a DATE.",
             "DATE '2024-03-01' - INTERVAL '1' DAY => 2024-02-29"),
    TIME_ROW("-", "(TIME, INTERVAL) -> $1", time_minus, TIME_SAFE, NULL,
             "A time of day moved back, around midnight.",
             "TIME '00:30:00' - INTERVAL '1' HOUR => 23:30:00"),
    TIME_ROW("-", "(T:TEMPORAL, T) -> INTERVAL_DS", time_between, TIME_SAFE, NULL,
             "The time between two times.",
             "DATE '2024-03-01' - DATE '2024-02-28' => +2 00:00:00.000"),
    TIME_ROW("+", "(INTERVAL_DS, INTERVAL_DS) -> INTERVAL_DS", interval_plus, TIME_OP, NULL,
             "Two intervals together.", "INTERVAL '1' DAY + INTERVAL '1' HOUR => +1 01:00:00.000"),
    TIME_ROW("+", "(INTERVAL_YM, INTERVAL_YM) -> INTERVAL_YM", interval_plus, TIME_OP, NULL,
             "Two intervals together.", "INTERVAL '1' YEAR + INTERVAL '1' MONTH => +1-01"),
    TIME_ROW("-", "(INTERVAL_DS, INTERVAL_DS) -> INTERVAL_DS", interval_minus, TIME_OP, NULL,
             "The difference of two intervals.",
             "INTERVAL '1' DAY - INTERVAL '1' HOUR => +0 23:00:00.000"),
    TIME_ROW("-", "(INTERVAL_YM, INTERVAL_YM) -> INTERVAL_YM", interval_minus, TIME_OP, NULL,
             "The difference of two intervals.", "INTERVAL '1' YEAR - INTERVAL '1' MONTH => +0-11"),
    TIME_ROW("*", "(INTERVAL_DS, BIGINT) -> $1", interval_times, TIME_OP, NULL,
             "An interval several times.", "INTERVAL '1' HOUR * 3 => +0 03:00:00.000"),
    TIME_ROW("*", "(BIGINT, INTERVAL_DS) -> $2", interval_times, TIME_OP, NULL,
             "An interval several times.", "3 * INTERVAL '1' HOUR => +0 03:00:00.000"),
    TIME_ROW("*", "(INTERVAL_YM, BIGINT) -> $1", interval_times, TIME_OP, NULL,
             "An interval several times.", "INTERVAL '5' MONTH * 3 => +1-03"),
    TIME_ROW("*", "(BIGINT, INTERVAL_YM) -> $2", interval_times, TIME_OP, NULL,
             "An interval several times.", "3 * INTERVAL '5' MONTH => +1-03"),
    TIME_ROW("/", "(INTERVAL_DS, BIGINT) -> $1", interval_over, TIME_OP, NULL,
             "A part of an interval.", "INTERVAL '1' HOUR / 4 => +0 00:15:00.000"),
    TIME_ROW("/", "(INTERVAL_YM, BIGINT) -> $1", interval_over, TIME_OP, NULL,
             "A part of an interval.", "INTERVAL '1' YEAR / 4 => +0-03"),
    TIME_ROW("-", "(INTERVAL) -> $1", interval_neg, TIME_OP, NULL, "An interval backwards.",
             "-(INTERVAL '1' HOUR) => -0 01:00:00.000"),
    {.name = NULL},
};
