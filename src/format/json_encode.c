/* json_encode.c -- rows as JSON, letter for letter as Flink's json format (Jackson) writes them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/json_encode.h"

#include "format/fieldtext.h"
#include "format/json.h"

struct JsonPut {
    uint8_t kind;   /* TypeKind */
    uint8_t scale;  /* DECIMAL */
    Span key;       /* of a field: `"name":` */
    JsonPut *parts; /* ARRAY: element; MAP: key, value; ROW: fields */
    uint32_t n_parts;
};

/* ---- strings ---- */

static bool json_needs_escape(unsigned char c) {
    return c == '"' || c == '\\' || c < ' ';
}

static char *json_put_escape(char *to, unsigned char c) {
    static const char hex[] = "0123456789ABCDEF", from[] = "\"\\\b\f\n\r\t", name[] = "\"\\bfnrt";
    const char *found = memchr(from, c, sizeof from - 1);
    *to++ = '\\';
    if (found) {
        *to++ = name[found - from];
        return to;
    }
    memcpy(to, "u00", 3);
    to[3] = hex[c >> 4];
    to[4] = hex[c & 15];
    return to + 5;
}

void json_put_string(Span text, Buf *out) {
    enum { ESCAPE_LEN = 6 };
    char *to = buf_reserve(out, text.len * ESCAPE_LEN + 2);
    size_t done = 0;
    *to++ = '"';
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (__builtin_expect(!json_needs_escape(c), 1)) continue;
        memcpy(to, text.ptr + done, i - done);
        to = json_put_escape(to + (i - done), c);
        done = i + 1;
    }
    if (text.len > done) memcpy(to, text.ptr + done, text.len - done);
    to += text.len - done;
    *to++ = '"';
    out->len = (size_t)(to - out->ptr);
}

/* ---- scalars ---- */

static void json_put_i64(int64_t value, Buf *out) {
    out->len += num_print_i64(buf_reserve(out, NUM_I64_MAX_LEN), value);
}

static void json_put_float(const Column *col, uint32_t row, Buf *out) {
    char *to = buf_reserve(out, NUM_F64_MAX_LEN + 2);
    bool is_double = col->type->kind == TYPE_DOUBLE;
    double value = is_double ? col->f64[row] : (double)col->f32[row];
    bool is_finite = value - value == 0;
    size_t n = is_double ? num_print_f64(to + !is_finite, value)
                         : num_print_f32(to + !is_finite, col->f32[row]);
    if (!is_finite) { /* NaN and infinities are no JSON: strings */
        to[0] = '"';
        to[n + 1] = '"';
        n += 2;
    }
    out->len += n;
}

static void json_put_time(const JsonWriter *writer, const Column *col, uint32_t row, Buf *out) {
    char *to = buf_reserve(out, CIVIL_TEXT_MAX + 3);
    size_t n = 1;
    to[0] = '"';
    switch (col->type->kind) {
    case TYPE_DATE: n += civil_print_date(to + n, col->i32[row]); break;
    case TYPE_TIME:
        n += civil_print_time(to + n, col->i64[row], civil_fraction_digits(col->i64[row]));
        break;
    default:
        n += civil_print_timestamp(to + n, col->i64[row], writer->is_iso ? 'T' : ' ',
                                   civil_fraction_digits(col->i64[row]));
        if (col->type->kind == TYPE_TIMESTAMP_LTZ) to[n++] = 'Z';
    }
    to[n++] = '"';
    out->len += n;
}

/* ---- values ---- */

static Status json_put_value(const JsonWriter *writer, const JsonPut *put, const Column *col,
                             uint32_t row, Buf *out, Err *err);

