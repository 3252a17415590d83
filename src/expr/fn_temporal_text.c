/* fn_temporal_text.c -- times to text and back with Java's patterns: DATE_FORMAT, TO_TIMESTAMP,
 * TO_DATE, TO_TIMESTAMP_LTZ, FROM_UNIXTIME, UNIX_TIMESTAMP, CONVERT_TZ.
 *
 * Text that cannot be read gives NULL. A constant pattern is compiled once.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/datefmt.h"
#include "expr/temporal.h"
#include "expr/value.h"

#define DATE_KERNEL(kernel)                                                                        \
    static Status kernel(FnCtx *ctx, const Column *args, uint32_t n_args, uint32_t n, Column *out, \
                         Err *err)

#define DATE_PATTERN_DEFAULT SPAN("yyyy-MM-dd HH:mm:ss")

/* ---- patterns ---- */

static Status date_prepare(Arena *arena, const Expr *call, void **out, Err *err) {
    Span pattern = DATE_PATTERN_DEFAULT;
    const DateFormat *format;
    if (call->n_args > 1 && !fn_const_text(call, 1, &pattern)) return ST_OK;
    Status status = datefmt_compile(arena, pattern, &format, err);
    if (status != ST_OK) {
        if (err) err->pos = call->args[call->n_args > 1]->pos;
        return status;
    }
    *out = (void *)(uintptr_t)format;
    return ST_OK;
}

/* The pattern of the current row; one that comes again is not compiled again. */
typedef struct DateUse {
    FnCtx *ctx;
    const Column *patterns; /* NULL: the default */
    Span text;
    const DateFormat *format;
} DateUse;

static Status date_use(DateUse *use, uint32_t row, const DateFormat **out, Err *err) {
    if (use->ctx->prepared) {
        *out = use->ctx->prepared;
        return ST_OK;
    }
    Span pattern = use->patterns ? fn_span(use->patterns, row) : DATE_PATTERN_DEFAULT;
    if (!use->format || !span_eq(pattern, use->text)) {
        TRY(datefmt_compile(use->ctx->scratch, pattern, &use->format, err));
        use->text = pattern;
    }
    *out = use->format;
    return ST_OK;
}

/* ---- to text ---- */

static Status date_put(FnCtx *ctx, FnText *text, const DateFormat *format, int64_t utc_or_local,
                       bool is_instant, Str *out, Err *err) {
    ZonePart part = {0};
    int64_t local = utc_or_local;
    if (is_instant) {
        part = zone_part_at(ctx->env->zone, utc_or_local);
        local += part.offset * US_PER_SECOND;
    } else if (format->has_zone) {
        FN_FAIL(ctx, err, "22007", "a time without zone cannot be printed with letters of a zone");
    }
    char *to = fn_text_room(text, format->text_max);
    size_t len = datefmt_print(format, local, ctx->env->zone, is_instant ? &part : NULL, to);
    *out = fn_text_take(text, len);
    return ST_OK;
}

DATE_KERNEL(date_format) {
    FnText text = {ctx->scratch, NULL, NULL};
    DateUse use = {.ctx = ctx, .patterns = &args[1]};
    bool is_instant = args[0].type->kind == TYPE_TIMESTAMP_LTZ;
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        const DateFormat *format;
        if (!fn_is_valid(out, i)) continue;
        TRY(date_use(&use, i, &format, err));
        int64_t us =
            is_instant ? args[0].i64[col_at(&args[0], i)] : temporal_local(&args[0], i, NULL);
        TRY(date_put(ctx, &text, format, us, is_instant, &fn_out_str(out)[i], err));
    }
    return ST_OK;
}

/* yyyy-MM-dd HH:mm:ss[.fraction], one-digit months and so on included; is_date_enough: the time may
 * be absent. */
