/* cast_time.c -- between dates, times and timestamps. A TIMESTAMP is wall clock, a TIMESTAMP_LTZ an
 * instant: the session's zone lies between them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/cast_private.h"

/* The row as wall clock microseconds; false when a date is too far away for that. */
static bool cast_load_local(const Column *in, uint32_t i, const Zone *zone, int64_t *local) {
    switch (in->type->kind) {
    case TYPE_DATE: return !__builtin_mul_overflow((int64_t)in->i32[i], US_PER_DAY, local);
    case TYPE_TIMESTAMP_LTZ: *local = zone_to_local(zone, in->i64[i]); return true;
    default: *local = in->i64[i]; return true; /* a TIME is a time of 1970-01-01 */
    }
}

/* Only fewer digits, or more of them: no zone, no calendar. */
static Status cast_time_digits(const Cast *cast) {
    int64_t *to = fn_out_i64(cast->out);
    int32_t precision = cast->to->precision;
    for (uint32_t i = 0; i < cast->out->n_rows; i++)
        to[i] = value_floor_us(cast->in->i64[i], precision);
    return ST_OK;
}

Status cast_time(const Cast *cast, Err *err) {
    const Zone *zone = cast->ctx->env->zone;
    const Column *in = cast->in;
    if (in->type->kind == cast->to->kind) {
        if (in->type->kind != TYPE_DATE) return cast_time_digits(cast);
        memcpy(fn_out_i32(cast->out), in->i32, sizeof(int32_t) * cast->out->n_rows);
        return ST_OK;
    }
    for (uint32_t i = 0; i < cast->out->n_rows; i++) {
        int64_t local;
        if (!cast_load_local(in, i, zone, &local)) {
            if (!cast->is_try) {
                FAIL(err, ST_INVALID, "22008", -1, "a date of day %d is out of range for %s",
                     in->i32[i], cast->to->kind == TYPE_TIMESTAMP ? "TIMESTAMP" : "TIMESTAMP_LTZ");
            }
            fn_make_null(cast->ctx, cast->out, i);
            continue;
        }
        switch (cast->to->kind) {
        case TYPE_DATE: fn_out_i32(cast->out)[i] = civil_us_to_days(local); break;
        case TYPE_TIME:
            fn_out_i64(cast->out)[i] =
                value_floor_us(civil_time_of_day(local), cast->to->precision);
            break;
        case TYPE_TIMESTAMP:
            fn_out_i64(cast->out)[i] = value_floor_us(local, cast->to->precision);
            break;
        default:
            fn_out_i64(cast->out)[i] =
                zone_to_utc(zone, value_floor_us(local, cast->to->precision));
            break;
        }
    }
    return ST_OK;
}