static Status json_put_object(const JsonWriter *writer, const JsonPut *fields, uint32_t n_fields,
                              const Column *cols, uint32_t row, Buf *out, Err *err) {
    bool is_first = true;
    buf_putc(out, '{');
    for (uint32_t i = 0; i < n_fields; i++) {
        if (writer->skips_nulls && col_is_null(&cols[i], row)) continue;
        if (!is_first) buf_putc(out, ',');
        is_first = false;
        buf_span(out, fields[i].key);
        TRY(json_put_value(writer, &fields[i], &cols[i], row, out, err));
    }
    buf_putc(out, '}');
    return ST_OK;
}

static Status json_put_array(const JsonWriter *writer, const JsonPut *put, const Column *col,
                             uint32_t row, Buf *out, Err *err) {
    buf_putc(out, '[');
    for (uint32_t e = col->offsets[row]; e < col->offsets[row + 1]; e++) {
        if (e > col->offsets[row]) buf_putc(out, ',');
        TRY(json_put_value(writer, put->parts, col->children, e, out, err));
    }
    buf_putc(out, ']');
    return ST_OK;
}

static Status json_put_map(const JsonWriter *writer, const JsonPut *put, const Column *col,
                           uint32_t row, Buf *out, Err *err) {
    const Column *keys = &col->children[0], *values = &col->children[1];
    bool is_first = true;
    buf_putc(out, '{');
    for (uint32_t e = col->offsets[row]; e < col->offsets[row + 1]; e++) {
        bool is_null = col_is_null(keys, e);
        if (is_null && writer->null_key_mode == 'D') continue;
        if (is_null && writer->null_key_mode == 'F') {
            err_set(err, ST_INVALID, "22004", -1, __FILE__, __LINE__,
                    "JSON format doesn't support to serialize map data with null keys");
            return err_hint(err, "'json.map-null-key.mode' = 'DROP' leaves them out, 'LITERAL' "
                                 "writes 'json.map-null-key.literal'");
        }
        if (!is_first) buf_putc(out, ',');
        is_first = false;
        if (is_null) {
            buf_span(out, writer->null_key);
        } else {
            json_put_string(str_span(&keys->str[col_at(keys, e)]), out);
        }
        buf_putc(out, ':');
        TRY(json_put_value(writer, &put->parts[1], values, e, out, err));
    }
    buf_putc(out, '}');
    return ST_OK;
}

static Status json_put_value(const JsonWriter *writer, const JsonPut *put, const Column *col,
                             uint32_t row, Buf *out, Err *err) {
    if (put->kind == TYPE_NULL || col_is_null(col, row)) {
        buf_put(out, "null", 4);
        return ST_OK;
    }
    row = col_at(col, row);
    switch ((TypeKind)put->kind) {
    case TYPE_BOOLEAN: buf_puts(out, col->i8[row] ? "true" : "false"); break;
    case TYPE_TINYINT: json_put_i64(col->i8[row], out); break;
    case TYPE_SMALLINT: json_put_i64(col->i16[row], out); break;
    case TYPE_INT:
    case TYPE_INTERVAL_YM: json_put_i64(col->i32[row], out); break;
    case TYPE_BIGINT: json_put_i64(col->i64[row], out); break;
    case TYPE_INTERVAL_DS: json_put_i64(col->i64[row] / US_PER_MS, out); break;
    case TYPE_FLOAT:
    case TYPE_DOUBLE: json_put_float(col, row, out); break;
    case TYPE_DECIMAL:
        text_put_decimal(out, col->i128[row], put->scale, writer->is_plain_decimal);
        break;
    case TYPE_CHAR:
    case TYPE_VARCHAR: json_put_string(str_span(&col->str[row]), out); break;
    case TYPE_BINARY:
    case TYPE_VARBINARY:
        buf_putc(out, '"');
        text_put_base64(out, str_span(&col->str[row]));
        buf_putc(out, '"');
        break;
    case TYPE_ARRAY: return json_put_array(writer, put, col, row, out, err);
    case TYPE_MAP:
    case TYPE_MULTISET: return json_put_map(writer, put, col, row, out, err);
    case TYPE_ROW:
        return json_put_object(writer, put->parts, put->n_parts, col->children, row, out, err);
    default: json_put_time(writer, col, row, out);
    }
    return ST_OK;
}