static bool date_read_default(Span text, bool is_date_enough, int64_t *us) {
    const char *blank = memchr(text.ptr, ' ', text.len);
    const char *colon = memchr(text.ptr, ':', text.len);
    if (!blank && !is_date_enough) return false;
    if (memchr(text.ptr, 'T', text.len)) return false;
    if (blank && (!colon || !memchr(colon + 1, ':', text.len - (size_t)(colon + 1 - text.ptr))))
        return false;
    if (civil_parse_timestamp(text, us)) return true;
    /* The 30th of February is the last day of that month, as java.time resolves it. */
    const char *dash = memchr(text.ptr, '-', text.len);
    dash = dash ? memchr(dash + 1, '-', text.len - (size_t)(dash + 1 - text.ptr)) : NULL;
    size_t day_at = dash ? (size_t)(dash + 1 - text.ptr) : text.len;
    char copy[64];
    if (text.len >= sizeof copy || day_at + 2 > text.len) return false;
    int day;
    if (!num_digits_fixed(text.ptr + day_at, 2, &day) || day < 29 || day > 31) return false;
    memcpy(copy, text.ptr, text.len);
    for (int last = day - 1; last >= 28; last--) {
        copy[day_at] = (char)('0' + last / 10);
        copy[day_at + 1] = (char)('0' + last % 10);
        if (civil_parse_timestamp((Span){copy, text.len}, us)) return true;
    }
    return false;
}

DATE_KERNEL(date_format_text) {
    FnText text = {ctx->scratch, NULL, NULL};
    DateUse use = {.ctx = ctx, .patterns = &args[1]};
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        const DateFormat *format;
        int64_t us;
        if (!fn_is_valid(out, i)) continue;
        TRY(date_use(&use, i, &format, err));
        if (date_read_default(fn_span(&args[0], i), false, &us)) {
            TRY(date_put(ctx, &text, format, us, false, &fn_out_str(out)[i], err));
        } else {
            fn_make_null(ctx, out, i);
        }
    }
    return ST_OK;
}

DATE_KERNEL(date_from_unixtime) {
    FnText text = {ctx->scratch, NULL, NULL};
    DateUse use = {.ctx = ctx, .patterns = n_args > 1 ? &args[1] : NULL};
    for (uint32_t i = 0; i < n; i++) {
        const DateFormat *format;
        int64_t us;
        if (!fn_is_valid(out, i)) continue;
        TRY(date_use(&use, i, &format, err));
        if (__builtin_mul_overflow(fn_int(&args[0], i), US_PER_SECOND, &us))
            return fn_fail_overflow(ctx, err);
        TRY(date_put(ctx, &text, format, us, true, &fn_out_str(out)[i], err));
    }
    return ST_OK;
}

/* ---- from text ---- */

/* By the pattern, or as a plain date or timestamp when the pattern does not fit: Flink's rule. */
static bool date_read(const DateFormat *format, Span text, int64_t *us) {
    if (datefmt_parse(format, text, false, us)) return true;
    return date_read_default(span_trim(text), true, us);
}

DATE_KERNEL(date_to_timestamp) {
    DateUse use = {.ctx = ctx, .patterns = n_args > 1 ? &args[1] : NULL};
    for (uint32_t i = 0; i < n; i++) {
        const DateFormat *format = NULL;
        Span text;
        int64_t us;
        if (!fn_is_valid(out, i)) continue;
        text = fn_span(&args[0], i);
        if (n_args > 1) TRY(date_use(&use, i, &format, err));
        if (format ? date_read(format, text, &us) : date_read_default(text, true, &us)) {
            fn_out_i64(out)[i] = value_floor_us(us, out->type->precision);
        } else {
            fn_make_null(ctx, out, i);
        }
    }
    return ST_OK;
}

DATE_KERNEL(date_to_date) {
    DateUse use = {.ctx = ctx, .patterns = n_args > 1 ? &args[1] : NULL};
    for (uint32_t i = 0; i < n; i++) {
        const DateFormat *format;
        bool is_good;
        int64_t us = 0;
        if (!fn_is_valid(out, i)) continue;
        Span text = fn_span(&args[0], i);
        if (n_args > 1) {
            TRY(date_use(&use, i, &format, err));
            is_good = datefmt_parse(format, text, false, &us);
        } else {
            Value v;
            is_good = value_read(text, &type_date, TEXT_CAST, NULL, NULL, &v) == PARSE_OK;
            if (is_good) us = v.i64 * US_PER_DAY;
        }
        if (is_good) {
            fn_out_i32(out)[i] = civil_us_to_days(us);
        } else {
            fn_make_null(ctx, out, i);
        }
    }
    return ST_OK;
}

/* TO_TIMESTAMP_LTZ(text [, pattern [, zone]]): the text is in the zone given, else in UTC. */
DATE_KERNEL(date_text_to_ltz) {
    DateUse use = {.ctx = ctx, .patterns = n_args > 1 ? &args[1] : NULL};
    for (uint32_t i = 0; i < n; i++) {
        const DateFormat *format = NULL;
        const Zone *zone = &zone_utc;
        int64_t us;
        if (!fn_is_valid(out, i)) continue;
        Span text = fn_span(&args[0], i);
        if (n_args > 1) TRY(date_use(&use, i, &format, err));
        if (n_args > 2) TRY(zone_find(fn_span(&args[2], i), &zone, err));
        if (format ? date_read(format, text, &us) : date_read_default(text, true, &us)) {
            fn_out_i64(out)[i] = value_floor_us(zone_to_utc(zone, us), out->type->precision);
        } else {
            fn_make_null(ctx, out, i);
        }
    }
    return ST_OK;
}

