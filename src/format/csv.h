/* csv.h -- the csv format inside: how fields are told apart, and where they go.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_CSV_H
#define WEIR_CSV_H

#include "format/textcol.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* A field of the file. */
typedef struct CsvColumn {
    int32_t out;    /* the column that it goes to; -1: not needed */
    uint32_t table; /* its number in the table, for messages */
} CsvColumn;

typedef struct CsvRecord {
    const char *start, *end; /* without the newline */
    const char *stop;        /* behind the field at hand */
    const char *limit;       /* behind the last newline there is */
    bool is_cut;             /* its end is not there yet */
} CsvRecord;

typedef struct CsvReader {
    Decoder decoder;
    char delimiter, quote, escape;
    bool has_quote, has_escape;
    bool allows_comments, ignores, trims, ignores_extra, allows_trailing_comma, empty_is_null;
    bool has_header, skips_first;
    bool is_first;      /* the next record is the first of its file */
    CsvColumn *columns; /* fields of the file, in order */
    uint32_t n_columns, cap_columns;
    int32_t *out_of; /* by table column: the output column, or -1 */
    TextCol *cols;   /* by output column */
    TextCtx ctx;
    const char *input;       /* start of the chunk, or of the copy of its last line */
    size_t input_offset;     /* of `input` in the chunk */
    const char *at, *reason; /* of the failure at hand */
    char reason_text[64];
} CsvReader;

typedef struct CsvWriter {
    Encoder encoder;
    char delimiter, quote, escape;
    bool has_quote, has_escape, has_header, is_plain_decimal;
    unsigned char min_safe; /* shorter texts without characters below need no quotes */
    Span null_literal, element_delimiter;
    Buf scratch; /* the text of one ARRAY or ROW */
} CsvWriter;

Status csv_open_decoder(Decoder *decoder, Arena *arena, Err *err);
Status csv_open_encoder(Encoder *encoder, Arena *arena, Err *err);
void csv_close_encoder(Encoder *encoder);
Status csv_begin(Encoder *encoder, Buf *out, Err *err);
Status csv_encode(Encoder *encoder, const Batch *batch, const uint8_t *kinds, uint32_t first,
                  uint32_t n, Span delimiter, Buf *out, size_t *ends, Err *err);

/* The first delimiter, newline or escape from p on; *high collects bytes above ASCII. There is a
 * newline. */
static inline const char *csv_stop(const CsvReader *csv, const char *p, uint32_t *high) {
    char escape = csv->has_escape ? csv->escape : csv->delimiter;
#if defined(__SSE2__)
    __m128i delimiter = _mm_set1_epi8(csv->delimiter), escapes = _mm_set1_epi8(escape);
    for (;; p += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)p);
        __m128i hit = _mm_or_si128(
            _mm_cmpeq_epi8(v, delimiter),
            _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\n')), _mm_cmpeq_epi8(v, escapes)));
        uint32_t stop = (uint32_t)_mm_movemask_epi8(hit);
        uint32_t above = (uint32_t)_mm_movemask_epi8(v);
        if (stop) {
            *high |= above & (stop ^ (stop - 1));
            return p + __builtin_ctz(stop);
        }
        *high |= above;
    }
#else
    for (;; p++) {
        if (*p == csv->delimiter || *p == '\n' || *p == escape) return p;
        *high |= (unsigned char)*p & 0x80;
    }
#endif
}

#endif
