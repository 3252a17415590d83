/* fmt_csv.c -- the format 'csv': RFC 4180 with Flink's options. A record is a line unless a quoted
 * field holds newlines; only the columns in use are converted, all of them are counted.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/csv.h"

/* ---- fields ---- */

/* A quoted field, p behind the quote: its text, in place or without its doubled quotes and escapes
 * in the arena. Returns the byte behind the closing quote; NULL when there is none before `end`. */
static const char *csv_quoted(CsvReader *csv, const char *p, const char *end, Span *out) {
    const char *start = p;
    char *copy = NULL, *to = NULL;
    size_t from = 0;
    for (;; p++) {
        bool is_escape;
        while (p < end && *p != csv->quote && (*p != csv->escape || !csv->has_escape)) p++;
        if (p == end) return NULL;
        is_escape = csv->has_escape && *p == csv->escape && p + 1 < end;
        if (!is_escape && (p + 1 == end || p[1] != csv->quote)) break;
        /* p is dropped, what follows it is kept. */
        if (!copy) {
            copy = to = arena_alloc(csv->ctx.arena, (size_t)(end - start) + CHUNK_PADDING);
        }
        memcpy(to, start + from, (size_t)(p - start) - from);
        to += (size_t)(p - start) - from;
        *to++ = p[1];
        from = (size_t)(p - start) + 2;
        p++;
    }
    *out = (Span){start, (size_t)(p - start)};
    if (copy) {
        memcpy(to, start + from, (size_t)(p - start) - from);
        to += (size_t)(p - start) - from;
        *out = (Span){copy, (size_t)(to - copy)};
    }
    return p + 1;
}

/* An unquoted field with an escape in it. */
static const char *csv_escaped(CsvReader *csv, const char *p, const char *end, Span *out) {
    char *copy = arena_alloc(csv->ctx.arena, (size_t)(end - p) + CHUNK_PADDING), *to = copy;
    while (*p != csv->delimiter && *p != '\n') {
        if (*p == csv->escape && p[1] != '\n') p++;
        *to++ = *p++;
    }
    *out = (Span){copy, (size_t)(to - copy)};
    return p;
}

/* One field from p on: its text, and where the delimiter or newline behind it is. `end` is behind
 * the last newline there is. NULL: the quote is never closed (reason unset) or text follows it. */
static inline const char *csv_field(CsvReader *csv, const char *p, const char *end, Span *out,
                                    uint32_t *high) {
    const char *start = p;
    if (csv->has_quote && *p == csv->quote) {
        p = csv_quoted(csv, p + 1, end, out);
        if (!p) return NULL;
        csv->ctx.is_ascii = false;
        while (*p != csv->delimiter && (*p == ' ' || *p == '\t' || (*p == '\r' && p[1] == '\n'))) {
            p++;
        }
        if (*p == csv->delimiter || *p == '\n') return p;
        csv->reason = "expected a delimiter or the end of the line behind the quote";
        csv->at = p;
        return NULL;
    }
    p = csv_stop(csv, p, high);
    if (csv->has_escape && *p == csv->escape && csv->escape != csv->delimiter) {
        return csv_escaped(csv, start, end, out);
    }
    *out = (Span){start, (size_t)(p - start)};
    if (*p == '\n' && out->len && p[-1] == '\r') out->len--;
    if (csv->trims) *out = span_trim(*out);
    return p;
}

/* ---- records ---- */

static Status csv_report(CsvReader *csv, const CsvRecord *record, TextError error, uint32_t field,
                         Span value, bool is_kept, Err *err) {
    BadRecord bad = {
        .bytes = {record->start, (size_t)(record->end - record->start)},
        .offset = csv->input_offset + (size_t)(record->start - csv->input),
        .line = csv->decoder.n_lines + 1,
        .value = value,
        .at = (uint32_t)(csv->at - record->start),
        .sqlstate = error ? text_sqlstate(error) : "22P04", /* bad copy file format */
        .reason = error ? text_reason(error) : csv->reason,
        .is_ignored = csv->ignores,
        .is_kept = is_kept,
    };
    if (error) bad.column = csv->decoder.spec.table->fields[csv->columns[field].table].name;
    if (error == TEXT_BAD_EMPTY) bad.hint = "'csv.null-literal' = '' reads empty fields as NULL";
    if (bad.bytes.len && bad.bytes.ptr[bad.bytes.len - 1] == '\r') bad.bytes.len--;
    return decode_bad(&csv->decoder, &bad, err);
}