static bool date_scale_epoch(Int128 value, int64_t digits, int64_t *us) {
    Int128 wide = digits <= 6 ? value * decimal_pow10((int)(6 - digits))
                              : value / decimal_pow10((int)(digits - 6));
    *us = (int64_t)wide;
    return wide == (int64_t)wide;
}

/* TO_TIMESTAMP_LTZ(number [, digits]): seconds for 0, milliseconds for 3 (the default) ... */
DATE_KERNEL(date_number_to_ltz) {
    for (uint32_t i = 0; i < n; i++) {
        if (!fn_is_valid(out, i)) continue;
        int64_t digits = n_args > 1 ? fn_int(&args[1], i) : 3, us;
        uint32_t at = col_at(&args[0], i);
        Int128 value;
        if (digits < 0 || digits > 9)
            FN_FAIL(ctx, err, "22023", "the precision of TO_TIMESTAMP_LTZ is 0 to 9, not %ld",
                    (long)digits);
        switch (type_phys(args[0].type)) {
        case PHYS_F32:
        case PHYS_F64: {
            double x =
                type_phys(args[0].type) == PHYS_F32 ? (double)args[0].f32[at] : args[0].f64[at];
            if (!(x > -1e18 && x < 1e18)) return fn_fail_overflow(ctx, err);
            value = (int64_t)x;
            break;
        }
        case PHYS_I128: value = decimal_truncate(args[0].i128[at], args[0].type->scale, 0); break;
        default: value = fn_int(&args[0], i); break;
        }
        if (value > INT64_MAX || value < INT64_MIN || !date_scale_epoch(value, digits, &us))
            return fn_fail_overflow(ctx, err);
        fn_out_i64(out)[i] = value_floor_us(us, out->type->precision);
    }
    return ST_OK;
}

static Status date_derive_ltz(Arena *arena, Expr *const *args, uint32_t n_args, const Type **out,
                              Err *err) {
    int64_t digits = 3;
    (void)err;
    if (n_args > 1 && args[1]->kind == EXPR_CONST && type_is_integer(args[1]->type) &&
        !col_is_null(args[1]->value, 0))
        digits = fn_int(args[1]->value, 0);
    digits = digits < 3 ? 3 : digits > TIME_PRECISION_MAX ? TIME_PRECISION_MAX : digits;
    *out = type_with_null(arena, type_with_len(arena, TYPE_TIMESTAMP_LTZ, (int32_t)digits), true);
    (void)args;
    return ST_OK;
}

/* Text in the session's zone; what cannot be read is the least BIGINT, as in Flink. */
DATE_KERNEL(date_unix_timestamp) {
    DateUse use = {.ctx = ctx, .patterns = n_args > 1 ? &args[1] : NULL};
    for (uint32_t i = 0; i < n; i++) {
        const DateFormat *format;
        int64_t us;
        if (!fn_is_valid(out, i)) continue;
        TRY(date_use(&use, i, &format, err));
        bool is_good = datefmt_parse(format, fn_span(&args[0], i), true, &us);
        if (is_good) us = zone_to_utc(ctx->env->zone, us);
        fn_out_i64(out)[i] = is_good ? civil_floor_div(us, US_PER_SECOND) : INT64_MIN;
    }
    return ST_OK;
}

/* ---- CONVERT_TZ ---- */

DATE_KERNEL(date_convert_tz) {
    FnText text = {ctx->scratch, NULL, NULL};
    (void)n_args;
    for (uint32_t i = 0; i < n; i++) {
        const Zone *from, *to;
        int64_t us;
        if (!fn_is_valid(out, i)) continue;
        TRY(zone_find(fn_span(&args[1], i), &from, err));
        TRY(zone_find(fn_span(&args[2], i), &to, err));
        if (!date_read_default(fn_span(&args[0], i), false, &us)) {
            fn_make_null(ctx, out, i);
            continue;
        }
        char *at = fn_text_room(&text, CIVIL_TEXT_MAX);
        us = zone_to_local(to, zone_to_utc(from, us));
        fn_out_str(out)[i] = fn_text_take(&text, civil_print_timestamp(at, us, ' ', 0));
    }
    return ST_OK;
}

