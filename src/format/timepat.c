/* timepat.c -- compiles patterns of java.time's letters and reads texts by them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/timepat.h"

enum { TIMEPAT_DIGITS_MAX = 18, TIMEPAT_YEAR_DIGITS = 6 };

typedef enum TimeItemKind {
    TIME_LITERAL, /* one byte: letter */
    TIME_BLANKS,  /* one or more */
    TIME_NUMBER,  /* field `letter` in `min`..`max` digits */
    TIME_FRACTION,
    TIME_MONTH_NAME,
    TIME_DAY_NAME,
    TIME_AMPM,
    TIME_OFFSET,
    TIME_OPTIONAL, /* [ : `end` is the item behind ] */
    TIME_OPTIONAL_END
} TimeItemKind;

typedef struct TimeItem {
    uint8_t kind;
    char letter;
    uint8_t min, max; /* digits */
    uint8_t reserve;  /* digits that belong to the items behind */
    uint16_t end;
} TimeItem;

struct TimePattern {
    bool has_year;
    char epoch; /* 's' or 'm': the two words of our own */
    uint32_t n;
    TimeItem items[];
};

/* What has been read. */
typedef struct TimeParts {
    int32_t year, month, day, hour, minute, second, micro;
    int32_t hour12; /* -1: none */
    int32_t is_pm;
    int32_t offset; /* seconds */
    bool has_year, has_offset, is_short_year;
} TimeParts;

/* ---- compiling ---- */

static Status timepat_letter(char c, uint32_t count, int32_t pos, TimeItem *item, Err *err) {
    *item =
        (TimeItem){.kind = TIME_NUMBER, .letter = c, .min = (uint8_t)count, .max = (uint8_t)count};
    if (count > TIMEPAT_DIGITS_MAX) count = TIMEPAT_DIGITS_MAX;
    switch (c) {
    case 'u':
    case 'y':
        item->letter = 'y';
        if (count == 2) item->letter = 'Y'; /* 2000..2099 */
        if (count != 2) item->min = (uint8_t)count, item->max = TIMEPAT_YEAR_DIGITS;
        return ST_OK;
    case 'L':
    case 'M':
        item->letter = 'M';
        if (count > 2) item->kind = TIME_MONTH_NAME;
        break;
    case 'E': item->kind = TIME_DAY_NAME; break;
    case 'a': item->kind = TIME_AMPM; break;
    case 'S': item->kind = TIME_FRACTION; break;
    case 'X':
    case 'x':
    case 'Z': item->kind = TIME_OFFSET; break;
    case 'd':
    case 'H':
    case 'k':
    case 'K':
    case 'h':
    case 'm':
    case 's':
    case 'D': break;
    default:
        err_set(err, ST_INVALID, "22007", pos, __FILE__, __LINE__,
                "timestamp-format: letter '%c' is not known", c);
        return err_hint(err, "known: y M d D H h k K a m s S E Z X x, [ ] and quoted text");
    }
    if (item->kind == TIME_NUMBER && count == 1) item->max = c == 'D' ? 3 : 2;
    return ST_OK;
}

/* Digits right behind a field of free width are not its own. */
static void timepat_reserve(TimePattern *pattern) {
    for (uint32_t i = 0; i < pattern->n; i++) {
        uint32_t sum = 0;
        for (uint32_t k = i + 1; k < pattern->n; k++) {
            const TimeItem *next = &pattern->items[k];
            if (next->kind != TIME_NUMBER && next->kind != TIME_FRACTION) break;
            sum += next->min;
        }
        pattern->items[i].reserve = (uint8_t)sum;
    }
}

static Status timepat_close(TimePattern *pattern, int32_t pos, Err *err) {
    for (uint32_t i = pattern->n; i-- > 0;) {
        TimeItem *item = &pattern->items[i];
        if (item->kind != TIME_OPTIONAL || item->end) continue;
        item->end = (uint16_t)(pattern->n + 1);
        pattern->items[pattern->n++] = (TimeItem){.kind = TIME_OPTIONAL_END};
        return ST_OK;
    }
    FAIL(err, ST_INVALID, "22007", pos, "timestamp-format: ']' without '['");
}

