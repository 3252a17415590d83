/* json_encode.h -- rows as JSON objects, for the formats json and debezium-json.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_JSON_ENCODE_H
#define WEIR_JSON_ENCODE_H

#include "format/format.h"

typedef struct JsonPut JsonPut; /* how one type is written */
typedef struct JsonWriter {
    Encoder encoder;
    JsonPut *fields; /* one a column */
    uint32_t n_fields;
    bool is_iso;
    bool is_plain_decimal;
    bool skips_nulls;
    char null_key_mode; /* 'F'ail, 'D'rop, 'L'iteral */
    Span null_key;      /* the literal, escaped and in quotes */
} JsonWriter;

Status json_open_encoder(Encoder *encoder, Arena *arena, Err *err);
Status json_encode(Encoder *encoder, const Batch *batch, const uint8_t *kinds, uint32_t first,
                   uint32_t n, Span delimiter, Buf *out, size_t *ends, Err *err);
/* One physical row of the batch as an object. */
Status json_write_row(const JsonWriter *writer, const Batch *batch, uint32_t row, Buf *out,
                      Err *err);
/* Text in quotes, escaped as Jackson does. */
void json_put_string(Span text, Buf *out);

#endif
