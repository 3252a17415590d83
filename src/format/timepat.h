/* timepat.h -- times in texts of any form, described by a pattern of java.time's letters:
 * "MMM d HH:mm:ss", "dd/MMM/yyyy:HH:mm:ss Z", "yyMMdd HHmmss".
 *
 * As in Java: one letter = one or more digits, several = exactly so many; MMM and EEE are names in
 * English; [ ] encloses what may be absent; '..' literal text. Looser than Java: letters of names
 * in any case, a blank stands for one or more. Two words of our own are whole patterns:
 * epoch-seconds (with a fraction) and epoch-millis.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_TIMEPAT_H
#define WEIR_TIMEPAT_H

#include "format/format.h"

typedef struct TimePattern TimePattern;

/* pos: of the pattern in the SQL text. 22007 for letters that are not known here. */
Status timepat_compile(Arena *arena, Span pattern, int32_t pos, const TimePattern **out,
                       Err *err) WARN_UNUSED;
bool timepat_has_year(const TimePattern *pattern);

/* Which year a time without one belongs to. */
typedef struct TimeYear {
    int32_t
        first;    /* the year in which the input begins; 0 = the latest that is not in the future */
    int32_t year; /* of the last time read, 0 = none yet */
    int32_t month;
    int64_t now_us; /* local time, for first = 0 */
} TimeYear;

typedef struct TimeParse {
    const Zone *zone; /* for TIMESTAMP_LTZ without an offset; NULL = UTC */
    TimeYear *year;
} TimeParse;

/* The whole text as a value of the type: microseconds, or days for DATE. */
bool timepat_parse(const TimePattern *pattern, TimeParse *how, Span text, TypeKind kind,
                   int64_t *out);

#endif
