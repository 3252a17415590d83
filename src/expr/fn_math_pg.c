/* fn_math_pg.c -- number functions of PostgreSQL that Flink has no name for, and ranges of numbers.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/fn.h"

#include <math.h>

#define MATHPG_KERNEL(kernel)                                                                      \
    static Status kernel(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out, \
                         Err *err)

/* The bucket of x between low and high (which may be the other way round): 0 below, count + 1 from
 * high on. */
static int32_t mathpg_bucket(double x, double low, double high, int64_t count) {
    bool is_down = low > high;
    if (is_down ? x > low : x < low) return 0;
    if (is_down ? x <= high : x >= high) return (int32_t)count + 1;
    double place = floor((x - low) / (high - low) * (double)count);
    if (place >= (double)count) place = (double)count - 1;
    return (int32_t)place + 1;
}

MATHPG_KERNEL(mathpg_width_bucket) {
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        double x = args[0].f64[col_at(&args[0], i)], low = args[1].f64[col_at(&args[1], i)],
               high = args[2].f64[col_at(&args[2], i)];
        int64_t count = fn_int(&args[3], i);
        if (count < 1 || count >= INT32_MAX)
            FN_FAIL(ctx, err, "2201G", "WIDTH_BUCKET: the number of buckets must be above zero");
        if (isnan(x) || !isfinite(low) || !isfinite(high) || low == high)
            FN_FAIL(ctx, err, "2201G", "WIDTH_BUCKET: the bounds must be different finite numbers");
        fn_out_i32(out)[i] = mathpg_bucket(x, low, high, count);
    }
    return ST_OK;
}

static uint64_t mathpg_abs(int64_t x) {
    return x < 0 ? 0 - (uint64_t)x : (uint64_t)x;
}

static uint64_t mathpg_gcd_of(uint64_t a, uint64_t b) {
    while (b) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

MATHPG_KERNEL(mathpg_gcd) {
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        uint64_t gcd =
            mathpg_gcd_of(mathpg_abs(fn_int(&args[0], i)), mathpg_abs(fn_int(&args[1], i)));
        if (gcd > INT64_MAX) return fn_fail_overflow(ctx, err);
        fn_out_i64(out)[i] = (int64_t)gcd;
    }
    return ST_OK;
}

MATHPG_KERNEL(mathpg_lcm) {
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t product;
        if (!fn_is_valid(out, i)) continue;
        uint64_t a = mathpg_abs(fn_int(&args[0], i)), b = mathpg_abs(fn_int(&args[1], i));
        uint64_t gcd = mathpg_gcd_of(a, b);
        if (__builtin_mul_overflow(gcd ? a / gcd : 0, b, &product) || product > INT64_MAX)
            return fn_fail_overflow(ctx, err);
        fn_out_i64(out)[i] = (int64_t)product;
    }
    return ST_OK;
}

MATHPG_KERNEL(mathpg_factorial) {
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        int64_t value = 1;
        if (!fn_is_valid(out, i)) continue;
        int64_t last = fn_int(&args[0], i);
        if (last < 0) FN_FAIL(ctx, err, "22003", "FACTORIAL of a negative number");
        for (int64_t k = 2; k <= last; k++) {
            if (__builtin_mul_overflow(value, k, &value)) return fn_fail_overflow(ctx, err);
        }
        fn_out_i64(out)[i] = value;
    }
    return ST_OK;
}

/* ---- GENERATE_SERIES ---- */

enum { SERIES_MAX = 10000000 };

/* [start, stop] by step; the array of a step in the wrong direction is empty. */
static Status mathpg_series_one(FnCtx *ctx, int64_t start, int64_t stop, int64_t step,
                                ColBuilder *list, Err *err) {
    uint64_t distance, n;
    if (step == 0) FN_FAIL(ctx, err, "22023", "GENERATE_SERIES: the step must not be zero");
    if (step > 0 ? start > stop : start < stop) {
        colb_list_end(list);
        return ST_OK;
    }
    distance = step > 0 ? (uint64_t)stop - (uint64_t)start : (uint64_t)start - (uint64_t)stop;
    n = distance / mathpg_abs(step) + 1;
    if (n > SERIES_MAX)
        FN_FAIL(ctx, err, "54000", "GENERATE_SERIES gives at most %d values", SERIES_MAX);
    for (uint64_t k = 0; k < n; k++) {
        int64_t value = (int64_t)((uint64_t)start + k * (uint64_t)step);
        if (list->children[0].type->kind == TYPE_INT)
            colb_i32(&list->children[0], (int32_t)value);
        else
            colb_i64(&list->children[0], value);
    }
    colb_list_end(list);
    return ST_OK;
}

