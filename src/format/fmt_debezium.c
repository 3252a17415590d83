/* fmt_debezium.c -- the format 'debezium-json': changes of a database table. An update is two rows,
 * the image before with weight -1 and the one after; written are only "c" and "d", as Flink does.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/cdc_json.h"

typedef enum DbzPart { DBZ_BEFORE, DBZ_AFTER, DBZ_OP, DBZ_TS, DBZ_SOURCE, DBZ_PARTS } DbzPart;

typedef enum DbzMeta {
    DBZ_META_SCHEMA,
    DBZ_META_INGESTION,
    DBZ_META_PROPERTIES,
    DBZ_META_TIMESTAMP, /* from here on: fields of "source" */
    DBZ_META_DATABASE,
    DBZ_META_SOURCE_SCHEMA,
    DBZ_META_TABLE,
    DBZ_META_COUNT
} DbzMeta;

static const Type dbz_properties = {
    .kind = TYPE_MAP, .is_nullable = true, .key = &cdc_string, .elem = &cdc_string};

static const FormatMeta dbz_metadata[] = {
    [DBZ_META_SCHEMA] = {"schema", &cdc_string, "the payload's schema as JSON"},
    [DBZ_META_INGESTION] = {"ingestion-timestamp", &cdc_ltz3, "when Debezium handled the change"},
    [DBZ_META_PROPERTIES] = {"source.properties", &dbz_properties, "all of the field source"},
    [DBZ_META_TIMESTAMP] = {"source.timestamp", &cdc_ltz3, "when the database made the change"},
    [DBZ_META_DATABASE] = {"source.database", &cdc_string, "the database's name"},
    [DBZ_META_SOURCE_SCHEMA] = {"source.schema", &cdc_string, "the schema's name"},
    [DBZ_META_TABLE] = {"source.table", &cdc_string, "the table's name"},
    {NULL},
};
static const char *const dbz_part_names[DBZ_PARTS] = {"before", "after", "op", "ts_ms", "source"};
static const char *const dbz_source_names[] = {"ts_ms", "db", "schema", "table"};

/* The metadata columns of one row. */
static bool dbz_put_metadata(CdcReader *cdc, const char *schema, const char *const *parts,
                             uint32_t row) {
    JsonScan *s = &cdc->reader.scan;
    const char *values[DBZ_META_COUNT] = {NULL};
    if (cdc->n_metas == 0) return true;
    values[DBZ_META_SCHEMA] = schema;
    values[DBZ_META_INGESTION] = parts[DBZ_TS];
    values[DBZ_META_PROPERTIES] = parts[DBZ_SOURCE];
    if (parts[DBZ_SOURCE] && *parts[DBZ_SOURCE] == '{' &&
        !cdc_members(s, parts[DBZ_SOURCE] + 1, dbz_source_names,
                     DBZ_META_COUNT - DBZ_META_TIMESTAMP, values + DBZ_META_TIMESTAMP)) {
        return false;
    }
    return cdc_put_metadata(cdc, values, row);
}

static bool dbz_put_image(CdcReader *cdc, const char *image, const char *schema,
                          const char *const *parts, uint32_t row) {
    return cdc_put_image(cdc, image, row) && dbz_put_metadata(cdc, schema, parts, row);
}

/* ---- changes ---- */

#define DBZ_REPLICA_IDENTITY(change)                                                          \
    "The \"before\" field of " change " message is null, if you are using Debezium Postgres " \
    "Connector, please check the Postgres table has been set REPLICA IDENTITY to FULL level."

static bool dbz_change(CdcReader *cdc, const char *payload, const char *schema,
                       const char *const *parts, BatchBuilder *out) {
    JsonScan *s = &cdc->reader.scan;
    const char *before = parts[DBZ_BEFORE], *after = parts[DBZ_AFTER], *op = parts[DBZ_OP];
    uint32_t row = out->n_rows;
    Span kind = {NULL, 0};
    if (!op || *op != '"' || !json_text(s, op + 1, &kind) || kind.len != 1 ||
        !memchr("crud", kind.ptr[0], 4)) {
        (void)json_reject(s, op ? op : payload, "Unknown \"op\" value: expected c, r, u or d");
        s->value = kind;
        return false;
    }
    bool is_update = *kind.ptr == 'u', is_delete = *kind.ptr == 'd';
    if ((is_update || is_delete) && !before) {
        (void)json_reject(
            s, op, is_update ? DBZ_REPLICA_IDENTITY("UPDATE") : DBZ_REPLICA_IDENTITY("DELETE"));
        return false;
    }
    if (!is_delete && !after) {
        (void)json_reject(s, op, "the \"after\" field of the message is null");
        return false;
    }
    if ((is_update || is_delete) && !dbz_put_image(cdc, before, schema, parts, row)) return false;
    if (!is_delete && !dbz_put_image(cdc, after, schema, parts, row + is_update)) return false;
    if (is_update) {
        batchb_update_end(out, -1);
        batchb_update_end(out, 1);
    } else {
        batchb_row_end(out, is_delete ? -1 : 1);
    }
    return true;
}

