/* textcol.h -- columns filled from texts, one value a field: csv, regex and raw.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_TEXTCOL_H
#define WEIR_TEXTCOL_H

#include "format/decode.h"
#include "format/text_fast.h"
#include "format/timepat.h"

typedef struct TextCol TextCol;
struct TextCol {
    uint8_t kind; /* TypeKind */
    uint8_t precision;
    bool is_required;
    Span name;
    const Type *type;
    const TimePattern *pattern; /* NULL: as SQL writes times */
    TextCol *parts;             /* ARRAY: the element; ROW: fields */
    uint32_t n_parts;
};

/* What the columns of one decoder have in common. */
typedef struct TextCtx {
    FastDate date;
    TimeYear year;
    const Zone *zone;
    Arena *arena;      /* of the batch */
    Span null_literal; /* NULL pointer: none */
    bool is_ascii;     /* the record at hand: its strings need no check */
    Span delimiter;    /* between elements of an ARRAY or ROW */
} TextCtx;

/* Options that csv and regex share: timestamp-format, fields.<column>.timestamp-format and
 * default-year. `table` tells which columns there are. */
#define TEXTCOL_OPTIONS                                                                       \
    {"timestamp-format", OPT_STRING,                                                          \
     .help = "pattern of DATE, TIME and TIMESTAMP columns in java.time's letters, or "        \
             "epoch-seconds, epoch-millis"},                                                  \
        {"fields.", OPT_STRING, .is_prefix = true,                                            \
         .help = "fields.<column>.timestamp-format: the pattern of one column"},              \
    {                                                                                         \
        "default-year", OPT_INT, "0",                                                         \
            .help = "the year in which inputs begin whose times have none; it advances from " \
                    "December to "                                                            \
                    "January. 0 = the latest year that is not in the future"                  \
    }

Status textcol_open(TextCol *cols, const Schema *out, const DecodeSpec *spec, TextCtx *ctx,
                    Arena *arena, Err *err) WARN_UNUSED;
/* Appends the value of the text, or nothing and says why. 32 bytes behind the text are readable. */
TextError textcol_append(TextCtx *ctx, const TextCol *col, Span text, ColBuilder *b);

#endif
