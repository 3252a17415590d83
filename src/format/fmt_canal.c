/* fmt_canal.c -- the format 'canal-json': changes of MySQL tables, with any number of rows in a
 * record. An update tells the new rows and what was different before; written are only inserts and
 * deletions, as Flink does.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/cdc_json.h"

typedef enum CanalPart {
    CANAL_DATABASE, /* metadata, in the order of canal_metadata */
    CANAL_TABLE,
    CANAL_SQL_TYPE,
    CANAL_KEYS,
    CANAL_TS,
    CANAL_ES,
    CANAL_DATA,
    CANAL_OLD,
    CANAL_TYPE,
    CANAL_PARTS
} CanalPart;
static const char *const canal_names[CANAL_PARTS] = {
    "database", "table", "sqlType", "pkNames", "ts", "es", "data", "old", "type"};
static const Type canal_int = {.kind = TYPE_INT, .is_nullable = true};
static const Type canal_sql_types = {
    .kind = TYPE_MAP, .is_nullable = true, .key = &cdc_string, .elem = &canal_int};

static const FormatMeta canal_metadata[] = {
    [CANAL_DATABASE] = {"database", &cdc_string, "the database's name"},
    [CANAL_TABLE] = {"table", &cdc_string, "the table's name"},
    [CANAL_SQL_TYPE] = {"sql-type", &canal_sql_types, "the columns' types as numbers of JDBC"},
    [CANAL_KEYS] = {"pk-names", &cdc_strings, "the names of the key's columns"},
    [CANAL_TS] = {"ingestion-timestamp", &cdc_ltz3, "when Canal handled the change"},
    [CANAL_ES] = {"event-timestamp", &cdc_ltz3, "when the database made the change"},
    {NULL},
};

enum { CANAL_FILTERS = 2 };
static const struct CanalFilter {
    const char *option, *missing;
    CanalPart part;
} canal_filters[CANAL_FILTERS] = {
    {"database.include", "no \"database\", which database.include asks for", CANAL_DATABASE},
    {"table.include", "no \"table\", which table.include asks for", CANAL_TABLE},
};

typedef struct CanalReader {
    CdcReader cdc;                /* first */
    Regex *wanted[CANAL_FILTERS]; /* what the names have to match; NULL: any will do */
} CanalReader;

/* Is the record one of the databases and tables asked for? False after a failure as well: then
 * s->reason says it. */
static bool canal_is_wanted(CanalReader *canal, const char *record, const char *const *parts) {
    JsonScan *s = &canal->cdc.reader.scan;
    for (uint32_t i = 0; i < CANAL_FILTERS; i++) {
        const char *p = parts[canal_filters[i].part];
        bool is_match;
        Span name;
        if (!canal->wanted[i]) continue;
        if (!p || *p != '"') {
            (void)json_reject(s, record, canal_filters[i].missing);
            return false;
        }
        if (!json_text(s, p + 1, &name)) return false;
        if (regex_match(canal->wanted[i], name, 0, &is_match, NULL) != ST_OK) {
            (void)json_reject(s, p, "matching the name takes too long");
            return false;
        }
        if (!is_match) return false;
    }
    return true;
}

/* The next object of an array (p behind the bracket or behind the last element); NULL: none, or an
 * error, then s->reason says it. */
static const char *canal_next(JsonScan *s, const char *p, bool is_first) {
    p = cdc_blanks(p);
    if (*p == ']') return NULL;
    if (!is_first && *p != ',') return json_reject(s, p, "expected ',' or ']'");
    p = is_first ? p : cdc_blanks(p + 1);
    return *p == '{' ? p : json_reject(s, p, "expected an object");
}

/* The rows of a record; *n_rows = how many. */
static bool canal_rows(CdcReader *cdc, const char *const *parts, bool is_update, uint32_t row,
                       uint32_t *n_rows) {
    JsonScan *s = &cdc->reader.scan;
    const char *data = parts[CANAL_DATA] + 1, *old = is_update ? parts[CANAL_OLD] + 1 : NULL;
    bool is_first = true;
    *n_rows = 0;
    s->reason = NULL;
    while ((data = canal_next(s, data, is_first))) {
        if (old && !(old = canal_next(s, old, is_first))) {
            if (!s->reason) (void)json_reject(s, data, "\"old\" has fewer rows than \"data\"");
            return false;
        }
        if (old ? !cdc_put_update(cdc, data, old, parts, row + *n_rows)
                : !(cdc_put_image(cdc, data, row + *n_rows) &&
                    cdc_put_metadata(cdc, parts, row + *n_rows)))
            return false;
        *n_rows += old ? 2 : 1;
        data = s->ops->skip(s, data);
        if (old) old = s->ops->skip(s, old);
        if (!data || (is_update && !old)) return false;
        is_first = false;
    }
    return !s->reason;
}

