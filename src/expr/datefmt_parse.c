/* datefmt_parse.c -- reads text by a compiled date pattern, as java.time does in its SMART mode.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/datefmt.h"
#include "expr/datefmt_names.h"

/* Fields as read; -1 is absent (years have has_year). */
typedef struct DateRead {
    Span text;
    size_t at;
    bool has_year;
    int64_t year, month, day, year_day, quarter, weekday, era;
    int64_t hour, hour12, half, minute, second, micro, time_us; /* time_us: 'A' and 'N' */
} DateRead;

/* `min` to `max` digits, leaving `reserved` of the run to the fields behind. */
static bool read_digits(DateRead *r, int min, int max, int reserved, int64_t *out) {
    size_t run = 0;
    while (r->at + run < r->text.len && (unsigned)(r->text.ptr[r->at + run] - '0') <= 9) run++;
    int take = (int)(run > 100 ? 100 : run) - reserved;
    if (take > max) take = max;
    if (take < min || take > 18) return false;
    int64_t value = 0;
    for (int i = 0; i < take; i++) value = value * 10 + (r->text.ptr[r->at + (size_t)i] - '0');
    r->at += (size_t)take;
    *out = value;
    return true;
}

static bool read_number(DateRead *r, const DateItem *item, int64_t *out) {
    bool is_fixed = item->n == 2 || (item->letter == 'D' && item->n == 3);
    if (is_fixed) return read_digits(r, item->n, item->n, 0, out);
    return read_digits(r, item->n, 18, item->reserved, out);
}

static bool read_year(DateRead *r, const DateItem *item) {
    r->has_year = true;
    if (item->n == 2) {
        if (!read_digits(r, 2, 2, 0, &r->year)) return false;
        r->year += 2000;
        return true;
    }
    bool is_negative = false;
    if (r->at < r->text.len && (r->text.ptr[r->at] == '-' || r->text.ptr[r->at] == '+'))
        is_negative = r->text.ptr[r->at++] == '-';
    if (!read_digits(r, item->n < 4 ? item->n : 4, 9, item->reserved, &r->year)) return false;
    if (is_negative) r->year = -r->year;
    return true;
}

/* One of n names, in full or cut to 3 letters; the index from 1. */
static bool read_name(DateRead *r, const char *const *names, int n, bool is_full, int64_t *out) {
    for (int i = 0; i < n; i++) {
        size_t len = is_full ? strlen(names[i]) : 3;
        if (r->text.len - r->at < len || memcmp(r->text.ptr + r->at, names[i], len) != 0) continue;
        r->at += len;
        *out = i + 1;
        return true;
    }
    return false;
}

static bool read_fraction(DateRead *r, const DateItem *item) {
    if (!read_digits(r, item->n, item->n, 0, &r->micro)) return false;
    for (int i = item->n; i < 6; i++) r->micro *= 10;
    for (int i = item->n; i > 6; i--) r->micro /= 10;
    return true;
}

/* An offset or a zone's name: read over, since the result is local time. */
static bool read_zone(DateRead *r, const DateItem *item) {
    size_t from = r->at;
    for (; r->at < r->text.len; r->at++) {
        char c = r->text.ptr[r->at];
        bool is_sign = c == '+' || c == '-', is_digit = (unsigned)(c - '0') <= 9;
        bool is_word = ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '/' || c == '_';
        if (!is_digit && c != ':' && !(is_sign && (r->at == from || item->letter != 'Z')) &&
            !is_word)
            break;
    }
    Span word = {r->text.ptr + from, r->at - from};
    int32_t seconds;
    if (strchr("XxZ", item->letter)) return civil_parse_offset(word, &seconds);
    return word.len > 0;
}

static bool read_clock(DateRead *r, const DateItem *item) {
    switch (item->letter) {
    case 'H': return read_number(r, item, &r->hour) && r->hour <= 23;
    case 'k':
        if (!read_number(r, item, &r->hour) || r->hour < 1 || r->hour > 24) return false;
        r->hour %= 24;
        return true;
    case 'K': return read_number(r, item, &r->hour12) && r->hour12 <= 11;
    case 'h':
        if (!read_number(r, item, &r->hour12) || r->hour12 < 1 || r->hour12 > 12) return false;
        r->hour12 %= 12;
        return true;
    case 'm': return read_number(r, item, &r->minute) && r->minute <= 59;
    case 's': return read_number(r, item, &r->second) && r->second <= 59;
    case 'S': return read_fraction(r, item);
    case 'n':
        if (!read_number(r, item, &r->micro)) return false;
        r->micro /= 1000;
        return r->micro < US_PER_SECOND;
    case 'A':
        if (!read_number(r, item, &r->time_us) || r->time_us >= US_PER_DAY / US_PER_MS)
            return false;
        r->time_us *= US_PER_MS;
        return true;
    default: return false;
    }
}

