/* rowcodec.c -- compact bytes of rows. Encoding trusts its columns; decoding trusts nothing.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "data/data.h"

enum { ROW_DEPTH_MAX = 128 }; /* of nested types; the catalog refuses deeper ones */

/* ---- encode ---- */

static void codec_put_value(const Column *col, uint32_t row, Buf *out);
static void codec_put_row(const Column *cols, uint32_t n_cols, uint32_t row, Buf *out);

/* Reserves a bitmap of n bits, zeroed, and returns its place; the buffer may move later. */
static size_t codec_put_bits(Buf *out, size_t n) {
    size_t at = out->len, len = (n + 7) / 8;
    if (len) memset(buf_reserve(out, len), 0, len);
    out->len += len;
    return at;
}

static inline void codec_set_null(Buf *out, size_t bits_at, uint32_t i) {
    out->ptr[bits_at + i / 8] = (char)(out->ptr[bits_at + i / 8] | 1 << i % 8);
}

static void codec_put_list(const Column *col, uint32_t at, Buf *out) {
    uint32_t from = col->offsets[at], n = col->offsets[at + 1] - from;
    buf_put(out, &n, sizeof n);
    for (uint32_t c = 0; c < col->n_children; c++) {
        size_t bits_at = codec_put_bits(out, n);
        for (uint32_t i = 0; i < n; i++) {
            if (col_is_null(&col->children[c], from + i))
                codec_set_null(out, bits_at, i);
            else
                codec_put_value(&col->children[c], from + i, out);
        }
    }
}

static void codec_put_value(const Column *col, uint32_t row, Buf *out) {
    uint32_t at = col_at(col, row);
    Phys phys = type_phys(col->type);
    switch (phys) {
    case PHYS_STR: {
        uint32_t len = col->str[at].len;
        buf_reserve(out, sizeof len + (size_t)len);
        buf_put(out, &len, sizeof len);
        buf_put(out, str_bytes(&col->str[at]), len);
        break;
    }
    case PHYS_LIST: codec_put_list(col, at, out); break;
    case PHYS_ROW: codec_put_row(col->children, col->n_children, at, out); break;
    default: {
        uint32_t width = phys_width(phys);
        buf_put(out, (const char *)col->data + (size_t)at * width, width);
    }
    }
}

static void codec_put_row(const Column *cols, uint32_t n_cols, uint32_t row, Buf *out) {
    size_t bits_at = codec_put_bits(out, n_cols);
    for (uint32_t c = 0; c < n_cols; c++) {
        if (col_is_null(&cols[c], row))
            codec_set_null(out, bits_at, c);
        else
            codec_put_value(&cols[c], row, out);
    }
}

/* Bytes of a row without its bitmap, at most; 0 when it has nested values. */
static size_t codec_bound(const Column *cols, uint32_t n_cols, uint32_t row) {
    size_t size = 1;
    for (uint32_t c = 0; c < n_cols; c++) {
        Phys phys = type_phys(cols[c].type);
        if (phys == PHYS_LIST || phys == PHYS_ROW) return 0;
        if (phys != PHYS_STR)
            size += phys_width(phys);
        else if (!col_is_null(&cols[c], row))
            size += sizeof(uint32_t) + cols[c].str[col_at(&cols[c], row)].len;
    }
    return size;
}

/* Flat rows, which most are, reserve their room once. */
void rowcodec_encode(const Column *cols, uint32_t n_cols, uint32_t row, Buf *out) {
    size_t n_bits = (n_cols + 7) / 8, bound = codec_bound(cols, n_cols, row);
    char *bits, *to;
    if (!bound) {
        codec_put_row(cols, n_cols, row, out);
        return;
    }
    bits = buf_reserve(out, n_bits + bound);
    if (n_bits) memset(bits, 0, n_bits);
    to = bits + n_bits;
    for (uint32_t c = 0; c < n_cols; c++) {
        const Column *col = &cols[c];
        uint32_t at = col_at(col, row), width;
        if (col_is_null(col, row)) {
            bits[c / 8] = (char)(bits[c / 8] | 1 << c % 8);
            continue;
        }
        switch (type_phys(col->type)) {
        case PHYS_STR:
            width = col->str[at].len;
            memcpy(to, &width, sizeof width);
            to += sizeof width;
            if (width) memcpy(to, str_bytes(&col->str[at]), width);
            break;
        case PHYS_I64:
            width = sizeof(int64_t);
            memcpy(to, &col->i64[at], sizeof(int64_t));
            break;
        default:
            width = phys_width(type_phys(col->type));
            if (width) memcpy(to, (const char *)col->data + (size_t)at * width, width);
        }
        to += width;
    }
    out->len += (size_t)(to - bits);
}

