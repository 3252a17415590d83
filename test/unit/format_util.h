/* format_util.h -- for the tests of formats: schemas from text, decoding with any split of the
 * input, rows and bad records as text.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_FORMAT_UTIL_H
#define WEIR_FORMAT_UTIL_H

#include "format/format.h"

/* "a INT NOT NULL, b ROW<x STRING, y ARRAY<INT>>, `c d` DECIMAL(10, 2)" */
Schema util_schema(Arena *arena, const char *text);

typedef struct UtilDecode {
    const char *format;
    const char *table;   /* columns, as util_schema takes them */
    const char *out;     /* columns to produce; NULL = all */
    const char *options; /* "key=value|key=value", or newlines between; without prefix */
    size_t piece;        /* bytes given at a time; 0 = all at once */
    uint32_t max_rows;   /* 0 = 2048 */
    bool stops;          /* bad records stop instead of being noted */
    bool is_base;        /* json: the copy of the scan for any processor */
} UtilDecode;

/* Decodes the input and writes a line a row to *out: values separated by '|', "-1 " before those of
 * weight -1; and a line "!line:column:at:reason [value]" where a record was bad ("~" when the row
 * was kept). */
Status util_decode(const UtilDecode *how, Span input, Buf *out, Err *err);
/* util_decode, and compares; prints both on a difference. */
void util_expect(const UtilDecode *how, const char *input, const char *want);
/* The same lines in any order (bad records come before the rows of their call). */
void util_same_lines(Span want, Span got);
void util_print_value(const Column *col, uint32_t row, Buf *out);
/* Options from "key=value|..." for a table of a format. */
Options util_options(Arena *arena, const char *text, const OptionSpec *specs);

#endif
