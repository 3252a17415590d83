/* datefmt.c -- compiles and prints Java's date patterns.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "expr/datefmt.h"

#include "expr/datefmt_names.h"

enum { DATE_REPEAT_MAX = 19, DATE_FIELD_MAX = 64 };

const char *const datefmt_months[12] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
const char *const datefmt_weekdays[7] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                         "Friday", "Saturday", "Sunday"};

/* ---- compiling ---- */

static Status datefmt_bad(Span pattern, const char *what, Err *err) {
    FAIL(err, ST_INVALID, "22007", -1, "the date pattern '%.*s' is not valid: %s",
         (int)(pattern.len > 100 ? 100 : pattern.len), pattern.ptr, what);
}

/* A quoted text at pattern[*at] (the opening quote); '' is one quote. */
static bool datefmt_quoted(Arena *arena, Span pattern, size_t *at, Span *out) {
    char *text = arena_alloc(arena, pattern.len);
    size_t n = 0, i = *at + 1;
    if (i < pattern.len && pattern.ptr[i] == '\'') { /* '' outside quotes */
        *out = SPAN("'");
        *at = i + 1;
        return true;
    }
    for (; i < pattern.len; i++) {
        if (pattern.ptr[i] != '\'') {
            text[n++] = pattern.ptr[i];
        } else if (i + 1 < pattern.len && pattern.ptr[i + 1] == '\'') {
            text[n++] = pattern.ptr[i++];
        } else {
            *out = (Span){text, n};
            *at = i + 1;
            return true;
        }
    }
    return false;
}

/* Fields that are a fixed number of digits when their letter is repeated n times; 0: not fixed. */
static int datefmt_fixed_width(const DateItem *item) {
    switch (item->letter) {
    case 'M':
    case 'L': return item->n == 2 ? 2 : 0;
    case 'd':
    case 'H':
    case 'h':
    case 'k':
    case 'K':
    case 'm':
    case 's': return item->n == 2 ? 2 : 0;
    case 'D': return item->n == 3 ? 3 : 0;
    case 'y':
    case 'u': return item->n == 2 ? 2 : 0;
    case 'S': return item->n;
    default: return 0;
    }
}

/* A number of open width leaves to the fixed ones right behind it what they need: yyyyMMdd. */
static void datefmt_reserve(DateFormat *format) {
    int behind = 0;
    for (uint32_t i = format->n; i-- > 0;) {
        DateItem *item = &format->items[i];
        int width = datefmt_fixed_width(item);
        item->reserved = (int8_t)(behind > 100 ? 100 : behind);
        behind = width ? behind + width : 0;
    }
}

static Status datefmt_add_field(Span pattern, DateItem *item, DateFormat *format, Err *err) {
    static const char letters[] = "GuyDMLdQqYwWEecFahHkKmsSAnNVzOXxZB";
    if (!strchr(letters, item->letter)) {
        char what[] = "unknown letter 'x'";
        what[16] = item->letter;
        return datefmt_bad(pattern, what, err);
    }
    if (item->n > DATE_REPEAT_MAX || (strchr("dhHkKms", item->letter) && item->n > 2) ||
        (item->letter == 'S' && item->n > 9))
        return datefmt_bad(pattern, "too many letters in a row", err);
    format->has_zone |= strchr("VzOXxZ", item->letter) != NULL;
    format->text_max += DATE_FIELD_MAX;
    return ST_OK;
}

Status datefmt_compile(Arena *arena, Span pattern, const DateFormat **out, Err *err) {
    DateFormat *format = arena_new(arena, DateFormat);
    uint16_t open[16];
    uint32_t n_open = 0;
    if (pattern.len > 1000) return datefmt_bad(pattern, "it is too long", err);
    format->items = arena_array(arena, DateItem, pattern.len + 1);
    for (size_t i = 0; i < pattern.len;) {
        char c = pattern.ptr[i];
        DateItem *item = &format->items[format->n++];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
            size_t from = i;
            while (i < pattern.len && pattern.ptr[i] == c) i++;
            item->letter = c;
            item->n = (uint8_t)(i - from > 200 ? 200 : i - from);
            TRY(datefmt_add_field(pattern, item, format, err));
        } else if (c == '\'') {
            if (!datefmt_quoted(arena, pattern, &i, &item->text))
                return datefmt_bad(pattern, "a quote is not closed", err);
            format->text_max += item->text.len;
        } else if (c == '[' || c == ']') {
            if (c == '[' ? n_open == 16 : n_open == 0)
                return datefmt_bad(pattern, "brackets do not match", err);
            item->letter = c;
            if (c == '[') {
                open[n_open++] = (uint16_t)(format->n - 1);
            } else {
                format->items[open[--n_open]].end = (uint16_t)(format->n - 1);
            }
            i++;
        } else if (c == '{' || c == '}' || c == '#') {
            return datefmt_bad(pattern, "{, } and # are reserved", err);
        } else {
            item->text =
                (Span){pattern.ptr + i, utf8_char_len((Span){pattern.ptr + i, pattern.len - i})};
            item->text = span_copy(arena, item->text);
            format->text_max += item->text.len;
            i += item->text.len;
        }
    }
    while (n_open > 0) format->items[open[--n_open]].end = (uint16_t)format->n;
    datefmt_reserve(format);
    *out = format;
    return ST_OK;
}

