/* zone_rule.c -- the POSIX TZ rule at the end of a zone file, written out as transitions.
 *
 *   std offset [dst [offset] , start [/time] , end [/time]]
 * Offsets count west of Greenwich; a date is Mm.w.d (week 5 = last), Jn (1..365, no leap day) or n
 * (0..365). SPDX-License-Identifier: Apache-2.0
 */
#include "expr/zone_private.h"

enum { RULE_CYCLE_YEARS = 400 };

typedef struct RuleDate {
    char kind; /* 'M', 'J' or 'n' */
    int32_t month, week, day;
    int32_t seconds; /* of the wall clock, may be beyond the day */
} RuleDate;

typedef struct ZoneRule {
    ZonePart std, dst;
    bool has_dst;
    RuleDate start, end; /* of summer time */
} ZoneRule;

typedef struct RuleReader {
    Arena *arena;
    const char *at, *end;
} RuleReader;

static bool rule_accept(RuleReader *r, char c) {
    if (r->at == r->end || *r->at != c) return false;
    r->at++;
    return true;
}

static bool rule_number(RuleReader *r, int32_t *out) {
    const char *from = r->at;
    int32_t value = 0;
    for (; r->at < r->end && *r->at >= '0' && *r->at <= '9' && r->at - from < 4; r->at++)
        value = value * 10 + (*r->at - '0');
    *out = value;
    return r->at > from;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool rule_time(RuleReader *r, int32_t *out) {
    bool is_negative = rule_accept(r, '-');
    if (!is_negative) rule_accept(r, '+');
    int32_t hours, minutes = 0, seconds = 0;
    if (!rule_number(r, &hours)) return false;
    if (rule_accept(r, ':') && !rule_number(r, &minutes)) return false;
    if (rule_accept(r, ':') && !rule_number(r, &seconds)) return false;
    if (hours > 167 || minutes > 59 || seconds > 59) return false;
    *out = (hours * 3600 + minutes * 60 + seconds) * (is_negative ? -1 : 1);
    return true;
}

static bool rule_abbrev(RuleReader *r, const char **out) {
    const char *from = r->at;
    bool is_quoted = rule_accept(r, '<');
    if (is_quoted) from = r->at;
    while (r->at < r->end &&
           (is_quoted ? *r->at != '>' : (*r->at | 32) >= 'a' && (*r->at | 32) <= 'z'))
        r->at++;
    if (r->at == from) return false;
    *out = arena_strndup(r->arena, from, (size_t)(r->at - from));
    return !is_quoted || rule_accept(r, '>');
}

static bool rule_date(RuleReader *r, RuleDate *out) {
    *out = (RuleDate){.kind = 'n', .seconds = 2 * 3600};
    if (!rule_accept(r, ',')) return false;
    if (rule_accept(r, 'M')) {
        out->kind = 'M';
        if (!rule_number(r, &out->month) || !rule_accept(r, '.') || !rule_number(r, &out->week) ||
            !rule_accept(r, '.') || !rule_number(r, &out->day))
            return false;
        if (out->month < 1 || out->month > 12 || out->week < 1 || out->week > 5 || out->day > 6)
            return false;
    } else {
        if (rule_accept(r, 'J')) out->kind = 'J';
        if (!rule_number(r, &out->day) || out->day > 365) return false;
    }
    return !rule_accept(r, '/') || rule_time(r, &out->seconds);
}

static bool rule_parse(RuleReader *r, ZoneRule *out) {
    int32_t west;
    *out = (ZoneRule){0};
    if (!rule_abbrev(r, &out->std.abbrev) || !rule_time(r, &west)) return false;
    out->std.offset = -west;
    if (r->at == r->end) return true;
    out->has_dst = true;
    if (!rule_abbrev(r, &out->dst.abbrev)) return false;
    out->dst.offset = out->std.offset + 3600;
    out->dst.is_dst = true;
    if (r->at < r->end && *r->at != ',') {
        if (!rule_time(r, &west)) return false;
        out->dst.offset = -west;
    }
    return rule_date(r, &out->start) && rule_date(r, &out->end) && r->at == r->end;
}

/* Days since 1970 of the date in a year. */
static int32_t rule_days(const RuleDate *date, int32_t year) {
    if (date->kind == 'n') return civil_days(year, 1, 1) + date->day;
    if (date->kind == 'J') {
        bool is_after_leap_day = civil_is_leap(year) && date->day >= 60;
        return civil_days(year, 1, 1) + date->day - 1 + is_after_leap_day;
    }
    int32_t first = civil_days(year, date->month, 1);
    int32_t day = first + (date->day - civil_weekday(first) % 7 + 7) % 7 + 7 * (date->week - 1);
    return day - first < civil_month_days(year, date->month) ? day : day - 7;
}

static int64_t rule_instant(const RuleDate *date, int32_t year, int32_t offset_before) {
    return (int64_t)rule_days(date, year) * 86400 + date->seconds - offset_before;
}

bool zone_rule_expand(ZoneList *list, Span text, int64_t after, bool *is_cyclic) {
    ZoneRule rule;
    RuleReader reader = {list->arena, text.ptr, text.ptr + text.len};
    if (!rule_parse(&reader, &rule)) return false;
    *is_cyclic = rule.has_dst;
    if (!rule.has_dst) return true; /* the last part goes on */
    Civil c;
    int64_t from = after < -62135596800 ? -62135596800 : after;
    civil_from_us(from * US_PER_SECOND, &c);
    for (int32_t year = c.year; year <= c.year + RULE_CYCLE_YEARS; year++) {
        int64_t start = rule_instant(&rule.start, year, rule.std.offset);
        int64_t end = rule_instant(&rule.end, year, rule.dst.offset);
        bool is_north = start < end;
        int64_t first = is_north ? start : end, second = is_north ? end : start;
        if (first > after) zone_list_add(list, first, is_north ? rule.dst : rule.std);
        if (second > after) zone_list_add(list, second, is_north ? rule.std : rule.dst);
    }
    return true;
}
