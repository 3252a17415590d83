/* rowkey.c -- order-preserving key bytes: encoding and decoding.
 *
 * A batch is encoded into one block whose size is bounded beforehand, so the writing loops have no
 * checks; what was not needed goes back to the arena. Keys of one integer or one string, and keys
 * of fixed-width columns without NULLs, have loops of their own.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "data/data.h"

enum {
    KEY_NULL_FIRST = 0x00,
    KEY_PRESENT = 0x01,
    KEY_NULL_LAST = 0x02,
    KEY_ENTRIES = 64,
    KEY_SLACK = 16
};

/* ---- writing one value ---- */

static inline uint64_t float_key(double v) {
    uint64_t bits;
    if (v != v) return UINT64_MAX - 1; /* any NaN; above +infinity, below nothing */
    if (v == 0) v = 0;                 /* -0 */
    memcpy(&bits, &v, 8);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static inline uint32_t float_key32(float v) {
    uint32_t bits;
    if (v != v) return UINT32_MAX - 1;
    if (v == 0) v = 0;
    memcpy(&bits, &v, 4);
    return bits >> 31 ? ~bits : bits | UINT32_C(1) << 31;
}

static inline char *key_put16(char *to, uint16_t v) {
    v = __builtin_bswap16(v);
    memcpy(to, &v, 2);
    return to + 2;
}
static inline char *key_put32(char *to, uint32_t v) {
    v = __builtin_bswap32(v);
    memcpy(to, &v, 4);
    return to + 4;
}
static inline char *key_put64(char *to, uint64_t v) {
    v = __builtin_bswap64(v);
    memcpy(to, &v, 8);
    return to + 8;
}

/* Whether one of the 8 bytes is 0. */
static inline uint64_t key_zero_byte(uint64_t w) {
    return (w - UINT64_C(0x0101010101010101)) & ~w & UINT64_C(0x8080808080808080);
}

static char *key_put_str_escaped(char *to, const char *bytes, uint32_t len) {
    const char *end = bytes + len, *nul;
    while ((nul = memchr(bytes, 0, (size_t)(end - bytes))) != NULL) {
        size_t n = (size_t)(nul - bytes) + 1;
        memcpy(to, bytes, n);
        to += n;
        *to++ = (char)0xff;
        bytes = nul + 1;
    }
    memcpy(to, bytes, (size_t)(end - bytes));
    to += end - bytes;
    to[0] = to[1] = 0;
    return to + 2;
}

/* Text without a 0 byte, which is nearly all text, is copied by words while looking for one. Up to
 * KEY_SLACK bytes behind the end are written and then overwritten. */
static inline char *key_put_str(char *to, const Str *s) {
    const char *bytes = str_bytes(s);
    uint32_t len = s->len, i = 0;
    uint64_t w, bad = 0;
    if (len <= STR_INLINE_MAX) {
        /* 16 bytes of the view from the prefix on would end behind it: 8 and 4. */
        uint32_t tail;
        memcpy(&w, bytes, 8);
        memcpy(&tail, bytes + 8, 4);
        memcpy(to, &w, 8);
        memcpy(to + 8, &tail, 4);
        /* Bytes behind the text are zero in the view: make them something else. */
        if (len < 8) w |= len ? ~UINT64_C(0) << (8 * len) : ~UINT64_C(0);
        bad = key_zero_byte(w);
        w = (uint64_t)tail | ~UINT64_C(0) << (len > 8 ? 8 * (len - 8) : 0);
        bad |= len > 8 ? key_zero_byte(w) : 0;
    } else {
        for (; i + 8 <= len; i += 8) {
            memcpy(&w, bytes + i, 8);
            memcpy(to + i, &w, 8);
            bad |= key_zero_byte(w);
        }
        memcpy(&w, bytes + len - 8, 8);
        memcpy(to + len - 8, &w, 8);
        bad |= key_zero_byte(w);
    }
    if (__builtin_expect(bad != 0, 0)) return key_put_str_escaped(to, bytes, len);
    to += len;
    to[0] = to[1] = 0;
    return to + 2;
}
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "a shift by 8 * len keeps len bytes");

static char *key_put_value(char *to, const Column *col, uint32_t row, char null_byte);

