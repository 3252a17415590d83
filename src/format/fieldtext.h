/* fieldtext.h -- texts of fields as typed values, for the formats that carry everything as text:
 * what can be wrong is a code, so that a good value costs nothing and a bad one has a reason.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_FIELDTEXT_H
#define WEIR_FIELDTEXT_H

#include "format/format.h"

typedef enum TextError {
    TEXT_OK,
    TEXT_BAD_INT,
    TEXT_BAD_NUMBER,
    TEXT_RANGE,
    TEXT_BAD_BOOL,
    TEXT_BAD_BASE64,
    TEXT_BAD_DATE,
    TEXT_BAD_TIME,
    TEXT_BAD_TIME_TOKEN, /* not a string at all */
    TEXT_BAD_TIMESTAMP_SQL,
    TEXT_BAD_TIMESTAMP_ISO,
    TEXT_BAD_LTZ_SQL,
    TEXT_BAD_LTZ_ISO,
    TEXT_BAD_OBJECT,
    TEXT_BAD_ARRAY,
    TEXT_BAD_UTF8,
    TEXT_BAD_PATTERN, /* does not have the form of timestamp-format */
    TEXT_BAD_EMPTY,   /* an empty text where a value is needed */
    TEXT_BAD_ROW,     /* another number of parts than the ROW has fields */
    TEXT_NULL,        /* the text for NULL in a NOT NULL column */
    TEXT_ERROR_COUNT
} TextError;

const char *text_reason(TextError error);
const char *text_sqlstate(TextError error);

/* The whole text or nothing; no white space around it. */
TextError text_int(Span text, int64_t *out);
TextError text_truncate_int(Span text, int64_t *out); /* a number; its fraction is cut off */
TextError text_f64(Span text, double *out);
TextError text_f32(Span text, float *out);
TextError text_decimal(Span text, const Type *type, Int128 *out);
TextError text_bool(Span text, int8_t *out); /* true or false in any case */
TextError text_base64(Span text, Arena *arena, Str *out);
/* "0000-00-00 00:00:00[.0..]", with ' ' or 'T' and an optional 'Z'. */
bool text_is_zero_timestamp(Span text);
/* Microseconds with at most `precision` digits of fraction. */
int64_t text_cut_fraction(int64_t us, int precision);

/* The bytes of s in base64, with padding. */
void text_put_base64(Buf *out, Span s);

/* A decimal as a node of Jackson's tree: without zeros at its end, then as BigDecimal.toString
 * writes it ("1.5", "2.7E-8", "1E+5") or plain ("100000"). */
void text_put_decimal(Buf *out, Int128 value, int scale, bool is_plain);

#endif