/* ---- printing ---- */

/* What the fields are taken from. */
typedef struct DateParts {
    Civil c;
    int32_t days;
    int64_t time; /* microseconds of the day */
    const Zone *zone;
    const ZonePart *part;
} DateParts;

static size_t datefmt_number(char *to, int64_t value, int width) {
    char digits[NUM_I64_MAX_LEN];
    size_t n = 0, len;
    if (value < 0) {
        to[n++] = '-';
        value = -value;
    }
    len = num_print_u64(digits, (uint64_t)value);
    for (int i = (int)len; i < width; i++) to[n++] = '0';
    memcpy(to + n, digits, len);
    return n + len;
}

static size_t datefmt_text(char *to, const char *text, size_t len_max) {
    size_t len = strlen(text);
    if (len > len_max) len = len_max;
    memcpy(to, text, len);
    return len;
}

static size_t datefmt_year(char *to, int32_t year, int n) {
    if (n == 2) return datefmt_number(to, (year % 100 + 100) % 100, 2);
    size_t plus = n >= 4 && year > 9999 ? 1 : 0;
    if (plus) *to = '+';
    return plus + datefmt_number(to + plus, year, n);
}

/* Weeks of the United States: they begin on Sunday, the first one holds January 1st. */
static int32_t datefmt_us_week(const DateParts *p, int32_t *week_year) {
    int32_t sunday = p->days - civil_weekday(p->days) % 7;
    Civil end;
    civil_from_days(sunday + 6, &end);
    int32_t first = civil_days(end.year, 1, 1);
    *week_year = end.year;
    return (sunday - (first - civil_weekday(first) % 7)) / 7 + 1;
}

static size_t datefmt_put_week(char *to, const DateItem *item, const DateParts *p) {
    int32_t week_year, week = datefmt_us_week(p, &week_year);
    if (item->letter == 'Y') return datefmt_year(to, week_year, item->n);
    if (item->letter == 'w') return datefmt_number(to, week, item->n);
    int32_t first = civil_weekday(p->days - p->c.day + 1) % 7;
    return datefmt_number(to, (p->c.day - 1 + first) / 7 + 1, item->n);
}

static size_t datefmt_put_quarter(char *to, const DateItem *item, const DateParts *p) {
    static const char *const names[] = {"1st quarter", "2nd quarter", "3rd quarter", "4th quarter"};
    int32_t quarter = (p->c.month + 2) / 3;
    if (item->n <= 2) return datefmt_number(to, quarter, item->n);
    if (item->n == 4) return datefmt_text(to, names[quarter - 1], SIZE_MAX);
    size_t len = item->n == 3 ? datefmt_text(to, "Q", 1) : 0;
    return len + datefmt_number(to + len, quarter, 1);
}

static size_t datefmt_put_weekday(char *to, const DateItem *item, const DateParts *p) {
    int32_t weekday = civil_weekday(p->days);
    bool is_number = item->letter != 'E' && item->n <= 2;
    if (is_number) return datefmt_number(to, weekday % 7 + 1, item->n);
    return datefmt_text(to, datefmt_weekdays[weekday - 1],
                        item->n == 4   ? SIZE_MAX
                        : item->n == 5 ? 1
                                       : 3);
}

static size_t datefmt_put_month(char *to, const DateItem *item, const DateParts *p) {
    if (item->n <= 2) return datefmt_number(to, p->c.month, item->n);
    return datefmt_text(to, datefmt_months[p->c.month - 1],
                        item->n == 4   ? SIZE_MAX
                        : item->n == 5 ? 1
                                       : 3);
}

static size_t datefmt_put_day_period(char *to, const DateParts *p) {
    int32_t hour = p->c.hour;
    const char *text = hour == 0 && p->c.minute == 0    ? "midnight"
                       : hour == 12 && p->c.minute == 0 ? "noon"
                       : hour < 6                       ? "at night"
                       : hour < 12                      ? "in the morning"
                       : hour < 18                      ? "in the afternoon"
                       : hour < 21                      ? "in the evening"
                                                        : "at night";
    return datefmt_text(to, text, SIZE_MAX);
}

/* +HH, +HHmm or +HH:mm (with seconds when there are any). */
static size_t datefmt_put_offset(char *to, int32_t offset, bool with_minutes, bool with_colon) {
    int32_t magnitude = offset < 0 ? -offset : offset;
    size_t n = 0;
    to[n++] = offset < 0 ? '-' : '+';
    n += datefmt_number(to + n, magnitude / 3600, 2);
    if (!with_minutes && magnitude % 3600 == 0) return n;
    if (with_colon) to[n++] = ':';
    n += datefmt_number(to + n, magnitude / 60 % 60, 2);
    if (magnitude % 60 == 0) return n;
    if (with_colon) to[n++] = ':';
    return n + datefmt_number(to + n, magnitude % 60, 2);
}