static char *key_put_list(char *to, const Column *col, uint32_t at) {
    uint32_t from = col->offsets[at], n = col->offsets[at + 1] - from;
    uint32_t on_stack[KEY_ENTRIES], *index = on_stack;
    bool is_map = col->n_children > 1;
    if (is_map && n > KEY_ENTRIES) index = mem_alloc(NULL, sizeof *index * n);
    if (is_map) col_sort_entries(col, from, n, index);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t entry = is_map ? index[i] : from + i;
        *to++ = KEY_PRESENT;
        for (uint32_t c = 0; c < col->n_children; c++) {
            to = key_put_value(to, &col->children[c], entry, KEY_NULL_LAST);
        }
    }
    if (index != on_stack) mem_free(NULL, index, sizeof *index * n);
    *to++ = 0;
    return to;
}

static char *key_put_value(char *to, const Column *col, uint32_t row, char null_byte) {
    uint32_t at = col_at(col, row);
    if (col_is_null(col, row)) {
        *to++ = null_byte;
        return to;
    }
    *to++ = KEY_PRESENT;
    switch (type_phys(col->type)) {
    case PHYS_NULL: break;
    case PHYS_I8: *to++ = (char)(col->i8[at] ^ INT8_MIN); break;
    case PHYS_I16: return key_put16(to, (uint16_t)(col->i16[at] ^ INT16_MIN));
    case PHYS_I32: return key_put32(to, (uint32_t)col->i32[at] ^ UINT32_C(1) << 31);
    case PHYS_I64: return key_put64(to, (uint64_t)col->i64[at] ^ UINT64_C(1) << 63);
    case PHYS_F32: return key_put32(to, float_key32(col->f32[at]));
    case PHYS_F64: return key_put64(to, float_key(col->f64[at]));
    case PHYS_I128:
        to = key_put64(to, (uint64_t)(col->i128[at] >> 64) ^ UINT64_C(1) << 63);
        return key_put64(to, (uint64_t)col->i128[at]);
    case PHYS_STR: return key_put_str(to, &col->str[at]);
    case PHYS_LIST: return key_put_list(to, col, at);
    case PHYS_ROW:
        for (uint32_t c = 0; c < col->n_children; c++) {
            to = key_put_value(to, &col->children[c], at, KEY_NULL_LAST);
        }
        break;
    }
    return to;
}

/* No value takes more bytes than this. */
static size_t key_bound(const Column *col, uint32_t row) {
    uint32_t at = col_at(col, row);
    size_t size = 1;
    if (col_is_null(col, row)) return size;
    switch (type_phys(col->type)) {
    case PHYS_STR: return size + 2 * (size_t)col->str[at].len + 2;
    case PHYS_LIST:
        for (uint32_t e = col->offsets[at]; e < col->offsets[at + 1]; e++) {
            size += 1;
            for (uint32_t c = 0; c < col->n_children; c++) size += key_bound(&col->children[c], e);
        }
        return size + 1;
    case PHYS_ROW:
        for (uint32_t c = 0; c < col->n_children; c++) size += key_bound(&col->children[c], at);
        return size;
    default: return size + phys_width(type_phys(col->type));
    }
}

static size_t key_bound_all(const Column *col, uint32_t n) {
    Phys phys = type_phys(col->type);
    size_t size = 0;
    if (phys < PHYS_STR) return ((size_t)phys_width(phys) + 1) * n;
    if (col->is_const) return n ? key_bound(col, 0) * n : 0;
    if (phys == PHYS_STR) {
        for (uint32_t i = 0; i < n; i++) size += col->str[i].len;
        return 2 * size + 3 * (size_t)n;
    }
    for (uint32_t i = 0; i < n; i++) size += key_bound(col, i);
    return size;
}

static char *key_put_row(char *to, const Column *cols, uint32_t n_cols, const KeyOrder *orders,
                         uint32_t row) {
    for (uint32_t c = 0; c < n_cols; c++) {
        KeyOrder order = orders ? orders[c] : (KeyOrder){false, false};
        char *from = to;
        Phys phys = type_phys(cols[c].type);
        if ((phys == PHYS_STR || phys == PHYS_I64) && !cols[c].valid) { /* most keys, inline */
            *to = KEY_PRESENT;
            if (phys == PHYS_STR)
                to = key_put_str(to + 1, &cols[c].str[col_at(&cols[c], row)]);
            else
                to = key_put64(to + 1, (uint64_t)cols[c].i64[col_at(&cols[c], row)] ^ UINT64_C(1)
                                                                                          << 63);
        } else {
            to = key_put_value(to, &cols[c], row,
                               order.nulls_first != order.is_desc ? KEY_NULL_FIRST : KEY_NULL_LAST);
        }
        if (order.is_desc) {
            for (char *p = from; p < to; p++) *p = (char)~*p;
        }
    }
    return to;
}