static bool canal_change(CdcReader *cdc, const char *record, const char *const *parts,
                         BatchBuilder *out) {
    JsonScan *s = &cdc->reader.scan;
    const char *data = parts[CANAL_DATA], *old = parts[CANAL_OLD], *p = parts[CANAL_TYPE];
    Span kind = {NULL, 0};
    uint32_t n;
    bool is_update, is_delete;
    if (p && *p == '"' && !json_text(s, p + 1, &kind)) return false;
    is_update = span_is(kind, "UPDATE");
    is_delete = span_is(kind, "DELETE");
    if (span_is(kind, "CREATE")) return true; /* a statement, which changes no row */
    if (!is_update && !is_delete && !span_is(kind, "INSERT")) {
        (void)json_reject(s, p ? p : record,
                          "Unknown \"type\" value: expected INSERT, UPDATE, DELETE or CREATE");
        s->value = kind;
        return false;
    }
    if (!data || *data != '[' || (is_update && (!old || *old != '['))) {
        (void)json_reject(s, p,
                          data && *data == '[' ? "the \"old\" field is not an array"
                                               : "the \"data\" field is not an array");
        return false;
    }
    if (!canal_rows(cdc, parts, is_update, out->n_rows, &n)) return false;
    for (uint32_t i = 0; i < n; i++) {
        if (is_update)
            batchb_update_end(out, i % 2 ? 1 : -1);
        else
            batchb_row_end(out, is_delete ? -1 : 1);
    }
    return true;
}

static const char *canal_record(CdcReader *cdc, const char *p, BatchBuilder *out) {
    const char *parts[CANAL_PARTS], *record = cdc_begin(cdc, p), *end;
    if (*record == '\n') return record + 1;
    if (*record != '{') return json_reject(&cdc->reader.scan, record, "expected an object");
    end = cdc_members(&cdc->reader.scan, record + 1, canal_names, CANAL_PARTS, parts);
    if (end) end = cdc_end(cdc, end);
    if (!end) return NULL;
    cdc->reader.scan.reason = NULL;
    if (!canal_is_wanted((CanalReader *)cdc, record, parts))
        return cdc->reader.scan.reason ? NULL : end;
    return canal_change(cdc, record, parts, out) ? end : NULL;
}

static void canal_close_decoder(Decoder *decoder) {
    CanalReader *canal = (CanalReader *)decoder;
    for (uint32_t i = 0; i < CANAL_FILTERS; i++) regex_free(canal->wanted[i]);
}

static Status canal_open_filters(CanalReader *canal, const Options *options, Err *err) {
    for (uint32_t i = 0; i < CANAL_FILTERS; i++) {
        const char *option = canal_filters[i].option;
        Status status;
        if (!opt_has(options, option)) continue;
        status = regex_new(&canal->wanted[i], opt_str(options, option), true, true, err);
        if (status && err) err->pos = opt_pos(options, option);
        TRY(status);
    }
    return ST_OK;
}

static Status canal_open_decoder(Decoder *decoder, Arena *arena, Err *err) {
    CanalReader *canal = (CanalReader *)decoder;
    Status status = cdc_open_decoder(&canal->cdc, arena, canal_record, err);
    if (status == ST_OK) status = canal_open_filters(canal, decoder->spec.options, err);
    if (status) canal_close_decoder(decoder);
    return status;
}

static Status canal_encode(Encoder *encoder, const Batch *batch, const uint8_t *kinds,
                           uint32_t first, uint32_t n, Span delimiter, Buf *out, size_t *ends,
                           Err *err) {
    const JsonWriter *writer = (const JsonWriter *)encoder;
    for (uint32_t i = 0; i < n; i++) {
        RowKind kind = kinds ? (RowKind)kinds[first + i] : ROW_INSERT;
        bool is_insert = kind == ROW_INSERT || kind == ROW_UPDATE_AFTER;
        buf_puts(out, "{\"data\":[");
        TRY(json_write_row(writer, batch, batch_row(batch, first + i), out, err));
        buf_puts(out, is_insert ? "],\"type\":\"INSERT\"}" : "],\"type\":\"DELETE\"}");
        if (ends) ends[i] = out->len;
        buf_span(out, delimiter);
    }
    return ST_OK;
}

static const OptionSpec canal_options[] = {
    {"database.include", OPT_STRING,
     .help = "a regular expression that the whole name of a record's database has to match; other "
             "records are passed over"},
    {"table.include", OPT_STRING, .help = "the same for the name of its table"},
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

const FormatType fmt_canal = {
    .name = "canal-json",
    .traits = FORMAT_SOURCE | FORMAT_SINK | FORMAT_TEXT_LINES | FORMAT_ONE_LINE | FORMAT_ANY_LINE |
              FORMAT_CHANGELOG,
    .decoder_size = sizeof(CanalReader),
    .encoder_size = sizeof(JsonWriter),
    .options = canal_options,
    .metadata = canal_metadata,
    .help = "changes of a database table as Canal writes them",
    .open_decoder = canal_open_decoder,
    .decode = cdc_decode,
    .close_decoder = canal_close_decoder,
    .open_encoder = json_open_encoder,
    .encode = canal_encode,
};
