/* json_read.c -- chunks into lines for the decoders of the JSON family: the last line without a
 * newline, byte order marks, and what happens to a record that cannot be read.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/json.h"

void json_reader_init(JsonReader *reader) {
    const Options *opts = reader->decoder.spec.options;
    JsonScan *s = &reader->scan;
    s->ops = json_ops();
    s->decoder = &reader->decoder;
    s->ignores = opt_bool(opts, "ignore-parse-errors");
    if (opt_is(opts, "timestamp-format.standard", "ISO-8601")) s->time = JSON_TIME_ISO;
    if (opt_is(opts, "timestamp-format.standard", "ISO-8601-WITH-OFFSET")) {
        s->time = JSON_TIME_OFFSET;
    }
    s->zero_is_null = opt_is(opts, "zero-timestamp.behavior", "CONVERT_TO_NULL");
}

Status json_report(JsonScan *s, const char *end, bool is_kept) {
    BadRecord bad = {
        .bytes = {s->record, (size_t)(end - s->record)},
        .offset = s->input_offset + (size_t)(s->record - s->input),
        .line = s->n_lines + 1,
        .column = s->column,
        .value = s->value,
        .at = (uint32_t)(s->at - s->record),
        .sqlstate = s->sqlstate,
        .reason = s->reason,
        .is_ignored = s->ignores,
        .is_kept = is_kept,
    };
    if (bad.bytes.len && bad.bytes.ptr[bad.bytes.len - 1] == '\r') bad.bytes.len--;
    return decode_bad(s->decoder, &bad, s->err);
}

/* All whole lines from p to end. */
static Status json_read_lines(JsonReader *reader, const char **at, const char *end,
                              uint32_t max_rows, BatchBuilder *out) {
    JsonScan *s = &reader->scan;
    const char *p = *at;
    while (p < end && out->n_rows < max_rows) {
        const char *line_end;
        s->reason = NULL;
        p = reader->lines(reader, p, end, max_rows, out);
        if (!s->reason) break;
        line_end = rawmemchr(p, '\n');
        json_truncate_fields(reader->top, out->n_rows);
        if (s->fatal) return s->fatal;
        TRY(json_report(s, line_end, false));
        p = line_end + 1;
        s->n_lines++;
    }
    *at = p;
    return ST_OK;
}

Status json_read_chunk(JsonReader *reader, Span in, bool at_end, uint32_t max_rows,
                       BatchBuilder *out, size_t *consumed, Err *err) {
    JsonScan *s = &reader->scan;
    const char *p = in.ptr, *newline = in.len ? memrchr(in.ptr, '\n', in.len) : NULL;
    const char *end = newline ? newline + 1 : p;
    Status status;
    s->arena = out->arena;
    s->err = err;
    s->fatal = ST_OK;
    s->input = in.ptr;
    s->input_offset = 0;
    s->n_lines = reader->decoder.n_lines;
    json_bind(reader->top, out->cols);
    status = json_read_lines(reader, &p, end, max_rows, out);
    *consumed = (size_t)(p - in.ptr);
    if (status == ST_OK && at_end && p == end && *consumed < in.len && out->n_rows < max_rows) {
        /* The last line lacks its newline, on which the scan relies. */
        size_t len = in.len - *consumed;
        char *copy = arena_alloc(out->arena, len + 1 + CHUNK_PADDING);
        const char *q = copy;
        memcpy(copy, p, len);
        memset(copy + len, '\n', 1 + CHUNK_PADDING);
        s->input = copy;
        s->input_offset = *consumed;
        status = json_read_lines(reader, &q, copy + len + 1, max_rows, out);
        *consumed = in.len;
    }
    json_truncate_fields(reader->top, out->n_rows);
    json_finish_fields(reader->top, out->n_rows);
    reader->decoder.n_lines = s->n_lines;
    return status;
}