static void timepat_literal(TimePattern *pattern, char c) {
    TimeItemKind kind = c == ' ' ? TIME_BLANKS : TIME_LITERAL;
    if (kind == TIME_BLANKS && pattern->n && pattern->items[pattern->n - 1].kind == TIME_BLANKS) {
        return;
    }
    pattern->items[pattern->n++] = (TimeItem){.kind = (uint8_t)kind, .letter = c};
}

/* 'literal' from the quote at *i on; two quotes are one, inside and outside. */
static Status timepat_quoted(TimePattern *to, Span text, size_t *i, int32_t pos, Err *err) {
    size_t start = ++*i;
    for (;; ++*i) {
        if (*i == text.len) {
            FAIL(err, ST_INVALID, "22007", pos, "timestamp-format: a quote is not closed");
        }
        if (text.ptr[*i] == '\'') {
            bool is_double = *i + 1 < text.len && text.ptr[*i + 1] == '\'';
            if (*i == start) { /* '' */
                timepat_literal(to, '\'');
                break;
            }
            if (!is_double) break;
            ++*i;
        }
        timepat_literal(to, text.ptr[*i]);
    }
    ++*i;
    return ST_OK;
}

static Status timepat_compile_items(TimePattern *to, Span text, int32_t pos, Err *err) {
    for (size_t i = 0; i < text.len;) {
        char c = text.ptr[i];
        uint32_t count = 1;
        if (c == '\'') {
            TRY(timepat_quoted(to, text, &i, pos, err));
            continue;
        }
        if (c == '[') {
            to->items[to->n++] = (TimeItem){.kind = TIME_OPTIONAL};
        } else if (c == ']') {
            TRY(timepat_close(to, pos, err));
        } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') {
            while (i + count < text.len && text.ptr[i + count] == c) count++;
            TRY(timepat_letter(c, count, pos, &to->items[to->n++], err));
            to->has_year |= c == 'y' || c == 'u';
        } else {
            timepat_literal(to, c);
        }
        i += count;
    }
    for (uint32_t i = 0; i < to->n; i++) {
        if (to->items[i].kind != TIME_OPTIONAL || to->items[i].end) continue;
        FAIL(err, ST_INVALID, "22007", pos, "timestamp-format: '[' is not closed");
    }
    return ST_OK;
}

Status timepat_compile(Arena *arena, Span text, int32_t pos, const TimePattern **out, Err *err) {
    TimePattern *pattern =
        arena_zalloc(arena, sizeof *pattern + sizeof *pattern->items * (text.len + 1));
    *out = pattern;
    if (span_is(text, "epoch-seconds") || span_is(text, "epoch-millis")) {
        pattern->epoch = text.ptr[6];
        pattern->has_year = true;
        return ST_OK;
    }
    TRY(timepat_compile_items(pattern, text, pos, err));
    timepat_reserve(pattern);
    return ST_OK;
}

bool timepat_has_year(const TimePattern *pattern) {
    return pattern->has_year;
}

/* ---- reading ---- */

static const char *timepat_digits(const char *p, const char *end, uint32_t min, uint32_t max,
                                  int64_t *out) {
    uint32_t n = 0;
    *out = 0;
    while (p < end && n < max && (unsigned char)(*p - '0') <= 9) {
        *out = *out * 10 + (*p++ - '0');
        n++;
    }
    return n >= min ? p : NULL;
}