void rowkey_encode_row(const Column *cols, uint32_t n_cols, const KeyOrder *orders, uint32_t row,
                       Buf *out) {
    size_t bound = 0;
    char *to;
    for (uint32_t c = 0; c < n_cols; c++) bound += key_bound(&cols[c], row);
    to = buf_reserve(out, bound + KEY_SLACK);
    out->len += (size_t)(key_put_row(to, cols, n_cols, orders, row) - to);
    assert(out->len <= out->cap);
}

/* ---- whole batches ---- */

/* The loops below fill starts[0..n], hashes[0..n) and return the end of the bytes. */

#define ENCODE_INT(name, field, UInt, SIGN, put)                                   \
    static char *name(const Column *col, uint32_t n, char *base, uint32_t *starts, \
                      uint64_t *hashes) {                                          \
        char *to = base;                                                           \
        for (uint32_t i = 0; i < n; i++) {                                         \
            starts[i] = (uint32_t)(to - base);                                     \
            if (col->valid && !bit_get(col->valid, i)) {                           \
                *to = KEY_NULL_LAST;                                               \
                hashes[i] = rowkey_hash((Span){to, 1});                            \
                to++;                                                              \
                continue;                                                          \
            }                                                                      \
            *to = KEY_PRESENT;                                                     \
            put(to + 1, (UInt)col->field[i] ^ SIGN);                               \
            hashes[i] = rowkey_hash((Span){to, 1 + sizeof(UInt)});                 \
            to += 1 + sizeof(UInt);                                                \
        }                                                                          \
        return to;                                                                 \
    }
ENCODE_INT(encode_i64, i64, uint64_t, UINT64_C(1) << 63, key_put64)
ENCODE_INT(encode_i32, i32, uint32_t, UINT32_C(1) << 31, key_put32)

/* The hashes of variable keys come in a pass of their own: a key read back right after its bytes
 * were written in pieces would wait for each of these writes. */
static void encode_hashes(const char *base, const uint32_t *starts, uint32_t n, uint64_t *hashes) {
    for (uint32_t i = 0; i < n; i++) {
        hashes[i] = rowkey_hash((Span){base + starts[i], starts[i + 1] - starts[i]});
    }
}

static char *encode_str(const Column *col, uint32_t n, char *base, uint32_t *starts,
                        uint64_t *hashes) {
    char *to = base;
    for (uint32_t i = 0; i < n; i++) {
        starts[i] = (uint32_t)(to - base);
        if (col->valid && !bit_get(col->valid, i)) {
            *to++ = KEY_NULL_LAST;
        } else {
            *to++ = KEY_PRESENT;
            to = key_put_str(to, &col->str[i]);
        }
    }
    starts[n] = (uint32_t)(to - base);
    encode_hashes(base, starts, n, hashes);
    return to;
}

#define ENCODE_FIXED(T, expr, put)                   \
    for (uint32_t i = 0; i < n; i++, to += stride) { \
        T v = ((const T *)col->data)[i];             \
        *to = KEY_PRESENT;                           \
        put(to + 1, expr);                           \
    }                                                \
    break

/* One NOT NULL fixed-width column of keys that are `stride` bytes apart. */
static void encode_fixed_col(const Column *col, uint32_t n, char *to, uint32_t stride) {
    switch (type_phys(col->type)) {
    case PHYS_I16: ENCODE_FIXED(int16_t, (uint16_t)(v ^ INT16_MIN), key_put16);
    case PHYS_I32: ENCODE_FIXED(int32_t, (uint32_t)v ^ UINT32_C(1) << 31, key_put32);
    case PHYS_I64: ENCODE_FIXED(int64_t, (uint64_t)v ^ UINT64_C(1) << 63, key_put64);
    case PHYS_F32: ENCODE_FIXED(float, float_key32(v), key_put32);
    case PHYS_F64: ENCODE_FIXED(double, float_key(v), key_put64);
    default:
        for (uint32_t i = 0; i < n; i++, to += stride) key_put_value(to, col, i, KEY_NULL_LAST);
    }
}

