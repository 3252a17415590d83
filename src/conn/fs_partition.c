/* fs_partition.c -- where a row of a partitioned table goes, what a file's directories say about
 * its rows, and which time a partition stands for.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/fs.h"

/* Characters that Hive (and so Flink) writes as %XX in the names of partition directories. */
static bool fspart_is_special(char c) {
    return (unsigned char)c < 0x20 || c == 0x7f || strchr("\"#%'*/:=?\\{[]^", c) != NULL;
}

static void fspart_escape(Span text, Buf *out) {
    for (size_t i = 0; i < text.len; i++) {
        if (fspart_is_special(text.ptr[i]))
            buf_printf(out, "%%%02X", (unsigned char)text.ptr[i]);
        else
            buf_putc(out, text.ptr[i]);
    }
}

static void fspart_value(const SinkSpec *spec, const Batch *batch, uint32_t row, uint32_t col,
                         Buf *out) {
    size_t from = out->len;
    if (!col_is_null(&batch->cols[col], row))
        value_print(&batch->cols[col], row, TEXT_CAST, spec->zone, out);
    if (out->len == from) buf_span(out, opt_str(spec->options, "partition.default-name"));
}

void fspart_path(const SinkSpec *spec, const Batch *batch, uint32_t row, Buf *out) {
    Buf value;
    buf_init(&value, spec->mem);
    for (uint32_t i = 0; i < spec->n_partition_cols; i++) {
        uint32_t col = spec->partition_cols[i];
        buf_reset(&value);
        fspart_value(spec, batch, row, col, &value);
        fspart_escape(spec->schema->fields[col].name, out);
        buf_putc(out, '=');
        fspart_escape(buf_as_span(&value), out);
        buf_putc(out, '/');
    }
    buf_deinit(&value);
}

static int fspart_hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void fspart_unescape(Span text, Buf *out) {
    for (size_t i = 0; i < text.len; i++) {
        int high = i + 2 < text.len ? fspart_hex(text.ptr[i + 1]) : -1;
        int low = high >= 0 ? fspart_hex(text.ptr[i + 2]) : -1;
        if (text.ptr[i] == '%' && low >= 0) {
            buf_putc(out, (char)(high * 16 + low));
            i += 2;
        } else {
            buf_putc(out, text.ptr[i]);
        }
    }
}

/* The value, unescaped, of the innermost directory "name=value"; false when there is none. */
static bool fspart_find(const char *path, Span name, Mem *mem, Buf *value) {
    const char *end;
    bool is_found = false;
    Buf prefix;
    buf_init(&prefix, mem);
    fspart_escape(name, &prefix);
    buf_putc(&prefix, '=');
    for (; (end = strchr(path, '/')) != NULL; path = end + 1) {
        Span part = {path, (size_t)(end - path)};
        if (!span_starts_with(part, buf_cstr(&prefix))) continue;
        buf_reset(value);
        fspart_unescape((Span){part.ptr + prefix.len, part.len - prefix.len}, value);
        is_found = true;
    }
    buf_deinit(&prefix);
    return is_found;
}

static Status fspart_parse(const SourceSpec *spec, const char *path, Span name, const Type *type,
                           Span value, ColBuilder *out, Err *err) {
    if (!span_eq(value, opt_str(spec->options, "partition.default-name"))) {
        if (value_parse(value, type, TEXT_CAST, spec->zone, out, err) == ST_OK) return ST_OK;
        return err_wrap(err, "table \"%s\": partition column \"" SPAN_FMT "\" of %s",
                        spec->table_name, SPAN_ARG(name), path);
    }
    if (!type->is_nullable)
        FAIL(err, ST_INVALID, "23502", -1,
             "table \"%s\": partition column \"" SPAN_FMT
             "\" is NOT NULL, but %s is in the directory of NULL",
             spec->table_name, SPAN_ARG(name), path);
    colb_null(out);
    return ST_OK;
}

Status fspart_read(const SourceSpec *spec, const char *path, Span name, const Type *type,
                   ColBuilder *out, Err *err) {
    Status status;
    Buf value;
    buf_init(&value, spec->mem);
    if (!fspart_find(path, name, spec->mem, &value)) {
        buf_deinit(&value);
        FAIL(err, ST_INVALID, "22000", -1,
             "table \"%s\": no directory \"" SPAN_FMT "=...\" in the path of %s says what the "
             "partition column is",
             spec->table_name, SPAN_ARG(name), path);
    }
    status = fspart_parse(spec, path, name, type, buf_as_span(&value), out, err);
    buf_deinit(&value);
    return status;
}

/* Replaces every $column of the pattern by the partition's value. */
static Status fspart_fill(const SinkSpec *spec, const Batch *batch, uint32_t row, Span pattern,
                          Buf *out, Err *err) {
    for (size_t i = 0; i < pattern.len; i++) {
        uint32_t best = UINT32_MAX;
        size_t best_len = 0;
        if (pattern.ptr[i] != '$') {
            buf_putc(out, pattern.ptr[i]);
            continue;
        }
        for (uint32_t p = 0; p < spec->n_partition_cols; p++) {
            Span name = spec->schema->fields[spec->partition_cols[p]].name;
            Span rest = {pattern.ptr + i + 1, pattern.len - i - 1};
            if (name.len <= rest.len && name.len > best_len &&
                memcmp(name.ptr, rest.ptr, name.len) == 0) {
                best = spec->partition_cols[p];
                best_len = name.len;
            }
        }
        if (best == UINT32_MAX) {
            FAIL(err, ST_INVALID, "22023",
                 opt_pos(spec->options, "partition.time-extractor.timestamp-pattern"),
                 "the timestamp pattern \"" SPAN_FMT "\" names no partition column after $",
                 SPAN_ARG(pattern));
        }
        fspart_value(spec, batch, row, best, out);
        i += best_len;
    }
    return ST_OK;
}

Status fspart_time(const SinkSpec *spec, const Batch *batch, uint32_t row, int64_t *out, Err *err) {
    Span pattern = opt_str(spec->options, "partition.time-extractor.timestamp-pattern");
    Buf text;
    Arena arena;
    ColBuilder col;
    Status status = ST_OK;
    buf_init(&text, spec->mem);
    arena_init(&arena, spec->mem);
    colb_init(&col, &arena, &type_timestamp6, 1);
    if (pattern.len)
        status = fspart_fill(spec, batch, row, pattern, &text, err);
    else
        fspart_value(spec, batch, row, spec->partition_cols[0], &text);
    if (status == ST_OK)
        status =
            value_parse(buf_as_span(&text), &type_timestamp6, TEXT_CAST, spec->zone, &col, err);
    if (status != ST_OK) {
        status = err_wrap(err, "partition time of table \"%s\"", spec->table_name);
    } else {
        const Zone *zone;
        status = zone_find(opt_str(spec->options, "sink.partition-commit.watermark-time-zone"),
                           &zone, err);
        if (status == ST_OK) *out = zone_to_utc(zone, col.i64[0]);
    }
    arena_deinit(&arena);
    buf_deinit(&text);
    return status;
}