static const char *timepat_number(const TimeItem *item, const char *p, const char *end,
                                  TimeParts *parts) {
    uint32_t max = item->max;
    int64_t value;
    if (item->min != item->max && item->reserve) { /* the longest run of digits, less theirs */
        uint32_t n = 0;
        while (p + n < end && (unsigned char)(p[n] - '0') <= 9) n++;
        max = n > item->reserve ? n - item->reserve : 0;
        if (max > item->max) max = item->max;
    }
    p = timepat_digits(p, end, item->min, max, &value);
    if (!p) return NULL;
    switch (item->letter) {
    case 'y': parts->year = (int32_t)value, parts->has_year = true; break;
    case 'Y': parts->year = (int32_t)value + 2000, parts->has_year = true; break;
    case 'M': parts->month = (int32_t)value; break;
    case 'D': parts->month = 1, parts->day = (int32_t)value; break;
    case 'd': parts->day = (int32_t)value; break;
    case 'H': parts->hour = (int32_t)value; break;
    case 'k': parts->hour = value == 24 ? 0 : (int32_t)value; break;
    case 'K': parts->hour12 = (int32_t)value; break;
    case 'h':
        if (value < 1 || value > 12) return NULL;
        parts->hour12 = (int32_t)value % 12;
        break;
    case 'm': parts->minute = (int32_t)value; break;
    default: parts->second = (int32_t)value;
    }
    return p;
}

static const char *timepat_fraction(const TimeItem *item, const char *p, const char *end,
                                    TimeParts *parts) {
    int64_t value;
    const char *q = timepat_digits(p, end, item->min, item->max, &value);
    if (!q) return NULL;
    for (int n = (int)(q - p); n < 6; n++) value *= 10;
    for (int n = (int)(q - p); n > 6; n--) value /= 10;
    parts->micro = (int32_t)value;
    return q;
}

static const char timepat_months[12][10] = {"January",   "February", "March",    "April",
                                            "May",       "June",     "July",     "August",
                                            "September", "October",  "November", "December"};
static const char timepat_days[7][10] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                         "Friday", "Saturday", "Sunday"};

/* A name or its first three letters; min = 3: three are enough. */
static const char *timepat_name(const char (*names)[10], int n, bool is_full, const char *p,
                                const char *end, int32_t *out) {
    for (int i = 0; i < n; i++) {
        size_t len = is_full ? strlen(names[i]) : 3;
        if ((size_t)(end - p) < len) continue;
        if (!span_eq_nocase((Span){p, len}, (Span){names[i], len})) continue;
        *out = i + 1;
        return p + len;
    }
    return NULL;
}

static const char *timepat_offset(const char *p, const char *end, TimeParts *parts) {
    const char *q = p;
    if (q < end && *q == 'Z') {
        q++;
    } else {
        if (q < end && (*q == '+' || *q == '-')) q++;
        while (q < end && ((unsigned char)(*q - '0') <= 9 || *q == ':')) q++;
    }
    if (q == p || !civil_parse_offset((Span){p, (size_t)(q - p)}, &parts->offset)) return NULL;
    parts->has_offset = true;
    return q;
}

static const char *timepat_item(const TimeItem *item, const char *p, const char *end,
                                TimeParts *parts) {
    int32_t ignored;
    switch ((TimeItemKind)item->kind) {
    case TIME_LITERAL: return p < end && *p == item->letter ? p + 1 : NULL;
    case TIME_BLANKS:
        if (p == end || *p != ' ') return NULL;
        while (p < end && *p == ' ') p++;
        return p;
    case TIME_NUMBER: return timepat_number(item, p, end, parts);
    case TIME_FRACTION: return timepat_fraction(item, p, end, parts);
    case TIME_MONTH_NAME:
        return timepat_name(timepat_months, 12, item->min > 3, p, end, &parts->month);
    case TIME_DAY_NAME: return timepat_name(timepat_days, 7, item->min > 3, p, end, &ignored);
    case TIME_AMPM:
        if (end - p < 2 || (p[1] | 0x20) != 'm') return NULL;
        if ((p[0] | 0x20) != 'a' && (p[0] | 0x20) != 'p') return NULL;
        parts->is_pm = (p[0] | 0x20) == 'p';
        return p + 2;
    case TIME_OFFSET: return timepat_offset(p, end, parts);
    default: return p;
    }
}

