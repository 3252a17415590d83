/* fmt_maxwell.c -- the format 'maxwell-json': changes of a MySQL table. An update tells the new row
 * and what was different before; written are only inserts and deletions, as Flink does.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/cdc_json.h"

typedef enum MaxwellPart {
    MAXWELL_DATABASE, /* metadata, in the order of maxwell_metadata */
    MAXWELL_TABLE,
    MAXWELL_KEYS,
    MAXWELL_TS,
    MAXWELL_DATA,
    MAXWELL_OLD,
    MAXWELL_TYPE,
    MAXWELL_PARTS
} MaxwellPart;
static const char *const maxwell_names[MAXWELL_PARTS] = {
    "database", "table", "primary_key_columns", "ts", "data", "old", "type"};

static const FormatMeta maxwell_metadata[] = {
    [MAXWELL_DATABASE] = {"database", &cdc_string, "the database's name"},
    [MAXWELL_TABLE] = {"table", &cdc_string, "the table's name"},
    [MAXWELL_KEYS] = {"primary-key-columns", &cdc_strings, "the names of the key's columns"},
    [MAXWELL_TS] = {"ingestion-timestamp", &cdc_ltz3, "when Maxwell handled the change"},
    {NULL},
};

static bool maxwell_change(CdcReader *cdc, const char *record, const char *const *parts,
                           BatchBuilder *out) {
    JsonScan *s = &cdc->reader.scan;
    const char *data = parts[MAXWELL_DATA], *old = parts[MAXWELL_OLD], *p = parts[MAXWELL_TYPE];
    uint32_t row = out->n_rows;
    Span kind = {NULL, 0};
    bool is_delete;
    if (p && *p == '"' && !json_text(s, p + 1, &kind)) return false;
    is_delete = span_is(kind, "delete");
    if (!is_delete && !span_is(kind, "insert") && !span_is(kind, "update")) {
        (void)json_reject(s, p ? p : record,
                          "Unknown \"type\" value: expected insert, update or delete");
        s->value = kind;
        return false;
    }
    if (!data || (span_is(kind, "update") && !old)) {
        (void)json_reject(s, p,
                          data ? "the \"old\" field of the message is null"
                               : "the \"data\" field of the message is null");
        return false;
    }
    if (span_is(kind, "update")) {
        if (!cdc_put_update(cdc, data, old, parts, row)) return false;
        batchb_update_end(out, -1);
        batchb_update_end(out, 1);
        return true;
    }
    if (!cdc_put_image(cdc, data, row) || !cdc_put_metadata(cdc, parts, row)) return false;
    batchb_row_end(out, is_delete ? -1 : 1);
    return true;
}

static const char *maxwell_record(CdcReader *cdc, const char *p, BatchBuilder *out) {
    const char *parts[MAXWELL_PARTS], *record = cdc_begin(cdc, p), *end;
    if (*record == '\n') return record + 1;
    if (*record != '{') return json_reject(&cdc->reader.scan, record, "expected an object");
    end = cdc_members(&cdc->reader.scan, record + 1, maxwell_names, MAXWELL_PARTS, parts);
    if (end) end = cdc_end(cdc, end);
    return end && maxwell_change(cdc, record, parts, out) ? end : NULL;
}

static Status maxwell_open_decoder(Decoder *decoder, Arena *arena, Err *err) {
    return cdc_open_decoder((CdcReader *)decoder, arena, maxwell_record, err);
}

static Status maxwell_encode(Encoder *encoder, const Batch *batch, const uint8_t *kinds,
                             uint32_t first, uint32_t n, Span delimiter, Buf *out, size_t *ends,
                             Err *err) {
    const JsonWriter *writer = (const JsonWriter *)encoder;
    for (uint32_t i = 0; i < n; i++) {
        RowKind kind = kinds ? (RowKind)kinds[first + i] : ROW_INSERT;
        bool is_insert = kind == ROW_INSERT || kind == ROW_UPDATE_AFTER;
        buf_puts(out, "{\"data\":");
        TRY(json_write_row(writer, batch, batch_row(batch, first + i), out, err));
        buf_puts(out, is_insert ? ",\"type\":\"insert\"}" : ",\"type\":\"delete\"}");
        if (ends) ends[i] = out->len;
        buf_span(out, delimiter);
    }
    return ST_OK;
}

static const OptionSpec maxwell_options[] = {
    {"ignore-parse-errors", OPT_BOOL, "false",
     .help = "a field that cannot be read becomes NULL, a broken record is skipped; both are "
             "counted"},
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
    {NULL},
};

const FormatType fmt_maxwell = {
    .name = "maxwell-json",
    .traits = FORMAT_SOURCE | FORMAT_SINK | FORMAT_TEXT_LINES | FORMAT_ONE_LINE | FORMAT_ANY_LINE |
              FORMAT_CHANGELOG,
    .decoder_size = sizeof(CdcReader),
    .encoder_size = sizeof(JsonWriter),
    .options = maxwell_options,
    .metadata = maxwell_metadata,
    .help = "changes of a database table as Maxwell writes them",
    .open_decoder = maxwell_open_decoder,
    .decode = cdc_decode,
    .open_encoder = json_open_encoder,
    .encode = maxwell_encode,
};
