/* csv_encode.c -- rows as csv, letter for letter as Flink (Jackson's CSV) writes them: texts longer
 * than 24 characters are quoted, and those with any character up to the delimiter and quote.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/csv.h"

enum { CSV_UNCHECKED_LEN = 24 };

static bool csv_needs_quotes(const CsvWriter *csv, Span text) {
    if (!csv->has_quote) return false;
    if (text.len > CSV_UNCHECKED_LEN) {
        /* Jackson counts UTF-16 units: a character of four bytes is two. */
        size_t units = 0;
        for (size_t i = 0; i < text.len; i++) {
            unsigned char c = (unsigned char)text.ptr[i];
            units += (c & 0xc0) != 0x80;
            units += c >= 0xf0;
        }
        if (units > CSV_UNCHECKED_LEN) return true;
    }
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] < csv->min_safe) return true;
        if (csv->has_escape && text.ptr[i] == csv->escape) return true;
    }
    return false;
}

static void csv_put_text(const CsvWriter *csv, Span text, Buf *out) {
    char *to;
    if (!csv_needs_quotes(csv, text)) {
        buf_span(out, text);
        return;
    }
    to = buf_reserve(out, text.len * 2 + 2);
    *to++ = csv->quote;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == csv->quote || (csv->has_escape && c == csv->escape)) *to++ = c;
        *to++ = c;
    }
    *to++ = csv->quote;
    out->len = (size_t)(to - out->ptr);
}

static void csv_put_i64(int64_t value, Buf *out) {
    out->len += num_print_i64(buf_reserve(out, NUM_I64_MAX_LEN), value);
}

/* The text of a value that is not nested; *is_text: it may need quotes. */
static void csv_put_scalar(const CsvWriter *csv, const Column *col, uint32_t row, bool *is_text,
                           Buf *out) {
    *is_text = false;
    switch ((TypeKind)col->type->kind) {
    case TYPE_BOOLEAN: buf_puts(out, col->i8[row] ? "true" : "false"); return;
    case TYPE_TINYINT: csv_put_i64(col->i8[row], out); return;
    case TYPE_SMALLINT: csv_put_i64(col->i16[row], out); return;
    case TYPE_INT:
    case TYPE_INTERVAL_YM: csv_put_i64(col->i32[row], out); return;
    case TYPE_BIGINT: csv_put_i64(col->i64[row], out); return;
    case TYPE_INTERVAL_DS: csv_put_i64(col->i64[row] / US_PER_MS, out); return;
    case TYPE_FLOAT:
        out->len += num_print_f32(buf_reserve(out, NUM_F64_MAX_LEN), col->f32[row]);
        return;
    case TYPE_DOUBLE:
        out->len += num_print_f64(buf_reserve(out, NUM_F64_MAX_LEN), col->f64[row]);
        return;
    case TYPE_DECIMAL:
        text_put_decimal(out, col->i128[row], col->type->scale, csv->is_plain_decimal);
        return;
    default: break;
    }
    *is_text = true;
    switch ((TypeKind)col->type->kind) {
    case TYPE_CHAR:
    case TYPE_VARCHAR: buf_span(out, str_span(&col->str[row])); break;
    case TYPE_BINARY:
    case TYPE_VARBINARY: text_put_base64(out, str_span(&col->str[row])); break;
    case TYPE_DATE:
        out->len += civil_print_date(buf_reserve(out, CIVIL_TEXT_MAX), col->i32[row]);
        break;
    case TYPE_TIME:
        out->len += civil_print_time(buf_reserve(out, CIVIL_TEXT_MAX), col->i64[row],
                                     civil_fraction_digits(col->i64[row]));
        break;
    default:
        out->len += civil_print_timestamp(buf_reserve(out, CIVIL_TEXT_MAX), col->i64[row], ' ',
                                          civil_fraction_digits(col->i64[row]));
        if (col->type->kind == TYPE_TIMESTAMP_LTZ) buf_putc(out, 'Z');
    }
}

/* An element of an ARRAY or a field of a ROW, into the text of the whole. */
static void csv_put_part(CsvWriter *csv, const Column *col, uint32_t row, bool is_first) {
    bool is_text;
    if (!is_first) buf_span(&csv->scratch, csv->element_delimiter);
    if (col->type->kind == TYPE_NULL || col_is_null(col, row)) {
        buf_span(&csv->scratch, csv->null_literal);
    } else {
        csv_put_scalar(csv, col, col_at(col, row), &is_text, &csv->scratch);
    }
}

static void csv_put_value(CsvWriter *csv, const Column *col, uint32_t row, Buf *out) {
    bool is_text;
    if (col->type->kind == TYPE_NULL || col_is_null(col, row)) {
        buf_span(out, csv->null_literal);
        return;
    }
    row = col_at(col, row);
    buf_reset(&csv->scratch);
    if (col->type->kind == TYPE_ARRAY) {
        for (uint32_t e = col->offsets[row]; e < col->offsets[row + 1]; e++) {
            csv_put_part(csv, col->children, e, e == col->offsets[row]);
        }
        csv_put_text(csv, buf_as_span(&csv->scratch), out);
    } else if (col->type->kind == TYPE_ROW) {
        for (uint32_t i = 0; i < col->n_children; i++) {
            csv_put_part(csv, &col->children[i], row, i == 0);
        }
        csv_put_text(csv, buf_as_span(&csv->scratch), out);
    } else if (type_is_string(col->type)) {
        csv_put_text(csv, str_span(&col->str[row]), out);
    } else {
        csv_put_scalar(csv, col, row, &is_text, &csv->scratch);
        if (is_text) {
            csv_put_text(csv, buf_as_span(&csv->scratch), out);
        } else {
            buf_span(out, buf_as_span(&csv->scratch));
        }
    }
}

Status csv_begin(Encoder *encoder, Buf *out, Err *err) {
    CsvWriter *csv = (CsvWriter *)encoder;
    const Schema *schema = encoder->spec.schema;
    (void)err;
    if (!csv->has_header) return ST_OK;
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        if (i) buf_putc(out, csv->delimiter);
        csv_put_text(csv, schema->fields[i].name, out);
    }
    buf_putc(out, '\n');
    return ST_OK;
}

Status csv_encode(Encoder *encoder, const Batch *batch, const uint8_t *kinds, uint32_t first,
                  uint32_t n, Span delimiter, Buf *out, size_t *ends, Err *err) {
    CsvWriter *csv = (CsvWriter *)encoder;
    (void)kinds;
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t row = batch_row(batch, first + i);
        for (uint32_t c = 0; c < batch->n_cols; c++) {
            if (c) buf_putc(out, csv->delimiter);
            csv_put_value(csv, &batch->cols[c], row, out);
        }
        if (ends) ends[i] = out->len;
        buf_span(out, delimiter);
    }
    return ST_OK;
}