/* Bytes of a key when every column is flat, fixed-width, without NULLs and ascending; else 0. */
static uint32_t encode_stride(const Column *cols, uint32_t n_cols, const KeyOrder *orders) {
    uint32_t stride = 0;
    for (uint32_t c = 0; c < n_cols; c++) {
        uint32_t width = phys_width(type_phys(cols[c].type));
        if (type_phys(cols[c].type) == PHYS_STR || width == 0) return 0;
        if (cols[c].valid || cols[c].is_const || (orders && orders[c].is_desc)) return 0;
        stride += 1 + width;
    }
    return stride;
}

static char *encode_fixed(const Column *cols, uint32_t n_cols, uint32_t stride, uint32_t n,
                          char *base, uint32_t *starts, uint64_t *hashes) {
    uint32_t off = 0;
    for (uint32_t c = 0; c < n_cols; c++) {
        encode_fixed_col(&cols[c], n, base + off, stride);
        off += 1 + phys_width(type_phys(cols[c].type));
    }
    for (uint32_t i = 0; i < n; i++) {
        starts[i] = i * stride;
        hashes[i] = rowkey_hash((Span){base + (size_t)i * stride, stride});
    }
    return base + (size_t)n * stride;
}

static char *encode_rows(const Column *cols, uint32_t n_cols, const KeyOrder *orders, uint32_t n,
                         char *base, uint32_t *starts, uint64_t *hashes) {
    char *to = base;
    for (uint32_t i = 0; i < n; i++) {
        starts[i] = (uint32_t)(to - base);
        to = key_put_row(to, cols, n_cols, orders, i);
    }
    starts[n] = (uint32_t)(to - base);
    encode_hashes(base, starts, n, hashes);
    return to;
}

void rowkey_encode(Arena *arena, const Column *cols, uint32_t n_cols, const KeyOrder *orders,
                   uint32_t n, RowKeys *out) {
    uint32_t *starts = arena_alloc(arena, sizeof *starts * ((size_t)n + 1));
    uint64_t *hashes = arena_alloc(arena, sizeof *hashes * (size_t)n);
    uint32_t stride = encode_stride(cols, n_cols, orders);
    size_t bound = 0;
    char *base, *end;
    bool is_plain = n_cols == 1 && !cols[0].is_const &&
                    (!orders || (!orders[0].is_desc && !orders[0].nulls_first));
    Phys phys = n_cols == 1 ? type_phys(cols[0].type) : PHYS_NULL;
    for (uint32_t c = 0; c < n_cols; c++) bound += key_bound_all(&cols[c], n);
    assert(bound <= UINT32_MAX);
    bound += KEY_SLACK;
    base = arena_alloc(arena, bound);
    if (is_plain && phys == PHYS_I64) {
        end = encode_i64(&cols[0], n, base, starts, hashes);
    } else if (is_plain && phys == PHYS_I32) {
        end = encode_i32(&cols[0], n, base, starts, hashes);
    } else if (is_plain && phys == PHYS_STR) {
        end = encode_str(&cols[0], n, base, starts, hashes);
    } else if (stride) {
        end = encode_fixed(cols, n_cols, stride, n, base, starts, hashes);
    } else {
        end = encode_rows(cols, n_cols, orders, n, base, starts, hashes);
    }
    starts[n] = (uint32_t)(end - base);
    assert((size_t)(end - base) <= bound);
    arena_trim(arena, base, bound, (size_t)(end - base));
    *out = (RowKeys){.n = n, .starts = starts, .bytes = base, .hashes = hashes};
}

/* ---- reading ---- */

typedef struct KeyReader {
    const unsigned char *at, *end;
    unsigned char mask; /* 0xff while in a descending column */
} KeyReader;

static bool key_take(KeyReader *r, uint32_t width, unsigned char *bytes) {
    if ((size_t)(r->end - r->at) < width) return false;
    for (uint32_t i = 0; i < width; i++) bytes[i] = r->at[i] ^ r->mask;
    r->at += width;
    return true;
}

static bool key_take_uint(KeyReader *r, uint32_t width, uint64_t *out) {
    unsigned char bytes[8];
    uint64_t v = 0;
    if (!key_take(r, width, bytes)) return false;
    for (uint32_t i = 0; i < width; i++) v = v << 8 | bytes[i];
    *out = v;
    return true;
}

static double key_double(uint64_t key) {
    uint64_t bits = key >> 63 ? key & ~(UINT64_C(1) << 63) : ~key;
    double v;
    memcpy(&v, &bits, 8);
    return v;
}