/* ---- the encoder ---- */

static Span json_key(Arena *arena, Span name) {
    Buf text;
    Span key;
    buf_init(&text, arena->mem);
    json_put_string(name, &text);
    buf_putc(&text, ':');
    key = span_copy(arena, buf_as_span(&text));
    buf_deinit(&text);
    return key;
}

static JsonPut *json_put_fields(Arena *arena, const Schema *schema);

static void json_put_init(JsonPut *put, Arena *arena, const Type *type) {
    put->kind = type->kind;
    put->scale = (uint8_t)type->scale;
    if (type->kind == TYPE_ROW) {
        put->parts = json_put_fields(arena, &type->row);
        put->n_parts = type->row.n_fields;
    } else if (type->elem) {
        put->parts = arena_array(arena, JsonPut, 2);
        put->n_parts = 2;
        if (type->kind == TYPE_ARRAY) {
            json_put_init(&put->parts[0], arena, type->elem);
        } else {
            bool is_map = type->kind == TYPE_MAP;
            json_put_init(&put->parts[0], arena, is_map ? type->key : type->elem);
            json_put_init(&put->parts[1], arena, is_map ? type->elem : &type_int);
        }
    }
}

static JsonPut *json_put_fields(Arena *arena, const Schema *schema) {
    JsonPut *fields = arena_array(arena, JsonPut, schema->n_fields);
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        json_put_init(&fields[i], arena, schema->fields[i].type);
        fields[i].key = json_key(arena, schema->fields[i].name);
    }
    return fields;
}

Status json_open_encoder(Encoder *encoder, Arena *arena, Err *err) {
    JsonWriter *writer = (JsonWriter *)encoder;
    const EncodeSpec *spec = &encoder->spec;
    Span mode = opt_str(spec->options, "map-null-key.mode");
    Span literal;
    for (uint32_t i = 0; i < spec->schema->n_fields; i++) {
        Field field = spec->schema->fields[i];
        TRY(json_check_type(field.type, field.name, true, err));
    }
    if (opt_is(spec->options, "timestamp-format.standard", "ISO-8601-WITH-OFFSET")) {
        FAIL(err, ST_UNSUPPORTED, "0A000", opt_pos(spec->options, "timestamp-format.standard"),
             "timestamp-format.standard ISO-8601-WITH-OFFSET is for reading only");
    }
    writer->fields = json_put_fields(arena, spec->schema);
    writer->n_fields = spec->schema->n_fields;
    writer->is_iso = opt_is(spec->options, "timestamp-format.standard", "ISO-8601");
    writer->is_plain_decimal = opt_bool(spec->options, "encode.decimal-as-plain-number");
    writer->skips_nulls = opt_bool(spec->options, "encode.ignore-null-fields");
    writer->null_key_mode = mode.len ? (char)(mode.ptr[0] & ~0x20) : 'F';
    literal = json_key(arena, opt_str(spec->options, "map-null-key.literal"));
    writer->null_key = (Span){literal.ptr, literal.len - 1};
    return ST_OK;
}

Status json_write_row(const JsonWriter *writer, const Batch *batch, uint32_t row, Buf *out,
                      Err *err) {
    return json_put_object(writer, writer->fields, writer->n_fields, batch->cols, row, out, err);
}

Status json_encode(Encoder *encoder, const Batch *batch, const uint8_t *kinds, uint32_t first,
                   uint32_t n, Span delimiter, Buf *out, size_t *ends, Err *err) {
    const JsonWriter *writer = (const JsonWriter *)encoder;
    (void)kinds;
    for (uint32_t i = 0; i < n; i++) {
        TRY(json_write_row(writer, batch, batch_row(batch, first + i), out, err));
        if (ends) ends[i] = out->len;
        buf_span(out, delimiter);
    }
    return ST_OK;
}
