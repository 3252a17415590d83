/* civil.h -- the calendar: days and microseconds to dates and back, in the proleptic Gregorian
 * calendar without leap seconds, as java.time. Time zones are a layer above.
 *
 * A date is days since 1970-01-01, a timestamp microseconds since then, a time microseconds since
 * midnight. SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_CIVIL_H
#define WEIR_CIVIL_H

#include "base/num.h"

#define US_PER_MS INT64_C(1000)
#define US_PER_SECOND INT64_C(1000000)
#define US_PER_MINUTE (60 * US_PER_SECOND)
#define US_PER_HOUR (60 * US_PER_MINUTE)
#define US_PER_DAY (24 * US_PER_HOUR)

/* Texts: 'y' with up to 7 digits and a sign, and 27 more bytes. No printer writes more. */
enum { CIVIL_TEXT_MAX = 40, CIVIL_YEAR_MIN = -290000, CIVIL_YEAR_MAX = 290000 };

typedef struct Civil {
    int32_t year; /* 0 is the year before 1 */
    int32_t month, day;
    int32_t hour, minute, second, micro;
} Civil;

/* Any day of any month; month 1..12 (day may be out of range and counts on). */
int32_t civil_days(int32_t year, int32_t month, int32_t day);
void civil_from_days(int32_t days, Civil *out); /* sets the date part only */
void civil_from_us(int64_t us, Civil *out);
int64_t civil_to_us(const Civil *c);
bool civil_is_leap(int32_t year);
int32_t civil_month_days(int32_t year, int32_t month);
bool civil_is_valid(const Civil *c); /* all fields in range */

static inline int64_t civil_floor_div(int64_t a, int64_t b) { /* b > 0 */
    int64_t q = a / b;
    return q - (a % b < 0);
}
static inline int32_t civil_us_to_days(int64_t us) {
    return (int32_t)civil_floor_div(us, US_PER_DAY);
}
static inline int64_t civil_time_of_day(int64_t us) {
    int64_t rest = us % US_PER_DAY;
    return rest < 0 ? rest + US_PER_DAY : rest;
}

int32_t civil_weekday(int32_t days);                     /* 1 = Monday .. 7 = Sunday */
int32_t civil_year_day(int32_t days);                    /* 1..366 */
int32_t civil_iso_week(int32_t days, int32_t *iso_year); /* 1..53; iso_year may be NULL */
/* Months added, the day cut to the month's last one. */
int32_t civil_add_months(int32_t days, int64_t months);
/* Whole months from one time to another, as TIMESTAMPDIFF counts them in Flink: Jan 31 to Feb 29 is
 * one, and backwards a part of a day counts as a month more. */
int64_t civil_months_between(int64_t from_us, int64_t to_us);

/* ---- text ---- */

/* Strict forms; the whole text or nothing. Fractions of more than 6 digits are cut.
 *   date: yyyy-MM-dd, at least 4 digits of year (a sign before more), month and day 1 or 2 digits
 *   time: HH:mm[:ss[.fraction]]
 *   timestamp: date, then a blank or 'T', then time; a date alone is midnight */
bool civil_parse_date(Span text, int32_t *days);
bool civil_parse_time(Span text, int64_t *us);
bool civil_parse_timestamp(Span text, int64_t *us);
/* The same with an offset behind: 'Z', +HH, +HH:mm, +HHmm, +HH:mm:ss. *has_offset false and *us
 * local when there is none. */
bool civil_parse_offset(Span text, int32_t *seconds);
bool civil_parse_timestamp_offset(Span text, int64_t *us, bool *has_offset);

/* No NUL; bytes written. fraction: digits behind the second, 0..6, always all written. */
size_t civil_print_date(char *to, int32_t days);
size_t civil_print_time(char *to, int64_t us, int fraction);
size_t civil_print_timestamp(char *to, int64_t us, char separator, int fraction);
/* java.time's toString: seconds left out when zero, fraction in groups of three digits. */
size_t civil_print_time_java(char *to, int64_t us);
size_t civil_print_timestamp_java(char *to, int64_t us);
/* How many digits of fraction the microseconds need: 0..6. */
int civil_fraction_digits(int64_t us);

#endif