enum { DATE_TRAITS = FN_STRICT | FN_CAN_FAIL | FN_CAN_NULL };
#define DATE_ROW(name, sig, kernel, derive, prepare, help, example) \
    { name, "temporal", sig, kernel, DATE_TRAITS, derive, prepare, NULL, help, example }

const Fn fns_temporal_text[] = {
    DATE_ROW("DATE_FORMAT", "(DATETIME, STRING) -> STRING?", date_format, NULL, date_prepare,
             "The time as text by a Java pattern.",
             "DATE_FORMAT(TIMESTAMP '2024-02-09 13:04:05', 'EEE d MMM yyyy, hh:mm a') => Fri 9 Feb "
             "2024, 01:04 PM"),
    DATE_ROW("DATE_FORMAT", "(STRING, STRING) -> STRING?", date_format_text, NULL, date_prepare,
             "The same for a time given as 'yyyy-MM-dd HH:mm:ss'.",
             "DATE_FORMAT('2024-02-09 13:04:05', 'yyyy/MM/dd') => 2024/02/09"),
    DATE_ROW("TO_TIMESTAMP", "(STRING) -> TIMESTAMP(3)", date_to_timestamp, NULL, NULL,
             "Reads 'yyyy-MM-dd[ HH:mm:ss[.SSS]]'; NULL when it is none.",
             "TO_TIMESTAMP('2024-02-09 13:04:05.678') => 2024-02-09 13:04:05.678"),
    DATE_ROW("TO_TIMESTAMP", "(STRING, STRING) -> TIMESTAMP(3)", date_to_timestamp, NULL,
             date_prepare, "Reads a time by a Java pattern; NULL when it does not fit.",
             "TO_TIMESTAMP('10/Oct/2000:13:55:36', 'dd/MMM/yyyy:HH:mm:ss') => 2000-10-10 "
             "13:55:36.000"),
    DATE_ROW("TO_DATE", "(STRING) -> DATE", date_to_date, NULL, NULL,
             "Reads 'yyyy-MM-dd'; NULL when it is none.", "TO_DATE('2024-02-09') => 2024-02-09"),
    DATE_ROW("TO_DATE", "(STRING, STRING) -> DATE", date_to_date, NULL, date_prepare,
             "Reads a date by a Java pattern.",
             "TO_DATE('09.02.2024', 'dd.MM.yyyy') => 2024-02-09"),
    DATE_ROW("TO_TIMESTAMP_LTZ", "(NUMERIC [, INTEGER]) -> *", date_number_to_ltz, date_derive_ltz,
             NULL, "The instant so long after 1970: in seconds (0), milliseconds (3) ...",
             "TO_TIMESTAMP_LTZ(1000, 3) => 1970-01-01 00:00:01.000"),
    DATE_ROW("TO_TIMESTAMP_LTZ", "(STRING [, STRING [, STRING]]) -> TIMESTAMP_LTZ(3)",
             date_text_to_ltz, NULL, date_prepare,
             "Reads an instant by a Java pattern in a time zone (default UTC).",
             "TO_TIMESTAMP_LTZ('2024-02-09 08:00:00', 'yyyy-MM-dd HH:mm:ss', 'Asia/Shanghai') => "
             "2024-02-09 00:00:00.000"),
    DATE_ROW("FROM_UNIXTIME", "(INTEGER [, STRING]) -> STRING?", date_from_unixtime, NULL,
             date_prepare, "Seconds since 1970 as text in the session's zone.",
             "FROM_UNIXTIME(0) => 1970-01-01 00:00:00"),
    {"UNIX_TIMESTAMP", "temporal", "(STRING [, STRING]) -> BIGINT", date_unix_timestamp,
     FN_STRICT | FN_CAN_FAIL, NULL, date_prepare, NULL,
     "Seconds since 1970 of a text in the session's zone.",
     "UNIX_TIMESTAMP('1970-01-02 00:00:00') => 86400"},
    DATE_ROW("CONVERT_TZ", "(STRING, STRING, STRING) -> STRING?", date_convert_tz, NULL, NULL,
             "The wall clock of another time zone at the same instant.",
             "CONVERT_TZ('1970-01-01 00:00:00', 'UTC', 'America/Los_Angeles') => 1969-12-31 "
             "16:00:00"),
    FN_END};