static Status mathpg_series_each(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n,
                                 Column *out, Err *err) {
    ColBuilder list;
    colb_init(&list, ctx->scratch, out->type, n);
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) {
            colb_null(&list);
            continue;
        }
        TRY(mathpg_series_one(ctx, fn_int(&args[0], i), fn_int(&args[1], i),
                              n_args > 2 ? fn_int(&args[2], i) : 1, &list, err));
    }
    colb_finish(&list, out);
    return ST_OK;
}
MATHPG_KERNEL(mathpg_series) {
    return mathpg_series_each(ctx, args, n_args, n, out, err);
}

/* Times are microseconds, and so are intervals. */
MATHPG_KERNEL(mathpg_series_time) {
    ColBuilder list;
    (void)n_args;
    colb_init(&list, ctx->scratch, out->type, n);
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) {
            colb_null(&list);
            continue;
        }
        TRY(mathpg_series_one(ctx, args[0].i64[col_at(&args[0], i)],
                              args[1].i64[col_at(&args[1], i)], args[2].i64[col_at(&args[2], i)],
                              &list, err));
    }
    colb_finish(&list, out);
    return ST_OK;
}

#define SF (FN_STRICT | FN_CAN_FAIL)

const Fn fns_math_pg[] = {
    {"WIDTH_BUCKET", "arithmetic", "(DOUBLE, DOUBLE, DOUBLE, INTEGER) -> INT", mathpg_width_bucket,
     SF, NULL, NULL, NULL,
     "The number of the bucket, of so many between two bounds, that a value is in; 0 below, one "
     "more "
     "than there are above.",
     "WIDTH_BUCKET(5.35, 0.024, 10.06, 5) => 3"},
    {"GCD", "arithmetic", "(BIGINT, BIGINT) -> BIGINT", mathpg_gcd, SF, NULL, NULL, NULL,
     "The greatest common divisor.", "GCD(12, 18) => 6"},
    {"LCM", "arithmetic", "(BIGINT, BIGINT) -> BIGINT", mathpg_lcm, SF, NULL, NULL, NULL,
     "The least common multiple.", "LCM(4, 6) => 12"},
    {"FACTORIAL", "arithmetic", "(INTEGER) -> BIGINT", mathpg_factorial, SF, NULL, NULL, NULL,
     "The factorial.", "FACTORIAL(5) => 120"},
    {"GENERATE_SERIES", "collection", "(INT, INT [, INT]) -> ARRAY<INT>", mathpg_series, SF, NULL,
     NULL, NULL,
     "All numbers from one to another by a step (1); FROM UNNEST(...) makes rows of them.",
     "GENERATE_SERIES(2, 7, 2) => [2, 4, 6]"},
    {"GENERATE_SERIES", "collection", "(BIGINT, BIGINT [, BIGINT]) -> ARRAY<BIGINT>", mathpg_series,
     SF, NULL, NULL, NULL, "The same for BIGINT.",
     "GENERATE_SERIES(3, 1, CAST(-1 AS BIGINT)) => [3, 2, 1]"},
    {"GENERATE_SERIES", "collection", "(T:TIMESTAMPS, T, INTERVAL_DS) -> ARRAY<T>",
     mathpg_series_time, SF, NULL, NULL, NULL, "All times from one to another by an interval.",
     "GENERATE_SERIES(TIMESTAMP '2024-01-01 00:00:00', TIMESTAMP '2024-01-01 02:00:00', INTERVAL "
     "'1' "
     "HOUR)[2] => 2024-01-01 01:00:00"},
    FN_END};