/* The rest of a record, p at a field: what is behind its newline, or NULL when it is not whole. */
static const char *csv_pass(CsvReader *csv, const char *p, const char *end) {
    uint32_t high;
    Span text;
    for (;; p++) {
        p = csv_field(csv, p, end, &text, &high);
        if (!p || *p == '\n') return p ? p + 1 : NULL;
    }
}

/* Where a field is; one that was unescaped is somewhere else. */
static const char *csv_place(const CsvRecord *record, Span text) {
    return text.ptr >= record->start && text.ptr < record->end ? text.ptr : record->start;
}

/* Field `field` of the record into its column. false: the record is bad as a whole and reported, or
 * not whole (is_cut). */
static bool csv_put(CsvReader *csv, CsvRecord *record, uint32_t field, Span text, BatchBuilder *out,
                    Status *status, Err *err) {
    const CsvColumn *column = &csv->columns[field];
    const TextCol *col = &csv->cols[column->out];
    ColBuilder *b = &out->cols[column->out];
    TextError bad;
    if (csv->empty_is_null && text.len == 0 && !col->is_required) {
        colb_null(b);
        return true;
    }
    bad = textcol_append(&csv->ctx, col, text, b);
    if (FAST_LIKELY(bad == TEXT_OK)) return true;
    if (csv->ignores && !col->is_required) {
        /* It will come again when the rest is there: nothing may be counted twice. */
        record->is_cut = *record->stop != '\n' && !csv_pass(csv, record->stop + 1, record->limit) &&
                         !csv->reason;
        csv->reason = NULL;
        if (record->is_cut) return false;
        csv->at = csv_place(record, text);
        *status = csv_report(csv, record, bad, field, text, true, err);
        if (*status == ST_OK) colb_null(b);
        return *status == ST_OK;
    }
    csv->at = csv_place(record, text);
    *status = csv_report(csv, record, bad, field, text, false, err);
    return false;
}

/* The record ended after n fields, or a field too many came. */
static bool csv_check_count(CsvReader *csv, const CsvRecord *record, uint32_t n, BatchBuilder *out,
                            Status *status, Err *err) {
    snprintf(csv->reason_text, sizeof csv->reason_text,
             "row length mismatch: %u fields expected but was %u", csv->n_columns, n);
    csv->reason = csv->reason_text;
    csv->at = record->end - (record->end > record->start);
    *status = csv_report(csv, record, TEXT_OK, 0, (Span){NULL, 0}, csv->ignores, err);
    if (*status || !csv->ignores) return false;
    for (; n < csv->n_columns; n++) {
        if (csv->columns[n].out < 0) continue;
        if (csv->cols[csv->columns[n].out].is_required) return false;
        colb_null(&out->cols[csv->columns[n].out]);
    }
    return true;
}

/* Splits the record at p and stores its fields. *next is behind it; NULL: it is not whole. */
static bool csv_record(CsvReader *csv, const char *p, const char *end, BatchBuilder *out,
                       const char **next, Status *status, Err *err) {
    CsvRecord record = {.start = p, .end = rawmemchr(p, '\n'), .limit = end};
    uint32_t n = 0, high = 0;
    Span text;
    *next = record.end + 1;
    for (;; p++) {
        const char *stop = csv_field(csv, p, end, &text, &high);
        if (!stop) {
            if (csv->reason) {
                if (csv->at > record.end) record.end = rawmemchr(csv->at, '\n');
                *next = record.end + 1;
                *status = csv_report(csv, &record, TEXT_OK, 0, (Span){NULL, 0}, false, err);
            } else {
                *next = NULL;
            }
            return false;
        }
        if (stop > record.end) { /* a quoted newline: the record goes on */
            record.end = rawmemchr(stop, '\n');
            *next = record.end + 1;
        }
        if (FAST_UNLIKELY(n >= csv->n_columns)) {
            bool is_trailing = *stop == '\n' && text.len == 0 && csv->allows_trailing_comma;
            if (!is_trailing && !csv->ignores_extra) {
                return csv_check_count(csv, &record, n + 1, out, status, err);
            }
        } else if (csv->columns[n].out >= 0) {
            csv->ctx.is_ascii = high == 0 && text.ptr == p;
            record.stop = stop;
            if (!csv_put(csv, &record, n, text, out, status, err)) {
                if (record.is_cut) *next = NULL;
                return false;
            }
        }
        n++;
        p = stop;
        if (*p == '\n') break;
    }
    if (FAST_UNLIKELY(n < csv->n_columns)) {
        return csv_check_count(csv, &record, n, out, status, err);
    }
    return true;
}

