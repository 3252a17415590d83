/* datefmt.h -- Java's date patterns ("yyyy-MM-dd HH:mm:ss.SSS"), compiled once, for printing and
 * reading. English names, the United States' weeks, as Flink in its default locale.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_DATEFMT_H
#define WEIR_DATEFMT_H

#include "expr/zone.h"

typedef struct DateItem {
    char letter;     /* of the pattern; 0: literal text; '[' and ']': an optional part */
    uint8_t n;       /* how often it was repeated */
    uint16_t end;    /* '[': index of its ']' */
    int8_t reserved; /* digits that adjacent fields behind this one need */
    Span text;
} DateItem;

typedef struct DateFormat {
    DateItem *items;
    uint32_t n;
    size_t text_max; /* no print is longer */
    bool has_zone;   /* prints need a zone */
} DateFormat;

/* 22007 naming what is wrong with the pattern. */
Status datefmt_compile(Arena *arena, Span pattern, const DateFormat **out, Err *err) WARN_UNUSED;

/* Writes local time; part (and the zone's name) is what the letters of zones print, NULL when there
 * is none (then has_zone formats must not be printed). to has room for text_max bytes. */
size_t datefmt_print(const DateFormat *format, int64_t local_us, const Zone *zone,
                     const ZonePart *part, char *to);

/* Reads local time. What the pattern does not say is taken from 1970-01-01 00:00:00. A day beyond
 * the end of its month becomes the last one; contradictions (a wrong weekday) are refused.
 * is_prefix: more text may follow. */
bool datefmt_parse(const DateFormat *format, Span text, bool is_prefix, int64_t *local_us);

#endif
