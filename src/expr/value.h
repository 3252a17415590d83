/* value.h -- one value read from text, before it goes into a column: shared by casts and by
 * value_parse. SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_VALUE_H
#define WEIR_VALUE_H

#include "expr/expr.h"

typedef enum ParseResult {
    PARSE_OK,
    PARSE_BAD,  /* 22P02: not a text of this type */
    PARSE_TIME, /* 22007: not a date or time */
    PARSE_RANGE /* 22003 */
} ParseResult;

/* The member is the one of the type's Phys; integers of all widths are in i64. */
typedef union Value {
    int64_t i64;
    float f32;
    double f64;
    Int128 i128;
    Span bytes; /* borrows the text, unless it had to be decoded: then it is in the arena given */
} Value;

/* Reads a value of a plain type (not ARRAY, MAP, MULTISET, ROW). Blanks around it are skipped,
 * except for strings and bytes. arena is needed for BINARY types and padded CHARs only. */
ParseResult value_read(Span text, const Type *type, TextStyle style, const Zone *zone, Arena *arena,
                       Value *out);
/* Fills err for a result other than PARSE_OK; returns ST_INVALID. */
Status value_fail(ParseResult result, Span text, const Type *type, Err *err);

/* Cuts (VARCHAR, CHAR) or pads (CHAR with blanks, BINARY with zeros) to the type's length. */
Span value_fit_text(Span text, const Type *type, Arena *arena);

/* Drops the digits of microseconds that a precision 0..6 does not have, downwards. */
static inline int64_t value_floor_us(int64_t us, int32_t precision) {
    static const int64_t units[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
    int64_t rest;
    if (precision >= TIME_PRECISION_MAX) return us;
    rest = us % units[precision];
    if (rest < 0) rest += units[precision];
    return us < INT64_MIN + rest ? us : us - rest; /* the very first second stays as it is */
}

#endif
