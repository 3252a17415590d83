/* fmt_ogg.c -- the format 'ogg-json': changes of a table as Oracle GoldenGate writes them, with
 * both images of an update; written are only inserts and deletions, as Flink does.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/cdc_json.h"

typedef enum OggPart {
    OGG_TABLE, /* metadata, in the order of ogg_metadata */
    OGG_KEYS,
    OGG_INGESTION,
    OGG_EVENT,
    OGG_BEFORE,
    OGG_AFTER,
    OGG_TYPE,
    OGG_PARTS
} OggPart;
static const char *const ogg_names[OGG_PARTS] = {"table",  "primary_keys", "current_ts", "op_ts",
                                                 "before", "after",        "op_type"};
static const Type ogg_ltz6 = {.kind = TYPE_TIMESTAMP_LTZ, .is_nullable = true, .precision = 6};

static const FormatMeta ogg_metadata[] = {
    [OGG_TABLE] = {"table", &cdc_string, "the table's name"},
    [OGG_KEYS] = {"primary-keys", &cdc_strings, "the names of the key's columns"},
    [OGG_INGESTION] = {"ingestion-timestamp", &ogg_ltz6, "when GoldenGate handled the change"},
    [OGG_EVENT] = {"event-timestamp", &ogg_ltz6, "when the database made the change"},
    {NULL},
};

static bool ogg_change(CdcReader *cdc, const char *record, const char *const *parts,
                       BatchBuilder *out) {
    JsonScan *s = &cdc->reader.scan;
    const char *before = parts[OGG_BEFORE], *after = parts[OGG_AFTER], *p = parts[OGG_TYPE];
    uint32_t row = out->n_rows;
    Span kind = {NULL, 0};
    bool is_update, is_delete;
    if (!p || *p != '"' || !json_text(s, p + 1, &kind) || kind.len != 1 ||
        !memchr("IUD", kind.ptr[0], 3)) {
        (void)json_reject(s, p ? p : record, "Unknown \"op_type\" value: expected I, U or D");
        s->value = kind;
        return false;
    }
    is_update = *kind.ptr == 'U';
    is_delete = *kind.ptr == 'D';
    if ((is_update || is_delete) && !before) {
        (void)json_reject(s, p, "the \"before\" field of the message is null");
        return false;
    }
    if (!is_delete && !after) {
        (void)json_reject(s, p, "the \"after\" field of the message is null");
        return false;
    }
    if ((is_update || is_delete) &&
        !(cdc_put_image(cdc, before, row) && cdc_put_metadata(cdc, parts, row)))
        return false;
    if (!is_delete && !(cdc_put_image(cdc, after, row + is_update) &&
                        cdc_put_metadata(cdc, parts, row + is_update)))
        return false;
    if (is_update) {
        batchb_update_end(out, -1);
        batchb_update_end(out, 1);
    } else {
        batchb_row_end(out, is_delete ? -1 : 1);
    }
    return true;
}

static const char *ogg_record(CdcReader *cdc, const char *p, BatchBuilder *out) {
    const char *parts[OGG_PARTS], *record = cdc_begin(cdc, p), *end;
    if (*record == '\n') return record + 1;
    if (*record != '{') return json_reject(&cdc->reader.scan, record, "expected an object");
    end = cdc_members(&cdc->reader.scan, record + 1, ogg_names, OGG_PARTS, parts);
    if (end) end = cdc_end(cdc, end);
    return end && ogg_change(cdc, record, parts, out) ? end : NULL;
}

static Status ogg_open_decoder(Decoder *decoder, Arena *arena, Err *err) {
    return cdc_open_decoder((CdcReader *)decoder, arena, ogg_record, err);
}

static Status ogg_encode(Encoder *encoder, const Batch *batch, const uint8_t *kinds, uint32_t first,
                         uint32_t n, Span delimiter, Buf *out, size_t *ends, Err *err) {
    const JsonWriter *writer = (const JsonWriter *)encoder;
    for (uint32_t i = 0; i < n; i++) {
        RowKind kind = kinds ? (RowKind)kinds[first + i] : ROW_INSERT;
        bool is_insert = kind == ROW_INSERT || kind == ROW_UPDATE_AFTER;
        buf_puts(out, is_insert ? "{\"before\":null,\"after\":" : "{\"before\":");
        TRY(json_write_row(writer, batch, batch_row(batch, first + i), out, err));
        buf_puts(out, is_insert ? ",\"op_type\":\"I\"}" : ",\"after\":null,\"op_type\":\"D\"}");
        if (ends) ends[i] = out->len;
        buf_span(out, delimiter);
    }
    return ST_OK;
}

static const OptionSpec ogg_options[] = {
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

const FormatType fmt_ogg = {
    .name = "ogg-json",
    .traits = FORMAT_SOURCE | FORMAT_SINK | FORMAT_TEXT_LINES | FORMAT_ONE_LINE | FORMAT_ANY_LINE |
              FORMAT_CHANGELOG,
    .decoder_size = sizeof(CdcReader),
    .encoder_size = sizeof(JsonWriter),
    .options = ogg_options,
    .metadata = ogg_metadata,
    .help = "changes of a database table as Oracle GoldenGate writes them",
    .open_decoder = ogg_open_decoder,
    .decode = cdc_decode,
    .open_encoder = json_open_encoder,
    .encode = ogg_encode,
};