static float key_float(uint32_t key) {
    uint32_t bits = key >> 31 ? key & ~(UINT32_C(1) << 31) : ~key;
    float v;
    memcpy(&v, &bits, 4);
    return v;
}

/* Finds the end, then copies without the escapes. */
static bool key_take_str(KeyReader *r, ColBuilder *b) {
    const unsigned char *p = r->at;
    size_t n_escaped = 0;
    char *bytes, *to;
    for (;; p++) {
        if (r->end - p < 2) return false;
        if ((*p ^ r->mask) != 0) continue;
        p++;
        if ((*p ^ r->mask) == 0) break;
        if ((*p ^ r->mask) != 0xff) return false;
        n_escaped++;
    }
    bytes = to = arena_alloc(b->arena, (size_t)(p - r->at));
    for (const unsigned char *from = r->at; from < p - 1; from++) {
        *to++ = (char)(*from ^ r->mask);
        if ((*from ^ r->mask) == 0) from++;
    }
    r->at = p + 1;
    colb_str_ref(b, bytes, (size_t)(to - bytes));
    return true;
}

static bool key_take_value(KeyReader *r, ColBuilder *b);

static bool key_take_list(KeyReader *r, ColBuilder *b) {
    unsigned char more;
    for (;;) {
        if (!key_take(r, 1, &more) || more > 1) return false;
        if (more == 0) break;
        for (uint32_t c = 0; c < b->n_children; c++) {
            if (!key_take_value(r, &b->children[c])) return false;
        }
    }
    colb_list_end(b);
    return true;
}

static bool key_take_number(KeyReader *r, ColBuilder *b, Phys phys) {
    uint64_t v, high;
    if (phys == PHYS_I128) {
        if (!key_take_uint(r, 8, &high) || !key_take_uint(r, 8, &v)) return false;
        colb_i128(b, (Int128)((unsigned __int128)(high ^ UINT64_C(1) << 63) << 64 | v));
        return true;
    }
    if (!key_take_uint(r, b->width, &v)) return false;
    switch (phys) {
    case PHYS_I8: colb_i8(b, (int8_t)(v ^ 0x80)); break;
    case PHYS_I16: colb_i16(b, (int16_t)(v ^ 0x8000)); break;
    case PHYS_I32: colb_i32(b, (int32_t)(uint32_t)(v ^ UINT64_C(1) << 31)); break;
    case PHYS_F32: colb_f32(b, key_float((uint32_t)v)); break;
    case PHYS_F64: colb_f64(b, key_double(v)); break;
    default: colb_i64(b, (int64_t)(v ^ UINT64_C(1) << 63)); break;
    }
    return true;
}

static bool key_take_value(KeyReader *r, ColBuilder *b) {
    Phys phys = type_phys(b->type);
    unsigned char tag;
    if (!key_take(r, 1, &tag)) return false;
    if (tag == KEY_NULL_FIRST || tag == KEY_NULL_LAST) {
        colb_null(b);
        return true;
    }
    if (tag != KEY_PRESENT || phys == PHYS_NULL) return false;
    if (phys == PHYS_STR) return key_take_str(r, b);
    if (phys == PHYS_LIST) return key_take_list(r, b);
    if (phys == PHYS_ROW) {
        for (uint32_t c = 0; c < b->n_children; c++) {
            if (!key_take_value(r, &b->children[c])) return false;
        }
        colb_row_end(b);
        return true;
    }
    return key_take_number(r, b, phys);
}

Status rowkey_decode(Span key, ColBuilder *cols, uint32_t n_cols, const KeyOrder *orders,
                     Err *err) {
    KeyReader r = {.at = (const unsigned char *)key.ptr};
    r.end = r.at + key.len;
    for (uint32_t c = 0; c < n_cols; c++) {
        r.mask = orders && orders[c].is_desc ? 0xff : 0;
        if (!key_take_value(&r, &cols[c])) {
            FAIL(err, ST_CORRUPT, "XX001", -1, "column %u of a key of %zu bytes is damaged", c + 1,
                 key.len);
        }
    }
    if (r.at != r.end) {
        FAIL(err, ST_CORRUPT, "XX001", -1, "a key of %u columns has %zu bytes left over", n_cols,
             (size_t)(r.end - r.at));
    }
    return ST_OK;
}
