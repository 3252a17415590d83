/* json_time.c -- dates and times in JSON, in exactly the forms that Flink takes: java.time's
 * ISO_LOCAL_DATE, HH:mm:ss with up to nine digits of fraction (cut to microseconds), and the three
 * standards of timestamps.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/json.h"

enum { JSON_FRACTION_MAX = 9 };

bool json_parse_date(Span text, int32_t *days) {
    /* Two digits of month and day: civil_parse_date would take one. */
    if (text.len < 10 || text.ptr[text.len - 3] != '-' || text.ptr[text.len - 6] != '-')
        return false;
    return civil_parse_date(text, days);
}

/* HH:mm[:ss[.fraction]]; SQL's form needs the seconds. */
static bool json_time_of_day(Span text, bool needs_seconds, int64_t *us) {
    if (text.len < (needs_seconds ? 8u : 5u) || text.ptr[2] != ':') return false;
    if (text.len > 5 && (text.len < 8 || text.ptr[5] != ':')) return false;
    if (text.len > 8 + 1 + JSON_FRACTION_MAX) return false;
    return civil_parse_time(text, us);
}

bool json_parse_time(Span text, int64_t *us) {
    return json_time_of_day(text, true, us);
}

bool json_parse_timestamp(Span text, JsonTime form, bool is_ltz, int64_t *us) {
    const char *sep = memchr(text.ptr, form == JSON_TIME_SQL ? ' ' : 'T', text.len);
    int32_t days, offset = 0;
    size_t date_len;
    if (!sep) return false;
    date_len = (size_t)(sep - text.ptr);
    if (form == JSON_TIME_OFFSET) {
        size_t i = date_len + 1;
        while (i < text.len &&
               (fast_is_digit(text.ptr[i]) || text.ptr[i] == ':' || text.ptr[i] == '.')) {
            i++;
        }
        if (i < text.len && !civil_parse_offset((Span){text.ptr + i, text.len - i}, &offset)) {
            return false;
        }
        text.len = i;
    } else if (is_ltz) {
        if (text.ptr[text.len - 1] != 'Z') return false;
        text.len--;
    }
    if (!json_parse_date((Span){text.ptr, date_len}, &days) ||
        !json_time_of_day((Span){sep + 1, text.len - date_len - 1}, form == JSON_TIME_SQL, us)) {
        return false;
    }
    *us += days * US_PER_DAY - offset * US_PER_SECOND;
    return true;
}
