/* fmt_raw.c -- the format 'raw': a record is one value of the table's only column, as bytes; in
 * files and on sockets a record is a line.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/textcol.h"

typedef enum RawCharset { RAW_UTF8, RAW_ASCII, RAW_LATIN1 } RawCharset;

typedef struct RawReader {
    Decoder decoder;
    const Type *type;
    bool is_used; /* else rows without columns are counted */
    bool is_little;
    RawCharset charset;
} RawReader;

typedef struct RawWriter {
    Encoder encoder;
    const Type *type;
    bool is_little;
    RawCharset charset;
} RawWriter;

/* ---- opening ---- */

static bool raw_is_text(const Type *type) {
    return type_phys(type) == PHYS_STR;
}

/* Fixed width in bytes; 0: text or bytes of any length. */
static uint32_t raw_width(const Type *type) {
    return raw_is_text(type) ? 0 : phys_width(type_phys(type));
}

static Status raw_open(const Schema *table, const Options *opts, const Type **type, bool *is_little,
                       RawCharset *charset, Err *err) {
    Span name = opt_str(opts, "charset");
    if (table->n_fields != 1) {
        FAIL(err, ST_INVALID, "42P16", -1,
             "The 'raw' format only supports single physical column. But the defined schema "
             "contains multiple physical columns: %u",
             table->n_fields);
    }
    *type = table->fields[0].type;
    switch ((TypeKind)(*type)->kind) {
    case TYPE_BOOLEAN:
    case TYPE_TINYINT:
    case TYPE_SMALLINT:
    case TYPE_INT:
    case TYPE_BIGINT:
    case TYPE_FLOAT:
    case TYPE_DOUBLE:
    case TYPE_CHAR:
    case TYPE_VARCHAR:
    case TYPE_BINARY:
    case TYPE_VARBINARY: break;
    default:
        FAIL(err, ST_UNSUPPORTED, "0A000", -1,
             "column '" SPAN_FMT "': the 'raw' format doesn't support its type",
             SPAN_ARG(table->fields[0].name));
    }
    *is_little = opt_is(opts, "endianness", "little-endian");
    if (span_is_nocase(name, "UTF-8") || span_is_nocase(name, "UTF8")) {
        *charset = RAW_UTF8;
    } else if (span_is_nocase(name, "US-ASCII") || span_is_nocase(name, "ASCII")) {
        *charset = RAW_ASCII;
    } else if (span_is_nocase(name, "ISO-8859-1") || span_is_nocase(name, "LATIN1")) {
        *charset = RAW_LATIN1;
    } else {
        err_set(err, ST_UNSUPPORTED, "0A000", opt_pos(opts, "charset"), __FILE__, __LINE__,
                "Unsupported 'raw.charset' name: " SPAN_FMT, SPAN_ARG(name));
        return err_hint(err, "one of UTF-8, US-ASCII, ISO-8859-1");
    }
    return ST_OK;
}

static Status raw_open_decoder(Decoder *decoder, Arena *arena, Err *err) {
    RawReader *raw = (RawReader *)decoder;
    (void)arena;
    raw->is_used = decoder->spec.out->n_fields > 0;
    return raw_open(decoder->spec.table, decoder->spec.options, &raw->type, &raw->is_little,
                    &raw->charset, err);
}

static Status raw_open_encoder(Encoder *encoder, Arena *arena, Err *err) {
    RawWriter *raw = (RawWriter *)encoder;
    (void)arena;
    return raw_open(encoder->spec.schema, encoder->spec.options, &raw->type, &raw->is_little,
                    &raw->charset, err);
}

/* ---- values ---- */

/* Copies n bytes, turned around when the value's order is not the processor's. */
static void raw_copy(void *to, const void *from, uint32_t n, bool is_little) {
    const unsigned char *p = from;
    unsigned char *q = to;
    bool turns = is_little != (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
    for (uint32_t i = 0; i < n; i++) q[i] = p[turns ? n - 1 - i : i];
}

/* One byte a character above ASCII becomes two. */
static void raw_latin1(Span text, ColBuilder *b) {
    char *bytes = arena_alloc(b->arena, text.len * 2);
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) n += utf8_encode(bytes + n, (unsigned char)text.ptr[i]);
    colb_str_ref(b, bytes, n);
}

/* NULL, or why the record is no value. */
static const char *raw_append(const RawReader *raw, Span text, ColBuilder *b) {
    uint32_t width = raw_width(raw->type);
    if (width) {
        if (text.len != width) return "the record is not as long as the column's type";
        colb_room(b);
        raw_copy((char *)b->data + (size_t)b->n * width, text.ptr, width, raw->is_little);
        if (raw->type->kind == TYPE_BOOLEAN) b->i8[b->n] = b->i8[b->n] != 0;
        colb_done(b);
        return NULL;
    }
    if (type_is_string(raw->type)) {
        if (raw->charset == RAW_LATIN1 && !utf8_is_ascii(text)) {
            raw_latin1(text, b);
            return NULL;
        }
        if (raw->charset == RAW_ASCII && !utf8_is_ascii(text)) return "expected ASCII";
        if (!utf8_is_valid(text)) return "expected UTF-8";
    }
    colb_str_ref(b, text.ptr, text.len);
    return NULL;
}

