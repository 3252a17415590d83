/* fmt_debezium.c -- the format 'debezium-json': changes of a database table. An update is two rows,
 * the image before with weight -1 and the one after; written are only "c" and "d", as Flink does.
 *
 * A record is passed over once to find its parts, then the images that its "op" asks for are
 * decoded; so the order of the parts does not matter.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/json.h"
#include "format/json_encode.h"

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

typedef struct DbzColumn {
    DbzMeta meta;
    JsonNode *node;
} DbzColumn;

typedef struct DbzReader {
    JsonReader reader;
    bool has_schema; /* schema-include */
    uint32_t n_metas;
    DbzColumn *metas;
} DbzReader;

static const Type dbz_ltz3 = {.kind = TYPE_TIMESTAMP_LTZ, .is_nullable = true, .precision = 3};
static const Type dbz_string = {
    .kind = TYPE_VARCHAR, .is_nullable = true, .precision = TYPE_LEN_MAX};
static const Type dbz_properties = {
    .kind = TYPE_MAP, .is_nullable = true, .key = &dbz_string, .elem = &dbz_string};

extern const FormatType fmt_debezium;
static const FormatMeta dbz_metadata[] = {
    [DBZ_META_SCHEMA] = {"schema", &dbz_string, "the payload's schema as JSON"},
    [DBZ_META_INGESTION] = {"ingestion-timestamp", &dbz_ltz3, "when Debezium handled the change"},
    [DBZ_META_PROPERTIES] = {"source.properties", &dbz_properties, "all of the field source"},
    [DBZ_META_TIMESTAMP] = {"source.timestamp", &dbz_ltz3, "when the database made the change"},
    [DBZ_META_DATABASE] = {"source.database", &dbz_string, "the database's name"},
    [DBZ_META_SOURCE_SCHEMA] = {"source.schema", &dbz_string, "the schema's name"},
    [DBZ_META_TABLE] = {"source.table", &dbz_string, "the table's name"},
    {NULL},
};
static const char *const dbz_part_names[DBZ_PARTS] = {"before", "after", "op", "ts_ms", "source"};
static const char *const dbz_source_names[] = {"ts_ms", "db", "schema", "table"};

/* ---- finding ---- */

static const char *dbz_blanks(const char *p) {
    while (*p == ' ' || *p == '\t' || *p == '\r') p++;
    return p;
}

/* Passes the object (p behind its brace); values[i] is where the last value of names[i] starts, or
 * NULL. */
static const char *dbz_members(JsonScan *s, const char *p, const char *const *names, uint32_t n,
                               const char **values) {
    for (uint32_t i = 0; i < n; i++) values[i] = NULL;
    p = dbz_blanks(p);
    if (*p == '}') return p + 1;
    for (;;) {
        Span name;
        if (*p != '"') return json_reject(s, p, "expected a key in quotes");
        p = json_text(s, p + 1, &name);
        if (!p) return NULL;
        p = dbz_blanks(p);
        if (*p != ':') return json_reject(s, p, "expected ':'");
        p = dbz_blanks(p + 1);
        for (uint32_t i = 0; i < n; i++) {
            if (span_is(name, names[i])) values[i] = *p == 'n' ? NULL : p;
        }
        p = s->ops->skip(s, p);
        if (!p) return NULL;
        p = dbz_blanks(p);
        if (*p == '}') return p + 1;
        if (*p != ',') return json_reject(s, p, "expected ',' or '}'");
        p = dbz_blanks(p + 1);
    }
}

/* The metadata columns of one row. */
static bool dbz_put_metadata(DbzReader *dbz, const char *schema, const char *const *parts,
                             uint32_t row) {
    JsonScan *s = &dbz->reader.scan;
    const char *source[DBZ_META_COUNT - DBZ_META_TIMESTAMP] = {NULL};
    if (dbz->n_metas == 0) return true;
    if (parts[DBZ_SOURCE] && *parts[DBZ_SOURCE] == '{' &&
        !dbz_members(s, parts[DBZ_SOURCE] + 1, dbz_source_names,
                     DBZ_META_COUNT - DBZ_META_TIMESTAMP, source)) {
        return false;
    }
    for (uint32_t i = 0; i < dbz->n_metas; i++) {
        DbzMeta meta = dbz->metas[i].meta;
        const char *p = meta == DBZ_META_SCHEMA       ? schema
                        : meta == DBZ_META_INGESTION  ? parts[DBZ_TS]
                        : meta == DBZ_META_PROPERTIES ? parts[DBZ_SOURCE]
                                                      : source[meta - DBZ_META_TIMESTAMP];
        if (p && !s->ops->value(s, dbz->metas[i].node, p, row)) return false;
    }
    return true;
}

/* An image into row `row`. */
static bool dbz_put_image(DbzReader *dbz, const char *image, const char *schema,
                          const char *const *parts, uint32_t row) {
    JsonScan *s = &dbz->reader.scan;
    if (*image != '{') {
        (void)json_reject(s, image, "expected an object");
        return false;
    }
    s->depth = 1;
    return s->ops->object(s, dbz->reader.top, image + 1, row) &&
           dbz_put_metadata(dbz, schema, parts, row);
}

/* ---- changes ---- */

#define DBZ_REPLICA_IDENTITY(change)                                                          \
    "The \"before\" field of " change " message is null, if you are using Debezium Postgres " \
    "Connector, please check the Postgres table has been set REPLICA IDENTITY to FULL level."