/* Items [i, n) over the text; an optional part that does not fit is tried as absent. */
static bool timepat_match(const TimePattern *pattern, uint32_t i, const char *p, const char *end,
                          TimeParts *parts) {
    for (; i < pattern->n; i++) {
        const TimeItem *item = &pattern->items[i];
        if (item->kind == TIME_OPTIONAL) {
            TimeParts with = *parts;
            if (timepat_match(pattern, i + 1, p, end, &with)) {
                *parts = with;
                return true;
            }
            i = item->end - 1u;
            continue;
        }
        p = timepat_item(item, p, end, parts);
        if (!p) return false;
    }
    return p == end;
}

/* ---- years ---- */

static bool timepat_set(const TimeParts *parts, int32_t year, int64_t *us) {
    Civil c = {year,          parts->month,  parts->day,  parts->hour,
               parts->minute, parts->second, parts->micro};
    if (!civil_is_valid(&c)) {
        if (parts->month != 1 || parts->day < 32 || parts->day > 365 + civil_is_leap(year)) {
            return false;
        }
        c.day = 1; /* a day of the year */
        if (!civil_is_valid(&c)) return false;
        *us = civil_to_us(&c) + (parts->day - 1) * US_PER_DAY;
        return true;
    }
    *us = civil_to_us(&c);
    return true;
}

/* The latest year in which the date exists and is at most a day ahead of now. */
static bool timepat_latest(const TimeParts *parts, int64_t now_us, int64_t *us) {
    Civil now;
    civil_from_us(now_us, &now);
    for (int32_t year = now.year + 1; year > now.year - 9; year--) {
        if (timepat_set(parts, year, us) && *us <= now_us + US_PER_DAY) return true;
    }
    return false;
}

/* The input begins in `first`; December to January is a step into the next year. */
static bool timepat_running(const TimeParts *parts, TimeYear *state, int64_t *us) {
    int32_t year = state->year ? state->year : state->first;
    if (state->year && state->month - parts->month >= 6) {
        year++;
    } else if (state->year > state->first && state->month == 1 && parts->month == 12) {
        year--; /* a straggler of the old year */
    }
    if (!timepat_set(parts, year, us)) return false;
    state->year = year;
    state->month = parts->month;
    return true;
}

bool timepat_parse(const TimePattern *pattern, TimeParse *how, Span text, TypeKind kind,
                   int64_t *out) {
    TimeParts parts = {.year = 1970, .month = 1, .day = 1, .hour12 = -1};
    int64_t us;
    if (pattern->epoch) {
        Int128 value;
        bool is_millis = pattern->epoch == 'm';
        if (decimal_parse(text, DECIMAL_DIGITS_MAX, is_millis ? 3 : 6, &value) != NUM_OK ||
            value > INT64_MAX / 1000 || value < INT64_MIN / 1000) {
            return false;
        }
        us = (int64_t)value;
        if (kind != TYPE_TIMESTAMP_LTZ && how->zone) us = zone_to_local(how->zone, us);
    } else {
        bool ok;
        if (!timepat_match(pattern, 0, text.ptr, text.ptr + text.len, &parts)) return false;
        if (parts.hour12 >= 0) parts.hour = parts.hour12 + 12 * parts.is_pm;
        if (parts.has_year || kind == TYPE_TIME) {
            ok = timepat_set(&parts, parts.year, &us);
        } else if (how->year->first) {
            ok = timepat_running(&parts, how->year, &us);
        } else {
            ok = timepat_latest(&parts, how->year->now_us, &us);
        }
        if (!ok) return false;
        if (kind == TYPE_TIMESTAMP_LTZ) {
            if (parts.has_offset)
                us -= parts.offset * US_PER_SECOND;
            else if (how->zone)
                us = zone_to_utc(how->zone, us);
        }
    }
    *out = kind == TYPE_DATE   ? civil_us_to_days(us)
           : kind == TYPE_TIME ? civil_time_of_day(us)
                               : us;
    return true;
}