static Status raw_report(RawReader *raw, Span line, size_t offset, const char *reason, Err *err) {
    BadRecord bad = {.bytes = line,
                     .offset = offset,
                     .line = raw->decoder.n_lines + 1,
                     .column = raw->decoder.spec.table->fields[0].name,
                     .value = line,
                     .sqlstate = "22021",
                     .reason = reason};
    if (type_is_string(raw->type)) {
        bad.at = (uint32_t)utf8_valid_len(line);
        bad.hint = "'raw.charset' = 'ISO-8859-1' takes any bytes, so does a column of type BYTES";
    }
    return decode_bad(&raw->decoder, &bad, err);
}

/* All bytes but the newline behind are the value, whatever they are. */
static Status raw_decode_message(RawReader *raw, Span in, BatchBuilder *out, size_t *consumed,
                                 Err *err) {
    Span value = {in.ptr, in.len - 1};
    const char *reason = raw->is_used ? raw_append(raw, value, &out->cols[0]) : NULL;
    *consumed = in.len;
    if (reason) return raw_report(raw, value, 0, reason, err);
    batchb_row_end(out, 1);
    return ST_OK;
}

static Status raw_decode(Decoder *decoder, Span in, bool at_end, uint32_t max_rows,
                         BatchBuilder *out, size_t *consumed, Err *err) {
    RawReader *raw = (RawReader *)decoder;
    size_t at = 0;
    if (decoder->spec.is_message) return raw_decode_message(raw, in, out, consumed, err);
    while (at < in.len && out->n_rows < max_rows) {
        const char *newline = memchr(in.ptr + at, '\n', in.len - at), *reason;
        Span line = {in.ptr + at, newline ? (size_t)(newline - in.ptr) - at : in.len - at};
        size_t next = at + line.len + (newline != NULL);
        if (!newline && !at_end) break;
        if (line.len && line.ptr[line.len - 1] == '\r' && raw_width(raw->type) == 0) line.len--;
        reason = raw->is_used ? raw_append(raw, line, &out->cols[0]) : NULL;
        if (!reason) {
            batchb_row_end(out, 1);
        } else {
            TRY(raw_report(raw, line, at, reason, err));
        }
        decoder->n_lines++;
        at = next;
    }
    *consumed = at;
    return ST_OK;
}

/* ---- writing ---- */

static Status raw_put_latin1(const RawWriter *raw, Span text, Buf *out, Err *err) {
    while (text.len) {
        size_t len;
        uint32_t code = utf8_decode(text, &len);
        if (code > (raw->charset == RAW_LATIN1 ? 0xffu : 0x7fu)) {
            FAIL(err, ST_INVALID, "22P05", -1, "character U+%04X is not in 'raw.charset' " SPAN_FMT,
                 code, SPAN_ARG(opt_str(raw->encoder.spec.options, "charset")));
        }
        buf_putc(out, (char)code);
        text.ptr += len;
        text.len -= len;
    }
    return ST_OK;
}

static Status raw_encode(Encoder *encoder, const Batch *batch, const uint8_t *kinds, uint32_t first,
                         uint32_t n, Span delimiter, Buf *out, size_t *ends, Err *err) {
    const RawWriter *raw = (const RawWriter *)encoder;
    const Column *col = &batch->cols[0];
    uint32_t width = raw_width(raw->type);
    (void)kinds;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t row = batch_row(batch, first + i), at = col_at(col, row);
        if (col_is_null(col, row)) { /* nothing but the delimiter */
        } else if (width) {
            raw_copy(buf_reserve(out, width), (const char *)col->data + (size_t)at * width, width,
                     raw->is_little);
            out->len += width;
        } else if (type_is_string(raw->type) && raw->charset != RAW_UTF8) {
            TRY(raw_put_latin1(raw, str_span(&col->str[at]), out, err));
        } else {
            buf_span(out, str_span(&col->str[at]));
        }
        if (ends) ends[i] = out->len;
        buf_span(out, delimiter);
    }
    return ST_OK;
}

static const OptionSpec raw_options[] = {
    {"charset", OPT_STRING, "UTF-8", .help = "of strings: UTF-8, US-ASCII or ISO-8859-1"},
    {"endianness", OPT_ENUM, "big-endian", "big-endian|little-endian",
     .help = "the order of the bytes of a number"},
    {NULL},
};

const FormatType fmt_raw = {
    .name = "raw",
    .traits = FORMAT_SOURCE | FORMAT_SINK | FORMAT_TEXT_LINES,
    .decoder_size = sizeof(RawReader),
    .encoder_size = sizeof(RawWriter),
    .options = raw_options,
    .help = "a record is the table's only column, byte for byte",
    .open_decoder = raw_open_decoder,
    .decode = raw_decode,
    .open_encoder = raw_open_encoder,
    .encode = raw_encode,
};