static size_t datefmt_put_zone(char *to, const DateItem *item, const DateParts *p) {
    int32_t offset = p->part->offset;
    Span name = zone_name(p->zone);
    size_t n;
    switch (item->letter) {
    case 'V': memcpy(to, name.ptr, name.len); return name.len;
    case 'z': return datefmt_text(to, p->part->abbrev, DATE_FIELD_MAX);
    case 'O':
        n = datefmt_text(to, "GMT", 3);
        if (offset == 0) return n;
        if (item->n == 4) return n + datefmt_put_offset(to + n, offset, true, true);
        to[n++] = offset < 0 ? '-' : '+';
        n += datefmt_number(to + n, (offset < 0 ? -offset : offset) / 3600, 1);
        if (offset % 3600 == 0) return n;
        to[n++] = ':';
        return n + datefmt_number(to + n, (offset < 0 ? -offset : offset) / 60 % 60, 2);
    case 'X':
        if (offset == 0) return datefmt_text(to, "Z", 1);
        return datefmt_put_offset(to, offset, item->n > 1, item->n == 3 || item->n == 5);
    case 'x': return datefmt_put_offset(to, offset, item->n > 1, item->n == 3 || item->n == 5);
    default: /* Z */
        if (item->n == 5 && offset == 0) return datefmt_text(to, "Z", 1);
        n = item->n == 4 ? datefmt_text(to, "GMT", 3) : 0;
        if (item->n == 4 && offset == 0) return n;
        return n + datefmt_put_offset(to + n, offset, true, item->n >= 4);
    }
}

static size_t datefmt_put_fraction(char *to, int32_t micro, int n) {
    static const int32_t units[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
    if (n <= 6) return datefmt_number(to, micro / units[n], n);
    size_t len = datefmt_number(to, micro, 6);
    memset(to + len, '0', (size_t)n - 6);
    return (size_t)n;
}

static size_t datefmt_put_time(char *to, const DateItem *item, const DateParts *p) {
    int32_t hour = p->c.hour;
    switch (item->letter) {
    case 'H': return datefmt_number(to, hour, item->n);
    case 'k': return datefmt_number(to, hour ? hour : 24, item->n);
    case 'K': return datefmt_number(to, hour % 12, item->n);
    case 'h': return datefmt_number(to, hour % 12 ? hour % 12 : 12, item->n);
    case 'm': return datefmt_number(to, p->c.minute, item->n);
    case 's': return datefmt_number(to, p->c.second, item->n);
    case 'S': return datefmt_put_fraction(to, p->c.micro, item->n);
    case 'A': return datefmt_number(to, p->time / US_PER_MS, item->n);
    case 'n': return datefmt_number(to, (int64_t)p->c.micro * 1000, item->n);
    case 'N': return datefmt_number(to, p->time * 1000, item->n);
    case 'a': return datefmt_text(to, hour < 12 ? "AM" : "PM", 2);
    default: return datefmt_put_day_period(to, p); /* B */
    }
}

static size_t datefmt_put_field(char *to, const DateItem *item, const DateParts *p) {
    int32_t year = p->c.year;
    switch (item->letter) {
    case 'u': return datefmt_year(to, year, item->n);
    case 'y': return datefmt_year(to, year > 0 ? year : 1 - year, item->n);
    case 'G':
        if (item->n == 4) return datefmt_text(to, year > 0 ? "Anno Domini" : "Before Christ", 99);
        return datefmt_text(to, year > 0 ? "AD" : "BC", item->n == 5 ? 1 : 2);
    case 'M':
    case 'L': return datefmt_put_month(to, item, p);
    case 'd': return datefmt_number(to, p->c.day, item->n);
    case 'D': return datefmt_number(to, civil_year_day(p->days), item->n);
    case 'F': return datefmt_number(to, (p->c.day - 1) / 7 + 1, item->n);
    case 'Q':
    case 'q': return datefmt_put_quarter(to, item, p);
    case 'Y':
    case 'w':
    case 'W': return datefmt_put_week(to, item, p);
    case 'E':
    case 'e':
    case 'c': return datefmt_put_weekday(to, item, p);
    case 'V':
    case 'z':
    case 'O':
    case 'X':
    case 'x':
    case 'Z': return datefmt_put_zone(to, item, p);
    default: return datefmt_put_time(to, item, p);
    }
}

size_t datefmt_print(const DateFormat *format, int64_t local_us, const Zone *zone,
                     const ZonePart *part, char *to) {
    DateParts p = {.days = civil_us_to_days(local_us), .zone = zone, .part = part};
    size_t n = 0;
    assert(part || !format->has_zone);
    p.time = local_us - p.days * US_PER_DAY;
    civil_from_us(local_us, &p.c);
    for (uint32_t i = 0; i < format->n; i++) {
        const DateItem *item = &format->items[i];
        if (item->letter == '[' || item->letter == ']') continue;
        if (item->letter) {
            n += datefmt_put_field(to + n, item, &p);
        } else {
            memcpy(to + n, item->text.ptr, item->text.len);
            n += item->text.len;
        }
    }
    assert(n <= format->text_max);
    return n;
}
