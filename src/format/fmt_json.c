/* fmt_json.c -- the format 'json': a record is an object on a line (or an array of objects: as many
 * rows), its fields are the table's columns by name.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/json.h"
#include "format/json_encode.h"

/* A record that is an array: each element is a row, and all of them or none are taken. */
static const char *json_array_rows(JsonReader *reader, const char *p, uint32_t *row) {
    JsonScan *s = &reader->scan;
    JsonNode *top = reader->top;
    s->depth = 1;
    for (;;) {
        while (*p == ' ' || *p == '\t' || *p == '\r') p++;
        if (*p == ']') break;
        if (*p != '{') return json_reject(s, p, "expected an object");
        p = s->ops->object(s, top, p + 1, *row);
        if (!p) return NULL;
        ++*row;
        while (*p == ' ' || *p == '\t' || *p == '\r') p++;
        if (*p == ']') break;
        if (*p != ',') return json_reject(s, p, "expected ',' or ']'");
        p++;
        while (*p == ' ' || *p == '\t' || *p == '\r') p++;
        if (*p == ']') return json_reject(s, p, "expected an object");
    }
    return p + 1;
}

/* The line at p does not start with '{'. */
static const char *json_odd_record(JsonReader *reader, const char *p, uint32_t *row) {
    JsonScan *s = &reader->scan;
    uint32_t rows = *row;
    const char *q = p;
    s->record = p;
    if (memcmp(q, "\xef\xbb\xbf", 3) == 0) q += 3; /* a byte order mark */
    while (*q == ' ' || *q == '\t' || *q == '\r') q++;
    if (*q == '{') {
        s->depth = 0;
        q = s->ops->object(s, reader->top, q + 1, rows++);
    } else if (*q == '[') {
        q = json_array_rows(reader, q + 1, &rows);
    } else if (*q != '\n') {
        q = json_reject(s, q, "expected an object");
    }
    if (!q) return NULL;
    while (*q == ' ' || *q == '\t' || *q == '\r') q++;
    if (*q != '\n') return json_reject(s, q, "text behind the record");
    *row = rows;
    s->n_lines++;
    return q + 1;
}

static const char *json_lines(JsonReader *reader, const char *p, const char *end, uint32_t max_rows,
                              BatchBuilder *out) {
    JsonScan *s = &reader->scan;
    uint32_t row = out->n_rows;
    while (p < end && row < max_rows) {
        const char *next;
        p = s->ops->lines(s, reader->top, p, end, &row, max_rows);
        if (s->reason || p >= end || row >= max_rows) break;
        next = json_odd_record(reader, p, &row);
        if (!next) break;
        p = next;
    }
    if (out->weights) {
        while (out->n_rows < row) batchb_row_end(out, 1);
    }
    out->n_rows = row;
    return p;
}

static Status json_open_decoder(Decoder *decoder, Arena *arena, Err *err) {
    JsonReader *reader = (JsonReader *)decoder;
    const DecodeSpec *spec = &decoder->spec;
    bool fails_on_missing = opt_bool(spec->options, "fail-on-missing-field");
    if (fails_on_missing && opt_bool(spec->options, "ignore-parse-errors")) {
        FAIL(err, ST_INVALID, "22023", opt_pos(spec->options, "fail-on-missing-field"),
             "fail-on-missing-field and ignore-parse-errors shouldn't both be true");
    }
    for (uint32_t i = 0; i < spec->out->n_fields; i++) {
        Field field = spec->out->fields[i];
        TRY(json_check_type(field.type, field.name, false, err));
    }
    json_reader_init(reader);
    reader->lines = json_lines;
    reader->top = json_node_object(arena, spec->table, spec->out, spec->indexes, (Span){NULL, 0},
                                   fails_on_missing);
    return ST_OK;
}

static Status json_decode(Decoder *decoder, Span in, bool at_end, uint32_t max_rows,
                          BatchBuilder *out, size_t *consumed, Err *err) {
    return json_read_chunk((JsonReader *)decoder, in, at_end, max_rows, out, consumed, err);
}

static const OptionSpec json_options[] = {
    {"fail-on-missing-field", OPT_BOOL, "false",
     .help = "a record without one of the fields is bad"},
    {"ignore-parse-errors", OPT_BOOL, "false",
     .help =
         "a field that cannot be read becomes NULL, a broken record is skipped; both are counted"},
    {"timestamp-format.standard", OPT_ENUM, "SQL", "SQL|ISO-8601|ISO-8601-WITH-OFFSET",
     .help = "the form of timestamps: with a blank or with a T between date and time"},
    {"zero-timestamp.behavior", OPT_ENUM, "FAIL", "FAIL|CONVERT_TO_NULL",
     .help = "what 0000-00-00 00:00:00 is"},
    {"map-null-key.mode", OPT_ENUM, "FAIL", "FAIL|DROP|LITERAL",
     .help = "what is written for a NULL key of a map"},
    {"map-null-key.literal", OPT_STRING, "null", .help = "the key written in mode LITERAL"},
    {"encode.decimal-as-plain-number", OPT_BOOL, "false",
     .help = "writes decimals without exponents"},
    {"encode.ignore-null-fields", OPT_BOOL, "false", .help = "leaves NULL fields out"},
    {"decode.json-parser.enabled", OPT_BOOL, "true",
     .help = "accepted for Flink's sake: there is one decoder here"},
    {NULL},
};

const FormatType fmt_json = {
    .name = "json",
    .traits = FORMAT_SOURCE | FORMAT_SINK | FORMAT_TEXT_LINES | FORMAT_ONE_LINE | FORMAT_ANY_LINE,
    .decoder_size = sizeof(JsonReader),
    .encoder_size = sizeof(JsonWriter),
    .options = json_options,
    .help = "one JSON object a line",
    .open_decoder = json_open_decoder,
    .decode = json_decode,
    .open_encoder = json_open_encoder,
    .encode = json_encode,
};