/* ---- decode ---- */

typedef struct CodecReader {
    const char *at, *end;
    bool borrow;
    int depth;
} CodecReader;

static bool codec_take_value(CodecReader *r, ColBuilder *b);

static const char *codec_take(CodecReader *r, size_t len) {
    const char *bytes = r->at;
    if ((size_t)(r->end - r->at) < len) return NULL;
    r->at += len;
    return bytes;
}

static bool codec_take_list(CodecReader *r, ColBuilder *b) {
    const char *bytes = codec_take(r, 4);
    uint32_t n;
    if (!bytes) return false;
    memcpy(&n, bytes, 4);
    for (uint32_t c = 0; c < b->n_children; c++) {
        const char *bits = codec_take(r, ((size_t)n + 7) / 8);
        if (!bits) return false;
        for (uint32_t i = 0; i < n; i++) {
            if (bits[i / 8] >> i % 8 & 1)
                colb_null(&b->children[c]);
            else if (!codec_take_value(r, &b->children[c]))
                return false;
        }
    }
    colb_list_end(b);
    return true;
}

static bool codec_take_row(CodecReader *r, ColBuilder *cols, uint32_t n_cols) {
    const char *bits = codec_take(r, ((size_t)n_cols + 7) / 8);
    if (!bits || ++r->depth > ROW_DEPTH_MAX) return false;
    for (uint32_t c = 0; c < n_cols; c++) {
        if (bits[c / 8] >> c % 8 & 1)
            colb_null(&cols[c]);
        else if (!codec_take_value(r, &cols[c]))
            return false;
    }
    r->depth--;
    return true;
}

static bool codec_take_str(CodecReader *r, ColBuilder *b) {
    const char *bytes = codec_take(r, 4);
    uint32_t len;
    if (!bytes) return false;
    memcpy(&len, bytes, 4);
    bytes = codec_take(r, len);
    if (!bytes) return false;
    if (r->borrow)
        colb_str_ref(b, bytes, len);
    else
        colb_str(b, bytes, len);
    return true;
}

static bool codec_take_value(CodecReader *r, ColBuilder *b) {
    const char *bytes;
    switch (type_phys(b->type)) {
    case PHYS_NULL: return false; /* has no values */
    case PHYS_STR: return codec_take_str(r, b);
    case PHYS_LIST: return codec_take_list(r, b);
    case PHYS_ROW:
        if (!codec_take_row(r, b->children, b->n_children)) return false;
        colb_row_end(b);
        return true;
    default:
        bytes = codec_take(r, b->width);
        if (!bytes) return false;
        colb_room(b);
        memcpy((char *)b->data + (size_t)b->n * b->width, bytes, b->width);
        colb_done(b);
        return true;
    }
}

Status rowcodec_decode(Span bytes, ColBuilder *cols, uint32_t n_cols, bool borrow, Err *err) {
    CodecReader r = {.at = bytes.ptr, .end = bytes.ptr + bytes.len, .borrow = borrow};
    if (!codec_take_row(&r, cols, n_cols) || r.at != r.end) {
        FAIL(err, ST_CORRUPT, "XX001", -1,
             "%zu bytes of a stored row of %u columns are damaged at byte %zu", bytes.len, n_cols,
             (size_t)(r.at - bytes.ptr));
    }
    return ST_OK;
}