/* The first record of a file: which columns its fields are. */
static Status csv_header(CsvReader *csv, const char *p, const char *end, bool is_last,
                         const char **next, Err *err) {
    const Schema *table = csv->decoder.spec.table;
    uint32_t n = 0, high;
    uint8_t *found = arena_zalloc(csv->ctx.arena, table->n_fields + 1);
    const char *start = p;
    for (;; p++) {
        Span name;
        int32_t at;
        const char *stop = csv_field(csv, p, end, &name, &high);
        if (!stop) {
            *next = NULL;
            if (!csv->reason && !is_last) return ST_OK;
            FAIL(err, ST_INVALID, "22P04", -1, "csv header: %s",
                 csv->reason ? csv->reason : "a quote is never closed");
        }
        if (n == csv->cap_columns) {
            FAIL(err, ST_LIMIT, "54011", -1, "csv header: more than %u columns", n);
        }
        at = schema_find(table, span_trim(name));
        csv->columns[n++] = (CsvColumn){at < 0 ? -1 : csv->out_of[at], (uint32_t)(at < 0 ? 0 : at)};
        if (at >= 0) found[at] = 1;
        p = stop;
        if (*p == '\n') break;
    }
    csv->n_columns = n;
    *next = p + 1;
    for (uint32_t i = 0; i < table->n_fields; i++) {
        if (found[i] || csv->out_of[i] < 0) continue;
        err_set(err, ST_INVALID, "42703", -1, __FILE__, __LINE__,
                "csv header: there is no column '" SPAN_FMT "'", SPAN_ARG(table->fields[i].name));
        return err_detail(err, "header: %.*s", (int)(p - start > 400 ? 400 : p - start), start);
    }
    return ST_OK;
}

static void csv_count_lines(CsvReader *csv, const char *p, const char *next) {
    while (p < next) {
        const char *newline = memchr(p, '\n', (size_t)(next - p));
        if (!newline) break;
        csv->decoder.n_lines++;
        p = newline + 1;
    }
}

/* Records from *at to `end`, which is behind a newline. Stops at one that is not whole, unless
 * nothing follows: then its first line is bad. */
static Status csv_records(CsvReader *csv, const char **at, const char *end, bool is_last,
                          uint32_t max_rows, BatchBuilder *out, Err *err) {
    while (*at < end && out->n_rows < max_rows) {
        const char *p = *at, *next;
        Status status = ST_OK;
        csv->reason = NULL;
        if (FAST_UNLIKELY(csv->is_first)) {
            if (memcmp(p, "\xef\xbb\xbf", 3) == 0) p += 3;
        }
        if (csv->allows_comments && *p == '#') {
            next = (const char *)rawmemchr(p, '\n') + 1;
        } else if (FAST_UNLIKELY(csv->is_first && csv->has_header)) {
            TRY(csv_header(csv, p, end, is_last, &next, err));
            if (next) csv->is_first = false;
        } else if (FAST_UNLIKELY(csv->is_first && csv->skips_first)) {
            next = csv_pass(csv, p, end);
            if (!next && csv->reason) next = (const char *)rawmemchr(p, '\n') + 1;
            if (next) csv->is_first = false;
        } else {
            if (csv_record(csv, p, end, out, &next, &status, err)) {
                batchb_row_end(out, 1);
            } else {
                batchb_truncate(out);
                if (status) return status;
            }
            if (next) csv->is_first = false;
        }
        if (!next) { /* a quote that is not closed here */
            CsvRecord record = {.start = p, .end = rawmemchr(p, '\n')};
            if (!is_last) return ST_OK;
            csv->reason = "a quote is never closed";
            csv->at = p;
            csv->is_first = false;
            TRY(csv_report(csv, &record, TEXT_OK, 0, (Span){NULL, 0}, false, err));
            next = record.end + 1;
        }
        csv_count_lines(csv, p, next);
        *at = next;
    }
    return ST_OK;
}

static Status csv_decode(Decoder *decoder, Span in, bool at_end, uint32_t max_rows,
                         BatchBuilder *out, size_t *consumed, Err *err) {
    CsvReader *csv = (CsvReader *)decoder;
    const char *p = in.ptr, *newline = in.len ? memrchr(in.ptr, '\n', in.len) : NULL;
    const char *end = newline ? newline + 1 : p;
    bool is_cut = at_end && end != in.ptr + in.len; /* the last line lacks its newline */
    Status status;
    *consumed = 0;
    csv->ctx.arena = out->arena;
    csv->input = p;
    csv->input_offset = 0;
    status = csv_records(csv, &p, end, at_end && !is_cut, max_rows, out, err);
    *consumed = (size_t)(p - in.ptr);
    if (status == ST_OK && is_cut && out->n_rows < max_rows) {
        size_t len = in.len - *consumed;
        char *copy = arena_alloc(out->arena, len + 1 + CHUNK_PADDING);
        const char *q = copy;
        memcpy(copy, p, len);
        memset(copy + len, '\n', 1 + CHUNK_PADDING);
        csv->input = copy;
        csv->input_offset = *consumed;
        status = csv_records(csv, &q, copy + len + 1, true, max_rows, out, err);
        *consumed += (size_t)(q - copy) > len ? len : (size_t)(q - copy);
    }
    batchb_truncate(out);
    return status;
}