static bool read_half(DateRead *r) {
    static const char *const halves[] = {"AM ", "PM "};
    Span rest = {r->text.ptr + r->at, r->text.len - r->at};
    for (int i = 0; i < 2; i++) {
        if (rest.len < 2 || memcmp(rest.ptr, halves[i], 2) != 0) continue;
        r->half = i;
        r->at += 2;
        return true;
    }
    return false;
}

static bool read_era(DateRead *r) {
    Span rest = {r->text.ptr + r->at, r->text.len - r->at};
    if (!span_starts_with(rest, "AD") && !span_starts_with(rest, "BC")) return false;
    r->era = rest.ptr[0] == 'A';
    r->at += 2;
    return true;
}

static bool read_field(DateRead *r, const DateItem *item) {
    switch (item->letter) {
    case 'y':
    case 'u': return read_year(r, item);
    case 'M':
    case 'L':
        if (item->n >= 3) return read_name(r, datefmt_months, 12, item->n == 4, &r->month);
        return read_number(r, item, &r->month) && r->month >= 1 && r->month <= 12;
    case 'd': return read_number(r, item, &r->day) && r->day >= 1 && r->day <= 31;
    case 'D': return read_number(r, item, &r->year_day) && r->year_day >= 1 && r->year_day <= 366;
    case 'Q':
    case 'q':
        return item->n <= 2 && read_number(r, item, &r->quarter) && r->quarter >= 1 &&
               r->quarter <= 4;
    case 'E': return read_name(r, datefmt_weekdays, 7, item->n == 4, &r->weekday);
    case 'a': return read_half(r);
    case 'G': return read_era(r);
    case 'V':
    case 'z':
    case 'O':
    case 'X':
    case 'x':
    case 'Z': return read_zone(r, item);
    default: return read_clock(r, item);
    }
}

static bool read_items(DateRead *r, const DateFormat *format, uint32_t from, uint32_t to) {
    for (uint32_t i = from; i < to; i++) {
        const DateItem *item = &format->items[i];
        if (item->letter == ']') continue;
        if (item->letter == '[') { /* all of the part or nothing */
            DateRead before = *r;
            if (!read_items(r, format, i + 1, item->end)) *r = before;
            i = item->end;
            continue;
        }
        if (item->letter) {
            if (!read_field(r, item)) return false;
            continue;
        }
        Span rest = {r->text.ptr + r->at, r->text.len - r->at};
        if (rest.len < item->text.len || memcmp(rest.ptr, item->text.ptr, item->text.len) != 0)
            return false;
        r->at += item->text.len;
    }
    return true;
}

static bool read_resolve_date(const DateRead *r, int32_t *days) {
    int64_t year = r->has_year ? r->year : 1970;
    if (r->era == 0) year = 1 - year;
    if (year < CIVIL_YEAR_MIN || year > CIVIL_YEAR_MAX) return false;
    int32_t y = (int32_t)year;
    if (r->year_day > 0 && r->month < 0 && r->day < 0) {
        if (r->year_day > (civil_is_leap(y) ? 366 : 365)) return false;
        *days = civil_days(y, 1, 1) + (int32_t)r->year_day - 1;
    } else {
        int32_t month = r->month > 0     ? (int32_t)r->month
                        : r->quarter > 0 ? (int32_t)r->quarter * 3 - 2
                                         : 1;
        int32_t day = r->day > 0 ? (int32_t)r->day : 1, last = civil_month_days(y, month);
        *days = civil_days(y, month, day < last ? day : last);
    }
    return r->weekday < 0 || civil_weekday(*days) == r->weekday;
}

bool datefmt_parse(const DateFormat *format, Span text, bool is_prefix, int64_t *local_us) {
    DateRead r = {.text = text,
                  .month = -1,
                  .day = -1,
                  .year_day = -1,
                  .quarter = -1,
                  .weekday = -1,
                  .era = -1,
                  .hour = -1,
                  .hour12 = -1,
                  .half = -1,
                  .time_us = -1};
    int32_t days;
    if (!read_items(&r, format, 0, format->n)) return false;
    if (!is_prefix && r.at != text.len) return false;
    if (!read_resolve_date(&r, &days)) return false;
    int64_t hour = r.hour >= 0 ? r.hour : r.hour12 >= 0 ? r.hour12 + (r.half > 0 ? 12 : 0) : 0;
    int64_t time = (hour * 3600 + r.minute * 60 + r.second) * US_PER_SECOND + r.micro;
    if (r.time_us >= 0) time = r.time_us;
    *local_us = days * US_PER_DAY + time;
    return true;
}
