/* civil_text.c -- dates and times as text.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/base.h"

/* ---- reading ---- */

/* Reads min..max digits at *at; false when there are fewer or another one follows. */
static bool civil_scan_digits(Span text, size_t *at, int min, int max, int32_t *out) {
    int32_t value = 0;
    int n = 0;
    for (; *at < text.len && n <= max; (*at)++, n++) {
        unsigned digit = (unsigned)(unsigned char)text.ptr[*at] - '0';
        if (digit > 9) break;
        if (n < max) value = value * 10 + (int32_t)digit;
    }
    *out = value;
    return n >= min && n <= max;
}

static bool civil_scan_char(Span text, size_t *at, char c) {
    if (*at >= text.len || text.ptr[*at] != c) return false;
    (*at)++;
    return true;
}

static bool civil_scan_date(Span text, size_t *at, Civil *c) {
    int day;
    /* yyyy-MM-dd, the usual form. */
    if (text.len - *at >= 10 && num_digits_fixed(text.ptr + *at, 4, &c->year) &&
        text.ptr[*at + 4] == '-' && num_digits_fixed(text.ptr + *at + 5, 2, &c->month) &&
        text.ptr[*at + 7] == '-' && num_digits_fixed(text.ptr + *at + 8, 2, &day)) {
        c->day = day;
        *at += 10;
        return true;
    }
    bool is_negative = civil_scan_char(text, at, '-');
    bool is_long = is_negative || civil_scan_char(text, at, '+');
    if (!civil_scan_digits(text, at, 4, is_long ? 6 : 4, &c->year)) return false;
    if (is_negative) c->year = -c->year;
    return civil_scan_char(text, at, '-') && civil_scan_digits(text, at, 1, 2, &c->month) &&
           civil_scan_char(text, at, '-') && civil_scan_digits(text, at, 1, 2, &c->day);
}

/* Digits behind the point: at least one, those behind the sixth are dropped. */
static bool civil_scan_fraction(Span text, size_t *at, int32_t *micro) {
    int32_t value = 0;
    int n = 0;
    for (; *at < text.len; (*at)++, n++) {
        unsigned digit = (unsigned)(unsigned char)text.ptr[*at] - '0';
        if (digit > 9) break;
        if (n < 6) value = value * 10 + (int32_t)digit;
    }
    for (int i = n; i < 6; i++) value *= 10;
    *micro = value;
    return n > 0;
}

static bool civil_scan_time(Span text, size_t *at, Civil *c) {
    c->second = c->micro = 0;
    if (!civil_scan_digits(text, at, 1, 2, &c->hour) || !civil_scan_char(text, at, ':') ||
        !civil_scan_digits(text, at, 1, 2, &c->minute))
        return false;
    if (!civil_scan_char(text, at, ':')) return true;
    if (!civil_scan_digits(text, at, 1, 2, &c->second)) return false;
    if (!civil_scan_char(text, at, '.')) return true;
    return civil_scan_fraction(text, at, &c->micro);
}

bool civil_parse_date(Span text, int32_t *days) {
    Civil c = {0};
    size_t at = 0;
    if (!civil_scan_date(text, &at, &c) || at != text.len || !civil_is_valid(&c)) return false;
    *days = civil_days(c.year, c.month, c.day);
    return true;
}

bool civil_parse_time(Span text, int64_t *us) {
    Civil c = {.year = 1970, .month = 1, .day = 1};
    size_t at = 0;
    if (!civil_scan_time(text, &at, &c) || at != text.len || !civil_is_valid(&c)) return false;
    *us = civil_to_us(&c);
    return true;
}

/* Date and time, up to what follows. */
static bool civil_scan_timestamp(Span text, size_t *at, Civil *c) {
    if (!civil_scan_date(text, at, c)) return false;
    if (*at == text.len) return true;
    if (!civil_scan_char(text, at, ' ') && !civil_scan_char(text, at, 'T')) return false;
    return civil_scan_time(text, at, c);
}

bool civil_parse_timestamp(Span text, int64_t *us) {
    Civil c = {0};
    size_t at = 0;
    if (!civil_scan_timestamp(text, &at, &c) || at != text.len || !civil_is_valid(&c)) return false;
    *us = civil_to_us(&c);
    return true;
}