/* The header tells which column of the table each field is. */
static void csv_save(const Decoder *decoder, Buf *out) {
    const CsvReader *csv = (const CsvReader *)decoder;
    record_put_u64(out, csv->is_first);
    record_put_i64(out, csv->ctx.year.year);
    record_put_i64(out, csv->ctx.year.month);
    record_put_i64(out, csv->ctx.year.now_us);
    record_put_u64(out, csv->has_header ? csv->n_columns : 0);
    for (uint32_t i = 0; csv->has_header && i < csv->n_columns; i++)
        record_put_i64(out, csv->columns[i].out < 0 ? -1 : (int64_t)csv->columns[i].table);
}

static void csv_load(Decoder *decoder, Record *in) {
    CsvReader *csv = (CsvReader *)decoder;
    uint64_t n;
    csv->is_first = record_u64(in) != 0;
    csv->ctx.year.year = (int32_t)record_i64(in);
    csv->ctx.year.month = (int32_t)record_i64(in);
    csv->ctx.year.now_us = record_i64(in);
    n = record_count(in, 8);
    if (n > csv->cap_columns) {
        in->is_bad = true;
        return;
    }
    for (uint64_t i = 0; i < n; i++) {
        int64_t table = record_i64(in);
        bool is_known = table >= 0 && table < csv->decoder.spec.table->n_fields;
        csv->columns[i] =
            (CsvColumn){is_known ? csv->out_of[table] : -1, is_known ? (uint32_t)table : 0};
    }
    if (n) csv->n_columns = (uint32_t)n;
}

static void csv_reset(Decoder *decoder) {
    CsvReader *csv = (CsvReader *)decoder;
    csv->is_first = true;
    csv->ctx.year.year = 0;
}

static const OptionSpec csv_options[] = {
    {"field-delimiter", OPT_STRING, ",", .help = "one character, also as an escape such as \\t"},
    {"quote-character", OPT_STRING, "\"", .help = "around fields that hold delimiters or newlines"},
    {"disable-quote-character", OPT_BOOL, "false", .help = "quotes are nothing special"},
    {"escape-character", OPT_STRING, .help = "takes the meaning from the character behind it"},
    {"null-literal", OPT_STRING, .help = "the text that stands for NULL"},
    {"allow-comments", OPT_BOOL, "false", .help = "lines that start with # are skipped"},
    {"ignore-parse-errors", OPT_BOOL, "false",
     .help = "a field that cannot be read becomes NULL, a broken record is skipped; both are "
             "counted"},
    {"array-element-delimiter", OPT_STRING, ";", .help = "between the elements of ARRAYs and ROWs"},
    {"write-bigdecimal-in-scientific-notation", OPT_BOOL, "true",
     .help = "writes DECIMAL 100000 as 1E+5"},
    {"trim-spaces", OPT_BOOL, "false", .help = "takes blanks off unquoted fields"},
    {"ignore-trailing-unmappable", OPT_BOOL, "false",
     .help = "skips fields behind the last column"},
    {"allow-trailing-comma", OPT_BOOL, "true", .help = "a delimiter may end the line"},
    {"empty-string-as-null", OPT_BOOL, "false", .help = "empty fields are NULL"},
    {"ignore-first-line", OPT_BOOL, "false", .help = "skips the first record of each file"},
    {"header", OPT_BOOL, "false",
     .help = "the first record of each file holds the names of its columns, in any order; written "
             "to new files"},
    TEXTCOL_OPTIONS,
    {NULL},
};

const FormatType fmt_csv = {
    .name = "csv",
    .traits = FORMAT_SOURCE | FORMAT_SINK | FORMAT_TEXT_LINES,
    .decoder_size = sizeof(CsvReader),
    .encoder_size = sizeof(CsvWriter),
    .options = csv_options,
    .help = "comma-separated values (RFC 4180)",
    .open_decoder = csv_open_decoder,
    .decode = csv_decode,
    .reset = csv_reset,
    .save = csv_save,
    .load = csv_load,
    .open_encoder = csv_open_encoder,
    .begin = csv_begin,
    .encode = csv_encode,
    .close_encoder = csv_close_encoder,
};
