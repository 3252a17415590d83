/* civil.c -- calendar arithmetic.
 *
 * Years are counted from March, so that the leap day is the last of the year, in eras of 400 years
 * (146,097 days). SPDX-License-Identifier: Apache-2.0
 */
#include "base/base.h"

enum { ERA_DAYS = 146097, EPOCH_SHIFT = 719468 /* days from 0000-03-01 to 1970-01-01 */ };

bool civil_is_leap(int32_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int32_t civil_month_days(int32_t year, int32_t month) {
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && civil_is_leap(year));
}

int32_t civil_days(int32_t year, int32_t month, int32_t day) {
    year -= month <= 2;
    int32_t era = (year >= 0 ? year : year - 399) / 400;
    int32_t year_of_era = year - era * 400;
    int32_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * ERA_DAYS + day_of_era - EPOCH_SHIFT;
}

void civil_from_days(int32_t days, Civil *out) {
    int64_t z = (int64_t)days + EPOCH_SHIFT;
    int32_t era = (int32_t)((z >= 0 ? z : z - ERA_DAYS + 1) / ERA_DAYS);
    int32_t day = (int32_t)(z - (int64_t)era * ERA_DAYS);
    int32_t year_of_era = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int32_t day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int32_t shifted = (5 * day_of_year + 2) / 153; /* months since March */
    out->day = day_of_year - (153 * shifted + 2) / 5 + 1;
    out->month = shifted < 10 ? shifted + 3 : shifted - 9;
    out->year = year_of_era + era * 400 + (out->month <= 2);
}

void civil_from_us(int64_t us, Civil *out) {
    int32_t days = civil_us_to_days(us);
    int64_t rest = civil_time_of_day(us);
    civil_from_days(days, out);
    int32_t seconds = (int32_t)(rest / US_PER_SECOND);
    out->micro = (int32_t)(rest % US_PER_SECOND);
    out->hour = seconds / 3600;
    out->minute = seconds / 60 % 60;
    out->second = seconds % 60;
}

int64_t civil_to_us(const Civil *c) {
    return civil_days(c->year, c->month, c->day) * US_PER_DAY +
           (c->hour * 3600 + c->minute * 60 + c->second) * US_PER_SECOND + c->micro;
}

bool civil_is_valid(const Civil *c) {
    return c->year >= CIVIL_YEAR_MIN && c->year <= CIVIL_YEAR_MAX && c->month >= 1 &&
           c->month <= 12 && c->day >= 1 && c->day <= civil_month_days(c->year, c->month) &&
           c->hour >= 0 && c->hour < 24 && c->minute >= 0 && c->minute < 60 && c->second >= 0 &&
           c->second < 60 && c->micro >= 0 && c->micro < US_PER_SECOND;
}

int32_t civil_weekday(int32_t days) { /* 1970-01-01 was a Thursday */
    int32_t rest = (int32_t)(((int64_t)days + 3) % 7);
    return (rest < 0 ? rest + 7 : rest) + 1;
}

int32_t civil_year_day(int32_t days) {
    Civil c;
    civil_from_days(days, &c);
    return days - civil_days(c.year, 1, 1) + 1;
}

int32_t civil_iso_week(int32_t days, int32_t *iso_year) {
    /* The week belongs to the year of its Thursday. */
    int32_t thursday = days - civil_weekday(days) + 4;
    Civil c;
    civil_from_days(thursday, &c);
    if (iso_year) *iso_year = c.year;
    return (thursday - civil_days(c.year, 1, 1)) / 7 + 1;
}

int32_t civil_add_months(int32_t days, int64_t months) {
    Civil c;
    civil_from_days(days, &c);
    int64_t total = (int64_t)c.year * 12 + c.month - 1 + months;
    int64_t year = civil_floor_div(total, 12);
    if (year < CIVIL_YEAR_MIN) year = CIVIL_YEAR_MIN;
    if (year > CIVIL_YEAR_MAX) year = CIVIL_YEAR_MAX;
    int32_t month = (int32_t)(total - civil_floor_div(total, 12) * 12) + 1;
    int32_t last = civil_month_days((int32_t)year, month);
    return civil_days((int32_t)year, month, c.day < last ? c.day : last);
}

/* Months from day `from` to a later or equal day. */
static int64_t civil_months_up(int32_t from, int32_t to) {
    int64_t months = (to - from) / 31; /* never too many */
    while (civil_add_months(from, months) < to && civil_add_months(from, months + 1) <= to)
        months++;
    return months;
}

int64_t civil_months_between(int64_t from_us, int64_t to_us) {
    int32_t from = civil_us_to_days(from_us), to = civil_us_to_days(to_us);
    int64_t months = from <= to ? civil_months_up(from, to) : -civil_months_up(to, from);
    bool is_same_day = civil_add_months(from, months) == to;
    return months - (is_same_day && civil_time_of_day(to_us) < civil_time_of_day(from_us));
}