static bool dbz_change(DbzReader *dbz, const char *payload, const char *schema,
                       const char *const *parts, BatchBuilder *out) {
    JsonScan *s = &dbz->reader.scan;
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
    if ((is_update || is_delete) && !dbz_put_image(dbz, before, schema, parts, row)) return false;
    if (!is_delete && !dbz_put_image(dbz, after, schema, parts, row + is_update)) return false;
    if (is_update) {
        batchb_update_end(out, -1);
        batchb_update_end(out, 1);
    } else {
        batchb_row_end(out, is_delete ? -1 : 1);
    }
    return true;
}

/* One record; false after a failure. Tombstones (null) and blank lines make no rows. */
static const char *dbz_record(DbzReader *dbz, const char *p, BatchBuilder *out) {
    static const char *const envelope[] = {"payload", "schema"};
    JsonScan *s = &dbz->reader.scan;
    const char *parts[DBZ_PARTS], *outer[2] = {NULL, NULL}, *payload, *end;
    s->record = p;
    s->depth = 0;
    p = dbz_blanks(memcmp(p, "\xef\xbb\xbf", 3) == 0 ? p + 3 : p);
    payload = p;
    if (*p == '\n') return p + 1;
    if (*p == 'n') {
        end = s->ops->skip(s, p);
        payload = NULL;
    } else if (*p != '{') {
        return json_reject(s, p, "expected an object");
    } else if (dbz->has_schema) {
        end = dbz_members(s, p + 1, envelope, 2, outer);
        payload = outer[0];
        if (end && payload && *payload != '{') return json_reject(s, payload, "expected an object");
        if (end && payload && !dbz_members(s, payload + 1, dbz_part_names, DBZ_PARTS, parts)) {
            return NULL;
        }
    } else {
        end = dbz_members(s, p + 1, dbz_part_names, DBZ_PARTS, parts);
    }
    if (!end) return NULL;
    end = dbz_blanks(end);
    if (*end != '\n') return json_reject(s, end, "text behind the record");
    if (payload && !dbz_change(dbz, payload, outer[1], parts, out)) return NULL;
    return end + 1;
}

static const char *dbz_lines(JsonReader *reader, const char *p, const char *end, uint32_t max_rows,
                             BatchBuilder *out) {
    while (p < end && out->n_rows < max_rows) {
        const char *next = dbz_record((DbzReader *)reader, p, out);
        if (!next) break;
        reader->scan.n_lines++;
        p = next;
    }
    return p;
}

/* ---- opening ---- */

/* The table's columns, and behind them the metadata columns in use, under names that no key has. */
static Status dbz_open_columns(DbzReader *dbz, Arena *arena, Err *err) {
    const DecodeSpec *spec = &dbz->reader.decoder.spec;
    uint32_t n_table = spec->table->n_fields, n_out = spec->out->n_fields;
    Field *fields = arena_array(arena, Field, n_table + n_out);
    int32_t *indexes = arena_array(arena, int32_t, n_out);
    Schema table = {n_table, fields};
    dbz->metas = arena_array(arena, DbzColumn, n_out);
    memcpy(fields, spec->table->fields, sizeof *fields * n_table);
    for (uint32_t i = 0; i < n_out; i++) {
        Field out = spec->out->fields[i];
        const FormatMeta *found;
        indexes[i] = spec->indexes[i];
        TRY(json_check_type(out.type, out.name, false, err));
        if (indexes[i] >= 0) continue;
        found = format_meta_find(&fmt_debezium, spec->metadata_keys[i]);
        if (!found) {
            FAIL(err, ST_INVALID, "42703", -1, "debezium-json has no metadata '" SPAN_FMT "'",
                 SPAN_ARG(spec->metadata_keys[i]));
        }
        indexes[i] = (int32_t)table.n_fields;
        fields[table.n_fields++] = (Field){SPAN("\x01"), out.type};
        dbz->metas[dbz->n_metas++].meta = (DbzMeta)(found - dbz_metadata);
    }
    dbz->reader.top = json_node_object(arena, &table, spec->out, indexes, (Span){NULL, 0}, false);
    for (uint32_t i = 0; i < dbz->n_metas; i++) {
        JsonNode *node = dbz->reader.top->fields[1 + n_table + i].node;
        dbz->metas[i].node = node;
        if (node->kind == JSON_TIMESTAMP_LTZ) node->kind = JSON_INTERVAL; /* milliseconds */
    }
    return ST_OK;
}

static Status dbz_open_decoder(Decoder *decoder, Arena *arena, Err *err) {
    DbzReader *dbz = (DbzReader *)decoder;
    json_reader_init(&dbz->reader);
    dbz->reader.lines = dbz_lines;
    dbz->has_schema = opt_bool(decoder->spec.options, "schema-include");
    return dbz_open_columns(dbz, arena, err);
}

static Status dbz_decode(Decoder *decoder, Span in, bool at_end, uint32_t max_rows,
                         BatchBuilder *out, size_t *consumed, Err *err) {
    return json_read_chunk((JsonReader *)decoder, in, at_end, max_rows, out, consumed, err);
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
    .decoder_size = sizeof(DbzReader),
    .encoder_size = sizeof(JsonWriter),
    .options = dbz_options,
    .metadata = dbz_metadata,
    .help = "changes of a database table as Debezium writes them",
    .open_decoder = dbz_open_decoder,
    .decode = dbz_decode,
    .open_encoder = dbz_open_encoder,
    .encode = dbz_encode,
};
