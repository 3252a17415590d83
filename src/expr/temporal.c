/* temporal.c -- units, fields and cutting of times.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/temporal.h"

static const struct {
    const char *name;
    TimeUnit unit;
} temporal_names[] = {{"MICROSECOND", TU_MICROSECOND},
                      {"MILLISECOND", TU_MILLISECOND},
                      {"SECOND", TU_SECOND},
                      {"MINUTE", TU_MINUTE},
                      {"HOUR", TU_HOUR},
                      {"DAY", TU_DAY},
                      {"WEEK", TU_WEEK},
                      {"MONTH", TU_MONTH},
                      {"QUARTER", TU_QUARTER},
                      {"YEAR", TU_YEAR},
                      {"DECADE", TU_DECADE},
                      {"CENTURY", TU_CENTURY},
                      {"MILLENNIUM", TU_MILLENNIUM},
                      {"NANOSECOND", TU_NANOSECOND},
                      {"EPOCH", TU_EPOCH},
                      {"DOW", TU_DOW},
                      {"ISODOW", TU_ISODOW},
                      {"DOY", TU_DOY},
                      {"ISOYEAR", TU_ISOYEAR},
                      {"DAYOFWEEK", TU_DOW},
                      {"DAYOFYEAR", TU_DOY},
                      {"CENTURIES", TU_CENTURY},
                      {"FRAC_SECOND", TU_MICROSECOND}};

TimeUnit temporal_unit(Span name) {
    static const char prefix[] = "SQL_TSI_";
    size_t len = sizeof prefix - 1;
    if (name.len > len && span_eq_nocase((Span){name.ptr, len}, SPAN("SQL_TSI_")))
        name = (Span){name.ptr + len, name.len - len};
    bool is_plural = name.len > 1 && (name.ptr[name.len - 1] | 32) == 's';
    Span singular = {name.ptr, name.len - is_plural};
    for (size_t i = 0; i < sizeof temporal_names / sizeof temporal_names[0]; i++) {
        if (span_is_nocase(name, temporal_names[i].name) ||
            span_is_nocase(singular, temporal_names[i].name))
            return temporal_names[i].unit;
    }
    return TU_NONE;
}

Status temporal_unit_arg(const Expr *call, uint32_t i, TimeUnit max, TimeUnit *out, Err *err) {
    Span name = {"", 0};
    fn_const_text(call, i, &name);
    *out = temporal_unit(name);
    if (*out != TU_NONE && *out <= max) return ST_OK;
    FAIL(err, ST_INVALID, "42601", call->args[i]->pos, "'%.*s' is not a unit of time for %s",
         SPAN_ARG(name), call->fn->name);
}

int64_t temporal_unit_us(TimeUnit unit) {
    static const int64_t us[] = {
        0, 1, US_PER_MS, US_PER_SECOND, US_PER_MINUTE, US_PER_HOUR, US_PER_DAY, 7 * US_PER_DAY};
    assert(unit <= TU_WEEK);
    return us[unit];
}

void temporal_store(Column *out, uint32_t row, int64_t local_us, const Zone *zone) {
    switch (out->type->kind) {
    case TYPE_DATE: fn_out_i32(out)[row] = civil_us_to_days(local_us); break;
    case TYPE_TIME: fn_out_i64(out)[row] = civil_time_of_day(local_us); break;
    case TYPE_TIMESTAMP_LTZ: fn_out_i64(out)[row] = zone_to_utc(zone, local_us); break;
    default: fn_out_i64(out)[row] = local_us; break;
    }
}

static int64_t temporal_date_field(TimeUnit unit, int32_t days) {
    Civil c;
    int32_t iso_year;
    switch (unit) {
    case TU_DOW: return civil_weekday(days) % 7 + 1;
    case TU_ISODOW: return civil_weekday(days);
    case TU_WEEK: return civil_iso_week(days, NULL);
    case TU_ISOYEAR: civil_iso_week(days, &iso_year); return iso_year;
    case TU_DOY: return civil_year_day(days);
    default: break;
    }
    civil_from_days(days, &c);
    int32_t year = c.year;
    switch (unit) {
    case TU_DAY: return c.day;
    case TU_MONTH: return c.month;
    case TU_QUARTER: return (c.month + 2) / 3;
    case TU_DECADE: return civil_floor_div(year, 10);
    /* The first century began with the year 1; there is no century 0. */
    case TU_CENTURY: return year > 0 ? (year + 99) / 100 : year / 100 - 1;
    case TU_MILLENNIUM: return year > 0 ? (year + 999) / 1000 : year / 1000 - 1;
    default: return year;
    }
}

int64_t temporal_field(TimeUnit unit, int64_t local_us) {
    switch (unit) {
    case TU_EPOCH: return civil_floor_div(local_us, US_PER_SECOND);
    case TU_HOUR: return civil_time_of_day(local_us) / US_PER_HOUR;
    case TU_MINUTE: return civil_time_of_day(local_us) / US_PER_MINUTE % 60;
    case TU_SECOND: return civil_time_of_day(local_us) / US_PER_SECOND % 60;
    case TU_MILLISECOND: return civil_time_of_day(local_us) % US_PER_SECOND / US_PER_MS;
    case TU_MICROSECOND: return civil_time_of_day(local_us) % US_PER_SECOND;
    case TU_NANOSECOND: return civil_time_of_day(local_us) % US_PER_SECOND * 1000;
    default: return temporal_date_field(unit, civil_us_to_days(local_us));
    }
}

/* The first day of the unit, which is DAY or longer, that holds the day. */
static int32_t temporal_floor_days(TimeUnit unit, int32_t days) {
    Civil c;
    if (unit == TU_DAY) return days;
    if (unit == TU_WEEK) return days - civil_weekday(days) % 7; /* from Sunday, as Flink */
    civil_from_days(days, &c);
    int32_t year = c.year;
    switch (unit) {
    case TU_MONTH: return civil_days(year, c.month, 1);
    case TU_QUARTER: return civil_days(year, (c.month - 1) / 3 * 3 + 1, 1);
    case TU_DECADE: return civil_days((int32_t)civil_floor_div(year, 10) * 10, 1, 1);
    case TU_CENTURY: return civil_days((int32_t)civil_floor_div(year - 1, 100) * 100 + 1, 1, 1);
    case TU_MILLENNIUM:
        return civil_days((int32_t)civil_floor_div(year - 1, 1000) * 1000 + 1, 1, 1);
    default: return civil_days(year, 1, 1);
    }
}

int64_t temporal_floor(TimeUnit unit, int64_t local_us) {
    if (unit < TU_DAY) {
        int64_t us = temporal_unit_us(unit);
        return civil_floor_div(local_us, us) * us;
    }
    return temporal_floor_days(unit, civil_us_to_days(local_us)) * US_PER_DAY;
}

int64_t temporal_ceil(TimeUnit unit, int64_t local_us) {
    int64_t low = temporal_floor(unit, local_us);
    if (low == local_us) return low;
    if (unit <= TU_WEEK) return low + temporal_unit_us(unit);
    int32_t days = civil_us_to_days(low);
    int64_t months = unit == TU_MONTH     ? 1
                     : unit == TU_QUARTER ? 3
                     : unit == TU_YEAR    ? 12
                     : unit == TU_DECADE  ? 120
                     : unit == TU_CENTURY ? 1200
                                          : 12000;
    return civil_add_months(days, months) * US_PER_DAY;
}