bool civil_parse_offset(Span text, int32_t *seconds) {
    if (span_is(text, "Z") || span_is(text, "z")) return *seconds = 0, true;
    if (text.len < 2 || (text.ptr[0] != '+' && text.ptr[0] != '-')) return false;
    int32_t part[3] = {0};
    size_t at = 1;
    bool has_colon = false;
    for (int i = 0; i < 3 && at < text.len; i++) {
        if (i == 1) has_colon = text.ptr[at] == ':';
        if (i > 0 && has_colon && !civil_scan_char(text, &at, ':')) return false;
        if (text.len - at >= 2 && num_digits_fixed(text.ptr + at, 2, &part[i])) {
            at += 2;
        } else if (i > 0 || text.len - at != 1 || !num_digits_fixed(text.ptr + at, 1, &part[0])) {
            return false;
        } else { /* +H */
            at++;
        }
    }
    if (at != text.len || part[0] > 18 || part[1] > 59 || part[2] > 59) return false;
    int32_t total = part[0] * 3600 + part[1] * 60 + part[2];
    if (total > 18 * 3600) return false;
    *seconds = text.ptr[0] == '-' ? -total : total;
    return true;
}

bool civil_parse_timestamp_offset(Span text, int64_t *us, bool *has_offset) {
    Civil c = {0};
    size_t at = 0;
    if (!civil_scan_timestamp(text, &at, &c) || !civil_is_valid(&c)) return false;
    *us = civil_to_us(&c);
    *has_offset = at < text.len;
    if (!*has_offset) return true;
    int32_t seconds;
    if (text.ptr[at] == ' ' && at + 1 < text.len) at++;
    if (!civil_parse_offset((Span){text.ptr + at, text.len - at}, &seconds)) return false;
    *us -= seconds * US_PER_SECOND;
    return true;
}

/* ---- writing ---- */

static void civil_put2(char *to, int32_t value) {
    to[0] = (char)('0' + value / 10);
    to[1] = (char)('0' + value % 10);
}

static size_t civil_put_year(char *to, int32_t year) {
    if (year >= 0 && year <= 9999) {
        civil_put2(to, year / 100);
        civil_put2(to + 2, year % 100);
        return 4;
    }
    to[0] = year < 0 ? '-' : '+';
    int32_t magnitude = year < 0 ? -year : year;
    size_t n = 1;
    for (int32_t unit = 1000; unit > magnitude && unit > 1; unit /= 10) to[n++] = '0';
    return n + num_print_u64(to + n, (uint64_t)magnitude);
}

static size_t civil_put_date(char *to, const Civil *c) {
    size_t n = civil_put_year(to, c->year);
    to[n] = '-';
    civil_put2(to + n + 1, c->month);
    to[n + 3] = '-';
    civil_put2(to + n + 4, c->day);
    return n + 6;
}

static size_t civil_put_fraction(char *to, int32_t micro, int digits) {
    if (digits == 0) return 0;
    to[0] = '.';
    int32_t unit = 100000;
    for (int i = 0; i < digits; i++, unit /= 10) to[1 + i] = (char)('0' + micro / unit % 10);
    return (size_t)digits + 1;
}

static size_t civil_put_time(char *to, const Civil *c, int fraction) {
    civil_put2(to, c->hour);
    to[2] = ':';
    civil_put2(to + 3, c->minute);
    to[5] = ':';
    civil_put2(to + 6, c->second);
    return 8 + civil_put_fraction(to + 8, c->micro, fraction);
}

/* Seconds and fraction only as far as they are not zero. */
static size_t civil_put_time_java(char *to, const Civil *c) {
    if (c->second == 0 && c->micro == 0) return civil_put_time(to, c, 0) - 3;
    return civil_put_time(to, c, c->micro == 0 ? 0 : c->micro % 1000 == 0 ? 3 : 6);
}

size_t civil_print_date(char *to, int32_t days) {
    Civil c;
    civil_from_days(days, &c);
    return civil_put_date(to, &c);
}

size_t civil_print_time(char *to, int64_t us, int fraction) {
    Civil c;
    civil_from_us(us, &c);
    return civil_put_time(to, &c, fraction);
}

size_t civil_print_timestamp(char *to, int64_t us, char separator, int fraction) {
    Civil c;
    civil_from_us(us, &c);
    size_t n = civil_put_date(to, &c);
    to[n++] = separator;
    return n + civil_put_time(to + n, &c, fraction);
}

size_t civil_print_time_java(char *to, int64_t us) {
    Civil c;
    civil_from_us(us, &c);
    return civil_put_time_java(to, &c);
}

size_t civil_print_timestamp_java(char *to, int64_t us) {
    Civil c;
    civil_from_us(us, &c);
    size_t n = civil_put_date(to, &c);
    to[n++] = 'T';
    return n + civil_put_time_java(to + n, &c);
}

int civil_fraction_digits(int64_t us) {
    int32_t micro = (int32_t)(civil_time_of_day(us) % US_PER_SECOND);
    int digits = 6;
    for (; digits > 0 && micro % 10 == 0; micro /= 10) digits--;
    return digits;
}