/* One record; false after a failure. Tombstones (null) and blank lines make no rows. */
static const char *dbz_record(CdcReader *cdc, const char *p, BatchBuilder *out) {
    static const char *const envelope[] = {"payload", "schema"};
    JsonScan *s = &cdc->reader.scan;
    const char *parts[DBZ_PARTS], *outer[2] = {NULL, NULL}, *payload, *end;
    p = cdc_begin(cdc, p);
    payload = p;
    if (*p == '\n') return p + 1;
    if (*p == 'n') {
        end = s->ops->skip(s, p);
        payload = NULL;
    } else if (*p != '{') {
        return json_reject(s, p, "expected an object");
    } else if (cdc->has_schema) {
        end = cdc_members(s, p + 1, envelope, 2, outer);
        payload = outer[0];
        if (end && payload && *payload != '{') return json_reject(s, payload, "expected an object");
        if (end && payload && !cdc_members(s, payload + 1, dbz_part_names, DBZ_PARTS, parts)) {
            return NULL;
        }
    } else {
        end = cdc_members(s, p + 1, dbz_part_names, DBZ_PARTS, parts);
    }
    if (!end) return NULL;
    end = cdc_end(cdc, end);
    if (!end || (payload && !dbz_change(cdc, payload, outer[1], parts, out))) return NULL;
    return end;
}

/* ---- opening ---- */

static Status dbz_open_decoder(Decoder *decoder, Arena *arena, Err *err) {
    CdcReader *cdc = (CdcReader *)decoder;
    cdc->has_schema = opt_bool(decoder->spec.options, "schema-include");
    return cdc_open_decoder(cdc, arena, dbz_record, err);
}

static Status dbz_open_encoder(Encoder *encoder, Arena *arena, Err *err) {
    const Options *opts = encoder->spec.options;
    if (opt_bool(opts, "schema-include")) {
        FAIL(err, ST_UNSUPPORTED, "0A000", opt_pos(opts, "schema-include"),
             "Debezium JSON serialization doesn't support 'debezium-json.schema-include' option "
             "been set to true.");
    }
    return json_open_encoder(encoder, arena, err);
}

static Status dbz_encode(Encoder *encoder, const Batch *batch, const uint8_t *kinds, uint32_t first,
                         uint32_t n, Span delimiter, Buf *out, size_t *ends, Err *err) {
    const JsonWriter *writer = (const JsonWriter *)encoder;
    for (uint32_t i = 0; i < n; i++) {
        RowKind kind = kinds ? (RowKind)kinds[first + i] : ROW_INSERT;
        bool is_insert = kind == ROW_INSERT || kind == ROW_UPDATE_AFTER;
        bool skips = writer->skips_nulls;
        buf_puts(out, !is_insert ? "{\"before\":"
                      : skips    ? "{\"after\":"
                                 : "{\"before\":null,\"after\":");
        TRY(json_write_row(writer, batch, batch_row(batch, first + i), out, err));
        buf_puts(out, is_insert ? ",\"op\":\"c\"}"
                      : skips   ? ",\"op\":\"d\"}"
                                : ",\"after\":null,\"op\":\"d\"}");
        if (ends) ends[i] = out->len;
        buf_span(out, delimiter);
    }
    return ST_OK;
}

static const OptionSpec dbz_options[] = {
    {"schema-include", OPT_BOOL, "false",
     .help = "records are {\"schema\": ..., \"payload\": ...}"},
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

const FormatType fmt_debezium = {
    .name = "debezium-json",
    .traits = FORMAT_SOURCE | FORMAT_SINK | FORMAT_TEXT_LINES | FORMAT_ONE_LINE | FORMAT_ANY_LINE |
              FORMAT_CHANGELOG,
    .decoder_size = sizeof(CdcReader),
    .encoder_size = sizeof(JsonWriter),
    .options = dbz_options,
    .metadata = dbz_metadata,
    .help = "changes of a database table as Debezium writes them",
    .open_decoder = dbz_open_decoder,
    .decode = cdc_decode,
    .open_encoder = dbz_open_encoder,
    .encode = dbz_encode,
};
