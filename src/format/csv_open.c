/* csv_open.c -- the options of the csv format, checked against each other and against the columns.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/csv.h"

enum { CSV_HEADER_COLUMNS_MAX = 4096 };

/* One ASCII character; Java's escapes of tab and the like are understood, as Flink does. */
static Status csv_character(const Options *opts, const char *name, char *out, bool *has, Err *err) {
    static const char from[] = "tnrbf\\\"'", to[] = "\t\n\r\b\f\\\"'";
    Span text = opt_str(opts, name);
    const char *found;
    *has = text.len > 0;
    if (!*has) return ST_OK;
    *out = text.ptr[0];
    if (text.len == 2 && text.ptr[0] == '\\' && (found = memchr(from, text.ptr[1], 8)) != NULL) {
        *out = to[found - from];
        text.len = 1;
    } else if (text.len == 6 && text.ptr[0] == '\\' && text.ptr[1] == 'u') {
        char code[5] = {text.ptr[2], text.ptr[3], text.ptr[4], text.ptr[5], 0};
        unsigned long value = strtoul(code, NULL, 16);
        *out = (char)value;
        text.len = value && value < 0x80 ? 1 : 2;
    }
    if (text.len != 1 || (unsigned char)*out >= 0x80 || *out == '\n' || *out == '\r') {
        FAIL(err, ST_UNSUPPORTED, "0A000", opt_pos(opts, name),
             "option '%s%s' must be one ASCII character and no line break", opts->prefix, name);
    }
    return ST_OK;
}

typedef struct CsvDialect {
    char delimiter, quote, escape;
    bool has_quote, has_escape;
} CsvDialect;

static Status csv_dialect(const Options *opts, CsvDialect *d, Err *err) {
    bool has_delimiter;
    TRY(csv_character(opts, "field-delimiter", &d->delimiter, &has_delimiter, err));
    TRY(csv_character(opts, "quote-character", &d->quote, &d->has_quote, err));
    TRY(csv_character(opts, "escape-character", &d->escape, &d->has_escape, err));
    if (!has_delimiter) {
        FAIL(err, ST_INVALID, "22023", opt_pos(opts, "field-delimiter"),
             "option 'csv.field-delimiter' is empty");
    }
    if (opt_bool(opts, "disable-quote-character")) {
        if (opt_has(opts, "quote-character")) {
            FAIL(err, ST_INVALID, "22023", opt_pos(opts, "quote-character"),
                 "Format cannot define a quote character and disabled quote character at the same "
                 "time.");
        }
        d->has_quote = false;
    }
    if (d->has_quote && d->quote == d->delimiter) {
        FAIL(err, ST_INVALID, "22023", opt_pos(opts, "quote-character"),
             "quote character and field delimiter are the same");
    }
    return ST_OK;
}

static bool csv_is_simple(const Type *type) {
    return type->kind != TYPE_ARRAY && type->kind != TYPE_ROW && type->kind != TYPE_MAP &&
           type->kind != TYPE_MULTISET;
}

static Status csv_check_type(Field field, Err *err) {
    const Type *type = field.type, *bad = NULL;
    if (type->kind == TYPE_MAP || type->kind == TYPE_MULTISET) bad = type;
    if (type->kind == TYPE_ARRAY && !csv_is_simple(type->elem)) bad = type->elem;
    for (uint32_t i = 0; i < type->row.n_fields; i++) {
        if (!csv_is_simple(type->row.fields[i].type)) bad = type->row.fields[i].type;
    }
    if (!bad) return ST_OK;
    err_set(err, ST_UNSUPPORTED, "0A000", -1, __FILE__, __LINE__,
            "column '" SPAN_FMT "': csv has no form for %s", SPAN_ARG(field.name),
            bad == type ? "maps and multisets" : "types nested more than once");
    return err_hint(err, "the json format holds every type");
}

Status csv_open_decoder(Decoder *decoder, Arena *arena, Err *err) {
    CsvReader *csv = (CsvReader *)decoder;
    const DecodeSpec *spec = &decoder->spec;
    const Options *opts = spec->options;
    const Schema *table = spec->table, *out = spec->out;
    CsvDialect d;
    TRY(csv_dialect(opts, &d, err));
    csv->delimiter = d.delimiter;
    csv->quote = d.quote;
    csv->escape = d.escape;
    csv->has_quote = d.has_quote;
    csv->has_escape = d.has_escape;
    csv->allows_comments = opt_bool(opts, "allow-comments");
    csv->ignores = opt_bool(opts, "ignore-parse-errors");
    csv->trims = opt_bool(opts, "trim-spaces");
    csv->ignores_extra = opt_bool(opts, "ignore-trailing-unmappable");
    csv->allows_trailing_comma = opt_bool(opts, "allow-trailing-comma");
    csv->empty_is_null = opt_bool(opts, "empty-string-as-null");
    csv->has_header = opt_bool(opts, "header");
    csv->skips_first = opt_bool(opts, "ignore-first-line");
    csv->is_first = true;
    csv->ctx.null_literal = opt_str(opts, "null-literal");
    csv->ctx.delimiter = opt_str(opts, "array-element-delimiter");
    if (csv->ctx.delimiter.len == 0) {
        FAIL(err, ST_INVALID, "22023", opt_pos(opts, "array-element-delimiter"),
             "option 'csv.array-element-delimiter' is empty");
    }
    csv->cap_columns = csv->has_header ? CSV_HEADER_COLUMNS_MAX : table->n_fields;
    csv->n_columns = table->n_fields;
    csv->columns = arena_array(arena, CsvColumn, csv->cap_columns);
    csv->out_of = arena_array(arena, int32_t, table->n_fields);
    csv->cols = arena_array(arena, TextCol, out->n_fields);
    for (uint32_t i = 0; i < table->n_fields; i++) {
        TRY(csv_check_type(table->fields[i], err));
        csv->out_of[i] = -1;
        for (uint32_t k = 0; k < out->n_fields; k++) {
            if (spec->indexes[k] == (int32_t)i) csv->out_of[i] = (int32_t)k;
        }
        if (i < csv->cap_columns) csv->columns[i] = (CsvColumn){csv->out_of[i], i};
    }
    return textcol_open(csv->cols, out, spec, &csv->ctx, arena, err);
}

Status csv_open_encoder(Encoder *encoder, Arena *arena, Err *err) {
    CsvWriter *csv = (CsvWriter *)encoder;
    const Options *opts = encoder->spec.options;
    CsvDialect d;
    (void)arena;
    TRY(csv_dialect(opts, &d, err));
    for (uint32_t i = 0; i < encoder->spec.schema->n_fields; i++) {
        TRY(csv_check_type(encoder->spec.schema->fields[i], err));
    }
    csv->delimiter = d.delimiter;
    csv->quote = d.quote;
    csv->escape = d.escape;
    csv->has_quote = d.has_quote;
    csv->has_escape = d.has_escape;
    csv->min_safe =
        (unsigned char)((d.has_quote && d.quote > d.delimiter ? d.quote : d.delimiter) + 1);
    if (csv->min_safe <= '\n') csv->min_safe = '\n' + 1;
    csv->null_literal = opt_str(opts, "null-literal");
    csv->element_delimiter = opt_str(opts, "array-element-delimiter");
    csv->is_plain_decimal = !opt_bool(opts, "write-bigdecimal-in-scientific-notation");
    csv->has_header = opt_bool(opts, "header");
    buf_init(&csv->scratch, encoder->spec.mem);
    return ST_OK;
}

void csv_close_encoder(Encoder *encoder) {
    buf_deinit(&((CsvWriter *)encoder)->scratch);
}
